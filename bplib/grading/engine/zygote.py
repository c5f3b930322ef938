"""The zygote: one thread, warm with IPython, NumPy and matplotlib, forked for each submission.

`python -m bplib.grading.engine.zygote FD` talks JSON over the packet socket FD. It holds no secret,
for each child begins as its copy, and it hears nothing from the children but their end. It counts
their CPU time by the kernel's clock, looks at what they use up, and kills.
"""

import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bplib.grading.engine import child
from bplib.grading.engine.shell import make_shell
from bplib.grading.inside import prepare
from bplib.grading.jail import Policy, adopt_orphans, die_with_parent, named, overrun, reap
from bplib.grading.jail.child import NoWalls, Walls

__all__ = ["PACKET", "main"]

PACKET = 64 << 10
THREAD_SECONDS = 10.0
LOOK_SECONDS = 0.05
"""How often a running child is looked at."""
GRACE_CPU, GRACE_WALL = 1.0, 2.0
"""After the interrupt that lets a cell show where it was, until it is killed."""


@dataclass
class _Watched:
    """Return the child and the CPU time and the clock at which it is interrupted, then killed."""

    pid: int
    handle: int
    scratch: Path
    cpu: float = float("inf")
    wall: float = float("inf")
    struck: str = ""

    def used(self) -> float:
        """Return its CPU time, all threads, by the kernel's clock for process `pid`."""
        return time.clock_gettime((~self.pid << 3) | 2)


class Zygote:
    """Return what serves one control connection."""

    def __init__(self, control: socket.socket, settings: dict[str, Any]) -> None:
        self._control = control
        values: dict[str, Any] = settings["policy"]
        self._policy = Policy(**{k: _tuple(v) for k, v in values.items()})
        self._walls: Walls | NoWalls = named(settings["backend"]).walls(self._policy)
        self._child: _Watched | None = None
        self._ended: dict[str, Any] = {}
        self._waiting = select.poll()

    def serve(self, shell: Any) -> None:
        """Return when the other side has gone; no child is left then."""
        self._say({"ready": os.getpid()})
        control, looked = self._control.fileno(), 0.0
        self._waiting.register(control, select.POLLIN)
        while True:
            seen = {fd for fd, _ in self._waiting.poll(1e3 * LOOK_SECONDS if self._child else None)}
            if self._child and self._child.handle in seen:
                self._end()
                self._say({"event": "ended"})
            elif self._child and time.monotonic() > looked + LOOK_SECONDS:
                self._look(self._child)
                looked = time.monotonic()
            if control in seen and not self._request(shell):
                break
        self._end()

    def _say(self, message: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):  # the loop sees that the other side has gone
            self._control.send(json.dumps(message).encode())

    def _request(self, shell: Any) -> bool:
        text, handed, _, _ = socket.recv_fds(self._control, PACKET, 1)
        if not text:
            return False
        request = json.loads(text)
        match request["do"]:
            case "fork":
                self._fork(request, socket.socket(fileno=handed[0]), shell)
            case "arm":
                self._arm(request["cpu"], request["wall"])
            case "clock":
                self._say(self._clock())
            case "interrupt" if self._child:
                self._strike(self._child, "wall", gently=True)
            case "end":
                self._end()
                self._say(self._ended)
            case other:
                raise ValueError(f"unknown request {other!r}")
        return True

    def _fork(self, request: dict[str, Any], connection: socket.socket, shell: Any) -> None:
        self._end()
        pid = os.fork()
        if pid == 0:
            child.become(connection, self._walls, request["scratch"], request["seed"], shell)
        connection.close()
        self._child = _Watched(pid, os.pidfd_open(pid), Path(request["scratch"]))
        self._waiting.register(self._child.handle, select.POLLIN)
        self._ended = {}
        self._say({"cpu": 0.0})

    def _arm(self, cpu: float, wall: float) -> None:
        """Return nothing; set the limits of the next request, in seconds from now."""
        if self._child:
            self._child.cpu = self._child.used() + cpu
            self._child.wall = time.monotonic() + wall

    def _clock(self) -> dict[str, Any]:
        """Return the CPU time so far, why the child was struck, whether it has ended; no limits."""
        if self._child:
            self._child.cpu = self._child.wall = float("inf")
            return {"cpu": self._child.used(), "struck": self._child.struck, "gone": False}
        return {"cpu": self._ended["cpu_seconds"], "struck": self._ended["struck"], "gone": True}

    def _look(self, watched: _Watched) -> None:
        reason = overrun(watched.pid, watched.scratch, self._policy)
        if reason:
            self._strike(watched, reason, gently=False)
        elif watched.used() >= watched.cpu:
            self._strike(watched, "cpu", gently=not watched.struck)
        elif time.monotonic() >= watched.wall:
            self._strike(watched, "wall", gently=not watched.struck)

    def _strike(self, watched: _Watched, reason: str, gently: bool) -> None:
        """Return nothing; interrupt the child, so that it can show where it was, or kill it."""
        watched.struck = watched.struck or reason
        os.kill(watched.pid, signal.SIGINT if gently else signal.SIGKILL)
        watched.cpu, watched.wall = watched.used() + GRACE_CPU, time.monotonic() + GRACE_WALL

    def _end(self) -> None:
        """Return nothing; kill and reap the child, if there is one, and keep how it ended."""
        if self._child:
            ended = reap(self._child.pid)
            self._waiting.unregister(self._child.handle)
            os.close(self._child.handle)
            self._ended = asdict(ended) | {"struck": self._child.struck}
            self._child = None


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value  # JSON knows lists only


def _wait_until_alone() -> None:
    """Return when no other thread is left: matplotlib's waits until the list of fonts is there.

    The kernel is asked, for it may still count one that has been joined. Raises `RuntimeError`.
    """
    end = time.monotonic() + THREAD_SECONDS
    while (threads := len(os.listdir("/proc/self/task"))) != 1:
        if time.monotonic() > end:
            raise RuntimeError(f"the zygote has {threads} threads: what did it import?")
        time.sleep(0.01)


def _left(control: socket.socket) -> bool:
    """Return whether the other side has gone, whatever it may have said before."""
    waiting = select.poll()
    waiting.register(control, 0)
    return any(event & select.POLLHUP for _, event in waiting.poll(0))


def main() -> None:
    """Return nothing; warm up, then serve the control socket named on the command line."""
    die_with_parent()
    adopt_orphans()
    control = socket.socket(fileno=int(sys.argv[1]))
    if _left(control):  # before the kernel knew; its folder may be gone, and would be made again
        return
    settings = json.loads(control.recv(PACKET))
    prepare()
    shell = make_shell()
    _wait_until_alone()
    import gc

    gc.collect()
    gc.freeze()  # a collection in a child would copy every page of what is shared
    Zygote(control, settings).serve(shell)


if __name__ == "__main__":
    main()
