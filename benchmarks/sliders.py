"""How fast does an explorer answer?  From a key press to changed pixels, in a real browser.

For every explorer: JupyterLab, headless Chromium, arrow keys on its first slider.  The clock runs
in the page, from the event of the key until the new pictures are decoded and painted.  Then the
slider is dragged to and fro for two seconds, three times; the lag (median of three) is the time
from the slider's last change of value to the last change of the pictures.  Beside it stands the
CPU time of one update in the kernel: numbers, drawing and PNG (the rest is the browser's and
JupyterLab's).

    python -m pip install playwright; python benchmarks/sliders.py

The exit status is 1 if a target is missed: median ≤ 100 ms, lag ≤ 150 ms.  Two screenshots go to
docs/pictures.  Names of explorers as arguments measure only those.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from lab import FLAGS, READY, browser_path, end_kernels, jupyterlab, write_notebook
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bplib.explore import EXPLORERS, Explorer

try:
    from playwright.sync_api import Page, sync_playwright
except ImportError:
    sys.exit("Playwright is missing; install it with: pip install playwright")

TARGET_MS, TARGET_LAG_MS = 100.0, 150.0
PRESSES, DRAGS, DRAG_SECONDS = 30, 3, 2.0
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
# Explorers for the README, with the buttons that are pressed before the screenshot.
SHOWN = {
    "saturation": ("raw pixels",),
    "vanishing": ("He and ReLU", "Train", "vanishing", "Train"),
}
FIGURE = ".jp-OutputArea-output img[src^='data:image/png']"
# Records the time of the last key, of the slider's last change of value, and for every change of
# the pictures the time of the key before it and of painting.
PROBE = """() => {
  const out = document.querySelector('.jp-OutputArea-output');
  const sources = () => [...out.querySelectorAll('img')].map(i => i.src).join('|');
  const probe = window.probe = {changes: [], event: 0, value: 0, seen: sources()};
  document.addEventListener('keydown', e => { probe.event = e.timeStamp; }, true);
  new MutationObserver(() => { probe.value = performance.now(); }).observe(
    out.querySelector('.noUi-handle'), {attributes: true, attributeFilter: ['aria-valuenow']});
  new MutationObserver(async () => {
    const now = sources(), event = probe.event;
    if (now === probe.seen) return;
    probe.seen = now;
    await Promise.all([...out.querySelectorAll('img')].map(i => i.decode().catch(() => 0)));
    requestAnimationFrame(() => {
      const channel = new MessageChannel();          // runs after this frame has been painted
      channel.port1.onmessage = () => probe.changes.push([event, performance.now()]);
      channel.port2.postMessage(0);
    });
  }).observe(out, {childList: true, subtree: true, attributes: true, attributeFilter: ['src']});
}"""


def open_notebook(page: Page, url: str, token: str, name: str) -> None:
    """Open the notebook, run it, and wait for its picture."""
    page.goto(f"{url}/lab/tree/{name}.ipynb?token={token}&reset")
    page.wait_for_function(READY, timeout=90_000)
    page.click('.lm-MenuBar-itemLabel:text-is("Run")')
    page.click('li[data-command="runmenu:run-all"]')
    page.wait_for_selector(FIGURE, timeout=90_000)
    page.wait_for_function(READY, timeout=90_000)
    page.wait_for_timeout(1000)


def press_keys(page: Page) -> list[float]:
    """Return the milliseconds from key press to painted pixels, one per press."""
    page.locator(".jp-OutputArea-output .noUi-handle").first.focus()
    taken = []
    for i in range(PRESSES):
        page.evaluate("() => { probe.changes.length = 0; }")
        # Three to the right, three to the left: the value stays inside the slider.
        page.keyboard.press("ArrowRight" if i % 6 < 3 else "ArrowLeft")
        page.wait_for_function("() => probe.changes.length > 0", timeout=10_000)
        event, painted = page.evaluate("() => probe.changes[0]")
        taken.append(painted - event)
        page.wait_for_timeout(60)
    return taken


def drag(page: Page) -> tuple[float, int]:
    """Return the lag in ms after dragging for two seconds, and how many pictures were shown."""
    handle = page.locator(".jp-OutputArea-output .noUi-handle").first
    track_box = page.locator(".jp-OutputArea-output .noUi-base").first.bounding_box()
    box = handle.bounding_box()
    assert box is not None
    assert track_box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.evaluate("() => { probe.changes.length = 0; }")
    start, i = time.monotonic(), 0
    while time.monotonic() < start + DRAG_SECONDS:
        phase = abs((i / 40) % 2 - 1)  # forth and back
        page.mouse.move(track_box["x"] + track_box["width"] * (0.1 + 0.8 * phase), y)
        page.wait_for_timeout(14)
        i += 1
    page.mouse.up()
    page.wait_for_timeout(1500)
    changes, last_value = page.evaluate("() => [probe.changes, probe.value]")
    return max(painted for _, painted in changes) - last_value, len(changes)


def screenshot(page: Page, name: str) -> None:
    """Save the explorer as a picture of 256 colors, which is small."""
    page.set_viewport_size({"width": 1600, "height": 1300})
    root = page.locator(".jp-OutputArea-output .widget-vbox").first
    for text in SHOWN[name]:
        root.locator(f'button:has-text("{text}")').first.click()
        page.wait_for_timeout(3000)
    page.mouse.move(0, 0)
    image = Image.open(io.BytesIO(root.screenshot())).convert("RGB").quantize(256)
    PICTURES.mkdir(parents=True, exist_ok=True)
    image.save(PICTURES / f"{name}.png", optimize=True)


def first_slider(explorer: Explorer) -> tuple[str, list[Any]]:
    """Return the name of the first slider and the values of 30 steps upward."""
    name, control = next((n, c) for n, c in explorer.controls.items() if hasattr(c, "min"))
    steps = [control.min + control.step * i for i in range(31)]
    inside = [s for s in steps if s <= control.max]
    return name, [control.base**s for s in inside] if hasattr(control, "base") else inside


def kernel_ms(explorer: Explorer) -> tuple[float, float]:
    """Return the median CPU milliseconds of the numbers alone, and of a whole update."""
    name, values = first_slider(explorer)
    only, everything = [], []
    for value in values:
        before = time.process_time()
        explorer.parts.numbers(**explorer.settings | {name: value})
        only.append(time.process_time() - before)
    for value in values:
        before = time.process_time()
        explorer.controls[name].value = value
        everything.append(time.process_time() - before)
    return 1e3 * median(only), 1e3 * median(everything)


def measure(page: Page, url: str, token: str, name: str) -> tuple[float, float, float, int]:
    """Return the median and the 90th percentile in ms, the lag, and the pictures of the drag."""
    open_notebook(page, url, token, name)
    page.evaluate(PROBE)
    taken = sorted(press_keys(page))
    lags, shown = zip(*(drag(page) for _ in range(DRAGS)), strict=True)
    if name in SHOWN:
        screenshot(page, name)
    return median(taken), taken[int(0.9 * len(taken))], median(lags), int(median(shown))


def main() -> int:
    """Measure, print the table, and return 1 if a target is missed."""
    names = sys.argv[1:] or list(EXPLORERS)
    console = Console(width=None if sys.stdout.isatty() else 110)
    unknown = set(names) - set(EXPLORERS)
    if unknown:
        sys.exit(f"no such explorer: {', '.join(unknown)}; allowed: {', '.join(EXPLORERS)}")
    table = Table(title="Milliseconds from key press to changed pixels (JupyterLab, Chromium)")
    for column in ("explorer", "median", "90 %", "lag after drag", "pictures in 2 s",
                   "CPU numbers", "CPU update", "targets"):  # fmt: skip
        table.add_column(column, justify="left" if column == "explorer" else "right")
    missed = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder)
        (root / "work").mkdir()
        for name in names:
            code = f"from bplib.explore import {name}\n{name}()"
            write_notebook(root / "work" / f"{name}.ipynb", code)
        with jupyterlab(root) as (url, token):
            browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
            for name in track(names, "measuring", console=console, transient=True):
                page = browser.new_page(viewport={"width": 1280, "height": 1000})
                middle, slow, lag, shown = measure(page, url, token, name)
                page.close()
                end_kernels(url, token)
                numbers, update = kernel_ms(EXPLORERS[name]())
                met = middle <= TARGET_MS and lag <= TARGET_LAG_MS
                missed += not met
                table.add_row(
                    name, f"{middle:.0f}", f"{slow:.0f}", f"{lag:.0f}", str(shown),
                    f"{numbers:.1f}", f"{update:.1f}", "met" if met else "MISSED",
                )  # fmt: skip
            browser.close()
    console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
