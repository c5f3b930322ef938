"""An instructor's path through the formgrader: generate, autograde, look, write feedback."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bplib.authoring.build import build
from bplib.authoring.simulate import simulate
from bplib.grading.course import course

ROOT = Path(__file__).parents[2]
UNIT = "04-hidden-error"
STUDENTS = 2


def prepare(work: Path) -> None:
    """Release unit 04 and simulate a small class, in the folder that is served."""
    (work / "source" / UNIT).mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", work)
    shutil.copy(ROOT / "source" / UNIT / f"{UNIT}.py", work / "source" / UNIT)
    build(work, ["04"], keys=work / "keys", solve=False)
    simulate(work, UNIT, STUDENTS, seed=2)


def success(page: Any, what: str) -> None:
    """Wait for the formgrader's answer, demand that it is one of success, and close it."""
    modal = page.locator(
        "#success-modal.in, #error-modal.in, #success-modal.show, #error-modal.show"
    )
    modal.wait_for()
    said = modal.inner_text()
    assert what in said, said
    assert "Success" in said, said
    modal.get_by_role("button", name="Close").last.click()
    modal.wait_for(state="hidden")


def row(page: Any, text: str) -> Any:
    """A row of the formgrader's table."""
    return page.locator("#main-table tr", has_text=text)


def test_a_class_is_graded_in_the_formgrader(page, served, shoot):
    page.goto(f"{served.url}/formgrader?token={served.token}")
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
    page.locator("input.score").first.wait_for()
    for box in page.locator("input.score").all():
        assert re.fullmatch(r"[\d.]*", box.input_value() or box.get_attribute("placeholder") or "")
    shoot(page, "formgrader-submission")

    feedback = served.work / "feedback" / student / UNIT / f"{UNIT}.html"
    page.goto(feedback.as_uri())
    shown = page.locator("body").inner_text()
    assert "04" in shown
    page.screenshot(path=ROOT / "build" / "screenshots" / "feedback.png", full_page=True)
