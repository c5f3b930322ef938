"""Training: the fast step is the clear one, batches are complete, and networks learn."""

from itertools import pairwise

import numpy as np
import pytest

from bplib import nn
from bplib.nn import Network, TrainingStep

RNG = np.random.default_rng(5)


def batch(m, dtype):
    return RNG.normal(size=(m, 5)).astype(dtype), np.eye(3, dtype=dtype)[RNG.integers(3, size=m)]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-11), (np.float32, 2e-4)])
@pytest.mark.parametrize("pair", nn.OUTPUTS, ids="-".join)
@pytest.mark.parametrize("hidden", nn.ACTIVATIONS)
@pytest.mark.parametrize("m", [1, 7])
def test_the_fast_step_is_the_clear_one(hidden, pair, m, dtype, tolerance):
    net = Network.dense([5, 4, 6, 3], hidden, *pair, init="he").astype(dtype)
    step = TrainingStep(net, m)
    for _ in range(3):  # the second step must not see anything of the first
        X, Y = batch(m, dtype)
        before = X.copy(), Y.copy()
        grads = net.gradients(X, Y)
        expected = [
            (W - 0.1 * dW, b - 0.1 * db) for (W, b), (dW, db) in zip(net.params, grads, strict=True)
        ]
        step(X, Y, 0.1)
        np.testing.assert_array_equal(X, before[0])
        np.testing.assert_array_equal(Y, before[1])
        for new, old in zip(net.params, expected, strict=True):
            for array, other in zip(new, old, strict=True):
                assert array.dtype == dtype
                np.testing.assert_allclose(array, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu", "elu"])
def test_the_fast_step_takes_the_same_side_of_a_kink(hidden):
    net = Network.dense([5, 4, 3], hidden)
    net.params = [(np.zeros((4, 5)), np.zeros(4)), net.params[1]]  # every z is exactly 0
    X, Y = batch(3, np.float64)
    dW = net.gradients(X, Y)[0][0]
    TrainingStep(net, 3)(X, Y, 1.0)
    np.testing.assert_allclose(net.params[0][0], -dW, atol=1e-15)


@pytest.mark.parametrize("hidden", nn.ACTIVATIONS)
@pytest.mark.parametrize("pair", [p for p in nn.OUTPUTS if p[0] != "linear"], ids="-".join)
def test_the_fast_step_stays_finite_when_units_saturate(hidden, pair):
    net = Network.dense([5, 4, 3], hidden, *pair).astype(np.float32)
    X, Y = batch(4, np.float32)
    TrainingStep(net, 4)(X * np.float32(1e4), Y, 0.1)
    assert all(np.isfinite(W).all() and np.isfinite(b).all() for W, b in net.params)


def test_a_short_last_batch_is_divided_by_its_own_rows():
    X, Y = batch(5, np.float64)
    net, clear = Network.dense([5, 4, 3]), Network.dense([5, 4, 3])
    net.train(X, Y, 0.5, batch_size=3, epochs=2, seed=9, progress=False)
    rng = np.random.default_rng(9)
    for _ in range(2):
        order = rng.permutation(5)
        for rows in (order[:3], order[3:]):
            grads = clear.gradients(X[rows], Y[rows])
            clear.params = [
                (W - 0.5 * dW, b - 0.5 * db)
                for (W, b), (dW, db) in zip(clear.params, grads, strict=True)
            ]
    for (W, b), (W_clear, b_clear) in zip(net.params, clear.params, strict=True):
        np.testing.assert_allclose(W, W_clear, rtol=1e-12)
        np.testing.assert_allclose(b, b_clear, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("m", "size", "lengths"), [
    (7, 3, [3, 3, 1]), (6, 3, [3, 3]), (2, 5, [2]), (3, 1, [1, 1, 1]),
])  # fmt: skip
def test_minibatches_take_each_row_once(m, size, lengths):
    batches = list(nn.minibatches(m, size, np.random.default_rng(0)))
    assert [len(rows) for rows in batches] == lengths
    assert sorted(np.concatenate(batches)) == list(range(m))


def test_the_seed_decides_and_parameters_are_updated_in_place():
    X, Y = batch(20, np.float64)
    nets = [Network.dense([5, 4, 3]) for _ in range(3)]
    W = nets[0].params[0][0]
    histories = [
        net.train(X, Y, 0.5, 4, 3, seed, progress=False)
        for net, seed in zip(nets, [1, 1, 2], strict=True)
    ]
    assert histories[0] == histories[1] != histories[2]
    assert len(histories[0]) == 3
    assert histories[0][-1] == nets[0].cost(X, Y)
    assert W is nets[0].params[0][0]


def test_full_batch_descent_lowers_the_cost_in_every_epoch():
    X, Y = batch(20, np.float64)
    net = Network.dense([5, 4, 3], "tanh")
    costs = [net.cost(X, Y)] + net.train(X, Y, 0.1, 20, 30, progress=False)
    assert all(after < before for before, after in pairwise(costs))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("hidden", "pair"), [
    ("tanh", ("softmax", "cross_entropy")), ("sigmoid", ("sigmoid", "cross_entropy")),
    ("relu", ("sigmoid", "quadratic")), ("leaky_relu", ("linear", "quadratic")),
    ("elu", ("softmax", "cross_entropy")),
])  # fmt: skip
def test_it_learns_exclusive_or(hidden, pair, dtype):
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (200, 2)).astype(dtype)
    X += np.sign(X) * dtype(0.2)  # four clouds with a gap between them
    Y = np.eye(2, dtype=dtype)[(X[:, 0] * X[:, 1] > 0).astype(int)]
    net = Network.dense([2, 16, 2], hidden, *pair, seed=1)
    costs = net.train(X, Y, 0.5 if pair[0] != "linear" else 0.1, 10, 60, progress=False)
    assert net.accuracy(X, Y) > 0.97
    assert costs[-1] < costs[0]
    assert {array.dtype for pair in net.params for array in pair} == {np.dtype(dtype)}


def test_progress_is_shown_or_not(capsys):
    X, Y = batch(4, np.float64)
    net = Network.dense([5, 3])
    net.train(X, Y, 0.1, 2, 2, progress=False)
    assert capsys.readouterr().out == ""
    net.train(X, Y, 0.1, 2, 2)
    assert "2/2" in capsys.readouterr().out


def test_no_epoch_is_no_change():
    X, Y = batch(4, np.float64)
    net = Network.dense([5, 3])
    before = net.params[0][0].copy()
    assert net.train(X, Y, 0.1, 2, 0) == []
    np.testing.assert_array_equal(net.params[0][0], before)


@pytest.mark.parametrize(("name", "wrong"), [
    ("learning_rate", 0), ("learning_rate", -1.0), ("learning_rate", np.nan),
    ("learning_rate", np.inf), ("batch_size", 0), ("batch_size", 2.5), ("epochs", -1),
    ("epochs", 1.0),
])  # fmt: skip
def test_numbers_out_of_range_are_refused(name, wrong):
    X, Y = batch(4, np.float64)
    arguments = {"learning_rate": 0.1, "batch_size": 2, "epochs": 1, name: wrong}
    with pytest.raises(ValueError, match=f"{name} is {wrong}"):
        Network.dense([5, 3]).train(X, Y, progress=False, **arguments)


def test_softmax_has_no_elementwise_kernel():
    with pytest.raises(TypeError, match="softmax"):
        TrainingStep(Network.dense([5, 3]), 2).kernels[-1].multiply(None, None, None)
