"""Masters become canonical notebooks; what does not fit the bank is refused."""

import re
from pathlib import Path

import nbformat
import pytest

from bplib.authoring.masters import MasterError, read_master, write_notebook

ROOT = Path(__file__).parents[2]
MASTERS = sorted([*ROOT.glob("course/*.py"), *ROOT.glob("source/*/*.py")])
ANSWER = """# %% nbgrader={"grade_id": "hidden_error", "solution": true}
def hidden_error(W_next, delta_next, dphi_z):
    ### BEGIN SOLUTION
    return (delta_next @ W_next) * dphi_z
    ### END SOLUTION

"""
CHECK = """# %% nbgrader={"grade_id": "test_hidden_error", "grade": true}
check("04.hidden_error", hidden_error)
"""
BY_HAND = (
    '# %% [markdown] nbgrader={"grade_id": "why", "solution": true, "grade": true, "points": 2}\n'
)


@pytest.fixture
def master(tmp_path):
    def write(text):
        path = tmp_path / "04-x.py"
        path.write_text(text)
        return path

    return write


def test_a_master_is_completed_from_the_bank(master):
    notebook = read_master(master(ANSWER + CHECK))
    answer, check = notebook.cells
    assert answer.metadata.nbgrader.solution
    assert not answer.metadata.nbgrader.grade
    assert check.metadata.nbgrader.points == 4
    assert check.metadata.nbgrader.locked
    assert 'grade("04.hidden_error", hidden_error)' in check.source
    assert [cell.id for cell in notebook.cells] == ["hidden_error", "test_hidden_error"]
    assert notebook.metadata.kernelspec.name == "python3"


def test_reading_twice_writes_the_same_bytes(master, tmp_path):
    path = master("# %% [markdown]\n# # Title\n\n" + ANSWER + CHECK)
    for name in ("one.ipynb", "two.ipynb"):
        write_notebook(read_master(path), tmp_path / name)
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()
    nbformat.validate(nbformat.read(tmp_path / "one.ipynb", as_version=4))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ANSWER + ANSWER, "grade_id of its own"),
        ('# %% nbgrader={"solution": true}\npass\n', "grade_id of its own"),
        (CHECK.replace("check(", "test("), "needs a line check"),
        (CHECK.replace("04.hidden_error", "04.no_such"), "the exercises are"),
        (CHECK.replace(", hidden_error)", ", other)"), "asks for hidden_error"),
        (BY_HAND.replace(', "points": 2', "") + "# text\n", "needs points"),
    ],
)
def test_what_does_not_fit_is_refused(master, text, said):
    with pytest.raises(ValueError, match=said):
        read_master(master(text))


def test_refusals_are_master_errors_with_the_place(master):
    with pytest.raises(MasterError, match=r"04-x\.py, why"):
        read_master(master(BY_HAND.replace(', "points": 2', "") + "# text\n"))


# -- What a reader would see --------------------------------------------------------------------


def torn(text):
    """The lines of a Markdown text that begin a list in the middle of a sentence.

    A number or a dash at the beginning of a wrapped line does that; within a formula it does not.
    """
    found, before, formula = [], "", False
    for line in text.splitlines():
        in_sentence = re.match(r"[^\s|#>+*-]", before) and not re.match(r"\d+[.)] ", before)
        if in_sentence and not formula and re.match(r"(1[.)]|[+*-]) ", line):
            found.append(line)
        formula ^= line.count("$$") % 2 == 1
        before = line
    return found


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: f"{path.parts[-2]}-{path.stem}")
def test_no_sentence_is_torn_into_a_list(path):
    cells = read_master(path).cells
    assert [line for c in cells if c.cell_type == "markdown" for line in torn(c.source)] == []


def test_a_torn_sentence_is_seen():
    assert torn("It has the mean 0 and the spread\n1. Two reasons:") == ["1. Two reasons:"]
    assert torn("It is five\n- or six, if you like.") == ["- or six, if you like."]
    assert torn("Two things:\n\n1. one,\n   and more;\n1. two.") == []
    assert torn("- one\n- two\n\nIt was the year of\n1986. No list.") == []
    assert torn("$$a\n+ b\n- c$$\nIs\n* x") == ["* x"]
