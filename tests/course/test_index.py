"""The index leads to every place that the lessons cover, and refuses rows that lead nowhere."""

import re
from pathlib import Path

import nbformat
import pytest

from bplib.authoring.index import SOURCES, covers, index, lessons, slips, write_index
from bplib.authoring.masters import MasterError
from bplib.authoring.tables import letters, plain, table_text, tables

ROOT = Path(__file__).parents[2]
LESSON = """# %% [markdown]
# # Lesson 03 · Errors
#
# ## 1 Begin
#
# <a id="003-z"></a>Text about z.
#
# <a id="001-next"></a>
#
# ## 2 Go on
"""
COVERS = """[[covers]]
unit = "03-x"
source = "003"
entry = "w_jk"
anchor = "003-z"
"""
SLIPS = """[[slips]]
source = "001, 003"
says = "a*b"
right = "b|a"
unit = "09-y"
"""
NOTATION = """# Notation
| code | meaning |
|---|---|
| `Z` | weighted input |

## Sources
| ours | Nielsen | Bishop |
|---|---|---|
| `Z` | z | **a** |
| `b` | b | – |
"""


@pytest.fixture
def small(tmp_path):
    """A course folder with one lesson, one covered entry, one slip, and a short notation."""
    for folder in ("course", "docs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "course" / "03-x.py").write_text(LESSON)
    (tmp_path / "course" / "covers.toml").write_text(COVERS)
    (tmp_path / "course" / "slips.toml").write_text(SLIPS)
    (tmp_path / "docs" / "NOTATION.md").write_text(NOTATION)
    return tmp_path


def text(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells)


def broken_links(root, notebook):
    """The links of the index that lead to no lesson, or to no anchor of one."""
    known = lessons(root)
    return [
        (unit, anchor)
        for unit, anchor in re.findall(r"\]\(([^)#]+)\.ipynb#?([^)]*)\)", text(notebook))
        if unit not in known or (anchor and anchor not in known[unit].anchors)
    ]


def test_the_committed_index_is_what_the_files_say(tmp_path):
    nbformat.write(index(ROOT), tmp_path / "index.ipynb")
    committed = ROOT / "course" / "index.ipynb"
    assert committed.read_bytes() == (tmp_path / "index.ipynb").read_bytes(), "run `bplib build`"


def test_the_index_names_every_row_and_every_link_leads_somewhere():
    notebook = index(ROOT)
    said = text(notebook)
    assert broken_links(ROOT, notebook) == []
    for row in covers(ROOT):
        cell = next(c for c in notebook.cells if c.id == f"source-{row['source']}")
        assert f"| {plain(row['entry'])} | " in cell.source
        assert f"({row['unit']}.ipynb#{row['anchor']})" in cell.source
    for row in slips(ROOT):
        assert plain(row["right"]) in said
    for unit in lessons(ROOT):
        assert f"({unit}.ipynb)" in said


def test_every_source_has_rows_and_slips_and_no_slip_stands_twice():
    assert {row["source"] for row in covers(ROOT)} == set(SOURCES)
    assert {source for row in slips(ROOT) for source in row["source"].split(", ")} == set(SOURCES)
    said = [row["says"] for row in slips(ROOT)]
    assert len(said) == len(set(said))


def test_a_broken_link_is_seen():
    assert broken_links(ROOT, index(ROOT)) == []
    notebook = index(ROOT)
    notebook.cells[0].source += "\n[x](99-nothing.ipynb) [y](03-output-error.ipynb#no-such-place)"
    assert broken_links(ROOT, notebook) == [
        ("99-nothing", ""),
        ("03-output-error", "no-such-place"),
    ]


def test_the_glossary_holds_every_row_of_the_notation():
    said = text(index(ROOT))
    for table in tables((ROOT / "docs" / "NOTATION.md").read_text("utf-8")).values():
        for row in table:
            assert table_text([row]).splitlines()[0] in said
    assert "| **a** (false friend) | Bishop (004) | `Z` |" in said


def test_a_small_index(small):
    write_index(small)
    first = (small / "course" / "index.ipynb").read_bytes()
    write_index(small)
    assert (small / "course" / "index.ipynb").read_bytes() == first
    notebook = nbformat.read(small / "course" / "index.ipynb", as_version=4)
    nbformat.validate(notebook)
    said = text(notebook)
    assert "| w\\_jk | Lesson 03 · Errors: [1 Begin](03-x.ipynb#003-z) |" in said
    assert "| 001, 003 | a\\*b | b\\|a | unit 09 |" in said
    assert "| **a** | Bishop | `Z` |" in said
    assert "Not covered yet." in said
    assert {cell.cell_type for cell in notebook.cells} == {"markdown"}


def test_an_anchor_alone_on_a_line_belongs_to_the_heading_below(small):
    assert lessons(small)["03-x"].anchors == {"003-z": "1 Begin", "001-next": "2 Go on"}


def test_no_lessons_no_index(tmp_path):
    (tmp_path / "course").mkdir()
    write_index(tmp_path)
    assert list((tmp_path / "course").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("covers", 'anchor = "003-z"', 'anchor = "003-y"', 'has no <a id="003-y">'),
        ("covers", "03-x", "04-y", "no lesson course/04-y.py"),
        ("covers", 'entry = "w_jk"\n', "", "row 1: needs the texts anchor, entry"),
        ("covers", 'entry = "w_jk"', "entry = 3", "row 1: needs the texts"),
        ("covers", 'entry = "w_jk"', 'entry = "w_jk"\npage = "3"', "row 1: needs the texts"),
        ("covers", 'source = "003"', 'source = "005"', "the source is '005'; allowed: 000, 001"),
        ("covers", 'source = "003"', "source = ", "covers.toml: "),
        ("slips", 'source = "001, 003"', 'source = "001 003"', "the source is '001 003'"),
        ("slips", 'unit = "09-y"', 'unit = "09-y"\nanchor = "z"', "no lesson course/09-y.py"),
        ("slips", 'unit = "09-y"', 'unit = "03-x"\nanchor = "z"', 'has no <a id="z">'),
        ("slips", 'says = "a*b"', 'says = ""', "row 1: needs the texts .* and allows anchor"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(small, name, old, new, said):
    path = small / "course" / f"{name}.toml"
    before = path.read_text()
    assert before.count(old) == 1
    path.write_text(before.replace(old, new))
    with pytest.raises(MasterError, match=said):
        write_index(small)
    assert not (small / "course" / "index.ipynb").exists()


def test_missing_files_and_titles_are_refused(small):
    (small / "course" / "03-x.py").write_text("# %% [markdown]\n# No title.\n")
    with pytest.raises(MasterError, match=r"03-x\.py: the first cell"):
        index(small)
    (small / "course" / "03-x.py").write_text(LESSON)
    (small / "course" / "slips.toml").unlink()
    with pytest.raises(MasterError, match=r"slips\.toml is missing"):
        index(small)


def test_tables_are_read_by_heading_and_odd_ones_refused():
    found = tables(NOTATION)
    assert found["Notation"] == [["code", "meaning"], ["`Z`", "weighted input"]]
    assert letters(found["Sources"]) == [
        ["z", "Nielsen", "`Z`"],
        ["b", "Nielsen", "`b`"],
        ["**a**", "Bishop", "`Z`"],
    ]
    for text, said in [
        ("# Only text", "no table"),
        ("| a | b |\n|---|---|\n| 1 |", "2 columns at first"),
        ("| a |\n|---|\n\n| b |\n|---|", "two tables stand under"),
    ]:
        with pytest.raises(MasterError, match=said):
            tables(text)
