"""The playground shows every explorer."""

import sys

import nbformat
import pytest

from bplib.authoring.playground import play, playground
from bplib.explore import EXPLORERS


def test_every_explorer_has_a_cell_that_shows_it():
    notebook = playground()
    nbformat.validate(notebook)
    shown = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(shown) == len(EXPLORERS) == 8
    for name, source in zip(EXPLORERS, shown, strict=True):
        assert source.endswith(f"{name}()")
        compile(source, name, "exec")


def test_without_voila_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "voila", None)
    with pytest.raises(ValueError, match="dashboard"):
        play(tmp_path / "explore.ipynb", voila=True)
