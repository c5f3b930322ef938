"""Right implementations in many styles: those of the bank, and mechanical variations of one.

The bank's styles differ in how they compute. The variations differ in what comes back, or in what
the code works on: memory layout, lists, precision. All are honest, so none may lose a point.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplib.exercises.exercise import Exercise, Function, Variant

AnyArray = NDArray[Any]


@dataclass(frozen=True)
class Honest:
    """A right implementation: its name in reports, and the function."""

    name: str
    function: Function


def honest_variants(exercise: Exercise) -> list[Honest]:
    """The styles of the bank, then every variation of the first one."""
    styles = list(exercise.styles.values())
    own = [Honest(style.name, style.function) for style in styles]
    return own + (honest_transforms(styles[0]) if styles else [])


def honest_transforms(style: Variant) -> list[Honest]:
    """The mechanical variations of a right implementation, each named after it."""
    right = style.function
    outputs = [
        Honest(f"{style.name}, {name}", _after(right, change)) for name, change in OUTPUTS.items()
    ]
    inputs = [
        Honest(f"{style.name}, {name}", _before(right, change)) for name, change in INPUTS.items()
    ]
    return outputs + inputs


def _fortran(array: AnyArray) -> AnyArray:
    """Entries column by column in memory; a number stays a number."""
    return np.asfortranarray(array) if array.ndim else array


def _every_second(array: AnyArray) -> AnyArray:
    """A view of every second entry of an array twice as long: not contiguous, not its own."""
    if not array.ndim:
        return array
    wide = np.repeat(array, 2, axis=-1)
    wide[..., 1::2] = 0 if array.dtype.kind == "b" else -99
    return wide[..., ::2]


def _backward(array: AnyArray) -> AnyArray:
    """A view with negative steps in memory."""
    return np.ascontiguousarray(np.flip(array)).reshape(array.shape)[
        (slice(None, None, -1),) * array.ndim
    ]


OUTPUTS: dict[str, Callable[[AnyArray], Any]] = {
    "Fortran order": _fortran,
    "every second entry": _every_second,
    "negative strides": _backward,
    "nested lists": lambda array: array.tolist(),
    "float32": lambda array: array.astype(np.float32),
    "long double": lambda array: array.astype(np.longdouble),
}
INPUTS: dict[str, Callable[[AnyArray], Any]] = {
    "inputs in Fortran order": _fortran,
    "inputs as views": _every_second,
}


def mapped(tree: Any, change: Callable[[AnyArray], Any]) -> Any:
    """A nested answer with every array changed; lists of numbers count as arrays.

    None (an open line) and whatever is no number stay as they are.
    """
    if isinstance(tree, (list, tuple)) and not _is_row(tree):
        return type(tree)(mapped(part, change) for part in tree)
    array = np.asarray(tree) if isinstance(tree, (list, tuple, np.ndarray, *NUMBERS)) else None
    return tree if array is None or array.dtype.kind not in "fiub" else change(array)


NUMBERS = (int, float, np.number, np.bool_)


def _is_row(tree: Sequence[Any]) -> bool:
    return bool(tree) and all(isinstance(part, NUMBERS) for part in tree)


def _after(right: Function, change: Callable[[AnyArray], Any]) -> Function:
    return lambda *inputs: mapped(right(*inputs), change)


def _before(right: Function, change: Callable[[AnyArray], Any]) -> Function:
    """Only arrays among the inputs are changed: numbers, lists of numbers and functions are not."""

    def moved(tree: Any) -> Any:
        if isinstance(tree, (list, tuple)):
            return type(tree)(moved(part) for part in tree)
        return change(tree) if isinstance(tree, np.ndarray) else tree

    return lambda *inputs: right(*(moved(value) for value in inputs))
