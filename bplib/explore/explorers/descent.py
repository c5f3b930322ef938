"""Mini-batch gradient descent of one neuron on two moons: rate, batch, patience (unit 08)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from bplib import nn
from bplib.data import moons
from bplib.explore.controls import choice, log_slider, whole
from bplib.explore.explorers.descent_picture import Picture
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.prediction import Prediction
from bplib.explore.style import count, short
from bplib.nn.checks import Array

ROWS, EPOCHS = 60, 40  # 60 examples to learn from, 60 more to judge by
BATCHES = (1, 2, 5, 10, 20, 60)
START = ((-3.0, 3.0), 0.0)  # w and b: far off, so that there is a path to see
AXES = 5.0  # the picture shows w_1 and w_2 from −5 to 5
W_GRID = np.linspace(-AXES, AXES, 41)


@dataclass(frozen=True)
class Run:
    """One training run: C on both halves after 0 … 40 epochs, and (w_1, w_2) after every step.

    train, held_out: (41,)    path: (1 + steps, 2)    epoch_starts: the row of `path` by epoch
    """

    train: Array
    held_out: Array
    path: Array
    epoch_starts: Array


@dataclass(frozen=True)
class Numbers:
    """What is shown: the run, and where patience ends it.

    stop: the epoch at which it stops, or None    best: the epoch of the lowest held-out C so far
    """

    learning_rate: float
    batch_size: int
    patience: int
    run: Run
    stop: int | None
    best: int


@cache
def data() -> tuple[Array, Array, Array, Array]:
    """Return X, Y to learn from and X, Y held out, 60 rows each; centered by the first half."""
    X, Y = moons(2 * ROWS, noise=0.25, seed=1)
    X = (X - X[:ROWS].mean(axis=0)) / X[:ROWS].std(axis=0)
    return X[:ROWS], Y[:ROWS], X[ROWS:], Y[ROWS:]


def network(w: tuple[float, float], b: float) -> nn.Network:
    """Return the one neuron, a sigmoid output with cross-entropy."""
    end = nn.output("sigmoid", "cross_entropy")
    return nn.Network([nn.Dense(np.array([w]), np.array([b]), end.activation)], end)


@cache
def landscape() -> tuple[Array, float]:
    """Return C over (w_2, w_1), (41, 41), at the bias where the full batch ends, and that bias."""
    X, Y, _, _ = data()
    net = network(*START)
    net.train(X, Y, 2.0, ROWS, 200, progress=False)
    b = float(net.params[0][1][0])
    C = [[network((u, v), b).cost(X, Y) for u in W_GRID] for v in W_GRID]
    return np.array(C), b


@lru_cache(maxsize=256)
def run(learning_rate: float, batch_size: int) -> Run:
    """Return 40 epochs of gradient descent from the fixed start, rows shuffled with seed 0."""
    X, Y, X_out, Y_out = data()
    net, rng = network(*START), np.random.default_rng(0)
    W = net.params[0][0]
    steps = {m: nn.TrainingStep(net, m) for m in {batch_size, ROWS % batch_size} - {0}}
    path, starts = [W[0].copy()], [0]
    epochs = [(W.copy(), net.params[0][1].copy())]
    for _ in range(EPOCHS):
        for rows in nn.minibatches(ROWS, batch_size, rng):
            steps[len(rows)](X[rows], Y[rows], learning_rate)
            path.append(W[0].copy())
        starts.append(len(path) - 1)
        epochs.append((W.copy(), net.params[0][1].copy()))
    train, held_out = _costs(epochs, X, Y), _costs(epochs, X_out, Y_out)
    return Run(train, held_out, np.array(path), np.array(starts))


def _costs(epochs: nn.Params, X: Array, Y: Array) -> Array:
    """Return C for each of the parameters, (epochs,), from one product with all of them."""
    W, b = (np.concatenate(parts) for parts in zip(*epochs, strict=True))
    Z = nn.weighted_input_batch(W, b, X)
    return np.array([nn.sigmoid_ce_cost(z, Y[:, 0]) for z in Z.T]) / len(Y)


def stopping(costs: Array, patience: int) -> tuple[int | None, int]:
    """Return (stop, best): the first epoch that is `patience` after the best one yet, or None.

    costs: C after 0, 1, … epochs.  best is the epoch of the lowest cost up to the stop.
    """
    best = 0
    for epoch, cost in enumerate(costs):
        if cost < costs[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch, best
    return None, best


def numbers(learning_rate: float, batch_size: int, patience: int) -> Numbers:
    """Return the run with this rate and batch size, and where this patience stops it."""
    made = run(learning_rate, batch_size)
    return Numbers(learning_rate, batch_size, patience, made, *stopping(made.held_out, patience))


def sentence(n: Numbers) -> str:
    """Return in words how the path goes and what patience did."""
    train, end = n.run.train, n.stop or EPOCHS
    steps = int(n.run.epoch_starts[end])
    jumps = np.diff(train[: end + 1])
    wild = float(np.mean(jumps > 0.05 * train[:end]))
    if train[end] >= train[0]:
        how = "It does not learn: the cost ends higher than it began"
    elif wild > 0.25:
        how = "It jumps about" if train[end] > 0.5 * train[0] else "It learns, but restlessly"
        how += f": the cost rose clearly in {wild:.0%} of the epochs"
    elif train[end] > 0.8 * train[0]:
        how = "It hardly moves: η is too small for so few updates"
    elif train[end] > 1.3 * float(landscape()[0].min()):
        how = "It creeps: far from the valley when it ends"
    else:
        how = "It walks down into the valley"
    stop = (
        f"With patience {n.patience} it stops after epoch {n.stop}, and keeps epoch {n.best}."
        if n.stop is not None
        else f"Patience {n.patience} is never used up in {EPOCHS} epochs."
    )
    return (
        f"{how}. C goes from {short(train[0])} to <b>{short(train[end])}</b> (held out: "
        f"{short(n.run.held_out[n.best])} at best) in {steps:,} updates of "
        f"{count(n.batch_size, 'row')}. {stop}"
    )


def code(n: Numbers) -> str:
    """Return code that trains the same neuron as long, and gives the cost of the sentence."""
    return (
        "from bplib.explore.explorers.descent import START, data, network\n"
        "net, (X, Y, X_out, Y_out) = network(*START), data()\n"
        f"net.train(X, Y, {n.learning_rate!r}, {n.batch_size}, {n.stop or EPOCHS}, "
        "progress=False)[-1]"
    )


PRESETS: dict[str, dict[str, Any]] = {
    "too slow": {"learning_rate": 0.01, "batch_size": 60},
    "full batch": {"learning_rate": 1.0, "batch_size": 60},
    "one row": {"learning_rate": 0.3, "batch_size": 1},
    "too fast": {"learning_rate": 30.0, "batch_size": 5},
    "impatient": {"learning_rate": 3.0, "batch_size": 2, "patience": 1},
}
ASKED = Prediction(
    "η = 0.01. In 40 epochs the full batch makes 40 updates, one row at a time makes 2,400. Which "
    "ends with the lower cost?",
    ("the full batch: its gradient is exact", "about the same", "one row at a time"),
    right=lambda n: 1 + int(np.sign(round(_ends(60) / _ends(1) - 1, 1))),
    because=lambda n: (
        f"The full batch ends at C = {short(_ends(60))}, single rows at "
        f"{short(_ends(1))}. A row's gradient is a noisy but unbiased estimate of the same "
        "direction, and 60 times as many steps fit into an epoch."
    ),
    settings={"learning_rate": 0.01, "batch_size": 1, "patience": 40},
)


def _ends(batch_size: int) -> float:
    return float(run(0.01, batch_size).train[-1])


def descent(learning_rate: float = 0.3, batch_size: int = 10, patience: int = 5) -> Explorer:
    """Return the explorer of gradient descent, starting at these settings.

    learning_rate: 0.001 … 100    batch_size: 1, 2, 5, 10, 20 or 60    patience: 1 … 40 epochs
    Raises ValueError for other values.  Sources: 001 SGD, 003 mini-batches, 000 stopping.
    """
    controls = {
        "learning_rate": log_slider("learning rate η", 1, -3, 2, 0.1),
        "batch_size": choice("batch size", 10, BATCHES),
        "patience": whole("patience", 5, 1, EPOCHS),
    }
    given = {"learning_rate": learning_rate, "batch_size": batch_size, "patience": patience}
    start_at(controls, given)
    C, b = landscape()
    parts = Parts(numbers, Picture(W_GRID, C, b), sentence, code)
    return Explorer("descent", "Gradient descent", controls, parts, PRESETS, ASKED)
