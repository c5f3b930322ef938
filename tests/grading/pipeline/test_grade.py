"""A class from submitted/ to marks, feedback, and records, through both doors."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from classroom import ASSIGNMENT, CONFIG, RIGHT, filled, hand_in, released
from nbgrader.api import Gradebook
from rich.console import Console
from typer.testing import CliRunner

from bplib.cli import app
from bplib.grading.course import course
from bplib.grading.dispatch import Failure
from bplib.grading.grade import Finished, Summary, Watcher, grade
from bplib.grading.jail import Backend, JailUnavailable
from bplib.grading.progress import Progressing, closing_table
from bplib.grading.report import findings, show
from bplib.grading.secret import course_secret

PROJECT = Path(__file__).parents[3]
SECRET_LINES = ("double(21)", "BEGIN HIDDEN", "bplib.exercises", "assert")

# By student: what is handed in, the points of the four questions, what the feedback says.
CLASS = {
    "ada": ({}, (4, 2, 2, None), "Right in every case"),
    "ben": (
        {"hidden_error": RIGHT["hidden_error"].replace(" * dphi_z", "")},
        (0, 2, 2, None),
        "What lies between a and z?",
    ),
    "cleo": ({"double": "def double(x):\n    return 2"}, (4, 0, 0.5, None), "AssertionError"),
    "dan": (
        {"double": "import sys\ndef double(x):\n    sys.stderr.write('beware')\n    return 2 * x"},
        (4, 2, 2, None),
        "by itself that costs nothing",
    ),
    "fay": ({"hidden_error": "def hidden_error(:"}, (0, 2, 2, None), "SyntaxError"),
    "gil": ({"double": "import os\nos._exit(0)"}, (4, 0, 0, None), "exit status 0"),
    "ida": (
        {"double": "share = lambda f: float('nan')\ndef double(x):\n    return 2 * x"},
        (4, 2, 0, None),
        "should end with a number",
    ),
    "jo": (
        {"double": "share = lambda f: 999\ndef double(x):\n    return 2 * x"},
        (4, 2, 2, None),
        "more than there is",
    ),
}


@pytest.fixture(scope="module")
def graded(pristine, tmp_path_factory):
    """The class above, a blank one, and broken ones, graded by two workers: folder and summary."""
    root = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("graded") / "course"))
    for student, (answers, _, _) in CLASS.items():
        hand_in(root, student, filled(root, **answers))
    hand_in(root, "blank", released(root))
    hand_in(root, "garbage", b"{ this is no notebook")
    link = hand_in(root, "link", b"")
    (link / f"{ASSIGNMENT}.ipynb").unlink()
    (link / f"{ASSIGNMENT}.ipynb").symlink_to(root / "gradebook.db")
    nothing = hand_in(root, "nothing", b"")
    (nothing / f"{ASSIGNMENT}.ipynb").unlink()
    renamed = hand_in(root, "renamed", filled(root))
    (renamed / f"{ASSIGNMENT}.ipynb").rename(renamed / "my homework.ipynb")
    steps = Steps()
    return root, grade(root, ASSIGNMENT, jobs=2, watcher=steps), steps


class Steps(Watcher):
    def __init__(self):
        self.steps, self.started = [], None

    def start(self, submissions, backend, workers):
        self.started = (submissions, backend, workers)

    def step(self, outcome):
        self.steps.append(outcome)


def configure(root):
    """Give the course the project's configuration of nbgrader."""
    config = (PROJECT / "nbgrader_config.py").read_text() + CONFIG.replace("c = get_config()\n", "")
    (root / "nbgrader_config.py").write_text(config)


def points(root, student):
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as book:
        rows = book.find_submission(ASSIGNMENT, student).notebooks[0].grades
        return {row.name: row.auto_score for row in rows}


