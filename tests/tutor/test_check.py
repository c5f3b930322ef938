"""What the tutor answers: right, wrong and how, with a question, and never with the answer."""

import json
import re
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bplib.exercises.bank import bank
from bplib.exercises.keys import key, visible_questions
from bplib.tutor import NotRightYet, check
from bplib.tutor.card import Card
from bplib.tutor.check import answer
from bplib.tutor.key import Key, parse, read_key


@pytest.fixture(scope="module")
def keys() -> Callable[[str], Key]:
    """The key of an exercise, made in memory."""
    return lambda name: parse(json.loads(json.dumps(key(bank()[name]))))


def hidden_error(W_next: Any, delta_next: Any, dphi_z: Any) -> Any:
    return (delta_next @ W_next) * dphi_z


def written(folder: Path, body: str, name: str = "hidden_error") -> Callable[..., Any]:
    """A student's function that stands in a file, so that its lines can be quoted."""
    text = f"import numpy as np\n\ndef {name}(W_next, delta_next, dphi_z):\n"
    text += textwrap.indent(textwrap.dedent(body), "    ")
    file = folder / "cell.py"
    file.write_text(text, encoding="utf-8")
    scope: dict[str, Any] = {}
    exec(compile(text, str(file), "exec"), scope)
    return scope[name]


def test_right_is_one_line_and_what_to_notice(keys: Any) -> None:
    card = answer(keys("04.hidden_error"), hidden_error)
    assert card.right
    assert str(card).splitlines() == [
        "hidden_error · BP2: ✓ right",
        "Right in all 3 visible cases.",
        bank()["04.hidden_error"].notice,
    ]


def test_a_misconception_gets_case_note_and_question(keys: Any) -> None:
    card = answer(keys("04.hidden_error"), lambda W, d, s: d @ W)
    title, where, note, question, offer = str(card).splitlines()
    assert title == "hidden_error · BP2: ✗ not yet"
    assert re.match(r"Case 1 of 3 \(a mini-batch, .*\): m = \d, W_next \(", where)
    assert note == (
        "`delta`: it has the right shape, but not the right values; no constant factor explains it."
    )
    assert question == "Question: What lies between a and z?"
    assert offer == (
        'Look closer: check("04.hidden_error", hidden_error, numeric=True) '
        "nudges the inputs for you."
    )


@pytest.mark.parametrize(
    ("factor", "says"),
    [
        (-1, "every entry has the wrong sign."),
        (2, "every entry is 2 times what it should be."),
        (0.5, "every entry is 1/2 times"),
        (-2, "every entry is −2 times"),
        (1.25, "every entry is off by the same constant factor."),
        (0, "it is zero everywhere, and should not be."),
    ],
)
def test_a_constant_factor_is_said(keys: Any, factor: float, says: str) -> None:
    card = answer(keys("04.hidden_error"), lambda W, d, s: factor * (d @ W) * s)
    assert f"`delta`: {says}" in card.note
    assert card.hint == ""


def test_a_factor_m_is_said(keys: Any) -> None:
    card = answer(keys("05.bias_gradient"), lambda delta: delta.mean(axis=0))
    assert card.note == "`db`: every entry is 1/m or 1/2 (here m = 2) times what it should be."
    assert card.hint == "Is m already inside δ?"


def test_a_mistake_without_a_name_gets_no_question(keys: Any) -> None:
    card = answer(keys("04.hidden_error"), lambda W, d, s: np.cos(d @ W) * s)
    assert not card.right
    assert "right shape, but not the right values" in card.note
    assert "Question" not in str(card)


def test_a_wrong_shape_is_said(keys: Any) -> None:
    shape = visible_questions(bank()["04.hidden_error"])[0].right["delta"].shape
    card = answer(keys("04.hidden_error"), lambda W, d, s: (d @ W * s).T)
    assert card.note == (
        f"`delta` should have shape {shape}, got {shape[::-1]}; "
        "its values are right, with the axes swapped."
    )


def test_an_exception_shows_the_students_line(keys: Any, tmp_path: Path) -> None:
    wrong = written(tmp_path, "below = delta_next @ W_next.T\nreturn below * dphi_z\n")
    card = answer(keys("04.hidden_error"), wrong)
    assert card.note.startswith("your function raised ValueError: matmul")
    assert card.note.endswith("(line 4: `below = delta_next @ W_next.T`)")


