"""The bundled digits are the right ones, the split is fair, and the toy sets are as described."""

import hashlib
from importlib import resources

import numpy as np
import pytest

from bplib import data

PER_CLASS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_bundled_bytes_are_those_of_the_license_note():
    pixels, labels = data._bundled()
    note = resources.files("bplib").joinpath("DIGITS-LICENSE.md").read_text(encoding="utf-8")
    assert pixels.shape == (1797, 64)
    assert pixels.dtype == np.uint8
    assert pixels.max() == 16
    assert np.bincount(labels).tolist() == PER_CLASS
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    assert digest == "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
    assert digest in note
    assert hashlib.sha256(labels.astype(np.uint8).tobytes()).hexdigest() in note


def test_file_is_small_and_holds_no_pickle():
    file = resources.files("bplib").joinpath("digits.npz")
    assert len(file.read_bytes()) < 100_000
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        assert sorted(arrays) == ["labels", "pixels"]


@pytest.mark.parametrize("fraction", [0.01, 0.2, 0.5, 0.99])
@pytest.mark.parametrize("seed", [0, 7])
def test_every_image_is_used_once(fraction, seed):
    d = data.digits(fraction, seed)
    rows = np.concatenate([d.rows_train, d.rows_test])
    assert not set(d.rows_train) & set(d.rows_test)
    assert np.array_equal(np.sort(rows), np.arange(1797))
    in_test = np.bincount(d.labels_test, minlength=10)
    assert in_test.tolist() == [round(fraction * n) for n in PER_CLASS]


def test_arrays_agree_with_each_other_and_with_the_file():
    d = data.digits()
    pixels, labels = data._bundled()
    for X, Y, label, rows in [
        (d.X_train, d.Y_train, d.labels_train, d.rows_train),
        (d.X_test, d.Y_test, d.labels_test, d.rows_test),
    ]:
        assert X.dtype == Y.dtype == np.float64
        assert X.min() == 0.0
        assert X.max() == 1.0
        assert np.array_equal(X * 16, pixels[rows])
        assert np.array_equal(label, labels[rows])
        assert np.array_equal(Y.argmax(axis=1), label)
        assert np.array_equal(Y.sum(axis=1), np.ones(len(Y)))


def test_split_is_deterministic_and_depends_on_the_seed():
    one, again, other = data.digits(seed=3), data.digits(seed=3), data.digits(seed=4)
    assert np.array_equal(one.X_train, again.X_train)
    assert np.array_equal(one.rows_test, again.rows_test)
    assert not np.array_equal(np.sort(one.rows_test), np.sort(other.rows_test))
    assert np.any(np.diff(one.labels_train) < 0)  # shuffled, not class after class


def test_changing_the_result_does_not_change_the_next_one():
    first = data.digits()
    first.X_train[:] = 5.0
    first.labels_train[:] = 0
    assert data.digits().X_train.max() == 1.0
    assert data.digits().labels_train.max() == 9


def test_digits_are_learnable_by_their_class_means():
    """Labels belong to their images: a shuffled label column would score 10 %."""
    d = data.digits()
    means = np.stack([d.X_train[d.labels_train == k].mean(axis=0) for k in range(10)])
    distance = ((d.X_test[:, None, :] - means) ** 2).sum(axis=2)
    assert np.mean(distance.argmin(axis=1) == d.labels_test) > 0.85


@pytest.mark.parametrize("m", [2, 5, 200])
def test_moons(m):
    X, Y = data.moons(m, noise=0.0, seed=1)
    assert X.shape == (m, 2)
    assert Y.shape == (m, 1)
    assert Y.sum() == m // 2
    upper, lower = X[Y[:, 0] == 0], X[Y[:, 0] == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1.0, lower[:, 1] - 0.5), 1.0)
    assert np.all(upper[:, 1] >= 0)
    assert np.all(lower[:, 1] <= 0.5)
    assert np.array_equal(X, data.moons(m, noise=0.0, seed=1)[0])
    assert not np.array_equal(X, data.moons(m, noise=0.0, seed=2)[0])


@pytest.mark.parametrize(("m", "classes"), [(3, 3), (7, 3), (300, 3), (101, 10)])
def test_spirals(m, classes):
    X, Y = data.spirals(m, classes, turns=0.5, noise=0.0, seed=1)
    assert X.shape == (m, 2)
    assert Y.shape == (m, classes)
    assert np.ptp(Y.sum(axis=0)) <= 1
    assert np.array_equal(Y.sum(axis=1), np.ones(m))
    radius = np.hypot(*X.T)
    assert radius.max() <= 1.0
    # Unwound by its radius, each point stands at the angle of its arm.
    arm = (np.arctan2(X[:, 1], X[:, 0]) / (2 * np.pi) - 0.5 * radius) * classes
    assert np.allclose((arm - Y.argmax(axis=1) + 0.5) % classes, 0.5)
    assert np.array_equal(X, data.spirals(m, classes, turns=0.5, noise=0.0, seed=1)[0])


def test_noise_moves_points_by_about_its_size():
    quiet, noisy = data.moons(2000, 0.0)[0], data.moons(2000, 0.1)[0]
    assert 0.09 < np.std(noisy - quiet) < 0.11


@pytest.mark.parametrize(
    ("call", "error", "allowed"),
    [
        (lambda: data.digits(0.0), ValueError, "from 0.01 to 0.99"),
        (lambda: data.digits(1.0), ValueError, "from 0.01 to 0.99"),
        (lambda: data.digits(float("nan")), ValueError, "from 0.01 to 0.99"),
        (lambda: data.digits("half"), TypeError, "from 0.01 to 0.99"),
        (lambda: data.digits("0.5"), TypeError, "from 0.01 to 0.99"),
        (lambda: data.digits(None), TypeError, "from 0.01 to 0.99"),
        (lambda: data.digits(seed=-1), ValueError, "≥ 0"),
        (lambda: data.digits(seed=1.5), TypeError, "≥ 0"),
        (lambda: data.digits(seed=True), TypeError, "≥ 0"),
        (lambda: data.moons(1), ValueError, "≥ 2"),
        (lambda: data.moons(10.0), TypeError, "≥ 2"),
        (lambda: data.moons(10, -0.1), ValueError, "≥ 0"),
        (lambda: data.moons(10, float("inf")), ValueError, "≥ 0"),
        (lambda: data.spirals(2, 3), ValueError, "≥ 3"),
        (lambda: data.spirals(30, 1), ValueError, "from 2 to 10"),
        (lambda: data.spirals(30, 11), ValueError, "from 2 to 10"),
        (lambda: data.spirals(30, 3, turns=0), ValueError, "above 0"),
        (lambda: data.one_hot(np.array([0, 3]), 3), ValueError, "0 to 2"),
        (lambda: data.one_hot(np.array([0, -1]), 3), ValueError, "0 to 2"),
        (lambda: data.one_hot(np.array([0.0]), 3), TypeError, "0 to 2"),
        (lambda: data.one_hot(np.array([[0]]), 3), ValueError, r"\(m,\)"),
    ],
)
def test_bad_arguments_say_what_is_allowed(call, error, allowed):
    with pytest.raises(error, match=allowed):
        call()
