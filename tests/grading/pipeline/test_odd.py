"""Oddly handed in: each among honest neighbors, through both doors; a score and a cause for all."""

import json
import os
import shutil
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, CONFIG, filled, hand_in
from nbgrader.api import Gradebook

from bplib.grading.course import course
from bplib.grading.grade import grade
from bplib.grading.preprocessors import SubmissionExporter

PROJECT = Path(__file__).parents[3]
BOOK = f"{ASSIGNMENT}.ipynb"


def cell(values, name):
    return next(
        c for c in values["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def stamped(text):
    return lambda folder, values: (folder / "timestamp.txt").write_text(text)


def folder_for(name):
    """A folder where a file should be, with something in it."""

    def spoil(folder, values):
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()
        (folder / name / "x").write_text("1")

    return spoil


def file_for_a_folder(folder, values):
    (folder / "data").write_text("1")


def linked_folder(folder, values):
    shutil.rmtree(folder)
    folder.symlink_to(folder.parents[1] / "ada" / ASSIGNMENT)


def linked_student(folder, values):
    shutil.rmtree(folder.parent)
    folder.parent.symlink_to(folder.parents[1] / "ada")


def very_many_files(folder, values):
    for number in range(6000):
        (folder / f"a{number}").touch()


def sparse_files(folder, values):
    for name in ("big.bin", "again.ipynb"):
        with (folder / name).open("wb") as file:
            file.truncate(10 << 30)


def a_hundred_notebooks(folder, values):
    for number in range(100):
        with (folder / f"x{number}.ipynb").open("wb") as file:
            file.truncate(20 << 20)


def a_name_that_acts_on_terminals(folder, values):
    (folder / "a\n\x1b[31mred\u202e.txt").symlink_to("/etc/passwd")


def written(change):
    """The notebook written by `change`, which gets its values and returns bytes."""

    def spoil(folder, values):
        (folder / BOOK).write_bytes(change(values))

    return spoil


def nested(place, depth=900):
    """Deeper than nbformat bears, and not too deep for JSON."""

    def change(values):
        place(values)
        deep = '{"a":' * depth + "1" + "}" * depth
        return json.dumps(values).replace('"@"', deep).encode()

    return written(change)


def odd_types(values):
    odd = [None, 7, [], "x", True, {"nbgrader": 7}, {"nbgrader": {"grade_id": ["x"]}}]
    for number, entry in enumerate(odd):
        values["cells"].append({"cell_type": "code", "metadata": entry, "source": f"{number}"})
    values["cells"] += [None, 7, [], {}, {"cell_type": ["code"]}, {"cell_type": "heading"}]
    values["cells"].append({"cell_type": "code", "source": [1, None, "x"], "id": 7})
    values["cells"].append({"cell_type": "raw", "attachments": 7, "source": {"a": 1}})
    return json.dumps(values).encode()


def all_raw(values):
    for entry in values["cells"]:
        entry["cell_type"] = "raw"
    return json.dumps(values).encode()


def many_outputs(values):
    cell(values, "double")["outputs"] = [{"output_type": "stream", "text": "x"}] * 100_000
    return json.dumps(values).encode()


def large_picture(values):
    cell(values, "why")["attachments"] = {"x.png": {"image/png": "A" * (50 << 20)}}
    return json.dumps(values).encode()


def renamed(name):
    return lambda folder, values: (folder / BOOK).rename(folder / name)


def two_notebooks(folder, values):
    (folder / "week-Copy1.ipynb").write_text(json.dumps({"cells": []}))


def shadowing_files(folder, values):
    for name in ("numpy", "sitecustomize", "usercustomize", "IPython", "json", "random", "bplib"):
        (folder / f"{name}.py").write_text("raise SystemExit\n")
    for name in ("x.pth", "ipython_config.py", "matplotlibrc"):
        (folder / name).write_text("import os; os._exit(1)\n")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "numpy.cpython-311.pyc").write_bytes(b"x")


def lines_of_no_hidden_test(values):
    """Once each of these lines was looked for in each text of the page."""
    for number in range(60):
        lines = "\n".join(f"{number:x}-{line:07}" for line in range(15_000))
        source = f"'''### BEGIN HIDDEN TESTS\n{lines}'''"
        values["cells"].append({"cell_type": "code", "metadata": {}, "source": source})
    return json.dumps(values).encode()


def identified(*ids):
    """The cells with these ids in turn, or without any; and a free cell among them."""

    def change(values):
        values["cells"].insert(2, {"cell_type": "code", "metadata": {}, "source": "1"})
        for number, entry in enumerate(values["cells"]):
            entry.pop("id", None)
            if ids:
                entry["id"] = ids[number % len(ids)]
        return json.dumps(values).encode()

    return written(change)


def titles_without_end(values):
    """Once each beginning of a terminal's title was read to the end of the cell."""
    source = "#" + "\x1b]" * 90_000
    for _ in range(10):
        values["cells"].append({"cell_type": "code", "metadata": {}, "source": source})
    return json.dumps(values).encode()


def older(values):
    kinds = {"code": "input", "markdown": "source"}
    cells = [
        {
            "cell_type": c["cell_type"],
            kinds[c["cell_type"]]: c["source"],
            "language": "python",
            "outputs": [],
        }
        for c in values["cells"]
    ]
    old = {"nbformat": 2, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    return json.dumps(old).encode()  # fmt: skip


def old_format(version, **cells):
    """A notebook of a format that nobody writes any more, with these worksheets."""
    return written(lambda _: json.dumps({"nbformat": version, "worksheets": [cells]}).encode())


# How it is spoiled, the points that remain (of 8 for code), and what the cause says.
ODD = {
    "February 31": (stamped("2026-02-31 12:00:00 UTC\n"), 8, "holds no date"),
    "a zone beyond a day": (stamped("2026-02-01T12:00:00+99:99\n"), 8, "holds no date"),
    "a zone that there is not": (stamped("2026-02-01 12:00:00 Foo/Bar\n"), 8, ""),
    "a folder for the time stamp": (folder_for("timestamp.txt"), 8, "no plain file"),
    "a folder for the notebook": (folder_for(BOOK), 0, "a folder instead of a file"),
    "a folder for a file of the course": (folder_for("data.csv"), 8, "has its place"),
    "a file for a folder of the course": (file_for_a_folder, 8, "has its place"),
    "a link to a classmate's folder": (linked_folder, 0, "is a link"),
    "a link to a classmate": (linked_student, 0, "is a link"),
    "very many files": (very_many_files, 8, "more than 200 files"),
    "sparse files of 10 GB": (sparse_files, 8, "larger than"),
    "a hundred notebooks of 20 MB": (a_hundred_notebooks, 8, "larger than"),
    "a name that acts on terminals": (a_name_that_acts_on_terminals, 8, "[31mred"),
    "a nested metadata": (
        nested(lambda v: cell(v, "double")["metadata"].update(x="@")), 8, "",
    ),
    "a nested attachment": (nested(lambda v: cell(v, "why").update(attachments={"x": "@"})), 8, ""),
    "nested too deeply": (nested(lambda v: v["metadata"].update(x="@"), 100_000), 0, "too deeply"),
    "UTF-16": (written(lambda values: json.dumps(values).encode("utf-16")), 8, ""),
    "a byte order mark": (written(lambda v: b"\xef\xbb\xbf" + json.dumps(v).encode()), 8, ""),
    "NaN": (written(lambda v: json.dumps({**v, "x": float("nan")}).encode()), 8, ""),
    "keys twice": (written(lambda v: b'{"cells": [],' + json.dumps(v).encode()[1:]), 8, ""),
    "keys twice, the wrong one last": (
        written(lambda v: json.dumps(v).encode()[:-1] + b', "cells": 7}'), 0, "no list of cells",
    ),
    "format 2": (written(older), 8, "`why` is missing"),
    "format 5": (written(lambda v: json.dumps({**v, "nbformat": 5}).encode()), 8, ""),
    "format 1e300": (
        written(lambda v: json.dumps({"nbformat": 1e300, "worksheets": v["cells"]}).encode()),
        0, "cannot be converted",
    ),
    "a format that acts on terminals": (old_format("\x1b[31m\n"), 0, "cannot be converted"),
    "a format that is no text": (old_format("\ud800"), 0, "cannot be converted"),
    "format 3 with very many cells": (
        old_format(3, cells=[{"cell_type": "markdown", "source": "", "metadata": {}}] * 250_000),
        0, "cannot be converted",
    ),
    "a kernel that there is not": (
        written(lambda v: json.dumps({**v, "metadata": {"kernelspec": {"name": "x"}}}).encode()),
        8, "",
    ),
    "odd types": (written(odd_types), 8, "are no cells"),
    "raw cells": (written(all_raw), 8, ""),
    "100,000 outputs": (written(many_outputs), 8, ""),
    "a picture of 50 MB": (written(large_picture), 0, "larger than"),
    "another case": (renamed("WEEK.ipynb"), 8, ""),
    "another name": (renamed("wéek 週 (1).ipynb"), 8, ""),
    "a name that is no text": (renamed(os.fsdecode(b"\xff.ipynb")), 0, "was not handed in"),
    "two notebooks": (two_notebooks, 8, ""),
    "files that shadow modules": (shadowing_files, 8, ""),
    "cells without ids": (identified(), 8, ""),
    "one id for all cells": (identified("x"), 8, ""),
    "the id of another cell": (identified("double", "why", "setup"), 8, ""),
    "ids that are none": (identified("", 7, None, "a b", "x" * 100, "é"), 8, ""),
    "lines of no hidden test": (written(lines_of_no_hidden_test), 8, ""),
    "titles without end": (written(titles_without_end), 8, ""),
}  # fmt: skip
NAMES = {name: f"odd-{number:02}" for number, name in enumerate(ODD)}


def handed_in(root):
    """The course with all of them, and an honest neighbor; not copied: sparse files fill disks."""
    (root / "source" / ASSIGNMENT / "data").mkdir()
    (root / "source" / ASSIGNMENT / "data" / "numbers.csv").write_text("1,2\n")
    (root / "source" / ASSIGNMENT / "data.csv").write_text("1,2\n")
    hand_in(root, "ada", filled(root))
    for name, (spoil, _, _) in ODD.items():
        spoil(hand_in(root, NAMES[name], filled(root)), filled(root))
    hand_in(root, os.fsdecode(b"\xff"), filled(root))
    return root


@pytest.fixture(scope="module")
def graded(pristine, tmp_path_factory):
    root = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("odd") / "course"))
    handed_in(root)
    return root, grade(root, ASSIGNMENT, jobs=2)


