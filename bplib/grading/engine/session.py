"""One submission: its cells are run, its functions are asked, whatever they do to their process."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bplib.answers import Outcome
from bplib.grading.engine import answering, helpers, questions
from bplib.grading.engine.contact import Contact, End, Take
from bplib.grading.engine.frames import Broken, Frame
from bplib.grading.engine.outputs import Outputs, Page
from bplib.grading.engine.types import Budget, Call, CellRun, EngineError

if TYPE_CHECKING:
    from bplib.grading.engine.engine import Engine

__all__ = ["FAILURES", "Session"]

FAILURES = 3
"""How often a function may run out of time or end its process before it is asked no more."""
_OF_A_CELL = (32 << 20, 40_000)
_OF_AN_ASK = (512 << 20, 2 * helpers.MOST_CALLS)
_SMALLEST = 0.05


class _Asked:
    """Return a call as a request; `outside` are the helpers that stay on this side."""

    def __init__(self, name: str, call: Call) -> None:
        tree, self.payload, self.outside = questions.encode(call.inputs)
        self.call = call
        self.header = {"kind": "ask", "name": name, "inputs": tree, "labels": call.labels}


def _alike(asked: Sequence[_Asked]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the requests up to the first one whose helpers are called in between."""
    for one in asked:
        if one.outside:
            return
        yield one.header, one.payload


