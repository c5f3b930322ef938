"""The families of random situations that a hidden test draws from.

Each family exists because it exposes mistakes that the others let pass: one example hides a missing
1/m, equal widths keep the shape of a wrong transpose, prime widths break it, exact zeros show the
convention at a kink, saturated and linear units show a wrong slope, and a zero upstream shows an
answer that forgets it. Upstream errors are random, never all ones, and biases are never zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bplib import nn

Array = NDArray[np.float64]
PRIMES = (2, 3, 5, 7, 11, 13)


@dataclass(frozen=True)
class Family:
    """One way to draw a situation: how many examples and units, and where the units work.

    name: as it appears in verdicts; sentence: what the student reads about it; alone: the same,
    where an exercise is about one example, and there is no mini-batch.
    regime: "ordinary", "zeros" (some z are exactly 0), "saturated" or "linear".
    """

    name: str
    sentence: str
    one_example: bool = False
    equal_widths: bool = False
    regime: str = "ordinary"
    zero_upstream: bool = False
    alone: str = ""

    def sizes(self, rng: Generator, layers: int) -> tuple[int, ...]:
        """The number of examples m, and the widths of `layers` layers (pairwise different primes).

        m is never larger than a width. With equal widths, m equals them too.
        """
        if self.equal_widths:
            width = int(rng.choice((3, 4, 5)))
            return (width,) * (layers + 1)
        drawn = rng.choice(PRIMES, size=layers + 1, replace=False)
        m, rest = int(drawn.min()), [int(n) for n in drawn if n != drawn.min()]
        return (1 if self.one_example else m, *rest)

    def weighted_inputs(self, rng: Generator, shape: tuple[int, ...]) -> Array:
        """Random weighted inputs of the family's regime; kinks are hit exactly or kept clear of."""
        spread = {"saturated": 12.0, "linear": 0.05}.get(self.regime, 1.5)
        Z = _clear_of_zero(rng.normal(scale=spread, size=shape), 0.01 * spread)
        if self.regime == "saturated":  # the tails, with a few units still alive between them
            Z = np.where(rng.random(shape) < 0.7, np.sign(Z) * (np.abs(Z) + 4), Z / 12)
        if self.regime == "zeros":
            hit = rng.random(shape) < 0.3
            hit.flat[int(rng.integers(hit.size))] = True
            Z = np.where(hit, 0.0, Z)
        return Z

    def activation(self, rng: Generator, names: Sequence[str] | None = None) -> nn.Activation:
        """A random activation, out of those (by name) that show what this family is about.

        ReLU is drawn for the exact zeros alone: elsewhere a layer of silent units, whose right
        errors are all zero, would hide the mistakes that this family is there to show.
        """
        smooth = ("sigmoid", "tanh", "elu")
        allowed = {"zeros": ("relu", "leaky_relu"), "saturated": smooth[:2]}.get(
            self.regime, (*smooth, "leaky_relu")
        )
        chosen = [name for name in allowed if names is None or name in names] or list(names or ())
        return nn.ACTIVATIONS[chosen[int(rng.integers(len(chosen)))]]

    def upstream(self, rng: Generator, shape: tuple[int, ...]) -> Array:
        """A random error from above; zero everywhere if that is what the family is about."""
        return np.zeros(shape) if self.zero_upstream else rng.normal(size=shape)


def _clear_of_zero(Z: Array, distance: float) -> Array:
    """Z, moved outward so that no entry lies within `distance` of a kink at zero."""
    return np.where(np.abs(Z) < distance, np.copysign(distance + np.abs(Z), Z), Z)


FAMILIES = (
    Family("ordinary", "a mini-batch, every width another prime number", alone="random numbers"),
    Family("one-example", "a single example, m = 1", one_example=True),
    Family(
        "equal-widths",
        "as many examples as units, all widths equal",
        equal_widths=True,
        alone="all widths equal",
    ),
    Family("exact-zeros", "some weighted inputs are exactly zero", regime="zeros"),
    Family("saturated", "most units are saturated", regime="saturated"),
    Family("linear", "all weighted inputs are tiny", regime="linear"),
    Family("zero-upstream", "no error arrives from above", zero_upstream=True),
)


def family(name: str) -> Family:
    """The family of that name. Raises ValueError that lists the names."""
    for candidate in FAMILIES:
        if candidate.name == name:
            return candidate
    allowed = ", ".join(f.name for f in FAMILIES)
    raise ValueError(f"no family {name!r}; the families are: {allowed}")


def on_its_branch(phi: nn.Activation, Z: Array) -> Callable[[Array], Array]:
    """φ, with every unit kept on the branch of its kink that it is on at Z; 0 is on the left one.

    A finite difference across a kink is the slope of neither side. The course's convention is the
    left one, so the numerical oracle nudges there.
    """
    left = {"relu": 0.0, "leaky_relu": 0.1}.get(phi.name)
    if left is None:
        return phi
    return lambda moved: np.where(Z > 0, moved, left * moved)


def one_hot(rng: Generator, m: int, classes: int) -> Any:
    """Random one-hot targets: (m, classes) float64."""
    return np.eye(classes)[rng.integers(classes, size=m)]
