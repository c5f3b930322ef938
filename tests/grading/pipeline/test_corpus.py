"""The corpus on every jail that works here: no unearned point, no lost one, a cause for each."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, filled
from corpus import ARCHIVES, FULL, RIGHT, SECRETS, ZERO

from bplib.grading import worker
from bplib.grading.engine import Budget
from bplib.grading.feedback import LARGEST, Marks, render
from bplib.grading.jail import available
from bplib.grading.quarantine import Handed

BUDGET = Budget(cell_cpu=1.5, cells_cpu=6, asks_cpu=8, cells_wall=20, asks_wall=25)
BACKENDS = [backend.name for backend in available()]
if not BACKENDS and os.environ.get("CI"):
    raise RuntimeError("no jail works here: install bubblewrap")
if not BACKENDS:
    BACKENDS = [pytest.param("none", marks=pytest.mark.skip(reason="NO JAIL WORKS HERE"))]


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request):
    return request.param


@pytest.fixture
def grade(backend, skeleton, pristine):
    def run(source, key=b"k" * 32, **changes):
        values = filled(pristine, hidden_error=source)
        values["cells"] += changes.get("more", [])
        handed = Handed({ASSIGNMENT: json.dumps(values).encode()}, changes.get("files", {}))
        job = worker.Job("ada", ASSIGNMENT, key, handed, (skeleton,), {}, backend, BUDGET)
        worker.warm_up(backend)  # its start is no part of the budget
        begin = time.monotonic()
        graded = worker.grade_one(job)
        assert time.monotonic() - begin < BUDGET.cells_wall + BUDGET.asks_wall + 10
        (notebook,) = graded.notebooks
        return graded, notebook

    return run


def points(notebook):
    return notebook.scores["test_hidden_error"].points


def page(notebook):
    scores = {name: score.points or 0.0 for name, score in notebook.scores.items()}
    marks = Marks("ada", ASSIGNMENT, scores, {}, frozenset(), sum(scores.values()), 11.0)
    return render(json.loads(notebook.text), ASSIGNMENT, marks)


@pytest.mark.parametrize("name", FULL)
def test_what_is_right_earns_everything(grade, name):
    _, notebook = grade(FULL[name])
    assert points(notebook) == 4
    assert notebook.scores["test_double"].points == 2


@pytest.mark.parametrize("name", ZERO)
def test_nothing_is_earned_by_anything_else(grade, name):
    _, notebook = grade(ZERO[name])
    assert points(notebook) == 0
    said = notebook.scores["test_hidden_error"].messages[0]
    assert "0 of 4 points" in said
    text = page(notebook)
    assert len(text.encode()) <= LARGEST
    assert len(notebook.text) <= 2 * LARGEST
    if "loop" not in name and name not in ("kills itself", "kills its parent"):
        assert notebook.scores["test_share"].points == 2  # what was right keeps its marks


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_leaks_and_nothing_is_active(grade, name):
    _, notebook = grade(SECRETS[name])
    text = page(notebook)
    for shown in (text, "".join(_outputs(notebook))):
        for secret in (
            "BEGIN HIDDEN",
            "double(21)",
            "SQLite format",
            "def judge",
            "k" * 32,
            "PYTEST",
        ):
            assert secret not in shown
    for active in ("<script", "<img src=x", "javascript:"):
        assert active not in text.lower()
    if name == "walks the disk":  # it prints whatever it can read
        (answer,) = [cell for cell in _cells(notebook) if cell["id"] == "hidden_error"]
        assert answer["outputs"] == []
    kinds = {kind for cell in _cells(notebook) for out in cell.get("outputs", []) for kind in
             out.get("data", {})}  # fmt: skip
    assert kinds <= {"text/plain", "image/png", "application/vnd.bplib.verdict+json"}


def _cells(notebook):
    return json.loads(notebook.text)["cells"]


def _outputs(notebook):
    return [json.dumps(cell["outputs"]) for cell in _cells(notebook) if cell.get("outputs")]


def test_answers_remembered_from_the_visible_cases_are_worth_nothing(grade):
    table = "seen = {}\n" + "def hidden_error(W_next, delta_next, dphi_z):\n" \
        "    return seen[W_next.tobytes()]\n"  # fmt: skip
    assert points(grade(table)[1]) == 0


def test_a_process_that_ends_keeps_what_was_right_before(grade):
    """A loop and an exit in later cells of one's own: the questions before keep their marks."""
    more = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "id": f"x{n}",
         "execution_count": None}
        for n, source in enumerate(("while True: pass", "import os; os._exit(3)"))
    ]  # fmt: skip
    graded, notebook = grade(RIGHT, more=more)
    assert points(notebook) == 4
    assert notebook.scores["test_double"].points == 2
    assert "CPU time" in graded.cause


