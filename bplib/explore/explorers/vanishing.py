"""Vanishing and exploding gradients: depth, gain, activation, initialization (unit 09)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import ipywidgets
import numpy as np

from bplib import nn
from bplib.data import BRIGHTEST, digits
from bplib.explore.controls import choice, log_slider, switch, whole
from bplib.explore.explorers.vanishing_picture import Picture
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.passes import both_ways
from bplib.explore.prediction import Prediction
from bplib.explore.style import short
from bplib.nn.checks import Array

WIDTH, ROWS = 32, 64  # units of a hidden layer; images of which the spreads are measured
DEEPEST = 30
TRAIN_ROWS, BATCH, EPOCHS, RATE = 500, 25, 25, 0.1
PHIS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")


@dataclass(frozen=True)
class Numbers:
    """What is shown, for layers 1 … L = depth.

    spread: standard deviation of A[l], (L,)    errors: ‖delta[l]‖, (L,)
    bound: ‖delta[L]‖ · (1/4)^(L − l), (L,)     norms: ‖dW[l]‖, (L,)
    losses: C by epoch if these settings were trained
    """

    depth: int
    gain: float
    activation: str
    init: str
    standardize: bool
    spread: Array
    errors: Array
    norms: Array
    bound: Array
    losses: Array | None


@cache
def data(standardize: bool) -> tuple[Array, Array]:
    """Return X (500, 64) and Y (500, 10) of the digits: pixels 0 … 16, or standardized.

    Standardized: every pixel minus its mean, divided by its standard deviation over these rows
    (by 1 where it never changes).
    """
    bundled = digits()
    X, Y = bundled.X_train[:TRAIN_ROWS] * BRIGHTEST, bundled.Y_train[:TRAIN_ROWS]
    if standardize:
        deviation = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(deviation == 0, 1, deviation)
    return X, Y


@lru_cache(maxsize=32)
def _drawn(depth: int, init: str) -> tuple[tuple[Array, Array], ...]:
    rng, draw = np.random.default_rng(0), nn.initializer(init)
    sizes = [64, *[WIDTH] * (depth - 1), 10]
    return tuple(draw(rng, n_out, n_in) for n_in, n_out in pairwise(sizes))


def network(depth: int, gain: float, activation: str, init: str) -> nn.Network:
    """Return a fresh net 64-32-…-32-10 of `depth` layers, softmax and cross-entropy on top.

    All weights are drawn by `init` with seed 0 and multiplied by `gain`.
    """
    phi, end = nn.activation(activation), nn.output("softmax", "cross_entropy")
    phis = [phi] * (depth - 1) + [end.activation]
    drawn = _drawn(depth, init)
    layers = [nn.Dense(gain * W, b.copy(), f) for (W, b), f in zip(drawn, phis, strict=True)]
    return nn.Network(layers, end)


@lru_cache(maxsize=32)
def losses(depth: int, gain: float, activation: str, init: str, standardize: bool) -> Array:
    """Return C after 0 … 25 epochs of training, (26,); inf from where it stops being a number.

    500 digits, batches of 25 rows, learning rate 0.1.
    """
    net, (X, Y) = network(depth, gain, activation, init), data(standardize)
    costs = [float("inf")] * (EPOCHS + 1)
    # Exploding is one of the things to be seen here, and shown as infinite.
    with np.errstate(over="ignore", invalid="ignore"):
        costs[0] = net.cost(X, Y)
        for epoch in range(1, EPOCHS + 1):
            cost = net.train(X, Y, RATE, BATCH, 1, seed=epoch, progress=False)[0]
            if not np.isfinite(cost):
                break
            costs[epoch] = cost
    return np.array(costs)


class Model:
    """The numbers of the explorer, which remembers the settings that were trained last."""

    def __init__(self) -> None:
        self.trained: dict[str, Any] | None = None

    def numbers(self, **settings: Any) -> Numbers:
        """Return `numbers(...)`, with the losses if these settings were trained."""
        return numbers(**settings, trained=settings == self.trained)


def numbers(
    depth: int, gain: float, activation: str, init: str, standardize: bool, trained: bool = False
) -> Numbers:
    """Return spreads and gradient norms of all layers of a fresh net; its losses if `trained`."""
    net, (X, Y) = network(depth, gain, activation, init), data(standardize)
    X, Y = X[:ROWS], Y[:ROWS]
    made = both_ways(net, X, Y)
    spread = np.array([float(A.std()) for A in made.A[1:]])
    errors = np.array([float(np.linalg.norm(delta)) for delta in made.delta])
    norms = np.array([float(np.linalg.norm(dW)) for dW, _ in made.gradients])
    bound = errors[-1] * 0.25 ** np.arange(depth - 1, -1, -1)
    costs = losses(depth, gain, activation, init, standardize) if trained else None
    return Numbers(depth, gain, activation, init, standardize, spread, errors, norms, bound, costs)


def sentence(n: Numbers) -> str:
    """Return in words what becomes of the gradient on its way down."""
    trained = _trained(n)
    if n.depth == 1:
        return (
            f"<b>One layer: the error has no way to go.</b> ‖delta[1]‖ is "
            f"{short(float(n.errors[0]))}, and BP4 makes ‖dW[1]‖ = {short(float(n.norms[0]))} of "
            f"it and the input.{trained}"
        )
    ratio = float(n.errors[0] / n.errors[-1]) if n.errors[-1] else 0.0
    if ratio < 1e-3:
        how = "The gradient vanishes: the first layers hardly learn"
    elif ratio > 1e3:
        how = "The gradient explodes: the first step throws the weights away"
    else:
        how = "The scale of the gradient is kept, within a factor of a thousand"
    return (
        f"<b>{how}.</b> The error of layer 1 is {short(ratio)} times that of layer {n.depth}; "
        f"(1/4)^{n.depth - 1} = {short(0.25 ** (n.depth - 1))}. ‖dW[1]‖ is "
        f"{short(float(n.norms[0]))}, ‖dW[{n.depth}]‖ is {short(float(n.norms[-1]))}. The "
        f"activations spread by {short(float(n.spread[0]))} in layer 1 and by "
        f"{short(float(n.spread[-2]))} in layer {n.depth - 1}.{trained}"
    )


def _trained(n: Numbers) -> str:
    if n.losses is None:
        return ""
    end = float(n.losses[-1])
    if not np.isfinite(end):
        came = f"C stops being a number in epoch {int(np.isfinite(n.losses).sum())}"
    else:
        came = f"C went from {short(float(n.losses[0]))} to {short(end)}"
        came += "; guessing gives ln 10 = 2.3" if end > 2 else ""
    return f" Training for {EPOCHS} epochs: {came}."


def code(n: Numbers) -> str:
    """Return code that computes ‖dW[1]‖ / ‖dW[L]‖ with these settings."""
    return (
        "import numpy as np\nfrom bplib.explore.explorers.vanishing import data, network\n"
        f"net = network({n.depth}, {n.gain!r}, {n.activation!r}, {n.init!r})\n"
        f"X, Y = data({n.standardize}); grads = net.gradients(X[:{ROWS}], Y[:{ROWS}])\n"
        "np.linalg.norm(grads[0][0]) / np.linalg.norm(grads[-1][0])"
    )


PRESETS: dict[str, dict[str, Any]] = {
    "vanishing": {"depth": 20, "activation": "sigmoid", "init": "glorot"},
    "exploding": {"depth": 20, "activation": "relu", "init": "normal"},
    "Glorot and tanh": {"depth": 20, "activation": "tanh", "init": "glorot"},
    "He and ReLU": {"depth": 20, "activation": "relu", "init": "he"},
    "raw pixels": {"depth": 5, "activation": "tanh", "init": "glorot", "standardize": False},
}
CHOICES = ("about the same", "about a tenth", "about a thousandth", "less than a ten-thousandth")
ASKED = Prediction(
    "ten sigmoid layers, Glorot's weights, standardized digits. How large is the gradient of "
    "layer 1 beside that of layer 10?",
    CHOICES,
    right=lambda n: int(np.searchsorted([-0.3, -0.02, -1e-4], -n.norms[0] / n.norms[-1])),
    because=lambda n: f"It is {short(n.norms[0] / n.norms[-1])} of it. Every layer on the way "
    "down multiplies by a slope of at most ¼ (BP2), and Glorot's weights do not make up for it.",
    settings={"depth": 10, "gain": 1.0, "activation": "sigmoid", "init": "glorot",
              "standardize": True},
)  # fmt: skip


def vanishing(
    depth: int = 8,
    gain: float = 1.0,
    activation: str = "sigmoid",
    init: str = "glorot",
    standardize: bool = True,
    train: bool = False,
) -> Explorer:
    """Return the explorer of vanishing and exploding gradients, starting at these settings.

    depth: layers, 1 … 30    gain: factor of all weights, 0.1 … 10    activation: of the hidden
    layers    init: "normal", "glorot" or "he"    standardize: the input, or raw pixels 0 … 16
    train: whether to train at once, as the button does
    Raises ValueError for other values.  Sources: 000 and 002 (vanishing, exploding, scaling).
    """
    controls = {
        "depth": whole("depth (layers)", 1, 1, DEEPEST),
        "gain": log_slider("gain of weights", 1, -1, 1),
        "activation": choice("activation", "sigmoid", PHIS),
        "init": choice("initialization", "glorot",
                       [("normal", "normal"), ("Glorot", "glorot"), ("He", "he")]),
        "standardize": switch("standardized input", True),
    }  # fmt: skip
    given = {"depth": depth, "gain": gain, "activation": activation, "init": init,
             "standardize": standardize}  # fmt: skip
    start_at(controls, given)
    model = Model()
    button = ipywidgets.Button(description="Train", icon="play", button_style="primary",
                               tooltip="25 epochs on 500 digits, about a second",
                               layout=ipywidgets.Layout(width="auto"))  # fmt: skip
    parts = Parts(model.numbers, Picture(), sentence, code,
                  more=lambda n: {} if n.losses is None else {"train": True})  # fmt: skip
    title = "Vanishing and exploding gradients"
    explorer = Explorer("vanishing", title, controls, parts, PRESETS, ASKED, extra=(button,))

    def trained(_: Any) -> None:
        button.description, button.disabled = "Training …", True
        model.trained = explorer.settings
        explorer.draw()
        button.description, button.disabled = "Train", False

    button.on_click(trained)
    explorer.train = button
    if train:
        button.click()
    return explorer
