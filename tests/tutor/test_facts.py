"""What is said of a wrong array that has no name, by the judge and by the tutor alike."""

import json
import re

import numpy as np
import pytest

from bplib.facts import all_right, fact, fact_of_shape
from bplib.fingerprints import Print, fingerprint, from_json, to_json

SHOWN = "99.test/0/x"


def right(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def in_key(array: np.ndarray, m: int = 3) -> Print:
    """The fingerprint as it comes out of a key."""
    return from_json(json.loads(json.dumps(to_json(fingerprint(array, m, SHOWN)))), SHOWN)


@pytest.mark.parametrize("seen", [lambda a: fingerprint(a, 3), in_key], ids=["judge", "tutor"])
@pytest.mark.parametrize("shape", [(3, 7), (5,), (), (4, 4)])
@pytest.mark.parametrize(
    ("factor", "says"),
    [
        (-1, "wrong sign"),
        (3, " m (here m = 3) times what it should be"),
        (1 / 3, " 1/m (here m = 3) times what it should be"),
        (-1 / 3, " −1/m (here m = 3) times what it should be"),
        (9, " m² (here m = 3) times what it should be"),
        (1 / 9, " 1/m² (here m = 3) times what it should be"),
        (2, " 2 times what it should be"),
        (0.5, " 1/2 times what it should be"),
        (-2, " −2 times what it should be"),
        (0, "it is zero everywhere, and should not be"),
    ],
)
def test_a_factor_of_the_lesson_is_named(seen, shape, factor: float, says: str) -> None:
    array = right(*shape)
    says = says if shape else says.replace("zero everywhere", "zero (or False)")
    assert says in fact(factor * array, seen(array), 3, 1e-8)


@pytest.mark.parametrize("factor", [1.25, 10.0, -3.7, 1.001])
def test_another_factor_is_said_without_its_value(factor: float) -> None:
    """A number beside a known wrong answer would give the right one away."""
    array = right(3, 7)
    for seen in (fingerprint(array, 3), in_key(array)):
        assert fact(factor * array, seen, 3, 1e-8) == (
            "every entry is off by the same constant factor"
        )
    for few in (right(), right(5)):
        said = fact(factor * few, in_key(few), 3, 1e-8)
        assert said in (
            "it is not the right number",
            "it has the right shape, but not the right values",
        )
        assert not re.search(r"\d", said)


@pytest.mark.parametrize("shape", [(), (5,), (3, 7)])
def test_an_answer_with_too_few_digits_is_nearly_right(shape) -> None:
    """Its difference is no constant factor, although a few dot products might look like it."""
    array = right(*shape)
    for seen in (fingerprint(array, 3), in_key(array)):
        rough = array.astype(np.float32).astype(float) if seen.seal else np.round(array, 5)
        assert fact(rough, seen, 3, 1e-9).startswith("it is nearly right, but only to a few digits")
        assert "nearly" not in fact(array * 1.001, seen, 3, 1e-9)


def test_two_examples_do_not_tell_m_from_two() -> None:
    array = right(2, 5)
    for factor, name in ((2, "m or 2"), (0.5, "1/m or 1/2"), (-2, "−m or −2"), (4, "m²")):
        said = fact(factor * array, in_key(array), 2, 1e-8)
        assert said == f"every entry is {name} (here m = 2) times what it should be"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda a: a.T, "the values are right, but rows and columns are swapped"),
        (lambda a: a[::-1], "the values are right, but in the opposite order"),
        (lambda a: a + 0.3, "every entry is off by the same amount"),
        (
            lambda a: a[np.roll(np.arange(6), 1)],
            "the numbers are right, but some stand in the wrong places",
        ),
        (np.abs, "the sizes of the entries are right, but not all signs"),
        (
            lambda a: np.vstack([a[:2], 0 * a[2:]]),
            "2 of 6 examples are right; the first wrong one is row 2 (rows count from 0)",
        ),
        (
            np.cos,
            "it has the right shape, but not the right values; no constant factor explains it",
        ),
        (
            lambda a: 1.7e308 * np.sign(a),
            "it has the right shape, but not the right values; no constant factor explains it",
        ),
    ],
)
def test_other_facts(wrong, says: str) -> None:
    array = right(6, 6)
    assert fact(wrong(array), fingerprint(array, 6), 6, 1e-9) == says
    assert fact(wrong(array), in_key(array, 6), 6, 1e-8) == says


def test_where_the_right_answer_is_zero() -> None:
    for seen in (fingerprint(np.zeros((3, 5)), 3), in_key(np.zeros((3, 5))), in_key(np.zeros(2))):
        says = fact(right(*seen.shape), seen, 3, 1e-8)
        assert says == "something comes back where the right answer is exactly zero"
    for seen in (fingerprint(np.zeros(()), 3), in_key(np.zeros(()))):  # an `ok` that is False
        assert fact(np.ones(()), seen, 3, 1e-8) == "it is True, and should be False"
        assert fact(np.full((), 0.5), seen, 3, 1e-8) == "it should be zero (or False), and is not"


def test_all_arrays_are_compared() -> None:
    arrays = {"dW": right(3, 7), "db": right(3, seed=1)}
    for seen in (lambda a: fingerprint(a, 3), in_key):
        prints = {name: seen(array) for name, array in arrays.items()}
        assert all_right(arrays, prints, 1e-8)
        assert not all_right({}, prints, 1e-8)
        assert not all_right({"dW": arrays["dW"]}, prints, 1e-8)
        assert not all_right(arrays | {"db": 2 * arrays["db"]}, prints, 1e-8)
        assert not all_right(arrays | {"dW": arrays["dW"].T}, prints, 1e-8)


@pytest.mark.parametrize(
    ("shape", "wrong", "says"),
    [
        ((3, 5), lambda a: a.T, "its values are right, with the axes swapped"),
        ((3, 5), np.ravel, "its values are right, in another shape"),
        ((5,), lambda a: a[np.newaxis], "its values are right, in another shape"),
        ((5,), lambda a: np.array([a, a, a]), "the right values come back once per row"),
        (
            (5,),
            lambda a: np.array([a / 4, a / 2, a / 4]),
            "the part of each example is right, but they are not yet one answer",
        ),
        ((5,), lambda a: np.array([a, -a, a + 1]), ""),
        ((3, 5), lambda a: a[:2], ""),
        ((3, 5), lambda a: a.T + 1, ""),
        ((5,), lambda a: np.zeros((0, 5)), ""),
    ],
)
def test_facts_about_a_wrong_shape(shape, wrong, says: str) -> None:
    array = right(*shape)
    assert fact_of_shape(wrong(array), fingerprint(array, 3), 1e-9) == says
    assert fact_of_shape(wrong(array), in_key(array), 1e-8) == says
