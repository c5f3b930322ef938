"""Reads what a student's function returned, and compares it with what is right.

The one place that decides whether two answers are equal: the judge compares arrays with it, and the
tutor, who carries no arrays, compares their projections with it. It trusts nothing: an answer is
copied into plain float64 arrays, by type and shape, before anything is computed with it.
"""

import io
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# An honest float64 answer differs from the reference by the order of its sums, about 1e-15;
# one computed in float32 differs by about 1e-7. Both are right; anything coarser is not.
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}
# An array of a wrong shape is kept up to this many entries, to recognize a mistake by it.
MISSHAPEN = 100_000
# How the names of types end that hand out their parts one by one.
LAZY = ("generator", "zip", "map", "filter", "enumerate", "iterator", "reversed", "range")
# Below this the right answer counts as zero, and only the absolute size of the answer matters.
TINY = 1e-12


class AnswerError(Exception):
    """An answer that cannot be compared; the message tells the student what came back instead."""


@dataclass(frozen=True)
class Outcome:
    """What one call of a student's function led to.

    arrays:     finite float64 arrays of the right shape, by name.
    misshapen:  finite arrays of another shape, by name; they help to recognize a mistake.
    faults:     by name, why there is no such array; `message` says it if there is none at all.
    open_lines: names of the lines of a derivation for which None came back.
    one_number: names of the lines of a derivation for which one number came back for all entries.
    error:      the exception of the student's own function, if it raised one.
    notes:      the warnings it gave.
    printed:    what it printed.
    """

    arrays: Mapping[str, Array] = field(default_factory=dict)
    misshapen: Mapping[str, Array] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    precision: str = "float64"
    open_lines: tuple[str, ...] = ()
    one_number: tuple[str, ...] = ()
    error: BaseException | None = None
    notes: tuple[str, ...] = ()
    printed: str = ""

    @property
    def interrupted(self) -> bool:
        """True if the call was stopped from outside, so that no further call makes sense."""
        return issubclass(type(self.error), KeyboardInterrupt)

    @property
    def warned(self) -> str:
        """What to say where a warning of NumPy counts as a mistake; empty if it gave none."""
        numbers = [note for note in self.notes if note.startswith("RuntimeWarning")]
        return f"the values are right, but NumPy warned: {numbers[0]}" if numbers else ""

    @property
    def everything(self) -> dict[str, Array]:
        """All finite arrays that came back, whatever their shape."""
        return {**self.arrays, **self.misshapen}

    def absent(self, names: Iterable[str]) -> list[str]:
        """Those of the names for which nothing but zeros, or nothing, came back."""
        return [name for name in names if not np.any(self.everything.get(name, 0))]


def leaves(tree: Any, labels: Any) -> Iterator[tuple[str, Any]]:
    """Pairs (name, leaf) of a nested list or tuple, named by the equally nested `labels`."""
    if isinstance(labels, str):
        yield labels, tree
    else:
        for part, label in zip(tree, labels, strict=True):
            yield from leaves(part, label)


def copied(tree: Any) -> Any:
    """A copy of nested lists, tuples and arrays that shares no array with the original."""
    if isinstance(tree, np.ndarray):
        return tree.copy()
    if isinstance(tree, (list, tuple)):
        return type(tree)(copied(part) for part in tree)
    return tree


def call(
    function: Callable[..., Any],
    inputs: Mapping[str, Any],
    shapes: Mapping[str, tuple[int, ...]],
    labels: Any,
    *,
    lines: bool = False,
) -> Outcome:
    """The outcome of `function(**inputs)`; never raises for anything that the function does.

    inputs: arguments in the order of the signature; the function gets copies, by position.
    shapes: the right shape of every array that should come back, by name.
    labels: their names, nested like the answer: "delta", or [("dW[1]", "db[1]"), ...].
    lines:  True for a derivation, where a None stands for a line that is still open.
    Printed text and warnings are kept apart; what it sets with np.seterr ends with it.
    """
    if not callable(function):
        return Outcome(message=f"expected a function, got {_kind(function)}")
    arguments = [copied(value) for value in inputs.values()]
    sink = io.StringIO()
    try:
        with (
            np.errstate(),
            warnings.catch_warnings(record=True) as caught,
            redirect_stdout(sink),
            redirect_stderr(sink),
        ):
            warnings.simplefilter("always")
            outcome = received(function(*arguments), shapes, labels, lines=lines)
    except BaseException as error:
        return Outcome(message=_raised(error), error=error, printed=sink.getvalue())
    if outcome.message:
        return replace(outcome, printed=sink.getvalue())
    notes = dict.fromkeys(_described(w.category, w.message) for w in caught)
    return replace(outcome, notes=tuple(notes), printed=sink.getvalue())


