"""The functions that are sent by name: smooth and coupled, or kinked exactly where they say."""

import pickle
from typing import Any

import numpy as np
import pytest

from bplib import nn, numeric, wire
from bplib.functions import (
    FUNCTIONS,
    KINKED,
    SMOOTH,
    function,
    network_cost,
    network_gradients,
    network_output,
)

SCALARS = [name for name in FUNCTIONS if not name.startswith("network")]


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("name", SCALARS)
def test_complex_step_and_differences_agree(name: str, n: int) -> None:
    f, x = function(name), np.random.default_rng(n).normal(size=n) + 3
    slopes = numeric.complex_step(f, x)
    np.testing.assert_allclose(numeric.gradient(f, x), slopes, rtol=1e-7)
    assert np.isrealobj(f(x))
    assert np.ndim(f(x)) == 0


@pytest.mark.parametrize("name", SMOOTH)
def test_the_entries_of_a_smooth_function_feel_each_other(name: str) -> None:
    """A forgotten entry can only be seen where one entry changes the slope of another."""
    f, x = function(name), np.array([0.5, -1.0, 2.0])
    for k in range(3):
        change = numeric.complex_step(f, x + 0.1 * np.eye(3)[k]) - numeric.complex_step(f, x)
        assert (np.abs(change) > 1e-4).all()


@pytest.mark.parametrize("name", KINKED)
def test_a_kink_lies_exactly_at_zero_and_takes_the_left_side(name: str) -> None:
    f, x = function(name), np.array([0.0, 1.5])
    assert numeric.estimate(f, x).kinks.tolist() == [True, False]
    assert not numeric.estimate(f, x + 0.5).kinks.any()
    slopes = [numeric.complex_step(f, x + [side, 0])[0] for side in (-1e-300, 0.0, 1e-300)]
    assert slopes[0] == slopes[1] != slopes[2]


def batch(m: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(m)
    return rng.normal(size=(m, 4)), np.eye(3)[rng.integers(3, size=m)]


@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (4, 5, 2, 3)])
@pytest.mark.parametrize("m", [1, 6])
def test_the_network_is_the_one_of_the_library(sizes: tuple[int, ...], m: int) -> None:
    X, Y = batch(m)
    net = nn.Network.dense(sizes, "tanh", seed=3)
    assert network_cost(X, Y, net.params) == pytest.approx(net.cost(X, Y), rel=1e-12)
    np.testing.assert_array_equal(
        network_output(X, net.params).argmax(axis=1), net.predict(X).argmax(axis=1)
    )
    pairs = zip(network_gradients(X, Y, net.params), net.gradients(X, Y), strict=True)
    for ours, theirs in pairs:
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-14)


def test_the_cost_of_large_scores_does_not_overflow() -> None:
    X, Y = batch(2)
    params = [(1e4 * np.ones((3, 4)), np.zeros(3))]
    assert np.isfinite(network_cost(X, Y, params))
    assert np.isfinite(network_gradients(X, Y, params)[0][0]).all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_travels_by_name(name: str) -> None:
    sent = wire.encode(function(name))
    assert sent == {"function": name}
    assert wire.decode(sent) is function(name)
    assert pickle.loads(pickle.dumps(function(name))) == function(name)


def test_row_numbers_stay_row_numbers() -> None:
    order = np.random.default_rng(0).permutation(5)
    back = wire.decode(wire.encode(order))
    np.testing.assert_array_equal(back, order)
    assert back.dtype.kind == wire.rounded(order).dtype.kind == "i"
    assert wire.decode(wire.encode(np.array([1.0, 2.0]))).dtype == np.float64


def test_two_functions_differ_and_an_unknown_one_is_refused() -> None:
    assert function("bowl") != function("cubes")
    with pytest.raises(ValueError, match=r"no function 'sum'; the functions are: bowl, "):
        function("sum")
    with pytest.raises(TypeError, match="named functions"):
        wire.encode(np.sum)
