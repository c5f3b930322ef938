"""The size gate: one large network, in time, which tells backpropagation from nudging.

A method cannot be told by its digits, for a complex step is exact; it can be told by its time. The
large case is declared with the exercise (`Exercise.size_gate`), asked when all others were answered
rightly, and compared with the reference alone.
"""

from dataclasses import replace

from bplib import answers
from bplib.answers import TOLERANCE, Outcome
from bplib.exercises.exercise import Exercise, Question
from bplib.exercises.judge import Check, Verdict

__all__ = ["NAME", "SLOW", "gated"]

NAME = "large network, in time"
SLOW = "too slow on a large one: how many forward passes does your method need per parameter?"


def gated(exercise: Exercise, verdict: Verdict, question: Question, large: Outcome) -> Verdict:
    """Return the verdict on the small cases with one check more, that of the large case.

    verdict: of a function that is right on every small case; any other is not asked the large one:
    its answer, wrong for the same reason, would cost points twice.
    question, large: the large case, and what the student's function answered to it.
    The gate's points are taken from the small cases' in equal shares, so the total stays.
    Raises ValueError if the exercise declares no size gate.
    """
    if exercise.gate is None:
        raise ValueError(f"{exercise.id} declares no size gate")
    note = _note(question, large)
    rest = exercise.points - exercise.gate.points
    share = sum(check.weight for check in verdict.checks) / rest
    checks = (*verdict.checks, Check(NAME, not note, share * exercise.gate.points, note))
    if not note:
        return replace(verdict, checks=checks)
    # Of the old message the points and "right in every case" are no longer true.
    _, _, *more = verdict.message.split("\n")
    said = f"{exercise.name} ({exercise.equation}): {rest:g} of {exercise.points} points"
    message = "\n".join([said, f"Right on small networks, but {note}", *more])
    return replace(verdict, score=float(rest), passed=False, message=message, checks=checks)


def _note(question: Question, large: Outcome) -> str:
    """What is off with the large answer, or nothing."""
    if large.message:
        # Stopped by the clock, or by the limit on calls of phi and cost.
        slow = any(said in large.message for said in ("did not come back", "called too often"))
        return SLOW if slow else f"not on a large one: {large.message}"
    slack = TOLERANCE[large.precision]
    for name, right in question.right.items():
        if name not in large.arrays:
            return f"not on a large one: {large.faults.get(name, f'`{name}` is missing')}"
        if not answers.close(large.arrays[name], right, slack):
            return f"not on a large one: `{name}` has not the right values there"
    return ""
