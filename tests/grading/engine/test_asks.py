"""Questions asked of a jailed notebook have the outcomes that they have in this process."""

import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bplib import answers, nn
from bplib.answers import Outcome
from bplib.exercises import judge
from bplib.exercises.bank import bank
from bplib.grading.engine import Budget, Call, Engine, Session, helpers

IMPORT = "import numpy as np\n"
X = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -1.0]])
# A loop has used up its CPU time long before the clock stops it, on a busy machine, too.
PATIENT = Budget(asks_cpu=20.0, wall_factor=60.0)


def ask_all(session: Session, exercise: Any, questions: Any) -> list[Outcome]:
    calls = [Call(question.case.inputs, question.shapes, question.labels) for question in questions]
    return session.ask_all(exercise.name, calls, 5.0, lines=exercise.by_line)


@pytest.mark.parametrize("exercise_id", sorted(bank()))
def test_verdicts_are_those_of_the_judge_in_process(engine: Engine, exercise_id: str) -> None:
    exercise, questions = bank()[exercise_id], judge.drawn(exercise_id, 11)
    with engine.session() as session:
        session.run_cell(IMPORT)
        for name, variant in (exercise.styles | exercise.misconceptions).items():
            session.run_cell(variant.source)
            verdict = judge.assess(exercise, questions, ask_all(session, exercise, questions))
            assert verdict == judge.judge(exercise_id, variant.function, 11), name
            assert verdict.passed == (name in exercise.styles)


def same(mine: Outcome, other: Outcome) -> None:
    for part in ("arrays", "misshapen"):
        left, right = getattr(mine, part), getattr(other, part)
        assert left.keys() == right.keys()
        assert all(np.array_equal(left[name], right[name]) for name in left)
    for part in ("faults", "message", "precision", "open_lines", "notes"):
        assert getattr(mine, part) == getattr(other, part)
    assert type(mine.error).__name__ == type(other.error).__name__


PAIR = ({"a": (2, 3), "b": (3,)}, ("a", "b"))
ONE = ({"a": (2, 3)}, "a")
NESTED = ({"W": (2, 3), "b": (3,)}, [("W", "b")])

