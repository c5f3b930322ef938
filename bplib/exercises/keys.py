"""Makes the answer keys that students carry: all that a tutor needs, and no answer.

A key holds, for each visible case, its inputs, a fingerprint of the right answer, and a hash of
what each misconception, and each pair of two, comes to (`bplib.fingerprints`).
"""

from collections.abc import Sequence
from typing import Any

from bplib import answers, wire
from bplib.answers import Array, Outcome
from bplib.exercises.catalogue import entry
from bplib.exercises.exercise import Case, Exercise, Question, Variant
from bplib.exercises.judge import ask
from bplib.exercises.notes import notes
from bplib.exercises.pairs import pairs
from bplib.fingerprints import fingerprint, seal, signature, to_json

# Visible cases must stay the same from build to build; any fixed number serves.
VISIBLE_SEED = 1986
SEEDS = 20
# Two wrong answers closer than this would be taken for each other by somebody who works in float32.
DISTINCT = 1e-3


def visible_questions(exercise: Exercise) -> list[Question]:
    """The fixed questions that a student may see, with rounded inputs.

    The right answer is the reference's, for the rounded inputs; the numerical oracle is not asked.
    They come from the first seed for which every misconception shows in them somewhere: four random
    weights that happen to be positive would hide a sign.
    """
    for seed in range(VISIBLE_SEED, VISIBLE_SEED + SEEDS):
        questions = _rounded(exercise, seed)
        if all(_shows(exercise, wrong, questions) for wrong in exercise.misconceptions.values()):
            return questions
    return _rounded(exercise, VISIBLE_SEED)


def _shows(exercise: Exercise, wrong: Variant, questions: Sequence[Question]) -> bool:
    outcomes = ask(exercise, questions, wrong.function)
    return any(
        any(notes(exercise, q, o).values()) for q, o in zip(questions, outcomes, strict=True)
    )


def _rounded(exercise: Exercise, seed: int) -> list[Question]:
    questions = [q for q in exercise.questions(seed) if q.family.name in exercise.visible]
    rounded = []
    for question in questions:
        inputs = wire.rounded(dict(question.case.inputs))
        right = exercise.named(exercise.reference(**inputs), question.labels)
        case = Case(inputs, question.case.m)
        rounded.append(Question(question.family, case, question.labels, right, right))
    return rounded


def key(exercise: Exercise) -> dict[str, Any]:
    """The answer key of an exercise, as JSON values.

    Of wrong answers it holds one hash per case, and of pairs only those that can be told from the
    right answer, from every single misconception, and from the pairs before them.
    """
    questions = visible_questions(exercise)
    single = {
        name: ask(exercise, questions, variant.function)
        for name, variant in exercise.misconceptions.items()
    }
    double = {
        names: ask(exercise, questions, variant.function)
        for names, variant in pairs(exercise).items()
    }
    known = [[signature(question.right) for question in questions]]
    known += [_signatures(found) for found in single.values()]
    double = {names: found for names, found in double.items() if _new(_signatures(found), known)}
    order = list(exercise.misconceptions)
    return {
        "id": exercise.id,
        "title": exercise.title,
        "call": exercise.call,
        "equation": exercise.equation,
        "by_line": exercise.by_line,
        **({"forbid_warnings": True} if exercise.forbid_warnings else {}),
        "notice": exercise.notice,
        "hints": {name: entry(name).hint for name in order},
        "pairs": [[order.index(name) for name in names] for names in double],
        "cases": [
            {
                "family": question.family.sentence,
                "label": question.label,
                "m": question.case.m,
                "inputs": {name: wire.encode(v) for name, v in question.case.inputs.items()},
                "labels": wire.encode(question.labels),
                "right": {
                    name: to_json(fingerprint(right, question.case.m, f"{exercise.id}/{i}/{name}"))
                    for name, right in question.right.items()
                },
                "wrong": {
                    name: seal(f"{exercise.id}/{i}", found[i].everything)
                    for name, found in single.items()
                },
                "pairs": [
                    seal(f"{exercise.id}/{i}", found[i].everything) for found in double.values()
                ],
            }
            for i, question in enumerate(questions)
        ],
    }


def _signatures(outcomes: Sequence[Outcome]) -> list[Array]:
    """The signature of what came back in each case; (0,) where nothing did."""
    return [signature(outcome.everything) for outcome in outcomes]


def _new(found: list[Array], known: list[list[Array]]) -> bool:
    """True if these signatures differ from the known ones; then they are known, too."""
    if not any(map(len, found)) or any(_equal(found, other) for other in known):
        return False
    known.append(found)
    return True


def _equal(found: list[Array], other: list[Array]) -> bool:
    return all(
        mine.shape == theirs.shape and answers.close(mine, theirs, DISTINCT)
        for mine, theirs in zip(found, other, strict=True)
    )
