# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 09, second part: the first weights that keep the scale, derived and coded (Glorot, He).

Randomness is an input: numbers from N(0, 1) are given, and a function does not draw them.
Sources: 002 initialization, scale kept per layer; Glorot and Bengio 2010; He et al. 2015.
"""

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import POINTS, Case, Exercise
from bplib.exercises.families import Family
from bplib.exercises.unit_09_vanishing_gradients import (
    coin_spread,
    coin_variance,
    keeping_spread,
    root,
)

# --- derive: forward and backward ----------------------------------------------------------------


def _two_ways(n_in: Array, n_out: Array) -> tuple[Array, ...]:
    """Glorot's variances; for a square layer he has nothing to compromise about."""
    forward = np.array([keeping_spread(nn.glorot, n, n) ** 2 for n in n_in])
    backward = np.array([keeping_spread(nn.glorot, n, n) ** 2 for n in n_out])
    both = np.array([keeping_spread(nn.glorot, j, k) ** 2 for j, k in zip(n_out, n_in)])
    return forward, backward, both, n_in * both, n_out * both


two_ways = Exercise(
    id="09.two_ways",
    title="One weight, two ways",
    call="two_ways(n_in, n_out)",
    returns={
        "forward": "(p,)",
        "backward": "(p,)",
        "both": "(p,)",
        "gain_forward": "(p,)",
        "gain_backward": "(p,)",
    },
    equation="Glorot",
    reference=_two_ways,
    points=5,
    by_line=True,
    # Only the numbers of units on the two sides matter.
    families=("ordinary", "equal-widths"),
    sentences={
        "ordinary": "layers with different numbers of units below and above",
        "equal-widths": "layers with as many units above as below",
    },
    visible=("ordinary",),
    notice="The two gains always add up to 2: what is lost on one way is won on the other.",
)


@two_ways.cases
def draw_widths(rng: Generator, family: Family) -> Case:
    """Four layers by the numbers of units below and above."""
    n_in = rng.choice((2, 3, 4, 5, 6, 7, 8), POINTS, replace=False).astype(np.float64)
    n_out = n_in.copy() if family.equal_widths else np.roll(n_in, int(rng.integers(1, POINTS)))
    return Case(inputs=dict(n_in=n_in, n_out=n_out), m=1)


@two_ways.numeric
def toss_both_ways(n_in: Array, n_out: Array) -> Array:
    """All outcomes of coin weights: search for the variance that keeps z, the error, and the mean.

    A weighted input sums over the units below, the error of a unit below over the units above.
    """

    def one_layer(below: int, above: int) -> tuple[float, ...]:
        def gains(v: float) -> tuple[float, float]:
            return coin_variance(below, v**0.5, 1.0), coin_variance(above, v**0.5, 1.0)

        both = root(lambda v: sum(gains(v)) / 2 - 1)
        up, down = coin_spread(below, 1.0, 1.0), coin_spread(above, 1.0, 1.0)
        return up**2, down**2, both, *gains(both)

    widths = zip(n_in.astype(int), n_out.astype(int), strict=True)
    return np.array([one_layer(below, above) for below, above in widths]).T


@two_ways.style("vectorized")
def _(n_in, n_out):
    forward = 1 / n_in
    backward = 1 / n_out
    both = 2 / (n_in + n_out)
    gain_forward = n_in * both
    gain_backward = n_out * both
    return forward, backward, both, gain_forward, gain_backward


@two_ways.style("loops")
def _(n_in, n_out):
    lines = []
    for below, above in zip(n_in, n_out):
        middle = (below + above) / 2
        lines.append((1 / below, 1 / above, 1 / middle, below / middle, above / middle))
    return [list(line) for line in zip(*lines)]


@two_ways.style("harmonic mean")
def _(n_in, n_out):
    up, down = n_in**-1, n_out**-1
    both = 2 * up * down / (up + down)
    return up, down, both, both / up, 2 - both / up


@two_ways.style("direct")
def _(n_in, n_out):
    mean = 0.5 * (n_in + n_out)
    return n_in**-1, n_out**-1, mean**-1, n_in / mean, n_out / mean


@two_ways.style("in place")
def _(n_in, n_out):
    share = n_in / (n_in + n_out)
    share *= 2
    return np.reciprocal(n_in), np.reciprocal(n_out), share / n_in, share, 2 - share


two_ways.slip("wrong-fan", ("forward = 1 / n_in", "forward = 1 / n_out"),
              ("backward = 1 / n_out", "backward = 1 / n_in"),
              ("gain_forward = n_in * both", "gain_forward = n_out * both"),
              ("gain_backward = n_out * both", "gain_backward = n_in * both"))  # fmt: skip
two_ways.slip(
    "variance-for-spread",
    ("forward = 1 / n_in", "forward = 1 / np.sqrt(n_in)"),
    ("backward = 1 / n_out", "backward = 1 / np.sqrt(n_out)"),
    ("both = 2 / (n_in + n_out)", "both = np.sqrt(2 / (n_in + n_out))"),
)


