# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 05: the whole algorithm in five steps (BP1 to BP4).

Sources: 001 step 3 and the algorithm, 003 BP3 BP4 and the five steps, 004 (4) and summary,
000 steps 1 to 3.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from bplib import nn
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family, on_its_branch, one_hot
from bplib.exercises.follow_through import steps

# --- code: the whole algorithm -------------------------------------------------------------------

backprop = Exercise(
    id="05.backprop",
    title="The algorithm",
    call="backprop(X, Y, params, phi, cost)",
    returns={"grads": "a list of (dW, db) for layers 1 … L"},
    equation="BP1 to BP4",
    reference=nn.backprop,
    points=8,
    labels=lambda grads: [(f"dW[{l}]", f"db[{l}]") for l in range(1, len(grads) + 1)],
    steps=steps,
    notice="One pass forward, one pass back, and every weight knows its part.",
)

DEPTH = {"one-example": 2, "exact-zeros": 2, "saturated": 2, "linear": 1}
GAIN = {"saturated": 5.0, "linear": 0.05}


@backprop.cases
def draw_network(rng: Generator, family: Family) -> Case:
    """A network of one to three layers, a mini-batch, and a cost that fits the activation."""
    m, *widths = family.sizes(rng, DEPTH.get(family.name, 3) + 1)
    if family.regime == "zeros":
        X, params = _whole_numbers(rng, m, widths)
        phi = nn.ACTIVATIONS["relu"]
    else:
        X = rng.normal(size=(m, widths[0]))
        gain = GAIN.get(family.regime, 1.0)
        params = [
            (rng.normal(size=(n, n_prev)) * gain / np.sqrt(n_prev), rng.normal(size=n) * gain)
            for n_prev, n in pairwise(widths)
        ]
        phi = family.activation(rng)
    cross = phi.name == "sigmoid" and family.regime != "saturated" and rng.random() < 0.5
    Y = one_hot(rng, m, widths[-1]) if phi.name == "sigmoid" else rng.normal(size=(m, widths[-1]))
    if family.zero_upstream:  # the network is right already
        Y = nn.forward(X, params, phi)[1][-1]
    cost = nn.COSTS["cross_entropy" if cross else "quadratic"]
    return Case(inputs=dict(X=X, Y=Y, params=params, phi=phi, cost=cost), m=m)


def _whole_numbers(rng: Generator, m: int, widths: list[int]) -> tuple[Array, list]:
    """Small whole numbers, whose sums hit zero exactly, in whatever order they are added."""
    while True:
        X = rng.integers(-2, 3, size=(m, widths[0])).astype(float)
        params = [
            (
                rng.integers(-2, 3, size=(n, n_prev)).astype(float),
                rng.choice((-2.0, -1.0, 1.0, 2.0), size=n),
            )
            for n_prev, n in pairwise(widths)
        ]
        Zs, _ = nn.forward(X, params, nn.ACTIVATIONS["relu"])
        grads = nn.backprop(
            X,
            X @ np.ones((widths[0], widths[-1])),
            params,
            nn.ACTIVATIONS["relu"],
            nn.COSTS["quadratic"],
        )
        if not Zs[0].all() and grads[0][0].any():
            return X, params


# What each output of each example adds to m C, written out once more, as an oracle should.
_PER_ENTRY = {
    "quadratic": lambda A, Y: (A - Y) ** 2 / 2,
    "cross_entropy": lambda A, Y: -(Y * np.log(A) + (1 - Y) * np.log(1 - A)),
}


def imaginary_steps(cost: Callable[[Array], Array], x: Array, h: float = 1e-30) -> Array:
    """Im C(x + ih) / h by each entry of x: exact, for nothing is subtracted.

    cost maps k nudged arrays, (k, *x.shape), to their costs, (k,).
    """
    steps = 1j * h * np.eye(x.size).reshape(-1, *x.shape)
    slopes: Array = cost(x + steps).imag.reshape(x.shape) / h
    return slopes


