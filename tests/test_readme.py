"""Every command in the README is run here, as it stands there."""

import importlib.metadata
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
]
OWN_TEST = {
    "make demo": "test_make_demo",
    "make test": "this very run",
    ".venv/bin/jupyter lab release/04-hidden-error/04-hidden-error.ipynb": "test_jupyter_lab",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a clone holds, and a .venv that leads to the packages of this run."""
    root = tmp_path_factory.mktemp("clone") / "course"
    ignored = shutil.ignore_patterns(".venv", ".git", "build", ".*_cache", "__pycache__")
    shutil.copytree(ROOT, root, ignore=ignored)
    (root / ".venv").symlink_to(sys.prefix)
    (root / ".venv" / ".installed").touch()
    return root


def run(command, folder):
    return subprocess.run(
        command, shell=True, cwd=folder, check=True, capture_output=True, text=True, timeout=900
    ).stdout


def test_every_command_has_a_test():
    assert set(OWN_TEST) <= set(COMMANDS)
    assert len(COMMANDS) >= 8


def test_what_is_pinned_runs_on_the_oldest_python_that_is_named():
    """pip says only that it found no solution, on a machine whose Python is a little older."""
    oldest = re.search(r"`python3` \((3\.\d+) or newer\)", README)[1]
    pins = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    here = {dist.name.lower(): dist for dist in importlib.metadata.distributions()}
    wanted = {pin: here[pin.lower()].metadata["Requires-Python"] for pin in pins if pin in here}
    assert len(wanted) > 80
    assert {
        pin: needs
        for pin, needs in wanted.items()
        if needs and not SpecifierSet(needs).contains(f"{oldest}.0")
    } == {}


def test_the_instructors_commands_in_order(clone):
    shown = "".join(run(command, clone) for command in COMMANDS if command not in OWN_TEST)
    assert "What the class misunderstands" in shown
    assert list((clone / "feedback").glob("*/*/*.html"))


def test_make_demo(clone):
    shown = run("make demo", clone)
    assert "Misconceptions: planted and found" in shown
    accuracy = re.search(r"has not seen: ([\d.]+)%", shown)
    assert float(accuracy[1]) >= 95
    for name in ("release", "solutions", "feedback"):
        assert f"{name}: build/demo/{name}/" in shown
        assert any((clone / "build" / "demo" / name).iterdir())


def test_make_test_is_what_runs_the_tests(clone):
    planned = run("make -n test", clone)
    assert "ruff check" in planned
    assert "mypy" in planned
    assert "pytest" in planned


def test_jupyter_lab(clone):
    """The student's command starts a server that offers the notebook."""
    lab = runpy.run_path(str(ROOT / "benchmarks" / "lab.py"))
    command = next(c for c in COMMANDS if "jupyter lab" in c)
    options = ["--no-browser", "--allow-root", "--IdentityProvider.token=t", "--port=0"]
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(clone / "runtime")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*command.split(), *options], cwd=clone, env=environment, **quiet)
    name = Path(command.split()[-1]).name  # the server's root is the notebook's folder
    try:
        file = f"{lab['address'](clone / 'runtime', server)}/api/contents/{name}?content=0&token=t"
        with urllib.request.urlopen(file, timeout=lab["PATIENCE"]) as answer:
            assert json.load(answer)["name"] == name
    finally:
        server.terminate()
        server.wait(timeout=lab["PATIENCE"])


def test_the_python_example_trains_as_it_says():
    example = re.search(r"```python\n(from bplib.*?)```", README, flags=re.DOTALL)[1]
    shown = subprocess.run(
        [sys.executable, "-c", example], check=True, capture_output=True, text=True
    ).stdout
    assert float(shown.split()[-1]) >= 0.95
    assert f"# {float(shown.split()[-1]):.3f}" in example


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
