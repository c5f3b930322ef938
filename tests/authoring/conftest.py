"""A small course folder, built from the masters, for tests that grade."""

import shutil
from pathlib import Path

import pytest

from bplib.authoring.build import build

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "05-backpropagation"


@pytest.fixture(scope="session")
def course_folder(tmp_path_factory):
    """The released assignment 05 in a folder of its own, with its gradebook."""
    root = tmp_path_factory.mktemp("class")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    shutil.copy(ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.py", root / "source" / ASSIGNMENT)
    build(root, keys=root / "keys", solve=False)
    return root
