# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 06, third part: the gradient check, graded by what it accepts, refutes and leaves open.

A question plants errors in some entries of a right gradient, and puts some entries on kinks. The
check sees f, the claim and x; what was planted is the second oracle.
Sources: 001, 002 numerical against analytical gradient.
"""

import numpy as np
from numpy.random import Generator

from bplib import numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family
from bplib.exercises.unit_06_gradient_checking_code import draw_function
from bplib.functions import KINKED, NamedFunction, function

TOLERANCE = 1e-5


def _checked(f: NamedFunction, grad: Array, x: Array) -> tuple[bool, Array, Array]:
    """The kinks that the library's check reports, and the entries that its gradient refutes."""
    kinks = np.zeros(x.shape, bool)
    for index in numeric.gradient_check(f, grad, x).kinks:
        kinks[index] = True
    slopes = numeric.gradient(f, x)
    scale = max(np.abs(slopes).max(), np.abs(grad).max())
    wrong = (np.abs(slopes - grad) > TOLERANCE * scale) & ~kinks
    return not wrong.any(), wrong, kinks


gradient_check = Exercise(
    id="06.gradient_check",
    title="The gradient check",
    call="gradient_check(f, grad, x)",
    returns={"ok": "()", "wrong": "(n,)", "kinks": "(n,)"},
    equation="gradient check",
    reference=_checked,
    points=6,
    sentences={
        "ordinary": "a smooth function, and a claim that may be right in some entries",
        "one-example": "a function of a single number",
        "equal-widths": "the slopes are huge",
        "exact-zeros": "x stands exactly on kinks of f",
        "saturated": "the slopes are tiny, and the claim forgets the largest one",
        "linear": "f is a plane, and the largest entry of the claim is far too large",
        "zero-upstream": "f is constant",
    },
    # A plane and tiny slopes tell a check that is merely poor from one that makes no sense.
    visible=("ordinary", "equal-widths", "exact-zeros", "saturated", "linear"),
    notice="Your checker now refutes wrong gradients, spares right ones, and says where it cannot tell.",
)


def _planted(rng: Generator, right: Array, scale: float, where: Array) -> Array:
    """The right gradient, spoiled in the places `where` by one of the usual accidents."""
    accident = int(rng.integers(4))
    spoiled = [2 * right, -right, np.zeros_like(right), right + 3e-3 * scale][accident]
    # An accident may do nothing to an entry that is zero, or too little to be seen by anybody.
    visible = np.abs(spoiled - right) > 1e-3 * scale
    return np.where(where, np.where(visible, spoiled, right + 0.1 * scale), right)


@gradient_check.cases
def draw_claim(rng: Generator, family: Family) -> Case:
    """A function, a point, and a claimed gradient with or without planted errors.

    The largest slope is neither small nor large beside the bend of f (2 or so): no honest step
    takes the bend for a kink, and no careless one goes unseen.
    """
    unit = {"saturated": 1e-7, "equal-widths": 1e9}.get(family.name, 1.0)
    while True:
        f, x = draw_function(rng, family)
        if family.equal_widths:
            f = function("loud_bowl")
        if family.regime == "zeros":
            f = function("creases")
        kinks = (x == 0) & (f.name in KINKED)
        # At a kink each side has a slope of its own, and a claim may honestly take either.
        side = np.where(kinks & (rng.random(x.shape) < 0.5), 1e-300, 0.0)
        # On a plane only rounding gives a tiny step away: it must have many entries to show in.
        enough = x.size >= (5 if family.regime == "linear" else 3) or family.one_example
        # Ridges and valleys, whose slopes jump by 2.
        both = family.regime != "zeros" or (kinks[::2].any() and kinks[1::2].any())
        if not (enough and both):
            continue
        right = numeric.complex_step(f, x + side)
        scale = float(np.abs(right).max())
        usual = family.zero_upstream or 0.5 * unit <= scale <= 6 * unit
        telling = {
            "saturated": _one_stands_out(right),
            "zeros": scale > 2.5,  # a jump is more than 1 % of the scale, and less than all
        }
        if usual and telling.get(family.regime, True):
            break
    where = (rng.random(x.shape) < 0.4) & ~kinks
    if family.name == "ordinary":
        where[int(rng.integers(x.size))] = True
    if kinks[:1].any() and not where.any():  # who takes all entries for kinks must be seen
        where = ~kinks
    if family.name in ("one-example", "equal-widths", "zero-upstream"):
        where[:] = False
    grad = _planted(rng, right, scale, where)
    if family.regime in ("saturated", "linear"):
        where, grad = _one_spoiled(rng, right, too_large=family.regime == "linear")
    return Case(inputs=dict(f=f, grad=grad, x=x), m=1, hidden=dict(where=where, at_kinks=kinks))


def _one_stands_out(right: Array) -> bool:
    """True if the largest slope is negative, and the others are small beside it."""
    *_, second, first = 0.0, *np.sort(np.abs(right))
    return bool(right.min() == -first and second < first / 4)