@backprop.numeric
def nudge_parameters(
    X: Array, Y: Array, params: list, phi: nn.Activation, cost: nn.Cost
) -> list[tuple[Array, Array]]:
    """Nudge every weight and bias, each by an imaginary step, and run the networks forward at once."""
    Zs, _ = nn.forward(X, params, phi)

    def total(layer: int, moved: Array) -> Array:
        """The costs of k networks, (k,); `moved` is [W | b] of the layer, (k, n, n_prev + 1)."""
        A = X[:, np.newaxis]  # (m, 1, n), then (m, k, n): the networks beside one another
        for index, ((W, b), Z) in enumerate(zip(params, Zs)):
            branch = on_its_branch(phi, Z[:, np.newaxis])
            if index == layer:
                A = branch(np.tensordot(A[:, 0], moved[..., :-1], axes=(1, 2)) + moved[..., -1])
            else:
                A = branch(A @ W.T + b)
        costs: Array = _PER_ENTRY[cost.name](A, Y[:, np.newaxis]).sum(axis=(0, 2)) / len(Y)
        return costs

    slopes = [
        imaginary_steps(partial(total, layer), np.column_stack([W, b]))
        for layer, (W, b) in enumerate(params)
    ]
    return [(slope[:, :-1], slope[:, -1]) for slope in slopes]


# The only gate of the course, for only here a student gets the forward pass and its cost, X to C,
# and so could differentiate by running it. The functions of units 03, 04, and 05 BP3 and BP4 get
# slopes and errors that are computed already; the Zs of 04.hidden_errors need not even belong to
# one pass. 08.train gets the gradients themselves, and unit 09 has no cost to differentiate.
@backprop.size_gate(cpu_seconds=0.6, points=1)
def draw_large_network(rng: Generator) -> Case:
    """One example and 99,000 parameters: that many forward passes to nudge, and one to go back."""
    # The narrow end costs one pass little, and 99,000 passes much, however much they have in common.
    m, widths = 1, (199, 197, 167, 149, 11, 3, 3, 3, 3, 3)
    params = [
        (rng.uniform(-1, 1, size=(n, n_prev)) * np.sqrt(3 / n_prev), rng.normal(size=n))
        for n_prev, n in pairwise(widths)
    ]
    X, Y = rng.normal(size=(m, widths[0])), rng.normal(size=(m, widths[-1]))
    phi, cost = nn.ACTIVATIONS["tanh"], nn.COSTS["quadratic"]
    return Case(inputs=dict(X=X, Y=Y, params=params, phi=phi, cost=cost), m=m)


@backprop.style("vectorized")
def _(X, Y, params, phi, cost):
    As, Zs = [X], []
    for W, b in params:
        Z = As[-1] @ W.T + b
        Zs.append(Z)
        As.append(phi(Z))
    grad_a = cost.gradient(As[-1], Y)
    delta = grad_a * phi.derivative(Zs[-1])
    grads = []
    for l in range(len(params), 0, -1):
        dW = delta.T @ As[l - 1]
        db = delta.sum(axis=0)
        grads.insert(0, (dW, db))
        if l > 1:
            W_next = params[l - 1][0]
            slope = phi.derivative(Zs[l - 2])
            delta = (delta @ W_next) * slope
    return grads


@backprop.style("loops")
def _(X, Y, params, phi, cost):
    activations, slopes = [X], []
    for W, b in params:
        Z = np.array([W @ a + b for a in activations[-1]])
        slopes.append(phi.derivative(Z))
        activations.append(phi(Z))
    delta = cost.gradient(activations[-1], Y) * slopes[-1]
    grads = [None] * len(params)
    for l in reversed(range(len(params))):
        dW, db = np.zeros(params[l][0].shape), np.zeros(params[l][1].shape)
        for d, a in zip(delta, activations[l]):
            dW += np.outer(d, a)
            db += d
        grads[l] = (dW, db)
        if l > 0:
            delta = np.array([params[l][0].T @ d for d in delta]) * slopes[l - 1]
    return grads


@backprop.style("einsum")
def _(X, Y, params, phi, cost):
    A, tape = X, []
    for W, b in params:
        Z = np.einsum("ik,jk->ij", A, W) + b
        tape.append((A, Z, W))
        A = phi(Z)
    upstream = cost.gradient(A, Y)
    grads = []
    for A_prev, Z, W in reversed(tape):
        delta = upstream * phi.derivative(Z)
        grads.append([np.einsum("ij,ik->jk", delta, A_prev), np.einsum("ij->j", delta)])
        upstream = np.einsum("ij,jk->ik", delta, W)
    return grads[::-1]


