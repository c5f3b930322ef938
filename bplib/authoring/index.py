"""Makes the index of the course, course/index.ipynb, from what the lessons say that they cover.

Nothing is written twice: the rows come from course/covers.toml and course/slips.toml, titles and
anchors from the lessons' masters, and the glossary from the tables of docs/NOTATION.md.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from bplib.authoring.masters import KERNEL, MasterError, read_master, write_notebook
from bplib.authoring.tables import Table, letters, plain, table_text, tables

ANCHOR = re.compile(r'<a id="([^"]*)"></a>')
SOURCES = {
    "000": "the s/f lesson: *s* before the bend, *f* after it",
    "001": "a lecture in Nielsen's letters: six activations, three steps, one algorithm",
    "002": "notes on training: history, numerical gradients, what makes deep networks train",
    "003": "Nielsen's chapter: two assumptions, four equations",
    "004": "a chapter in Bishop's letters: *a* before the bend, *z* after it; the numbers in "
    "parentheses are its equations",
}
SOURCE = re.compile(rf"({'|'.join(SOURCES)})(, ({'|'.join(SOURCES)}))*")
Row = dict[str, str]


@dataclass(frozen=True)
class Lesson:
    """What the index has to know of a lesson.

    unit: "01-forward-pass"    title: its heading    anchors: the section of each, by anchor
    """

    unit: str
    title: str
    anchors: dict[str, str]


def lessons(root: Path) -> dict[str, Lesson]:
    """Return the lessons course/NN-name.py of the course folder `root`, by unit, in order.

    Raises MasterError for a lesson that does not begin with a title, or repeats an anchor.
    """
    found = {}
    for path in sorted((root / "course").glob("*.py")):
        cells = read_master(path).cells
        if not (cells and cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")):
            raise MasterError(
                f"{path.name}: the first cell must be text that begins with '# title'"
            )
        title = cells[0].source.splitlines()[0].removeprefix("# ")
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        found[path.stem] = Lesson(path.stem, title, _anchors(path.name, text))
    return found


def _anchors(name: str, text: str) -> dict[str, str]:
    """The section in which each anchor stands; one alone on a line belongs to a heading below."""
    found: dict[str, str] = {}
    section, waiting = "", list[str]()
    for line in filter(str.strip, text.splitlines()):
        if line.startswith("#"):
            section = line.lstrip("#").strip()
            found |= dict.fromkeys(waiting, section)
        here = ANCHOR.findall(line)
        for anchor in here:
            if anchor in found:
                raise MasterError(f"{name}: the anchor {anchor!r} stands there twice; keep one")
            found[anchor] = section
        waiting = here if not ANCHOR.sub("", line).strip() else []
    return found


def covers(root: Path) -> list[Row]:
    """Return the rows of course/covers.toml: unit, source, entry, anchor.

    Raises MasterError if the file is missing, or a row lacks one of these or has another.
    """
    return _rows(root, "covers", {"unit", "source", "entry", "anchor"})


def slips(root: Path) -> list[Row]:
    """Return the rows of course/slips.toml: source, says, right, unit, and perhaps an anchor.

    Raises MasterError as `covers` does.
    """
    return _rows(root, "slips", {"source", "says", "right", "unit"}, frozenset({"anchor"}))


def _rows(
    root: Path, name: str, needed: set[str], allowed: frozenset[str] = frozenset()
) -> list[Row]:
    path = root / "course" / f"{name}.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MasterError(
            f"{path} is missing; the index is made from its [[{name}]] rows"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise MasterError(f"{path.name}: {error}") from error
    rows: list[Row] = content.get(name, [])
    for number, row in enumerate(rows, start=1):
        wrong = (needed - row.keys()) | (row.keys() - needed - allowed)
        if wrong or not all(isinstance(value, str) and value for value in row.values()):
            raise MasterError(
                f"{path.name}, row {number}: needs the texts {', '.join(sorted(needed))}"
                f"{' and allows ' + ', '.join(sorted(allowed)) if allowed else ''}; got {row}"
            )
        if SOURCE.fullmatch(row["source"]) is None:
            raise MasterError(
                f"{path.name}, row {number}: the source is {row['source']!r}; "
                f"allowed: {', '.join(SOURCES)}, or several with ', ' between them"
            )
    return rows


def write_index(root: Path) -> None:
    """Write course/index.ipynb of the course folder `root`; without lessons there is none.

    Raises MasterError if a file is missing or wrong, or a row points at a place that is not there.
    """
    if any((root / "course").glob("*.py")):
        write_notebook(index(root), root / "course" / "index.ipynb")


def index(root: Path) -> Any:
    """Return the index as a canonical notebook of text cells (nbformat 4.5, stable cell ids).

    Raises MasterError as `write_index` does.
    """
    known = lessons(root)
    cells = {
        "title": "# Index of the course\n\nThe lessons, where each part of sources 000 to 004 is "
        "taught, a glossary of their letters, and what they say that had to be put right.\n\n"
        "A link names the section that it leads to. JupyterLab opens a closed lesson at its top; "
        "follow the link once more, and it goes to the place.",
        "lessons": "## Lessons\n\n"
        + "\n".join(f"- [{one.title}]({one.unit}.ipynb)" for one in known.values()),
    }
    rows = covers(root)
    for source, name in SOURCES.items():
        mine = [[plain(r["entry"]), _place(r, known)] for r in rows if source in r["source"]]
        heads = ["what the source says", "lesson: section"]
        text = table_text([heads, *mine]) if mine else "Not covered yet."
        cells[f"source-{source}"] = f"## Source {source}\n\n{name[0].upper()}{name[1:]}.\n\n{text}"
    for number, (heading, table) in enumerate(_notation(root).items(), start=1):
        cells[f"glossary-{number}"] = f"## Glossary: {heading}\n\n{table_text(table)}"
    head = ["in the sources", "slip", "put right", "lesson: section"]
    listed = [
        [r["source"], plain(r["says"]), plain(r["right"]), _place(r, known)] for r in slips(root)
    ]
    cells["slips"] = f"## Slips put right\n\n{table_text([head, *listed])}"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(text, id=name) for name, text in cells.items()],
        metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}},
    )
    nbformat.validate(notebook)
    return notebook


def _notation(root: Path) -> dict[str, Table]:
    """The tables of docs/NOTATION.md, and the last of them read the other way round."""
    found = tables((root / "docs" / "NOTATION.md").read_text(encoding="utf-8"))
    inverted = [["you read", "in", "we write"], *letters(list(found.values())[-1])]
    return found | {"from their letters to ours": inverted}


def _place(row: Row, known: dict[str, Lesson]) -> str:
    """The link to the place that a row names; a unit without a lesson is only named."""
    unit, anchor = row["unit"], row.get("anchor")
    if anchor is None and unit not in known:
        return f"unit {unit.partition('-')[0]}"
    if unit not in known:
        raise MasterError(f"no lesson course/{unit}.py for {row}; there are: {', '.join(known)}")
    if anchor is not None and anchor not in known[unit].anchors:
        raise MasterError(f'course/{unit}.py has no <a id="{anchor}"></a> for {row}')
    if anchor is None:
        return f"[{known[unit].title}]({unit}.ipynb)"
    return f"{known[unit].title}: [{known[unit].anchors[anchor]}]({unit}.ipynb#{anchor})"