@pytest.mark.parametrize(
    "line",
    [
        "np.stack([])",  # raises inside NumPy's Python code
        "__import__('json').loads('{')",  # inside Python's own
        "__import__('bplib.nn').nn.hidden_error(W_next, W_next, W_next)",  # inside ours
    ],
)
def test_the_line_is_the_students_even_if_a_library_raised(
    keys: Any, tmp_path: Path, line: str
) -> None:
    card = answer(keys("04.hidden_error"), written(tmp_path, f"return {line}\n"))
    assert card.note.endswith(f"(line 4: `return {line}`)")


def test_the_line_is_the_innermost_of_the_students(keys: Any, tmp_path: Path) -> None:
    body = "def inner(x):\n    return x.no_such_thing\nreturn inner(W_next)\n"
    card = answer(keys("04.hidden_error"), written(tmp_path, body))
    assert card.note.endswith("(line 5: `return x.no_such_thing`)")


def test_no_traceback_of_ours_is_shown(keys: Any, tmp_path: Path) -> None:
    card = answer(keys("04.hidden_error"), lambda only: only)
    assert "answers.py" not in str(card)
    assert "Traceback" not in str(card)
    assert "line" not in card.note


def test_a_function_that_is_not_written_yet(keys: Any, tmp_path: Path) -> None:
    card = answer(keys("04.hidden_error"), written(tmp_path, "raise NotImplementedError()\n"))
    assert card.note == (
        "not written yet: put your code in the place of `raise NotImplementedError()`"
    )
    assert card.where == ""  # it is so in every case
    assert not card.right


def test_no_function_at_all(keys: Any) -> None:
    assert (
        "expected a function, got one array"
        in answer(
            keys("04.hidden_error"),
            np.zeros(3),  # type: ignore[arg-type]
        ).note
    )


def test_nothing_returned(keys: Any) -> None:
    card = answer(keys("04.hidden_error"), lambda *inputs: None)
    assert card.note == "the function returned None: is a `return` missing?"


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1.7e308, -1.7e308])
def test_numbers_beyond_measure(keys: Any, bad: float) -> None:
    card = answer(keys("04.hidden_error"), lambda W, d, s: s * 0 + bad)
    assert not card.right
    assert card.hint == ""


def test_an_open_line_is_named_and_the_first_wrong_one(keys: Any) -> None:
    card = answer(keys("04.one_path"), lambda s, w, d: (s, None, None))
    assert card.note == "`dz_next_dz` and `dC_dz` are still open; `da_dz` is right."
    card = answer(keys("04.one_path"), lambda s, w, d: (s, None, w))
    assert card.note.startswith("`dC_dz`: it has the right shape")
    assert card.note.endswith(" Still open: `dz_next_dz`.")
    card = answer(keys("04.one_path"), lambda s, w, d: (s, w * s, w))
    assert card.note.startswith("`dC_dz`: ")


def test_one_number_for_a_line_is_no_right_shape(keys: Any) -> None:
    shape = visible_questions(bank()["01.one_unit"])[0].right["messages"].shape
    card = answer(keys("01.one_unit"), lambda w, b, a, phi: (w @ a, w @ a + b, phi(w @ a + b)))
    assert card.note == (
        f"`messages` should have shape {shape}, got one number. "
        "Only `messages` is off; `z` and `a` are right."
    )
    card = answer(keys("01.one_unit"), lambda w, b, a, phi: (w * a, w * a + b, None))
    assert card.note.startswith(f"`z` should be one number, got an array of shape {shape}")


def test_parts_in_another_order_are_recognized(keys: Any) -> None:
    for name, first, last in (
        ("02.maxout_backward", "delta_1", "delta_2"),
        ("05.penalized_gradients", "dW", "db"),
    ):
        right = bank()[name].styles["vectorized"].function
        turned = answer(keys(name), lambda *i, f=right: f(*i)[::-1])
        says = f"what came back as `{first}` is right for `{last}`: check the order of the parts."
        assert turned.note.startswith(says), turned.note


def test_which_line_a_derivation_wants_elsewhere_is_not_told(keys: Any) -> None:
    """In this one the order of the letters is the question."""
    right = bank()["01.notation_map"].styles["vectorized"].function
    card = answer(keys("01.notation_map"), lambda *i: right(*i)[::-1])
    assert not card.right
    assert "is right for" not in str(card)


