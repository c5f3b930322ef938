"""Activations: values, derivatives, stability for any float, types, and what they refuse."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bplib import nn

NAMES = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "linear"]
PAIRS = [(getattr(nn, name), getattr(nn, f"d_{name}")) for name in NAMES]
EXTREMES = [0.0, -0.0, 5e-324, 37.0, -37.0, 745.2, -745.2, 1000.0, -1000.0, 1e308, -1e308]
finite = st.floats(allow_nan=False, allow_infinity=False)
shapes = hnp.array_shapes(min_dims=1, max_dims=2, max_side=5)
scores = hnp.arrays(np.float64, shapes, elements=finite)


def slope(phi, z):
    """The complex step, whose error is of the order of 1e-40."""
    return phi(z + 1e-20j).imag / 1e-20


@pytest.mark.parametrize(("phi", "derivative"), PAIRS, ids=NAMES)
def test_derivative_is_the_slope(phi, derivative):
    z = np.linspace(-6, 6, 101) + 0.01  # off the kinks
    np.testing.assert_allclose(derivative(z), slope(phi, z), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("alpha", [0.3, 2.0])
def test_elu_and_leaky_relu_take_their_parameter(alpha):
    z = np.array([-3.0, -0.5, 2.0])
    np.testing.assert_allclose(nn.d_elu(z, alpha), slope(lambda z: nn.elu(z, alpha), z), rtol=1e-12)
    np.testing.assert_array_equal(nn.elu(z, alpha)[2:], [2.0])
    np.testing.assert_array_equal(nn.leaky_relu(z, alpha), [-3 * alpha, -0.5 * alpha, 2.0])
    np.testing.assert_array_equal(nn.d_leaky_relu(z, alpha), [alpha, alpha, 1.0])


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_kinks_take_the_negative_side(zero):
    assert nn.d_relu(zero) == 0
    assert nn.d_leaky_relu(zero) == 0.1
    assert nn.d_elu(zero, alpha=0.5) == 0.5


@given(z=finite)
def test_sigmoid_against_scalar_arithmetic(z):
    expected = 1 / (1 + math.exp(-z)) if z > -700 else (math.exp(z) if z > -745 else 0.0)
    assert nn.sigmoid(z) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@given(z=finite)
def test_sigmoid_is_symmetric_and_its_slope_keeps_the_tail(z):
    assert nn.sigmoid(z) + nn.sigmoid(-z) == pytest.approx(1.0, abs=1e-15)
    assert nn.d_sigmoid(z) == nn.d_sigmoid(-z)
    if 40 < abs(z) < 700:
        assert nn.d_sigmoid(z) == pytest.approx(math.exp(-abs(z)), rel=1e-12)


@given(Z=scores)
def test_any_float_gives_finite_values_of_the_same_shape_without_warning(Z):
    before = Z.copy()
    for phi, derivative in PAIRS:
        for result in (phi(Z), derivative(Z)):
            assert np.isfinite(result).all()
            assert result.shape == Z.shape
            assert result.dtype == np.float64
            assert not np.shares_memory(result, Z)
    np.testing.assert_array_equal(Z, before)


@pytest.mark.parametrize(("phi", "derivative"), PAIRS, ids=NAMES)
def test_extremes_in_both_types_without_warning(phi, derivative):
    largest = np.finfo(np.float32).max
    for Z in (np.array(EXTREMES), np.array(EXTREMES[:-2] + [largest, -largest], np.float32)):
        for result in (phi(Z), derivative(Z)):
            assert np.isfinite(result).all()
            assert result.dtype == Z.dtype


@pytest.mark.parametrize(("phi", "derivative"), PAIRS, ids=NAMES)
def test_integers_become_float_and_numbers_stay_numbers(phi, derivative):
    assert phi(np.array([1, 2])).dtype == np.float64
    for result in (phi(-1), derivative(-1)):
        assert isinstance(result, np.float64)


@pytest.mark.parametrize(("phi", "derivative"), PAIRS, ids=NAMES)
def test_nan_is_not_hidden(phi, derivative):
    assert np.isnan(phi(np.nan))


@pytest.mark.parametrize("wrong", ["0.5", None, [object()]])
@pytest.mark.parametrize(("phi", "derivative"), PAIRS, ids=NAMES)
def test_what_is_no_number_is_refused(phi, derivative, wrong):
    for function in (phi, derivative):
        with pytest.raises(TypeError, match="z has dtype"):
            function(wrong)


@given(Z=scores)
def test_softmax_rows_are_probabilities(Z):
    P = nn.softmax(Z)
    assert P.shape == Z.shape
    assert (P >= 0).all()
    np.testing.assert_allclose(P.sum(axis=-1), 1, rtol=1e-14)


@given(Z=hnp.arrays(np.float64, (2, 3), elements=st.floats(-50, 50)), shift=st.floats(-1e3, 1e3))
def test_softmax_ignores_a_shift_of_the_row(Z, shift):
    np.testing.assert_allclose(nn.softmax(Z + shift), nn.softmax(Z), rtol=1e-9)


def test_softmax_extremes_and_types():
    np.testing.assert_array_equal(nn.softmax([1e308, -1e308, 0.0]), [1, 0, 0])
    np.testing.assert_array_equal(nn.softmax([-1e308, -1e308]), [0.5, 0.5])
    assert nn.softmax(np.zeros((2, 3), np.float32)).dtype == np.float32
    largest = np.finfo(np.float32).max
    np.testing.assert_array_equal(nn.softmax(np.array([largest, -largest], np.float32)), [1, 0])


def test_softmax_jacobian_is_the_slope_and_backward_is_its_product():
    rng = np.random.default_rng(1)
    Z, grad_P = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    backward = nn.softmax_backward(nn.softmax(Z), grad_P)
    for z, upstream, row in zip(Z, grad_P, backward, strict=True):
        steps = z + 1e-20j * np.eye(5)
        jacobian = nn.softmax(steps).imag.T / 1e-20
        np.testing.assert_allclose(nn.d_softmax(nn.softmax(z)), jacobian, rtol=1e-11)
        np.testing.assert_allclose(row, upstream @ jacobian, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("call", [
    lambda: nn.softmax(3.0),
    lambda: nn.softmax(np.empty((2, 0))),
    lambda: nn.d_softmax(np.ones((2, 2))),
    lambda: nn.softmax_backward(np.ones((2, 3)), np.ones(3)),
    lambda: nn.maxout([1.0, 2.0], [1.0]),
    lambda: nn.maxout_backward([1.0], [2.0], [1.0, 2.0]),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(call):
    with pytest.raises(ValueError, match=r"shape|row"):
        call()


@given(Z_2=scores)
def test_relu_is_maxout_with_zero(Z_2):
    zero, upstream = np.zeros_like(Z_2), np.linspace(1, 2, Z_2.size).reshape(Z_2.shape)
    np.testing.assert_array_equal(nn.maxout(zero, Z_2), nn.relu(Z_2))
    grad_1, grad_2 = nn.maxout_backward(zero, Z_2, upstream)
    np.testing.assert_array_equal(grad_2, upstream * nn.d_relu(Z_2))
    np.testing.assert_array_equal(grad_1 + grad_2, upstream)


def test_lookup_finds_each_and_lists_them_for_a_wrong_name():
    assert list(nn.ACTIVATIONS) == NAMES
    for name in NAMES:
        phi = nn.activation(name)
        assert phi.name == name
        assert phi(2.0) == getattr(nn, name)(2.0)
        assert phi.derivative(2.0) == getattr(nn, f"d_{name}")(2.0)
    for wrong in ("selu", "ReLU", "softmax", None, []):
        with pytest.raises(ValueError, match="allowed: sigmoid, tanh, relu, leaky_relu, elu, l"):
            nn.activation(wrong)
    with pytest.raises(TypeError, match="softmax_ce_error"):
        nn.SOFTMAX.derivative(np.zeros(2))
