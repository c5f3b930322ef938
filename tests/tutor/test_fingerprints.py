"""Fingerprints recognize an array and tell nothing else."""

import json
import math

import numpy as np
import pytest

from bplib import fingerprints
from bplib.exercises.bank import bank
from bplib.exercises.keys import visible_questions
from bplib.fingerprints import (
    SMALL,
    fingerprint,
    from_json,
    seal,
    sealed,
    seals,
    signature,
    to_json,
)

SHAPES = [(), (1,), (4,), (7,), (8,), (15,), (16,), (3, 7), (5, 11), (2, 3, 4)]


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def numbers_in(data: dict) -> list[float]:
    rest = [data[name] for name in ("ordered", "sizes") if name in data]
    return [*data.get("projections", []), *data.get("rows", []), *rest]


@pytest.mark.parametrize("shape", SHAPES)
def test_it_matches_the_array_and_no_other(shape: tuple[int, ...]) -> None:
    array = random(*shape)
    seen = from_json(json.loads(json.dumps(to_json(fingerprint(array, 3, "salt")))), "salt")
    assert seen.matches(array, 1e-8)
    assert seen.matches(array.astype(np.float32).astype(float), 1e-4)
    assert seen.size == array.size
    changed = array.copy()
    changed[(-1,) * array.ndim] += 1e-3
    for other in (changed, -array, 2 * array, np.zeros(shape), array + np.inf, array * np.nan):
        assert not seen.matches(other, 1e-8)
    assert not seen.matches(array[np.newaxis], 1e-8)


@pytest.mark.parametrize("shape", SHAPES)
def test_fewer_numbers_than_half_the_entries(shape: tuple[int, ...]) -> None:
    data = to_json(fingerprint(random(*shape), 3, "salt"))
    n = math.prod(shape)
    assert len(numbers_in(data)) <= n / 2
    assert ("seal" in data) == (n < SMALL)


def test_rows_have_their_own_number_where_there_are_enough_entries() -> None:
    assert len(to_json(fingerprint(random(5, 11), 5, "salt"))["rows"]) == 5
    for array, m in ((random(5, 11), 4), (random(5, 4), 5), (random(1, 20), 1), (random(8, 5), 8)):
        data = to_json(fingerprint(array, m, "salt"))
        assert ("rows" in data) == (array.shape == (8, 5))
        assert len(numbers_in(data)) <= array.size / 2


def test_a_seal_depends_on_salt_and_value_alone() -> None:
    assert sealed("a", 0.25) == sealed("a", 0.25 + 1e-12)
    assert sealed("a", 0.25) != sealed("b", 0.25)
    assert sealed("a", 0.25) != sealed("a", -0.25)
    assert sealed("a", 0.25) != sealed("a", 0.25001)
    assert sealed("a", 0.0) == sealed("a", 1e-13) == sealed("a", -0.0)


@pytest.mark.parametrize("value", [1.0, 0.99999995, 123456.75, 1e-9, 0.1 + 0.2, 1e12, -3.3])
def test_rounding_across_a_cell_is_no_difference(value: float) -> None:
    arrays = {"x": np.array(value)}
    for moved in (value * (1 + 1e-12), value * (1 - 1e-12)):
        assert seal("s", {"x": np.array(moved)}) in seals("s", arrays, 1e-9)
    assert seal("s", {"x": np.float64(np.float32(value))}) in seals("s", arrays, 1e-4)
    assert seal("s", {"x": np.array(value * 1.0001)}) not in seals("s", arrays, 1e-4)


def test_no_arrays_have_no_signature() -> None:
    assert signature({}).shape == (0,)
    assert seals("s", {}, 1e-8) == {seal("s", {})} == {""}


def test_zeros_of_another_shape_or_name_have_another_seal() -> None:
    found = {seal("s", {name: np.zeros(n)}) for name in "ab" for n in (0, 1, 5)}
    assert len(found) == 6


def test_a_signature_follows_from_names_shapes_and_entries() -> None:
    a, b = random(2, 3), random(4, seed=1)
    first = signature({"a": a, "b": b})
    np.testing.assert_array_equal(first, signature({"b": b, "a": a}))
    for other in ({"a": a}, {"a": a.T, "b": b}, {"b": a, "a": b}, {"a": a + 1e-6, "b": b}):
        assert not np.allclose(first, signature(other), rtol=1e-9)


def test_single_precision_is_looked_for_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No right small array of a key needs more cells than are tried."""
    tried: list[int] = []
    near = fingerprints._near

    def counting(value: float, size: float, slack: float):
        cells = list(near(value, size, slack))
        tried.append(len(cells))
        return iter(cells)

    monkeypatch.setattr(fingerprints, "_near", counting)
    for exercise in bank().values():
        for question in visible_questions(exercise):
            for array in question.right.values():
                if array.size < SMALL and array.any():
                    fingerprint(array, 1, "salt").matches(array + 0.5, 1e-4)
    assert tried
    assert max(tried) < fingerprints.SEALED_CELLS
