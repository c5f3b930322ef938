# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 06, first part: the error of a difference in h, the best h, and what a gradient costs.

The code tasks stand in `unit_06_gradient_checking_code` and `unit_06_gradient_checking_verdict`.
Sources: 001 numerical gradient ("Slooooow"), 002 numerical against analytical, 003 a million passes.
"""

from fractions import Fraction

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family

POINTS = 4

# --- derive: the error of a difference -----------------------------------------------------------


def _errors_of_cubic(d1: Array, d2: Array, d3: Array, h: Array) -> tuple[Array, ...]:
    """The differences of the cubic with these derivatives at 0, and what they miss."""
    lines = []
    for first, second, third, step in zip(d1, d2, d3, h, strict=True):

        def cubic(x: Array, a: float = first, b: float = second, c: float = third) -> float:
            return float(a * x[0] + b * x[0] ** 2 / 2 + c * x[0] ** 3 / 6)

        forward = numeric.forward_difference(cubic, np.zeros(1), step)[0]
        central = numeric.central_difference(cubic, np.zeros(1), step)[0]
        lines.append(
            (forward * step, (2 * central - forward) * step, forward - first, central - first)
        )
    up, down, forward_error, central_error = np.array(lines).T
    return up, down, forward_error, central_error


difference_errors = Exercise(
    id="06.difference_errors",
    title="What a difference misses",
    call="difference_errors(d1, d2, d3, h)",
    returns={"up": "(p,)", "down": "(p,)", "forward_error": "(p,)", "central_error": "(p,)"},
    equation="Taylor",
    reference=_errors_of_cubic,
    points=4,
    by_line=True,
    # A curve at some points: there are no examples, widths, units or errors from above.
    families=("ordinary", "exact-zeros", "linear"),
    sentences={
        "ordinary": "some cubic curves",
        "exact-zeros": "some third derivatives are exactly zero",
        "linear": "the curves are straight lines, or nearly",
    },
    visible=("ordinary",),
    notice="The h² term of the two sides cancels: that is all the second value of f buys, and it is a lot.",
)


@difference_errors.cases
def draw_curves(rng: Generator, family: Family) -> Case:
    """Four cubics by their derivatives at a point, and a step for each."""
    d1, d2, d3 = rng.normal(size=(3, POINTS))
    if family.regime == "zeros":
        d3[: 1 + int(rng.integers(POINTS - 1))] = 0.0
    if family.regime == "linear":
        d2, d3 = 0.01 * d2, 0.01 * d3
    return Case(inputs=dict(d1=d1, d2=d2, d3=d3, h=rng.uniform(0.05, 1.0, POINTS)), m=1)


@difference_errors.numeric
def exact_differences(d1: Array, d2: Array, d3: Array, h: Array) -> Array:
    """The same cubics in exact fractions, evaluated on both sides: nothing is rounded."""
    lines = []
    for a, b, c, step in (map(Fraction, point) for point in zip(d1, d2, d3, h, strict=True)):
        above, below = (a * t + b * t * t / 2 + c * t**3 / 6 for t in (step, -step))
        lines.append((above, -below, above / step - a, (above - below) / (2 * step) - a))
    return np.array(lines, np.float64).T


@difference_errors.style("vectorized")
def _(d1, d2, d3, h):
    up = d1 * h + d2 * h**2 / 2 + d3 * h**3 / 6
    down = d1 * h - d2 * h**2 / 2 + d3 * h**3 / 6
    forward_error = d2 * h / 2 + d3 * h**2 / 6
    central_error = d3 * h**2 / 6
    return up, down, forward_error, central_error


@difference_errors.style("step by step")
def _(d1, d2, d3, h):
    odd, even = h * (d1 + h * h * d3 / 6), 0.5 * d2 * h * h
    return odd + even, odd - even, (odd + even) / h - d1, odd / h - d1


@difference_errors.style("loops")
def _(d1, d2, d3, h):
    lines = []
    for a, b, c, t in zip(d1, d2, d3, h):
        lines.append(
            (
                a * t + b * t**2 / 2 + c * t**3 / 6,
                a * t - b * t**2 / 2 + c * t**3 / 6,
                b * t / 2 + c * t**2 / 6,
                c * t**2 / 6,
            )
        )
    return list(np.array(lines).T)


@difference_errors.style("in place")
def _(d1, d2, d3, h):
    third = d3 / 6
    third *= h**2
    second = d2 * h / 2
    d1 += third
    return h * (d1 + second), h * (d1 - second), second + third, third


@difference_errors.style("as a polynomial")
def _(d1, d2, d3, h):
    up = ((d3 / 6 * h + d2 / 2) * h + d1) * h
    down = -((-d3 / 6 * h + d2 / 2) * -h + d1) * -h
    return up, down, up / h - d1, (up + down) / (2 * h) - d1


difference_errors.slip(
    "one-sided", ("central_error = d3 * h**2 / 6", "central_error = forward_error")
)
difference_errors.slip(
    "sign-flipped", ("down = d1 * h - d2 * h**2 / 2 + d3 * h**3 / 6", "down = -up + d2 * h**2")
)


# --- derive: the best step -----------------------------------------------------------------------


def _best_step(F: Array, d3: Array, eps: Array, h: Array) -> tuple[Array, ...]:
    """The two errors of a central difference, and the bottom of the V that their sum makes."""
    best_h = np.cbrt(3 * eps * F / d3)
    return eps * F / h, d3 * h**2 / 6, best_h, eps * F / best_h + d3 * best_h**2 / 6


best_step = Exercise(
    id="06.best_step",
    title="Rounding against truncation",
    call="best_step(F, d3, eps, h)",
    returns={"rounding": "(p,)", "truncation": "(p,)", "best_h": "(p,)", "least": "(p,)"},
    equation="the V curve",
    reference=_best_step,  # formulas: no library function holds them; the oracle finds the minimum
    points=4,
    by_line=True,
    # One curve: no examples, widths, units or errors from above.
    families=("ordinary", "linear"),
    sentences={
        "ordinary": "functions rounded to a few digits",
        "linear": "functions that hardly bend, so that large steps pay",
    },
    visible=("ordinary",),
    notice="In float64 eps is 2e-16, so the best h of a central difference is about 1e-5.",
)


@best_step.cases
def draw_errors(rng: Generator, family: Family) -> Case:
    """Sizes of f, third derivatives, relative rounding errors (as of a pocket calculator), steps."""
    d3 = rng.uniform(0.5, 4.0, POINTS) * (0.01 if family.regime == "linear" else 1.0)
    eps = rng.integers(1, 100, POINTS) * 1e-4
    return Case(
        inputs=dict(
            F=rng.uniform(0.5, 4.0, POINTS), d3=d3, eps=eps, h=rng.uniform(0.05, 1.0, POINTS)
        ),
        m=1,
    )


@best_step.numeric
def search_the_bottom(F: Array, d3: Array, eps: Array, h: Array) -> tuple[Array, ...]:
    """Take the differences of a cubic; find where the total error stops falling, by bisection."""

    def cubic(x: Array) -> Array:
        return d3 * x**3 / 6

    def truncation(t: Array) -> Array:
        """The central difference at 0, where the slope of the cubic is 0: all of it is error."""
        return (cubic(t) - cubic(-t)) / (2 * t)

    def total(t: Array) -> Array:
        # two values, each off by up to eps·F, divided by the distance of the probes
        return (eps * F + eps * F) / (2 * t) + truncation(t)

    low, high = np.full(POINTS, 1e-3), np.full(POINTS, 1e3)
    for _ in range(36):  # from a factor of a million to 1e-9; rounding hides what is closer
        middle = np.sqrt(low * high)
        falls = total(1.0001 * middle) < total(middle / 1.0001)
        low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    return total(h) - truncation(h), truncation(h), low, total(low)


@best_step.style("vectorized")
def _(F, d3, eps, h):
    rounding = eps * F / h
    truncation = d3 * h**2 / 6
    best_h = (3 * eps * F / d3) ** (1 / 3)
    least = eps * F / best_h + d3 * best_h**2 / 6
    return rounding, truncation, best_h, least


@best_step.style("cube roots")
def _(F, d3, eps, h):
    noise = F * eps
    bottom = np.cbrt(3 * noise / d3)
    return noise / h, h * h * d3 / 6, bottom, d3 * bottom**2 / 2


@best_step.style("loops")
def _(F, d3, eps, h):
    lines = [[], [], [], []]
    for size, third, e, step in zip(F, d3, eps, h):
        bottom = (3 * e * size / third) ** (1 / 3)
        lines[0].append(2 * e * size / (2 * step))
        lines[1].append(third * step**2 / 6)
        lines[2].append(bottom)
        lines[3].append(1.5 * e * size / bottom)
    return lines[0], lines[1], lines[2], lines[3]


@best_step.style("logarithms")
def _(F, d3, eps, h):
    noise = eps * F
    bottom = np.exp((np.log(3 * noise) - np.log(d3)) / 3)
    return noise / h, d3 / 6 * h**2, bottom, 1.5 * noise / bottom


@best_step.style("in place")
def _(F, d3, eps, h):
    eps *= F
    rounding, truncation = eps / h, np.square(h) * d3 / 6
    best_h = np.power(3 * eps / d3, 1 / 3)
    eps /= best_h
    eps *= 1.5
    return rounding, truncation, best_h, eps


best_step.slip("step-too-small", ("(3 * eps * F / d3) ** (1 / 3)", "eps"))
best_step.slip("one-sided", ("(3 * eps * F / d3) ** (1 / 3)", "(3 * eps * F / d3) ** (1 / 2)"))


# --- derive: the price ---------------------------------------------------------------------------


def _price(n_prev: Array, n: Array, seconds: Array) -> tuple[Array, ...]:
    """Count the parameters of real layers, then the passes."""
    layers = [nn.init_normal([int(k), int(j)], 1.0, 0)[0] for k, j in zip(n_prev, n, strict=True)]
    parameters = np.array([float(W.size + b.size) for W, b in layers])
    return parameters, parameters + 1, 2 * parameters, 2 * parameters * seconds


price = Exercise(
    id="06.price",
    title="The price of one gradient",
    call="price(n_prev, n, seconds)",
    returns={
        "parameters": "(p,)",
        "forward_passes": "(p,)",
        "central_passes": "(p,)",
        "wait": "(p,)",
    },
    equation="a pass per weight",
    reference=_price,
    points=2,
    by_line=True,
    # Counting depends on the sizes of layers alone.
    families=("ordinary", "one-example"),
    sentences={"ordinary": "layers of several units", "one-example": "layers of a single unit"},
    visible=("ordinary",),
    notice="Backpropagation has the price of about three passes, whatever the number of weights.",
)


@price.cases
def draw_layers(rng: Generator, family: Family) -> Case:
    """Three layers by their sizes, and the seconds that one forward pass takes."""
    n_prev, n = rng.integers(2, 8, size=(2, POINTS - 1)).astype(np.float64)
    if family.one_example:
        n = np.ones_like(n)
    return Case(inputs=dict(n_prev=n_prev, n=n, seconds=rng.uniform(0.01, 2.0, POINTS - 1)), m=1)


@price.numeric
def count_the_calls(n_prev: Array, n: Array, seconds: Array) -> Array:
    """Run the differences on a layer with a counter in its cost."""
    lines = []
    for below, units, second in zip(n_prev.astype(int), n.astype(int), seconds, strict=True):
        size, calls = below * units + units, [0]

        def cost(x: Array, calls: list = calls, shape: tuple = (units, below)) -> float:
            calls[0] += 1
            W, b = x[: shape[0] * shape[1]].reshape(shape), x[shape[0] * shape[1] :]
            return float(np.sum(np.tanh(W @ np.ones(shape[1]) + b)))

        slope = numeric.forward_difference(cost, np.zeros(size), 0.1)
        one_sided = calls[0]
        numeric.central_difference(cost, np.zeros(size), 0.1)
        two_sided = calls[0] - one_sided
        lines.append((np.count_nonzero(slope), one_sided, two_sided, two_sided * second))
    return np.array(lines, np.float64).T


@price.style("vectorized")
def _(n_prev, n, seconds):
    parameters = n * n_prev + n
    forward_passes = parameters + 1
    central_passes = 2 * parameters
    wait = central_passes * seconds
    return parameters, forward_passes, central_passes, wait


@price.style("direct")
def _(n_prev, n, seconds):
    p = (n_prev + 1) * n
    return p, 1 + p, p + p, seconds * 2 * p


@price.style("loops")
def _(n_prev, n, seconds):
    lines = [[], [], [], []]
    for k, j, s in zip(n_prev, n, seconds):
        p = j * k + j
        for line, value in zip(lines, (p, p + 1, 2 * p, 2 * p * s)):
            line.append(value)
    return lines[0], lines[1], lines[2], lines[3]


@price.style("in place")
def _(n_prev, n, seconds):
    n_prev += 1
    n_prev *= n
    seconds *= 2 * n_prev
    return n_prev, n_prev + 1, 2 * n_prev, seconds


@price.style("tables")
def _(n_prev, n, seconds):
    layers = [np.zeros((int(j), int(k) + 1)) for j, k in zip(n, n_prev)]
    counts = np.array([float(layer.size) for layer in layers])
    return counts, np.add(counts, 1), np.add(counts, counts), np.multiply(counts, 2 * seconds)


price.slip("bias-zero", ("n * n_prev + n", "n * n_prev"))
price.slip("bias-per-example", ("n * n_prev + n", "n * n_prev + 1"))
