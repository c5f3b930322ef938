# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 06, second part: three differences, and the relative error of two gradients.

The gradient check stands in `unit_06_gradient_checking_verdict`. The functions to
differentiate come by name from `bplib.functions`; what they are given is random.
Sources: 001 numerical gradient, 002 numerical against analytical gradient, = against ≈.
"""

import math
from functools import partial

import numpy as np
from numpy.random import Generator

from bplib import numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family
from bplib.functions import KINKED, SMOOTH, NamedFunction, function

# --- code: three differences ---------------------------------------------------------------------

SENTENCES = {
    "ordinary": "a smooth function of several numbers",
    "one-example": "a function of a single number",
    "equal-widths": "a large value of f and a very small step",
    "exact-zeros": "x stands exactly on kinks of f",
    "saturated": "the values of f are tiny",
    "linear": "f is a plane, steep in some directions and less so in others",
    "zero-upstream": "f is constant",
}


def draw_function(rng: Generator, family: Family) -> tuple[NamedFunction, Array]:
    """A function that shows what the family is about, and a point: (n,)."""
    name = {
        "exact-zeros": KINKED[int(rng.integers(len(KINKED)))],
        "saturated": "faint_cubes",
        "linear": "plane",
        "equal-widths": "plane",  # its large value shows how few digits a float32 has
        "zero-upstream": "constant",
    }.get(family.name, SMOOTH[int(rng.integers(len(SMOOTH)))])
    n = 1 if family.one_example else int(rng.choice((2, 3, 5)))
    x = rng.normal(size=n)
    x = np.where(np.abs(x) < 0.2, np.copysign(0.2 + np.abs(x), x), x)  # clear of the kinks
    if family.regime == "zeros":
        x[: 1 + int(rng.integers(n - 1))] = 0.0
        x = rng.permutation(x)
    return function(name), x


def draw_difference(rng: Generator, family: Family) -> Case:
    """A function, a point, and a step: a large one shows truncation, the smallest one rounding."""
    f, x = draw_function(rng, family)
    h = 1e-5 if family.equal_widths else float(rng.integers(20, 60)) * 1e-3
    return Case(inputs=dict(f=f, x=x, h=h), m=1)


NODES, WEIGHTS = (tuple(part.tolist()) for part in np.polynomial.legendre.leggauss(8))


def _mean_slopes(f: NamedFunction, x: Array, low: float, high: float) -> Array:
    """The mean of each slope while its entry moves from x + low to x + high (Gauss's rule)."""
    middle, reach = (low + high) / 2, (high - low) / 2

    def shifted(t: Array, entry: Array) -> complex:
        """The mean of f over the way, all of which is shifted by t."""
        values = [f(x + (middle + node * reach + t[0]) * entry) for node in NODES]
        return complex(np.dot(WEIGHTS, values) / 2)

    return np.array(
        [numeric.complex_step(partial(shifted, entry=e), np.zeros(1))[0] for e in np.eye(len(x))]
    )


forward_difference = Exercise(
    id="06.forward_difference",
    title="The slope from one side",
    call="forward_difference(f, x, h)",
    returns={"slopes": "(n,)"},
    equation="forward difference",
    reference=numeric.forward_difference,
    points=2,
    sentences=SENTENCES,
    notice="One value of f for each entry of x, and one more. That is the price.",
)
forward_difference.cases(draw_difference)


@forward_difference.numeric
def average_to_the_right(f: NamedFunction, x: Array, h: float) -> Array:
    """A difference over h is the mean of the slope on the way: integrate the complex step."""
    return _mean_slopes(f, x, 0.0, h)


@forward_difference.style("vectorized")
def _(f, x, h):
    here = f(x)
    return np.array([(f(x + h * e) - here) / h for e in np.eye(len(x))])


@forward_difference.style("in place")
def _(f, x, h):
    here = f(x)
    slopes = np.zeros_like(x)
    for k in range(x.size):
        old = x[k]
        x[k] = old + h
        slopes[k] = (f(x) - here) / h
        x[k] = old
    return slopes


@forward_difference.style("loops")
def _(f, x, h):
    slopes = []
    for k in range(len(x)):
        nudged = x.copy()
        nudged[k] += h
        slopes.append((f(nudged) - f(x)) / h)
    return slopes


@forward_difference.style("a matrix of steps")
def _(f, x, h):
    values = [f(x + row) for row in np.diag(np.full(len(x), h))]
    return np.subtract(values, f(x)) / h


@forward_difference.style("map")
def _(f, x, h):
    def slope(k):
        moved = np.array([x_i + h if i == k else x_i for i, x_i in enumerate(x)])
        return (f(moved) - f(x)) / h

    return list(map(slope, range(len(x))))


forward_difference.slip("entry-not-restored", ("        x[k] = old\n", ""), style="in place")
forward_difference.slip(
    "float32-difference", ("(f(x + h * e) - here)", "(np.float32(f(x + h * e)) - np.float32(here))")
)


central_difference = Exercise(
    id="06.central_difference",
    title="The slope from both sides",
    call="central_difference(f, x, h)",
    returns={"slopes": "(n,)"},
    equation="central difference",
    reference=numeric.central_difference,
    points=3,
    sentences=SENTENCES,
    notice="At a kink you got the mean of both slopes: a number that is the slope of neither side.",
)
central_difference.cases(draw_difference)


@central_difference.numeric
def average_to_both_sides(f: NamedFunction, x: Array, h: float) -> Array:
    """The mean of the slopes left and right, each on its own side of a kink."""
    return (_mean_slopes(f, x, -h, 0.0) + _mean_slopes(f, x, 0.0, h)) / 2


@central_difference.style("vectorized")
def _(f, x, h):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@central_difference.style("in place")
def _(f, x, h):
    slopes = np.zeros_like(x)
    for k in range(x.size):
        old = x[k]
        x[k] = old + h
        above = f(x)
        x[k] = old - h
        below = f(x)
        x[k] = old
        slopes[k] = (above - below) / (2 * h)
    return slopes


@central_difference.style("loops")
def _(f, x, h):
    slopes = []
    for k in range(len(x)):
        above, below = x.copy(), x.copy()
        above[k] += h
        below[k] -= h
        slopes.append((f(above) - f(below)) / h / 2)
    return slopes


@central_difference.style("two one-sided ones")
def _(f, x, h):
    steps = h * np.eye(len(x))
    right = np.array([f(x + step) - f(x) for step in steps]) / h
    left = np.array([f(x) - f(x - step) for step in steps]) / h
    return (left + right) / 2


@central_difference.style("a matrix of steps")
def _(f, x, h):
    steps = np.diag(np.full(len(x), h))
    above, below = ([f(row) for row in moved] for moved in (x + steps, x - steps))
    return np.subtract(above, below) / (h + h)


central_difference.slip("one-sided", ("f(x - h * e)) / (2 * h)", "f(x)) / h"))
central_difference.slip("entry-not-restored", ("        x[k] = old\n", ""), style="in place")
central_difference.slip(
    "float32-difference",
    ("(f(x + h * e) - f(x - h * e))", "(np.float32(f(x + h * e)) - np.float32(f(x - h * e)))"),
)
central_difference.slip("one-step-for-two", ("/ (2 * h)", "/ h"))


complex_step = Exercise(
    id="06.complex_step",
    title="The slope without a difference",
    call="complex_step(f, x)",
    returns={"slopes": "(n,)"},
    equation="complex step",
    reference=numeric.complex_step,
    points=2,
    families=tuple(name for name in SENTENCES if name != "equal-widths"),  # nobody gives it a step
    sentences=SENTENCES,
    visible=("ordinary", "one-example"),
    notice="Nothing is subtracted, so nothing is lost: the smaller h, the better, down to 1e-300.",
)


@complex_step.cases
def draw_analytic(rng: Generator, family: Family) -> Case:
    """A function and a point; at a kink the function itself decides for the left side."""
    f, x = draw_function(rng, family)
    return Case(inputs=dict(f=f, x=x), m=1)


@complex_step.numeric
def slopes_on_the_left(f: NamedFunction, x: Array) -> Array:
    """The real derivative; an entry at a kink is nudged to the left only, in three shrinking steps."""
    if f.name not in KINKED:
        return numeric.gradient(f, x)
    left = [numeric.forward_difference(lambda y: f(2 * x - y), x, h) for h in (4e-3, 2e-3, 1e-3)]
    # Beside their kinks these functions are quadratic, so one extrapolation removes all truncation.
    return -(2 * left[2] - left[1])


@complex_step.style("vectorized")
def _(f, x):
    h = 1e-30
    return np.array([np.imag(f(x + 1j * h * e)) / h for e in np.eye(len(x))])


@complex_step.style("in place")
def _(f, x):
    h = 1e-20
    z = x.astype(complex)
    slopes = np.zeros(len(x))
    for k in range(len(x)):
        z[k] += 1j * h
        slopes[k] = f(z).imag / h
        z[k] = x[k]
    return slopes


@complex_step.style("loops")
def _(f, x):
    slopes = []
    for k in range(len(x)):
        z = x + 0j
        z[k] = complex(x[k], 1e-100)
        slopes.append(f(z).imag * 1e100)
    return slopes


@complex_step.style("a matrix of steps")
def _(f, x):
    points = x + 1e-30j * np.eye(len(x))
    return np.array([f(point) for point in points]).imag / 1e-30


@complex_step.style("map")
def _(f, x):
    def slope(k):
        return f(np.array([complex(v, 1e-50 * (i == k)) for i, v in enumerate(x)])).imag / 1e-50

    return list(map(slope, range(len(x))))


complex_step.slip("step-too-large", ("h = 1e-30", "h = 0.1"))
complex_step.slip("entry-not-restored", ("        z[k] = x[k]\n", ""), style="in place")


# --- code: how far apart are two gradients? ------------------------------------------------------

relative_error = Exercise(
    id="06.relative_error",
    title="How far apart are two gradients?",
    call="relative_error(a, b)",
    returns={"error": "()"},
    equation="relative error",
    reference=numeric.relative_error,
    points=2,
    sentences={
        "ordinary": "two gradients that nearly agree",
        "one-example": "gradients of a single entry",
        "equal-widths": "two gradients that have nothing in common",
        "exact-zeros": "the second gradient is exactly zero",
        "saturated": "the first gradient is exactly zero, and the second is tiny",
        "linear": "both gradients are huge",
        "zero-upstream": "both gradients are zero",
    },
    visible=("ordinary", "one-example", "zero-upstream"),
    notice="It says how many digits agree: 1e-7 means about seven.",
)


@relative_error.cases
def draw_two_gradients(rng: Generator, family: Family) -> Case:
    """Two vectors, of any scale, that agree to about two digits or not at all.

    Where one of them is zero, the other is not: only both together may count as equal.
    """
    n = 1 if family.one_example else int(rng.choice((2, 3, 5, 7)))
    a = rng.normal(size=n)
    b = a * (1 + 0.02 * rng.normal(size=n))
    if family.equal_widths:
        b = rng.normal(size=n)
    scale = {"saturated": 1e-9, "linear": 1e7}.get(family.regime, 1.0)
    if family.zero_upstream:
        scale = 0.0
    a, b = (b, a) if rng.random() < 0.5 else (a, b)
    if family.regime == "zeros":
        b = 0 * b
    if family.regime == "saturated":
        a = 0 * a
    return Case(inputs=dict(a=scale * a, b=scale * b), m=1)


@relative_error.numeric
def lengths_by_hand(a: Array, b: Array) -> float:
    """No derivative to compare with: the same quotient in plain Python, by `math.hypot`."""
    longest = max(math.hypot(*map(float, a)), math.hypot(*map(float, b)))
    apart = math.dist(list(map(float, a)), list(map(float, b)))
    return apart / longest if longest else 0.0


@relative_error.style("vectorized")
def _(a, b):
    scale = max(np.linalg.norm(a), np.linalg.norm(b))
    return np.linalg.norm(a - b) / scale if scale > 0 else 0.0


@relative_error.style("loops")
def _(a, b):
    sums = [0.0, 0.0, 0.0]
    for p, q in zip(a, b):
        sums[0] += (p - q) ** 2
        sums[1] += p**2
        sums[2] += q**2
    if sums[1] == sums[2] == 0:
        return 0.0
    return (sums[0] / max(sums[1], sums[2])) ** 0.5


@relative_error.style("einsum")
def _(a, b):
    apart, one, other = (np.sqrt(np.einsum("i,i->", v, v)) for v in (a - b, a, b))
    return apart / np.maximum(np.maximum(one, other), 1e-300)


@relative_error.style("in place")
def _(a, b):
    length = max(np.sqrt(a @ a), np.sqrt(b @ b))
    if length == 0:
        return 0.0
    a -= b
    return np.sqrt(a @ a) / length


@relative_error.style("scaled first")
def _(a, b):
    largest = np.max(np.abs([a, b]))
    if largest == 0:
        return np.float64(0)
    one, other = a / largest, b / largest
    return np.linalg.norm(one - other) / np.max(np.linalg.norm([one, other], axis=1))


relative_error.slip("absolute-tolerance", (" / scale if scale > 0 else 0.0", ""))
relative_error.slip(
    "factor-two",
    ("max(np.linalg.norm(a), np.linalg.norm(b))", "(np.linalg.norm(a) + np.linalg.norm(b)) / 4"),
)
