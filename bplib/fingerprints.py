"""Fingerprints of arrays: enough to recognize an array, and nothing that can be read as one.

A fingerprint holds dot products of an array with fixed random vectors. Each is one equation for the
entries, so there are always far fewer of them than entries. An array with fewer than `SMALL`
entries would leave too few unknowns: of its one dot product only a salted hash is kept, which can
confirm a value that somebody already has and tells none. Of known wrong answers there is never more
than such a hash: whoever knows what a mistake does to the right answer could turn dot products of
many wrong ones into as many equations for it.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bplib.answers import PROJECTIONS, TINY, Array, close, projections, random_vectors

# Below this many entries nothing but a hash is kept.
SMALL = 8
# A hash confirms seven digits, and looks this far around a value, relative to the array's size.
SEALED_SLACK = 2e-6
SEALED_CELLS = 1000
# Slow enough to make trying all numbers tedious, fast enough to try the few that matter.
ROUNDS = 20


@dataclass(frozen=True)
class Print:
    """The fingerprint of an array.

    shape:       of the array.
    projections: dot products with fixed random vectors, (k,); empty if the array is sealed.
    ordered:     that of the sorted entries: which numbers there are, not where.
    sizes:       that of the sorted absolute entries.
    rows:        one dot product per row, (m,), where the rows are examples and wide enough.
    seal, salt:  of a small array, the hash of its dot product, and what was mixed in.
    vector:      the number of that dot product: the one with the fewest digits lost in its sum.
    """

    shape: tuple[int, ...]
    projections: Array
    ordered: float | None = None
    sizes: float | None = None
    rows: Array | None = None
    seal: str = ""
    salt: str = ""
    vector: int = 0

    @property
    def size(self) -> int:
        """The number of entries of the array."""
        return math.prod(self.shape)

    @np.errstate(over="ignore", invalid="ignore")
    def matches(self, array: Array, slack: float) -> bool:
        """True if this is the fingerprint of the array, up to `slack` of its largest projection.

        A float64 array of another shape never matches. Sealed ones are compared to seven digits.
        """
        if array.shape != self.shape:
            return False
        if self.seal:
            value, size = float(projections(array)[self.vector]), float(np.linalg.norm(array))
            return any(sealed(self.salt, near) == self.seal for near in _near(value, size, slack))
        return close(dots(array, len(self.projections)), self.projections, slack)


@np.errstate(over="ignore", invalid="ignore")
def fingerprint(array: Array, m: int, salt: str | None = None) -> Print:
    """The fingerprint of a float64 array of any shape, for a case of m examples.

    salt: where it will stand in a key (exercise, case, name); then it holds far fewer numbers than
    the array has entries, and of a small array a hash. Without a salt it is not made to be shown.
    """
    n, shape = array.size, array.shape
    if salt is not None and n < SMALL:
        values = projections(array)
        best = int(np.argmax(np.abs(values)))
        seal = sealed(salt, float(values[best]))
        return Print(shape, np.array([]), seal=seal, salt=salt, vector=best)
    count = PROJECTIONS if salt is None else min(PROJECTIONS, n // 4)
    numbers = dots(array, min(count, max(n, 1)))
    if salt is not None and n < 4 * PROJECTIONS:
        return Print(shape, numbers)
    wide = array.ndim == 2 and shape[0] == m > 1 and shape[1] >= 5
    afford = wide and (salt is None or PROJECTIONS + 2 + m <= n / 2)
    return Print(
        shape,
        numbers,
        float(dots(np.sort(array, axis=None), 1)[0]),
        float(dots(np.sort(np.abs(array), axis=None), 1)[0]),
        by_row(array) if afford else None,
    )


@np.errstate(over="ignore", invalid="ignore")
def dots(array: Array, count: int) -> Array:
    """The first `count` of the array's projections: (count,). They may overflow to inf or nan."""
    return projections(array)[:count]


@np.errstate(over="ignore", invalid="ignore")
def by_row(array: Array) -> Array:
    """One dot product per row of (m, n), all with the same vector: (m,)."""
    return np.asarray(array @ random_vectors((array.shape[1],))[1])


