"""A submission is published in one step, and done when its record says so."""

import pytest

from bplib.grading import publish as module
from bplib.grading.publish import Records, fingerprint, publish, stage
from bplib.grading.quarantine import Handed


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


@pytest.mark.parametrize("swap", [True, False])
def test_the_new_folder_takes_the_place_of_the_old_one(tmp_path, monkeypatch, swap):
    if not swap:
        monkeypatch.setattr(module, "_swap", lambda one, other: False)
    place, staged = tmp_path / "ada" / "week", tmp_path / "ada" / ".week.new"
    for text in ("one", "two"):
        stage(staged, {"a.txt": text.encode(), "data/b.txt": b"x"})
        publish(staged, place)
        assert contents(place) == {"a.txt": text, "data/b.txt": "x"}
        assert [path.name for path in place.parent.iterdir()] == ["week"]


def test_what_a_killed_run_left_is_replaced(tmp_path):
    staged = tmp_path / ".week.new"
    stage(staged, {"old.txt": b"old"})
    stage(staged, {"new.txt": b"new"})
    assert contents(staged) == {"new.txt": "new"}


def test_a_link_in_the_place_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "keep.txt").write_text("keep")
    (tmp_path / "week").symlink_to(tmp_path / "other")
    stage(tmp_path / ".week.new", {"a.txt": b"a"})
    publish(tmp_path / ".week.new", tmp_path / "week")
    assert contents(tmp_path / "other") == {"keep.txt": "keep"}
    assert contents(tmp_path / "week") == {"a.txt": "a"}


def test_a_record_counts_only_for_what_it_was_made_of(tmp_path):
    records, published = Records(tmp_path, "week"), tmp_path / "autograded"
    published.mkdir()
    assert records.done("ada", "print", published) is None
    records.add("ada", {"fingerprint": "print", "score": 3})
    assert records.done("ada", "print", published)["score"] == 3
    assert records.done("ada", "other", published) is None
    assert records.done("ada", "print", tmp_path / "gone") is None
    (tmp_path / ".bplib" / "graded" / "week" / "ada.json").write_text("{half")
    assert records.done("ada", "print", published) is None
    records.remove("ada")
    records.remove("ada")


def test_everything_that_decides_is_in_the_fingerprint(skeleton):
    def of(handed, shared=None, key=b"k", skeletons=(skeleton,)):
        return fingerprint(handed, skeletons, shared or {}, key)

    base = Handed({"week": b"1"}, {"a": b"2"}, "2026", {})
    others = [
        of(Handed({"week": b"x"}, {"a": b"2"}, "2026", {})),
        of(Handed({"week": b"1"}, {"a": b"x"}, "2026", {})),
        of(Handed({"week": b"1"}, {"a": b"2"}, "2027", {})),
        of(Handed({"week": b"1"}, {"a": b"2"}, "2026", {"l": "link"})),
        of(base, {"b": b""}),
        of(base, key=b"other"),
        of(base, skeletons=()),
    ]
    assert len({of(base), *others}) == len(others) + 1
    assert of(base) == of(Handed({"week": b"1"}, {"a": b"2"}, "2026", {}))
