import importlib.util
import shutil
import sys
from pathlib import Path

import pytest


def _load(name):
    """A helper module beside this file (pytest's importlib mode has no package here)."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


classroom = _load("classroom")
_load("corpus")
_load("cpu_time")
_load("styles_backprop")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """A course that is released and in which nobody has handed in; copied, never changed."""
    return classroom.make(tmp_path_factory.mktemp("pristine") / "course")


@pytest.fixture
def small(pristine, tmp_path):
    """A course of its own for one test."""
    return Path(shutil.copytree(pristine, tmp_path / "course"))


@pytest.fixture(scope="session")
def skeleton(pristine):
    from bplib.grading.course import course
    from bplib.grading.gradebook import GradebookWriter

    with GradebookWriter(course(pristine)) as gradebook:
        (only,) = gradebook.skeletons(classroom.ASSIGNMENT)
    return only