def _one_spoiled(rng: Generator, right: Array, *, too_large: bool) -> tuple[Array, Array]:
    """Where the only error is, and a claim with it: the steepest slope, too large or forgotten.

    The scale is the largest entry of both gradients, and the rest of the claim is off by half of
    what it allows. One gradient alone, or its entries with their sign, would have a scale of a
    quarter of that size or less, and refute it all.
    """
    steepest = np.abs(right).max()
    where = np.abs(right) == steepest
    claim = -4 * right if too_large else 0 * right
    scale = max(steepest, np.abs(claim).max())
    off = np.where(rng.random(right.shape) < 0.5, 0.5, -0.5) * TOLERANCE * scale
    return where, np.where(where, claim, right + off)


@gradient_check.numeric
def what_was_planted(
    f: NamedFunction, grad: Array, x: Array, *, where: Array, at_kinks: Array
) -> tuple[bool, Array, Array]:
    """No computation at all: the errors and kinks that were put there."""
    return not where.any(), where, at_kinks


@gradient_check.style("vectorized")
def _(f, grad, x):
    h = 1e-4
    steps = h * np.eye(len(x))
    up = np.array([f(x + step) for step in steps])
    down = np.array([f(x - step) for step in steps])
    slopes = (up - down) / (2 * h)
    scale = max(np.abs(slopes).max(), np.abs(grad).max())
    kinks = np.abs((up - f(x)) - (f(x) - down)) / h > 0.01 * scale
    wrong = (np.abs(slopes - grad) > 1e-5 * scale) & ~kinks
    return ~np.any(wrong), wrong, kinks


@gradient_check.style("in place")
def _(f, grad, x):
    h = 1e-4
    left, right = np.zeros(len(x)), np.zeros(len(x))
    for k in range(len(x)):
        here = f(x)
        old = x[k]
        x[k] = old + h
        right[k] = (f(x) - here) / h
        x[k] = old - h
        left[k] = (here - f(x)) / h
        x[k] = old
    slopes = (left + right) / 2
    scale = max(np.max(np.abs(slopes)), np.max(np.abs(grad)))
    kinks = np.abs(right - left) > 0.01 * scale
    wrong = np.logical_and(np.abs(slopes - grad) > 1e-5 * scale, np.logical_not(kinks))
    return wrong.sum() == 0, wrong, kinks


@gradient_check.style("loops")
def _(f, grad, x):
    slopes, jumps = [], []
    for k in range(len(x)):
        h = 1e-5 * max(1, abs(x[k]))
        above, below = x.copy(), x.copy()
        above[k] += h
        below[k] -= h
        slopes.append((f(above) - f(below)) / (2 * h))
        jumps.append(abs(f(above) - 2 * f(x) + f(below)) / h)
    largest = max(abs(value) for value in [*slopes, *grad])
    wrong, kinks = [], []
    for slope, claim, jump in zip(slopes, grad, jumps):
        kinks.append(jump > 0.01 * largest)
        wrong.append(not kinks[-1] and abs(slope - claim) > 1e-5 * largest)
    return np.bool_(not any(wrong)), wrong, kinks


@gradient_check.style("complex slopes")
def _(f, grad, x):
    steps = np.eye(len(x))
    slopes = np.array([f(x + 1e-40j * e).imag * 1e40 for e in steps])
    right = np.array([f(x + 1e-6 * e) - f(x) for e in steps]) / 1e-6
    left = np.array([f(x) - f(x - 1e-6 * e) for e in steps]) / 1e-6
    scale = np.abs(np.concatenate([slopes, grad])).max()
    kinks = np.abs(right - left) > 0.01 * scale
    wrong = ~kinks & (np.abs(slopes - grad) > 1e-5 * scale)
    return np.all(~wrong), wrong.astype(float), kinks.astype(float)


@gradient_check.style("a matrix of steps")
def _(f, grad, x):
    h = 2e-5
    steps = np.diag(np.full(len(x), h))
    here = f(x)
    right = (np.array([f(row) for row in x + steps]) - here) / h
    left = (here - np.array([f(row) for row in x - steps])) / h
    slopes = (left + right) / 2
    largest = np.max(np.abs(np.append(slopes, grad)))
    kinks = np.abs(right - left) > 0.02 * largest
    wrong = np.logical_and(np.abs(grad - slopes) > 1e-5 * largest, np.logical_not(kinks))
    return not wrong.any(), wrong, kinks


# In a style of its own: together with another mistake it would refute everything, as any nonsense
# does, and nonsense should get no name.
gradient_check.slip("step-too-small", ("h = 1e-5", "h = 1e-12"), style="loops")
gradient_check.slip("step-too-large", ("h = 1e-4", "h = 0.1"))
gradient_check.slip("one-sided", ("(up - down) / (2 * h)", "(up - f(x)) / h"))
gradient_check.slip("absolute-tolerance", ("1e-5 * scale", "1e-5"))
gradient_check.slip("entry-not-restored", ("        x[k] = old\n", ""), style="in place")
gradient_check.slip(
    "at-the-kink",
    ("np.abs((up - f(x)) - (f(x) - down)) / h > 0.01 * scale", "np.zeros(len(x), dtype=bool)"),
)
