"""What is off in one case, in words: the message, the layer, the shapes, the student's own line."""

import linecache
import os
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import bplib
from bplib.answers import Outcome
from bplib.facts import said
from bplib.fingerprints import Print
from bplib.layers import UPSIDE_DOWN, listed, quoted, story
from bplib.tutor.pictures import Shapes

# Code that is not the student's: ours, NumPy's, Python's.
LIBRARIES = tuple(
    f"{folder}{os.sep}"
    for folder in (
        Path(bplib.__file__).parent,
        Path(np.__file__).parent,
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    )
) + ("<frozen ", "<__array_function__")


def wrong(right: Mapping[str, Print], outcome: Outcome, slack: float) -> list[str]:
    """The names of the arrays that are wrong or missing, in the order of the computation."""
    return [
        name
        for name, seen in right.items()
        if name not in outcome.arrays or not seen.matches(outcome.arrays[name], slack)
    ]


def note(
    right: Mapping[str, Print],
    outcome: Outcome,
    names: Sequence[str],
    m: int,
    slack: float,
    *,
    lines: bool = False,
) -> str:
    """The message about the first wrong array, and where the mistake begins in a layered answer.

    names: what `wrong` says, at least one. lines: True for a derivation.
    """
    if outcome.message:
        return outcome.message + line(outcome)
    still_open = [name for name in names if name in outcome.open_lines]
    closed = [name for name in names if name not in still_open]
    if not closed:
        good = [name for name in right if name not in names]
        more = f"; {listed(good)} right" if good else ""
        return f"{listed(still_open)} still open{more}."
    first = said(closed[0], right, outcome, m, slack, lines=lines)
    more = "" if first == UPSIDE_DOWN else story(list(right), names, outcome.absent(right))
    if still_open:
        more = f"Still open: {quoted(still_open)}."
    return f"{first}. {more}".rstrip()


def shapes(right: Mapping[str, Print], outcome: Outcome) -> Shapes | None:
    """The first array that came back in another shape, to be drawn; None if there is none."""
    for name, seen in right.items():
        if name in outcome.misshapen:
            return Shapes(name, seen.shape, outcome.misshapen[name].shape)
    return None


def line(outcome: Outcome) -> str:
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


def not_called(outcome: Outcome) -> bool:
    """True if the call failed before a line of the student's ran: with other arguments, mostly."""
    return outcome.error is not None and type(outcome.error) is TypeError and not line(outcome)
