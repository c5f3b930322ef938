"""What a class got right and what it misunderstands, read from the graded notebooks."""

import glob
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bplib.exercises.catalogue import entry
from bplib.exercises.grade import MIME
from bplib.grading.course import Mark, course


@dataclass(frozen=True)
class Finding:
    """One verdict of one student: points, and the misconceptions that were found: none to two."""

    student: str
    exercise: str
    score: float
    points: int
    misconceptions: tuple[str, ...]


def findings(root: Path, assignment: str) -> Iterator[Finding]:
    """The verdicts in autograded/*/<assignment>/, student by student, in the notebook's order."""
    for path in sorted((root / "autograded").glob(f"*/{glob.escape(assignment)}/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            judged = cell["metadata"].get("nbgrader", {}).get("grade", False)
            for output in cell.get("outputs", []) if judged else []:
                verdict = output.get("data", {}).get(MIME)
                if verdict:
                    yield Finding(
                        student=path.parts[-3],
                        exercise=verdict["exercise_id"],
                        score=verdict["score"],
                        points=verdict["points"],
                        misconceptions=tuple(verdict["misconceptions"]),
                    )


def counts(found: Iterable[Finding]) -> Counter[tuple[str, str]]:
    """How often each misconception was found, by (exercise, misconception)."""
    return Counter((f.exercise, name) for f in found for name in f.misconceptions)


def marks_table(marks: Iterable[Mark]) -> Table:
    """The marks as a table; what is still to be graded by hand is said."""
    table = Table(title="Marks", caption="by hand: cells that an instructor still has to read")
    table.add_column("student")
    table.add_column("points", justify="right")
    table.add_column("of", justify="right")
    table.add_column("by hand")
    for mark in marks:
        by_hand = "to do" if mark.needs_manual_grade else ""
        table.add_row(mark.student, f"{mark.score:g}", f"{mark.max_score:g}", by_hand)
    return table


def misconceptions_table(found: Counter[tuple[str, str]]) -> Table:
    """The misconceptions found, the most frequent first, with the question to ask the class."""
    table = Table(title="What the class misunderstands")
    table.add_column("exercise")
    table.add_column("misconception")
    table.add_column("students", justify="right")
    table.add_column("ask them")
    for (exercise, misconception), count in found.most_common():
        table.add_row(exercise, misconception, str(count), entry(misconception).hint)
    return table


def show(root: Path, assignment: str) -> None:
    """Print both tables. Raises ValueError if there are no marks of the assignment."""
    here = course(root)
    graded = sorted({path.name for path in (root / "autograded").glob("*/[!.]*")})
    marks = here.marks(assignment) if assignment in graded else []
    if not marks:
        raise ValueError(
            f"there are no marks of {assignment!r}; graded in {root} are: "
            f"{', '.join(graded) or 'none'}. Grade it with `bplib grade` first"
        )
    console = Console()
    console.print(marks_table(marks))
    console.print(misconceptions_table(counts(findings(root, assignment))))
