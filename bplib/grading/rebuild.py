"""Rebuilds a submission on the released skeleton: only answers and free cells are the student's.

So tests that were edited, deleted, duplicated or retyped do not matter, nor does what became of
points and flags. The order is the release's; a free cell (one that nbgrader does not know) stays
behind the released cell that it follows.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bplib.grading.notebooks import Cell, Notebook, marks
from bplib.grading.skeleton import Part, Skeleton, strip_hidden

__all__ = ["MISSING", "checksum", "empty", "pictures", "rebuild"]

MISSING = "This answer cell was not in the notebook that was handed in."
FREE_CELLS = 500
SOURCE_BYTES = 200_000
PICTURES = ("image/png", "image/jpeg", "image/gif")
PICTURE_BYTES = 2_000_000
DEFINED = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)
BASE64 = re.compile(r"[A-Za-z0-9+/=\n]*")


def empty(skeleton: Skeleton) -> Notebook:
    """Return the rebuilt notebook of someone who handed in nothing that can be read."""
    return rebuild({"cells": []}, skeleton)[0]


def rebuild(submitted: Notebook, skeleton: Skeleton) -> tuple[Notebook, list[str]]:
    """Return the notebook to run (nbformat 4.5, no outputs) and notes for the student.

    submitted: as `notebooks.read` returns it. Tests that name an exercise come without their hidden
    lines: the judge asks from outside. All other tests come as the instructor wrote them.
    """
    places = _places(submitted["cells"], skeleton)
    answers: dict[str, Cell] = {}
    free: dict[str, list[Cell]] = defaultdict(list)
    earlier: dict[str, list[Cell]] = defaultdict(list)
    notes, last, changed = [], "", []
    for cell, part in zip(submitted["cells"], places, strict=True):
        if part is None:
            free[last].append(cell)
            continue
        last = part.name
        if not part.answer:
            if cell["source"].strip() not in (part.source.strip(), strip_hidden(part.source)):
                changed.append(part.name)
            continue
        if part.name in answers:
            # The last one counts, as in nbgrader. The others, and free cells between, still run:
            # before it, so that what they define does not take its place.
            earlier[part.name] += [answers[part.name], *free.pop(part.name, [])]
            notes.append(f"the answer cell `{part.name}` is there more than once: the last counts")
        answers[part.name] = cell
    notes += [f"your changes of the cell `{name}` were not kept" for name in changed]
    notes += [
        f"the answer cell `{part.name}` is missing"
        for part in skeleton.parts
        if part.solution and part.name not in answers
    ]
    if not submitted["cells"]:
        notes = ["the notebook is empty"]
    count = sum(map(len, (*free.values(), *earlier.values())))
    if count > FREE_CELLS:
        notes.append(f"only {FREE_CELLS} of {count} cells of your own were run")
    return _assembled(skeleton, answers, earlier, free), list(dict.fromkeys(notes))


def _places(cells: list[Cell], skeleton: Skeleton) -> list[Part | None]:
    """For each cell the part that it fills, None if it is free.

    By nbgrader's grade_id; where a program has lost that, by the cell's id, which is the same, or
    by the function that it defines. Each of these is only tried for parts not found before.
    """
    parts = {part.name: part for part in skeleton.parts}
    found: list[Part | None] = []
    for cell in cells:
        name = marks(cell).get("grade_id")
        found.append(parts.get(name) if isinstance(name, str) else None)
    by_id = {_cell_id(part.name): part for part in skeleton.parts}
    by_name = {
        name: part
        for part in skeleton.parts
        if part.answer and part.cell_type == "code"
        for name in DEFINED.findall(part.source)[:1]
    }
    ways: tuple[Callable[[Cell], Part | None], ...] = (
        lambda cell: by_id.get(cell["id"]),
        lambda cell: _defining(cell, by_name),
    )
    for key in ways:
        known = {part.name for part in found if part}
        for index, cell in enumerate(cells):
            part = key(cell)
            if found[index] is None and part and part.name not in known:
                found[index] = part
    return found


def _defining(cell: Cell, by_name: dict[str, Part]) -> Part | None:
    if cell["cell_type"] != "code" or marks(cell):
        return None
    names = DEFINED.findall(cell["source"])
    return next((by_name[name] for name in names if name in by_name), None)


def _assembled(
    skeleton: Skeleton,
    answers: dict[str, Cell],
    earlier: dict[str, list[Cell]],
    free: dict[str, list[Cell]],
) -> Notebook:
    cells: list[dict[str, Any]] = []
    room = FREE_CELLS

    def add_free(some: list[Cell]) -> None:
        nonlocal room
        for cell in some[:room]:
            room -= 1
            cells.append(_new(cell["cell_type"], f"free-{len(cells) + 1:04d}", cell["source"]))

    add_free(free[""])
    for part in skeleton.parts:
        add_free(earlier[part.name])
        cells.append(_filled(part, answers.get(part.name)))
        add_free(free[part.name])
    return {
        "cells": cells,
        "metadata": {"kernelspec": skeleton.kernelspec, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _filled(part: Part, answer: Cell | None) -> dict[str, Any]:
    source = strip_hidden(part.source) if part.exercise else part.source
    if part.answer and answer is not None:
        source = answer["source"]
    elif part.answer:
        source = f"# {MISSING}" if part.cell_type == "code" else MISSING
    cell = _new(part.cell_type, _cell_id(part.name), source)
    cell["metadata"] = {"nbgrader": part.metadata()}
    if part.cell_type == "markdown" and answer is not None and part.answer:
        kept = pictures(answer["attachments"])
        if kept:
            cell["attachments"] = kept
    return cell


def _new(cell_type: str, name: str, source: str) -> dict[str, Any]:
    if len(source) > SOURCE_BYTES:
        source = source[:SOURCE_BYTES] + "\n# … the rest of this cell was too long"
    cell = {"cell_type": cell_type, "id": name, "metadata": {}, "source": source}
    return {**cell, "outputs": [], "execution_count": None} if cell_type == "code" else cell


def _cell_id(name: str) -> str:
    """An id as nbformat allows it; the grade_id itself wherever that is one."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        return name
    short = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:50]
    return f"{short}-{hashlib.md5(name.encode()).hexdigest()[:8]}"


def pictures(attachments: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the pictures pasted into a written answer, as base64 text, and nothing else."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in list(attachments.items())[:10]:
        if not isinstance(bundle, dict) or not re.fullmatch(r"[\w .()-]{1,100}", name):
            continue
        for kind in PICTURES:
            data = bundle.get(kind)
            if isinstance(data, str) and len(data) <= PICTURE_BYTES and BASE64.fullmatch(data):
                kept[name] = {kind: data}
    return kept


def checksum(cell: dict[str, Any]) -> str:
    """Return nbgrader's checksum of a rebuilt cell (nbgrader.utils.compute_checksum)."""
    meta = cell["metadata"]["nbgrader"]
    solution = bool(meta["solution"])
    locked = not solution and (bool(meta["grade"]) or bool(meta["locked"]))
    parts = [cell["source"], cell["cell_type"], str(meta["grade"]), str(solution), str(locked)]
    parts.append(meta["grade_id"])
    if meta["grade"]:
        parts.append(str(float(meta["points"])))
    return hashlib.md5("".join(parts).encode()).hexdigest()
