# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 09, first part, derived: the (1/4)^L bound along a path, and the spread of z in a layer.

What follows for the first weights stands in `unit_09_vanishing_gradients_weights`, inputs and
gradients in `unit_09_vanishing_gradients_scaling`.
Sources: 000 vanishing gradient, 002 vanishing and exploding, scale kept per layer, 003 saturation.
"""

from collections.abc import Callable
from functools import cache, reduce
from itertools import product

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import POINTS, Case, Exercise
from bplib.exercises.families import Family

# --- derive: a bound along one path --------------------------------------------------------------


def _one_by_one(w: float, error: float, slope: float) -> float:
    """BP2 between two layers of one unit each."""
    return float(nn.hidden_error(np.array([[w]]), np.array([error]), np.array([slope]))[0])


def _path_bound(a: Array, w: Array, delta_top: float) -> tuple[Array, ...]:
    """BP2 unit by unit down a path, with the slopes as they are, and with the steepest ones."""
    slopes, steepest = a * (1 - a), float(nn.d_sigmoid(0.0))
    pairs = list(zip(w, slopes, strict=True))
    return (
        np.array([_one_by_one(v, 1.0, slope) for v, slope in pairs]),
        np.array(reduce(lambda error, pair: _one_by_one(pair[0], error, pair[1]), pairs, delta_top)),
        np.array([_one_by_one(abs(v), 1.0, steepest) for v, _ in pairs]),
        np.array(reduce(lambda e, pair: _one_by_one(abs(pair[0]), e, steepest), pairs, abs(delta_top))),
        np.array(reduce(lambda e, _: _one_by_one(1.0, e, steepest), pairs, abs(delta_top))),
    )  # fmt: skip


path_bound = Exercise(
    id="09.path_bound",
    title="A quarter at every step",
    call="path_bound(a, w, delta_top)",
    returns={
        "factors": "(k,)",
        "delta_bottom": "()",
        "largest": "(k,)",
        "bound": "()",
        "quarters": "()",
    },
    equation="the (1/4)^L bound",
    reference=_path_bound,
    points=5,
    by_line=True,
    # One path through one unit per layer: there is no mini-batch, and there are no widths.
    families=("ordinary", "one-example", "exact-zeros", "saturated", "linear", "zero-upstream"),
    sentences={
        "ordinary": "a path through several sigmoid units",
        "one-example": "a path with a single unit on it",
        "exact-zeros": "some units on the path have z = 0, where a sigmoid is steepest",
        "saturated": "most units on the path are saturated",
        "linear": "all units on the path are near z = 0",
        "zero-upstream": "no error arrives at the top of the path",
    },
    visible=("ordinary",),
    notice="The bound is reached only if every z on the path is 0: in practice it is far worse.",
)


@path_bound.cases
def draw_path(rng: Generator, family: Family) -> Case:
    """Sigmoid units one above the other, the weight that leaves each, and the error at the top."""
    k = 1 if family.one_example else int(rng.choice((2, 3, 5)))
    z = family.weighted_inputs(rng, (k,))
    return Case(
        inputs=dict(
            a=nn.sigmoid(z),
            w=rng.choice([-1, 1], k) * rng.uniform(0.4, 4.0, k),
            delta_top=float(family.upstream(rng, (1,))[0]),
        ),
        m=1,
        hidden=dict(z=z),
    )


@path_bound.numeric
def nudge_the_bottom(a: Array, w: Array, delta_top: float, *, z: Array) -> tuple[Array, ...]:
    """Nudge every z, then the lowest alone, and watch the top; search for the steepest place.

    `a` runs from the top down. Each unit above is centered on its own z, whatever arrives.
    """
    everywhere = np.linspace(-8, 8, 33)
    steepest = np.diag(numeric.jacobian(nn.sigmoid, everywhere, batched=True)).max()

    def top(z_bottom: Array) -> complex:
        moved = z_bottom[0] - z[-1]
        for v, rest in zip(w[::-1], z[::-1]):
            moved = v * (nn.sigmoid(rest + moved) - nn.sigmoid(rest))
        return complex(delta_top * moved)

    largest = np.abs(w) * steepest
    return (
        np.diag(numeric.jacobian(lambda z: w * nn.sigmoid(z), z, batched=True)),
        numeric.complex_step(top, z[-1:])[0],  # a small slope times a small slope: digits matter
        largest,
        np.abs(delta_top) * np.exp(np.log(largest).sum()),
        np.abs(delta_top) * np.exp(len(w) * np.log(steepest)),
    )


@path_bound.style("vectorized")
def _(a, w, delta_top):
    factors = w * a * (1 - a)
    delta_bottom = delta_top * np.prod(factors)
    largest = np.abs(w) / 4
    bound = abs(delta_top) * np.prod(largest)
    quarters = abs(delta_top) / 4 ** len(w)
    return factors, delta_bottom, largest, bound, quarters


@path_bound.style("loops")
def _(a, w, delta_top):
    factors, largest = [], []
    delta, bound, quarters = delta_top, abs(delta_top), abs(delta_top)
    for height, weight in zip(a, w):
        factors.append((height - height**2) * weight)
        largest.append(0.25 * abs(weight))
        delta *= factors[-1]
        bound *= largest[-1]
        quarters *= 0.25
    return factors, delta, largest, bound, quarters


@path_bound.style("distance from a half")
def _(a, w, delta_top):
    slopes = 0.25 - (a - 0.5) ** 2
    largest = 0.25 * np.sqrt(w**2)
    return (
        slopes * w,
        delta_top * np.prod(slopes) * np.prod(w),
        largest,
        np.abs(delta_top) * np.prod(np.abs(w)) * 0.25**a.size,
        np.abs(delta_top) * 0.25**a.size,
    )


@path_bound.style("in place")
def _(a, w, delta_top):
    slopes = a - a * a
    slopes *= w
    largest = np.abs(w)
    largest *= 0.25
    size = np.abs(delta_top)
    return slopes, slopes.prod() * delta_top, largest, largest.prod() * size, size * 4.0 ** -len(w)


@path_bound.style("step by step")
def _(a, w, delta_top):
    factors = [weight * height * (1 - height) for height, weight in zip(a, w)]
    largest = [abs(weight) / 4 for weight in w]
    ways = (factors, largest, [0.25] * len(w))
    tops = (delta_top, abs(delta_top), abs(delta_top))
    delta, bound, quarters = (np.cumprod([top] + way)[-1] for top, way in zip(tops, ways))
    return factors, delta, largest, bound, quarters


path_bound.slip("hidden-slope-missing", ("factors = w * a * (1 - a)", "factors = w"))
path_bound.slip("absolute-weights", ("factors = w *", "factors = np.abs(w) *"))
path_bound.slip(
    "sum-along-the-path",
    ("delta_top * np.prod(factors)", "delta_top * np.sum(factors)"),
    ("np.prod(largest)", "np.sum(largest)"),
    ("4 ** len(w)", "4 * len(w)"),
)


# --- derive: the spread of a weighted input -------------------------------------------------------


def coin_variance(terms: int, spread: float, size: float) -> float:
    """The mean of z² over all outcomes, if every weight is +spread or −spread by a fair coin.

    z is the sum of `terms` weights times activations, all of which have the square `size`.
    """
    signs = all_outcomes(terms)
    return float(
        np.mean(nn.weighted_input_batch(spread * signs[:1], [0.0], signs * size**0.5) ** 2)
    )


@cache
def all_outcomes(terms: int) -> Array:
    """Every way in which coins can fall, as signs: (2**terms, terms). Kept, so do not change it."""
    return np.array(list(product((-1.0, 1.0), repeat=terms)))


def root(f: Callable[[float], float], low: float = 1e-4, high: float = 1e2) -> float:
    """Where a rising function of a positive number is zero, by bisection."""
    for _ in range(56):  # from a factor of a million down to the last digit
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if f(middle) > 0 else (middle, high)
    return low


def coin_spread(terms: int, size: float, target: float) -> float:
    """The spread of coin weights for which the mean of z² is the target (see `coin_variance`)."""
    return root(lambda spread: coin_variance(terms, spread, size) - target)


def keeping_spread(draw: nn.initializers.Initializer, n_out: float, n_in: float) -> float:
    """The standard deviation that an initializer of the library gives its weights."""
    W, _ = draw(np.random.default_rng(0), int(n_out), int(n_in))
    draws = np.random.default_rng(0).standard_normal(W.shape)
    return float(np.linalg.norm(W) / np.linalg.norm(draws))


def _layer_variance(n_in: Array, spread: Array, q: Array, depth: Array) -> tuple[Array, ...]:
    """The mean square of z; a square layer with Glorot's weights is one that keeps it."""
    term = nn.weighted_input_batch((spread**2)[:, None], np.zeros(POINTS), q[:, None]).diagonal()
    gain = n_in * spread**2
    keeping = np.array([keeping_spread(nn.glorot, n, n) for n in n_in])
    return term, term * n_in, keeping, q * gain**depth


