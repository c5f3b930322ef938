"""The error of numerical gradients against the step h, and what they cost (unit 06)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bplib import nn, numeric
from bplib.explore.controls import choice, log_slider
from bplib.explore.explorers.checking_picture import H, Picture, word
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.prediction import Prediction
from bplib.explore.style import count, short
from bplib.nn.checks import Array

LARGEST_COMPLEX = 1e-8  # `numeric.complex_step` refuses larger steps, for the reason seen here
PASS_SECONDS = 0.01
SMALLEST_FLOAT32 = 2.5e-5  # `numeric` refuses smaller steps: hardly a digit would survive


@dataclass(frozen=True)
class Numbers:
    """What is shown: relative errors of the three rules at h and over `H`; NaN: h refused.

    evaluations: of f, for `weights` weights, by rule    backward: passes of backpropagation
    """

    h: float
    dtype: str
    weights: float
    error: tuple[float, float, float]
    over_h: tuple[Array, Array, Array]
    evaluations: tuple[float, float, float]
    backward: float = 3.0  # one pass forward, and one back that costs at most two (unit 05)


@cache
def _params(dtype: str) -> list[tuple[Array, Array]]:
    net = nn.Network.dense([3, 4, 1], "tanh", "sigmoid", "cross_entropy", seed=2)
    return [(W.astype(dtype), b.astype(dtype)) for W, b in net.params]


@cache
def _example(dtype: str) -> tuple[Array, Array]:
    X = np.random.default_rng(2).standard_normal((1, 3)).astype(dtype)
    return X, np.ones((1, 1), dtype)


def cost_of(x: Array, dtype: str = "float64") -> Any:
    """Return C as a function of one weight, W[1][0, 0] = x, a real or complex array (1,)."""
    (W, b), (V, c) = _params(dtype)
    X, Y = _example(dtype)
    W = W.astype(x.dtype)  # a copy
    W[0, 0] = x[0]
    A = nn.tanh(nn.weighted_input_batch(W, b, X))
    return nn.sigmoid_ce_cost(nn.weighted_input_batch(V, c, A), Y)


@cache
def exact_slope() -> float:
    """Return ∂C/∂W[1][0, 0] by backpropagation in float64."""
    (W, b), (V, c) = _params("float64")
    X, Y = _example("float64")
    phi, end = nn.activation("tanh"), nn.output("sigmoid", "cross_entropy")
    net = nn.Network([nn.Dense(W, b, phi), nn.Dense(V, c, end.activation)], end)
    return float(net.gradients(X, Y)[0][0][0, 0])


def _complex_step(f: Any, x: Array, h: float) -> Array:
    if h <= LARGEST_COMPLEX:
        return numeric.complex_step(f, x, h)
    return np.array([f(x + 1j * h).imag / h])


@cache
def _slope(rule: int, h: float, dtype: str) -> float:
    """Return the relative error of a rule at h, NaN if the rule refuses h."""
    x = np.array([_params("float64")[0][0][0, 0]]).astype(dtype)

    def f(point: Array) -> Any:
        return cost_of(point, dtype)

    if rule < 2 and dtype == "float32" and h < SMALLEST_FLOAT32:
        return float("nan")
    made = (numeric.forward_difference, numeric.central_difference, _complex_step)[rule](f, x, h)
    return abs(float(made[0]) / exact_slope() - 1)


@cache
def _over_h(dtype: str) -> tuple[Array, Array, Array]:
    first, second, third = (np.array([_slope(r, float(h), dtype) for h in H]) for r in range(3))
    return first, second, third


def numbers(h: float, dtype: str, weights: float) -> Numbers:
    """Return the errors of the three rules at h, and the evaluations for so many weights."""
    error = _slope(0, h, dtype), _slope(1, h, dtype), _slope(2, h, dtype)
    n = float(round(weights))
    return Numbers(h, dtype, n, error, _over_h(dtype), (n + 1, 2 * n, n))


def side(n: Numbers) -> str:
    """Return which error rules the central difference here, or "bottom" near its best h.

    "truncation", "rounding", or "bottom" within half a power of ten of the bottom of the V.
    """
    best = float(np.log10(_best_h(n.dtype)))
    away = float(np.log10(n.h)) - best
    return "bottom" if abs(away) <= 0.5 else "truncation" if away > 0 else "rounding"


@cache
def _best_h(dtype: str) -> float:
    # Rounding makes the curve ragged; its mean over five neighbors has one lowest place.
    curve = np.log10(np.nan_to_num(_over_h(dtype)[1], nan=1).clip(1e-18))
    return float(H[2 + int(np.argmin(np.convolve(curve, np.ones(5) / 5, "valid")))])


def time_for(seconds: float) -> str:
    """Return a time in words.

    >>> time_for(0.02), time_for(20000.0)
    ('0.02 seconds', '5.56 hours')
    """
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{short(seconds / size)} {unit}"
    return f"{short(seconds)} seconds"


WHY = {
    "truncation": "On this side of the V the step is too large: what is left out of Taylor's "
    "series (truncation) rules, and a smaller h is better.",
    "bottom": "This is about the bottom of the central V: a larger h leaves out more of Taylor's "
    "series, a smaller one magnifies the rounding of f.",
    "rounding": "On this side of the V the step is too small: the rounding of f is divided by h, "
    "and a smaller h is worse. Only the complex step subtracts nothing, and does not care.",
}


def sentence(n: Numbers) -> str:
    """Return in words which error dominates, and what the gradient would cost."""
    words = [word(e) for e in n.error]
    why = WHY[side(n)]
    slow = time_for(n.evaluations[1] * PASS_SECONDS)
    return (
        f"Errors at h = {short(n.h)}: forward {words[0]}, central {words[1]}, complex step "
        f"{words[2]}. {why} For {count(round(n.weights), 'weight')} central differences take "
        f"{n.evaluations[1]:,.0f} passes; at 10 ms a pass that is {slow}, where backpropagation "
        f"takes {time_for(n.backward * PASS_SECONDS)}."
    )


def code(n: Numbers) -> str:
    """Return code that computes the error of the central difference at h, for this cost."""
    dtype = "" if n.dtype == "float64" else f", {n.dtype!r}"
    start = float(_params("float64")[0][0][0, 0])
    return (
        "import numpy as np; from bplib import numeric\n"
        "from bplib.explore.explorers.checking import cost_of, exact_slope\n"
        f"x = np.array([{start!r}], np.{n.dtype})\n"
        f"abs(float(numeric.central_difference(lambda x: cost_of(x{dtype}), x, {n.h!r})[0]) "
        "/ exact_slope() - 1)"
    )


PRESETS: dict[str, dict[str, Any]] = {
    "h too large": {"h": 0.1},
    "best for forward": {"h": 10**-6.5},
    "best for central": {"h": 10**-4.5},
    "h too small": {"h": 1e-13},
    "float32": {"dtype": "float32", "h": 1e-3},
    "a million weights": {"weights": 1e6},
}
ASKED = Prediction(
    "in float64 the central difference at h = 10⁻⁵ is right to nine digits. With h = 10⁻¹², "
    "ten million times smaller, its error is …",
    ("much smaller", "about the same", "much larger"),
    right=lambda n: int(np.searchsorted([0.1, 10.0], n.error[1] / _slope(1, 1e-5, "float64"))),
    because=lambda n: (
        f"It goes from {short(_slope(1, 1e-5, 'float64'))} to {short(n.error[1])}: "
        "f is rounded in its 16th digit, and that is divided by 2h."
    ),
    settings={"h": 1e-12, "dtype": "float64"},
)


def gradient_check(h: float = 1e-3, dtype: str = "float64", weights: float = 1000.0) -> Explorer:
    """Return the explorer of numerical gradients, starting at these settings.

    h: the step, 1e-15 … 1    dtype: "float64" or "float32"    weights: how many, 1 … 1e8
    Raises ValueError for other values.  Sources: 001 (slow), 002 (numerical against
    analytical), 003 (a million weights, a million passes).
    """
    controls = {
        "h": log_slider("step h", 1, -15, 0, 0.25, ".1e"),
        "dtype": choice("arithmetic", "float64", ("float64", "float32")),
        "weights": log_slider("weights", 10, 0, 8, 0.25, ".2s"),
    }
    start_at(controls, {"h": h, "dtype": dtype, "weights": weights})
    parts = Parts(numbers, Picture(), sentence, code)
    return Explorer(
        "gradient_check", "Numerical gradients: right but slow", controls, parts, PRESETS, ASKED
    )
