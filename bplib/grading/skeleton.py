"""What was released: the base on which a submission is rebuilt, taken from the gradebook.

The gradebook keeps every cell that nbgrader marks (answers, tests, locked cells), with its text as
the instructor wrote it. Their order is taken from the released notebook, because a database
promises none.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bplib.exercises.bank import CHECK, look_up
from bplib.grading.notebooks import Unreadable, marks, read

__all__ = ["Part", "Skeleton", "from_gradebook", "strip_hidden"]

JUDGE = "from bplib.exercises.grade import"
HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS[^\n]*\n?(.*?)(^[^\n]*END HIDDEN TESTS[^\n]*\n?|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Part:
    """Return one cell of the release that nbgrader knows.

    name: its grade_id; source: its text with hidden tests; checksum: nbgrader's, of the release.
    points: of a graded cell or a task, else None; exercise: the id of the one that the judge asks
    when this test is reached, empty for an ordinary cell.
    """

    name: str
    cell_type: str
    source: str
    checksum: str | None
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float | None
    exercise: str = ""

    @property
    def answer(self) -> bool:
        """Return whether the student writes in this cell."""
        return self.solution or not self.locked

    def metadata(self) -> dict[str, Any]:
        """Return nbgrader's metadata of the cell, as it was released."""
        found = {
            "grade_id": self.name,
            "schema_version": 3,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        return found if self.points is None else {**found, "points": self.points}


@dataclass(frozen=True)
class Skeleton:
    """Return one released notebook: its name, its kernelspec and its parts in order."""

    name: str
    kernelspec: dict[str, Any]
    parts: tuple[Part, ...]


def strip_hidden(source: str) -> str:
    """Return the text of a test cell without its hidden tests.

    >>> strip_hidden("check(1)\\n### BEGIN HIDDEN TESTS\\nassert f()\\n### END HIDDEN TESTS")
    'check(1)'
    """
    return HIDDEN.sub("", source).rstrip("\n")


def from_gradebook(notebook: Any, release: Path) -> Skeleton:
    """Return the skeleton of an nbgrader.api.Notebook; `release` is the released notebook's path.

    Without that file the order is the gradebook's own. Raises ValueError for a test whose exercise
    is not in the bank.
    """
    graded = {cell.name: cell for cell in (*notebook.grade_cells, *notebook.task_cells)}
    solutions = {cell.name for cell in notebook.solution_cells}

    def tested(cell: Any) -> bool:
        return cell.cell_type == "code" and cell.name in graded and cell.name not in solutions

    tasks = {cell.name for cell in notebook.task_cells}
    parts = {
        cell.name: Part(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            grade=cell.name in graded and cell.name not in tasks,
            solution=cell.name in solutions,
            locked=bool(cell.locked),
            task=cell.name in tasks,
            points=float(graded[cell.name].max_score) if cell.name in graded else None,
            exercise=_exercise(cell.name, cell.source) if tested(cell) else "",
        )
        for cell in notebook.source_cells
    }
    kernelspec = json.loads(notebook.kernelspec or "{}")
    return Skeleton(notebook.name, kernelspec, tuple(_ordered(parts, _order(release))))


def _exercise(name: str, source: str) -> str:
    """The exercise that a test names, if the bank has it; nothing for an ordinary test.

    Raises ValueError for a test that calls the judge for an exercise that this bank does not have.
    """
    match = CHECK.search(source)
    found = look_up(match["id"]) if match else None
    if match and found and found.name == match["name"]:
        return found.id
    if JUDGE in source:
        raise ValueError(
            f"the test cell {name!r} asks the judge for an exercise that this bplib does not know; "
            "install the bplib that the assignment was built with, or build it again"
        )
    return ""


def _ordered(parts: dict[str, Part], order: Iterable[str]) -> list[Part]:
    first = [parts[name] for name in order if name in parts]
    return list(dict.fromkeys([*first, *parts.values()]))


def _order(release: Path) -> list[str]:
    try:
        notebook, _ = read(release.read_bytes())
    except (OSError, Unreadable):
        return []
    found = (marks(cell).get("grade_id") for cell in notebook["cells"])
    return [name for name in found if isinstance(name, str)]
