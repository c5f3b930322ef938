"""Runs the proof over processes, with a progress bar, and writes its report."""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bplib.authoring.proof.equivalents import LIST, read_equivalents
from bplib.authoring.proof.findings import Proof
from bplib.authoring.proof.measures import add, measured
from bplib.authoring.proof.page import page
from bplib.authoring.proof.show import show
from bplib.authoring.proof.subjects import master_of, subjects
from bplib.authoring.proof.trials import Trial, fresh, limit_memory, try_mutants, try_seeds
from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise

# A mutant must be caught with each of these many seeds: a mark must not depend on luck.
MUTANT_SEEDS = 5
# Seeds that one process does before it reports back.
CHUNK = 20
# Seeds of the measures of the diagnosis, which ask for every pair of mistakes.
MEASURED = 10


def proof(
    root: Path,
    units: Sequence[str] = (),
    seeds: int = 1000,
    out: Path | None = None,
    jobs: int = 0,
    console: Console | None = None,
    equivalents: Path = LIST,
) -> Proof:
    """Prove the hidden tests, print what was found, and write it to out/proof.html and .json.

    root: the course folder, whose masters are mutated (the bank's styles where it has none);
    units: numbers or names of units, all by default; seeds: how many for right implementations and
    misconceptions; jobs: processes, by default one for each core.
    Raises ValueError for an unknown unit, or if seeds is not positive.
    """
    if seeds < 1:
        raise ValueError(f"a proof needs at least one seed, got {seeds}")
    console = console or Console()
    found = gather(root, chosen(units), seeds, jobs or os.cpu_count() or 1, console, equivalents)
    show(found, console)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(found.to_json(), ensure_ascii=False, indent=1)
        (out / "proof.json").write_text(text + "\n", encoding="utf-8")
        (out / "proof.html").write_text(page(found), encoding="utf-8")
        console.print(f"Written: {out / 'proof.html'} and {out / 'proof.json'}", soft_wrap=True)
    return found


def chosen(units: Sequence[str]) -> list[Exercise]:
    """The exercises of the units: ["04", "05-backpropagation"] or ["04,05"]; all by default.

    Raises ValueError that lists the units for an unknown one.
    """
    names = [name.strip().partition("-")[0] for text in units for name in text.split(",")]
    known = sorted({exercise.unit for exercise in bank().values()})
    for name in names:
        if name not in known:
            raise ValueError(f"no unit {name!r} in the bank; the units are: {', '.join(known)}")
    return [e for e in bank().values() if not names or e.unit in names]


def gather(
    root: Path,
    exercises: Sequence[Exercise],
    seeds: int,
    jobs: int,
    console: Console,
    equivalents: Path = LIST,
) -> Proof:
    """All results of the exercises, from `jobs` processes; a progress bar counts the tasks."""
    found = Proof({e.id: fresh(e) for e in exercises}, read_equivalents(equivalents))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), limit_memory)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        try:
            work = dict(_submitted(pool, root, exercises, seeds))
            task = progress.add_task("proving the tests", total=len(work))
            for future in as_completed(work):
                _take(found, work[future], future)
                progress.advance(task)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    order = {exercise.id: index for index, exercise in enumerate(exercises)}
    found.fates.sort(key=lambda fate: (order[fate.exercise_id], fate.origin))
    for trial in found.trials.values():
        trial.failures.sort(key=lambda failure: (failure.seed, failure.name))
        for escaped in trial.escaped.values():
            escaped.sort()
    return found


def _submitted(
    pool: ProcessPoolExecutor, root: Path, exercises: Sequence[Exercise], seeds: int
) -> Iterator[tuple[Future[Any], str]]:
    """The tasks with their exercises: mutants, measures, then the seeds in chunks."""
    for exercise in exercises:
        for subject in subjects(exercise, master_of(root, exercise.unit)):
            yield pool.submit(try_mutants, subject, range(MUTANT_SEEDS)), exercise.id
    for exercise in exercises:
        yield pool.submit(measured, exercise.id, range(min(seeds, MEASURED))), exercise.id
    for start in range(0, seeds, CHUNK):
        for exercise in exercises:
            chunk = range(start, min(start + CHUNK, seeds))
            yield pool.submit(try_seeds, exercise.id, chunk), exercise.id


def _take(found: Proof, exercise_id: str, future: Future[Any]) -> None:
    """Enter a task's result; a solution that is not right itself is a finding, not an accident."""
    try:
        result = future.result()
    except ValueError as problem:
        found.broken.append(str(problem))
        return
    if isinstance(result, Trial):
        found.trials[exercise_id].add(result)
    elif isinstance(result, dict):
        add(found.measures, result)
    else:
        found.fates += result
