"""Gradients of every kind of network against HIPS autograd, which shares no code with bplib."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from bplib.nn import Network

HIDDEN = {
    "sigmoid": lambda z: anp.exp(-anp.logaddexp(0.0, -z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.1 * z),
    "elu": lambda z: anp.where(z > 0, z, anp.exp(anp.minimum(z, 0)) - 1),
    "linear": lambda z: z,
}
COSTS = {
    ("linear", "quadratic"): lambda z, y: anp.sum((z - y) ** 2) / 2,
    ("sigmoid", "quadratic"): lambda z, y: anp.sum((HIDDEN["sigmoid"](z) - y) ** 2) / 2,
    ("sigmoid", "cross_entropy"): lambda z, y: anp.sum(anp.logaddexp(0.0, z) - y * z),
    ("softmax", "cross_entropy"): lambda z, y: anp.sum(
        y * (anp.log(anp.sum(anp.exp(z - anp.max(z)))) + anp.max(z) - z)
    ),
}
SIZES = [5, 4, 7, 3, 6, 4, 5, 3, 4]  # n_0 … n_8


def model_cost(params, X, Y, hidden, end):
    """The mean of the costs of the examples, one example at a time."""
    total = 0.0
    for x, y in zip(X, Y, strict=True):
        a = x
        for W, b in params[:-1]:
            a = HIDDEN[hidden](anp.dot(W, a) + b)
        W, b = params[-1]
        total = total + COSTS[end](anp.dot(W, a) + b, y)
    return total / len(X)


@pytest.mark.parametrize("init", ["normal", "glorot", "he"])
@pytest.mark.parametrize("end", COSTS, ids="-".join)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradients_agree_with_autograd(hidden, end, init):
    for depth in range(1, 9):
        rng = np.random.default_rng(depth)
        net = Network.dense(SIZES[: depth + 1], hidden, *end, init, seed=rng)
        for _, b in net.params:
            b += rng.normal(scale=0.3, size=b.shape)  # a zero bias hides mistakes
        X = rng.normal(size=(3, SIZES[0]))
        Y = np.eye(SIZES[depth])[rng.integers(SIZES[depth], size=3)]
        assert net.cost(X, Y) == pytest.approx(model_cost(net.params, X, Y, hidden, end), rel=1e-10)
        theirs = grad(model_cost)(net.params, X, Y, hidden, end)
        for pair, expected in zip(net.gradients(X, Y), theirs, strict=True):
            for ours, other in zip(pair, expected, strict=True):
                assert ours.shape == other.shape
                assert np.abs(ours - other).max() <= 1e-10 * np.abs(other).max()
