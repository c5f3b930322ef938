"""What is generated and committed equals what the masters and the bank say, and leaks nothing."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from bplib.authoring.build import (
    build,
    executed,
    same,
    texts,
    units,
    write_keys,
    write_solution,
)

ROOT = Path(__file__).parents[2]
UNITS = units(ROOT)


def notebook(folder, unit, root=ROOT):
    return nbformat.read(root / folder / unit / f"{unit}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course folder with nothing but configuration and masters, built from scratch."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for unit in UNITS:
        (root / "source" / unit).mkdir(parents=True)
        shutil.copy(ROOT / "source" / unit / f"{unit}.py", root / "source" / unit)
    build(root, keys=root / "keys", solve=False)
    return root


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("folder", ["source", "release"])
def test_notebooks_are_what_the_masters_say(built, folder, unit):
    name = f"{folder}/{unit}/{unit}.ipynb"
    assert (ROOT / name).read_bytes() == (built / name).read_bytes(), (
        f"run `bplib build` for {name}"
    )


def test_keys_are_what_the_bank_says(built):
    committed = {p.name: p for p in (ROOT / "bplib" / "tutor" / "keys").glob("*.json")}
    fresh = {p.name: p for p in (built / "keys").glob("*.json")}
    assert committed.keys() == fresh.keys()
    for name, path in fresh.items():
        old, new = (json.loads(p.read_text()) for p in (committed[name], path))
        assert same(old, new), f"run `bplib build`: {name} is out of date"


@pytest.mark.parametrize("unit", UNITS)
def test_solutions_run_and_earn_full_marks(unit):
    committed, source = notebook("solutions", unit), notebook("source", unit)
    assert [cell.source for cell in committed.cells] == [cell.source for cell in source.cells]
    fresh = executed(source)
    for cell, old in zip(fresh.cells, committed.cells, strict=True):
        if cell.cell_type != "code" or "varies" in cell.metadata.get("tags", []):
            continue
        assert texts(cell) == texts(old), f"run `bplib build`: {cell.id} prints something else"
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert float(texts(cell)[-1]) == cell.metadata.nbgrader.points


@pytest.mark.parametrize("unit", UNITS)
def test_no_solution_and_no_hidden_test_is_released(unit):
    assert leaks(notebook("source", unit), notebook("release", unit)) == []
    assert sorted(p.name for p in (ROOT / "release" / unit).iterdir()) == [f"{unit}.ipynb"]


def test_the_leak_detector_sees_leaks():
    source = notebook("source", "04-hidden-error")
    assert len(leaks(source, source)) > 10
    one_line = notebook("release", "04-hidden-error")
    one_line.cells[1].source += "\n# return (delta_next @ W_next) * dphi_z"
    assert leaks(source, one_line) == ["return (delta_next @ W_next) * dphi_z"]


def leaks(source, release):
    """Lines of solutions and hidden tests of the source that stand in the release."""
    released = "\n".join(cell.source for cell in release.cells)
    secrets = []
    for cell in source.cells:
        inside = False
        for line in cell.source.splitlines():
            if "### BEGIN" in line or "### END" in line:
                inside = "### BEGIN" in line
                secrets.append(line.strip())
            elif inside and len(line.strip()) > 8:
                secrets.append(line.strip())
    return [line for line in dict.fromkeys(secrets) if line in released]


@pytest.mark.parametrize("unit", UNITS)
def test_released_notebooks_are_clean(unit):
    for cell in notebook("release", unit).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        assert cell.id == cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
        assert len(cell.source.splitlines()) <= 80


def test_same_compares_numbers_and_nothing_else_loosely():
    assert same({"a": [1.0, 2.0]}, {"a": [1.0 + 1e-12, 2.0]})
    assert not same({"a": [1.0, 2.0]}, {"a": [1.0 + 1e-6, 2.0]})
    assert not same({"a": [1.0]}, {"a": [1.0, 2.0]})
    assert not same({"a": 1.0}, {"b": 1.0})
    assert not same({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0})
    assert not same("x", "y")


def test_a_key_of_an_exercise_that_is_gone_is_removed(tmp_path):
    stale = tmp_path / "00.gone.json"
    stale.write_text("{}")
    write_keys(tmp_path)
    assert not stale.exists()


def test_an_up_to_date_key_is_not_written_again(tmp_path):
    write_keys(tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    write_keys(tmp_path)
    assert before == {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}


def test_building_again_leaves_an_up_to_date_solution_as_it_is(built):
    """Nothing changes although the committed timings are other ones."""
    unit = "06-gradient-checking"
    path = built / "solutions" / unit / f"{unit}.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / unit / f"{unit}.ipynb", path)
    before = path.read_bytes()
    write_solution(built, unit)
    assert path.read_bytes() == before
