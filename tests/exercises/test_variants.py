"""Every style is right and every misconception is caught and named, over 20 seeds."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bplib import answers
from bplib.exercises.exercise import Exercise
from bplib.exercises.families import FAMILIES
from bplib.exercises.judge import (
    NUMERIC_TOLERANCE,
    NUMERIC_ZERO,
    ask,
    assess,
    diagnose,
    drawn,
    judge,
)
from bplib.exercises.measures import in_float32

SEEDS = range(20)


def test_the_reference_agrees_with_the_numerical_oracle(exercise: Exercise) -> None:
    """In every family; the two oracles share no code for the backward pass."""
    for seed in SEEDS:
        questions = drawn(exercise.id, seed)
        assert [q.family.name for q in questions] == [
            family.name for family in FAMILIES if family.name in exercise.families
        ]
        for question in questions:
            assert question.right.keys() == question.numeric.keys()
            for name, right in question.right.items():
                assert np.isfinite(right).all()
                assert answers.close(
                    question.numeric[name], right, NUMERIC_TOLERANCE, NUMERIC_ZERO
                ), (seed, question.family.name, name)


def test_every_style_gets_full_marks_and_no_diagnosis(exercise: Exercise) -> None:
    for seed in SEEDS:
        for style in exercise.styles.values():
            verdict = judge(exercise.id, style.function, seed)
            assert verdict.passed, (seed, style.name, verdict.message)
            assert verdict.score == verdict.points == exercise.points
            assert verdict.misconception is None
            assert all(check.passed for check in verdict.checks)
            assert "Right in every case" in verdict.message


def test_a_right_answer_is_never_diagnosed(exercise: Exercise) -> None:
    for seed in SEEDS[:5]:
        questions = drawn(exercise.id, seed)
        for style in exercise.styles.values():
            assert diagnose(exercise, questions, ask(exercise, questions, style.function)) == ()


def test_every_misconception_is_caught_and_named(exercise: Exercise) -> None:
    """Named correctly means distinct, too: of two equal ones the second gets the first's name."""
    for seed in SEEDS:
        for name, wrong in exercise.misconceptions.items():
            verdict = judge(exercise.id, wrong.function, seed)
            where = (seed, name, verdict.message)
            assert not verdict.passed, where
            assert 0 <= verdict.score < exercise.points, where
            assert verdict.misconception == name, where
            assert exercise.hints()[name].hint in verdict.message


def test_single_precision_is_right_and_said(exercise: Exercise) -> None:
    for seed in SEEDS[:10]:
        for style in exercise.styles.values():
            verdict = judge(exercise.id, in_float32(style.function), seed)
            assert verdict.passed, (seed, style.name, verdict.message)
            assert "Your answer is float32" in verdict.message
            assert "float32" not in judge(exercise.id, style.function, seed).message


def test_single_precision_does_not_hide_a_mistake(exercise: Exercise) -> None:
    for seed in SEEDS[:5]:
        for name, wrong in exercise.misconceptions.items():
            verdict = judge(exercise.id, in_float32(wrong.function), seed)
            assert not verdict.passed, (seed, name)
            assert verdict.misconception == name, (seed, name, verdict.message)


def test_no_answer_at_all_earns_nothing(exercise: Exercise) -> None:
    """Zeros of the right shapes are right where no error arrives, and yet earn nothing."""
    for seed in SEEDS[:5]:
        right = next(iter(exercise.styles.values())).function
        verdict = judge(exercise.id, lambda *inputs: zeros_like(right(*inputs)), seed)  # noqa: B023
        assert verdict.score == 0, verdict.message
        assert not verdict.passed


def zeros_like(answer: Any) -> Any:
    if isinstance(answer, (list, tuple)):
        return type(answer)(zeros_like(part) for part in answer)
    return np.zeros_like(answer)


def test_an_answer_off_by_a_little_is_wrong(exercise: Exercise) -> None:
    """One millionth is far above rounding, and far below any mistake: it must be seen."""

    def off(answer: Any) -> Any:
        if isinstance(answer, (list, tuple)):
            return type(answer)(off(part) for part in answer)
        return np.asarray(answer) * (1 + 3e-6)

    right = exercise.styles["vectorized"].function
    verdict = judge(exercise.id, lambda *inputs: off(right(*inputs)))
    assert not verdict.passed
    assert "nearly right, but only to a few digits" in verdict.message


@pytest.mark.parametrize("broken", ["right", "numeric"])
def test_both_oracles_must_agree_with_the_answer(exercise: Exercise, broken: str) -> None:
    """A reference and an oracle that disagree fail everybody, so that it is noticed."""
    questions = list(drawn(exercise.id, 0))
    spoiled = {name: array + 1e-3 for name, array in getattr(questions[0], broken).items()}
    questions[0] = replace(questions[0], **{broken: spoiled})
    outcomes = ask(exercise, questions, exercise.styles["vectorized"].function)
    assert not assess(exercise, questions, outcomes).passed
