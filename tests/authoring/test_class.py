"""A whole class, end to end: handed in, graded by nbgrader, fed back, reported."""

import subprocess
import sys
from collections import Counter

import nbformat
import numpy as np
import pytest

from bplib.authoring.masters import write_notebook
from bplib.authoring.simulate import Planted, hand_in
from bplib.exercises.bank import bank
from bplib.grading.course import CourseError, course
from bplib.grading.report import counts, findings, show

ASSIGNMENT = "05-backpropagation"
EXERCISES = [exercise for exercise in bank().values() if exercise.unit == "05"]
ALL = [exercise.id for exercise in EXERCISES]
FULL = sum(exercise.points for exercise in EXERCISES)
STUDENTS = {
    "ada": Planted("ada", "right", "vectorized", {}, ALL),
    "ben": Planted("ben", "right", "loops", {}, ALL),
    "cem": Planted("cem", "float32", "einsum", {}, ALL),
    "dia": Planted(
        "dia",
        "two mistakes",
        "einsum",
        {"05.backprop": "hidden-slope-missing", "05.bias_gradient": "bias-averaged"},
        ALL,
    ),
    "eve": Planted("eve", "half finished", "loops", {}, ALL[:2]),
    "fay": Planted("fay", "syntax error", "vectorized", {}, ALL),
    "gus": Planted("gus", "blank", "vectorized", {}, []),
}


@pytest.fixture(scope="module")
def graded(course_folder):
    """The class of STUDENTS, graded in the course's folder."""
    released = course_folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    for plan in STUDENTS.values():
        notebook = nbformat.read(released, as_version=4)
        hand_in(notebook, plan, EXERCISES, np.random.default_rng(1))
        folder = course_folder / "submitted" / plan.student / ASSIGNMENT
        write_notebook(notebook, folder / f"{ASSIGNMENT}.ipynb")
    everything = course(course_folder)
    assert everything.handed_in(ASSIGNMENT) == list(STUDENTS)
    for student in everything.handed_in(ASSIGNMENT):
        everything.autograde(ASSIGNMENT, student)
        everything.feedback(ASSIGNMENT, student)
    return everything


@pytest.fixture(scope="module")
def marks(graded):
    return {mark.student: mark for mark in graded.marks(ASSIGNMENT)}


@pytest.mark.parametrize("student", ["ada", "ben", "cem"])
def test_right_answers_in_any_style_get_all_that_a_machine_can_give(marks, student):
    assert marks[student].score == FULL
    assert marks[student].max_score == FULL + 4  # two questions are graded by hand
    assert marks[student].needs_manual_grade


def test_planted_mistakes_cost_points_and_are_named(graded, marks):
    found = [f for f in findings(graded.root, ASSIGNMENT) if f.student == "dia"]
    assert {(f.exercise, name) for f in found for name in f.misconceptions} == set(
        STUDENTS["dia"].wrong.items()
    )
    points = {f.exercise: f.score for f in found}
    assert points["05.weight_gradient"] == 3
    assert points["05.backprop"] == 5  # BP1, BP3 and BP4 carry through
    assert marks["dia"].score == pytest.approx(sum(points.values()))
    assert marks["dia"].score < FULL


def test_what_is_finished_counts(marks):
    assert marks["eve"].score == sum(exercise.points for exercise in EXERCISES[:2])
    assert 0 < marks["fay"].score < FULL
    assert marks["gus"].score == 0


def test_feedback_says_what_is_wrong_and_asks_the_question(graded):
    page = (graded.root / "feedback" / "dia" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "Question: What lies between a and z?" in page
    assert (
        "not written yet"
        in (graded.root / "feedback" / "gus" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    )


def test_grading_again_gives_the_same_marks(graded, marks):
    graded.autograde(ASSIGNMENT, "dia")
    again = {mark.student: mark for mark in graded.marks(ASSIGNMENT)}
    assert again["dia"] == marks["dia"]


def test_the_report_counts_the_class(graded, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert counts(findings(graded.root, ASSIGNMENT)) == Counter(STUDENTS["dia"].wrong.items())
    show(graded.root, ASSIGNMENT)
    shown = capsys.readouterr().out
    assert "What lies between a and z?" in shown
    assert "ada" in shown


def test_plain_nbgrader_commands_do_the_same(graded, marks):
    """An instructor who types nbgrader's own commands gets the same marks."""
    for command in (["autograde", "--force"], ["generate_feedback", "--force"]):
        subprocess.run(
            [sys.executable, "-m", "nbgrader", *command, ASSIGNMENT, "--student=ada"],
            cwd=graded.root,
            check=True,
            capture_output=True,
        )
    again = {mark.student: mark for mark in graded.marks(ASSIGNMENT)}
    assert again["ada"] == marks["ada"]


def test_a_failing_nbgrader_step_is_an_error_with_its_log(graded):
    with pytest.raises(CourseError, match="nbgrader did not succeed"):
        graded.release("no-such-assignment")


def test_a_folder_without_configuration_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no course folder"):
        course(tmp_path)