BODIES = {
    "right": ("return 2 * x", ONE),
    "two parts": ("return x, x[0]", PAIR),
    "list of two": ("return [x, x[0]]", PAIR),
    "nested": ("return [(x, x[0])]", NESTED),
    "nested as arrays": ("return [[x.tolist(), list(x[0])]]", NESTED),
    "three parts": ("return x, x, x", PAIR),
    "one array for two": ("return x", PAIR),
    "too many parts": ("return [x] * 100000", PAIR),
    "None": ("pass", ONE),
    "None for two": ("pass", PAIR),
    "None inside": ("return None, x[0]", PAIR),
    "tuple of one": ("return (x,)", ONE),
    "tuple of one None": ("return (None,)", ONE),
    "nested lists": ("return x.tolist()", ONE),
    "ragged": ("return [[1.0], [2.0, 3.0]]", ONE),
    "whole numbers": ("return x.astype(int)", ONE),
    "truth values": ("return x > 0", ONE),
    "float32": ("return x.astype(np.float32)", ONE),
    "float16": ("return x.astype(np.float16)", ONE),
    "longdouble": ("return x.astype(np.longdouble)", ONE),
    "Fortran order": ("return np.asfortranarray(x)", ONE),
    "view": ("return x[:, ::-1]", ONE),
    "big-endian": ("return x.astype('>f8')", ONE),
    "wrong shape": ("return x.T", ONE),
    "number": ("return 3", ONE),
    "NaN": ("x[0, 0] = np.nan; return x", ONE),
    "infinite": ("return x / 0", ONE),
    "complex": ("return x + 1j", ONE),
    "object": ("return np.array([[None] * 3] * 2)", ONE),
    "text": ("return 'right'", ONE),
    "array of text": ("return np.array(['a'])", ONE),
    "huge whole number": ("return 10 ** 30", ONE),
    "dict": ("return {'a': x}", ONE),
    "generator": ("return (row for row in x)", PAIR),
    "subclass": ("return x.view(np.matrix)", ONE),
    "masked": ("return np.ma.masked_less(x, 0)", ONE),
    "lying subclass": (
        "class Yes(np.ndarray):\n        __eq__ = lambda s, o: True\n"
        "        shape = property(lambda s: (2, 3))\n    return np.ones(1).view(Yes)", ONE,
    ),
    "lying type": (
        "class Yes:\n        __class__ = property(lambda s: np.ndarray)\n"
        "        __array__ = lambda s, *a, **k: x\n    return Yes()", ONE,
    ),
    "inputs changed": ("x *= 0; return x", ONE),
    "prints": ("print('hello'); return x", ONE),
    "warns": ("np.log(x - 10); return x", ONE),
    "warns a lot": (
        "import warnings\n    for i in range(5): warnings.warn('w' * 500 + str(i))\n    return x",
        ONE,
    ),
    "raises": ("raise ValueError('no  such\\nthing')", ONE),
    "not written": ("raise NotImplementedError()", ONE),
    "long message": ("raise ValueError('x' * 10**6)", ONE),
    "hostile message": (
        "class E(Exception):\n        def __str__(self): raise SystemExit\n    raise E", ONE,
    ),
    "leaves": ("raise SystemExit(0)", ONE),
    "recursion": ("return f(x)", ONE),
    "division": ("return 1 // 0", ONE),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_outcome_is_that_of_a_call_in_process(engine: Engine, name: str) -> None:
    body, (shapes, labels) = BODIES[name]
    source = f"def f(x):\n    {body}\n"
    scope: dict[str, Any] = {"np": np}
    exec(source, scope)
    with engine.session() as session:
        assert session.run_cell(IMPORT + source).outputs == []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = answers.call(scope["f"], {"x": X}, shapes, labels)
        found = session.ask("f", {"x": X}, shapes, labels, 5.0)
        same(found, expected)


# Ways to have a function `f`.
FORMS = {
    "lambda": "f = lambda x: 2 * x",
    "partial": "import functools\nf = functools.partial(np.multiply, 2)",
    "ufunc": "f = np.vectorize(lambda v: 2 * v)",
    "exec": "exec('def f(x):\\n    return 2 * x')",
    "class with __call__": "class F:\n    def __call__(self, x): return 2 * x\nf = F()",
    "method": "class F:\n    def f(self, x): return 2 * x\nf = F().f",
    "static method": "class F:\n    @staticmethod\n    def f(x): return 2 * x\nf = F.f",
    "wrapper": (
        "import functools\ndef jit(g):\n    @functools.wraps(g)\n"
        "    def wrapped(*a, **k): return g(*a, **k)\n    return wrapped\n"
        "@jit\ndef f(x): return 2 * x"
    ),
    "lru_cache in it": (
        "import functools\n@functools.lru_cache\ndef two(n): return 2.0\n"
        "def f(x): return two(1) * x"
    ),
    "further arguments": "def f(x, *more, factor=2, **options): return factor * x",
    "annotations of nothing": "def f(x: 'no such [') -> 'nonsense(': return 2 * x",
    "broken attributes": (
        "def f(x): return 2 * x\n"
        "f.__annotations__, f.__signature__, f.__name__, f.__module__ = {'x': 5}, 7, 'g', None"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_whatever_can_be_called_is_asked(engine: Engine, name: str) -> None:
    with engine.session() as session:
        assert session.run_cell(IMPORT + FORMS[name]).outputs == []
        assert np.array_equal(session.ask("f", {"x": X}, *ONE, 5.0).arrays["a"], 2 * X)


def test_open_lines_of_a_derivation(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell("def f(x):\n    return None, x[0]")
        found = session.ask("f", {"x": X}, *PAIR, 5.0, lines=True)
    assert found.open_lines == ("a",)
    assert found.arrays.keys() == {"b"}


def test_what_is_no_function(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell("f = 'text'")
        assert "got a str object" in session.ask("f", {"x": X}, *ONE, 5.0).message
        assert "no such function" in session.ask("g", {"x": X}, *ONE, 5.0).message


def test_an_array_too_large_to_send_is_named_by_its_shape(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell(IMPORT + "def f(x):\n    return np.zeros((3000, 4000)), x[0]")
        found = session.ask("f", {"x": X}, *PAIR, 5.0)
    assert found.faults["a"] == "`a` should have shape (2, 3), got (3000, 4000)"
    assert found.arrays.keys() == {"b"}


def test_inputs_of_every_kind_arrive(engine: Engine) -> None:
    inputs = {
        "x": X, "n": 3, "t": (1.5, [X[0], None]), "d": {"k": X[1]}, "s": np.float64(2.5), "w": "he",
        "e": np.zeros((0, 2)), "i": np.arange(3), "flag": True,
    }  # fmt: skip
    with engine.session() as session:
        session.run_cell(
            "def f(x, n, t, d, s, w, e, i, flag):\n"
            "    assert type(t) is tuple and type(t[1]) is list and t[1][1] is None\n"
            "    assert w == 'he' and flag is True and e.shape == (0, 2) and i.dtype == 'int64'\n"
            "    assert type(s).__name__ == 'float64' and x.flags.writeable\n"
            "    return x * n + t[0] + d['k'] + s"
        )
        found = session.ask("f", inputs, *ONE, 5.0)
    assert np.array_equal(found.arrays["a"], X * 3 + 1.5 + X[1] + 2.5)


def test_inputs_that_cannot_be_sent(engine: Engine) -> None:
    with engine.session() as session, pytest.raises(TypeError, match="cannot put a set"):
        session.ask("f", {"x": {1}}, *ONE, 5.0)


PHI = {
    "calls": "return phi(x) + phi.derivative(x)",
    "changed slopes": "phi(x); d = phi.derivative(x); d *= 0; return phi.derivative(x) + d",
    "inputs that are changed": "phi(x); x += 1; return phi.derivative(x)",
    "slopes of a number": "phi(2.0); return x * phi.derivative(2.0) + phi.derivative([2.0])",
    "slopes in float32": "phi(x); return phi.derivative(x.astype('f4'))",
    "more than are kept": "[phi(x * k) for k in range(99)]; return sum(phi.derivative(x * k) "
    "for k in range(99))",
    "lists and numbers": "return phi(x.tolist()) + phi(2.0) + phi(3)",
    "cost": "return cost.gradient(x, 2 * x) * cost(x, x + 1)",
    "name": "assert phi.name == 'tanh' and cost.name == 'quadratic'; return x",
    "complex step": "return phi(x + 1e-30j).imag / 1e-30",
    "float32": "assert phi(x.astype('f4')).dtype == 'f4'; return phi(x)",
    "text": "return phi('x')",
    "None": "return phi(None)",
    "ragged": "return phi([[1], [2, 3]])",
    "NaN": "phi(x * np.nan); cost(x / 0, x); return x",
    "shapes that do not fit": "return cost.gradient(x, x[0])",
    "no such part": "return phi.gradient(x)",
    "too many arguments": "return phi(x, x)",
}


@pytest.mark.parametrize("name", PHI)
def test_activations_and_costs_answer_as_in_process(engine: Engine, name: str) -> None:
    source = f"def f(x, phi, cost):\n    {PHI[name]}\n"
    scope: dict[str, Any] = {"np": np}
    exec(source, scope)
    inputs = {"x": X, "phi": nn.activation("tanh"), "cost": nn.cost("quadratic")}
    with engine.session() as session:
        session.run_cell(IMPORT + source)
        found = session.ask("f", inputs, *ONE, 5.0)
    expected = answers.call(scope["f"], inputs, *ONE)
    assert found.arrays.keys() == expected.arrays.keys()
    for part in found.arrays:
        np.testing.assert_array_equal(found.arrays[part], expected.arrays[part])
    assert bool(found.message) == bool(expected.message)
    assert "ended" not in found.message


def test_slopes_come_along_with_the_values(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "MOST_CALLS", 3)
    with engine.session() as session:
        source = (
            "def f(x, phi):\n    return sum(phi(x * k) + phi.derivative(x * k) for k in range({}))"
        )
        for count, answered in ((3, True), (4, False)):
            session.run_cell(source.format(count))
            found = session.ask("f", {"x": X, "phi": nn.activation("tanh")}, *ONE, 5.0)
            assert bool(found.arrays) == answered


def test_kept_stand_ins_are_of_no_use_later(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell(
            "kept = []\ndef f(x, phi):\n    kept.append(phi)\n    return phi(x)\n"
            "def g(x):\n    return kept[0](x)"
        )
        assert session.ask("f", {"x": X, "phi": nn.activation("relu")}, *ONE, 5.0).arrays
        assert not session.ask("g", {"x": X}, *ONE, 5.0).arrays


def test_calls_of_phi_have_an_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "MOST_CALLS", 50)
    with engine.session() as session:
        session.run_cell("def f(x, phi):\n    while True: phi(x)")
        found = session.ask("f", {"x": X, "phi": nn.activation("relu")}, *ONE, 5.0)
    assert "too often" in found.message


@pytest.mark.parametrize("array", ["np.zeros((1000, 10000))", "np.zeros(5 << 20, bool)"])
def test_too_large_arguments_of_phi(engine: Engine, array: str) -> None:
    """As large as the float64 numbers that they become while the judge computes with them."""
    with engine.session() as session:
        session.run_cell(IMPORT + f"def f(x, phi):\n    return phi({array})")
        found = session.ask("f", {"x": X, "phi": nn.activation("relu")}, *ONE, 5.0)
    assert "more than 32 MB" in found.message


def test_a_loop_in_one_function_leaves_the_other_right(engine: Engine) -> None:
    with engine.session(budget=PATIENT) as session:
        session.run_cell("state = []\ndef slow(x):\n    while True: pass")
        session.run_cell("state.append(1)\ndef right(x):\n    return x * len(state)")
        first = session.ask("slow", {"x": X}, *ONE, 0.3)
        assert "stopped after 0.3 s of CPU time" in first.message
        assert np.array_equal(session.ask("right", {"x": X}, *ONE, 0.3).arrays["a"], X)
        session.ask("slow", {"x": X}, *ONE, 0.3)
        last = session.ask("slow", {"x": X}, *ONE, 0.3)
        assert "not asked again" in last.message
        assert np.array_equal(session.ask("right", {"x": X}, *ONE, 0.3).arrays["a"], X)
        assert session.cpu_left["asks"] > 20 - 3 * 0.5 - 2
        assert session.cpu_left["cells"] > 39


def test_a_function_that_is_slow_once_is_tried_again(engine: Engine) -> None:
    with engine.session() as session:
        # In the fresh child the counter starts anew; the clock of the first one has gone on.
        session.run_cell(
            "import time\ndef f(x):\n    while time.process_time() > 0.4: pass\n    return x"
        )
        session.ask("f", {"x": X}, *ONE, 5.0)
        session.run_cell("while time.process_time() < 0.5: pass")
        assert session.ask("f", {"x": X}, *ONE, 0.3).message


def numbered(*numbers: float) -> list[Call]:
    return [Call({"x": np.full((2, 3), number)}, *ONE) for number in numbers]


@pytest.mark.parametrize(
    ("source", "why"), [("while True: pass", "0.3 s of CPU"), ("1()", "raised")]
)
def test_one_bad_call_among_many_leaves_the_others_right(
    engine: Engine, source: str, why: str
) -> None:
    with engine.session(budget=PATIENT) as session:
        session.run_cell(f"def f(x):\n    if x[0, 0] == 3:\n        {source}\n    return -x")
        found = session.ask_all("f", numbered(1, 2, 3, 4, 5), 0.3)
    assert why in found.pop(2).message
    assert [outcome.message for outcome in found] == [""] * 4
    assert [outcome.arrays["a"][0, 0] for outcome in found] == [-1, -2, -4, -5]


def test_an_answer_is_not_late_because_the_judge_slept_over_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = engine.arm

    def slow(cpu: float, wall: float) -> None:
        arm(cpu, wall)
        time.sleep(2)  # meanwhile the child has answered, and loops in the last question

    monkeypatch.setattr(engine, "arm", slow)
    with engine.session(budget=PATIENT) as session:
        session.run_cell(
            "import time\ndef f(x):\n    time.sleep(0.1)\n"
            "    while x[0, 0] == 3: pass\n    return -x"
        )
        found = session.ask_all("f", numbered(1, 2, 3), 0.3)
    assert "0.3 s of CPU" in found.pop().message
    assert [outcome.arrays["a"][0, 0] for outcome in found] == [-1, -2]


def test_a_call_that_ends_its_process_leaves_the_others_right(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell("import os\ndef f(x):\n    return x if x[0, 0] != 2 else os._exit(3)")
        found = session.ask_all("f", numbered(1, 2, 3), 5.0)
    assert "ended with exit status 3" in found.pop(1).message
    assert [outcome.arrays["a"][0, 0] for outcome in found] == [1, 3]


def test_calls_too_large_to_send_ahead_are_answered(engine: Engine) -> None:
    shape = (60, 150)  # 72 kB each
    calls = [Call({"x": np.full(shape, n)}, {"a": shape}, "a") for n in (1.0, 2.0)]
    with engine.session() as session:
        session.run_cell("def f(x):\n    return 2 * x")
        found = session.ask_all("f", [*numbered(7), *calls, *numbered(8)], 5.0)
    assert [outcome.arrays["a"][0, 0] for outcome in found] == [14, 2, 4, 16]


def test_nothing_sent_ahead_is_answered_after_the_time_is_over(engine: Engine) -> None:
    with engine.session(budget=replace(PATIENT, asks_cpu=0.5)) as session:
        session.run_cell(
            "import time\nseen = []\ndef f(x):\n    seen.append(x[0, 0])\n"
            "    end = time.process_time() + 0.24\n    while time.process_time() < end: pass\n"
            "    return x"
        )
        found = session.ask_all("f", numbered(1, 2, 3, 4), 5.0)
        assert "used up its time" in found[-1].message
        assert session.run_cell("print(seen)").outputs[0]["text"] == "[]\n"  # a fresh process