def page(root, student):
    return (root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()


def files(root, *steps):
    """Hashes of everything published, by path."""
    found = {}
    for step in steps or ("autograded", "feedback"):
        for path in sorted((root / step).rglob("*")):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[path.relative_to(root).as_posix()] = digest
    return found


def test_everybody_gets_a_score(graded):
    root, summary, steps = graded
    everybody = {*CLASS, "blank", "garbage", "link", "nothing", "renamed"}
    assert {done.student for done in summary.finished} == everybody
    assert summary.failed == []
    assert steps.started[0] == len(steps.steps) == len(everybody)
    assert {mark.student for mark in course(root).marks(ASSIGNMENT)} == everybody


@pytest.mark.parametrize("student", CLASS)
def test_the_points_are_those_earned(graded, student):
    found = points(graded[0], student)
    hidden, double, share, why = CLASS[student][1]
    assert found["test_hidden_error"] == hidden
    assert (found["test_double"], found["test_share"], found["why"]) == (double, share, why)


@pytest.mark.parametrize("student", CLASS)
def test_the_feedback_says_it(graded, student):
    text = page(graded[0], student)
    assert CLASS[student][2] in text.replace("&#39;", "'")


@pytest.mark.parametrize(
    ("student", "cause"),
    [
        ("garbage", "no valid JSON"),
        ("link", "it is a link"),
        ("nothing", "was not handed in"),
        ("gil", "exit status 0"),
        ("renamed", ""),
    ],
)
def test_odd_submissions_have_a_cause_and_a_note(graded, student, cause):
    root, summary, _ = graded
    (done,) = [done for done in summary.finished if done.student == student]
    assert cause in done.cause
    assert cause in page(root, student)
    if student in ("garbage", "link", "nothing"):
        assert set(points(root, student).values()) == {0.0}
        assert done.score == 0
    if student == "renamed":
        assert points(root, student)["test_hidden_error"] == 4
        assert "was taken for" in page(root, student)


def test_blank_answers_earn_nothing_and_need_nobody(graded):
    assert points(graded[0], "blank") == {
        "test_hidden_error": 0, "test_double": 0, "test_share": 0, "why": 0,
    }  # fmt: skip
    assert "No response." in page(graded[0], "blank")


def test_no_page_shows_a_hidden_test_or_anything_active(graded):
    root = graded[0]
    for path in (root / "feedback").rglob("*.html"):
        text = path.read_text()
        assert not [line for line in SECRET_LINES if line in text], path
        assert "<script" not in text.lower()
        assert "javascript:" not in text.lower()
        assert "default-src 'none'" in text
        assert 'name="viewport"' in text
        assert len(text.encode()) <= 1_000_000


def test_judged_cells_are_one_line_and_their_verdict(graded):
    path = graded[0] / "autograded" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    (cell,) = [c for c in json.loads(path.read_text())["cells"] if c["id"] == "test_hidden_error"]
    assert cell["source"] == ['check("04.hidden_error", hidden_error)']
    assert [out["output_type"] for out in cell["outputs"]] == ["display_data", "execute_result"]


def test_the_secret_is_nowhere_in_what_is_published(graded):
    secret = course_secret(graded[0])
    for path in graded[0].rglob("*"):
        if path.is_file() and path.name != "secret":
            content = path.read_bytes()
            assert secret not in content
            assert secret.hex().encode() not in content


def test_a_second_run_changes_nothing(graded):
    root, first, _ = graded
    before = files(root)
    again = grade(root, ASSIGNMENT, jobs=1)
    assert again.finished == []
    assert len(again.unchanged) == len(first.finished)
    assert files(root) == before


def test_grading_again_by_force_gives_the_same_bytes(graded):
    root, before = graded[0], files(graded[0])
    again = grade(root, ASSIGNMENT, jobs=2, force=True, students=("ben", "gil"))
    assert {done.student for done in again.finished} == {"ben", "gil"}
    assert files(root) == before


def test_who_hands_in_again_is_graded_again_and_nobody_else(graded, tmp_path):
    root = Path(shutil.copytree(graded[0], tmp_path / "course", symlinks=True))
    before = files(root)
    notebook = root / "submitted" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook.write_text(json.dumps(filled(root, double="def double(x):\n    return 3")))
    again = grade(root, ASSIGNMENT, jobs=1)
    assert [done.student for done in again.finished] == ["ada"]
    after = files(root)
    assert {name for name in after if after[name] != before[name]} == {
        f"{step}/ada/{ASSIGNMENT}/{ASSIGNMENT}.{kind}"
        for step, kind in (("autograded", "ipynb"), ("feedback", "html"))
    }


def test_each_student_is_asked_other_cases_by_both_doors_the_same(small):
    """Half of the answers are right, by chance: the same half whenever and however it is graded."""
    chance = "    if W_next[0, 0] > 0:\n        return np.zeros(dphi_z.shape)\n"
    source = RIGHT["hidden_error"].replace("    return", chance + "    return")
    students = [f"s{number}" for number in range(6)]
    for student in students:
        hand_in(small, student, filled(small, hidden_error=source))
    (small / ".bplib").mkdir()
    (small / ".bplib" / "secret").write_bytes(b"s" * 32)
    grade(small, ASSIGNMENT, jobs=2)
    found = [points(small, student) for student in students]
    assert len({marks["test_hidden_error"] for marks in found}) > 1
    configure(small)
    for student in students:
        course(small).autograde(ASSIGNMENT, student)
    assert [points(small, student) for student in students] == found


def test_neighbors_do_not_matter(graded, pristine, tmp_path):
    """Alone in the class, with the same secret, a student gets the same bytes."""
    root = Path(shutil.copytree(pristine, tmp_path / "course"))
    hand_in(root, "ben", filled(root, **CLASS["ben"][0]))
    (root / ".bplib").mkdir()
    (root / ".bplib" / "secret").write_bytes(course_secret(graded[0]))
    grade(root, ASSIGNMENT, jobs=1)
    crowd = files(graded[0])
    for name, digest in files(root).items():
        assert crowd[name] == digest


def test_the_other_door_gives_the_same(graded, tmp_path):
    """Plain nbgrader with the project's configuration: same marks, cells, and pages."""
    root = Path(shutil.copytree(graded[0], tmp_path / "course", symlinks=True))
    configure(root)
    expected, pages = {s: points(root, s) for s in CLASS}, files(root, "feedback")
    shutil.rmtree(root / "feedback")
    for student in (*CLASS, "garbage", "link", "renamed"):
        before = points(root, student)
        course(root).autograde(ASSIGNMENT, student)
        course(root).feedback(ASSIGNMENT, student)
        assert points(root, student) == before
        path = f"autograded/{student}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
        ours, theirs = (json.loads((place / path).read_text()) for place in (graded[0], root))
        assert [c["source"] for c in ours["cells"]] == [c["source"] for c in theirs["cells"]]
        assert [plain(c) for c in ours["cells"]] == [plain(c) for c in theirs["cells"]]
    now = files(root, "feedback")
    same = [f"feedback/{student}/{ASSIGNMENT}/{ASSIGNMENT}.html" for student in expected]
    assert {name: now[name] for name in same} == {name: pages[name] for name in same}
    assert (root / ".bplib" / "quarantine" / "link" / ASSIGNMENT).is_dir()


def test_the_other_door_keeps_a_mark_given_by_hand(graded, tmp_path):
    root = Path(shutil.copytree(graded[0], tmp_path / "course", symlinks=True))
    configure(root)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as book:
        book.find_grade("test_double", ASSIGNMENT, ASSIGNMENT, "cleo").manual_score = 1.5
        book.db.commit()
    course(root).autograde(ASSIGNMENT, "cleo")
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as book:
        grade = book.find_grade("test_double", ASSIGNMENT, ASSIGNMENT, "cleo")
        assert (grade.auto_score, grade.score, grade.needs_manual_grade) == (0, 1.5, True)


def test_without_the_configuration_a_hidden_test_refuses_in_one_line(small):
    """Stock nbgrader runs it in the student's process: no points, and what to do instead."""
    hand_in(small, "ada", filled(small))
    course(small).autograde(ASSIGNMENT, "ada")
    assert points(small, "ada")["test_hidden_error"] == 0
    path = small / "autograded" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    (cell,) = [c for c in json.loads(path.read_text())["cells"] if c["id"] == "test_hidden_error"]
    (error,) = [out for out in cell["outputs"] if out["output_type"] == "error"]
    assert "grade with `bplib grade`" in error["evalue"]
    assert "nbgrader_config.py" in error["evalue"]
    assert "\n" not in error["evalue"]


def test_the_formgrader_shows_nothing_active(small):
    """It converts with nbconvert's HTMLExporter, which the course's configuration reaches."""
    from nbconvert import HTMLExporter

    configure(small)
    cell = nbformat.v4.new_markdown_cell("*mine* <script>alert(1)</script> <img onerror=alert(1)>")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    page, _ = HTMLExporter(config=course(small).config).from_notebook_node(notebook)
    assert "<em>mine</em>" in page
    assert "<script>alert" not in page
    assert "<img onerror" not in page


def plain(cell):
    """Outputs with joined texts: nbformat splits them into lines."""

    def joined(value):
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return "".join(value)
        if isinstance(value, dict):
            return {name: joined(part) for name, part in value.items() if name != "traceback"}
        return [joined(part) for part in value] if isinstance(value, list) else value

    return joined(cell.get("outputs", []))


def test_without_a_jail_nothing_starts(graded, monkeypatch):
    def none(unsafe):
        raise JailUnavailable("no jail for students' code works here: install bubblewrap")

    monkeypatch.setattr("bplib.grading.grade.choose", none)
    with pytest.raises(JailUnavailable, match="install bubblewrap"):
        grade(graded[0], ASSIGNMENT)


def test_unsafe_grades_where_no_jail_works(small, monkeypatch):
    monkeypatch.setattr("bplib.grading.jail.backend.problem", lambda which: "it is missing")
    hand_in(small, "ada", filled(small))
    with pytest.raises(JailUnavailable, match="--unsafe"):
        grade(small, ASSIGNMENT, jobs=1)
    steps = Steps()
    (done,) = grade(small, ASSIGNMENT, jobs=1, unsafe=True, watcher=steps).finished
    assert done.score == 8
    assert steps.started == (1, "none", 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"assignment": "weak"}, "no assignment 'weak'"),
        ({"students": ("zoe",)}, "'zoe' has handed in nothing"),
        ({"jobs": -1}, "at least 1, got -1"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "no Dask scheduler answers"),
        ({"scheduler": "http://localhost:80"}, "like tcp://host:8786, got 'http://localhost:80'"),
        ({"scheduler": "localhost"}, "like tcp://host:8786, got 'localhost'"),
    ],
)
def test_mistakes_of_the_caller_are_named(graded, arguments, said):
    with pytest.raises(ValueError, match=said):
        grade(graded[0], **{"assignment": ASSIGNMENT, "jobs": 1, **arguments})


