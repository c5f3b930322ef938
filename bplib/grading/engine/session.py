"""One submission: its cells are run, its functions are asked, whatever they do to their process."""

import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bplib.answers import Outcome
from bplib.grading.engine import answering, helpers, questions
from bplib.grading.engine.frames import HELLO, Broken, Frame, Reader, encode, nonce
from bplib.grading.engine.outputs import Outputs, Page
from bplib.grading.engine.types import Budget, CellRun, EngineError, How
from bplib.grading.jail import remove_scratch

if TYPE_CHECKING:
    from bplib.grading.engine.engine import Engine

__all__ = ["Session"]

_HEADER = 8 << 20
_CELL_FRAMES = 40_000
_CELL_BYTES = 32 << 20
_ASK_BYTES = 512 << 20
_SMALLEST = 0.05
_START_SECONDS = 60.0
_PATIENCE = 8.0
"""After the interrupt; the zygote kills it sooner."""
_READ_SECONDS = 0.25
"""How long answers may come in before the child's CPU clock is read again."""
FAILURES = 3
"""How often a function may run out of time or end its process before it is asked no more."""


@dataclass(frozen=True)
class _End:
    """How an exchange with the child ended; `cpu` is the CPU time that it took."""

    how: How
    why: str
    cpu: float


class Session:
    """Return the session of one submission; made by `Engine.session`, used as a context manager."""

    def __init__(self, engine: "Engine", files: Path | None, budget: Budget, seed: int) -> None:
        self._engine, self._files, self._budget, self._seed = engine, files, budget, seed
        self._page = Page(budget)
        self._pots = {"cells": budget.cells_cpu, "asks": budget.asks_cpu}
        self._count = 0
        self._good: list[tuple[str, int]] = []
        self._failures: Counter[str] = Counter()
        self._may_repeat_cell = True
        self._deadline = float("inf")
        self._cpu, self._read, self._owing = 0.0, 0.0, False
        self._connection: socket.socket | None = None
        self._scratch: Path | None = None
        self._reader = Reader(_HEADER, answering.LARGEST + (1 << 20))
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Return nothing; end the child and remove its folder. Ask nothing afterwards."""
        self.closed = True
        self._drop()

    @property
    def cpu_left(self) -> Mapping[str, float]:
        """Seconds of CPU time left for "cells" and for "asks"."""
        return dict(self._pots)

    # --- cells ---------------------------------------------------------------------------------

    def run_cell(self, source: str) -> CellRun:
        """Return what came of running the cell; never raises for what it does.

        A cell that only the clock stopped, not its CPU time, is tried once more per session.
        """
        if not source.strip():
            return CellRun()
        self._count += 1
        run = self._run(source)
        if run.ended == "timeout" and "clock" in run.note and self._may_repeat_cell:
            self._may_repeat_cell = False
            run = self._run(source)
        if not run.ended:
            self._good.append((source, self._count))
        return run

    def _run(self, source: str) -> CellRun:
        if not self._ready("cells"):
            note = "not run: this submission has used up its time"
            shown = Outputs(self._page, self._count)
            shown.error("NotRun", note, [f"NotRun: {note}"])
            return CellRun(shown.outputs, None, 0.0, "budget", note)
        shown = Outputs(self._page, self._count)
        end = self._exchange_cell(source, self._count, "cells", shown.add)
        if end.how:
            name = "TimeLimit" if end.how == "timeout" else "ProcessEnded"
            shown.error(name, end.why, [f"{name}: {end.why}"])
        return CellRun(shown.outputs, self._count, end.cpu, end.how, end.why)

    def _exchange_cell(
        self, source: str, count: int, pot: str, add: Callable[[Frame], None] | None
    ) -> _End:
        header = {"kind": "run", "source": source, "count": count, "silent": add is None}
        cpu = min(self._budget.cell_cpu, self._pots[pot])

        def take(frame: Frame) -> bool:
            if frame.header["kind"] == "done":
                return True
            if add:
                add(frame)
            return False

        self._reader.allow(_CELL_BYTES, _CELL_FRAMES)
        return self._exchange(header, b"", pot, cpu, take)

    # --- questions -----------------------------------------------------------------------------

    def ask(
        self,
        name: str,
        inputs: Mapping[str, Any],
        shapes: Mapping[str, tuple[int, ...]],
        labels: Any,
        cpu_limit: float,
        lines: bool = False,
    ) -> Outcome:
        """Return the outcome of the notebook's function `name` on `inputs`, by position.

        shapes, labels, lines: as in `bplib.answers.call`. cpu_limit: seconds of CPU time, tried
        once more before the function has failed for time; after `FAILURES` such ends it is asked no
        more. Never raises for what the function does; `TypeError` for inputs that cannot be sent.
        """
        tree, payload, outside = questions.encode(inputs)
        header = {"kind": "ask", "name": name, "inputs": tree, "labels": labels}
        for attempt in (1, 2):
            if self._failures[name] >= FAILURES:
                return Outcome(message="not asked again: it never came back")
            if not self._ready("asks"):
                return Outcome(message="not asked: this submission has used up its time")
            answer: list[Outcome] = []
            helping = helpers.Helpers(outside, cpu_limit)

            def take(frame: Frame) -> bool:
                if frame.header["kind"] == "call":
                    self._send(frame.nonce, *helping.answer(frame))  # noqa: B023
                    return False
                if frame.header["kind"] != "reply":
                    raise Broken("it answered in no known form")
                answer.append(answering.outcome(frame, shapes, labels, lines))  # noqa: B023
                return True

            self._reader.allow(_ASK_BYTES, 2 * helpers.MOST_CALLS)
            limit = min(cpu_limit, self._pots["asks"])
            end = self._exchange(header, payload, "asks", limit, take)
            if answer and not end.how:
                return answer[0]
            self._failures[name] += 1
            if end.how == "died" or attempt == 2:
                break
        return Outcome(message=f"the function {_SAID[end.how]}: {end.why}")

    # --- the child -----------------------------------------------------------------------------

    def _ready(self, pot: str) -> bool:
        """Return whether there is a child that has run all good cells, and time left."""
        if self.closed:
            raise EngineError("the session is closed")
        if self._deadline == float("inf"):
            self._deadline = time.monotonic() + self._budget.wall
        while self._left(pot):
            if self._connection is not None:
                return True
            self._connect()
            for cell in self._good:
                if not self._left(pot) or self._exchange_cell(*cell, pot, None).how:
                    # What went well once and does not again is left out from now on.
                    self._good.remove(cell)
                    break
            else:
                if self._connection is not None:
                    return True
        return False

    def _left(self, pot: str) -> bool:
        return self._pots[pot] > _SMALLEST and time.monotonic() < self._deadline

    def _connect(self) -> None:
        self._reader = Reader(_HEADER, answering.LARGEST + (1 << 20))
        self._connection, self._scratch = self._engine.fork(self._files, self._budget, self._seed)
        self._connection.settimeout(self._budget.wall)
        self._cpu, self._owing = 0.0, False
        self._reader.allow(_HEADER, 1)
        said: list[str] = []

        def take(frame: Frame) -> bool:
            said.append(str(frame.header.get("problem")))
            return True

        if not self._listen(HELLO, take, _START_SECONDS) or said[0]:
            ended = self._drop()
            raise EngineError(f"a child could not be locked in: {''.join(said) or ended}")

    def _send(self, mark: bytes, header: dict[str, Any], payload: bytes = b"") -> None:
        assert self._connection is not None
        try:
            self._connection.sendall(encode(mark, header, payload))
        except OSError:  # it has ended, or does not read: the exchange finds out which
            raise Broken("it stopped listening") from None

    def _exchange(
        self, header: dict[str, Any], payload: bytes, pot: str, cpu: float,
        take: Callable[[Frame], bool],
    ) -> _End:  # fmt: skip
        """Return how a request ended: `take` gets the frames until it says that it has all."""
        wall = cpu * self._budget.wall_factor + 2
        wall = max(0.1, min(wall, self._deadline - time.monotonic()))
        if self._owing and header["kind"] == "run":
            self._charge(self._engine.clock()["cpu"], "asks")
        # By the clock it is stopped from here, as long as this process is well.
        self._engine.arm(cpu, wall + 60)
        mark, broken, complete = nonce(), "", False
        try:
            self._send(mark, header, payload)
            complete = self._listen(mark, take, wall)
        except Broken as problem:
            broken = str(problem)
        if complete and header["kind"] == "ask" and time.monotonic() < self._read + _READ_SECONDS:
            self._owing = True
            return _End("", "", 0.0)  # its time is counted with that of a later one
        now = self._engine.clock()
        used = self._charge(now["cpu"], pot)
        if complete and not now["struck"]:
            if now["gone"]:
                self._drop()
            return _End("", "", used)
        ended = self._drop()
        struck = now["struck"] or ended.get("struck", "")
        return _End(*_explained(struck, broken, ended, cpu), used)

    def _charge(self, cpu: float, pot: str) -> float:
        """Return the CPU time since the last reading of the child's clock; take it from the pot."""
        used = max(0.0, cpu - self._cpu)
        self._cpu, self._read, self._owing = cpu, time.monotonic(), False
        self._pots[pot] -= used
        return used

    def _listen(self, mark: bytes, take: Callable[[Frame], bool], seconds: float) -> bool:
        """Return True when `take` has all, False when the child has ended first."""
        assert self._connection is not None
        end, interrupted, ended = time.monotonic() + seconds, False, False
        while True:
            left = end - time.monotonic()
            if left <= 0 and interrupted:
                raise Broken("it did not end when it was told to")
            if left <= 0:
                interrupted, end = True, time.monotonic() + _PATIENCE
                self._engine.interrupt()
            # What it had sent before its end still counts.
            readable, over = self._engine.wait(self._connection, 0.0 if ended else max(left, 0.0))
            ended = ended or over
            if readable:
                try:
                    part = self._connection.recv(1 << 20)
                except OSError:
                    part = b""
                if not part:
                    return False
                self._reader.feed(part)
                if any([take(frame) for frame in self._reader.frames(mark)]):
                    return True
            elif ended:
                return False

    def _drop(self) -> dict[str, Any]:
        """Return how the child ended, after ending it and removing its folder."""
        if self._connection is None:
            return {}
        self._connection.close()
        self._connection = None
        try:
            return self._engine.end()
        finally:
            if self._scratch is not None:
                remove_scratch(self._scratch)
                self._scratch = None


_SAID = {"timeout": "took too long", "died": "ended its process", "": "failed", "budget": "failed"}


def _explained(struck: str, broken: str, ended: dict[str, Any], cpu: float) -> tuple[How, str]:
    """Return how and why the child was ended, for people."""
    if struck == "cpu":
        return "timeout", f"stopped after {cpu:.3g} s of CPU time"
    if struck == "wall":
        return "timeout", "stopped by the clock: it waited, or the machine was busy"
    if struck:
        return "died", f"stopped: it had {struck}"
    if broken:
        return "died", f"stopped: {broken}"
    status = int(ended.get("status", 0))
    if status == -24:
        return "timeout", "stopped: the process has used up its CPU time"
    if status < 0:
        return "died", f"it was ended by signal {-status}"
    return "died", f"it ended with exit status {status}"

