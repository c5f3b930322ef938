"""Writes a class of submissions as real students hand them in: right ones, wrong ones, odd ones."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from numpy.random import Generator

from bplib.authoring.masters import write_notebook
from bplib.exercises.bank import CHECK, bank
from bplib.exercises.exercise import Exercise

# How a student works, and how many of a hundred do.
HABITS = {
    "right": 30,
    "one mistake": 34,
    "two mistakes": 12,
    "half finished": 12,
    "syntax error": 6,
    "float32": 3,
    "blank": 3,
}
DEADLINE = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANSWERS = (
    "It depends on the slope: where the curve is flat, hardly anything gets through.",
    "I think because each factor of the chain rule is smaller than one, so the product is tiny.",
    "The unit is saturated. Its weights get almost no gradient and stay where they are.",
)


@dataclass
class Planted:
    """What one simulated student did.

    habit: one of HABITS; style: how the right functions are written; wrong: the misconception
    planted, by exercise id; written: the exercises that were worked on at all.
    """

    student: str
    habit: str
    style: str
    wrong: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)


def simulate(root: Path, assignment: str, students: int, seed: int) -> list[Planted]:
    """Write `students` submissions of the released assignment to submitted/, and what is in them.

    root: the course folder, with release/<assignment>/ in it. The same seed writes the same class.
    Also writes simulated-<assignment>.json, for comparing what was planted with what is found.
    Raises ValueError if the assignment is not released or asks for no exercise of the bank, or if
    students is not positive.
    """
    released = root / "release" / assignment / f"{assignment}.ipynb"
    if not released.is_file():
        known = sorted(path.parent.name for path in (root / "release").glob("*/*.ipynb"))
        raise ValueError(
            f"{assignment!r} is not released in {root}; released: {', '.join(known) or 'nothing'}"
        )
    if students < 1:
        raise ValueError(f"a class needs at least one student, got {students}")
    exercises = _asked(nbformat.read(released, as_version=4))
    if not exercises:
        raise ValueError(f"{assignment!r} has no check of an exercise of the bank")
    rng = np.random.default_rng(seed)
    mistakes = _mistakes(exercises, rng)
    planted = []
    for number in range(1, students + 1):
        plan = _plan(f"student-{number:03d}", exercises, mistakes, rng)
        notebook = nbformat.read(released, as_version=4)
        hand_in(notebook, plan, exercises, rng)
        folder = root / "submitted" / plan.student / assignment
        write_notebook(notebook, folder / f"{assignment}.ipynb")
        early = timedelta(minutes=int(rng.integers(0, 5000)))
        (folder / "timestamp.txt").write_text(f"{DEADLINE - early:%Y-%m-%d %H:%M:%S %Z}\n")
        planted.append(plan)
    record = json.dumps([asdict(plan) for plan in planted], indent=1)
    (root / f"simulated-{assignment}.json").write_text(record + "\n")
    return planted


def _asked(notebook: Any) -> list[Exercise]:
    """The exercises whose check stands in the notebook, in order."""
    matches = (CHECK.search(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    return [bank()[match["id"]] for match in matches if match]


def _mistakes(exercises: list[Exercise], rng: Generator) -> Iterator[tuple[Exercise, str]]:
    """Every misconception of every exercise in random order, again and again."""
    pairs = [(exercise, name) for exercise in exercises for name in exercise.misconceptions]
    while pairs:
        for index in rng.permutation(len(pairs)):
            yield pairs[index]


def _plan(
    student: str,
    exercises: list[Exercise],
    mistakes: Iterator[tuple[Exercise, str]],
    rng: Generator,
) -> Planted:
    share = np.array(list(HABITS.values())) / sum(HABITS.values())
    habit = str(rng.choice(list(HABITS), p=share))
    styles = sorted({name for exercise in exercises for name in exercise.styles})
    plan = Planted(student, habit, str(rng.choice(styles)))
    count = {"blank": 0, "half finished": int(rng.integers(1, len(exercises)))}
    plan.written = [exercise.id for exercise in exercises[: count.get(habit, len(exercises))]]
    for _ in range({"one mistake": 1, "two mistakes": 2}.get(habit, 0)):
        exercise, name = next(mistakes)
        plan.wrong.setdefault(exercise.id, name)
    return plan


def hand_in(notebook: Any, plan: Planted, exercises: list[Exercise], rng: Generator) -> None:
    """Fill the released notebook in, as the plan says."""
    by_name = {exercise.name: exercise for exercise in exercises}
    broken = str(rng.choice(list(by_name))) if plan.habit == "syntax error" else None
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if not meta.get("solution"):
            continue
        exercise = by_name.get(meta["grade_id"])
        if exercise is None:
            if cell.cell_type == "markdown" and plan.written:
                cell.source = str(rng.choice(ANSWERS))
        elif exercise.id in plan.written:
            cell.source = answer(exercise, plan)
            if exercise.name == broken:
                cell.source = cell.source.replace(":", "", 1)


def answer(exercise: Exercise, plan: Planted) -> str:
    """The source of the student's function: the planted mistake, or the student's style."""
    if exercise.id in plan.wrong:
        return exercise.misconceptions[plan.wrong[exercise.id]].source
    style = plan.style if plan.style in exercise.styles else next(iter(exercise.styles))
    source = exercise.styles[style].source
    return source + FLOAT32.format(exercise.name) if plan.habit == "float32" else source


# A student who believes that single precision is always faster.
FLOAT32 = """

def in_float32(function):
    def wrapped(*arguments):
        cast = lambda part: (
            type(part)(cast(p) for p in part) if isinstance(part, (list, tuple))
            else np.float32(part)
        )
        return cast(function(*arguments))
    return wrapped


{0} = in_float32({0})
"""
