"""A small course of its own: one notebook with judged, ordinary, and written questions."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ASSIGNMENT = "week"
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "small"\n'
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
RIGHT = {
    "hidden_error": "def hidden_error(W_next, delta_next, dphi_z):\n"
    "    return (delta_next @ W_next) * dphi_z",
    "double": "def double(x):\n    return 2 * x",
    "why": "Because the errors flow backward.",
}


def marked(cell, name, **flags):
    meta = {"grade_id": name, "grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {**meta, "schema_version": 3, **flags}
    cell.id = name
    return cell


def source():
    """The instructor's notebook."""
    setup = "import numpy as np\nfrom bplib.tutor import check\n\n"
    setup += "def share(f):\n    return sum(f(x) == 2 * x for x in range(4)) / 2"
    cells = [
        marked(new_code_cell(setup), "setup", locked=True),
        new_markdown_cell("## One: the hidden error"),
        marked(
            new_code_cell(
                "def hidden_error(W_next, delta_next, dphi_z):\n    ### BEGIN SOLUTION\n"
                "    return (delta_next @ W_next) * dphi_z\n    ### END SOLUTION"
            ),
            "hidden_error",
            solution=True,
        ),
        marked(
            new_code_cell(
                'check("04.hidden_error", hidden_error)\n### BEGIN HIDDEN TESTS\n'
                "from bplib.exercises.grade import grade\n"
                'grade("04.hidden_error", hidden_error)\n### END HIDDEN TESTS'
            ),
            "test_hidden_error",
            grade=True,
            locked=True,
            points=4,
        ),
        new_markdown_cell("## Two: an ordinary question"),
        marked(
            new_code_cell(
                "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
            ),
            "double",
            solution=True,
        ),
        marked(
            new_code_cell(
                "assert double(1) == 2\n### BEGIN HIDDEN TESTS\n"
                "assert double(21) == 42, 'try another number'\n### END HIDDEN TESTS"
            ),
            "test_double",
            grade=True,
            locked=True,
            points=2,
        ),
        marked(new_code_cell("share(double)"), "test_share", grade=True, locked=True, points=2),
        marked(
            new_markdown_cell("### BEGIN SOLUTION\nBecause.\n### END SOLUTION"),
            "why",
            solution=True,
            grade=True,
            points=3,
        ),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def make(root: Path) -> Path:
    """A course folder with the assignment released."""
    from bplib.grading.course import course

    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    nbformat.write(source(), root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    course(root).release(ASSIGNMENT)
    return root


def released(root: Path) -> dict:
    """The released notebook as plain values with joined sources."""
    path = root / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return json.loads(json.dumps(nbformat.read(path, as_version=4)))


def filled(root: Path, **answers: str) -> dict:
    """The released notebook with answers filled in, right ones where nothing else is given."""
    notebook = released(root)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in RIGHT:
            cell["source"] = {**RIGHT, **answers}[name]
    return notebook


def hand_in(root: Path, student: str, content: object) -> Path:
    """Write a submission: a notebook's values, or bytes."""
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / f"{ASSIGNMENT}.ipynb").write_bytes(data)
    (folder / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC\n")
    return folder


def digest(root, url=""):
    """What the gradebook says and what is published, without the rows' random names."""
    found = hashlib.sha256()
    from nbgrader.api import Gradebook

    with Gradebook(url or f"sqlite:///{root}/gradebook.db", "small") as book:
        for submission in sorted(
            book.assignment_submissions(ASSIGNMENT), key=lambda entry: entry.student_id
        ):
            found.update(repr((submission.student_id, submission.timestamp)).encode())
            for notebook in submission.notebooks:
                for row in sorted(notebook.grades, key=lambda grade: grade.name):
                    values = (row.name, row.auto_score, row.manual_score, row.needs_manual_grade)
                    found.update(repr(values).encode())
                for row in sorted(notebook.comments, key=lambda comment: comment.name):
                    found.update(repr((row.name, row.auto_comment)).encode())
    for step in ("autograded", "feedback"):
        for path in sorted((root / step).rglob("*")):
            content = path.read_bytes() if path.is_file() else b""
            found.update(repr(path.relative_to(root)).encode() + content)
    return found.hexdigest()


def start(root, temporary, *options):
    """The command `bplib grade`, under way, in a session of its own."""
    options = options or ("--jobs", "2")
    command = [sys.executable, "-m", "bplib.cli", "grade", ASSIGNMENT, *options]
    return subprocess.Popen(
        [*command, "--course", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(temporary)},
        start_new_session=True,
    )