def received(
    answer: Any, shapes: Mapping[str, tuple[int, ...]], labels: Any, *, lines: bool = False
) -> Outcome:
    """The outcome that an answer amounts to; its message says why it cannot be compared."""
    try:
        return read(answer, shapes, labels, lines=lines)
    except AnswerError as problem:
        return Outcome(message=str(problem))


def read(
    answer: Any, shapes: Mapping[str, tuple[int, ...]], labels: Any, *, lines: bool = False
) -> Outcome:
    """The outcome that an answer amounts to, as plain float64 copies.

    Raises AnswerError if the answer does not have the parts that `labels` asks for.
    """
    arrays: dict[str, Array] = {}
    misshapen: dict[str, Array] = {}
    faults: dict[str, str] = {}
    open_lines: list[str] = []
    one_number: list[str] = []
    precision = "float64"
    for name, leaf in _matched(answer, labels, whole=True):
        if leaf is None and lines:
            open_lines.append(name)
            continue
        try:
            found = _found(leaf, name, shapes[name])
            if lines and found.ndim == 0 and shapes[name]:  # the same at every point
                found = np.full(shapes[name], found)
                one_number.append(name)
            fits = found.shape == shapes[name]
            if not fits:
                faults[name] = misfit(name, shapes[name], found.shape)
            # A huge array costs memory, an empty one was never filled: neither tells a mistake.
            if not fits and not 0 < found.size <= MISSHAPEN:
                continue
            (arrays if fits else misshapen)[name] = _plain(found, name)
        except AnswerError as problem:
            faults[name] = str(problem)
            continue
        if found.dtype in (np.float32, np.float16):
            precision = "float32"
    return Outcome(arrays, misshapen, faults, "", precision, tuple(open_lines), tuple(one_number))


def misfit(name: str, wanted: tuple[int, ...], got: tuple[int, ...]) -> str:
    """What to say of an array that came back in another shape.

    >>> misfit("z", (), (13,))
    '`z` should be one number, got an array of shape (13,)'
    """
    should = f"should have shape {wanted}" if wanted else "should be one number"
    if 0 in got:
        return f"`{name}` {should}, got an empty array"
    array = "" if wanted else "an array of shape "
    return f"`{name}` {should}, got {array + str(got) if got else 'one number'}"


def _matched(answer: Any, labels: Any, whole: bool = False) -> Iterator[tuple[str, Any]]:
    """Like `leaves`, but for an answer whose structure nobody vouches for."""
    if isinstance(labels, str):
        if whole and answer is None:
            raise AnswerError("the function returned None: is a `return` missing?")
        yield labels, answer
        return
    wanted = _form(labels)
    if answer is None:
        raise AnswerError(f"expected {wanted}, got None: is a `return` missing?")
    if type(answer) not in (list, tuple):
        raise AnswerError(f"expected {wanted}, got {_kind(answer)}{_advice(answer, labels)}")
    if len(answer) != len(labels):
        parts = f"{len(labels)} part{'s' * (len(labels) > 1)}"
        raise AnswerError(f"expected {wanted}, which has {parts}; got {len(answer)}")
    for part, label in zip(answer, labels, strict=True):
        yield from _matched(part, label)


def _form(labels: Any) -> str:
    """How an answer is nested: "[(dW[1], db[1]), (dW[2], db[2])]"."""
    if isinstance(labels, str):
        return labels
    inside = ", ".join(map(_form, labels))
    if isinstance(labels, list):
        return f"[{inside}]"
    return f"({inside}{',' * (len(labels) == 1)})"


