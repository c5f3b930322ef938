"""Compares a student's gradient with finite differences of a forward pass: no key is needed."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bplib import answers
from bplib.answers import Array, Outcome
from bplib.fingerprints import fingerprint
from bplib.tutor import notes
from bplib.tutor.card import Card
from bplib.tutor.key import Key

# A finite difference is good to about nine digits; float32 to four.
TOLERANCE = {"float64": 1e-6, "float32": 1e-4}


def offer(key: Key) -> str:
    """How to compare with the numerical gradient; empty where the answer is no gradient."""
    from bplib.tutor.nudges import NUDGES

    if key.id not in NUDGES:
        return ""
    name = key.call.partition("(")[0]
    return f'Look closer: `check("{key.id}", {name}, numeric=True)` nudges the inputs for you.'


def compared(key: Key, function: Callable[..., Any]) -> Card:
    """The card for a function that should return a gradient.

    Raises ValueError that lists the exercises that have one, for any other.
    """
    from bplib import numeric
    from bplib.tutor.nudges import NUDGES

    if key.id not in NUDGES:
        raise ValueError(
            f"{key.id} returns no gradient that can be nudged here; numeric=True works for: "
            f"{', '.join(NUDGES)}"
        )
    case = key.cases[0]
    nudge = NUDGES[key.id](case.inputs)
    slopes = {
        name: numeric.gradient(*nudge.costs[name]) for name in case.right if name in nudge.costs
    }
    shapes = {name: slope.shape for name, slope in slopes.items()}
    outcome = answers.call(function, nudge.inputs, shapes, case.labels)
    slack = TOLERANCE[outcome.precision]
    right = {name: fingerprint(slope, case.m) for name, slope in slopes.items()}
    wrong = notes.wrong(right, outcome, slack)
    title = f"{key.call.partition('(')[0]} · {key.equation} · numerical gradient"
    where = f"Every entry nudged up and down, in a case with m = {case.m}."
    if wrong:
        note = notes.note(right, outcome, wrong, case.m, slack)
        return Card(
            title, False, where, f"{note}{_how_far(slopes, outcome)}", "", outcome.notes,
            shapes=notes.shapes(right, outcome),
        )  # fmt: skip
    entries = sum(slope.size for slope in slopes.values())
    agree = f"All {entries} entries agree with finite differences of the forward pass."
    return Card(title, True, where, agree, "", outcome.notes)


def _how_far(slopes: dict[str, Array], outcome: Outcome) -> str:
    """How large the largest difference is, relative to the largest slope, array by array."""
    parts = []
    for name, slope in slopes.items():
        if name in outcome.arrays:
            with np.errstate(over="ignore"):
                error = np.max(np.abs(outcome.arrays[name] - slope))
            parts.append(f"`{name}` {error / max(float(np.max(np.abs(slope))), 1e-12):.0e}")
    if not parts:
        return ""
    return f" Largest difference, relative to the largest slope: {', '.join(parts)}."
