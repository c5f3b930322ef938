"""An instructor's path through the formgrader: generate, autograde, look, write feedback."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bplib.authoring.build import build
from bplib.authoring.simulate import simulate
from bplib.exercises.bank import bank
from bplib.grading.course import course
from bplib.tutor.key import read_key

ROOT = Path(__file__).parents[2]
UNIT = "04-hidden-error"
STUDENTS = 2


def prepare(work: Path) -> None:
    """Release unit 04 and simulate a small class, in the folder that is served."""
    (work / "source" / UNIT).mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", work)
    shutil.copy(ROOT / "source" / UNIT / f"{UNIT}.py", work / "source" / UNIT)
    build(work, ["04"], keys=work / "keys", solve=False)
    simulate(work, UNIT, STUDENTS, seed=7)  # the first one has a misconception


def success(page: Any, what: str) -> None:
    """Wait for the formgrader's answer, demand that it is one of success, and close it."""
    modal = page.locator(
        "#success-modal.in, #error-modal.in, #success-modal.show, #error-modal.show"
    )
    modal.wait_for()
    said = modal.inner_text()
    assert what in said, said
    assert "Success" in said, said
    modal.locator(".modal-footer button").click()
    page.locator(".modal-backdrop").wait_for(state="detached")


def row(page: Any, text: str) -> Any:
    """A row of the formgrader's table."""
    return page.locator("#main-table tr", has_text=text)


def test_a_class_is_graded_in_the_formgrader(page, served, shoot):
    answer = page.goto(f"{served.url}/formgrader?token={served.token}")
    assert answer.ok, "no formgrader: read lab.log, the extension could not be loaded"
    row(page, UNIT).locator(".assign a").click()
    success(page, "Successfully created")
    assert int(row(page, UNIT).locator(".num-submissions").inner_text()) == STUDENTS
    shoot(page, "formgrader-assignments")

    row(page, UNIT).locator(".num-submissions a").click()
    for number in range(1, STUDENTS + 1):
        student = f"student-{number:03d}"
        row(page, student).locator(".autograde a").click()
        success(page, "Successfully autograded")
    shoot(page, "formgrader-graded")
    for mark in course(served.work).marks(UNIT):
        shown = row(page, mark.student).locator(".score").inner_text()
        assert [float(part) for part in shown.split("/")] == pytest.approx(
            [mark.score, mark.max_score], abs=0.01
        )
    assert (served.work / ".bplib").is_dir()  # the engine and the judge were at work

    student = "student-001"
    row(page, student).locator(".generate-feedback a").click()
    success(page, "Successfully generated feedback")
    row(page, student).locator(".student-name a").click()
    page.locator("#main-table a", has_text=UNIT).first.click()
    boxes = page.locator("input.score")
    boxes.first.wait_for()
    planted = json.loads((served.work / f"simulated-{UNIT}.json").read_text())[0]["wrong"]
    (wrong,) = planted
    page.wait_for_function("box => box.placeholder !== ''", arg=boxes.first.element_handle())
    given = {box.get_attribute("id"): box.get_attribute("placeholder") for box in boxes.all()}
    for exercise in (e for e in bank().values() if e.id.startswith("04.")):
        points = float(given[f"test_{exercise.name}"])
        assert (points == exercise.points) == (exercise.id != wrong)
    shoot(page, "formgrader-submission")
    boxes.nth(list(given).index(f"test_{bank()[wrong].name}")).scroll_into_view_if_needed()
    shoot(page, "formgrader-verdict")

    feedback = served.work / "feedback" / student / UNIT / f"{UNIT}.html"
    page.goto(feedback.as_uri())
    assert read_key(wrong).hints[planted[wrong]] in page.locator("body").inner_text()
    page.set_viewport_size({"width": 1000, "height": 3000})
    shoot(page, "feedback")
