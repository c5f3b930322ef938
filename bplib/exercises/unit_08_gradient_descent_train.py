# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 08, third part: the training loop, with mini-batches, validation and early stopping.

The network comes as two functions by name, its cost and its gradients, so that the loop is graded
and not the backpropagation of unit 05.
Sources: 003 the mini-batch algorithm, 000 stopping criteria, 002 W* = argmin.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family, one_hot
from bplib.exercises.unit_08_gradient_descent import layer_labels
from bplib.functions import FUNCTIONS, NamedFunction

train = Exercise(
    id="08.train",
    title="The training loop",
    call="train(params, training, validation, cost, gradients, learning_rate, size, patience, orders)",
    returns={
        "best": "a list of (W, b) for layers 1 … L",
        "history": "(epochs,)",
    },
    equation="mini-batch gradient descent",
    # The library says batch_size where the student's call says size.
    reference=lambda size, **inputs: nn.descend(batch_size=size, **inputs),
    points=6,
    # The network comes by name and is smooth: nothing saturates or sits at a kink.
    families=("ordinary", "one-example", "equal-widths", "saturated", "zero-upstream"),
    sentences={
        "ordinary": "the last mini-batch is a short one",
        "one-example": "a single example to learn from",
        "equal-widths": "one mini-batch holds all examples",
        "saturated": "the patience does not run out",
        "zero-upstream": "from the second epoch on the validation cost is zero",
    },
    labels=lambda answer: (layer_labels(answer[0]), "history"),
    notice="You got the parameters of the best epoch, not of the last one. That is early stopping.",
)


@train.cases
def draw_training(rng: Generator, family: Family) -> Case:
    """A small network, rows to learn from, other rows to judge by, and an order for each epoch.

    The best epoch is not the last one, except by the patience: only then does it matter what is kept.
    """
    size = int(rng.choice((2, 3)))
    m = 1 if family.one_example else 2 * size + 1
    patience = 4 if family.regime == "saturated" else 2
    while True:
        layers = 2 if family.zero_upstream else 3
        sizes = [int(n) for n in rng.choice((2, 3, 4, 5), layers, replace=False)]
        case = Case(
            inputs=dict(
                params=nn.init_normal(sizes, 0.7, int(rng.integers(10**6))),
                training=(rng.normal(size=(m, sizes[0])), one_hot(rng, m, sizes[-1])),
                validation=(rng.normal(size=(4, sizes[0])), one_hot(rng, 4, sizes[-1])),
                cost=FUNCTIONS["network_cost"],
                gradients=FUNCTIONS["network_gradients"],
                learning_rate=float(rng.integers(30, 120)) / 100,
                size=m if family.equal_widths else size,
                patience=patience,
                orders=[rng.permutation(m) for _ in range(7)],
            ),
            m=m,
        )
        if family.zero_upstream:
            case = _far_away(case)
        _, history = train.reference(**case.inputs)
        if _telling(history, family) and (
            family.regime != "saturated" or _tries_patience(history, size, patience)
        ):
            return case


def _far_away(case: Case) -> Case:
    """The case with validation rows so far out that what is right is right for certain.

    One layer gives them scores that differ by hundreds, and exp of that is zero in float64. Their
    targets are what the network says of them after two epochs.
    """
    inputs = case.inputs
    X_val, (X, Y), params = 300 * inputs["validation"][0], inputs["training"], inputs["params"]
    for order in inputs["orders"][:2]:
        for rows in nn.batches(order, inputs["size"]):
            grads = inputs["gradients"](X[rows], Y[rows], params)
            params = nn.sgd_step(params, grads, inputs["learning_rate"])
    ((W, b),) = params
    scores = X_val @ W.T + b
    Y_val = np.eye(scores.shape[1])[scores.argmax(axis=1)]
    return Case({**inputs, "validation": (X_val, Y_val)}, case.m)


def _telling(history: list, family: Family) -> bool:
    """True if this history shows what the family is there to show."""
    if family.zero_upstream:
        # Equal best costs of different parameters: the first ones count, and nothing is news.
        return history[0] > 0.05 and not any(history[1:])
    if family.name == "ordinary" and not history[1] < history[0] <= history[2]:
        return False  # the latest cost alone would say stop, two epochs say go on
    return 1 <= int(np.argmin(history)) < len(history) - 1 and np.ptp(history) > 0.05


def _tries_patience(history: list, size: int, patience: int) -> bool:
    """True if the patience lasts to the end, and one of `size` epochs would not have."""
    so_far = [history[:n] for n in range(patience + 1, len(history))]
    return len(history) == 7 and any(min(h[-size:]) >= min(h[:-patience]) for h in so_far)


