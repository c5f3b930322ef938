"""The judge never raises for what a student's function does, and says what came back."""

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bplib.exercises.bank import bank
from bplib.exercises.judge import Verdict, judge

# One array; a list of pairs; a derivation.
ASKED = ["04.hidden_error", "05.backprop", "04.one_path"]


def raising(error: BaseException) -> Callable[..., Any]:
    def function(*inputs: Any) -> Any:
        raise error

    return function


class Mute(Exception):
    """Cannot describe itself."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


class Nameless(type):
    """A type whose classes cannot say their name."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError("no name")


class Anonymous(Exception, metaclass=Nameless):
    pass


class Shifty(Exception):
    """Cannot say its class."""

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise RuntimeError("no class")


class Quitter(Exception):
    """Quits when it is described."""

    def __str__(self) -> str:
        raise SystemExit(3)


def forever(*inputs: Any) -> Any:
    return forever(*inputs)


CRASHES = {
    "exception": (raising(ValueError("bad\nluck")), "raised ValueError: bad luck"),
    "system exit": (raising(SystemExit(0)), "raised SystemExit"),
    "interrupt": (raising(KeyboardInterrupt()), "interrupted"),
    "generator exit": (raising(GeneratorExit()), "raised GeneratorExit"),
    "stop": (raising(StopIteration(1)), "raised StopIteration"),
    "base": (raising(BaseException("base")), "raised BaseException: base"),
    "group": (raising(ExceptionGroup("two", [ValueError(1)])), "raised ExceptionGroup: two"),
    "recursion": (forever, "raised RecursionError"),
    "mute": (raising(Mute()), "raised Mute"),
    "nameless": (raising(Anonymous("x")), "raised Anonymous: x"),
    "shifty": (raising(Shifty("x")), "raised Shifty: x"),
    "quitter": (raising(Quitter()), "raised Quitter"),
    "empty": (raising(NotImplementedError()), "not written yet"),
    "long": (raising(ValueError("x" * 10_000)), "raised ValueError: xxx"),
    "no argument": (lambda: None, "raised TypeError"),
    "one argument": (lambda only: None, "raised TypeError"),
    "many arguments": (lambda a, b, c, d, e, f: None, "raised TypeError"),
    "not callable": (np.zeros(3), "expected a function, got one array"),
    "a text": ("backprop", "expected a function, got a str object"),
    "nothing": (None, "expected a function, got None"),
    "a class that fails": (int, "raised TypeError"),
}


def refused(verdict: Verdict, says: str) -> None:
    """A verdict of zero points, without a diagnosis, whose message says what came back."""
    assert verdict.score == 0
    assert not verdict.passed
    assert verdict.misconception is None
    assert says in verdict.message, verdict.message
    assert len(verdict.message) < 2000
    assert not any(check.passed for check in verdict.checks)


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(("function", "says"), CRASHES.values(), ids=CRASHES)
def test_a_crash_is_a_verdict(name: str, function: Any, says: str) -> None:
    refused(judge(name, function), says)


def test_an_interrupt_ends_the_asking() -> None:
    calls = []

    def function(*inputs: Any) -> Any:
        calls.append(1)
        raise KeyboardInterrupt

    refused(judge("04.hidden_error", function), "interrupted")
    assert len(calls) == 1


class Agreeable:
    """Claims to be an array, and to be equal to everything."""

    __array_priority__ = 1e9
    shape, dtype, ndim, size = (3, 5), np.dtype(float), 2, 15

    def __eq__(self, other: object) -> Any:
        return True

    def __ne__(self, other: object) -> Any:
        return False

    __hash__ = None  # type: ignore[assignment]

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        return np.ndarray

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.zeros((3, 5))

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        return True

    def __array_function__(self, *args: Any, **kwargs: Any) -> Any:
        return True

    def __float__(self) -> float:
        return 0.0

    def __len__(self) -> int:
        return 3

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return True