@backprop.style("errors first")
def _(X, Y, params, phi, cost):
    Zs, As = [], [X]
    for W, b in params:
        Zs += [As[-1] @ W.T + b]
        As += [phi(Zs[-1])]
    deltas = {len(params): cost.gradient(As[-1], Y) * phi.derivative(Zs[-1])}
    for l in range(len(params) - 1, 0, -1):
        deltas[l] = deltas[l + 1] @ params[l][0] * phi.derivative(Zs[l - 1])
    return [(deltas[l].T @ As[l - 1], np.sum(deltas[l], axis=0)) for l in sorted(deltas)]


@backprop.style("row by row")
def _(X, Y, params, phi, cost):
    Zs, As = [], [X]
    for W, b in params:
        Zs.append(As[-1] @ W.T + b)
        As.append(phi(Zs[-1]))
    delta = cost.gradient(As[-1], Y) * phi.derivative(Zs[-1])
    grads = []
    for l in reversed(range(len(params))):
        grads.append((sum(np.outer(d, a_prev) for d, a_prev in zip(delta, As[l])), sum(delta)))
        if l:
            slopes = phi.derivative(Zs[l - 1])
            delta = np.array([(params[l][0].T @ d) * slope for d, slope in zip(delta, slopes)])
    return grads[::-1]


_SLIPS = {
    "bias-per-example": [("@ W.T + b", "@ W.T + b[:, np.newaxis]")],
    "overwrites-z": [("As.append(phi(Z))", "Z[:] = phi(Z)\n        As.append(Z)")],
    "weights-transposed": [("@ W.T", "@ W")],
    "output-slope-missing": [(" * phi.derivative(Zs[-1])", "")],
    "sign-flipped": [("delta = grad_a", "delta = -grad_a")],
    "factor-two": [("delta = grad_a", "delta = 2 * grad_a")],
    "batch-mean-missing": [("delta = grad_a", "delta = len(X) * grad_a")],
    "batch-mean-twice": [("delta = grad_a", "delta = grad_a / len(X)")],
    "hidden-slope-missing": [(" * slope", "")],
    "next-layer-slope": [("Zs[l - 2]", "Zs[l - 1]")],
    "own-weights": [("params[l - 1][0]", "params[l - 2][0]")],
    "updated-weights": [("params[l - 1][0]", "params[l - 1][0] - 0.1 * dW")],
    "elementwise-for-matmul": [("delta @ W_next", "delta * W_next")],
    "unweighted-sum": [("delta @ W_next", "delta.sum(axis=1, keepdims=True)")],
    "absolute-weights": [("@ W_next", "@ np.abs(W_next)")],
    "output-error-everywhere": [("delta @ W_next", "grad_a @ W_next")],
    "mean-per-layer": [(" * slope", " * slope / len(X)")],
    "slope-twice": [(" * slope", " * slope * slope")],
    "gradient-from-own-activation": [("As[l - 1]", "As[l]")],
    "gradient-from-weighted-input": [("As[l - 1]", "([X] + Zs)[l - 1]")],
    "gradient-transposed": [("delta.T @ As[l - 1]", "As[l - 1].T @ delta")],
    "bias-not-summed": [("delta.sum(axis=0)", "delta")],
    "bias-summed-over-units": [("delta.sum(axis=0)", "np.full(delta.shape[1], delta.sum())")],
    "bias-averaged": [("delta.sum(axis=0)", "delta.mean(axis=0)")],
    "bias-times-input": [
        ("delta.sum(axis=0)", "(delta * As[l - 1].sum(axis=1, keepdims=True)).sum(axis=0)")
    ],
    "bias-zero": [("delta.sum(axis=0)", "np.zeros(delta.shape[1])")],
    "bias-times-bias": [("delta.sum(axis=0)", "delta.sum(axis=0) * params[l - 1][1]")],
    "first-example-only": [
        ("delta.T @ As[l - 1]", "np.outer(delta[0], As[l - 1][0])"),
        ("delta.sum(axis=0)", "delta[0]"),
    ],
    "first-layer-skipped": [("(dW, db)", "(dW, db) if l > 1 else (0 * dW, 0 * db)")],
}
for _name, _edits in _SLIPS.items():
    backprop.slip(_name, *_edits)
