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
from bplib.answers import TOLERANCE, Outcome
from bplib.exercises.bank import exercise as find
from bplib.exercises.catalogue import entry
from bplib.exercises.exercise import Exercise, Question

# A finite difference is good to about nine digits on smooth functions; this leaves it three to
# spare and is still far below any mistake.
NUMERIC_TOLERANCE = 1e-6
# Where the gradient is zero, the difference of two costs is their rounding error over the step.
NUMERIC_ZERO = 1e-9


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
    message: for the student, in a few lines; checks: the graded parts.
    """

    exercise_id: str
    score: float
    points: int
    passed: bool
    misconception: str | None
    message: str
    checks: tuple[Check, ...]


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
    notes = [_notes(exercise, q, o) for q, o in zip(questions, outcomes, strict=True)]
    passed = not any(note for part in notes for note in part.values())
    if exercise.steps and not passed:
        checks = exercise.steps(questions, outcomes)
    elif exercise.by_line:
        checks = _by_line(exercise, notes)
    else:
        checks = _by_family(questions, notes)
    misconception = None if passed else diagnose(exercise, questions, outcomes)
    return Verdict(
        exercise_id=exercise.id,
        score=_score(checks, exercise.points),
        points=exercise.points,
        passed=passed,
        misconception=misconception,
        message=_message(exercise, questions, outcomes, notes, checks, misconception),
        checks=tuple(checks),
    )


def is_right(question: Question, outcome: Outcome, name: str) -> bool:
    """True if the named array agrees with the reference and with the numerical gradient."""
    if name not in outcome.arrays:
        return False
    answer, slack = outcome.arrays[name], TOLERANCE[outcome.precision]
    return answers.close(answer, question.right[name], slack) and answers.close(
        answer, question.numeric[name], max(NUMERIC_TOLERANCE, slack), NUMERIC_ZERO
    )


def diagnose(
    exercise: Exercise, questions: Sequence[Question], outcomes: Sequence[Outcome]
) -> str | None:
    """The id of the misconception that gives the same answers on every question, or None.

    Where the misconception's code fails, the student's must fail too; at least one wrong array
    must match, so that a mere crash is never given a name.
    """
    wrong = [
        any(_notes(exercise, q, o).values()) and bool(o.everything)
        for q, o in zip(questions, outcomes, strict=True)
    ]
    for name, variant in exercise.misconceptions.items():
        imagined = ask(exercise, questions, variant.function)
        if any(wrong) and all(map(_alike, imagined, outcomes)):
            return name
    return None


def _alike(imagined: Outcome, outcome: Outcome) -> bool:
    """True if both calls failed, or both gave equal arrays, wrong shapes included."""
    mine, theirs, slack = outcome.everything, imagined.everything, TOLERANCE[outcome.precision]
    return mine.keys() == theirs.keys() and all(
        mine[name].shape == theirs[name].shape and answers.close(mine[name], theirs[name], slack)
        for name in mine
    )


def _notes(exercise: Exercise, question: Question, outcome: Outcome) -> dict[str, str]:
    """By array: what is off with it, or an empty text."""
    warned = outcome.warned if exercise.forbid_warnings else ""
    if outcome.message:
        return dict.fromkeys(question.right, outcome.message)
    notes = {}
    for name, right in question.right.items():
        if name in outcome.open_lines:
            notes[name] = f"`{name}` is still open"
        elif name in outcome.faults:
            notes[name] = outcome.faults[name]
        elif is_right(question, outcome, name):
            notes[name] = warned
        else:
            said = answers.difference(outcome.arrays[name], right, question.case.m)
            notes[name] = f"`{name}`: {said}"
    return notes


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
    misconception: str | None,
) -> str:
    score = _score(checks, exercise.points)
    lines = [f"{exercise.name} ({exercise.equation}): {score:g} of {exercise.points} points"]
    right = sum(check.passed for check in checks)
    kind = "steps" if exercise.steps and right < len(checks) else "parts"
    wrong = [
        (question, name, note)
        for question, part in zip(questions, notes, strict=True)
        for name, note in part.items()
        if note
    ]
    if exercise.by_line:  # the first line that is wrong anywhere, in its first wrong case
        wrong.sort(key=lambda found: list(exercise.returns).index(found[1]))
    if wrong:
        question, _, note = wrong[0]
        lines.append(
            f"Right in {right} of {len(checks)} {kind}. First wrong case: "
            f"{question.family.sentence} ({question.label})."
        )
        lines.append(note)
    else:
        lines.append("Right in every case, by the reference and by the numerical gradient.")
    if misconception:
        lines.append(f"Question: {entry(misconception).hint}")
    if any(outcome.precision == "float32" for outcome in outcomes):
        lines.append("Your answer is float32: it was compared to the four digits that this allows.")
    warned = dict.fromkeys(note for outcome in outcomes for note in outcome.notes)
    lines += [f"Your function gave a warning: {note}" for note in list(warned)[:3]]
    return "\n".join(lines)