class Flatterer(np.ndarray):
    """An array that says whatever pleases."""

    def __array_finalize__(self, other: Any) -> None:
        pass

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        return np.bool_(True)

    def __array_function__(self, *args: Any, **kwargs: Any) -> Any:
        return np.bool_(True)

    def __eq__(self, other: object) -> Any:
        return True

    __hash__ = None  # type: ignore[assignment]

    def _lie(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("must not be asked")

    astype = copy = view = __sub__ = __rsub__ = __float__ = __array__ = _lie  # type: ignore[assignment]


# What comes back in place of one array, given the right shape; and what is said about it.
LEAVES: dict[str, tuple[Callable[[tuple[int, ...]], Any], str]] = {
    "text": (lambda shape: "delta", "got a str object"),
    "dict": (lambda shape: {"delta": np.zeros(shape)}, "got a dict object"),
    "set": (lambda shape: {1.0}, "got a set object"),
    "function": (lambda shape: np.zeros, "object"),
    "agreeable": (lambda shape: Agreeable(), "got an Agreeable object"),
    "flatterer": (lambda shape: np.ones(shape).view(Flatterer), "right"),
    "flatterers": (lambda shape: [Agreeable()] * 3, "`"),
    "objects": (lambda shape: np.full(shape, None, dtype=object), "has dtype object"),
    "object numbers": (lambda shape: np.ones(shape, dtype=object), "has dtype object"),
    "texts": (lambda shape: np.full(shape, "1.0"), "has dtype <U3"),
    "bytes": (lambda shape: np.zeros(shape).tobytes(), "got a bytes object"),
    "dates": (lambda shape: np.full(shape, np.datetime64("2020")), "has dtype datetime64"),
    "records": (lambda shape: np.zeros(shape, dtype=[("x", float)]), "has dtype [('x'"),
    "complex": (lambda shape: np.ones(shape, dtype=complex), "is complex"),
    "NaN": (lambda shape: np.full(shape, np.nan), "NaN or infinite"),
    "infinite": (lambda shape: np.full(shape, np.inf), "NaN or infinite"),
    "too large": (lambda shape: np.full(shape, np.longdouble("1e4000")), "NaN or infinite"),
    "very large": (lambda shape: np.full(shape, 1e308), "right values"),
    "very large, both signs": (
        lambda shape: np.resize(np.array([1.7e308, -1.7e308]), shape),
        "right values",
    ),
    "huge integers": (lambda shape: [10**400], "has dtype object"),
    "another shape": (lambda shape: np.zeros((*shape, 1)), "should have shape"),
    "empty": (lambda shape: np.zeros(0), "got an empty array"),
    "empty list": (lambda shape: [], "got an empty array"),
    "ragged": (lambda shape: [[1.0], [1.0, 2.0]], "rows of different lengths"),
    "nested without end": (lambda shape: nested(), "`"),
    "generator": (lambda shape: (x for x in (1.0,)), "got a generator object"),
    "iterator": (lambda shape: iter([1.0]), "object"),
    "range": (lambda shape: range(3), "got a range object"),
    "memory": (lambda shape: memoryview(np.zeros(shape)), "got a memoryview object"),
    "bools": (lambda shape: np.ones(shape, dtype=bool), "right values"),
    "larger than memory": (
        lambda shape: np.broadcast_to(np.float64(1), (10**7, 10**7)),
        "got (10000000, 10000000)",
    ),
    "many": (lambda shape: [0.5] * 1_000_000, "got (1000000,)"),
    "wrong": (lambda shape: np.random.default_rng(5).normal(size=shape), "right values"),
}


def nested() -> list[Any]:
    endless: list[Any] = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize(("leaf", "says"), LEAVES.values(), ids=LEAVES)
def test_one_odd_array(leaf: Callable[[tuple[int, ...]], Any], says: str) -> None:
    refused(judge("04.hidden_error", lambda W_next, delta_next, dphi_z: leaf(dphi_z.shape)), says)


@pytest.mark.parametrize(("leaf", "says"), LEAVES.values(), ids=LEAVES)
def test_odd_arrays_among_many(leaf: Callable[[tuple[int, ...]], Any], says: str) -> None:
    def backprop(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
        return [(leaf(W.shape), leaf(b.shape)) for W, b in params]

    refused(judge("05.backprop", backprop), says)


@pytest.mark.parametrize(("leaf", "says"), LEAVES.values(), ids=LEAVES)
def test_an_odd_line(leaf: Callable[[tuple[int, ...]], Any], says: str) -> None:
    def one_path(dphi_z_k: Any, w_jk: Any, delta_j: Any) -> Any:
        return dphi_z_k, dphi_z_k * w_jk, leaf(w_jk.shape)

    verdict = judge("04.one_path", one_path)
    assert verdict.score == 2
    assert not verdict.passed
    assert says in verdict.message


ODD_WHOLES = {
    "None": (None, "is a `return` missing?"),
    "a number": (3.0, "expected [(dW[1], db[1]), "),
    "an array": (np.zeros(4), "expected [(dW[1], db[1]), "),
    "a dict": ({"dW": 1}, "got a dict object"),
    "agreeable": (Agreeable(), "got an Agreeable object"),
    "no layers": ([], "got 0"),
    "one layer": ([(1.0, 2.0)], "got 1"),
    "many layers": ([(1.0, 2.0)] * 1000, "got 1000"),
    "Nones": ([None] * 3, "expected (dW[1], db[1]), got None"),
    "endless": (nested(), "parts"),
}


@pytest.mark.parametrize(("whole", "says"), ODD_WHOLES.values(), ids=ODD_WHOLES)
def test_an_odd_list_of_gradients(whole: Any, says: str) -> None:
    refused(judge("05.backprop", lambda *inputs: whole), says)


def test_none_is_said_where_one_array_is_expected() -> None:
    refused(judge("04.hidden_error", lambda *inputs: None), "is a `return` missing?")
    refused(judge("04.hidden_error", lambda *inputs: (None,)), "`delta` is None")


def test_too_many_arrays() -> None:
    answer = "got (2, "
    verdict = judge("04.hidden_error", lambda W, d, s: (d @ W * s, d @ W * s))
    assert verdict.score == 0
    assert answer in verdict.message


def test_returning_an_input_is_wrong() -> None:
    for index in range(3):
        assert judge("04.hidden_error", lambda *inputs: inputs[index]).score == 0  # noqa: B023
    assert judge("05.backprop", lambda X, Y, params, phi, cost: params).score == 0


# --- odd, but right ------------------------------------------------------------------------------


def hidden_error(W_next: Any, delta_next: Any, dphi_z: Any) -> Any:
    return (delta_next @ W_next) * dphi_z


def mutating(W_next: Any, delta_next: Any, dphi_z: Any) -> Any:
    answer = hidden_error(W_next, delta_next, dphi_z)
    for array in (W_next, delta_next, dphi_z):
        array[...] = np.pi
    return answer


def printing(*inputs: Any) -> Any:
    for _ in range(10_000):
        print("delta " * 10)
        print("delta", file=sys.stderr)
    return hidden_error(*inputs)


def read_only(*inputs: Any) -> Any:
    answer = hidden_error(*inputs)
    answer.flags.writeable = False
    return answer


RIGHT = {
    "matrix": lambda *inputs: np.asmatrix(hidden_error(*inputs)),
    "masked": lambda *inputs: np.ma.masked_array(hidden_error(*inputs)),
    "flatterer": lambda *inputs: hidden_error(*inputs).view(Flatterer),
    "list": lambda *inputs: hidden_error(*inputs).tolist(),
    "list of arrays": lambda *inputs: list(hidden_error(*inputs)),
    "tuple of tuples": lambda *inputs: tuple(map(tuple, hidden_error(*inputs))),
    "tuple of one": lambda *inputs: (hidden_error(*inputs),),
    "Fortran order": lambda *inputs: np.asfortranarray(hidden_error(*inputs)),
    "reversed strides": lambda *inputs: hidden_error(*inputs)[::-1].copy()[::-1],
    "big endian": lambda *inputs: hidden_error(*inputs).astype(">f8"),
    "long double": lambda *inputs: hidden_error(*inputs).astype(np.longdouble),
    "read only": read_only,
    "mutating": mutating,
    "printing": printing,
}


@pytest.mark.parametrize("function", RIGHT.values(), ids=RIGHT)
def test_an_odd_form_of_the_right_answer_is_right(function: Any, capsys: Any) -> None:
    for _ in range(2):  # the questions are kept: a changed input would show the second time
        verdict = judge("04.hidden_error", function)
        assert verdict.passed, verdict.message
        assert verdict.score == verdict.points
    assert capsys.readouterr() == ("", "")


def test_the_students_arrays_are_not_kept() -> None:
    """An answer changed after it was handed in is judged as it was handed in."""
    kept: list[Any] = []

    def function(*inputs: Any) -> Any:
        for answer in kept:
            answer[...] = np.nan
        kept.append(hidden_error(*inputs))
        return kept[-1]

    assert judge("04.hidden_error", function).passed


def test_warnings_are_told_and_do_not_cost_points() -> None:
    def function(*inputs: Any) -> Any:
        np.log(np.zeros(2))
        warnings.warn("look out", UserWarning, stacklevel=1)
        return hidden_error(*inputs)

    verdict = judge("04.hidden_error", function)
    assert verdict.passed
    assert "gave a warning: RuntimeWarning: divide by zero" in verdict.message
    assert verdict.message.count("UserWarning: look out") == 1


def test_a_warning_that_cannot_describe_itself() -> None:
    class MuteWarning(UserWarning):
        asked = 0

        def __str__(self) -> str:
            self.asked += 1
            if self.asked > 1:  # the first time, Python itself asks, when the warning is given
                raise SystemExit(1)
            return "x"

    def function(*inputs: Any) -> Any:
        warnings.warn(MuteWarning("x"), stacklevel=1)
        return hidden_error(*inputs)

    verdict = judge("04.hidden_error", function)
    assert verdict.passed
    assert "gave a warning: MuteWarning" in verdict.message


def test_settings_of_the_function_end_with_it() -> None:
    before, filters, out = np.geterr(), list(warnings.filters), sys.stdout

    def function(*inputs: Any) -> Any:
        np.seterr(all="raise")
        warnings.simplefilter("ignore")
        sys.stdout = None  # type: ignore[assignment]
        return hidden_error(*inputs)

    assert judge("04.hidden_error", function).passed
    assert (np.geterr(), list(warnings.filters), sys.stdout) == (before, filters, out)


@pytest.mark.parametrize("name", bank())
def test_the_settings_of_the_notebook_do_not_change_the_verdict(name: str) -> None:
    exercise = bank()[name]
    with np.errstate(all="raise"):
        verdict = judge(name, exercise.styles["vectorized"].function, 7)
        wrong = [judge(name, w.function, 7) for w in exercise.misconceptions.values()]
    assert verdict.passed, verdict.message
    assert [w.misconception for w in wrong] == list(exercise.misconceptions)


@pytest.mark.parametrize("name", bank())
def test_nonsense_is_judged_in_every_exercise(name: str) -> None:
    for nonsense in (lambda *inputs: None, lambda *inputs: 0.5, raising(Mute()), 3):
        verdict = judge(name, nonsense)  # type: ignore[arg-type]
        assert verdict.score == 0
        assert verdict.misconception is None
        assert not verdict.passed


@pytest.mark.parametrize("name", ["04.hidden", "", None, 7, ["04.hidden_error"]])
def test_an_unknown_exercise_is_an_error_that_lists_them(name: Any) -> None:
    with pytest.raises(ValueError, match=r"no exercise .*05\.backprop"):
        judge(name, hidden_error)


def test_the_verdict_says_score_case_and_question() -> None:
    verdict = judge("04.hidden_error", lambda W_next, delta_next, dphi_z: delta_next @ W_next)
    first, second, third, last = verdict.message.splitlines()
    assert first == "hidden_error (BP2): 0 of 4 points"
    assert "First wrong case: a mini-batch, every width another prime number (m = " in second
    assert third.startswith("`delta`: it has the right shape")
    assert last == "Question: What lies between a and z?"
    assert verdict.exercise_id == "04.hidden_error"


def test_two_mistakes_at_once_are_wrong_and_unnamed() -> None:
    verdict = judge("04.hidden_error", lambda W, d, s: np.abs(d @ np.abs(W)) / len(d) + 0 * s)
    assert verdict.score == 0
    assert verdict.misconception is None