@pytest.fixture(scope="module")
def other_door(pristine, tmp_path_factory):
    """Plain nbgrader with the project's configuration."""
    root = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("door") / "course"))
    config = (PROJECT / "nbgrader_config.py").read_text() + CONFIG.replace("c = get_config()\n", "")
    (root / "nbgrader_config.py").write_text(config)
    return handed_in(root)


def points(root, student):
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as book:
        rows = book.find_submission(ASSIGNMENT, student).notebooks[0].grades
        return sum(row.auto_score for row in rows if row.auto_score is not None)


def page(root, student):
    return (root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()


@pytest.mark.parametrize("name", ODD)
def test_it_has_its_points_and_a_cause(graded, name):
    root, summary = graded
    _, most, cause = ODD[name]
    (done,) = [done for done in summary.finished if done.student == NAMES[name]]
    assert (done.score, points(root, NAMES[name])) == (most, most)
    assert cause in done.cause
    assert done.cause.isprintable()
    assert len(page(root, NAMES[name]).encode()) <= 1_000_000


@pytest.mark.parametrize("name", ODD)
def test_plain_nbgrader_gives_the_same(other_door, name):
    most = ODD[name][1]
    course(other_door).autograde(ASSIGNMENT, NAMES[name])
    course(other_door).feedback(ASSIGNMENT, NAMES[name])
    assert points(other_door, NAMES[name]) == most
    assert most or "0 of 11 points" in page(other_door, NAMES[name])
    assert (other_door / "submitted" / "ada" / ASSIGNMENT / BOOK).is_file()


@pytest.mark.parametrize(("ids", "first"), [((), "without-id-0"), (("x",), "x")])
def test_other_door_gives_each_cell_an_id_of_its_own(small, ids, first):
    folder = hand_in(small, "ada", b"")
    identified(*ids)(folder, filled(small))
    text, _ = SubmissionExporter().from_filename(str(folder / BOOK))
    found = [entry["id"] for entry in json.loads(text)["cells"]]
    assert found == [first] + [f"without-id-{number}" for number in range(1, len(found))]


def test_nobody_else_is_harmed(graded):
    _, summary = graded
    (ada,) = [done for done in summary.finished if done.student == "ada"]
    assert (ada.score, ada.cause) == (8, "")
    assert len(summary.finished) == 1 + len(ODD)


def test_a_folder_whose_name_is_no_text_is_named_and_stops_nobody(graded):
    (failure,) = graded[1].failed
    assert failure.student.isprintable() or "\ufffd" in failure.student
    failure.student.encode()
    assert "not valid text" in failure.cause


def test_a_folder_whose_name_is_too_long_is_named_and_stops_nobody(small):
    for student in ("ada", "b" * 255, "cleo"):
        hand_in(small, student, filled(small))
    for _ in range(2):  # without any record, and with some
        summary = grade(small, ASSIGNMENT, jobs=1, force=True)
        assert [done.student for done in summary.finished] == ["ada", "cleo"]
        (failure,) = summary.failed
        assert "too long" in failure.cause


def test_marks_that_cannot_be_written_stop_nobody(small, monkeypatch):
    from bplib.grading import grade as module

    for student in ("ada", "ben"):
        hand_in(small, student, filled(small))
    publish = module.publish

    def full(staged, place):
        if "ada" in place.parts:
            raise OSError(28, "No space left on device")
        publish(staged, place)

    monkeypatch.setattr(module, "publish", full)
    summary = grade(small, ASSIGNMENT, jobs=1)
    assert [done.student for done in summary.finished] == ["ben"]
    assert [failure.student for failure in summary.failed] == ["ada"]
    assert "No space left" in summary.failed[0].cause
    monkeypatch.undo()
    assert [done.student for done in grade(small, ASSIGNMENT, jobs=1).finished] == ["ada"]


def test_an_older_result_does_not_hide_that_the_new_one_was_not_published(small, monkeypatch):
    folder = hand_in(small, "ada", filled(small))
    grade(small, ASSIGNMENT, jobs=1)
    (folder / BOOK).write_text(json.dumps(filled(small, double="def double(x):\n    return 3")))
    monkeypatch.setattr("bplib.grading.grade.publish", lambda staged, place: 1 / 0)
    assert len(grade(small, ASSIGNMENT, jobs=1).failed) == 1
    monkeypatch.undo()
    (done,) = grade(small, ASSIGNMENT, jobs=1).finished
    assert done.score == points(small, "ada") == 4