class Session:
    """Return the session of one submission; made by `Engine.session`, used as a context manager."""

    def __init__(self, engine: "Engine", files: Path | None, budget: Budget, seed: int) -> None:
        self._budget = budget
        self._connect = partial(Contact, engine, files, budget.file_bytes, seed)
        self._contact: Contact | None = None
        self._page = Page(budget)
        self._pots = {"cells": budget.cells_cpu, "asks": budget.asks_cpu}
        self._count = 0
        self._good: list[tuple[str, int]] = []
        self._failures: Counter[str] = Counter()
        self._may_repeat_cell = True
        self._walls = {"cells": budget.cells_wall, "asks": budget.asks_wall}
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
        if self._contact:
            self._contact.close()

    @property
    def cpu_left(self) -> Mapping[str, float]:
        """Seconds of CPU time left for "cells" and for "asks".

        What quick requests took is taken from whichever of the two was used when it was counted.
        """
        if self._contact:
            self._pots["asks"] -= self._contact.settle()
        return dict(self._pots)

    # --- cells ---------------------------------------------------------------------------------

    def run_cell(self, source: str) -> CellRun:
        """Return what came of running the cell; never raises for what it does.

        A cell that the clock stopped, and not its CPU time, is tried once more, once per session.
        Raises `EngineError` if the engine itself fails, or the session is closed.
        """
        if not source.strip():
            return CellRun()
        self._count += 1
        run = self._run(source)
        by_clock = run.ended == "timeout" and run.cpu_seconds < self._budget.cell_cpu / 2
        if by_clock and self._may_repeat_cell:
            self._may_repeat_cell = False
            run = self._run(source)
        if not run.ended:
            self._good.append((source, self._count))
        return run

    def _run(self, source: str) -> CellRun:
        shown = Outputs(self._page, self._count)
        if not self._ready("cells"):
            note = "not run: this submission has used up its time"
            shown.stop("NotRun", note)
            return CellRun(shown.outputs, None, 0.0, "budget", note)
        end = self._cell(source, self._count, "cells", shown.add)
        if end.how:
            shown.stop("TimeLimit" if end.how == "timeout" else "ProcessEnded", end.why)
        return CellRun(shown.outputs, self._count, end.cpu, end.how, end.why)

    def _cell(self, source: str, count: int, pot: str, add: Callable[[Frame], None] | None) -> End:
        header = {"kind": "run", "source": source, "count": count, "silent": add is None}

        def take(frame: Frame) -> bool:
            if frame.header["kind"] == "done":
                return True
            if add:
                add(frame)
            return False

        return self._request(header, b"", pot, self._budget.cell_cpu, take, _OF_A_CELL)

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
        return self.ask_all(name, [Call(inputs, shapes, labels)], cpu_limit, lines)[0]

    @helpers.quiet()
    def ask_all(
        self, name: str, calls: Sequence[Call], cpu_limit: float, lines: bool = False
    ) -> list[Outcome]:
        """Return the outcomes of several calls, those of `ask` one after the other.

        Calls whose inputs are small and need no helpers are sent ahead, so that the function
        answers the next one while this process reads the last.
        """
        asked = [_Asked(name, call) for call in calls]
        found: list[Outcome] = []
        attempt = 1
        while len(found) < len(asked):
            if self._failures[name] >= FAILURES:
                found.append(Outcome(message="not asked again: it did not come back before"))
                continue
            if not self._ready("asks"):
                found.append(Outcome(message="not asked: this submission has used up its time"))
                continue
            assert self._contact is not None
            if not self._contact.waits:
                self._contact.send_ahead(_alike(asked[len(found) :]))
            outcome, end = self._ask(asked[len(found)], cpu_limit, lines)
            if outcome is None:
                self._failures[name] += 1
                if attempt == 1 and end.how != "died":
                    attempt = 2
                    continue
                outcome = Outcome(message=f"the function did not come back ({end.why})")
            found.append(outcome)
            attempt = 1
        if self._contact and self._contact.waits:  # out of time: nothing may be answered later
            self._contact.close()
        return found

    def _ask(self, asked: _Asked, cpu: float, lines: bool) -> tuple[Outcome | None, End]:
        """Return the outcome, None if the function did not come back, and how the request ended."""
        answer: list[Outcome] = []
        take = self._taker(helpers.Helpers(asked.outside, cpu), asked.call, lines, answer)
        end = self._request(asked.header, asked.payload, "asks", cpu, take, _OF_AN_ASK)
        assert self._contact is not None
        # The time may have been up for a question sent ahead, before this process saw the answer.
        interrupted = answer and type(answer[0].error).__name__ == "KeyboardInterrupt"
        early = end.how == "timeout" and self._contact.waits and not interrupted
        return (answer[0] if answer and (early or not end.how) else None), end

    def _taker(
        self, helping: helpers.Helpers, call: Call, lines: bool, answer: list[Outcome]
    ) -> Take:
        def take(frame: Frame) -> bool:
            if frame.header["kind"] == "call":
                assert self._contact is not None
                self._contact.send(frame.nonce, *helping.answer(frame))
                return False
            if frame.header["kind"] != "reply":
                raise Broken("it answered in no known form")
            answer.append(answering.outcome(frame, call.shapes, call.labels, lines))
            return True

        return take

    # --- the child -----------------------------------------------------------------------------

    def _request(
        self, header: dict[str, Any], payload: bytes, pot: str, cpu: float, take: Take,
        accept: tuple[int, int],
    ) -> End:  # fmt: skip
        assert self._contact is not None
        cpu = min(cpu, self._pots[pot])
        wall = min(cpu * self._budget.wall_factor + 2, self._walls[pot])
        began = time.monotonic()
        end = self._contact.request(header, payload, cpu, wall, take, accept)
        self._walls[pot] -= time.monotonic() - began
        self._pots[pot] -= end.cpu
        return end

    def _ready(self, pot: str) -> bool:
        """Return whether there is a child that has run all good cells, and time left."""
        if self.closed:
            raise EngineError("the session is closed: open a new one")
        while self._left(pot):
            if self._contact and self._contact.alive:
                return True
            self._contact = self._connect()
            for cell in list(self._good):
                if not self._left(pot):
                    self._contact.close()  # it knows only a part of what it should
                    return False
                if self._cell(*cell, pot, None).how:
                    # What went well once and does not again is left out from now on.
                    self._good.remove(cell)
                    break
        return False

    def _left(self, pot: str) -> bool:
        return min(self._pots[pot], self._walls[pot]) > _SMALLEST
