"""What a hidden test calls: prints the verdict and returns the points for nbgrader."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bplib.exercises.judge import judge


def grade(exercise_id: str, function: Callable[..., Any]) -> float:
    """The points earned, 0 … the exercise's points; prints the verdict's message.

    The cases are fresh for every student and the same at every grading: their seed follows from the
    folder that nbgrader grades in, …/student/assignment. Raises ValueError for an unknown exercise.
    """
    verdict = judge(exercise_id, function, seed=seed_of(Path.cwd()))
    print(verdict.message)
    return verdict.score


def seed_of(folder: Path) -> int:
    """A seed in 0 … 2⁶³ − 1 that follows from the folder's last two names.

    >>> seed_of(Path("autograded/ada/04-hidden-error")) == seed_of(Path("/x/ada/04-hidden-error"))
    True
    """
    name = "/".join(folder.parts[-2:])
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1
