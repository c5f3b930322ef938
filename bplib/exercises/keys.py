"""Makes the answer keys that students carry: all that a tutor needs, and no answer.

A key holds, for each visible case, its inputs, and of the right answer and of each misconception's
answer only the projections (`bplib.answers.projections`).
"""

from collections.abc import Mapping
from typing import Any

from bplib import answers, wire
from bplib.answers import Array
from bplib.exercises.catalogue import entry
from bplib.exercises.exercise import Case, Exercise, Question
from bplib.exercises.judge import ask

# Visible cases must stay the same from build to build; any fixed number serves.
VISIBLE_SEED = 1986


def visible_questions(exercise: Exercise) -> list[Question]:
    """The fixed questions that a student may see, with rounded inputs.

    The right answer is the reference's, for the rounded inputs; the numerical oracle is not asked.
    """
    questions = [q for q in exercise.questions(VISIBLE_SEED) if q.family.name in exercise.visible]
    rounded = []
    for question in questions:
        inputs = wire.rounded(dict(question.case.inputs))
        right = exercise.named(exercise.reference(**inputs), question.labels)
        case = Case(inputs, question.case.m)
        rounded.append(Question(question.family, case, question.labels, right, right))
    return rounded


def key(exercise: Exercise) -> dict[str, Any]:
    """The answer key of an exercise, as JSON values."""
    questions = visible_questions(exercise)
    imagined = {
        name: ask(exercise, questions, variant.function)
        for name, variant in exercise.misconceptions.items()
    }
    return {
        "id": exercise.id,
        "title": exercise.title,
        "call": exercise.call,
        "equation": exercise.equation,
        "by_line": exercise.by_line,
        **({"forbid_warnings": True} if exercise.forbid_warnings else {}),
        "notice": exercise.notice,
        "hints": {name: entry(name).hint for name in exercise.misconceptions},
        "cases": [
            {
                "family": question.family.sentence,
                "label": question.label,
                "m": question.case.m,
                "inputs": {name: wire.encode(v) for name, v in question.case.inputs.items()},
                "labels": wire.encode(question.labels),
                "right": _projected(question.right),
                "wrong": {
                    name: _projected(outcomes[i].everything) for name, outcomes in imagined.items()
                },
            }
            for i, question in enumerate(questions)
        ],
    }


def _projected(arrays: Mapping[str, Array]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "shape": list(array.shape),
            "projections": [float(f"{p:.10g}") for p in answers.projections(array)],
        }
        for name, array in arrays.items()
    }