def test_only_one_run_at_a_time(graded):
    from bplib.grading.grade import _locked

    with _locked(graded[0]), pytest.raises(ValueError, match="is being graded already"):
        grade(graded[0], ASSIGNMENT, jobs=1)


ADA = Finished("ada", 3.5, 8.0, 0.5, "")
BEN = Finished("ben", 0.0, 8.0, 1.5, "week.ipynb was not handed in")
EVE = Failure("eve", "its worker process ended, 3 times")


def shown(**options):
    return Console(file=io.StringIO(), width=100, **options)


def test_the_closing_table_says_how_many_how_long_and_why_not():
    console = shown()
    console.print(closing_table(Summary([ADA, BEN], [EVE], ["cleo"], 4.0)))
    rows = re.findall(r"│ (.*?) +│ (.*?) +│", console.file.getvalue())
    assert rows == [
        ("graded", "2"),
        ("unchanged", "1 (graded before; --force repeats)"),
        ("seconds per submission", "1.00 of work, 2.00 by the clock"),
        ("ben", "week.ipynb was not handed in"),
        ("not graded", "1"),
        ("eve", "its worker process ended, 3 times"),
    ]


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere():
    console = shown()
    with Progressing(console) as watcher:
        watcher.start(4, "landlock", 2)
        for step in (ADA, "cleo", EVE, BEN):
            watcher.step(step)
    first, ada, eve, ben = console.file.getvalue().splitlines()
    assert first == "4 submissions, 2 workers, jail: landlock"
    assert re.fullmatch(r"1/4 ada: 3.5 of 8, 0.5 s, about \d+ s left", ada)
    assert eve.startswith("3/4 eve: NOT GRADED: its worker process ended, 3 times, about ")
    assert ben.startswith("4/4 ben: 0 of 8 (week.ipynb was not handed in), 1.5 s, about 0 s left")
    console = shown(force_terminal=True)
    with Progressing(console) as watcher:
        watcher.start(4, "none", 2)
        watcher.step(ADA)
    assert "WITHOUT A JAIL" in console.file.getvalue()
    assert re.search(r"1/4.* \d.*/s.*0:00:0\d.*-:--:--", console.file.getvalue())


