"""Data to learn from: real handwritten digits (bundled, 45 kB) and two toy sets in the plane.

Rows are examples, as everywhere in the course.  Every function is deterministic: the same
arguments give the same bytes.  Provenance and license of the digits: `DIGITS-LICENSE.md`.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

CLASSES = 10
BRIGHTEST = 16  # the largest pixel value in the file; pixels are counts of dark dots in 4×4 blocks


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits, split into a training and a test set.

    X_train: (n, 64) float64 in [0, 1], a row is an image of 8×8 pixels, `row.reshape(8, 8)`.
    Y_train: (n, 10) float64, one-hot.  labels_train: (n,) int64 in 0 … 9.
    rows_train: (n,) int64, where each row stands in the bundled file.
    X_test, Y_test, labels_test, rows_test: the same for the test set.
    """

    X_train: Array
    Y_train: Array
    X_test: Array
    Y_test: Array
    labels_train: Labels
    labels_test: Labels
    rows_train: Labels
    rows_test: Labels


def digits(test_fraction: float = 0.2, seed: int = 0) -> Digits:
    """Return the UCI handwritten digits as `Digits`: 1,797 images, split class by class.

    test_fraction: share of every class that goes to the test set, between 0.01 and 0.99;
    of n images of a class, round(test_fraction · n) are test images.
    seed: a whole number ≥ 0; it fixes which images those are, and the order of the rows.

    Raises ValueError for a fraction or a seed outside that range, TypeError for no number.
    Source: E. Alpaydin and C. Kaynak (1998), by way of scikit-learn.

    >>> data = digits()
    >>> data.X_train.shape, data.Y_train.shape, data.X_test.shape, data.Y_test.shape
    ((1438, 64), (1438, 10), (359, 64), (359, 10))
    """
    fraction = _number("test_fraction", test_fraction, 0.01, 0.99)
    rng = _generator(seed)
    pixels, labels = _bundled()
    test_rows, train_rows = [], []
    for label in range(CLASSES):
        members = rng.permutation(np.flatnonzero(labels == label))
        cut = round(fraction * len(members))
        test_rows.append(members[:cut])
        train_rows.append(members[cut:])
    train = rng.permutation(np.concatenate(train_rows))
    test = rng.permutation(np.concatenate(test_rows))
    X, Y = pixels / BRIGHTEST, one_hot(labels, CLASSES)
    return Digits(X[train], Y[train], X[test], Y[test], labels[train], labels[test], train, test)


def moons(m: int = 200, noise: float = 0.1, seed: int = 0) -> tuple[Array, Array]:
    """Return X (m, 2) and Y (m, 1) float64: two interlocking half circles, targets 0 and 1.

    m ≥ 2 points, half of them (rounded up) in class 0, in random order; noise ≥ 0 is the
    standard deviation added to each coordinate; seed: a whole number ≥ 0.
    No straight line separates the classes: a network needs a hidden layer.

    Raises ValueError for a value outside these ranges, TypeError for no number.

    >>> X, Y = moons(5)
    >>> X.shape, Y.shape, float(Y.sum())
    ((5, 2), (5, 1), 2.0)
    """
    m = _whole("m", m, 2)
    spread, rng = _number("noise", noise, 0.0), _generator(seed)
    label = np.arange(m) % 2
    angle = rng.uniform(0.0, np.pi, m)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)])
    X = np.where(label[:, None] == 0, upper, lower) + spread * rng.normal(size=(m, 2))
    order = rng.permutation(m)
    return X[order], label[order, None].astype(np.float64)


def spirals(
    m: int = 300, classes: int = 3, turns: float = 0.75, noise: float = 0.03, seed: int = 0
) -> tuple[Array, Array]:
    """Return X (m, 2) float64 and Y (m, classes) one-hot: spiral arms around the origin.

    One arm per class, from the middle out to radius 1; m ≥ classes points, shared out evenly
    (counts differ by one at most), in random order.  classes: 2 to 10.  turns > 0: how often
    an arm winds around.  noise ≥ 0: standard deviation added to each coordinate.
    seed: a whole number ≥ 0.

    Raises ValueError for a value outside these ranges, TypeError for no number.

    >>> X, Y = spirals(7, classes=3)
    >>> X.shape, Y.sum(axis=0)
    ((7, 2), array([3., 2., 2.]))
    """
    classes = _whole("classes", classes, 2, 10)
    m = _whole("m", m, classes)
    winding = _number("turns", turns, 0.0)
    if winding == 0:
        raise ValueError("turns is 0; give a number above 0, such as 0.75")
    spread, rng = _number("noise", noise, 0.0), _generator(seed)
    label = np.arange(m) % classes
    radius = np.sqrt(rng.uniform(0.01, 1.0, m))  # the root spreads the points evenly over the arm
    angle = 2 * np.pi * (winding * radius + label / classes)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    X += spread * rng.normal(size=(m, 2))
    order = rng.permutation(m)
    return X[order], one_hot(label[order], classes)


def one_hot(labels: NDArray[np.integer[Any]], classes: int) -> Array:
    """Return Y (m, classes) float64: row i is 1 at column labels[i] and 0 elsewhere.

    labels: (m,) whole numbers in 0 … classes − 1; ValueError for others, TypeError for no
    whole numbers.

    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    labels = np.asarray(labels)
    classes = _whole("classes", classes, 1)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels are {labels.dtype}; give whole numbers 0 to {classes - 1}")
    if labels.ndim != 1:
        raise ValueError(f"labels have shape {labels.shape}; give one label per example: (m,)")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f"labels run from {labels.min()} to {labels.max()}; allowed are 0 to {classes - 1}"
        )
    Y = np.zeros((len(labels), classes))
    Y[np.arange(len(labels)), labels] = 1.0
    return Y


@functools.cache
def _bundled() -> tuple[NDArray[np.uint8], Labels]:
    """Return pixels (1797, 64) in 0 … 16 and labels (1797,), read once and write-protected."""
    file = resources.files("bplib").joinpath("digits.npz")
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        pixels, labels = arrays["pixels"], arrays["labels"].astype(np.int64)
    pixels.setflags(write=False)
    labels.setflags(write=False)
    return pixels, labels


def _number(name: str, value: float, low: float, high: float = np.inf) -> float:
    """Return value as a float if it lies in low … high."""
    allowed = f"a number from {low} to {high}" if high < np.inf else f"a finite number ≥ {low}"
    if isinstance(value, bool | str):
        raise TypeError(f"{name} is {value!r}; allowed is {allowed}")
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is {value!r}; allowed is {allowed}") from error
    if not (low <= number <= high and np.isfinite(number)):
        raise ValueError(f"{name} is {value!r}; allowed is {allowed}")
    return number


def _whole(name: str, value: int, low: int, high: int | None = None) -> int:
    """Return value as an int if it is a whole number in low … high."""
    allowed = f"a whole number ≥ {low}" if high is None else f"a whole number from {low} to {high}"
    if isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; allowed is {allowed}")
    try:
        whole = operator.index(value)
    except TypeError as error:
        raise TypeError(f"{name} is {value!r}; allowed is {allowed}") from error
    if whole < low or (high is not None and whole > high):
        raise ValueError(f"{name} is {whole}; allowed is {allowed}")
    return whole


def _generator(seed: int) -> np.random.Generator:
    """Return a random generator that depends on the seed alone."""
    return np.random.default_rng(_whole("seed", seed, 0))