@train.numeric
def train_by_complex_step(
    params: list,
    training: tuple,
    validation: tuple,
    cost: NamedFunction,
    gradients: NamedFunction,
    learning_rate: float,
    size: int,
    patience: int,
    orders: list,
) -> tuple[list, list]:
    """The same training on one flat vector, whose gradient is a complex step of the cost."""
    shapes = [(W.shape, b.shape) for W, b in params]
    flat = np.concatenate([part.ravel() for pair in params for part in pair])

    def split(w: Array) -> list:
        parts, start = [], 0
        for pair in shapes:
            layer = []
            for shape in pair:
                stop = start + prod(shape)
                layer.append(w[..., start:stop].reshape(*w.shape[:-1], *shape))
                start = stop
            parts.append(tuple(layer))
        return parts

    def mean_cost(w: Array, X: Array, Y: Array) -> Any:
        *hidden, (W_L, b_L) = split(w)
        for W, b in hidden:
            X = np.tanh(X @ W.mT + b[..., np.newaxis, :])
        scores = X @ W_L.mT + b_L[..., np.newaxis, :]
        scores = scores - scores.real.max(axis=-1, keepdims=True)  # exp must not overflow
        each = np.log(np.exp(scores).sum(axis=-1)) - (Y * scores).sum(axis=-1)
        return each.mean(axis=-1)

    best, lowest, waited, history = flat, float("inf"), 0, []
    for order in orders:
        for start in range(0, len(order), size):
            X, Y = (part[order[start : start + size]] for part in training)

            def batch_cost(w: Array, X: Array = X, Y: Array = Y) -> Any:
                return mean_cost(w, X, Y)

            slopes = numeric.complex_step(batch_cost, flat, batched=True)
            flat = flat - learning_rate * slopes
        history.append(float(mean_cost(flat, *validation)))
        best, lowest, waited = (
            (flat, history[-1], 0) if history[-1] < lowest else (best, lowest, waited + 1)
        )
        if waited == patience:
            break
    return split(best), history


@train.style("vectorized")
def _(params, training, validation, cost, gradients, learning_rate, size, patience, orders):
    X, Y = training
    history, best = [], params
    for order in orders:
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            grads = gradients(X[rows], Y[rows], params)
            params = [
                (W - learning_rate * dW, b - learning_rate * db)
                for (W, b), (dW, db) in zip(params, grads)
            ]
        history.append(cost(validation[0], validation[1], params))
        if history[-1] == min(history) and history.count(history[-1]) == 1:
            best = params
        if len(history) > patience and min(history[-patience:]) >= min(history[:-patience]):
            break
    return best, history


@train.style("in place")
def _(params, training, validation, cost, gradients, learning_rate, size, patience, orders):
    X, Y = training
    X_val, Y_val = validation
    history, best, lowest, waited = [], params, np.inf, 0
    for order in orders:
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            grads = gradients(X[rows], Y[rows], params)
            for (W, b), (dW, db) in zip(params, grads):
                W -= learning_rate * dW
                b -= learning_rate * db
        history.append(cost(X_val, Y_val, params))
        waited += 1
        if history[-1] < lowest:
            best = [(W.copy(), b.copy()) for W, b in params]
            lowest, waited = history[-1], 0
        if waited >= patience:
            break
    return best, history


@train.style("all epochs kept")
def _(params, training, validation, cost, gradients, learning_rate, size, patience, orders):
    snapshots, history = [], []
    for order in orders:
        X, Y = training[0][order], training[1][order]
        while len(X):
            grads = gradients(X[:size], Y[:size], params)
            stepped = []
            for layer, slopes in zip(params, grads):
                stepped.append([p - learning_rate * dp for p, dp in zip(layer, slopes)])
            params, X, Y = stepped, X[size:], Y[size:]
        snapshots.append(params)
        history.append(cost(*validation, params))
        if len(history) - 1 - int(np.argmin(history)) >= patience:
            break
    return snapshots[int(np.argmin(history))], np.array(history)


@train.style("recursive")
def _(params, training, validation, cost, gradients, learning_rate, size, patience, orders):
    def later(params, best, history, orders):
        if not orders:
            return best, history
        for rows in [orders[0][i : i + size] for i in range(0, len(orders[0]), size)]:
            grads = gradients(training[0][rows], training[1][rows], params)
            params = [
                tuple(p - learning_rate * dp for p, dp in zip(layer, slopes))
                for layer, slopes in zip(params, grads)
            ]
        now = cost(*validation, params)
        best = params if not history or now < min(history) else best
        history = history + [now]
        if len(history) - history.index(min(history)) > patience:
            return best, history
        return later(params, best, history, orders[1:])

    return later(params, params, [], orders)


@train.style("one vector")
def _(params, training, validation, cost, gradients, learning_rate, size, patience, orders):
    shapes = [part.shape for layer in params for part in layer]
    cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1]

    def layers(flat):
        parts = [part.reshape(shape) for part, shape in zip(np.split(flat, cuts), shapes)]
        return list(zip(parts[::2], parts[1::2]))

    def joined(layers):
        return np.concatenate([part.ravel() for layer in layers for part in layer])

    flat, history, kept = joined(params), [], []
    for order in orders:
        for start in range(0, len(order), size):
            X, Y = (part[order[start : start + size]] for part in training)
            flat = flat - learning_rate * joined(gradients(X, Y, layers(flat)))
        kept.append(flat)
        history.append(cost(*validation, layers(flat)))
        if int(np.argmin(history)) + patience < len(history):
            break
    return layers(kept[int(np.argmin(history))]), np.array(history)


train.slip(
    "ascent",
    ("W - learning_rate * dW", "W + learning_rate * dW"),
    ("b - learning_rate * db", "b + learning_rate * db"),
)
train.slip("alias", ("[(W.copy(), b.copy()) for W, b in params]", "params"), style="in place")
train.slip(
    "gradients-accumulate",
    (
        "    history, best = [], params\n",
        "    history, best = [], params\n    total = [(0, 0)] * len(params)\n",
    ),
    (
        "            params = [\n",
        "            total = [(p + dW, q + db) for (p, q), (dW, db) in zip(total, grads)]\n"
        "            params = [\n",
    ),
    ("zip(params, grads)", "zip(params, total)"),
)
train.slip(
    "short-batch",
    (
        "            params = [\n",
        "            grads = [(dW * len(rows) / size, db * len(rows) / size) for dW, db in grads]\n"
        "            params = [\n",
    ),
)
train.slip("targets-left-behind", ("Y[rows]", "Y[start : start + size]"))
