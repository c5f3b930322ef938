"""Every lesson runs in silence, covers what the curriculum promises, and ends as lessons end."""

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from bplib.authoring.build import executed
from bplib.authoring.index import covers, lessons
from bplib.authoring.masters import MasterError, read_master, write_notebook
from bplib.exercises.bank import bank
from bplib.explore import EXPLORERS

ROOT = Path(__file__).parents[2]
CURRICULUM = tomllib.loads((Path(__file__).parent / "curriculum.toml").read_text("utf-8"))["covers"]
LESSONS = sorted(path.stem for path in (ROOT / "course").glob("*.py"))
SECTIONS = ("What you can now do", "Check yourself")


def master(unit):
    return ROOT / "course" / f"{unit}.py"


def lesson(*cells):
    """A notebook of the given cells; code is what does not begin with #."""
    make = nbformat.v4
    return make.new_notebook(
        cells=[make.new_markdown_cell(c) if c[0] == "#" else make.new_code_cell(c) for c in cells]
    )


def code(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


# -- They run ---------------------------------------------------------------------------------


def complaints(notebook):
    """What an executed notebook wrote to stderr: warnings, for the most part."""
    return [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]


@pytest.mark.parametrize("unit", LESSONS)
def test_a_lesson_runs_from_top_to_bottom_without_a_warning(unit):
    assert complaints(executed(read_master(master(unit)))) == []


def test_a_warning_is_seen_and_an_error_stops():
    seen = complaints(executed(lesson("import numpy as np\nnp.exp(np.array([1e4]))", "1 + 1")))
    assert len(seen) == 1
    assert "overflow" in seen[0]
    with pytest.raises(Exception, match="ZeroDivisionError"):
        executed(lesson("1 / 0"))


# -- What is in them --------------------------------------------------------------------------


def sections_missing(notebook):
    """The sections that every lesson ends with, as far as they are missing or out of order."""
    found = [
        line.lstrip("# ")
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if re.match("##+ ", line)
    ]
    return [] if found[-2:] == list(SECTIONS) else [name for name in SECTIONS if name not in found]


def played(notebook):
    """The explorers that a lesson imports from bplib.explore and shows as a cell's last line."""
    tree = ast.parse(code(notebook))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "bplib.explore"
        for alias in node.names
    }
    last = [c.source.splitlines()[-1] for c in notebook.cells if c.cell_type == "code"]
    return {name for name in imported if any(line.startswith(f"{name}(") for line in last)}


def solved(notebook):
    """Names of graded functions that the lesson defines: the assignment asks for these."""
    asked = {exercise.name for exercise in bank().values()}
    defined = {
        n.name for n in ast.walk(ast.parse(code(notebook))) if isinstance(n, ast.FunctionDef)
    }
    return asked & defined


