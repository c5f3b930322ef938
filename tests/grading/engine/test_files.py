"""The engine's folder, before anything runs in it."""

import os
import tempfile
from pathlib import Path

import pytest

from bplib.grading.engine import Engine, files
from bplib.grading.engine.files import copy_font_list
from bplib.grading.jail import choose, environment, remove_scratch


def test_the_list_of_fonts_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, root = tmp_path / "cache", tmp_path / "root"
    (cache / "matplotlib").mkdir(parents=True)
    (cache / "matplotlib" / "fontlist-v1.json").write_text("{}")
    (cache / "matplotlib" / "tex.cache").write_text("not this")
    root.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    copy_font_list(root)
    found = Path(environment(root)["MPLCONFIGDIR"])
    assert [path.name for path in found.iterdir()] == ["fontlist-v1.json"]


def test_without_a_list_of_fonts_matplotlib_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "nothing"))
    copy_font_list(tmp_path)
    assert not list(Path(environment(tmp_path)["MPLCONFIGDIR"]).iterdir())
    with Engine(choose()) as engine, engine.session() as session:
        run = session.run_cell("import matplotlib.pyplot as plt; plt.plot([1, 2]);")
    assert [output["output_type"] for output in run.outputs] == ["display_data"]


@pytest.mark.parametrize("ready", [False, True], ids=["begins", "is ready"])
def test_the_folder_of_a_killed_engine_is_found_by_two_that_start_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ready: bool
) -> None:
    """This one removes it when the other one looks for such folders, or has removed it."""
    left = tmp_path / "bplib-engine-1-x"
    left.mkdir()
    (left / ".lock").touch()
    os.utime(left, (0, 0))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    started = []

    def remove(folder: Path) -> None:
        monkeypatch.setattr(files, "remove_scratch", remove_scratch)
        if ready:
            remove_scratch(folder)
        else:
            started.append(files.make_root())
        remove_scratch(folder)

    monkeypatch.setattr(files, "remove_scratch", remove)
    started.append(files.make_root())
    assert sorted(tmp_path.iterdir()) == sorted(root for root, _ in started)
    for root, lock in started:
        files.remove_root(root, lock)