def test_a_function_with_other_parameters_is_told_how_it_is_called(keys: Any) -> None:
    for wrong in (lambda only: only, lambda a, b, c, d: a, lambda *, W: W):
        card = answer(keys("04.hidden_error"), wrong)
        says = "your function is called as `hidden_error(W_next, delta_next, dphi_z)`: "
        assert card.note.startswith(says)
        assert "argument" in card.note.removeprefix(says)
        assert card.where == ""


def test_an_interrupted_function_is_not_called_again(keys: Any, tmp_path: Path) -> None:
    body = "calls.append(1)\nraise KeyboardInterrupt\n"
    endless = written(tmp_path, body)
    endless.__globals__["calls"] = calls = []
    card = answer(keys("04.hidden_error"), endless)
    assert card.note == "the function was interrupted (line 5: `raise KeyboardInterrupt`)"
    assert calls == [1]


def test_what_it_printed_is_shown(keys: Any) -> None:
    def prints(*inputs: Any) -> None:
        print("<b>", hidden_error(*inputs).shape)

    card = answer(keys("04.hidden_error"), prints)
    assert card.note == "the function returned None: is a `return` missing?"
    assert "It printed:\n<b> (" in str(card)
    assert "<pre" in card._repr_html_()
    assert "<b>" not in card._repr_html_()
    long = Card("t", False, "", "", "", printed="x\n" * 100)
    assert str(long).endswith("x\n…")
    assert str(long).count("x") == 10
    assert len(str(Card("t", False, "", "", "", printed="x" * 10_000))) < 700
    assert "printed" not in str(Card("t", False, "", "", "", printed=" \n"))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("08.should_stop", lambda history, patience: False),
        ("08.should_stop", lambda history, patience: True),
        ("08.should_stop", lambda history, patience: []),
        ("05.bias_gradient", lambda delta: []),
        ("06.gradient_check", lambda f, grad, x: (False, np.full(len(x), True), x == x + 1)),
        ("06.gradient_check", lambda f, grad, x: (True, np.full(len(x), False), x == x)),
        ("06.gradient_check", lambda f, grad, x: (False, x != 0, x == 0)),
        ("01.multiply_adds", lambda m, p, n: (p, n * p, m * n * p, n * p + 2 * n)),
    ],
)
def test_an_answer_that_tells_nothing_gets_no_name(keys: Any, name: str, function: Any) -> None:
    """Of truth values and counts there are few; a mistake may not be named by chance."""
    card = answer(keys(name), function)
    assert not card.right
    assert (card.hint, card.second) == ("", ""), str(card)


def test_a_truth_value_is_the_other_one(keys: Any) -> None:
    stop = bank()["08.should_stop"].styles["vectorized"].function
    card = answer(keys("08.should_stop"), lambda *i: not stop(*i))
    assert card.note == "`stop`: it is True, and should be False."


def test_one_example_is_no_mini_batch(exercise: Any) -> None:
    for case in key(exercise)["cases"]:
        assert "m = 1," not in case["label"] + ","
        if case["m"] == 1:
            assert "a mini-batch, every" not in case["family"]


def test_single_precision_is_right(keys: Any) -> None:
    card = answer(keys("04.hidden_error"), lambda *i: hidden_error(*i).astype(np.float32))
    assert card.right


def test_an_answer_off_by_a_little_is_wrong(keys: Any) -> None:
    assert not answer(keys("04.hidden_error"), lambda *i: hidden_error(*i) * (1 + 1e-6)).right


def test_a_warning_is_shown_whether_right_or_wrong(keys: Any) -> None:
    def noisy(*inputs: Any) -> Any:
        np.log(np.zeros(1))
        warnings.warn("look out", UserWarning, stacklevel=1)
        return hidden_error(*inputs)

    text = str(answer(keys("04.hidden_error"), noisy))
    assert text.count("Warning while it ran: ") == 2
    assert "divide by zero" in text


def test_the_card_never_shows_a_right_entry(exercise: Any) -> None:
    """Nor any number with more digits than a factor is told with."""
    parsed = parse(json.loads(json.dumps(key(exercise))))
    for wrong in exercise.misconceptions.values():
        card = answer(parsed, wrong.function)
        numbers = re.findall(r"\d+\.\d+", card.note)
        assert all(len(number.replace(".", "").lstrip("0")) <= 4 for number in numbers)


# --- HTML ----------------------------------------------------------------------------------------


