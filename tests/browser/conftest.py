"""A JupyterLab of its own for every module, in a temporary folder, and a browser to look at it.

Screenshots go to build/screenshots. Without a browser the tests are skipped, in CI they fail.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# Every code cell has its number: nothing is waiting, nothing is running.
RAN = """() => {
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
  const prompts = [...panel.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
  return prompts.length > 0 && prompts.every(p => /\\[\\d+\\]/.test(p.textContent));
}"""
# The server has joined the page with the kernel, and the kernel has answered. The page says so
# a little too early, and what is run in between is lost.
JOINED = """async path => {
  const reply = await fetch('/api/sessions');
  const session = (await reply.json()).find(s => s.path === path);
  return !!session && session.kernel.connections > 0 && session.kernel.execution_state === 'idle';
}"""


def _benchmark_lab() -> Any:
    """The module benchmarks/lab.py: how JupyterLab and Chromium are started."""
    spec = importlib.util.spec_from_file_location("benchmark_lab", ROOT / "benchmarks" / "lab.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


starter = _benchmark_lab()
PATIENCE = 1000 * starter.PATIENCE  # milliseconds


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab; `work` is the folder that it serves."""

    url: str
    token: str
    work: Path

    def open(self, page: Any, notebook: str) -> Any:
        """Open a notebook in an empty workspace, wait for its kernel, return its panel."""
        page.goto(f"{self.url}/lab/tree/{notebook}?token={self.token}&reset")
        page.wait_for_function(JOINED, arg=notebook)
        page.wait_for_function(starter.READY)
        return page.locator(PANEL)

    def run_all(self, page: Any) -> None:
        """Run all cells by the menu, and wait for the last one."""
        page.click('.lm-MenuBar-itemLabel:text-is("Run")')
        page.click('li[data-command="runmenu:run-all"]')
        page.wait_for_function(RAN)
        page.wait_for_function(starter.READY)

    def saved(self, page: Any, notebook: str) -> list[dict[str, Any]]:
        """Save the open notebook, and return its cells as they stand in the file."""
        with page.expect_response(lambda r: r.request.method == "PUT" and "/api/contents" in r.url):
            page.keyboard.press("Control+s")
        cells: list[dict[str, Any]] = json.loads((self.work / notebook).read_text())["cells"]
        return cells


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; in CI the browser tests must run")
    pytest.skip(f"BROWSER TESTS NOT RUN: {what}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; the tests of this folder need one."""
    if importlib.util.find_spec("playwright") is None:
        _missing('Playwright is missing (pip install -e ".[browser]")')
    if not os.environ.get("CHROMIUM") and not any(map(shutil.which, starter.BROWSERS)):
        _missing("no Chromium found (on Debian: apt-get install chromium, or set CHROMIUM)")
    return str(starter.browser_path())


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, chromium: str, tmp_path_factory: Any) -> Iterator[Lab]:
    """JupyterLab for a module, which says by `prepare(work)` what there is to be served.

    The server starts in `work`, as an instructor starts it in the course's folder.
    """
    root = tmp_path_factory.mktemp("lab")
    work = root / "work"
    work.mkdir()
    request.module.prepare(work)
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader calls `alembic` and `jupyter` by name.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        config = root / "config"
        config.mkdir()
        exchange = f"c = get_config()\nc.Exchange.root = {str(root / 'exchange')!r}\n"
        (config / "nbgrader_config.py").write_text(exchange)
        (root / "exchange").mkdir(mode=0o777)
        with chdir(work), starter.jupyterlab(root) as (url, token):
            yield Lab(url, token, work)


@pytest.fixture(scope="module")
def window(served: Lab, chromium: str) -> Iterator[Any]:
    """Chromium for a module: its event loop ends before tests of other folders start theirs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=starter.FLAGS, timeout=PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, served: Lab, window: Any) -> Iterator[Any]:
    """An empty page; what it showed last is kept as a screenshot, also of a test that fails."""
    context = window.new_context(viewport={"width": 1280, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    _screenshot(page, f"{name}-end")
    context.close()
    starter.end_kernels(served.url, served.token)


@pytest.fixture
def shoot() -> Callable[[Any, str], None]:
    """A function (page or part of it, name) that keeps a screenshot."""
    return _screenshot


def _screenshot(part: Any, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    part.screenshot(path=SHOTS / f"{name}.png")
