"""Checks a student's function against the visible cases of its key, and shows a card."""

import linecache
import os
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import bplib
from bplib import answers
from bplib.answers import TOLERANCE, Outcome
from bplib.tutor.card import Card, show
from bplib.tutor.key import Key, KeyCase, Print, read_key

# Code that is not the student's: ours, NumPy's, Python's.
LIBRARIES = tuple(
    f"{folder}{os.sep}"
    for folder in (
        Path(bplib.__file__).parent,
        Path(np.__file__).parent,
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    )
) + ("<frozen ", "<__array_function__")
# Projections stand in the key with ten digits.
KEY_TOLERANCE = 1e-8


class NotRightYet(AssertionError):
    """Raised by `check` while a notebook is being validated, so that Validate sees the failure."""


def check(exercise_id: str, function: Callable[..., Any]) -> None:
    """Show what the tutor says of the function: right, or where it is not, and a question.

    Raises ValueError for an unknown exercise. While nbgrader validates the notebook, raises
    NotRightYet for a wrong answer; otherwise only shows, so that Run All goes on.
    """
    key = read_key(exercise_id)
    card = answer(key, function)
    show(card)
    if not card.right and os.environ.get("NBGRADER_EXECUTION") == "validate":
        raise NotRightYet(str(card))


def answer(key: Key, function: Callable[..., Any]) -> Card:
    """The card for a function: the first case that is not right, what is off, and the question."""
    outcomes = [
        answers.call(
            function,
            case.inputs,
            {name: right.shape for name, right in case.right.items()},
            case.labels,
            lines=key.by_line,
        )
        for case in key.cases
    ]
    notes = [_note(key, case, outcome) for case, outcome in zip(key.cases, outcomes, strict=True)]
    right = sum(not note for note in notes)
    title = f"{key.call.partition('(')[0]} · {key.equation}"
    warned = tuple(dict.fromkeys(note for outcome in outcomes for note in outcome.notes))
    if right == len(notes):
        where = (
            f"Right in all {right} visible cases." if right > 1 else "Right in the visible case."
        )
        return Card(title, True, where, key.notice, "", warned)
    first = next(i for i, note in enumerate(notes) if note)
    case, outcome = key.cases[first], outcomes[first]
    where = f"Case {first + 1} of {len(notes)} ({case.family}): {case.label}"
    hint = _hint(key, outcomes)
    return Card(title, False, where, notes[first] + _line(outcome), hint, warned)


def _note(key: Key, case: KeyCase, outcome: Outcome) -> str:
    """What is off in this case, first wrong array first; empty if it is right."""
    if outcome.message:
        return outcome.message
    for name, right in case.right.items():
        if name in outcome.open_lines:
            return f"`{name}` is still open."
        if name in outcome.faults:
            return outcome.faults[name] + "."
        array = answers.projections(outcome.arrays[name])
        if not answers.close(array, right.projections, _slack(outcome)):
            return f"`{name}`: {answers.difference(array, right.projections, case.m)}."
    return outcome.warned if key.forbid_warnings else ""


def _slack(outcome: Outcome) -> float:
    return max(KEY_TOLERANCE, TOLERANCE[outcome.precision])


def _hint(key: Key, outcomes: list[Outcome]) -> str:
    """The question of the misconception that explains every case, or an empty text."""
    cases = list(zip(key.cases, outcomes, strict=True))
    if not any(outcome.everything and _note(key, case, outcome) for case, outcome in cases):
        return ""
    for name, hint in key.hints.items():
        if all(_explains(case.wrong[name], outcome) for case, outcome in cases):
            return hint
    return ""


def _explains(wrong: dict[str, Print], outcome: Outcome) -> bool:
    """True if the fingerprints are those of the outcome's arrays, wrong shapes included."""
    arrays = outcome.everything
    return wrong.keys() == arrays.keys() and all(
        seen.shape == arrays[name].shape
        and answers.close(answers.projections(arrays[name]), seen.projections, _slack(outcome))
        for name, seen in wrong.items()
    )


def _line(outcome: Outcome) -> str:
    """Where the student's own code raised: its last line outside of the libraries."""
    if outcome.error is None or issubclass(type(outcome.error), NotImplementedError):
        return ""
    step, place = outcome.error.__traceback__, ""
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not file.startswith(LIBRARIES):
            text = linecache.getline(file, step.tb_lineno).strip()
            place = f" (line {step.tb_lineno}" + (f": `{text}`)" if text else ")")
        step = step.tb_next
    return place
