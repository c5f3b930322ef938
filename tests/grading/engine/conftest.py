"""An engine per backend, and the check that nothing is left behind, after every single test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bplib.grading.engine import Engine
from bplib.grading.jail import BACKENDS, problem


def descendants(pid: int) -> set[int]:
    """Return the processes below `pid`."""
    found: set[int] = set()
    for task in os.listdir(f"/proc/{pid}/task"):
        for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
            found |= {int(child)} | descendants(int(child))
    return found


def _folders() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"bplib-engine-{os.getpid()}-*")}


@pytest.fixture(scope="module", params=BACKENDS, ids=lambda backend: backend.name)
def shared(request: pytest.FixtureRequest) -> Iterator[Engine]:
    why = problem(request.param)
    if why and os.environ.get("CI"):
        pytest.fail(f"CI must check every jail: {why}")
    if why:
        pytest.skip(f"NOT CHECKED: {why}")
    with Engine(request.param) as engine:
        yield engine


@pytest.fixture
def engine(shared: Engine) -> Iterator[Engine]:
    """An engine, whose processes and folders are afterwards what they were before."""
    assert shared._zygote is not None
    assert shared._root is not None
    processes, folders = descendants(shared._zygote.pid), _folders()
    inside = set(os.listdir(shared._root))
    yield shared
    assert shared._zygote.poll() is None, "the zygote has ended"
    assert descendants(shared._zygote.pid) == processes
    assert set(os.listdir(shared._root)) == inside
    assert _folders() == folders
