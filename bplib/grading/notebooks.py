"""Notebooks as plain JSON values, read from anybody and written canonically.

Grading works on plain dicts and lists: a submission is never validated against a schema that its
author could break, it is rebuilt. What `read` returns has a list of cells, each with a type and a
text, and nothing else is promised.
"""

import json
import re
from typing import Any

__all__ = ["CELLS", "Cell", "Notebook", "Unreadable", "marks", "read", "text_of", "written"]

Notebook = dict[str, Any]
Cell = dict[str, Any]

# More cells than this are not kept; a long lesson has a hundred.
CELLS = 2000
_LONE = re.compile("[\ud800-\udfff]")
_TYPES = ("code", "markdown", "raw")


class Unreadable(ValueError):
    """A file that is no notebook; the message says why, for the student."""


def read(content: bytes) -> tuple[Notebook, list[str]]:
    """Return the notebook (nbformat 4, outputs dropped) and notes about what was left out.

    Raises Unreadable.
    """
    values = _older(_values(content))
    cells = values.get("cells")
    if not isinstance(cells, list):
        raise Unreadable("it has no list of cells")
    notes = []
    if len(cells) > CELLS:
        notes.append(f"only the first {CELLS} of {len(cells)} cells were read")
    kept = [_cell(cell) for cell in cells[:CELLS]]
    broken = kept.count(None)
    if broken:
        notes.append(f"{broken} entries of the notebook are no cells and were left out")
    return {"cells": [cell for cell in kept if cell is not None]}, notes


def _values(content: bytes) -> dict[str, Any]:
    try:
        values = json.loads(content)  # UTF-8, or UTF-16 and UTF-32, with or without a mark
    except (ValueError, RecursionError) as problem:
        kind = "nested too deeply" if isinstance(problem, RecursionError) else "no valid JSON text"
        raise Unreadable(f"it is {kind}") from None
    if not isinstance(values, dict):
        raise Unreadable("it is JSON, but no notebook")
    return values


def _older(values: dict[str, Any]) -> dict[str, Any]:
    """The same notebook in format 4; formats 2 and 3 are converted by nbformat."""
    version = values.get("nbformat", 4)
    if version == 4 or "cells" in values:
        return values
    import nbformat

    try:
        # Of cells alone, and not of too many: all that fits into a file would take minutes.
        cells = [
            {**cell, "outputs": []} if "outputs" in cell else cell
            for sheet in values["worksheets"]
            for cell in sheet["cells"]
        ]
        if len(cells) > CELLS:
            raise OverflowError
        sheets = [{"cells": cells, "metadata": {}}]
        bare = {"nbformat": version, "nbformat_minor": 0, "metadata": {}, "worksheets": sheets}
        return dict(nbformat.convert(nbformat.reads(json.dumps(bare), as_version=version), 4))
    except Exception as problem:  # whatever a hostile old notebook makes the converter do
        raise Unreadable(
            f"its format {ascii(version)[:20]} cannot be converted ({type(problem).__name__}); "
            "save it again with a current JupyterLab"
        ) from None


def _cell(cell: Any) -> Cell | None:
    if not isinstance(cell, dict) or cell.get("cell_type") not in _TYPES:
        return None
    metadata, attachments = cell.get("metadata"), cell.get("attachments")
    return {
        "cell_type": cell["cell_type"],
        "id": cell.get("id") if isinstance(cell.get("id"), str) else None,
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": text_of(cell.get("source")),
        "attachments": attachments if isinstance(attachments, dict) else {},
    }


def text_of(value: Any) -> str:
    """Return a text or a list of texts as one text that can be stored as UTF-8, else nothing."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return _LONE.sub("\ufffd", value).replace("\0", "\ufffd") if isinstance(value, str) else ""


def marks(cell: Cell) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell, empty if it has none or it is no dict."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def written(notebook: Notebook) -> str:
    """Return the notebook as canonical text: sorted keys, lines split, a line for each cell."""

    def line(value: Any) -> str:  # indenting would take three times as long
        return json.dumps(value, sort_keys=True, ensure_ascii=False)

    cells = ",\n".join(
        line({**cell, "source": cell["source"].splitlines(keepends=True)})
        for cell in notebook["cells"]
    )
    rest = line({key: value for key, value in notebook.items() if key != "cells"})
    return f'{{"cells": [\n{cells}\n], {rest[1:]}\n'
