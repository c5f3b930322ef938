"""What is off in one case, in words: the message, the layer, the shapes, the student's own line."""

import linecache
import os
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import bplib
from bplib.answers import Outcome
from bplib.facts import all_right, fact, fact_of_shape
from bplib.fingerprints import Print
from bplib.layers import UPSIDE_DOWN, story, turned
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
    right: Mapping[str, Print], outcome: Outcome, names: Sequence[str], m: int, slack: float
) -> str:
    """The message about the first wrong array, and where the mistake begins in a layered answer.

    names: what `wrong` says, at least one.
    """
    name = names[0]
    if outcome.message:
        return outcome.message + line(outcome)
    if name in outcome.open_lines:
        return f"`{name}` is still open."
    if all_right(turned(outcome.arrays | outcome.misshapen), right, slack):
        return f"{UPSIDE_DOWN}."
    first = _said(name, right[name], outcome, m, slack)
    return f"{first} {story(list(right), names)}".rstrip()


def _said(name: str, right: Print, outcome: Outcome, m: int, slack: float) -> str:
    if name in outcome.arrays:
        return f"`{name}`: {fact(outcome.arrays[name], right, m, slack)}."
    more = ""
    if name in outcome.misshapen:
        more = fact_of_shape(outcome.misshapen[name], right, slack)
    return outcome.faults[name] + (f"; {more}." if more else ".")


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
