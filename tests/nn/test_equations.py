"""The equations: both columns of NOTATION agree, and what does not fit is refused."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplib import nn

RNG = np.random.default_rng(7)
widths = st.integers(1, 7)


def normal(*shape):
    return RNG.normal(size=shape)


@given(m=widths, n=widths, n_next=widths)
def test_a_batch_is_its_examples_one_by_one(m, n, n_next):
    W, b, A_prev = normal(n_next, n), normal(n_next), normal(m, n)
    delta_next, dphi_z = normal(m, n_next), normal(m, n)

    rows = [nn.weighted_input(W, b, a_prev) for a_prev in A_prev]
    np.testing.assert_allclose(nn.weighted_input_batch(W, b, A_prev), rows, atol=1e-13)

    rows = [(W.T @ d) * s for d, s in zip(delta_next, dphi_z, strict=True)]
    np.testing.assert_allclose(nn.hidden_error(W, delta_next, dphi_z), rows, atol=1e-13)
    np.testing.assert_allclose(nn.hidden_error(W, delta_next[0], dphi_z[0]), rows[0], atol=1e-13)

    outer = [np.outer(d, a) for d, a in zip(delta_next, A_prev, strict=True)]
    np.testing.assert_allclose(nn.weight_gradient(delta_next, A_prev), sum(outer), atol=1e-12)
    np.testing.assert_allclose(nn.weight_gradient(delta_next[0], A_prev[0]), outer[0])

    np.testing.assert_allclose(nn.bias_gradient(delta_next), sum(delta_next), atol=1e-13)
    np.testing.assert_array_equal(nn.bias_gradient(delta_next[0]), delta_next[0])
    np.testing.assert_array_equal(nn.output_error(delta_next, delta_next), delta_next**2)


def test_forward_keeps_every_layer():
    params, X, phi = [(normal(3, 2), normal(3)), (normal(4, 3), normal(4))], normal(5, 2), nn.tanh
    Zs, As = nn.forward(X, params, phi)
    assert [Z.shape for Z in Zs] == [(5, 3), (5, 4)]
    assert As[0] is X
    for (W, b), A_prev, Z, A in zip(params, As[:-1], Zs, As[1:], strict=True):
        np.testing.assert_array_equal(Z, A_prev @ W.T + b)
        np.testing.assert_array_equal(A, np.tanh(Z))


@pytest.mark.parametrize("cost", ["quadratic", "cross_entropy"])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_backprop_is_the_slope_of_the_cost(depth, cost):
    phi, cost = nn.activation("sigmoid"), nn.cost(cost)
    sizes = [3, 5, 2, 4, 3][: depth + 1]
    params = [(normal(n, k), normal(n)) for k, n in itertools.pairwise(sizes)]
    X, Y = normal(6, sizes[0]), RNG.uniform(size=(6, sizes[-1]))
    grads = nn.backprop(X, Y, params, phi, cost)
    for layer, pair in enumerate(grads):
        for which, gradient in enumerate(pair):
            assert gradient.shape == params[layer][which].shape
            for index in np.ndindex(gradient.shape):
                probe = [tuple(array.astype(complex) for array in pair) for pair in params]
                probe[layer][which][index] += 1e-30j
                slope = cost(nn.forward(X, probe, phi)[1][-1], Y).imag / 1e-30
                assert gradient[index] == pytest.approx(slope, rel=1e-9, abs=1e-15)


def test_backprop_and_network_agree():
    net = nn.Network.dense([4, 3, 2], "sigmoid", "sigmoid", "quadratic", "normal")
    X, Y = normal(5, 4), normal(5, 2)
    ours = nn.backprop(X, Y, net.params, nn.activation("sigmoid"), nn.cost("quadratic"))
    for pair, expected in zip(ours, net.gradients(X, Y), strict=True):
        for array, other in zip(pair, expected, strict=True):
            np.testing.assert_array_equal(array, other)


def test_float32_is_kept_and_nothing_is_changed():
    params = [(normal(3, 2).astype("f4"), normal(3).astype("f4"))]
    X, Y = normal(5, 2).astype("f4"), normal(5, 3).astype("f4")
    before = [array.copy() for array in (X, Y, *params[0])]
    ((dW, db),) = nn.backprop(X, Y, params, nn.activation("elu"), nn.cost("quadratic"))
    assert dW.dtype == db.dtype == np.float32
    for array, old in zip((X, Y, *params[0]), before, strict=True):
        np.testing.assert_array_equal(array, old)
    delta = normal(3)
    assert not np.shares_memory(nn.bias_gradient(delta), delta)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: nn.weighted_input(normal(3, 2), normal(3), normal(3)), r"a_prev \(n_in,\)"),
    (lambda: nn.weighted_input(normal(3, 2), normal(3, 1), normal(2)), r"b \(3, 1\)"),
    (lambda: nn.weighted_input(normal(3, 2), normal(3), normal(1, 2)), r"a_prev \(1, 2\)"),
    (lambda: nn.weighted_input_batch(normal(3, 2), normal(3), normal(2)), r"A_prev \(m, n_in\)"),
    (lambda: nn.weighted_input_batch(normal(3), normal(3), normal(5, 3)), r"W \(3,\)"),
    (lambda: nn.weighted_input_batch(normal(3, 2), normal(2), normal(5, 2)), r"b \(2,\)"),
    (lambda: nn.output_error(normal(5, 3), normal(3)), "same shape"),
    (lambda: nn.hidden_error(normal(2, 3), normal(5, 3), normal(5, 3)), r"W_next \(2, 3\)"),
    (lambda: nn.hidden_error(normal(2, 3), normal(5, 2), normal(5, 2)), r"dphi_z \(m, n\)"),
    (lambda: nn.hidden_error(normal(2, 3), normal(5, 2), normal(1, 3)), r"dphi_z \(1, 3\)"),
    (lambda: nn.hidden_error(normal(2, 3), normal(1, 5, 2), normal(1, 5, 3)), "fit"),
    (lambda: nn.bias_gradient(normal(2, 3, 4)), r"\(2, 3, 4\)"),
    (lambda: nn.bias_gradient(1.0), r"\(m, n\)"),
    (lambda: nn.weight_gradient(normal(5, 3), normal(4, 2)), "same m"),
    (lambda: nn.weight_gradient(normal(5, 3), normal(2)), "same m"),
    (lambda: nn.weight_gradient(normal(3), 1.0), "same m"),
    (lambda: nn.forward(normal(5, 2), [], nn.tanh), "at least one layer"),
    (lambda: nn.forward(normal(2), [(normal(3, 2), normal(3))], nn.tanh), r"A_prev \(2,\)"),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused_with_the_shapes(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match="delta has dtype"):
        nn.bias_gradient(None)
