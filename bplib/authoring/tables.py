"""Tables of Markdown, read and written: what the index of the course is made of."""

import re

from bplib.authoring.masters import MasterError

Table = list[list[str]]


def tables(text: str) -> dict[str, Table]:
    """Return the tables of a Markdown text by the heading above them; a table is rows of cells.

    The line under the head of a table is left out.  Raises MasterError if there is no table, a
    table's rows differ in length, or two tables stand under one heading.
    """
    found: dict[str, Table] = {}
    heading, inside = "", False
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
        if not line.startswith("|"):
            inside = False
            continue
        if not inside and heading in found:
            raise MasterError(f"two tables stand under the heading {heading!r}; give each its own")
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        table = found.setdefault(heading, [])
        if table and len(cells) != len(table[0]):
            raise MasterError(f"{heading}: {len(table[0])} columns at first, then {line!r}")
        if not set("".join(cells)) <= set("-:"):
            table.append(cells)
        inside = True
    if not found:
        raise MasterError(
            "no table found; the glossary is made from the tables of docs/NOTATION.md"
        )
    return found


def letters(table: Table) -> Table:
    """Return rows (letter, source, ours), ordered by source: the table of the sources, inverted.

    table: the first row is "ours" and the sources, the first column what we write; "–" is none.
    """
    head, *rows = table
    return [
        [row[column], head[column], row[0]]
        for column in range(1, len(head))
        for row in rows
        if row[column] != "–"
    ]


def plain(text: str) -> str:
    """Return the text with the characters that mean something in Markdown made harmless."""
    return re.sub(r"([\\*_|`\[\]<])", r"\\\1", text)


def table_text(rows: Table) -> str:
    """Return a Markdown table; the first of the rows, lists of cells, is its head."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
