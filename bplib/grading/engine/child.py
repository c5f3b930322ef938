"""The child: locks itself in, then runs cells and answers questions until it is told to stop.

From `serve` on it shares its process with a student's code, which can replace anything here. So
nothing that it says is believed on the other side; it only has to work for honest notebooks. For
their sake all that answers a question, here and in the modules it uses, is bound by name when it is
imported: after `np.array = …` a function that does not use it is as right as before.
"""

import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn
from warnings import catch_warnings, simplefilter

from numpy import errstate

from bplib.grading import inside
from bplib.grading.engine import answering, helpers, questions, shell
from bplib.grading.engine.frames import HELLO, Frame, encode, receive
from bplib.grading.engine.outlet import OUTLET
from bplib.grading.jail.child import NoWalls, Walls
from bplib.grading.jail.reap import die_with_parent

__all__ = ["become"]


def become(
    connection: socket.socket, walls: Walls | NoWalls, scratch: str, seed: int, ready: Any
) -> NoReturn:
    """Never return; the whole life of a child that has just been forked.

    The first frame says that the walls stand, or why they do not; a student's code comes after it.
    """
    problem = ""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        die_with_parent()
        walls.restrict_self(Path(scratch), keep=[connection.fileno()])
        inside.install()
        shell.prepare(ready, seed)
        OUTLET.connect(connection)
    except BaseException as error:
        problem = f"{type(error).__name__}: {error}"[:1000]
    try:
        connection.sendall(encode(HELLO, {"kind": "hello", "problem": problem}))
        if not problem:
            serve(connection.recv, ready)
    finally:
        os._exit(0)


def serve(read: Callable[[int], bytes], ready: Any) -> NoReturn:
    """Never return normally; carry out requests. Raises `EOFError` at the end."""
    while True:
        try:
            frame = _next(read)
            if frame.header["kind"] == "run":
                _run(frame, ready)
            else:
                _ask(frame, read, ready)
        except KeyboardInterrupt:  # the time was up just as the cell ended: the judge knows
            continue


def _next(read: Callable[[int], bytes]) -> Frame:
    """Return the next request, although a signal handler of the notebook may raise meanwhile."""
    try:
        return receive(read)
    except EOFError:
        raise
    except BaseException:  # as a kernel does; once, for a broken connection raises for ever
        return receive(read)


def _run(frame: Frame, ready: Any) -> None:
    OUTLET.begin(frame.nonce, showing=not frame.header["silent"])
    ready.execution_count = frame.header["count"]
    try:
        result = ready.run_cell(frame.header["source"], store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None and error is not ready.told:
            # IPython has only printed it (a magic that is not used right): an error all the same.
            ready._showtraceback(type(error), error, [])
    except BaseException:  # what IPython lets through is shown like any other exception
        ready.showtraceback()
    OUTLET.flush()
    OUTLET.send({"kind": "done"})


def _ask(frame: Frame, read: Callable[[int], bytes], ready: Any) -> None:
    OUTLET.begin(frame.nonce, showing=False)

    def remote(index: int, method: str, values: tuple[Any, ...]) -> Any:
        described, raw = helpers.arguments(values)
        OUTLET.send(
            {"kind": "call", "object": index, "method": method, "arguments": described}, raw
        )
        return helpers.returned(receive(read))

    name = frame.header["name"]
    if name not in ready.user_ns:
        OUTLET.send({"kind": "reply", "how": "missing"})
        return
    function = ready.user_ns[name]
    if not callable(function):
        OUTLET.send({"kind": "reply", "how": "kind", "type": type(function).__name__})
        return
    arguments = questions.decode(
        frame.header["inputs"],
        frame.payload,
        lambda kind, index, name: helpers.stand_in(kind, index, name, remote),
    )
    header, raw = _reply(function, arguments, frame.header["labels"])
    OUTLET.send(header, raw)


def _reply(function: Any, arguments: list[Any], labels: Any) -> tuple[dict[str, Any], bytes]:
    """Return what the function's answer, or its exception, amounts to as a message."""
    chunks: list[bytes] = []
    if not isinstance(warnings.filters, list):  # a notebook's doing
        warnings.filters = []
    try:
        with errstate(), catch_warnings(record=True, module=warnings) as caught, _silence():
            simplefilter("always")
            answer = function(*arguments)
            tree = answering.encode(answer, labels, chunks)
        told = dict.fromkeys(_told(w.category, w.message) for w in caught)
    except BaseException as error:
        name, text = _told(type(error), error)
        return {"kind": "reply", "how": "raised", "type": name, "text": text}, b""
    notes = list(told)[: answering.MOST_NOTES]
    return {"kind": "reply", "how": "answer", "tree": tree, "notes": notes}, b"".join(chunks)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what is printed to ourselves; a notebook may have deleted the streams."""
    before = getattr(sys, "stdout", None), getattr(sys, "stderr", None)
    sys.stdout = sys.stderr = StringIO()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _told(kind: type, problem: Any) -> tuple[str, str]:
    """Return the type of an exception or a warning, and its text, whatever its author did to it."""
    try:
        return kind.__name__, str(problem)[:2000]
    except BaseException:
        return kind.__name__, ""
