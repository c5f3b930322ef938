"""The simulated class: reproducible, varied, and what the plan says."""

import ast
import json
import shutil

import nbformat
import pytest

from bplib.authoring.simulate import HABITS, Planted, answer, simulate
from bplib.exercises.bank import bank

ASSIGNMENT = "05-backpropagation"


@pytest.fixture
def folder(course_folder, tmp_path):
    shutil.copytree(course_folder / "release", tmp_path / "release")
    return tmp_path


def test_the_same_seed_writes_the_same_class(folder):
    first = simulate(folder, ASSIGNMENT, 6, seed=3)
    before = {p: p.read_bytes() for p in folder.rglob("submitted/**/*.*")}
    assert simulate(folder, ASSIGNMENT, 6, seed=3) == first
    assert before == {p: p.read_bytes() for p in folder.rglob("submitted/**/*.*")}
    assert simulate(folder, ASSIGNMENT, 6, seed=4) != first


def test_a_large_class_has_every_habit_style_and_misconception(folder):
    planted = simulate(folder, ASSIGNMENT, 300, seed=0)
    assert {plan.habit for plan in planted} == set(HABITS)
    sown = {pair for plan in planted for pair in plan.wrong.items()}
    exercises = [e for e in bank().values() if e.unit == "05"]
    assert sown == {(e.id, name) for e in exercises for name in e.misconceptions}
    assert {"loops", "einsum", "vectorized"} <= {plan.style for plan in planted}
    record = json.loads((folder / f"simulated-{ASSIGNMENT}.json").read_text())
    assert [Planted(**plan) for plan in record] == planted


def test_submissions_are_what_the_plan_says(folder):
    planted = simulate(folder, ASSIGNMENT, 60, seed=1)
    for plan in planted:
        path = folder / "submitted" / plan.student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        cells = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
        assert path.with_name("timestamp.txt").read_text().endswith(" UTC\n")
        broken = 0
        for exercise in (e for e in bank().values() if e.unit == "05"):
            source = cells[exercise.name].source
            if exercise.id not in plan.written:
                assert "raise NotImplementedError()" in source
            elif plan.habit == "syntax error" and not parses(source):
                broken += 1
            else:
                assert source == answer(exercise, plan)
        assert broken == (plan.habit == "syntax error")


def parses(source):
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    ("assignment", "students", "said"),
    [("no-such-unit", 3, "released: 05-backpropagation"), (ASSIGNMENT, 0, "at least one student")],
)
def test_bad_arguments_are_refused(folder, assignment, students, said):
    with pytest.raises(ValueError, match=said):
        simulate(folder, assignment, students, seed=0)