layer_variance = Exercise(
    id="09.layer_variance",
    title="How large is a sum of many small things?",
    call="layer_variance(n_in, spread, q, depth)",
    returns={"term": "(p,)", "variance": "(p,)", "keeping": "(p,)", "after": "(p,)"},
    equation="variance of z",
    reference=_layer_variance,
    points=4,
    by_line=True,
    # It is about averages over the weights: no examples, no activations, no errors.
    families=("ordinary", "equal-widths", "linear"),
    sentences={
        "ordinary": "layers of several units",
        "equal-widths": "weights whose spread is just right for their layer",
        "linear": "tiny weights",
    },
    visible=("ordinary",),
    notice="Spread above 1/√n explodes with depth, below it vanishes: there is no third way.",
)


@layer_variance.cases
def draw_layers(rng: Generator, family: Family) -> Case:
    """Four layers: their inputs, the spread of their weights, and how many of them in a row."""
    n_in = rng.choice((2, 3, 5, 6, 7), POINTS, replace=False).astype(np.float64)
    spread = rng.uniform(0.15, 1.5, POINTS)
    if family.equal_widths:
        spread = 1 / np.sqrt(n_in)
    if family.regime == "linear":
        spread = spread / 10
    depth = rng.integers(2, 5, POINTS).astype(np.float64)
    return Case(
        inputs=dict(n_in=n_in, spread=spread, q=rng.uniform(0.2, 3.0, POINTS), depth=depth), m=1
    )


