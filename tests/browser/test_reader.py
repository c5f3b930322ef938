"""A reader's path: open a lesson, run it, move the sliders by keyboard, follow the index, play."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from bplib.authoring.build import write_lessons
from bplib.authoring.index import write_index
from bplib.authoring.masters import write_notebook
from bplib.authoring.playground import playground
from bplib.explore import EXPLORERS

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "course"
LESSONS = [path.stem for path in sorted(COURSE.glob("*.py"))]
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
EXPLORER = ".jp-OutputArea-output:has(.noUi-handle)"
# The pictures and the words (formula and sentence) of an explorer.
SEEN = """root => {
  const sentence = root.querySelector('p[aria-live]');
  return {
    pictures: [...root.querySelectorAll('img')].map(i => i.src).join(),
    words: sentence.previousElementSibling.textContent + sentence.textContent,
  };
}"""
CHANGED = f"([root, part, before]) => ({SEEN})(root)[part] !== before"
BACK = f"([root, part, before]) => ({SEEN})(root)[part] === before"
TWO_FRAMES = """() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(done)))"""


def prepare(work: Path) -> None:
    """Make the notebooks of all lessons, the index, and the playground."""
    (work / "course").mkdir()
    for path in [*COURSE.glob("*.py"), *COURSE.glob("*.toml")]:
        shutil.copy(path, work / "course")
    (work / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "NOTATION.md", work / "docs")  # the index has its glossary
    write_lessons(work)
    write_index(work)
    write_notebook(playground(), work / "explore.ipynb")


def wait_changed(page: Any, root: Any, part: str, before: str) -> None:
    """Wait until the pictures, or the words, are others than before."""
    page.wait_for_function(CHANGED, arg=[root.element_handle(), part, before])


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_and_its_explorer_follows_the_keyboard(page, served, shoot, lesson):
    notebook = f"course/{lesson}.ipynb"
    panel = served.open(page, notebook)
    served.run_all(page)
    cells = served.saved(page, notebook)
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []

    explorers = panel.locator(EXPLORER)
    assert explorers.count() >= 1, "a lesson has an explorer with a slider"
    root = explorers.first
    root.scroll_into_view_if_needed()
    root.locator("img").first.wait_for()
    before = root.evaluate(SEEN)
    assert before["pictures"].startswith("data:image/png")
    root.locator(".noUi-handle").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_changed(page, root, "pictures", before["pictures"])
    wait_changed(page, root, "words", before["words"])
    shoot(root, f"{lesson}-explorer")
    root.get_by_role("button", name="Reset").click()
    page.wait_for_function(BACK, arg=[root.element_handle(), "words", before["words"]])
    whole(page, panel, shoot, lesson)


def whole(page: Any, panel: Any, shoot: Any, lesson: str) -> None:
    """Keep the whole lesson as one screenshot: the window grows until nothing scrolls."""
    scrolled = panel.locator(".jp-WindowedPanel-outer")
    height = scrolled.evaluate("part => part.scrollHeight")
    page.set_viewport_size({"width": 1280, "height": min(height + 150, 16_000)})
    scrolled.evaluate("part => { part.scrollTop = 0; }")
    page.evaluate(TWO_FRAMES)
    shoot(panel, f"{lesson}-lesson")


def links(work: Path) -> list[str]:
    """The targets of the index: "03-output-error.ipynb#003-two-assumptions"."""
    index = nbformat.read(work / "course" / "index.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in index.cells)
    return [part.partition(")")[0] for part in text.split("](")[1:]]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_link_of_the_index_opens_the_place(page, served, shoot, part):
    chosen = [link for link in links(served.work) if "#" in link]
    lesson, _, anchor = chosen[part * (len(chosen) - 1) // 2].partition("#")
    served.open(page, "course/index.ipynb")
    # JupyterLab writes links anew, between the name and the anchor too.
    page.locator(f'.jp-MarkdownOutput a[href*="{lesson}"][href$="#{anchor}"]').first.click()
    page.locator(f'#jp-main-dock-panel .lm-TabBar-tab[title*="{lesson}"]').wait_for()
    # The place is there under its name; JupyterLab 4.6 opens the notebook at its top all the same.
    opened = page.locator(PANEL, has_text="Lesson")
    opened.locator(f'[id="{anchor}"], [data-jupyter-id="{anchor}"]').wait_for(state="attached")
    shoot(page, f"index-{anchor}")


def test_the_playground_by_keyboard_and_on_a_laptop(page, served, shoot):
    page.set_viewport_size({"width": 1280, "height": 720})
    panel = served.open(page, "explore.ipynb")
    served.run_all(page)
    # JupyterLab takes the arrow keys of a closed list; Space opens it.
    root = panel.locator(EXPLORER).nth(list(EXPLORERS).index("neuron"))
    before = root.evaluate(SEEN)
    activations = root.get_by_label("activation")
    assert activations.input_value() == "sigmoid"
    activations.focus()
    for key in ("Space", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    wait_changed(page, root, "pictures", before["pictures"])
    assert activations.input_value() == "tanh"
    shoot(page, "playground-list")

    # The largest explorer: from its title to its sentence it is seen at once, beside the files.
    root = panel.locator(EXPLORER).nth(list(EXPLORERS).index("saturation"))
    root.evaluate("part => part.scrollIntoView({block: 'start'})")
    page.evaluate(TWO_FRAMES)
    assert page.locator(".jp-DirListing").is_visible()
    window = panel.locator(".jp-WindowedPanel-outer").bounding_box()
    title, sentence = (root.locator(p).bounding_box() for p in ("h4", "p[aria-live]"))
    assert title["y"] >= window["y"] - 1
    assert sentence["y"] + sentence["height"] <= window["y"] + window["height"]
    code = root.locator("pre").first
    assert code.evaluate("part => getComputedStyle(part).wordBreak") == "normal"
    shoot(page, "playground-saturation")
