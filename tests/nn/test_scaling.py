"""Standardized inputs, norms of gradients, clipping: what they keep, and what they refuse."""

import numpy as np
import pytest

from bplib import nn

RNG = np.random.default_rng(9)
GRADS = [(RNG.normal(size=(4, 3)), RNG.normal(size=4)), (RNG.normal(size=(2, 4)), np.ones(2))]


def test_the_training_set_has_mean_0_and_spread_1_and_the_test_set_follows():
    train, test = RNG.normal([5, -300, 0.01], [2, 40, 1e-4], (50, 3)), RNG.normal(size=(7, 3))
    scaled, followed = nn.standardize(train, test)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(scaled.std(axis=0), 1)
    np.testing.assert_allclose(followed, (test - train.mean(axis=0)) / train.std(axis=0))


def test_a_test_example_alone_comes_out_as_among_others():
    train, test = RNG.normal(size=(20, 3)), RNG.normal(size=(6, 3))
    together = nn.standardize(train, test)[1]
    alone = [nn.standardize(train, row[None])[1][0] for row in test]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("value", [0.0, 7.0, 0.1, 1 / 3])
def test_a_constant_column_is_shifted_and_not_blown_up(value):
    """The mean of three 0.1 is not 0.1 in floating point: the noise must not be scaled to 1."""
    train, test = nn.standardize(np.full((3, 1), value), np.array([[value], [value + 2]]))
    np.testing.assert_array_equal(train, 0)
    np.testing.assert_allclose(test, [[0], [2]])


def test_float32_is_kept_and_integers_become_float64():
    single = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert all(part.dtype == np.float32 for part in nn.standardize(single, single))
    assert nn.standardize([[1], [3]], [[2]])[0].dtype == np.float64


@pytest.mark.parametrize(
    ("train", "test", "says"),
    [
        (np.zeros((3, 2)), np.zeros((3, 4)), "same n columns"),
        (np.zeros((0, 2)), np.zeros((3, 2)), "train a row"),
        (np.zeros(3), np.zeros((1, 3)), "train has shape"),
        (np.zeros((1, 3)), np.zeros(3), "test has shape"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(train, test, says):
    with pytest.raises(ValueError, match=says):
        nn.standardize(train, test)


def test_words_are_refused():
    with pytest.raises(TypeError, match="train has dtype"):
        nn.standardize([["a"]], [[1.0]])


def test_norms_count_weights_and_biases_of_a_layer_as_one_vector():
    expected = [np.sqrt((dW**2).sum() + (db**2).sum()) for dW, db in GRADS]
    np.testing.assert_allclose(nn.gradient_norms(GRADS), expected)
    assert nn.gradient_norms([(np.zeros((2, 2)), np.zeros(2))]).tolist() == [0.0]


@pytest.mark.parametrize("limit", [1e-3, 0.5, 1.0])
def test_clipping_keeps_the_direction_and_reaches_the_limit(limit):
    clipped = nn.clip_by_norm(GRADS, limit)
    assert np.linalg.norm(nn.gradient_norms(clipped)) == pytest.approx(limit)
    factor = limit / np.linalg.norm(nn.gradient_norms(GRADS))
    for (dW, db), (dW_was, db_was) in zip(clipped, GRADS, strict=True):
        np.testing.assert_allclose(dW, factor * dW_was)
        np.testing.assert_allclose(db, factor * db_was)


def test_a_short_gradient_stays_as_it_is_and_nothing_is_changed_in_place():
    before = [(dW.copy(), db.copy()) for dW, db in GRADS]
    for limit in (1e3, float(np.linalg.norm(nn.gradient_norms(GRADS)))):
        for pair, was in zip(nn.clip_by_norm(GRADS, limit), before, strict=True):
            np.testing.assert_array_equal(pair[0], was[0])
            np.testing.assert_array_equal(pair[1], was[1])
    nn.clip_by_norm(GRADS, 0.1)
    np.testing.assert_array_equal(GRADS[0][0], before[0][0])
    ((dW, db),) = nn.clip_by_norm([(np.zeros((2, 1)), np.zeros(2))], 1.0)
    assert not dW.any()
    assert not db.any()


@pytest.mark.parametrize("limit", [0, -1.0, np.inf, np.nan])
def test_a_limit_must_be_positive(limit):
    with pytest.raises(ValueError, match=r"limit is .* must be a positive number"):
        nn.clip_by_norm(GRADS, limit)


def test_gradients_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="NaN or infinite"):
        nn.clip_by_norm([(np.array([[np.nan]]), np.zeros(1))], 1.0)
