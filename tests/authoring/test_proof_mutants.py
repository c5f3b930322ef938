"""The mutants: each operator does what it says, and nothing that is no change at all."""

import numpy as np
import pytest

from bplib.authoring.proof.honest import honest_transforms, mapped
from bplib.authoring.proof.mutants import mutants
from bplib.exercises.exercise import Variant


def made(line: str, kind: str) -> set[str]:
    """What the kind of change makes of one line."""
    found = mutants(f"def f(a, b, c, l, m):\n    {line}\n")
    assert all(mutant.was == line for mutant in found), found
    return {mutant.becomes for mutant in found if mutant.kind == kind}


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("x = a + b", "operator", {"x = a - b", "x = a * b"}),
        ("x = a - b", "operator", {"x = a + b"}),
        ("x = a * b", "operator", {"x = a / b", "x = a + b"}),
        ("x = a / b", "operator", {"x = a * b"}),
        ("x = a @ b", "operator", {"x = a * b"}),
        ("x = a ** b", "operator", {"x = a * b"}),
        ("x = a @ b", "swapped operands", {"x = b @ a"}),
        ("x = a - b", "swapped operands", {"x = b - a"}),
        ("x = a + b", "swapped operands", set()),
        ("x = a + b", "dropped term or factor", {"x = a", "x = b"}),
        ("x = a.T", "transpose", {"x = a"}),
        ("x = A @ W", "transpose", {"x = A.T @ W", "x = A @ W.T"}),
        ("x = a @ W.T", "transpose", {"x = a @ W"}),
        ("x = A * W", "transpose", set()),
        ("x = np.exp(a)", "negation", {"x = -np.exp(a)", "x = np.exp(-a)"}),
        ("x = np.zeros(a)", "negation", set()),
        ("return (a, b, c)", "swapped results", {"return (b, a, c)", "return (a, c, b)"}),
        ("x = np.prod(a)", "relative", {"x = np.sum(a)"}),
        ("x = np.clip(a, out=b)", "dropped argument", {"x = np.clip(a)"}),
        ("x = zip(a, b, strict=True)", "dropped argument", set()),
        ("x = a.sum(axis=0)", "axis", {"x = a.sum()", "x = a.sum(axis=1)"}),
        ("x = a.sum(axis=-1)", "axis", {"x = a.sum()", "x = a.sum(axis=0)"}),
        ("x = a.sum(axis=0)", "relative", {"x = a.mean(axis=0)"}),
        ("x = a.sum(keepdims=True)", "keepdims", {"x = a.sum()"}),
        ("x = np.abs(a)", "dropped call", {"x = a"}),
        ("x = a.copy()", "dropped call", {"x = a"}),
        ("x = b.derivative(a)", "dropped call", {"x = a"}),
        ("x = np.array(a)", "dropped call", set()),
        ("x = np.outer(a, b)", "swapped arguments", {"x = np.outer(b, a)"}),
        ("x = a[l]", "index off by one", {"x = a[l + 1]", "x = a[l - 1]"}),
        (
            "a[l, m] = b",
            "index off by one",
            {"a[l + 1, m] = b", "a[l - 1, m] = b", "a[l, m + 1] = b", "a[l, m - 1] = b"},
        ),
        ("a[l, m] = b", "swapped indices", {"a[m, l] = b"}),
        ("x = a[0, :]", "swapped indices", set()),
        (
            "x = a[l:]",
            "slice",
            {"x = a[:]", "x = a[l + 1:]", "x = a[l - 1:]"},
        ),
        ("x = a[1:]", "slice", {"x = a[:]"}),
        ("x = a[1]", "constant", {"x = a[2]", "x = a[0]"}),
        ("x = 0.5", "constant", {"x = 1.5", "x = -0.5"}),
        ("x = True", "constant", {"x = False"}),
        ("x = a > b", "comparison", {"x = a >= b", "x = a < b"}),
        ("x = a == b", "comparison", {"x = a != b"}),
        ("x = a and b", "condition", {"x = a or b", "x = a", "x = b"}),
        ("x = a if b else c", "condition", {"x = a", "x = c"}),
        ("x = -a", "negation", {"x = a"}),
        ("x = a", "negation", {"x = -a"}),
        ("return (a, b)", "negation", {"return (-a, b)", "return (a, -b)"}),
        ("return [a]", "negation", set()),
        ("x += a", "operator", {"x -= a", "x *= a"}),
        ("x += a", "overwrites", {"x = a"}),
        ("x += a", "dropped statement", {"pass"}),
        ("x.append(a)", "dropped statement", {"pass"}),
        (
            "x = range(m)",
            "range off by one",
            {"x = range(1, m)", "x = range(-1, m)", "x = range(0, m + 1)", "x = range(0, m - 1)"},
        ),
        (
            "x = np.einsum('ij,jk->ik', a, b)",
            "einsum",
            {"x = np.einsum('ij,jk->ki', a, b)", "x = np.einsum('ji,jk->ik', a, b)"},
        ),
    ],
)
def test_what_each_change_makes(line, kind, expected):
    assert made(line, kind) == expected