# --- derive: what ReLU takes away ----------------------------------------------------------------


def _relu_half(n_in: Array, spread: Array, v: Array, depth: Array) -> tuple[Array, ...]:
    """ReLU of a z that is +√v or −√v; He's spread; and He's variance against 1/n_in."""
    q = np.mean([nn.relu(np.sqrt(v)) ** 2, nn.relu(-np.sqrt(v)) ** 2], axis=0)
    keeping = np.array([keeping_spread(nn.he, 1, n) for n in n_in])
    return q, n_in * spread**2 * q, keeping, (1 / (n_in * keeping**2)) ** depth


relu_half = Exercise(
    id="09.relu_half",
    title="What ReLU takes away",
    call="relu_half(n_in, spread, v, depth)",
    returns={"q": "(p,)", "variance": "(p,)", "keeping": "(p,)", "left": "(p,)"},
    equation="He",
    reference=_relu_half,
    points=4,
    by_line=True,
    # It is about averages over the weights: no examples, no errors.
    families=("ordinary", "equal-widths", "linear"),
    sentences={
        "ordinary": "layers of several ReLU units",
        "equal-widths": "weights with the spread 1/√n, which ignores the ReLU",
        "linear": "tiny weights",
    },
    visible=("ordinary",),
    notice="Twenty layers with 1/√n leave a millionth of the variance: the 2 is not a detail.",
)


@relu_half.cases
def draw_relu_layers(rng: Generator, family: Family) -> Case:
    """Four ReLU layers: inputs, spread of the weights, variance of z below, layers in a row."""
    n_in = rng.choice((2, 3, 5, 6, 7), POINTS, replace=False).astype(np.float64)
    spread = 1 / np.sqrt(n_in) if family.equal_widths else rng.uniform(0.15, 1.5, POINTS)
    if family.regime == "linear":
        spread = spread / 10
    depth = rng.integers(2, 7, POINTS).astype(np.float64)
    return Case(
        inputs=dict(n_in=n_in, spread=spread, v=rng.uniform(0.2, 3.0, POINTS), depth=depth), m=1
    )


@relu_half.numeric
def average_over_a_symmetric_z(n_in: Array, spread: Array, v: Array, depth: Array) -> Array:
    """Spread z evenly around 0 with the variance v, cut it off, and toss the weights above."""
    even = np.linspace(-1, 1, 2001)
    even /= even.std()

    def through_relu(variance: float) -> float:
        return float(np.mean(np.where(even > 0, np.sqrt(variance) * even, 0) ** 2))

    lines = []
    for n, s, below, layers in zip(n_in.astype(int), spread, v, depth.astype(int), strict=True):
        keeping = coin_spread(n, through_relu(below), below)
        left = 1.0
        for _ in range(layers):
            left = coin_variance(n, n**-0.5, through_relu(left))
        q = through_relu(below)
        lines.append((q, coin_variance(n, s, q), keeping, left))
    return np.array(lines).T


@relu_half.style("vectorized")
def _(n_in, spread, v, depth):
    q = v / 2
    variance = n_in * spread**2 * q
    keeping = np.sqrt(2 / n_in)
    left = 0.5**depth
    return q, variance, keeping, left


@relu_half.style("loops")
def _(n_in, spread, v, depth):
    lines = [[], [], [], []]
    for n, s, below, layers in zip(n_in, spread, v, depth):
        lines[0].append(below / 2)
        lines[1].append(n * s * s * below / 2)
        lines[2].append((n / 2) ** -0.5)
        lines[3].append(1 / 2**layers)
    return lines


@relu_half.style("powers of two")
def _(n_in, spread, v, depth):
    half = 0.5 * v
    return half, half * n_in * np.square(spread), np.sqrt(2) / np.sqrt(n_in), np.exp2(-depth)


@relu_half.style("in place")
def _(n_in, spread, v, depth):
    left = np.full(len(depth), 0.5)
    left **= depth
    v *= 0.5
    return v, np.multiply(spread * spread, n_in) * v, (n_in / 2) ** -0.5, left


@relu_half.style("logarithms")
def _(n_in, spread, v, depth):
    half = v * 2**-1
    variance = np.exp(np.log(n_in) + 2 * np.log(spread) + np.log(half))
    return half, variance, np.exp(np.log(2 / n_in) / 2), np.exp(-depth * np.log(2))


relu_half.slip(
    "relu-half-forgotten",
    ("q = v / 2", "q = v"),
    ("np.sqrt(2 / n_in)", "np.sqrt(1 / n_in)"),
    ("0.5**depth", "1.0**depth"),
)
relu_half.slip(
    "variance-for-spread",
    ("n_in * spread**2 * q", "n_in * spread * q"),
    ("np.sqrt(2 / n_in)", "2 / n_in"),
)
relu_half.slip("sum-along-the-path", ("0.5**depth", "0.5 / depth"))