# --- whole answers -------------------------------------------------------------------------------


@np.errstate(over="ignore", invalid="ignore")
def signature(arrays: Mapping[str, Array]) -> Array:
    """Four numbers, (4,), that follow from names, shapes and entries of all arrays; (0,) of none.

    Four, because a number in whose sum nearly everything cancels is of no use in single precision.
    """
    if not arrays:
        return np.array([])
    entries = np.concatenate([array.ravel() for _, array in sorted(arrays.items())])
    vectors = np.random.default_rng([*_form(arrays).encode()]).normal(size=(4, entries.size))
    return np.asarray(vectors @ entries)


def seal(salt: str, arrays: Mapping[str, Array]) -> str:
    """The hash of names, shapes and the signature's largest number; empty for no arrays."""
    return sealed(f"{salt}/{_form(arrays)}", _largest(signature(arrays))) if arrays else ""


@np.errstate(over="ignore", invalid="ignore")
def seals(salt: str, arrays: Mapping[str, Array], slack: float) -> frozenset[str]:
    """All hashes that `seal` may have made of these arrays, given their rounding error."""
    if not arrays:
        return frozenset([""])
    size = math.hypot(*(float(np.linalg.norm(array)) for array in arrays.values()))
    largest, salt = _largest(signature(arrays)), f"{salt}/{_form(arrays)}"
    return frozenset(sealed(salt, value) for value in _near(largest, size, slack))


def _form(arrays: Mapping[str, Array]) -> str:
    return ";".join(f"{name}{array.shape}" for name, array in sorted(arrays.items()))


def _largest(numbers: Array) -> float:
    return float(numbers[np.argmax(np.abs(numbers))])


# --- hashes --------------------------------------------------------------------------------------


def sealed(salt: str, value: float) -> str:
    """The hash of a number, rounded to seven digits, as 16 hexadecimal digits."""
    text = "0" if abs(value) <= TINY else f"{value:.6e}"
    return hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), ROUNDS, 8).hex()


def _near(value: float, size: float, slack: float) -> Iterator[float]:
    """One number from each cell of seven digits that the value may be rounded to.

    size: the length of the vector it was made from, so that its rounding error is slack · size.
    """
    if not (math.isfinite(value) and math.isfinite(size)):
        return
    reach = min(slack, SEALED_SLACK) * size
    smallest = max(abs(value) - reach, TINY)
    cell = 10.0 ** (math.floor(math.log10(smallest)) - 6)
    count = min(2 + math.ceil(2 * reach / cell), SEALED_CELLS)
    yield value
    yield from dict.fromkeys(np.linspace(value - reach, value + reach, count).tolist())


# --- in a key ------------------------------------------------------------------------------------


def to_json(found: Print) -> dict[str, Any]:
    """The fingerprint as JSON values, with ten digits; the salt follows from its place."""
    if found.seal:
        return {"shape": list(found.shape), "seal": found.seal, "vector": found.vector}
    data: dict[str, Any] = {"shape": list(found.shape), "projections": digits(found.projections)}
    if found.ordered is not None and found.sizes is not None:
        data |= {"ordered": digits([found.ordered])[0], "sizes": digits([found.sizes])[0]}
    return data if found.rows is None else {**data, "rows": digits(found.rows)}


def from_json(data: Mapping[str, Any], salt: str) -> Print:
    """The fingerprint that `to_json` was given, up to ten digits."""
    rows = data.get("rows")
    return Print(
        shape=tuple(data["shape"]),
        projections=np.array(data.get("projections", []), dtype=np.float64),
        ordered=data.get("ordered"),
        sizes=data.get("sizes"),
        rows=None if rows is None else np.array(rows, dtype=np.float64),
        seal=data.get("seal", ""),
        salt=salt,
        vector=data.get("vector", 0),
    )


def digits(numbers: Any) -> list[float]:
    """The numbers with ten digits: more would be noise of the processor that made them."""
    return [float(f"{number:.10g}") for number in numbers]
