"""Which known mistakes explain all answers of a student's function: one, or two at once."""

from collections.abc import Sequence

from bplib import answers
from bplib.answers import TOLERANCE, Outcome
from bplib.exercises.exercise import Exercise, Question, Variant
from bplib.exercises.notes import all_right
from bplib.exercises.pairs import pairs

Answered = list[tuple[Question, Outcome]]


def diagnose(
    exercise: Exercise, questions: Sequence[Question], outcomes: Sequence[Outcome]
) -> tuple[str, ...]:
    """The id of the misconception that gives the same answers on every question, or of two.

    Empty if none does. Where the misconception's code fails, the student's must fail too; at least
    one wrong array must match, so that neither a right answer nor a mere crash is given a name.
    """
    answered = list(zip(questions, outcomes, strict=True))
    wrong = [(q, o) for q, o in answered if not all_right(exercise, q, o)]
    came_back = [(q, o) for q, o in wrong if o.everything]
    if not came_back:
        return ()
    # Most candidates are ruled out by one question, so ask a small one first.
    first = min(came_back, key=lambda pair: sum(a.size for a in pair[0].right.values()))
    ordered = [first, *(pair for pair in answered if pair is not first)]
    for name, variant in exercise.misconceptions.items():
        if explains(exercise, variant, ordered):
            return (name,)
    for names, variant in pairs(exercise).items():
        if explains(exercise, variant, ordered):
            return names
    return ()


def explains(exercise: Exercise, variant: Variant, answered: Answered) -> bool:
    """True if the variant's answers equal the student's, question by question."""
    return all(_alike(_asked(exercise, variant, q), outcome) for q, outcome in answered)


def _asked(exercise: Exercise, variant: Variant, question: Question) -> Outcome:
    inputs, lines = question.case.inputs, exercise.by_line
    return answers.call(variant.function, inputs, question.shapes, question.labels, lines=lines)


def _alike(imagined: Outcome, outcome: Outcome) -> bool:
    """True if both calls failed, or both gave equal arrays, wrong shapes included."""
    mine, theirs, slack = outcome.everything, imagined.everything, TOLERANCE[outcome.precision]
    return mine.keys() == theirs.keys() and all(
        mine[name].shape == theirs[name].shape and answers.close(mine[name], theirs[name], slack)
        for name in mine
    )