def test_a_condition_is_taken_and_left():
    source = "def f(l):\n    if l > 1:\n        l = 0\n    return l\n"
    found = {m.becomes for m in mutants(source) if m.kind == "condition"}
    assert found == {"if True:", "if False:"}


def test_mutants_differ_from_the_solution_and_from_each_other():
    source = "def f(a, b):\n    return a * b + a * b\n"
    found = mutants(source)
    texts = [mutant.source for mutant in found]
    assert len(set(texts)) == len(texts)
    assert source.strip() not in texts
    assert all(compile(text, "mutant", "exec") for text in texts)


def test_the_same_line_twice_has_two_names():
    found = mutants("def f(a):\n    a += 1\n    a += 1\n    return a\n")
    names = [mutant.name for mutant in found]
    assert len(set(names)) == len(names)
    assert {"a += 1 → a -= 1", "a += 1 → a -= 1 (2)"} <= set(names)


def test_docstrings_annotations_and_defaults_are_left_alone():
    found = mutants('def f(a: "1 + 2" = 3) -> "4":\n    """A - B -> C"""\n    return a\n')
    assert [mutant.becomes for mutant in found] == ["return -a"]


def test_a_parameter_is_taken_for_another():
    source = "def f(a, b):\n    c = a\n    return c + b\n"
    found = [(m.was, m.becomes) for m in mutants(source) if m.kind == "wrong variable"]
    assert found == [("c = a", "c = b"), ("return c + b", "return c + a")]


def test_a_loop_ends_early():
    source = "def f(a):\n    for x in a:\n        a = x\n    return a\n"
    (found,) = (m for m in mutants(source) if m.kind == "loop ends early")
    assert found.becomes == "break"
    assert "        a = x\n        break\n" in found.source


def test_what_is_no_python_is_refused():
    with pytest.raises(SyntaxError):
        mutants("def f(:\n")


# --- honest variations ---

STYLE = Variant("plain", "def f(a):\n    return [(2 * a, a[0]), 3.0]\n", "f")


@pytest.mark.parametrize("honest", honest_transforms(STYLE), ids=lambda honest: honest.name)
def test_a_variation_has_the_values_of_the_style(honest):
    a = np.arange(6.0).reshape(2, 3)
    (double, row), three = honest.function(a)
    assert np.array_equal(np.asarray(double), 2 * a)
    assert np.array_equal(np.asarray(row), a[0])
    assert np.shape(three) == ()
    assert three == 3


def test_the_variations_are_what_they_are_called():
    a = np.arange(6.0).reshape(2, 3)
    answers = {
        h.name.removeprefix("plain, "): h.function(a)[0][0] for h in honest_transforms(STYLE)
    }
    assert answers["Fortran order"].flags.f_contiguous
    assert not answers["every second entry"].flags.c_contiguous
    assert min(answers["negative strides"].strides) < 0
    assert answers["nested lists"] == (2 * a).tolist()
    assert answers["float32"].dtype == np.float32
    assert answers["long double"].dtype == np.longdouble
    assert len(answers) == 8


def test_what_is_no_number_stays_as_it_is():
    open_line = (None, np.ones(2), [1.0, 2.0])
    changed = mapped(open_line, lambda array: array + 1)
    assert changed[0] is None
    assert [list(part) for part in changed[1:]] == [[2, 2], [2, 3]]
