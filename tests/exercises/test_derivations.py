"""Derivations: each line is graded on its own, and the first wrong one is named."""

from typing import Any

import numpy as np
import pytest

from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise
from bplib.exercises.judge import judge

DERIVATIONS = [name for name, exercise in bank().items() if exercise.by_line]
LINES = [(name, index) for name in DERIVATIONS for index in range(len(bank()[name].returns))]


def changed(exercise: Exercise, index: int, change: Any) -> Any:
    """The right function with one line changed."""

    def function(*inputs: Any) -> list[Any]:
        lines = list(exercise.styles["vectorized"].function(*inputs))
        lines[index] = change(lines[index])
        return lines

    return function


@pytest.mark.parametrize(("name", "index"), LINES)
def test_an_open_line_costs_its_own_points_alone(name: str, index: int) -> None:
    exercise = bank()[name]
    verdict = judge(name, changed(exercise, index, lambda line: None))
    line = list(exercise.returns)[index]
    assert verdict.score == pytest.approx(
        exercise.points * (1 - 1 / len(exercise.returns)), abs=1e-4
    )
    assert [check.name for check in verdict.checks if not check.passed] == [line]
    assert f"`{line}` is still open" in verdict.message
    assert verdict.misconception is None
    assert not verdict.passed


@pytest.mark.parametrize(("name", "index"), LINES)
def test_a_wrong_line_costs_its_own_points_alone(name: str, index: int) -> None:
    exercise = bank()[name]
    verdict = judge(name, changed(exercise, index, lambda line: 1.37 * line + 0.1))
    line = list(exercise.returns)[index]
    assert verdict.score == pytest.approx(
        exercise.points * (1 - 1 / len(exercise.returns)), abs=1e-4
    )
    assert [check.name for check in verdict.checks if not check.passed] == [line]
    assert f"`{line}`: " in verdict.message


@pytest.mark.parametrize("name", DERIVATIONS)
def test_all_lines_open_is_no_crash(name: str) -> None:
    verdict = judge(name, lambda *inputs: [None] * len(bank()[name].returns))
    assert verdict.score == 0
    assert f"`{next(iter(bank()[name].returns))}` is still open" in verdict.message


def test_the_first_wrong_line_is_named_although_a_later_line_fails_in_an_earlier_case() -> None:
    """Line 1 is wrong where no error arrives (the last family), line 3 everywhere."""

    def one_path(dphi_z_k: Any, w_jk: Any, delta_j: Any) -> Any:
        first = dphi_z_k if delta_j.any() else dphi_z_k + 1
        return first, w_jk * dphi_z_k, delta_j * w_jk * dphi_z_k + 1

    verdict = judge("04.one_path", one_path)
    assert "`da_dz`: " in verdict.message
    assert "no error arrives from above" in verdict.message
    assert "dC_dz" not in verdict.message
    assert verdict.score == 1


def test_a_line_right_in_all_families_but_one_is_wrong() -> None:
    def one_path(dphi_z_k: Any, w_jk: Any, delta_j: Any) -> Any:
        product = dphi_z_k * w_jk * delta_j
        return dphi_z_k, dphi_z_k * w_jk, product if delta_j.any() else product + 1

    assert judge("04.one_path", one_path).score == 2


def test_a_number_is_the_same_at_every_point() -> None:
    """∂z/∂b is 1: a student may write just that."""
    verdict = judge("05.one_weight", lambda a_k, delta_j: (a_k, delta_j * a_k, 1, delta_j))
    assert verdict.passed, verdict.message


def test_only_a_derivation_takes_a_number_for_an_array() -> None:
    verdict = judge("05.bias_gradient", lambda delta: 0.0)
    assert verdict.score == 0
    assert "should have shape" in verdict.message


@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_missing_line_is_said(name: str) -> None:
    count = len(bank()[name].returns)
    right = bank()[name].styles["vectorized"].function
    verdict = judge(name, lambda *inputs: tuple(right(*inputs))[:-1])
    assert verdict.score == 0
    assert f", which has {count} part" in verdict.message
    assert f"got {count - 1}" in verdict.message
    assert np.isfinite(verdict.score)
