"""What a hidden test calls: nothing is judged inside of a notebook whose author is not trusted.

Students' notebooks are judged from outside (`bplib.grading`), where this line never runs. It runs
only where somebody grades without the project's configuration, and says so.
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bplib.exercises.judge import Verdict, judge

# Verdicts lie in the graded notebook under this type, beside their text, for the class report.
MIME = "application/vnd.bplib.verdict+json"


# How the instructor's own solution is judged when it is executed (bplib.authoring.build).
HIDDEN, TRUSTED = "import grade\n", "import grade_in_process as grade\n"


class JudgedOutside(RuntimeError):
    """Somebody grades without the project's configuration; the message says what to do."""


def grade(exercise_id: str, function: Callable[..., Any]) -> float:
    """Never returns: raises JudgedOutside, so that no point is given in the student's process."""
    raise JudgedOutside(
        f"{exercise_id} is judged from outside: grade with `bplib grade`, or with nbgrader in a "
        "folder with the project's nbgrader_config.py"
    )


def grade_in_process(exercise_id: str, function: Callable[..., Any]) -> float:
    """The points earned, 0 … the exercise's points; shows the verdict's message.

    The cases are fresh for every student and the same at every grading: their seed follows from the
    folder that nbgrader grades in, …/student/assignment. Raises ValueError for an unknown exercise.
    """
    verdict = judge(exercise_id, function, seed=seed_of(Path.cwd()))
    show(verdict)
    return verdict.score


def seed_of(folder: Path) -> int:
    """A seed in 0 … 2⁶³ − 1 that follows from the folder's last two names.

    >>> seed_of(Path("autograded/ada/04-hidden-error")) == seed_of(Path("/x/ada/04-hidden-error"))
    True
    """
    name = "/".join(folder.parts[-2:])
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def show(verdict: Verdict) -> None:
    """Put the verdict into the notebook: its message as text, all of it as JSON."""
    from IPython.display import display

    display({"text/plain": verdict.message, MIME: asdict(verdict)}, raw=True)
