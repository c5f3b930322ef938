"""Builds everything that is generated: notebooks, releases, answer keys, executed solutions."""

import json
import logging
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from rich.progress import Progress

from bplib.authoring.index import write_index
from bplib.authoring.masters import MasterError, read_master, write_notebook
from bplib.exercises import grade
from bplib.exercises.bank import bank
from bplib.exercises.keys import key
from bplib.grading.course import course

KEYS = Path(__file__).parents[1] / "tutor" / "keys"


def units(root: Path) -> list[str]:
    """The names of the units that have a master, in order: ["03-output-error", …].

    Raises MasterError if the folder holds none.
    """
    masters = (root / "source").glob("*/*.py")
    found = sorted(path.stem for path in masters if path.stem == path.parent.name)
    if not found:
        raise MasterError(f"no masters in {root / 'source'}: expected source/NN-name/NN-name.py")
    return found


def chosen(root: Path, names: Sequence[str]) -> list[str]:
    """The units asked for, by full name or number; all of them if none is asked for.

    Raises MasterError that lists the units for an unknown one.
    """
    known = units(root)
    picked = []
    for name in names:
        match = [unit for unit in known if name in (unit, unit.partition("-")[0])]
        if not match:
            raise MasterError(f"no unit {name!r}; the units are: {', '.join(known)}")
        picked += match
    return picked or known


def build(root: Path, names: Sequence[str] = (), *, keys: Path = KEYS, solve: bool = True) -> None:
    """Build the units in the course folder `root`, with a progress bar.

    Writes course/*.ipynb, source/<unit>/<unit>.ipynb, release/<unit>/, the gradebook's entry,
    solutions/<unit>/, and the answer keys of the bank. `solve=False` leaves the solutions out
    (they are executed).
    Raises MasterError for a master that does not fit, and CellExecutionError for a solution that
    fails.
    """
    picked = chosen(root, names)
    with Progress() as progress:
        task = progress.add_task("building", total=len(picked) * (3 if solve else 2) + 1)
        for unit in picked:
            progress.update(task, description=f"building {unit}", advance=1)
            write_notebook(
                read_master(_path(root, "source", unit, ".py")), _path(root, "source", unit)
            )
        progress.update(task, description="lessons and answer keys", advance=1)
        write_lessons(root)
        write_index(root)
        write_keys(keys)
        for unit in picked:
            progress.update(task, description=f"releasing {unit}", advance=1)
            course(root).release(unit)
        if solve:
            progress.update(task, description="executing the solutions")
            with ThreadPoolExecutor(2) as pool:
                for _ in pool.map(lambda unit: write_solution(root, unit), picked):
                    progress.advance(task)


def write_lessons(root: Path) -> None:
    """Make the notebook of every lesson, course/NN-name.ipynb, from its text master beside it."""
    for master in sorted((root / "course").glob("*.py")):
        write_notebook(read_master(master), master.with_suffix(".ipynb"))


def _path(root: Path, folder: str, unit: str, suffix: str = ".ipynb") -> Path:
    return root / folder / unit / f"{unit}{suffix}"


def write_solution(root: Path, unit: str) -> None:
    """Execute the source notebook of a unit, and write it with its outputs to solutions/.

    An output that says what it said before is kept as it was: timings (cells tagged "varies") and
    the bytes of pictures differ from run to run, and that is no change.
    """
    path = _path(root, "solutions", unit)
    notebook = executed(nbformat.read(_path(root, "source", unit), as_version=4))
    if path.exists():
        before = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
        for cell in notebook.cells:
            old = before.get(cell.id)
            if cell.cell_type != "code" or old is None or old.source != cell.source:
                continue
            if "varies" in cell.metadata.get("tags", []) or texts(old) == texts(cell):
                cell.outputs = old.outputs
    write_notebook(notebook, path)


def texts(cell: Any) -> list[str]:
    """The outputs of a code cell as text; pictures are left out.

    A stream comes in pieces, cut where they happened to arrive: each stream is one text.
    """
    found: dict[Any, str] = {}
    for number, output in enumerate(cell.outputs):
        data = output.get("data", {})
        if "image/png" not in data:
            name = output.get("name", number)
            found[name] = found.get(name, "") + output.get("text", data.get("text/plain", ""))
    return list(found.values())


def executed(notebook: Any) -> Any:
    """The notebook with its outputs, without what differs from machine to machine.

    Raises nbclient's CellExecutionError if a cell fails.
    """
    metadata = dict(notebook.metadata)
    sources = [cell.source for cell in notebook.cells]
    for cell in notebook.cells:  # our own solutions are trusted: they are judged in their kernel
        cell.source = cell.source.replace(grade.HIDDEN, grade.TRUSTED)
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    quiet = ["--Application.log_level=ERROR"]
    NotebookClient(notebook, timeout=300, record_timing=False, extra_arguments=quiet).execute()
    notebook.metadata = nbformat.from_dict(metadata)
    for cell, source in zip(notebook.cells, sources, strict=True):
        cell.source = source
    return notebook


def write_keys(folder: Path = KEYS) -> None:
    """Write the answer key of every exercise, and remove keys of exercises that are gone.

    A key that equals the one on disk up to rounding is left alone: the last digits of a sum differ
    between processors, and that is no change.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, exercise in bank().items():
        path, new = folder / f"{name}.json", key(exercise)
        if not (path.exists() and same(json.loads(path.read_text(encoding="utf-8")), new)):
            path.write_text(json.dumps(new, ensure_ascii=False) + "\n", encoding="utf-8")
    for path in folder.glob("*.json"):
        if path.stem not in bank():
            path.unlink()


def same(old: Any, new: Any) -> bool:
    """True if two JSON values are equal, with numbers compared to eight digits.

    The order of names counts: the tutor speaks of the first array that is wrong.
    """
    if isinstance(old, float) and isinstance(new, (int, float)):
        return math.isclose(old, new, rel_tol=1e-8, abs_tol=1e-8)
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(same(old[name], new[name]) for name in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(same(a, b) for a, b in _pairs(old, new))
    return bool(old == new)


def _pairs(old: list[Any], new: list[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(old, new, strict=True)