@layer_variance.numeric
def toss_the_weights(n_in: Array, spread: Array, q: Array, depth: Array) -> Array:
    """Go through all outcomes of weights that are tossed by a fair coin; search for the spread."""
    lines = []
    for n, s, size, layers in zip(n_in.astype(int), spread, q, depth.astype(int), strict=True):
        after = size
        for _ in range(layers):
            after = coin_variance(n, s, after)
        keeping = coin_spread(n, size, size)
        lines.append((coin_variance(1, s, size), coin_variance(n, s, size), keeping, after))
    return np.array(lines).T


@layer_variance.style("vectorized")
def _(n_in, spread, q, depth):
    term = spread**2 * q
    variance = n_in * term
    keeping = 1 / np.sqrt(n_in)
    after = q * (n_in * spread**2) ** depth
    return term, variance, keeping, after


@layer_variance.style("loops")
def _(n_in, spread, q, depth):
    lines = [[], [], [], []]
    for n, s, size, layers in zip(n_in, spread, q, depth):
        lines[0].append(s * s * size)
        lines[1].append(n * s * s * size)
        lines[2].append((1 / n) ** 0.5)
        for _ in range(int(layers)):
            size = n * s**2 * size
        lines[3].append(size)
    return lines


@layer_variance.style("ratio to the right spread")
def _(n_in, spread, q, depth):
    keeping = n_in**-0.5
    ratio = (spread / keeping) ** 2
    return q * spread**2, ratio * q, keeping, np.power(ratio, depth) * q


@layer_variance.style("in place")
def _(n_in, spread, q, depth):
    term = np.square(spread)
    gain = term * n_in
    term *= q
    gain **= depth
    gain *= q
    return term, np.multiply(n_in, term), np.sqrt(1 / n_in), gain


@layer_variance.style("logarithms")
def _(n_in, spread, q, depth):
    term = np.exp(2 * np.log(spread) + np.log(q))
    after = np.exp(np.log(q) + depth * (np.log(n_in) + 2 * np.log(spread)))
    return term, term * n_in, np.exp(-np.log(n_in) / 2), after


layer_variance.slip(
    "variance-for-spread",
    ("term = spread**2 * q", "term = spread * q"),
    ("1 / np.sqrt(n_in)", "1 / n_in"),
    ("(n_in * spread**2)", "(n_in * spread)"),
)
layer_variance.slip(
    "spreads-added",
    ("variance = n_in * term", "variance = n_in**2 * term"),
    ("1 / np.sqrt(n_in)", "1 / n_in"),
    ("(n_in * spread**2)", "(n_in * spread) ** 2"),
)
layer_variance.slip(
    "sum-along-the-path", ("(n_in * spread**2) ** depth", "n_in * spread**2 * depth")
)
