"""Checks a student's function against the visible cases of its key, and shows a card."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from bplib import answers
from bplib.answers import Outcome
from bplib.tutor import diagnosis, notes
from bplib.tutor.card import Card, show
from bplib.tutor.key import Key, KeyCase, read_key
from bplib.tutor.numerical import compared, offer


class NotRightYet(AssertionError):
    """Raised by `check` while a notebook is being validated, so that Validate sees the failure."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it: the card alone; our own code says nothing to a student."""
        return [f"NotRightYet: {self}"]


def check(exercise_id: str, function: Callable[..., Any], *, numeric: bool = False) -> None:
    """Show what the tutor says of the function: right, or where it is not, and a question.

    numeric=True compares it with its numerical gradient instead, where there is one.
    Raises ValueError for an unknown exercise, and for numeric=True where there is no gradient.
    While nbgrader validates the notebook, raises NotRightYet for a wrong answer; otherwise only
    shows, so that Run All goes on.
    """
    key = read_key(exercise_id)
    card = compared(key, function) if numeric else answer(key, function)
    show(card)
    if not card.right and os.environ.get("NBGRADER_EXECUTION") == "validate":
        raise NotRightYet(str(card))


def answer(key: Key, function: Callable[..., Any]) -> Card:
    """The card for a function: the first case that is not right, what is off, and the question."""
    title = f"{key.call.partition('(')[0]} · {key.equation}"
    outcomes = []
    for case in key.cases:
        outcomes.append(_called(key, case, function))
        if outcomes[-1].interrupted:  # whoever waited for one case will not wait for the others
            return Card(title, False, "", outcomes[-1].message + notes.line(outcomes[-1]), "")
    wrong = [
        notes.wrong(case.right, outcome, diagnosis.slack(outcome))
        for case, outcome in zip(key.cases, outcomes, strict=True)
    ]
    bad = [
        bool(names) or (key.forbid_warnings and bool(outcome.warned))
        for names, outcome in zip(wrong, outcomes, strict=True)
    ]
    right = bad.count(False)
    warned = tuple(dict.fromkeys(note for outcome in outcomes for note in outcome.notes))
    if right == len(wrong):
        where = (
            f"Right in all {right} visible cases." if right > 1 else "Right in the visible case."
        )
        return Card(title, True, where, key.notice, "", warned)
    first = bad.index(True)
    case, outcome = key.cases[first], outcomes[first]
    came_back = any(b and o.everything for b, o in zip(bad, outcomes, strict=True))
    hints = [key.hints[name] for name in diagnosis.names(key, outcomes)] if came_back else []
    return Card(
        title,
        right=False,
        where=_where(key, outcomes, first),
        note=_note(key, case, outcome, wrong[first]),
        hint=hints[0] if hints else "",
        warnings=warned,
        second=hints[1] if len(hints) > 1 else "",
        shapes=notes.shapes(case.right, outcome),
        offer=offer(key) if came_back else "",
        printed=outcome.printed,
    )


def _where(key: Key, outcomes: Sequence[Outcome], index: int) -> str:
    """The case in words; empty where the same is said of every case, and its inputs do not matter.

    An error in a line of the student's is said with the case all the same: its shapes may matter.
    """
    said, case = outcomes[index].message, key.cases[index]
    if said and not notes.line(outcomes[index]) and all(o.message == said for o in outcomes):
        return ""
    number = f"Case {index + 1} of {len(outcomes)}" if len(outcomes) > 1 else "The visible case"
    return f"{number} ({case.family})" + (f": {case.label}" if case.label else "")


def _called(key: Key, case: KeyCase, function: Callable[..., Any]) -> Outcome:
    shapes = {name: right.shape for name, right in case.right.items()}
    return answers.call(function, case.inputs, shapes, case.labels, lines=key.by_line)


def _note(key: Key, case: KeyCase, outcome: Outcome, wrong: list[str]) -> str:
    if not wrong:  # the values are right, but a warning counts as a mistake here
        return outcome.warned
    if notes.not_called(outcome):
        reason = outcome.message.removeprefix("your function raised TypeError: ")
        return f"your function is called as `{key.call}`: {reason}"
    slack = diagnosis.slack(outcome)
    return notes.note(case.right, outcome, wrong, case.m, slack, lines=key.by_line)
