"""What an instructor sees while a class is graded, and the table at its end."""

import time
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from bplib.grading.dispatch import Failure
from bplib.grading.grade import Finished, Summary, Watcher

__all__ = ["Progressing", "closing_table", "exit_status"]


class Progressing(Watcher):
    """Return a watcher that shows a bar on a terminal, and a line per submission elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._total = self._done = self._graded = 0
        self._start = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def start(self, submissions: int, backend: str, workers: int) -> None:
        """Return nothing; say what begins."""
        self._total, self._start = submissions, time.monotonic()
        jail = "WITHOUT A JAIL" if backend == "none" else f"jail: {backend}"
        self._console.print(
            f"{submissions} submissions, {workers} workers, {jail}", highlight=False
        )
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("grading"), BarColumn(), MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn(),
                console=self._console,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task("", total=submissions, rate="")

    def step(self, outcome: Finished | Failure | str) -> None:
        """Return nothing; show one submission."""
        self._done += 1
        self._graded += not isinstance(outcome, str)
        rate = self._graded / max(time.monotonic() - self._start, 1e-9)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, rate=f"{rate:.1f}/s")
        elif not isinstance(outcome, str):
            left = (self._total - self._done) / rate
            line = f"{self._done}/{self._total} {_line(outcome)}, about {left:.0f} s left"
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)


def _line(outcome: Finished | Failure) -> str:
    if isinstance(outcome, Failure):
        return f"{outcome.student}: NOT GRADED: {outcome.cause}"
    said = f" ({outcome.cause})" if outcome.cause else ""
    return (
        f"{outcome.student}: {outcome.score:.4g} of {outcome.max_score:g}{said}, "
        f"{outcome.seconds:.1f} s"
    )


def closing_table(summary: Summary) -> Table:
    """Return the table at the end: how many, what was noteworthy, and what failed."""
    table = Table(title="Grading", show_header=False)
    table.add_column("what", no_wrap=True)
    table.add_column("how many", overflow="fold")
    finished = summary.finished
    table.add_row("graded", str(len(finished)))
    if summary.unchanged:
        table.add_row("unchanged", f"{len(summary.unchanged)} (graded before; --force repeats)")
    if finished:
        work = sum(done.seconds for done in finished) / len(finished)
        wall = summary.seconds / len(finished)
        table.add_row("seconds per submission", f"{work:.2f} of work, {wall:.2f} by the clock")
    for done in sorted(finished, key=lambda done: done.student):
        if done.cause:
            table.add_row(escape(done.student), escape(done.cause))
    table.add_row("not graded", str(len(summary.failed)))
    for failure in summary.failed:
        table.add_row(f"[red]{escape(failure.student)}[/]", escape(failure.cause))
    return table


def exit_status(summary: Summary) -> int:
    """Return 0 if everything could be graded, else 1."""
    return 1 if summary.failed else 0
