"""Publishes a graded submission in one step, and remembers that it is done.

A submission is done when its record is there. The record is written last, so after a kill at any
moment a rerun grades exactly those again whose record is missing, and gets the same result.
"""

import ctypes
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from bplib.grading.quarantine import Handed
from bplib.grading.secret import STATE
from bplib.grading.skeleton import Skeleton

__all__ = ["Records", "fingerprint", "publish", "stage"]

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2): the two folders swap places in one step
_AT_FDCWD = -100
# A change here grades everything again: it is part of the fingerprint.
GENERATION = 2


def fingerprint(
    handed: Handed, skeletons: tuple[Skeleton, ...], shared: dict[str, bytes], key: bytes
) -> str:
    """Return what decides a result, as a hash: the submission, the release, and the cases."""
    found = hashlib.sha256(repr((GENERATION, handed.timestamp, skeletons)).encode())
    found.update(key)
    for table in (handed.notebooks, handed.files, shared):
        for name, content in sorted(table.items()):
            found.update(repr((name, len(content))).encode("utf-8", "surrogateescape"))
            found.update(content)
    found.update(repr(sorted(handed.refused.items())).encode("utf-8", "surrogateescape"))
    return found.hexdigest()


class Records:
    """Return the records of an assignment's submissions in a course folder."""

    def __init__(self, root: Path, assignment: str) -> None:
        self._folder = root / STATE / "graded" / assignment

    def _path(self, student: str) -> Path:
        return self._folder / f"{student}.json"

    def done(self, student: str, print_: str, *published: Path) -> dict[str, Any] | None:
        """Return the record if exactly this was graded and is still published, else None."""
        try:
            record = json.loads(self._path(student).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        same = isinstance(record, dict) and record.get("fingerprint") == print_
        return record if same and all(place.is_dir() for place in published) else None

    def add(self, student: str, record: dict[str, Any]) -> None:
        """Return nothing; write the record of a student, in one step."""
        path = self._path(student)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(draft, path)

    def remove(self, student: str) -> None:
        """Return nothing; forget the student's record, if there is one."""
        self._path(student).unlink(missing_ok=True)


def stage(folder: Path, files: dict[str, bytes]) -> None:
    """Return nothing; make `folder` anew with these files, by relative path, readable alone."""
    clear(folder)
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)


def publish(staged: Path, place: Path) -> None:
    """Return nothing; put the staged folder in its place in one step, and remove what was there.

    Both must lie in one file system. Where folders cannot swap, there is a moment without any.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(place):
        if not _swap(staged, place):
            os.rename(place, staged.with_name(staged.name + ".old"))
            os.rename(staged, place)
            clear(staged.with_name(staged.name + ".old"))
        clear(staged)
    else:
        os.rename(staged, place)


def _swap(one: Path, other: Path) -> bool:
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    done = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    return bool(done == 0)


def clear(folder: Path) -> None:
    """Return nothing; remove a folder (or a link in its place) with all that is in it."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
