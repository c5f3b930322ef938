"""Grades one submission: a function of plain data, for any executor, on any machine.

What a worker process keeps between two submissions is the warm engine and nothing of a student's.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.util import Finalize
from pathlib import Path

from bplib.grading.engine import Budget, Engine
from bplib.grading.jail import named
from bplib.grading.judging import Ran, apply, run, zero
from bplib.grading.notebooks import Notebook, Unreadable, read, written
from bplib.grading.quarantine import Handed
from bplib.grading.rebuild import checksum, empty, rebuild
from bplib.grading.scoring import NO_RESPONSE, Score
from bplib.grading.skeleton import Skeleton

__all__ = ["Graded", "GradedNotebook", "Job", "grade_apart", "grade_one", "warm_up"]


@dataclass(frozen=True)
class Job:
    """Return all that is needed to grade one submission.

    key: `secret.submission_key`; shared: files that come with the assignment, by relative path;
    they win over files of the submission. backend: the name of the jail.
    """

    student: str
    assignment: str
    key: bytes
    handed: Handed
    skeletons: tuple[Skeleton, ...]
    shared: dict[str, bytes] = field(default_factory=dict)
    backend: str = "bubblewrap"
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True)
class GradedNotebook:
    """Return one graded notebook.

    text: as it is published in autograded/, empty if none was handed in; scores by grade_id;
    responses: nbgrader's automatic comment by grade_id, "No response." or None.
    notes: for the student; cause: why points may be missing that no message explains, or nothing.
    """

    name: str
    text: str
    scores: dict[str, Score]
    responses: dict[str, str | None]
    notes: tuple[str, ...] = ()
    cause: str = ""


@dataclass(frozen=True)
class Graded:
    """Return what came of a job; seconds by the clock, in the worker."""

    student: str
    assignment: str
    timestamp: str
    notebooks: tuple[GradedNotebook, ...]
    files: dict[str, bytes]
    cause: str
    seconds: float


# The engine is started and used in one thread: some executors (Dask) change theirs, and the jail
# dies with the thread that started it.
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="grading")
_LOCK = threading.Lock()


def warm_up(backend: str) -> None:
    """Return nothing; start the engine before the first job comes. Raises EngineError."""
    with _LOCK:
        _THREAD.submit(_engine, backend).result()


def grade_one(job: Job) -> Graded:
    """Return the graded submission. Raises EngineError if the engine fails, never for the student.

    The same job gives the same scores, texts and files, wherever and however often it runs.
    """
    with _LOCK:
        return _THREAD.submit(_grade, job).result()


def _grade(job: Job) -> Graded:
    start = time.monotonic()
    files = {**job.handed.files, **job.shared}
    with _folder(files) as folder:
        notebooks = tuple(_notebook(job, skeleton, folder) for skeleton in job.skeletons)
    causes = [book.cause for book in notebooks if book.cause] + job.handed.notes
    return Graded(
        student=job.student,
        assignment=job.assignment,
        timestamp=job.handed.timestamp,
        notebooks=notebooks,
        files=files,
        cause=causes[0] if causes else "",
        seconds=time.monotonic() - start,
    )


@contextmanager
def _folder(files: dict[str, bytes]) -> Iterator[Path | None]:
    """A passing folder with the files of the submission; None if there are none."""
    if not files:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="bplib-files-"))
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _notebook(job: Job, skeleton: Skeleton, folder: Path | None) -> GradedNotebook:
    content, notes = _handed(job, skeleton.name)
    whole = job.handed.refused.get(".")
    refused = job.handed.refused.get(f"{skeleton.name}.ipynb", whole)
    if content is None:
        cause = f"{skeleton.name}.ipynb was not handed in"
        cause = f"{skeleton.name}.ipynb was not read: {refused}" if refused else cause
        return _unread(skeleton, notes, cause)
    try:
        submitted, more = read(content)
    except Unreadable as problem:
        return _unread(skeleton, notes, f"{skeleton.name}.ipynb could not be read: {problem}")
    notebook, changes = rebuild(submitted, skeleton)
    ran, scores = _run(job, skeleton, notebook, folder)
    cause = next(iter([*ran.ended, *more, *changes]), "")
    return _graded(skeleton, notebook, scores, [*notes, *more, *changes, *ran.ended], cause)


def _handed(job: Job, name: str) -> tuple[bytes | None, list[str]]:
    """The notebook of that name; if it is missing and one has an unknown name, that one."""
    books, notes = job.handed.notebooks, job.handed.notes
    if name in books or f"{name}.ipynb" in job.handed.refused:
        return books.get(name), notes
    expected = {skeleton.name for skeleton in job.skeletons}
    unknown = [other for other in books if other not in expected]
    if len(unknown) == 1 and len(expected - books.keys()) == 1:
        return books[unknown[0]], [*notes, f"`{unknown[0]}.ipynb` was taken for `{name}.ipynb`"]
    return None, notes


def grade_apart(job: Job, skeleton: Skeleton, notebook: Notebook) -> tuple[Ran, Notebook]:
    """Return what came of running a rebuilt notebook, and the notebook with outputs and scores.

    For nbgrader's preprocessors, which bring a notebook that they have rebuilt already.
    """

    def work() -> tuple[Ran, Notebook]:
        with _folder(job.handed.files) as folder:
            return _run(job, skeleton, notebook, folder)[0], notebook

    with _LOCK:
        return _THREAD.submit(work).result()


def _run(
    job: Job, skeleton: Skeleton, notebook: Notebook, folder: Path | None
) -> tuple[Ran, dict[str, Score]]:
    """What came of running a rebuilt notebook, and its scores; outputs are filled in."""
    with _engine(job.backend).session(folder, job.budget) as session:
        ran = run(notebook, skeleton, job.key, session)
    return ran, apply(notebook, skeleton, ran)  # the student's process is dead by now


@lru_cache(maxsize=1)
def _engine(backend: str) -> Engine:
    engine = Engine(named(backend))
    engine.__enter__()
    # In a worker process this runs before its threads end, everywhere else after that.
    Finalize(None, _close, (engine,), exitpriority=10)
    return engine


def _close(engine: Engine) -> None:
    try:
        _THREAD.submit(engine.__exit__, None, None, None).result()
    except RuntimeError:  # the thread has ended, and the zygote with it; its folder is left
        engine.__exit__(None, None, None)


def _unread(skeleton: Skeleton, notes: list[str], cause: str) -> GradedNotebook:
    notebook = empty(skeleton)
    return _graded(skeleton, notebook, zero(notebook, cause), [*notes, cause], cause)


def _graded(
    skeleton: Skeleton,
    notebook: Notebook,
    scores: dict[str, Score],
    notes: list[str],
    cause: str,
) -> GradedNotebook:
    notes = list(dict.fromkeys(notes))
    notebook["metadata"]["bplib"] = {"notes": notes}
    return GradedNotebook(
        name=skeleton.name,
        text=written(notebook),
        scores=scores,
        responses=_responses(notebook),
        notes=tuple(notes),
        cause=cause,
    )


def _responses(notebook: Notebook) -> dict[str, str | None]:
    """By answer cell and task: nbgrader's automatic comment, for one that is as it was released."""
    found = {}
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("solution") or meta.get("task"):
            same = not meta["task"] and checksum(cell) == meta["checksum"]
            found[meta["grade_id"]] = NO_RESPONSE if same else None
    return found