def test_html_is_escaped(keys: Any, tmp_path: Path) -> None:
    body = "raise ValueError('<script>alert(1)</script> & `<b>`')\n"
    html = answer(keys("04.hidden_error"), written(tmp_path, body))._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html
    assert tags_are_balanced(html)


def test_warnings_are_escaped_too(keys: Any) -> None:
    def noisy(*inputs: Any) -> Any:
        warnings.warn("<img src=x>", UserWarning, stacklevel=1)
        return hidden_error(*inputs)

    html = answer(keys("04.hidden_error"), noisy)._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html


def test_every_part_of_a_card_is_escaped() -> None:
    card = Card("<a>", False, "<c>", "<d> `<e>` `", "<f>", ("<g>",))
    html = card._repr_html_()
    assert not re.search("<[acdefg]>", html)
    assert "<code>&lt;e&gt;</code>" in html
    assert tags_are_balanced(html)


def tags_are_balanced(html: str) -> bool:
    opened: list[str] = []
    for close, tag in re.findall(r"<(/?)(\w+)[^>]*>", html):
        if not close:
            opened.append(tag)
        elif not opened or opened.pop() != tag:
            return False
    return not opened


def test_the_balance_check_can_fail() -> None:
    assert not tags_are_balanced("<div><code></div>")
    assert not tags_are_balanced("<div>")


def test_neither_color_nor_symbol_alone_carries_the_message() -> None:
    right, wrong = (Card("t", ok, "", "", "")._repr_html_() for ok in (True, False))
    assert "✓ right" in right
    assert "✗ not yet" in wrong
    assert "role='status'" in right
    assert repr(Card("t", True, "", "", "")) == "t: ✓ right"


# --- check, with the key files -------------------------------------------------------------------


def test_check_prints_the_card(capsys: pytest.CaptureFixture[str]) -> None:
    check("04.hidden_error", hidden_error)
    out, err = capsys.readouterr()
    assert out.startswith("hidden_error · BP2: ✓ right\n")
    assert err == ""


def test_a_wrong_answer_raises_only_while_nbgrader_validates(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(*inputs: Any) -> Any:
        return -hidden_error(*inputs)

    for mode in (None, "autograde", ""):
        if mode is None:
            monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
        else:
            monkeypatch.setenv("NBGRADER_EXECUTION", mode)
        check("04.hidden_error", wrong)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    check("04.hidden_error", hidden_error)
    with pytest.raises(NotRightYet, match=r"✗ not yet\n(.*\n)*.*wrong sign"):
        check("04.hidden_error", wrong)
    assert capsys.readouterr().out.count("✗ not yet") == 4
    assert issubclass(NotRightYet, AssertionError)


@pytest.mark.parametrize("name", ["04.hidden", "", "../keys/04.hidden_error", None, hidden_error])
def test_an_unknown_exercise_is_an_error_that_lists_them(name: Any) -> None:
    with pytest.raises(ValueError, match=r"no exercise .*; the exercises are: .*04\.hidden_error,"):
        check(name, hidden_error)


def test_every_exercise_has_its_key_file(exercise: Any) -> None:
    found = read_key(exercise.id)
    assert found.id == exercise.id
    for style in exercise.styles.values():
        assert answer(found, style.function).right


WITHOUT_THE_BANK = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("bplib.exercises", "bplib.grading", "bplib.authoring", "nbgrader")):
            raise ImportError(f"students do not have {name}")

sys.meta_path.insert(0, Blocked())
from bplib.tutor import check

check("04.hidden_error", lambda W, d, s: (d @ W) * s)
check("04.hidden_error", lambda W, d, s: d @ W)
try:
    import bplib.exercises
except ImportError as problem:
    print(problem)
print(sorted(n for n in sys.modules if n.startswith(("bplib.ex", "bplib.gr", "bplib.au"))))
"""


def test_the_tutor_works_where_there_is_no_bank() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_THE_BANK],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        env={"PYTHONUTF8": "1", "PATH": ""},
    )  # fmt: skip
    assert "hidden_error · BP2: ✓ right" in done.stdout
    assert "Question: What lies between a and z?" in done.stdout
    assert done.stdout.endswith("students do not have bplib.exercises\n[]\n")
    assert done.stderr == ""


def test_validate_shows_the_card_and_no_traceback_of_ours():
    error = NotRightYet("hidden_error: ✗ not yet")
    assert error._render_traceback_() == ["NotRightYet: hidden_error: ✗ not yet"]
