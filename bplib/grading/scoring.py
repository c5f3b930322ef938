"""Scores ordinary test cells as nbgrader does, with its known faults mended, and says so.

nbgrader gives no points when anything stands on stderr (so a warning costs the question), full
points when the result is NaN, text or negative, and stops when a result is above the maximum.
"""

import math
from dataclasses import dataclass
from typing import Any

from bplib.grading.rebuild import MISSING, checksum

__all__ = ["NO_RESPONSE", "Score", "score"]

NO_RESPONSE = "No response."
ENDED = {
    "timeout": "the cell took too long",
    "died": "the cell ended its Python process",
    "budget": "the time for this notebook was used up before this cell",
}


@dataclass(frozen=True)
class Score:
    """Return what a graded cell earned.

    points: None while a person has to read it; messages: for the student, in order.
    """

    points: float | None
    of: float
    messages: tuple[str, ...] = ()


def score(cell: dict[str, Any], ended: str = "") -> Score:
    """Return the score of a graded cell of a rebuilt notebook that was run.

    cell: as nbformat 4 dict with its outputs; ended: how its run ended (`CellRun.ended`).
    """
    meta = cell["metadata"]["nbgrader"]
    most = float(meta["points"])
    if meta["solution"]:
        return _by_hand(cell, most)
    if cell["cell_type"] != "code":
        return Score(None, most)
    if ended:
        return Score(0.0, most, (f"0 points: {ENDED[ended]}",))
    return _from_outputs(cell["outputs"], most)


def _by_hand(cell: dict[str, Any], most: float) -> Score:
    if cell["source"].removeprefix("# ") == MISSING:
        return Score(0.0, most, (MISSING,))
    if checksum(cell) == cell["metadata"]["nbgrader"]["checksum"]:
        return Score(0.0, most, (NO_RESPONSE,))
    return Score(None, most)


def _from_outputs(outputs: list[dict[str, Any]], most: float) -> Score:
    error = next((out for out in outputs if out["output_type"] == "error"), None)
    if error is not None:
        said = f"{error['ename']}: {error['evalue']}".removesuffix(": ")[:300]
        return Score(0.0, most, (f"0 points: the test found {said}",))
    notes: tuple[str, ...] = ()
    if any(out["output_type"] == "stream" and out["name"] == "stderr" for out in outputs):
        notes = ("Something was printed as an error or a warning; by itself that costs nothing.",)
    result = next((out for out in outputs if out["output_type"] == "execute_result"), None)
    if result is None:
        return Score(most, most, notes)
    text = result.get("data", {}).get("text/plain", "")
    points = _number(text)
    if points is None:
        shown = " ".join(str(text).split())[:60]
        problem = f"0 points: the test should end with a number from 0 to {most:g}, got {shown!r}"
        return Score(0.0, most, (*notes, problem))
    if points > most:
        capped = f"The test gave {points:g}, more than there is: {most:g} points."
        return Score(most, most, (*notes, capped))
    return Score(points, most, notes)


def _number(text: Any) -> float | None:
    """The number that a result shows, None if it is none, not finite, or negative."""
    if not isinstance(text, str):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
