"""The judge: compares a student's answers with the reference and with the numerical gradient.

`judge` asks a Python function in process. Its two halves, the questions and `assess`, serve any
other way to ask them (the grading engine asks a process that it does not trust).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bplib import answers
from bplib.answers import Outcome
from bplib.exercises.bank import exercise as find
from bplib.exercises.catalogue import entry
from bplib.exercises.diagnosis import diagnose
from bplib.exercises.exercise import Exercise, Question
from bplib.exercises.notes import NUMERIC_TOLERANCE, NUMERIC_ZERO, is_right
from bplib.exercises.notes import notes as notes_on
from bplib.layers import UPSIDE_DOWN, story

__all__ = [
    "NUMERIC_TOLERANCE",
    "NUMERIC_ZERO",
    "Check",
    "Verdict",
    "ask",
    "assess",
    "diagnose",
    "drawn",
    "is_right",
    "judge",
]


@dataclass(frozen=True)
class Check:
    """One graded part: a family of cases, a line of a derivation, or a step of the algorithm.

    weight: its share of the points, relative to the others; note: what was off, or nothing.
    """

    name: str
    passed: bool
    weight: float = 1.0
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one function.

    score: points earned, 0 … points; passed: True if everything is right;
    misconception: the id of the one that explains all answers, or None;
    message: for the student, in a few lines; checks: the graded parts;
    misconceptions: the one, or the two that explain all answers together, or none.
    """

    exercise_id: str
    score: float
    points: int
    passed: bool
    misconception: str | None
    message: str
    checks: tuple[Check, ...]
    misconceptions: tuple[str, ...] = ()


def judge(exercise_id: str, function: Callable[..., Any], seed: int = 0) -> Verdict:
    """The verdict on a student's function, on fresh cases drawn from the seed.

    Raises ValueError for an unknown exercise, and nothing for whatever the function does.
    """
    exercise = find(exercise_id)
    # NumPy's own defaults: a mark must not depend on what a notebook sets.
    with np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"):
        questions = drawn(exercise_id, seed)
        return assess(exercise, questions, ask(exercise, questions, function))


@lru_cache(maxsize=32)
def drawn(exercise_id: str, seed: int) -> tuple[Question, ...]:
    """The questions of an exercise that follow from the seed, with their right answers."""
    return tuple(find(exercise_id).questions(seed))


def ask(
    exercise: Exercise, questions: Sequence[Question], function: Callable[..., Any]
) -> list[Outcome]:
    """The outcomes of a function on the questions; after an interrupt the rest is not asked."""
    outcomes: list[Outcome] = []
    for question in questions:
        if outcomes and outcomes[-1].interrupted:
            outcomes.append(outcomes[-1])
            continue
        outcomes.append(
            answers.call(
                function,
                question.case.inputs,
                question.shapes,
                question.labels,
                lines=exercise.by_line,
            )
        )
    return outcomes


def assess(
    exercise: Exercise, questions: Sequence[Question], outcomes: Sequence[Outcome]
) -> Verdict:
    """The verdict that follows from the outcomes, one per question."""
    notes = [notes_on(exercise, q, o) for q, o in zip(questions, outcomes, strict=True)]
    passed = not any(note for part in notes for note in part.values())
    if exercise.steps and not passed:
        checks = exercise.steps(questions, outcomes)
    elif exercise.by_line:
        checks = _by_line(exercise, notes)
    else:
        checks = _by_family(questions, notes)
    found = () if passed else diagnose(exercise, questions, outcomes)
    return Verdict(
        exercise_id=exercise.id,
        score=_score(checks, exercise.points),
        points=exercise.points,
        passed=passed,
        misconception=found[0] if found else None,
        message=_message(exercise, questions, outcomes, notes, checks, found),
        checks=tuple(checks),
        misconceptions=found,
    )


def _by_family(questions: Sequence[Question], notes: Sequence[Mapping[str, str]]) -> list[Check]:
    """A check per family; where several arrays come back, each has its share.

    An array whose right answer is zero everywhere would reward an empty function: it costs points
    when it is wrong, and earns none.
    """
    checks = []
    for question, part in zip(questions, notes, strict=True):
        for name, note in part.items():
            trivial = not question.right[name].any()
            label = question.family.name if len(part) == 1 else f"{question.family.name}: {name}"
            weight = 0.0 if trivial and not note else 1 / len(part)
            checks.append(Check(label, not note, weight, note))
    return checks


def _by_line(exercise: Exercise, notes: Sequence[Mapping[str, str]]) -> list[Check]:
    """A check per line of a derivation: right only if it is right in every family."""
    checks = []
    for name in exercise.returns:
        wrong = [part[name] for part in notes if part[name]]
        checks.append(Check(name, not wrong, 1.0, wrong[0] if wrong else ""))
    return checks


def _score(checks: Sequence[Check], points: int) -> float:
    total = sum(check.weight for check in checks)
    earned = sum(check.weight for check in checks if check.passed)
    return round(points * earned / total, 4) if total else 0.0


def _message(
    exercise: Exercise,
    questions: Sequence[Question],
    outcomes: Sequence[Outcome],
    notes: Sequence[Mapping[str, str]],
    checks: Sequence[Check],
    misconceptions: Sequence[str],
) -> str:
    score = _score(checks, exercise.points)
    lines = [f"{exercise.name} ({exercise.equation}): {score:g} of {exercise.points} points"]
    right = sum(check.passed for check in checks)
    kind = "steps" if exercise.steps and right < len(checks) else "parts"
    wrong = [
        (index, name, note)
        for index, part in enumerate(notes)
        for name, note in part.items()
        if note
    ]
    if exercise.by_line:  # the first line that is wrong anywhere, in its first wrong case
        wrong.sort(key=lambda found: list(exercise.returns).index(found[1]))
    if wrong:
        index, name, note = wrong[0]
        question, outcome = questions[index], outcomes[index]
        lines.append(
            f"Right in {right} of {len(checks)} {kind}. First wrong case: "
            f"{question.family.sentence}{f' ({question.label})' * bool(question.label)}."
        )
        lines.append(note)
        if not outcome.message and name not in outcome.open_lines and note != UPSIDE_DOWN:
            off = [part for part, found in notes[index].items() if found]
            lines.append(story(list(question.right), off, outcome.absent(off)))
    else:
        lines.append("Right in every case, by the reference and by the numerical gradient.")
    lines += [f"Question: {entry(name).hint}" for name in misconceptions]
    if any(outcome.precision == "float32" for outcome in outcomes):
        lines.append("Your answer is float32: it was compared to the four digits that this allows.")
    warned = dict.fromkeys(note for outcome in outcomes for note in outcome.notes)
    lines += [f"Your function gave a warning: {note}" for note in list(warned)[:3]]
    return "\n".join(line for line in lines if line)
