"""What the tests of the exercises, the tutor and the grading share."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise, Question
from bplib.exercises.families import FAMILIES

# A busy machine is slow, and that is no failure; all else is as Hypothesis has it, here or in CI.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="module", params=list(bank()))
def exercise(request: pytest.FixtureRequest) -> Exercise:
    """Every exercise of the bank in turn; a new unit is tested without a new line here.

    The scope groups the tests by exercise, so that they share its questions (`judge.drawn`).
    """
    return bank()[request.param]


@pytest.fixture(scope="session")
def quick() -> Callable[..., list[Question]]:
    """A function (exercise, seed) -> questions that leaves the slow numerical oracle out."""

    def questions(exercise: Exercise, seed: int) -> list[Question]:
        found = []
        for index, family in enumerate(FAMILIES):
            if family.name not in exercise.families:
                continue
            rng = np.random.default_rng([seed, index, *exercise.id.encode()])
            assert exercise.draw is not None
            case = exercise.draw(rng, family)
            answer: Any = exercise.reference(**case.inputs)
            labels = exercise.labels(answer) if exercise.labels else _labels(exercise)
            right = exercise.named(answer, labels)
            found.append(Question(family, case, labels, right, right))
        return found

    return questions


def _labels(exercise: Exercise) -> Any:
    names = tuple(exercise.returns)
    return names[0] if len(names) == 1 else names
