"""What was handed in, as far as it may be touched: plain files within limits, read without links.

A submission is written by anybody. So nothing here follows a link, opens a device, or reads more
than its limits; whatever stays outside is named, with the reason, and the rest is still graded.
"""

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

__all__ = ["LIMITS", "Handed", "Limits", "examine", "printable", "set_aside"]

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Return how much of a submission is read.

    notebook_bytes: one notebook, with the pictures in it, and twice as much all notebooks together;
    file_bytes: all other files together; files: their number; entries: files and folders that are
    looked at; depth: of folders; names: bytes of one path.
    """

    notebook_bytes: int = 20 * MIB
    file_bytes: int = 20 * MIB
    files: int = 200
    entries: int = 5000
    depth: int = 8
    names: int = 400


LIMITS = Limits()
TIMESTAMP_BYTES = 200
# As nbgrader writes it: 2026-03-02 12:00:00 UTC, perhaps with parts of seconds or another zone.
TIMESTAMP = re.compile(
    r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
    r"( ?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)| [A-Za-z][A-Za-z_/+-]{0,40})?"
)
# Folders that tools write everywhere; nobody misses them (nbgrader_config.py ignores them, too).
IGNORED = (".ipynb_checkpoints", "__pycache__")


@dataclass(frozen=True)
class Handed:
    """Return the submission of one student.

    notebooks: content by name without ".ipynb"; files: content of everything else by relative path.
    timestamp: the first line of timestamp.txt, or empty.
    refused: relative path and reason of everything that was left out.
    """

    notebooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    timestamp: str = ""
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """Return a line for the student about everything that was left out."""
        lines = [
            f"`{printable(path)}` was left out: {why}"
            for path, why in list(self.refused.items())[:10]
        ]
        if len(self.refused) > 10:
            lines.append(f"{len(self.refused) - 10} more files were left out")
        return lines


def examine(folder: Path, limits: Limits = LIMITS, shared: Collection[str] = ()) -> Handed:
    """Return what may be graded of the submission in `folder`; never raises for what is in it.

    shared: paths of the files that come with the assignment, whose places nothing else may take.
    """
    found = Handed()
    if folder.parent.is_symlink() or not _is_folder(folder):
        found.refused["."] = "the submission is a link or a file instead of a folder"
        return found
    room, notebook_room = limits.file_bytes, 2 * limits.notebook_bytes
    timestamp = _timestamp(folder, found)
    for path, problem in _walk(folder, limits):
        name = path.relative_to(folder).as_posix()
        notebook = path.parent == folder and path.suffix == ".ipynb"
        if name == "timestamp.txt":
            continue
        if not problem and not notebook and len(found.files) >= limits.files:
            problem = f"more than {limits.files} files"
        if not problem and any(_in_the_way(name, own) for own in shared):
            problem = "a file of the assignment has its place"
        if problem:
            found.refused[name] = problem
            continue
        try:
            most = min(limits.notebook_bytes, notebook_room) if notebook else room
            content = _read(path, most)
        except _Refused as why:
            found.refused[name] = str(why)
            continue
        if notebook:
            found.notebooks[path.stem] = content
            notebook_room -= len(content)
        else:
            found.files[name] = content
            room -= len(content)
    return Handed(found.notebooks, found.files, timestamp, found.refused)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _in_the_way(name: str, own: str) -> bool:
    """Whether one of two paths is a folder where the other is a file."""
    return name.startswith(f"{own}/") or own.startswith(f"{name}/")


def _timestamp(folder: Path, found: Handed) -> str:
    """The time that the collector wrote down, or nothing; what is wrong with it is refused."""
    path = folder / "timestamp.txt"
    if not os.path.lexists(path):
        return ""
    try:
        text = _line(_read(path, TIMESTAMP_BYTES))
    except _Refused as why:
        found.refused[path.name] = str(why)
        return ""
    if not (TIMESTAMP.fullmatch(text) and _is_day(text[:10])):
        found.refused[path.name] = "it holds no date and time; the submission counts as undated"
        return ""
    return text


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:  # February 31
        return False
    return True


def set_aside(
    folder: Path, keep: Path, limits: Limits = LIMITS, shared: Collection[str] = ()
) -> dict[str, str]:
    """Return the reasons, by relative path, after moving what is refused from `folder` to `keep`.

    For nbgrader's own commands, which copy whatever lies in a submission. Nothing is deleted, and a
    link is moved as a link.
    """
    found = examine(folder, limits, shared)
    if "." in found.refused:
        # Through a link in the place of the student's folder lies somebody else's work.
        _move(folder.parent if folder.parent.is_symlink() else folder, keep)
        return found.refused
    accepted = {f"{name}.ipynb" for name in found.notebooks} | found.files.keys()
    if found.refused:
        _tidy(folder, folder, accepted | {"timestamp.txt"} - found.refused.keys(), keep)
    return found.refused


def _tidy(folder: Path, place: Path, accepted: set[str], keep: Path) -> None:
    with os.scandir(place) as listing:
        entries = list(listing)
    for entry in entries:
        name = Path(entry.path).relative_to(folder).as_posix()
        if not entry.is_dir(follow_symlinks=False):
            if name not in accepted:
                _move(Path(entry.path), keep)
        elif any(path.startswith(f"{name}/") for path in accepted):
            _tidy(folder, Path(entry.path), accepted, keep)
        elif entry.name not in IGNORED:
            _move(Path(entry.path), keep)


def _move(path: Path, keep: Path) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    number = 0
    while os.path.lexists(keep / f"{number}-{path.name[:100]}"):
        number += 1
    os.rename(path, keep / f"{number}-{path.name[:100]}")


class _Refused(Exception):
    """The reason why a file is not read."""


def _walk(folder: Path, limits: Limits) -> Iterator[tuple[Path, str]]:
    """Pairs (path, reason to refuse it or nothing) in the order of the names; folders are not."""
    waiting, seen = [(folder, 0)], 0
    while waiting:
        place, depth = waiting.pop()
        try:
            with os.scandir(place) as listing:
                room = limits.entries - seen
                books: list[os.DirEntry[str]] = []
                others: list[os.DirEntry[str]] = []
                for entry in listing:
                    seen += 1
                    # Among however many files the notebook is found.
                    group = books if not depth and entry.name.endswith(".ipynb") else others
                    if len(group) < room:
                        group.append(entry)
                    elif depth:
                        break
        except OSError as problem:
            yield place, f"the folder cannot be listed ({problem.strerror})"
            continue
        for entry in sorted([*books, *others][:room], key=lambda entry: entry.name):
            path = Path(entry.path)
            if entry.name in IGNORED and entry.is_dir(follow_symlinks=False):
                continue
            reason = _kind(entry, path, folder, limits)
            if reason is None and entry.is_dir(follow_symlinks=False):
                if not depth and entry.name.endswith((".ipynb", "timestamp.txt")):
                    yield path, "it is a folder instead of a file"
                elif depth + 1 < limits.depth:
                    waiting.append((path, depth + 1))
                else:
                    yield path, f"folders are nested deeper than {limits.depth}"
                continue
            yield path, reason or ""
        if seen > limits.entries:
            yield place / "…", f"more than {limits.entries} files and folders"
            return


def _kind(entry: "os.DirEntry[str]", path: Path, folder: Path, limits: Limits) -> str | None:
    """Why an entry is refused for what it is, None if it may be read."""
    if len(os.fsencode(path.relative_to(folder))) > limits.names:
        return f"its name is longer than {limits.names} bytes"
    try:
        os.fsencode(entry.name).decode("utf-8")
    except UnicodeDecodeError:
        return "its name is not valid text"
    if entry.is_symlink():
        return "it is a link"
    if entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False):
        return None
    return "it is neither a file nor a folder"


def _read(path: Path, limit: int) -> bytes:
    """The content of a plain file. Raises _Refused; the file may have changed since it was seen."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        raise _Refused(f"it cannot be opened ({problem.strerror})") from None
    state = os.fstat(number)
    if not stat.S_ISREG(state.st_mode):  # Python opens no folder as a file
        os.close(number)
        raise _Refused("it is no plain file")
    with open(number, "rb") as file:
        if state.st_nlink > 1:
            raise _Refused("it has a second name elsewhere (a hard link)")
        content = file.read(limit + 1) if state.st_size <= limit else b""
        if state.st_size > limit or len(content) > limit:
            raise _Refused(f"it is larger than the {limit:,} bytes that are left for it")
    return content


def _line(content: bytes) -> str:
    text = content.decode("utf-8", "replace").strip()
    return text.splitlines()[0] if text else ""


def printable(name: str) -> str:
    """Return a name that every page and terminal can show; nothing in it acts on them."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
