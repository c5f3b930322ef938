"""The few input checks that `bplib.nn` shares: what was got, what fits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def as_float(name: str, value: ArrayLike) -> Array:
    """Return `value` as a floating array; integers become float64, other types stay.

    float32, float64 and complex are kept; a copy is made only if the type changes.
    Raises TypeError if `value` holds no numbers (strings, objects, None).
    """
    array = np.asarray(value)
    if array.dtype.kind in "fc":
        return array
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    raise TypeError(f"{name} has dtype {array.dtype}; an array of real numbers (float) is needed")


def require_ndim(name: str, array: Array, allowed: tuple[int, ...], meaning: str) -> None:
    """Raise ValueError unless the number of axes of `array` is one of `allowed`."""
    if array.ndim not in allowed:
        raise ValueError(f"{name} has shape {array.shape}; it must be {meaning}")


def require_fit(fits: bool, rule: str, **arrays: Array) -> None:
    """Raise ValueError with all the shapes and the `rule` that they break, unless `fits`."""
    if not fits:
        got = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"these shapes do not fit together: {got}; {rule}")


def require_same_shape(**arrays: Array) -> None:
    """Raise ValueError unless all arrays have one shape, so that none broadcasts by accident."""
    shapes = [array.shape for array in arrays.values()]
    require_fit(
        all(shape == shapes[0] for shape in shapes),
        f"{' and '.join(arrays)} must have the same shape",
        **arrays,
    )


def is_integer(value: object, at_least: int) -> bool:
    """Return whether `value` is an integer ≥ at_least; True and False are not numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return int(value) >= at_least


def unknown_name(what: str, got: object, allowed: Iterable[object]) -> ValueError:
    """Return the ValueError for a name that is not in the list, with the list."""
    return ValueError(f"{what} {got!r} is not known; allowed: {', '.join(map(str, allowed))}")