# --- code: the two ways to start -----------------------------------------------------------------


def draw_numbers(rng: Generator, family: Family) -> Case:
    """Numbers from N(0, 1), one for each weight of a layer."""
    _, n_in, n_out = family.sizes(rng, 2)
    return Case(inputs=dict(draws=rng.normal(size=(1 if family.one_example else n_out, n_in))), m=1)


SENTENCES = {
    "ordinary": "a layer with different numbers of units below and above",
    "one-example": "a layer of a single unit",
    "equal-widths": "as many units above as below",
}

glorot = Exercise(
    id="09.glorot",
    title="Glorot's weights",
    call="glorot(draws)",
    returns={"W": "(n_out, n_in)"},
    equation="Glorot",
    reference=lambda draws: keeping_spread(nn.glorot, *draws.shape) * draws,
    points=2,
    # Only the sizes of the layer matter: no examples, no activations, no errors.
    families=tuple(SENTENCES),
    sentences=SENTENCES,
    notice="A compromise: with different numbers of units no spread suits both ways.",
)
glorot.cases(draw_numbers)

he = Exercise(
    id="09.he",
    title="He's weights",
    call="he(draws)",
    returns={"W": "(n_out, n_in)"},
    equation="He",
    reference=lambda draws: keeping_spread(nn.he, *draws.shape) * draws,
    points=2,
    families=tuple(SENTENCES),
    sentences=SENTENCES,
    notice="The layer's own number of units does not occur: a sum is as long as what enters it.",
)
he.cases(draw_numbers)


def _terms(shape: tuple[int, ...]) -> tuple[float, float]:
    """How strongly a weighted input, and a blame, feel one nudge of all their weights: Σ (∂/∂w)²."""
    n_out, n_in = shape
    up = numeric.gradient(lambda w: w @ np.ones(n_in), np.zeros(n_in))
    down = numeric.gradient(lambda w: w @ np.ones(n_out), np.zeros(n_out))
    return float(np.sum(up**2)), float(np.sum(down**2))


@glorot.numeric
def gains_that_average_to_one(draws: Array) -> Array:
    """Search for the spread whose gains, up and down, have the mean 1 (errors propagate as Σ)."""
    up, down = _terms(draws.shape)
    return draws * root(lambda t: (up * t * t + down * t * t) / 2 - 1)


@he.numeric
def gain_of_one_after_relu(draws: Array) -> Array:
    """Search for the spread that keeps the variance of z, half of which ReLU has cut off."""
    up, _ = _terms(draws.shape)
    return draws * root(lambda t: up * t * t * np.mean(nn.relu(np.array([-1.0, 1.0])) ** 2) - 1)


@glorot.style("vectorized")
def _(draws):
    n_out, n_in = draws.shape
    return np.sqrt(2 / (n_in + n_out)) * draws


@glorot.style("sum of the shape")
def _(draws):
    return draws * (2 / sum(draws.shape)) ** 0.5


@glorot.style("loops")
def _(draws):
    n_out, n_in = draws.shape
    W = np.zeros((n_out, n_in))
    for j in range(n_out):
        for k in range(n_in):
            W[j, k] = draws[j, k] / ((n_in + n_out) / 2) ** 0.5
    return W


@glorot.style("in place")
def _(draws):
    draws /= np.sqrt(np.mean(draws.shape))
    return draws


@glorot.style("row by row")
def _(draws):
    spread = (sum(draws.shape) / 2) ** -0.5
    return [spread * row for row in draws]


@he.style("vectorized")
def _(draws):
    n_out, n_in = draws.shape
    return np.sqrt(2 / n_in) * draws


@he.style("length of a row")
def _(draws):
    return draws * (2 / len(draws[0])) ** 0.5


@he.style("loops")
def _(draws):
    W = []
    for row in draws:
        W.append([number / (len(row) / 2) ** 0.5 for number in row])
    return W


@he.style("einsum")
def _(draws):
    return np.einsum("jk,->jk", draws, (2 / draws.shape[1]) ** 0.5)


@he.style("in place")
def _(draws):
    draws /= np.sqrt(draws.shape[1] / 2)
    return draws


glorot.slip("wrong-fan", ("n_in + n_out)", "n_out + n_out)"))
glorot.slip("variance-for-spread", ("np.sqrt(2 / (n_in + n_out))", "2 / (n_in + n_out)"))
he.slip("wrong-fan", ("2 / n_in", "2 / n_out"))
he.slip("variance-for-spread", ("np.sqrt(2 / n_in)", "2 / n_in"))
he.slip("relu-half-forgotten", ("2 / n_in", "1 / n_in"))
for _exercise in (glorot, he):
    _exercise.slip("symmetric-init", ("* draws", "* (0 * draws + draws[0])"))
