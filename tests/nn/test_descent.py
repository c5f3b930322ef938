"""The parts of gradient descent: start, mini-batches, step, stop, and the loop around them."""

from itertools import pairwise

import numpy as np
import pytest

from bplib import nn
from bplib.functions import network_cost, network_gradients

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(7, 3)), np.eye(2)[RNG.integers(2, size=7)]


def test_the_start_has_the_scale_and_no_two_units_alike():
    (W, b), (W_2, b_2) = nn.init_normal([300, 200, 5], 0.3, seed=1)
    assert (W.shape, W_2.shape) == ((200, 300), (5, 200))
    assert W.std() == pytest.approx(0.3, rel=0.02)
    assert W.mean() == pytest.approx(0, abs=0.01)
    assert len(np.unique(W[:, 0])) == 200
    assert not b.any()
    assert not b_2.any()


def test_the_seed_decides_the_start():
    first, same, other = (nn.init_normal([3, 2], 1.0, seed)[0][0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()
    np.testing.assert_array_equal(first, np.random.default_rng(1).standard_normal((2, 3)))


@pytest.mark.parametrize("sizes", [[3], [], [3, 0], [3, 2.0]])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match="at least two positive integers"):
        nn.init_normal(sizes, 1.0, 0)


@pytest.mark.parametrize(("m", "size", "lengths"), [(7, 3, [3, 3, 1]), (6, 3, [3, 3]), (2, 5, [2])])
def test_batches_keep_the_order_and_leave_nobody_out(m, size, lengths):
    order = np.random.default_rng(0).permutation(m)
    rows = nn.batches(order, size)
    assert [len(part) for part in rows] == lengths
    np.testing.assert_array_equal(np.concatenate(rows), order)


@pytest.mark.parametrize("size", [0, -1, 1.5])
def test_a_batch_needs_rows(size):
    with pytest.raises(ValueError, match=f"batch_size is {size}"):
        nn.batches(np.arange(3), size)


def test_a_step_makes_new_parameters_and_keeps_the_old_ones():
    params = [(np.ones((2, 3)), np.zeros(2))]
    grads = [(np.full((2, 3), 2.0), np.array([1.0, -1.0]))]
    ((W, b),) = nn.sgd_step(params, grads, 0.1)
    np.testing.assert_allclose(W, 0.8)
    np.testing.assert_allclose(b, [-0.1, 0.1])
    assert (params[0][0] == 1).all()
    assert not params[0][1].any()
    with pytest.raises(ValueError, match="zip"):
        nn.sgd_step(params, [], 0.1)


def test_a_small_step_lowers_the_cost_as_forecast():
    params = nn.init_normal([3, 4, 2], 0.5, 0)
    grads = network_gradients(X, Y, params)
    moved = network_cost(X, Y, nn.sgd_step(params, grads, 1e-6)) - network_cost(X, Y, params)
    squares = sum(float((g**2).sum()) for pair in grads for g in pair)
    assert moved == pytest.approx(-1e-6 * squares, rel=1e-3)


@pytest.mark.parametrize(("history", "patience", "stop"), [
    ([], 1, False), ([0.5], 1, False), ([0.5, 0.6], 1, True), ([0.5, 0.4], 1, False),
    ([0.5, 0.5], 1, True), ([0.5, 0.7, 0.6], 2, True), ([0.5, 0.7, 0.6], 3, False),
    ([0.9, 0.5, 0.7, 0.4], 2, False), ([0.3, 0.9, 0.8, 0.7], 3, True),
])  # fmt: skip
def test_when_to_stop(history, patience, stop):
    assert nn.should_stop(history, patience) is stop


@pytest.mark.parametrize("patience", [0, -1, 2.0])
def test_patience_must_be_a_positive_integer(patience):
    with pytest.raises(ValueError, match=f"patience is {patience}"):
        nn.should_stop([1.0, 2.0], patience)


def descend(params, *, rate=0.5, size=3, patience=3, epochs=30, validation=(X, Y)):
    orders = [np.random.default_rng(i).permutation(7) for i in range(epochs)]
    return nn.descend(
        params, (X, Y), validation, network_cost, network_gradients, rate, size, patience, orders
    )


def test_full_batches_lower_the_cost_in_every_epoch():
    params = nn.init_normal([3, 4, 2], 0.5, 0)
    best, history = descend(params, rate=0.1, size=7)
    assert len(history) == 30
    assert all(after < before for before, after in pairwise(history))
    assert network_cost(X, Y, best) == history[-1]


def test_it_stops_by_patience_and_returns_the_best_epoch():
    others = RNG.normal(size=(9, 3)), np.eye(2)[RNG.integers(2, size=9)]
    params = nn.init_normal([3, 4, 2], 0.5, 0)
    before = [(W.copy(), b.copy()) for W, b in params]
    best, history = descend(params, rate=1.0, validation=others, epochs=200)
    lowest = int(np.argmin(history))
    assert len(history) == lowest + 1 + 3 < 200
    assert network_cost(*others, best) == history[lowest]
    for pair, kept in zip(params, before, strict=True):
        for one, other in zip(pair, kept, strict=True):
            np.testing.assert_array_equal(one, other)


def test_it_takes_the_steps_of_the_fast_loop():
    """Without early stopping, `Network.train` and `descend` are the same algorithm."""
    net = nn.Network.dense([3, 4, 2], "tanh", seed=2)
    params = [(W.copy(), b.copy()) for W, b in net.params]
    history = net.train(X, Y, 0.2, batch_size=3, epochs=4, seed=9, progress=False)
    rng = np.random.default_rng(9)
    orders = [rng.permutation(7) for _ in range(4)]
    _, ours = nn.descend(
        params, (X, Y), (X, Y), network_cost, network_gradients, 0.2, 3, 99, orders
    )
    np.testing.assert_allclose(ours, history, rtol=1e-12)


def test_no_epoch_is_no_change():
    params = nn.init_normal([3, 2], 0.5, 0)
    best, history = descend(params, epochs=0)
    assert history == []
    np.testing.assert_array_equal(best[0][0], params[0][0])
