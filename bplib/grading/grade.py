"""`bplib grade`: a class is graded by workers, written by one process, and published.

    submitted/ -> quarantine -> job -> worker (rebuild, jail, judge) -> gradebook -> feedback/,
                                                                        autograded/, record

Killed at any moment, the same command grades what is missing and changes nothing else.
"""

import contextlib
import fcntl
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bplib.grading.course import Course, course
from bplib.grading.dispatch import Failure, results
from bplib.grading.executors import Cluster, Local, Workers
from bplib.grading.feedback import render
from bplib.grading.jail import Backend, choose, remove_scratch
from bplib.grading.publish import Records, fingerprint, publish, stage
from bplib.grading.quarantine import LIMITS, Handed, examine, printable
from bplib.grading.secret import STATE, course_secret, submission_key
from bplib.grading.skeleton import Skeleton
from bplib.grading.worker import Graded, Job, grade_one, warm_up

__all__ = ["Finished", "Summary", "Watcher", "grade"]

SUBMISSION_SECRET = "submission_secret.txt"


@dataclass(frozen=True)
class Finished:
    """Return one submission that was graded and published: points so far, and what to know."""

    student: str
    score: float
    max_score: float
    seconds: float
    cause: str


@dataclass
class Summary:
    """Return what a run did; unchanged: students whose result was there already."""

    finished: list[Finished] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Watcher:
    """Return what is told while grading goes on; this one keeps quiet."""

    def start(self, submissions: int, backend: str, workers: int) -> None:
        """Return nothing; called once, when the class is known."""

    def step(self, outcome: Finished | Failure | str) -> None:
        """Return nothing; called for every submission (a text is a student left unchanged)."""


def grade(
    root: Path,
    assignment: str,
    *,
    jobs: int = 0,
    scheduler: str = "",
    students: tuple[str, ...] = (),
    force: bool = False,
    unsafe: bool = False,
    watcher: Watcher | None = None,
) -> Summary:
    """Return what was done after grading the submissions of an assignment in the course `root`.

    jobs: local worker processes, by default one per processor; scheduler: a Dask scheduler instead.
    students: only these; force: also what is graded already; unsafe: without a jail if none works.
    Raises ValueError for a mistake of the caller (folder, assignment, student, a run under way) and
    JailUnavailable.
    """
    start = time.monotonic()
    here = course(root)
    watcher = watcher or Watcher()
    summary = Summary()
    with _locked(here.root), _passing_folder(here.root) as folder:
        jobs = min(jobs or _processors(), len(students) or sys.maxsize)
        workers = Cluster(scheduler) if scheduler else Local(jobs, folder)
        with workers:
            for _ in range(workers.size):  # they start while the jail is tried here
                workers.executor.submit(os.getpid)
            backend = choose(unsafe)
            for _ in range(workers.size):  # they get warm while nbgrader is imported here
                workers.executor.submit(warm_up, backend.name)
            _grade(here, assignment, workers, backend, students, force, watcher, summary)
    summary.seconds = time.monotonic() - start
    return summary


def _grade(
    here: Course,
    assignment: str,
    workers: Workers,
    backend: Backend,
    students: tuple[str, ...],
    force: bool,
    watcher: Watcher,
    summary: Summary,
) -> None:
    from bplib.grading.gradebook import GradebookWriter

    with GradebookWriter(here) as gradebook:
        skeletons = gradebook.skeletons(assignment)
        marked = gradebook.marked(assignment)
        names = _chosen(here, assignment, students)
        records = Records(here.root, assignment)
        watcher.start(len(names), backend.name, workers.size)
        prints: dict[str, str] = {}

        def fail(failure: Failure) -> None:
            summary.failed.append(failure)
            watcher.step(failure)

        def jobs() -> Iterator[Job]:
            secret = course_secret(here.root)
            shared = here.shared_files(assignment)
            for name in names:
                try:
                    handed = examine(here.folder("submitted", name, assignment), LIMITS, shared)
                    job = _job(here, assignment, name, handed, skeletons, secret, shared, backend)
                    prints[name] = fingerprint(handed, skeletons, shared, job.key)
                    places = (here.folder(s, name, assignment) for s in ("autograded", "feedback"))
                    done = name in marked and records.done(name, prints[name], *places)
                    if not done or force:
                        records.remove(name)
                except UnicodeEncodeError:
                    fail(Failure(printable(name), "the name of its folder is not valid text"))
                    continue
                except OSError as problem:  # a name that is too long for a record, say
                    fail(Failure(printable(name), f"it has no place here: {problem.strerror}"))
                    continue
                if not done or force:
                    yield job
                else:
                    summary.unchanged.append(name)
                    watcher.step(name)

        for outcome in results(jobs(), workers, grade_one):
            if isinstance(outcome, Failure):
                fail(outcome)
                continue
            try:
                done = _finish(here, gradebook, records, outcome, prints.pop(outcome.student))
            except Exception as problem:  # whatever it is, it stops nobody else's grading
                # A gradebook that is locked, full or gone: the transaction is undone.
                text = str(getattr(problem, "orig", problem)) or type(problem).__name__
                fail(
                    Failure(outcome.student, f"what was graded could not be written: {text}"[:300])
                )
                continue
            summary.finished.append(done)
            watcher.step(done)


