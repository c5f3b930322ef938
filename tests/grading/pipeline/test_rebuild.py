"""Whatever was done to the notebook, it is run on the instructor's skeleton."""

import copy
import json

import pytest
from classroom import RIGHT, filled, released
from nbformat import from_dict
from nbgrader.utils import compute_checksum

from bplib.grading.notebooks import read
from bplib.grading.rebuild import FREE_CELLS, MISSING, checksum, empty, rebuild


def rebuilt(values, skeleton):
    return rebuild(read(json.dumps(values).encode())[0], skeleton)


def sources(notebook):
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
        for cell in notebook["cells"]
        if "nbgrader" in cell["metadata"]
    }


def cell_of(values, name):
    return next(
        cell for cell in values["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name
    )  # fmt: skip


@pytest.fixture
def honest(pristine):
    return filled(pristine)


@pytest.fixture
def expected(honest, skeleton):
    return rebuilt(honest, skeleton)[0]


def test_an_honest_notebook_keeps_its_answers_and_says_nothing(honest, skeleton):
    notebook, notes = rebuilt(honest, skeleton)
    assert notes == []
    found = sources(notebook)
    assert {name: found[name] for name in RIGHT} == RIGHT
    assert found["test_hidden_error"] == 'check("04.hidden_error", hidden_error)'
    assert "double(21)" in found["test_double"]
    assert [c["source"] for c in notebook["cells"]][1] == "## One: the hidden error"
    assert all(not c.get("outputs") for c in notebook["cells"])


def test_checksums_and_points_are_those_of_the_release(expected):
    for cell in expected["cells"]:
        meta = cell["metadata"].get("nbgrader")
        if meta:
            assert checksum(cell) == compute_checksum(from_dict(cell))
    assert cell_of(expected, "test_hidden_error")["metadata"]["nbgrader"]["points"] == 4


def delete_the_test(values):
    values["cells"].remove(cell_of(values, "test_hidden_error"))


def duplicate_the_test(values):
    values["cells"].append(copy.deepcopy(cell_of(values, "test_hidden_error")))


def edit_the_test(values):
    cell_of(values, "test_hidden_error")["source"] = "4.0"


def retype_the_test(values):
    cell = cell_of(values, "test_hidden_error")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def change_points_and_flags(values):
    cell_of(values, "test_hidden_error")["metadata"]["nbgrader"].update(points=1e9, grade="yes")
    cell_of(values, "hidden_error")["metadata"]["nbgrader"].update(locked=True, solution=False)
    cell_of(values, "test_double")["metadata"]["nbgrader"].update(solution=True, locked=False)


def edit_the_setup(values):
    cell_of(values, "setup")["source"] = "import os"


def strip_all_metadata(values):
    for cell in values["cells"]:
        cell["metadata"] = {}


def reorder(values):
    values["cells"] = [c for c in values["cells"] if c["metadata"].get("nbgrader")][::-1] + [
        c for c in values["cells"] if not c["metadata"].get("nbgrader")
    ]


def hostile_metadata(values):
    cell_of(values, "test_double")["metadata"]["nbgrader"] = ["not", "a", "dict"]
    cell_of(values, "setup")["metadata"] = 7
    values["metadata"] = "none"


@pytest.mark.parametrize(
    "spoil",
    [
        delete_the_test, duplicate_the_test, edit_the_test, retype_the_test, edit_the_setup,
        change_points_and_flags, strip_all_metadata, reorder, hostile_metadata,
    ],
)  # fmt: skip
def test_tampering_changes_nothing_that_is_graded(honest, expected, skeleton, spoil):
    spoil(honest)
    assert sources(rebuilt(honest, skeleton)[0]) == sources(expected)


def test_without_ids_and_metadata_answers_are_known_by_what_they_define(honest, skeleton):
    for cell in honest["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    found = sources(rebuilt(honest, skeleton)[0])
    assert found["double"] == RIGHT["double"]
    assert found["hidden_error"] == RIGHT["hidden_error"]


def test_a_missing_answer_is_a_comment_and_said(honest, skeleton):
    honest["cells"].remove(cell_of(honest, "double"))
    notebook, notes = rebuilt(honest, skeleton)
    assert sources(notebook)["double"] == f"# {MISSING}"
    assert notes == ["the answer cell `double` is missing"]


def test_an_answer_that_moved_to_a_cell_of_its_own_still_runs_before_its_test(honest, skeleton):
    old = cell_of(honest, "double")
    fresh = {**copy.deepcopy(old), "metadata": {}, "id": "mine"}
    honest["cells"][honest["cells"].index(old)] = fresh
    notebook, _ = rebuilt(honest, skeleton)
    order = [cell["source"] for cell in notebook["cells"]]
    assert order.index(RIGHT["double"]) < order.index(sources(notebook)["test_double"])


def test_of_two_answers_the_last_counts_and_the_first_is_only_run(honest, skeleton):
    second = copy.deepcopy(cell_of(honest, "double"))
    second["source"] = "def double(x):\n    return x + x"
    honest["cells"].append(second)
    notebook, notes = rebuilt(honest, skeleton)
    assert sources(notebook)["double"] == second["source"]
    assert RIGHT["double"] in [c["source"] for c in notebook["cells"] if not c["metadata"]]
    assert "more than once" in notes[0]


def test_an_earlier_answer_does_not_take_the_place_of_the_last_one(honest, skeleton):
    """As after splitting or copying a cell: all of it still runs in the order it was written in."""
    place = honest["cells"].index(cell_of(honest, "double"))
    parts = [copy.deepcopy(honest["cells"][place]) for _ in range(3)]
    for part, source in zip(parts, ("two = 0", "two = 2", RIGHT["double"]), strict=True):
        part["source"] = source
    parts[1].update(metadata={}, id="free")
    honest["cells"][place : place + 1] = parts
    order = [cell["source"] for cell in rebuilt(honest, skeleton)[0]["cells"]]
    assert order[place : place + 3] == ["two = 0", "two = 2", RIGHT["double"]]


def test_edited_tests_are_named(honest, skeleton):
    edit_the_test(honest)
    assert rebuilt(honest, skeleton)[1] == [
        "your changes of the cell `test_hidden_error` were not kept"
    ]


def test_free_cells_stay_where_they_were_and_are_limited(honest, skeleton):
    extra = {"cell_type": "code", "metadata": {}, "source": "helper = 1", "id": "h", "outputs": []}
    honest["cells"].insert(1, {**extra, "execution_count": None})
    notebook, _ = rebuilt(honest, skeleton)
    assert [c["source"] for c in notebook["cells"]].index("helper = 1") == 1
    honest["cells"] += [{**extra, "execution_count": None} for _ in range(FREE_CELLS + 50)]
    notebook, notes = rebuilt(honest, skeleton)
    assert len(notebook["cells"]) == FREE_CELLS + len(skeleton.parts)
    assert any(f"only {FREE_CELLS} of" in note for note in notes)


def test_ids_are_unique_and_valid(honest, skeleton):
    honest["cells"] *= 3
    ids = [cell["id"] for cell in rebuilt(honest, skeleton)[0]["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(name.replace("-", "").replace("_", "").isalnum() for name in ids)


def test_pasted_pictures_of_a_written_answer_are_kept_and_nothing_else(honest, skeleton):
    good, bad = {"image/png": "aGk="}, {"text/html": "<script>", "image/png": "not base64!"}
    cell_of(honest, "why")["attachments"] = {"p.png": good, "q.png": bad, "../e": good, "r": 3}
    notebook, _ = rebuilt(honest, skeleton)
    assert cell_of(notebook, "why")["attachments"] == {"p.png": good}


def test_nothing_of_the_students_is_left_in_an_empty_one(skeleton, pristine):
    notebook = empty(skeleton)
    assert sources(notebook).keys() == {p.name for p in skeleton.parts}
    assert [p.name for p in skeleton.parts] == [
        c["metadata"]["nbgrader"]["grade_id"]
        for c in released(pristine)["cells"]
        if "nbgrader" in c["metadata"]
    ]


def test_a_very_long_cell_is_cut(honest, skeleton):
    cell_of(honest, "double")["source"] = "x = 1\n" * 100_000
    assert len(sources(rebuilt(honest, skeleton)[0])["double"]) < 210_000