def _advice(answer: Any, labels: Any) -> str:
    """What to do about parts that were not yet made; the name of the type alone is looked at."""
    if not _named(type(answer)).endswith(LAZY):
        return ""
    return f": write {'list' if isinstance(labels, list) else 'tuple'}(…) around it"


def _found(leaf: Any, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """A number, nested list or array as an array of the base class; everything else is refused."""
    if type(leaf) is tuple and len(leaf) == 1:  # `return delta,`, or the rows of one example
        inner = _found(leaf[0], name, shape)
        return inner[np.newaxis] if shape == (1, *inner.shape) else inner
    if leaf is None:
        raise AnswerError(f"`{name}` is None: expected an array")
    if not issubclass(type(leaf), (np.ndarray, np.number, np.bool_, int, float, list, tuple)):
        raise AnswerError(f"`{name}` should be a NumPy array, got {_kind(leaf)}")
    try:
        values = np.asarray(leaf)
    except ValueError:
        raise AnswerError(f"`{name}` has rows of different lengths: expected one array") from None
    if values.dtype.kind == "c":
        raise AnswerError(f"`{name}` is complex; expected real numbers")
    if values.dtype.kind not in "fiub":
        raise AnswerError(f"`{name}` has dtype {values.dtype}; expected real numbers")
    return values


def _plain(found: NDArray[Any], name: str) -> Array:
    """A float64 copy; refused if it is not finite (a long double may be too large for float64)."""
    with np.errstate(over="ignore"):
        values = found.astype(np.float64)
    count = int(np.count_nonzero(~np.isfinite(values)))
    if count:
        raise AnswerError(f"`{name}` contains {count} NaN or infinite entries")
    return values


def _named(kind: type) -> str:
    """The name of a type, whatever its metaclass makes of `__name__`."""
    return str(type.__dict__["__name__"].__get__(kind))


def _kind(value: Any) -> str:
    name = _named(type(value))
    if value is None or name == "NoneType":
        return "None"
    if name == "ndarray":
        return "one array"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name} object"[:80]


def _raised(error: BaseException) -> str:
    """One line about an exception, whatever its author has done to its own description."""
    if issubclass(type(error), NotImplementedError):
        return "not written yet: put your code in the place of `raise NotImplementedError()`"
    if issubclass(type(error), KeyboardInterrupt):
        return "the function was interrupted"
    return f"your function raised {_described(type(error), error)}"


def _described(kind: type, problem: Any) -> str:
    """One line about an exception or a warning: its type, and its text if it gives one."""
    try:
        text = " ".join(str(problem).split())[:200]
    except BaseException:  # a hostile __str__ must not escape; the type alone says enough
        text = ""
    return _named(kind)[:80] + (f": {text}" if text else "")


@np.errstate(over="ignore", invalid="ignore")
def close(answer: Array, right: Array, tolerance: float, tiny: float = TINY) -> bool:
    """True if the largest difference is within `tolerance` of the largest right entry.

    A difference up to `tiny` always is: where the right answer is zero, nothing is relative to it.
    Raises ValueError if the shapes differ (callers compare shapes first, and say so).
    """
    if answer.shape != right.shape:
        raise ValueError(f"close needs equal shapes, got {answer.shape} and {right.shape}")
    if right.size == 0:
        return True
    scale, error = float(np.abs(right).max()), float(np.abs(answer - right).max())
    return error <= max(tolerance * scale, tiny)


PROJECTIONS = 4


@np.errstate(over="ignore", invalid="ignore")
def projections(array: Array) -> Array:
    """Dot products of an array with a few fixed random vectors: (PROJECTIONS,).

    They tell two answers apart as surely as the entries do, and cannot be read as an answer.
    """
    return random_vectors(array.shape) @ array.ravel()


@lru_cache(maxsize=16)  # an answer is compared with many, one after the other
def random_vectors(shape: tuple[int, ...]) -> Array:
    """The fixed vectors for arrays of a shape: (PROJECTIONS, size), normal, not to be changed."""
    vectors = np.random.default_rng([PROJECTIONS, *shape]).normal(
        size=(PROJECTIONS, math.prod(shape))
    )
    vectors.flags.writeable = False
    return vectors