def too_long(notebook):
    """The ids of code cells that are clearly longer than about 15 lines."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell.id for cell in cells if len(cell.source.splitlines()) > 17]


@pytest.mark.parametrize("unit", LESSONS)
def test_a_lesson_has_what_every_lesson_has(unit):
    notebook = read_master(master(unit))
    assert sections_missing(notebook) == []
    assert "<details>" in notebook.cells[-1].source or "*Answers" in notebook.cells[-1].source
    assert played(notebook)
    assert played(notebook) <= set(EXPLORERS)
    assert solved(notebook) == set()
    assert too_long(notebook) == []


def test_what_a_lesson_lacks_is_seen():
    right = "# T\n\n## What you can now do\n\n- all\n\n## Check yourself\n\n1. ?"
    assert sections_missing(lesson(right)) == []
    assert sections_missing(lesson("# T\n\nCheck yourself")) == list(SECTIONS)
    assert sections_missing(lesson(right.replace("Check", "Ask"))) == ["Check yourself"]
    show = "from bplib.explore import neuron, blame\n"
    assert played(lesson(show, "neuron()")) == {"neuron"}
    assert played(lesson(show, "x = neuron()")) == set()
    assert solved(lesson("def output_error(grad_a, dphi_z):\n    pass")) == {"output_error"}
    assert solved(lesson("def cost_of(z):\n    pass")) == set()
    assert len(too_long(lesson("x = 1\n" * 18, "x = 1\n" * 17))) == 1


# -- What they cover --------------------------------------------------------------------------


def promised(text):
    """(source, entry) of "001 step 1, chain rule; 003 z", split as the curriculum is."""
    for part in text.split(";"):
        source, _, entries = part.strip().partition(" ")
        yield from ((source, entry.strip()) for entry in entries.split(","))


def not_covered(curriculum, rows):
    """(unit, source, entry) that the curriculum promises and no row of covers.toml keeps."""
    kept = {(row["unit"], row["source"], row["entry"]) for row in rows}
    wanted = {(unit, *one) for unit, text in curriculum.items() for one in promised(text)}
    return sorted(wanted - kept)


def nowhere(rows, known):
    """The rows whose anchor is not in their lesson."""
    return [
        r for r in rows if r["unit"] not in known or r["anchor"] not in known[r["unit"]].anchors
    ]


def repeated(rows):
    """Rows that stand twice, or share an anchor with another row of their lesson."""
    places = [(row["unit"], row["anchor"]) for row in rows]
    return sorted({place for place in places if places.count(place) > 1})


def test_every_entry_of_the_curriculum_has_its_place():
    rows = covers(ROOT)
    assert not_covered({unit: CURRICULUM[unit] for unit in LESSONS}, rows) == []
    assert nowhere(rows, lessons(ROOT)) == []
    assert repeated(rows) == []
    assert all(row["anchor"].startswith(f"{row['source']}-") for row in rows)


def test_a_missing_place_is_seen(tmp_path):
    row = {"unit": "03-x", "source": "001", "entry": "step 1", "anchor": "001-step-1"}
    curriculum = {"03-x": "001 step 1, chain rule; 003 z"}
    assert not_covered(curriculum, [row]) == [("03-x", "001", "chain rule"), ("03-x", "003", "z")]
    assert not_covered({"03-x": "001 step 1"}, [row]) == []
    (tmp_path / "course").mkdir()
    path = tmp_path / "course" / "03-x.py"
    path.write_text('# %% [markdown]\n# # T\n#\n# <a id="001-step-2"></a>Text.\n')
    assert nowhere([row], lessons(tmp_path)) == [row]
    assert nowhere([row | {"unit": "04-y"}], lessons(tmp_path)) != []
    assert nowhere([row | {"anchor": "001-step-2"}], lessons(tmp_path)) == []
    assert repeated([row, row | {"entry": "other"}]) == [("03-x", "001-step-1")]


def test_an_anchor_that_stands_twice_is_refused(tmp_path):
    (tmp_path / "course").mkdir()
    path = tmp_path / "course" / "03-x.py"
    path.write_text('# %% [markdown]\n# # T\n#\n# <a id="z"></a>One. <a id="z"></a>Two.\n')
    with pytest.raises(MasterError, match=r"03-x\.py: the anchor 'z' stands there twice"):
        lessons(tmp_path)


# -- What is committed ------------------------------------------------------------------------


def drifted(path, committed, scratch):
    """True if the notebook made from the master at `path` differs from the committed one."""
    write_notebook(read_master(path), scratch)
    return not committed.exists() or committed.read_bytes() != scratch.read_bytes()


@pytest.mark.parametrize("unit", LESSONS)
def test_the_committed_notebook_is_what_the_master_gives(unit, tmp_path):
    committed = master(unit).with_suffix(".ipynb")
    assert not drifted(master(unit), committed, tmp_path / "x.ipynb"), "run `bplib build`"


def test_drift_is_seen(tmp_path):
    text, committed = tmp_path / "03-x.py", tmp_path / "03-x.ipynb"
    text.write_text("# %% [markdown]\n# # Title\n")
    assert drifted(text, committed, tmp_path / "scratch.ipynb")
    write_notebook(read_master(text), committed)
    assert not drifted(text, committed, tmp_path / "scratch.ipynb")
    text.write_text("# %% [markdown]\n# # Another title\n")
    assert drifted(text, committed, tmp_path / "scratch.ipynb")


def test_every_committed_notebook_has_a_master():
    found = {path.stem for path in (ROOT / "course").glob("*.ipynb")}
    assert found == {*LESSONS, "index"}
