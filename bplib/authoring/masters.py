"""Turns a text master (jupytext percent) into the canonical notebook that nbgrader reads.

A master says only what a person decides: the text, the code, the solution, and which cell is what.
    # %% nbgrader={"grade_id": "hidden_error", "solution": true}        an answer
    # %% nbgrader={"grade_id": "test_hidden_error", "grade": true}      its test: one line, check(…)
    # %% [markdown] nbgrader={"grade_id": "why", "solution": true, "grade": true, "points": 2}
    # %% tags=["varies"]                     a cell whose output differs from run to run (a timing)
Everything that follows from the bank (points, hidden tests) and from the format (ids, defaults) is
filled in here.
"""

from pathlib import Path
from typing import Any

import jupytext
import nbformat

from bplib.exercises.bank import CHECK, exercise

HIDDEN = """
### BEGIN HIDDEN TESTS
from bplib.exercises.grade import grade
grade("{id}", {name})
### END HIDDEN TESTS"""
DEFAULTS = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class MasterError(ValueError):
    """A master that cannot become an assignment; the message says where and what to write."""


def read_master(path: Path) -> Any:
    """The canonical notebook (nbformat 4.5, no outputs, stable cell ids) of the master at `path`.

    Raises MasterError if a graded cell does not fit the bank, or two cells share a grade_id.
    """
    notebook = jupytext.read(path, fmt="py:percent")
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells, start=1):
        meta, tags = cell.metadata.get("nbgrader"), cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        cell.id = f"cell-{index:02d}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if meta is None:
            continue
        name = meta.get("grade_id")
        if not name or name in seen:
            raise MasterError(
                f"{path.name}, cell {index}: needs a grade_id of its own, got {name!r}"
            )
        seen.add(name)
        cell.id = name
        cell.metadata["nbgrader"] = nbformat.from_dict(_complete(path, cell, dict(meta)))
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def _complete(path: Path, cell: Any, meta: dict[str, Any]) -> dict[str, Any]:
    """The full nbgrader metadata of a cell; a test cell gets its points and its hidden tests."""
    meta = {**DEFAULTS, **meta}
    if meta["grade"] and not meta["solution"]:
        match = CHECK.search(cell.source)
        if match is None:
            raise MasterError(
                f'{path.name}, {meta["grade_id"]}: a test cell needs a line check("NN.name", name)'
            )
        asked = exercise(match["id"])
        if asked.name != match["name"]:
            raise MasterError(f"{path.name}: {asked.id} asks for {asked.name}, got {match['name']}")
        meta |= {"points": asked.points, "locked": True}
        cell.source += HIDDEN.format(**match.groupdict())
    if meta["grade"] and "points" not in meta:
        raise MasterError(f"{path.name}, {meta['grade_id']}: a cell graded by hand needs points")
    return dict(sorted(meta.items()))


def write_notebook(notebook: Any, path: Path) -> None:
    """Write the notebook as canonical JSON (sorted keys, one space, a final newline)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
