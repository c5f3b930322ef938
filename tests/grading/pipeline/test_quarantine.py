"""Links, devices, and too much of anything stay outside; the rest is still read."""

import os
import socket
import stat

import pytest

from bplib.grading.quarantine import Limits, examine, set_aside


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "submitted" / "ada" / "week"
    made.mkdir(parents=True)
    (made / "week.ipynb").write_bytes(b"{}")
    (made / "data").mkdir()
    (made / "data" / "numbers.csv").write_bytes(b"1,2\n")
    (made / "timestamp.txt").write_text("2026-03-02 12:00:00 UTC\n")
    return made


def test_plain_files_are_read(folder):
    found = examine(folder)
    assert found.notebooks == {"week": b"{}"}
    assert found.files == {"data/numbers.csv": b"1,2\n"}
    assert found.timestamp == "2026-03-02 12:00:00 UTC"
    assert found.refused == {}
    assert found.notes == []


def _secret(folder):
    secret = folder.parents[2] / "gradebook.db"
    secret.write_text("SECRET")
    return secret


def link(folder):
    (folder / "x").symlink_to(_secret(folder))


def link_to_a_folder(folder):
    _secret(folder)
    (folder / "x").symlink_to(folder.parents[2])


def dangling_link(folder):
    (folder / "x").symlink_to("/nowhere/at/all")


def hard_link(folder):
    os.link(_secret(folder), folder / "x")


def fifo(folder):
    os.mkfifo(folder / "x")


def device(folder):
    try:
        os.mknod(folder / "x", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # zeros without end
    except PermissionError:
        pytest.skip("NOT CHECKED: only root makes devices")


def unix_socket(folder):
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("x")
    finally:
        os.chdir(here)


def notebook_link(folder):
    (folder / "week.ipynb").unlink()
    (folder / "week.ipynb").symlink_to(_secret(folder))


def strange_name(folder):
    with open(os.fsencode(folder) + b"/\xff\xfe", "wb"):
        pass


def too_large(folder):
    with open(folder / "x", "wb") as file:
        file.truncate(21 << 20)


def too_deep(folder):
    (folder / "/".join("x" * 12)).mkdir(parents=True)
    (folder / "/".join("x" * 12) / "f").write_text("")


BAD = [
    link, link_to_a_folder, dangling_link, hard_link, fifo, device, unix_socket, notebook_link,
    strange_name, too_large, too_deep,
]  # fmt: skip


@pytest.mark.parametrize("spoil", BAD)
def test_what_is_no_plain_file_is_refused_and_the_rest_is_read(folder, spoil):
    spoil(folder)
    found = examine(folder)
    assert len(found.refused) == 1
    assert found.files == {"data/numbers.csv": b"1,2\n"}
    assert ("week" in found.notebooks) == (spoil is not notebook_link)
    assert not any(b"SECRET" in content for content in found.files.values())
    assert len(found.notes) == 1
    found.notes[0].encode()


@pytest.mark.parametrize("spoil", BAD)
def test_set_aside_moves_what_is_refused_and_follows_nothing(folder, spoil, tmp_path):
    spoil(folder)
    keep = tmp_path / "quarantine"
    refused = set_aside(folder, keep)
    assert len(refused) == 1
    assert examine(folder).refused == {}
    assert (folder / "data" / "numbers.csv").exists()
    assert len(list(keep.iterdir())) == 1
    if spoil in (link, hard_link, notebook_link):
        assert _secret(folder).read_text() == "SECRET"


def test_a_submission_that_is_itself_a_link_is_refused(folder, tmp_path):
    other = folder.with_name("other")
    other.symlink_to(folder)
    assert list(examine(other).refused) == ["."]
    set_aside(other, tmp_path / "keep")
    assert not os.path.lexists(other)
    assert (folder / "week.ipynb").exists()


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-02 12:00:00 UTC", "9" * 5000, "\x00"])
def test_a_forged_timestamp_counts_as_none(folder, text):
    (folder / "timestamp.txt").write_text(text)
    found = examine(folder)
    assert found.timestamp == ""
    assert list(found.refused) == ["timestamp.txt"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("other.txt")])
def test_a_timestamp_that_is_no_plain_file_is_neither_waited_for_nor_followed(folder, make):
    (folder / "timestamp.txt").rename(folder / "other.txt")
    make(folder / "timestamp.txt")
    found = examine(folder)
    assert found.timestamp == ""
    assert list(found.refused) == ["timestamp.txt"]


@pytest.mark.parametrize(
    "text", ["2026-03-02 12:00:00.123456 UTC", "2026-03-02 12:00:00 +0100", "2026-03-02 12:00"]
)
def test_nbgraders_timestamps_are_kept(folder, text):
    (folder / "timestamp.txt").write_text(text + "\n")
    assert examine(folder).timestamp == text


def test_the_sizes_add_up(folder):
    for number in range(5):
        (folder / f"{number}.bin").write_bytes(bytes(30))
    limits = Limits(file_bytes=100, files=3, notebook_bytes=1)
    found = examine(folder, limits)
    assert set(found.refused) == {"week.ipynb", "3.bin", "4.bin", "data/numbers.csv"}
    assert sum(map(len, found.files.values())) <= 100


def test_a_folder_of_very_many_files_ends(folder, tmp_path):
    for number in range(60):
        (folder / f"z{number:03d}").write_bytes(b"")
    found = examine(folder, Limits(entries=20))
    assert any("more than 20" in why for why in found.refused.values())
    set_aside(folder, tmp_path / "keep", Limits(entries=20))
    assert len(list(folder.iterdir())) <= 21  # and the time stamp
