"""What goes into a session and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

__all__ = ["Budget", "Call", "CellRun", "EngineError", "How"]

How = Literal["", "timeout", "died", "budget"]
"""How a cell ended: well, out of time, with its process, or not run for want of time."""


class EngineError(RuntimeError):
    """Return one line: the engine itself failed (never raised for what a student's code does)."""


@dataclass(frozen=True)
class Budget:
    """Return the limits of one submission. Times are CPU time unless they say "wall".

    Repeating earlier cells after a death is paid from the cells' time before a cell, from the
    questions' time before a question, so that loops in cells leave time for the questions.
    """

    cell_cpu: float = 10.0
    """Seconds for one cell. The matching time by the clock is `wall_factor` times as much."""
    cells_cpu: float = 40.0
    """Seconds for all cells together."""
    asks_cpu: float = 60.0
    """Seconds for all questions together."""
    wall_factor: float = 3.0
    """How much longer than its CPU time a cell or question may take by the clock, plus 2 s."""
    cells_wall: float = 120.0
    """Seconds by the clock for all cells together; so those that only wait end, too."""
    asks_wall: float = 180.0
    """Seconds by the clock for all questions together."""
    stream_bytes: int = 20_000
    """Printed text kept per cell, each of stdout and stderr, and per display or error."""
    image_bytes: int = 400_000
    """One image, as base64 text; a larger one is replaced by a line of text."""
    outputs: int = 60
    """Outputs kept per cell."""
    cell_bytes: int = 500_000
    """All outputs kept of one cell."""
    total_bytes: int = 800_000
    """All outputs kept of one submission; feedback pages stay below 1 MB."""
    file_bytes: int = 32 << 20
    """Data files that come with the submission, together; what does not fit is left out."""

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if not isinstance(value, int | float) or not value > 0:
                raise ValueError(f"Budget.{part.name} is {value!r}: give a number above 0")


@dataclass(frozen=True)
class CellRun:
    """Return what came of one cell.

    outputs: nbformat v4 outputs as plain dicts, safe types only (see `outputs.py`). An
    `update_display` of a later cell may still change a display among them, as in a notebook.
    execution_count: None for a blank cell and for one that was not run.
    cpu_seconds: CPU time of the cell, the last attempt's if it was tried twice; 0 for a quick one,
    whose time is counted later.
    ended: "" (also after an ordinary exception), "timeout", "died", or "budget" (not run).
    note: one line about why, for people; empty if `ended` is.
    """

    outputs: list[dict[str, Any]] = field(default_factory=list)
    execution_count: int | None = None
    cpu_seconds: float = 0.0
    ended: How = ""
    note: str = ""


@dataclass(frozen=True)
class Call:
    """Return one call of a notebook's function that is asked for.

    inputs: the arguments, by position; shapes, labels: as in `bplib.answers.call`.
    """

    inputs: Mapping[str, Any]
    shapes: Mapping[str, tuple[int, ...]]
    labels: Any