def test_a_wrong_question_between_two_right_ones(grade):
    graded, notebook = grade("while True: pass")
    assert points(notebook) == 0
    assert notebook.scores["test_double"].points == 2
    assert graded.cause


def test_thousands_of_cells(grade):
    cell = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": []}
    more = [{**cell, "id": f"y{n}", "execution_count": None} for n in range(1800)]
    graded, notebook = grade(RIGHT, more=more)
    assert points(notebook) == 4
    assert "were run" in graded.cause
    assert len(page(notebook).encode()) <= LARGEST


def test_the_same_job_gives_the_same_bytes_and_another_key_other_cases(grade):
    by_chance = RIGHT.replace("    return", "    if W_next[0, 0] > 0: return None\n    return")
    one, two = grade(by_chance)[1], grade(by_chance)[1]
    assert one == two
    assert len({points(grade(by_chance, bytes([n]) * 32)[1]) for n in range(6)}) > 1


def test_nothing_is_left_behind(grade, backend, tmp_path, monkeypatch):
    worker.warm_up(backend)  # the engine has a folder of its own as long as it lives
    # In the usual folder, others are grading at the same time.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    grade("import os\nopen('left', 'w').write('x')\n" + RIGHT, files={"data.csv": b"1,2\n"})
    assert list(tmp_path.iterdir()) == []


def test_files_of_the_submission_are_beside_the_notebook(grade):
    source = "assert open('data.csv').read() == '1,2\\n'\n" + RIGHT
    assert points(grade(source, files={"data.csv": b"1,2\n"})[1]) == 4


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_beside_the_notebook_stays_shut(grade, name):
    """It is one file for the student's code to read; identity and answers come from elsewhere."""
    file, content = ARCHIVES[name]
    source = f"import os\nassert os.listdir('.') == [{file!r}]\n"
    source += f"assert os.path.getsize({file!r}) == {len(content)}\n"
    graded, notebook = grade(source + RIGHT, files={file: content})
    assert (graded.student, points(notebook)) == ("ada", 4)
    assert graded.files == {file: content}
    assert not Path("/tmp/bplib-slipped").exists()
    assert len(page(notebook).encode()) <= LARGEST


def test_an_archive_unpacked_by_the_students_code_reaches_nothing(grade):
    file, content = ARCHIVES["zip slip"]
    source = "import zipfile\nwith zipfile.ZipFile('slip.zip') as archive:\n"
    source += "    for name in archive.namelist():\n        for up in ('', '../', '../../'):\n"
    source += "            try: open(up + name, 'wb').write(b'{}')\n"
    source += "            except OSError: pass\n"
    graded, notebook = grade(source + RIGHT, files={file: content})
    assert points(notebook) == 4
    assert graded.files == {file: content}


@pytest.fixture
def load():
    """As many busy processes as this machine has processors, and one more."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(len(os.sched_getaffinity(0)) + 1)
    ]
    yield
    for process in busy:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", ["loops", "magics and display", "leftover thread"])
def test_what_is_right_earns_everything_on_a_busy_machine(grade, load, name):
    """Limits are of CPU time, so that neighbours cost nobody a mark."""
    _, notebook = grade(FULL[name])
    assert points(notebook) == 4
    assert notebook.scores["test_double"].points == 2