def test_what_could_not_be_graded_is_listed_and_is_status_1(small):
    hand_in(small, "ada", filled(small))
    hand_in(small, "b" * 255, filled(small))
    arguments = ["grade", ASSIGNMENT, "--jobs", "1", "--course", str(small)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "too long" in result.output
    shutil.rmtree(small / "submitted" / ("b" * 255))
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert re.search(r"not graded +│ 0", result.output)


def test_a_gradebook_that_is_locked_loses_nothing(graded, tmp_path, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from bplib.grading.gradebook import GradebookWriter

    root = Path(shutil.copytree(graded[0], tmp_path / "course", symlinks=True))

    def locked(*arguments):
        raise OperationalError("INSERT", {}, RuntimeError("database is locked"))

    monkeypatch.setattr(GradebookWriter, "write", locked)
    summary = grade(root, ASSIGNMENT, jobs=1, students=("ada",), force=True)
    assert summary.finished == []
    assert "database is locked" in summary.failed[0].cause
    monkeypatch.undo()
    again = grade(root, ASSIGNMENT, jobs=1)
    assert [done.student for done in again.finished] == ["ada"]
    assert files(root) == files(graded[0])


def test_whose_marks_or_page_are_missing_is_graded_again(graded, tmp_path):
    """A gradebook from a backup, an assignment taken out of it, a page that was removed."""
    root = Path(shutil.copytree(graded[0], tmp_path / "course", symlinks=True))
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as book:
        book.remove_submission(ASSIGNMENT, "ada")
    shutil.rmtree(root / "feedback" / "ben" / ASSIGNMENT)
    again = grade(root, ASSIGNMENT, jobs=1)
    assert sorted(done.student for done in again.finished) == ["ada", "ben"]
    assert files(root) == files(graded[0])
    assert points(root, "ada") == points(graded[0], "ada")


def test_the_exchange_brings_each_student_the_own_page(small, tmp_path):
    """`nbgrader release_feedback` files a page under the secret that came with the submission."""
    from nbgrader.utils import notebook_hash

    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    with (small / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    for student in ("ada", "ben"):
        folder = hand_in(small, student, filled(small))
        (folder / "submission_secret.txt").write_text(f"secret of {student}")
    assert not grade(small, ASSIGNMENT, jobs=1).failed
    command = [sys.executable, "-m", "nbgrader", "release_feedback", ASSIGNMENT]
    subprocess.run(command, cwd=small, check=True, capture_output=True)
    for student in ("ada", "ben"):
        page = notebook_hash(secret=f"secret of {student}", notebook_id=ASSIGNMENT)
        released = exchange / "small" / "feedback" / f"{page}.html"
        own = small / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        assert released.read_bytes() == own.read_bytes()


def test_the_report_takes_notebooks_of_any_name_and_needs_no_verdict(graded, tmp_path, capsys):
    root = Path(shutil.copytree(graded[0], tmp_path / "course", symlinks=True))
    usual = sorted(findings(root, ASSIGNMENT), key=repr)
    for path in (root / "autograded").glob("*/*/*.ipynb"):
        path.rename(path.with_name("problem1.ipynb"))
    assert usual
    assert sorted(findings(root, ASSIGNMENT), key=repr) == usual
    for path in (root / "autograded").glob("*/*/*.ipynb"):
        path.unlink()
    show(root, ASSIGNMENT)
    assert "ada" in capsys.readouterr().out


def test_verdicts_are_written_after_the_students_process_is_dead(monkeypatch, skeleton, pristine):
    from bplib.grading import judging, worker
    from bplib.grading.engine import Session
    from bplib.grading.jail import choose
    from bplib.grading.quarantine import Handed

    closed, assess = [], judging.assess
    sessions = []
    init = Session.__init__

    def remember(self, *arguments):
        init(self, *arguments)
        sessions.append(self)

    def watched(*arguments):
        closed.append(sessions[-1].closed)
        return assess(*arguments)

    monkeypatch.setattr(Session, "__init__", remember)
    monkeypatch.setattr(judging, "assess", watched)
    handed = Handed({ASSIGNMENT: json.dumps(filled(pristine)).encode()})
    backend: Backend = choose()
    worker.grade_one(worker.Job("ada", ASSIGNMENT, b"k", handed, (skeleton,), {}, backend.name))
    assert closed == [True]
