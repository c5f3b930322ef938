"""A student's path: a wrong answer, the tutor's card, the answer mended, Validate."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bplib.authoring.build import build
from bplib.exercises.bank import CHECK, bank
from bplib.exercises.exercise import Exercise
from bplib.tutor.key import read_key

ROOT = Path(__file__).parents[2]
UNIT = "04-hidden-error"
ASKED, WRONG = "04.hidden_error_one", "slope-twice"
MASTER = ROOT / "source" / UNIT / f"{UNIT}.py"
# In the order of the notebook.
EXERCISES = [bank()[match["id"]] for match in CHECK.finditer(MASTER.read_text(encoding="utf-8"))]


def prepare(work: Path) -> None:
    """Release unit 04 in a course folder of its own, and hand it out."""
    course = work.parent / "course"
    (course / "source" / UNIT).mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copy(MASTER, course / "source" / UNIT)
    build(course, ["04"], keys=course / "keys", solve=False)
    shutil.copy(course / "release" / UNIT / f"{UNIT}.ipynb", work / "released.ipynb")


@pytest.fixture
def notebook(served: Any, request: pytest.FixtureRequest) -> str:
    """A copy of the released notebook for one test."""
    name = f"{request.node.name}.ipynb"
    shutil.copy(served.work / "released.ipynb", served.work / name)
    return name


def answer_cell(panel: Any, name: str) -> Any:
    """The cell in which a function is to be written."""
    return panel.locator(".jp-CodeCell", has=panel.page.get_by_text(f"def {name}(")).first


def check_cell(panel: Any, exercise: str) -> Any:
    """The cell that asks the tutor."""
    return panel.locator(".jp-CodeCell", has_text=f'check("{exercise}"').first


def write(page: Any, cell: Any, source: str) -> None:
    """Replace what stands in a cell, and run it."""
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    run(page, cell)


def run(page: Any, cell: Any) -> None:
    """Run a cell, and wait until it has another number than before."""
    cell.locator(".cm-content").click()
    prompt = cell.locator(".jp-InputPrompt")
    before = prompt.text_content()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "([p, before]) => /\\[\\d+\\]/.test(p.textContent) && p.textContent !== before",
        arg=[prompt.element_handle(), before],
    )


def explain(page: Any, panel: Any) -> None:
    """Write the answer in words; to nbgrader an empty one is a failure."""
    cell = panel.locator(".jp-MarkdownCell", has_text="YOUR ANSWER HERE")
    cell.locator("p", has_text="YOUR ANSWER HERE").click()
    page.keyboard.press("Enter")  # from the rendered text to its source
    page.wait_for_function(
        "c => !c.classList.contains('jp-mod-rendered') && c.contains(document.activeElement)"
        " && document.activeElement.classList.contains('cm-content')",
        arg=cell.element_handle(),
    )
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("Its slope is about 0.0003, so its weights hardly move.")
    page.keyboard.press("Control+Enter")
    panel.locator(".jp-MarkdownOutput", has_text="about 0.0003, so").wait_for()


def validated(page: Any) -> Any:
    """Press nbgrader's Validate, and return what it answers; the notebook is saved by it."""
    page.locator("button.validate-button, .validate-button button").first.click()
    answer = page.locator(".jp-Dialog-content", has_text="Validation Results")
    answer.wait_for()
    return answer


def write_right(page: Any, panel: Any, exercise: Exercise) -> None:
    """Write a right answer to an exercise, and run it."""
    source = next(iter(exercise.styles.values())).source
    write(page, answer_cell(panel, exercise.name), source)


def close(page: Any) -> None:
    """Close the dialog."""
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")


def test_a_mistake_is_named_and_mended(page, served, shoot, notebook):
    panel = served.open(page, notebook)
    served.run_all(page)
    place = [exercise.id for exercise in EXERCISES].index(ASKED)
    before, exercise, after = EXERCISES[:place], EXERCISES[place], EXERCISES[place + 1]
    answer, check = answer_cell(panel, exercise.name), check_cell(panel, ASKED)
    for earlier in before:  # Validate stops at the first cell that fails
        write_right(page, panel, earlier)

    write(page, answer, exercise.misconceptions[WRONG].source)
    run(page, check)
    card = check.locator(".jp-OutputArea-output [role=status]")
    card.filter(has_text="not yet").filter(has_not_text="not written yet").wait_for()
    said = card.text_content()
    assert read_key(ASKED).hints[WRONG] in said
    assert "Case 1 of" in said
    card.scroll_into_view_if_needed()
    shoot(card, "student-card-wrong")
    shoot(page, "student-wrong")

    answered = validated(page)
    shoot(page, "student-validate-wrong")
    assert "The following cell failed" in answered.inner_text()
    assert f'check("{ASKED}"' in answered.inner_text()
    assert read_key(ASKED).hints[WRONG] in answered.inner_text()
    close(page)

    write_right(page, panel, exercise)
    run(page, check)
    card.filter(has_text="✓ right").wait_for()
    shoot(card, "student-card-right")

    answered = validated(page)
    assert f'check("{ASKED}"' not in answered.inner_text()
    assert f'check("{after.id}"' in answered.inner_text()  # the next one is still to be done
    close(page)


def test_a_notebook_with_right_answers_passes_validation(page, served, shoot, notebook):
    panel = served.open(page, notebook)
    for exercise in EXERCISES:
        write_right(page, panel, exercise)
    explain(page, panel)
    served.run_all(page)
    cards = panel.locator(".jp-OutputArea-output [role=status]")
    assert cards.count() == len(EXERCISES)
    said = cards.all_text_contents()  # also of those out of sight
    assert [text for text in said if "✓ right" not in text] == []
    answered = validated(page)
    assert "Success! Your notebook passes all the tests." in answered.inner_text()
    shoot(page, "student-validate-right")
