"""Costs: values by hand, gradients against the complex step, stability, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplib import nn

COMBINATIONS = {
    "quadratic": (nn.quadratic_cost, nn.quadratic_grad),
    "cross_entropy": (nn.cross_entropy_cost, nn.cross_entropy_grad),
    "sigmoid": (nn.sigmoid_ce_cost, lambda Z, Y: nn.sigmoid_ce_error(nn.sigmoid(Z), Y)),
    "softmax": (nn.softmax_ce_cost, lambda Z, Y: nn.softmax_ce_error(nn.softmax(Z), Y)),
}
ALL = [function for pair in COMBINATIONS.values() for function in pair]


def complex_step(cost, A, Y):
    gradient = np.empty_like(A)
    for index in np.ndindex(A.shape):
        probe = A.astype(complex)
        probe[index] += 1e-30j
        gradient[index] = cost(probe, Y).imag / 1e-30
    return gradient


def draw(m, n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0.05, 0.95, (m, n)), np.eye(n)[rng.integers(n, size=m)]


@pytest.mark.parametrize("m", [1, 4])
@pytest.mark.parametrize(("cost", "gradient"), COMBINATIONS.values(), ids=COMBINATIONS)
def test_gradient_is_the_slope_of_the_cost(cost, gradient, m):
    A, Y = draw(m, 3)
    np.testing.assert_allclose(gradient(A, Y), complex_step(cost, A, Y), rtol=1e-11)


@pytest.mark.parametrize(("cost", "gradient"), COMBINATIONS.values(), ids=COMBINATIONS)
def test_one_example_is_a_batch_of_one(cost, gradient):
    A, Y = draw(1, 3)
    assert cost(A[0], Y[0]) == pytest.approx(cost(A, Y), rel=1e-15)
    np.testing.assert_array_equal(gradient(A[0], Y[0]), gradient(A, Y)[0])


@pytest.mark.parametrize(("cost", "gradient"), COMBINATIONS.values(), ids=COMBINATIONS)
def test_the_cost_is_a_mean_over_rows(cost, gradient):
    A, Y = draw(5, 3)
    assert cost(A, Y) == pytest.approx(np.mean([cost(a, y) for a, y in zip(A, Y, strict=True)]))
    twice = np.vstack([A, A]), np.vstack([Y, Y])
    assert cost(*twice) == pytest.approx(cost(A, Y))
    np.testing.assert_allclose(gradient(*twice), np.vstack([gradient(A, Y)] * 2) / 2)


@pytest.mark.parametrize("function", ALL)
def test_float32_is_kept_and_nothing_is_changed(function):
    A, Y = (array.astype(np.float32) for array in draw(3, 2))
    before = A.copy(), Y.copy()
    assert function(A, Y).dtype == np.float32
    np.testing.assert_array_equal((A, Y), before)
    assert not np.shares_memory(function(A, Y), A)


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(("A", "Y"), [
    (np.ones((2, 3)), np.ones((3, 2))),
    (np.ones((2, 3)), np.ones(3)),
    (np.ones((2, 1)), np.ones(2)),
    (np.ones((0, 3)), np.ones((0, 3))),
    (np.ones((1, 1, 1)), np.ones((1, 1, 1))),
    (np.float64(1), np.float64(1)),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(function, A, Y):
    with pytest.raises(ValueError, match=r"shape|at least one"):
        function(A, Y)


@pytest.mark.parametrize("function", ALL)
def test_what_is_no_number_is_refused(function):
    with pytest.raises(TypeError, match="Y has dtype"):
        function([[0.5]], [["cat"]])


def test_values_by_hand():
    assert nn.quadratic_cost([[3.0, 0.0]], [[1.0, 1.0]]) == 2.5
    assert nn.sigmoid_ce_cost([[0.0, 0.0]], [[1.0, 0.0]]) == pytest.approx(2 * np.log(2))
    assert nn.softmax_ce_cost([[0.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]) == pytest.approx(np.log(3))


@given(z=st.floats(-30, 30), y=st.sampled_from([0.0, 0.25, 1.0]))
def test_cross_entropy_from_scores_is_that_of_activations(z, y):
    from_scores = nn.sigmoid_ce_cost([z], [y])
    assert nn.cross_entropy_cost(nn.sigmoid([z]), [y]) == pytest.approx(from_scores, rel=1e-3)


@pytest.mark.parametrize("big", [1000.0, 1e308])
def test_costs_from_scores_are_stable(big):
    assert nn.sigmoid_ce_cost([[big, -big]], [[1.0, 0.0]]) == 0
    assert nn.sigmoid_ce_cost([[-big]], [[1.0]]) == big
    assert nn.softmax_ce_cost([[big, -big]], [[1.0, 0.0]]) == 0
    assert nn.softmax_ce_cost([[-big, 0.0]], [[1.0, 0.0]]) == big


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_activations_give_finite_numbers(dtype):
    A = np.array([[0, 1, 0, 1]], dtype)
    Y = np.array([[0, 1, 1, 0]], dtype)
    gradient = nn.cross_entropy_grad(A, Y)
    assert np.isfinite(nn.cross_entropy_cost(A, Y))
    assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(np.sign(gradient), [[0, 0, -1, 1]])


def test_lookup_finds_each_and_lists_them_for_a_wrong_name():
    A, Y = draw(2, 3)
    for name in ("quadratic", "cross_entropy"):
        value, gradient = COMBINATIONS[name]
        assert nn.cost(name).name == name
        assert nn.cost(name)(A, Y) == value(A, Y)
        np.testing.assert_array_equal(nn.cost(name).gradient(A, Y), gradient(A, Y))
    for wrong in ("mse", None, []):
        with pytest.raises(ValueError, match="allowed: quadratic, cross_entropy"):
            nn.cost(wrong)
