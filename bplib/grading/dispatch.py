"""Sends jobs to workers and hands back what comes of them, whatever happens to a worker.

Only a few jobs are under way at a time, so that a class of any size fits into memory. A job whose
worker ends is tried again, alone, so that one that kills its workers takes no other with it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass

from bplib.grading.executors import Workers
from bplib.grading.worker import Graded, Job

__all__ = ["TRIES", "Failure", "results"]

TRIES = 3


@dataclass(frozen=True)
class Failure:
    """Return a submission that could not be graded, and why."""

    student: str
    cause: str


def results(
    jobs: Iterable[Job], workers: Workers, grade: Callable[[Job], Graded]
) -> Iterator[Graded | Failure]:
    """Return the outcome of each job, as they come in.

    `grade` is `worker.grade_one`; it must be importable by name in the workers. Jobs are taken from
    `jobs` only when a worker is nearly free.
    """
    waiting = iter(jobs)
    suspects: deque[tuple[Job, int]] = deque()
    running: dict[Future[Graded], tuple[Job, int]] = {}
    more = True
    while True:
        while more and not suspects and len(running) < 2 * workers.size:
            job = next(waiting, None)
            more = job is not None
            if job is not None:
                _send(job, 1, workers, grade, running)
        if suspects and not running:  # alone: what happens now is its own doing
            _send(*suspects.popleft(), workers, grade, running)
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        broken = False
        for future in done:
            job, tries = running.pop(future)
            problem = future.exception()
            if problem is None:
                yield future.result()
                continue
            broken = broken or isinstance(problem, BrokenExecutor)
            if tries >= TRIES:
                yield Failure(job.student, _cause(problem))
            else:
                suspects.append((job, tries + 1))
        if broken:
            suspects.extend((job, tries + 1) for job, tries in running.values())
            running.clear()
            workers.renew()


def _send(
    job: Job,
    tries: int,
    workers: Workers,
    grade: Callable[[Job], Graded],
    running: dict[Future[Graded], tuple[Job, int]],
) -> None:
    try:
        future = workers.executor.submit(grade, job)
    except BrokenExecutor:  # a worker ended since the last answer: nobody has this job yet
        workers.renew()
        future = workers.executor.submit(grade, job)
    running[future] = job, tries


def _cause(problem: BaseException) -> str:
    if isinstance(problem, BrokenExecutor):
        return f"its worker process ended, {TRIES} times"
    lines = str(problem).strip().splitlines() or ["no message"]
    return f"{type(problem).__name__}: {lines[0]}"[:300]