def _job(
    here: Course,
    assignment: str,
    student: str,
    handed: Handed,
    skeletons: tuple[Skeleton, ...],
    secret: bytes,
    shared: dict[str, bytes],
    backend: Backend,
) -> Job:
    key = submission_key(secret, student, assignment)
    return Job(student, assignment, key, handed, skeletons, shared, backend.name)


def _finish(
    here: Course, gradebook: Any, records: Records, graded: Graded, print_: str
) -> Finished:
    """Gradebook, feedback, notebooks, record: in this order, each in one step."""
    marks = gradebook.write(graded)
    pages, books = {}, dict(graded.files)
    for notebook in graded.notebooks:
        page = render(json.loads(notebook.text), notebook.name, marks[notebook.name])
        pages[f"{notebook.name}.html"] = page.encode()
        books[f"{notebook.name}.ipynb"] = notebook.text.encode()
    if graded.timestamp:
        pages["timestamp.txt"] = books["timestamp.txt"] = f"{graded.timestamp}\n".encode()
    if SUBMISSION_SECRET in books:  # nbgrader's exchange finds the owner of a page by it
        pages[SUBMISSION_SECRET] = books[SUBMISSION_SECRET]
    for step, files in (("feedback", pages), ("autograded", books)):
        place = here.folder(step, graded.student, graded.assignment)
        staged = place.with_name(f".{place.name}.new")
        stage(staged, files)
        publish(staged, place)
    score = sum(said.earned for said in marks.values())
    most = sum(said.max_score for said in marks.values())
    finished = Finished(graded.student, score, most, graded.seconds, graded.cause)
    records.add(graded.student, {"fingerprint": print_, "score": score, "cause": graded.cause})
    return finished


def _chosen(here: Course, assignment: str, students: tuple[str, ...]) -> list[str]:
    known = here.handed_in(assignment)
    if not known:
        raise ValueError(
            f"nothing of {assignment!r} is in submitted/: collect the submissions first"
        )
    for name in students:
        if name not in known:
            some = ", ".join(known[:20])
            raise ValueError(f"{name!r} has handed in nothing of {assignment!r}; who has: {some}")
    return list(dict.fromkeys(students)) or known


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One run per course at a time; the lock goes with the process, however it ends."""
    path = root / STATE / "lock"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ValueError(
                f"{root} is being graded already by another `bplib grade`: wait for its end"
            ) from None
        yield


@contextlib.contextmanager
def _passing_folder(root: Path) -> Iterator[Path]:
    """A folder for all passing files of a run; what a killed run left is removed first."""
    memory = root / STATE / "passing"
    if memory.exists():
        _remove(Path(memory.read_text(encoding="utf-8")))
    folder = Path(tempfile.gettempdir()).resolve() / f"bplib-grade-{secrets.token_hex(8)}"
    memory.write_text(str(folder), encoding="utf-8")  # before it exists: a kill forgets nothing
    folder.mkdir(mode=0o711)  # a jailed child, another user, passes through to its own folder
    usual, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = usual
        _remove(folder)
        memory.unlink()


def _remove(folder: Path) -> None:
    if folder.name.startswith("bplib-grade-") and folder.is_dir() and not folder.is_symlink():
        remove_scratch(folder)
