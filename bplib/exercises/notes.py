"""What is off with each array of an answer, by the reference and by the numerical gradient."""

from bplib import answers
from bplib.answers import TOLERANCE, Outcome
from bplib.exercises.exercise import Exercise, Question
from bplib.facts import said
from bplib.fingerprints import Print, fingerprint

# A finite difference is good to about nine digits on smooth functions; this leaves it three to
# spare and is still far below any mistake.
NUMERIC_TOLERANCE = 1e-6
# Where the gradient is zero, the difference of two costs is their rounding error over the step.
NUMERIC_ZERO = 1e-9


def is_right(question: Question, outcome: Outcome, name: str) -> bool:
    """True if the named array agrees with the reference and with the numerical gradient."""
    if name not in outcome.arrays:
        return False
    answer, slack = outcome.arrays[name], TOLERANCE[outcome.precision]
    return answers.close(answer, question.right[name], slack) and answers.close(
        answer, question.numeric[name], max(NUMERIC_TOLERANCE, slack), NUMERIC_ZERO
    )


def all_right(exercise: Exercise, question: Question, outcome: Outcome) -> bool:
    """True if `notes` has nothing to say, without the work of saying it."""
    if outcome.message or (exercise.forbid_warnings and outcome.warned):
        return False
    return all(is_right(question, outcome, name) for name in question.right)


def notes(exercise: Exercise, question: Question, outcome: Outcome) -> dict[str, str]:
    """By array: what is off with it, or an empty text."""
    warned = outcome.warned if exercise.forbid_warnings else ""
    if outcome.message:
        return dict.fromkeys(question.right, outcome.message)
    m, slack = question.case.m, TOLERANCE[outcome.precision]
    prints: dict[str, Print] = {}
    found = {}
    for name in question.right:
        if name in outcome.open_lines:
            found[name] = f"`{name}` is still open"
        elif is_right(question, outcome, name):
            found[name] = warned
        else:
            prints = prints or {part: fingerprint(a, m) for part, a in question.right.items()}
            found[name] = said(name, prints, outcome, m, slack, lines=exercise.by_line)
    return found
