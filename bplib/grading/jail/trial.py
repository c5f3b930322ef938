"""One piece of code run in the jail, the way that grading runs a submission.

`run_trial` starts a small zygote (`python -m bplib.grading.jail.trial`) in the backend's outer
walls; it forks a neighbor, which does nothing, and a child, which is locked in and runs the code.
Used to find out whether a backend works, by `bplib doctor`, and by the tests.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bplib.grading.jail.backend import Backend, named
from bplib.grading.jail.child import NoWalls, Walls
from bplib.grading.jail.policy import Policy
from bplib.grading.jail.reap import adopt_orphans, die_with_parent, reap
from bplib.grading.jail.scratch import make_scratch, overrun, remove_scratch

__all__ = ["Trial", "TrialError", "run_trial"]

WALL_SECONDS = 200.0
LOOK_EVERY = 0.02


class TrialError(RuntimeError):
    """Return one line: the zygote itself did not start or did not answer."""


@dataclass(frozen=True)
class Trial:
    """Return what came of a trial.

    `won` and `said` are what the code left in the variables of these names, `error` its exception;
    `status` the exit status (negative: the signal), `stopped` why it was killed from outside.
    """

    won: bool
    said: str
    error: str
    reported: bool
    status: int
    stopped: str
    cpu_seconds: float
    orphans: int
    neighbor_alive: bool
    neighbor_files: int


def run_trial(
    backend: Backend,
    source: str,
    policy: Policy | None = None,
    context: Mapping[str, Any] | None = None,
    warm: Sequence[str] = (),
) -> Trial:
    """Return what came of running `source` in `backend` with the names of `context` (JSON) defined.

    `warm` names modules that the zygote imports first. The code finds itself in its scratch folder,
    with the names `scratch`, `neighbor` (the other folder) and `neighbor_pid`. Raises `TrialError`
    if the zygote fails. Nothing is left behind.
    """
    root = Path(tempfile.mkdtemp(prefix="bplib-")).resolve()
    try:
        scratch, neighbor = make_scratch(root), make_scratch(root)
        request = {
            "backend": backend.name, "policy": asdict(policy or Policy()), "source": source,
            "scratch": str(scratch), "neighbor": str(neighbor), "warm": list(warm),
            "context": dict(context or {}),
        }  # fmt: skip
        argv = [sys.executable, "-m", "bplib.grading.jail.trial"]
        with backend.start(argv, root, policy or Policy()) as zygote:
            try:
                asked = json.dumps(request).encode()
                out, err = zygote.communicate(asked, timeout=WALL_SECONDS + 30)
            except subprocess.TimeoutExpired:
                zygote.kill()
                raise TrialError("no answer in time") from None
        if zygote.returncode != 0:
            lines = err.decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise TrialError(f"exit status {zygote.returncode}: {lines[-1]}")
        return Trial(**json.loads(out), neighbor_files=len(os.listdir(neighbor)))
    finally:
        remove_scratch(root)


def _child(request: dict[str, Any], walls: Walls | NoWalls, report: int, names: Any) -> None:
    """Run the code and write the report; never return."""
    answer: dict[str, Any] = {"won": False, "said": "", "error": ""}
    try:
        walls.restrict_self(Path(request["scratch"]), keep=[report])
        exec(compile(request["source"], "<trial>", "exec"), names)
        answer |= {"won": bool(names["won"]), "said": str(names["said"])[:2000]}
    except BaseException as error:  # whatever it is, it is the outcome of the trial
        answer["error"] = f"{type(error).__name__}: {error}"[:2000]
    os.write(report, json.dumps(answer).encode() + b"\n")
    os._exit(0)


def _fork_neighbor(walls: Walls | NoWalls, scratch: str) -> int:
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            walls.restrict_self(Path(scratch), keep=[tell])
            os.close(tell)
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.close(tell)
    os.read(ready, 1)  # end of file: it is locked in
    os.close(ready)
    return pid


def _watch(pid: int, report: int, scratch: Path, policy: Policy, jailed: bool) -> tuple[bytes, str]:
    """Return the line that the child reports, and why it was stopped, if it was."""
    said, end = b"", time.monotonic() + WALL_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(report, selectors.EVENT_READ)
        while True:
            if selector.select(LOOK_EVERY):
                part = os.read(report, 65536)
                said += part
                if not part or part.endswith(b"\n"):
                    return said, ""
            reason = overrun(pid, scratch, policy) if jailed else None
            if reason or time.monotonic() > end:
                return said, reason or "no end in time"


def main() -> None:
    """Return nothing; read a request from standard input, write the trial's outcome to output."""
    die_with_parent()
    adopt_orphans()
    request = json.load(sys.stdin)
    for module in request["warm"]:
        __import__(module)
    settings: dict[str, Any] = request["policy"]
    for name in ("readable", "hidden"):  # JSON has no tuples
        settings[name] = tuple(settings[name])
    policy = Policy(**settings)
    walls = named(request["backend"]).walls(policy)
    neighbor = _fork_neighbor(walls, request["neighbor"])
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        names = dict(request["context"], won=False, said="", scratch=request["scratch"])
        _child(request, walls, write, names | {
            "neighbor": request["neighbor"], "neighbor_pid": neighbor,
        })  # fmt: skip
    os.close(write)
    said, stopped = _watch(pid, read, Path(request["scratch"]), policy, isinstance(walls, Walls))
    if not stopped:  # the report is complete; let it exit by itself so that its status is true
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    ended = reap(pid, keep=[neighbor])
    alive = os.waitid(os.P_PID, neighbor, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    reap(neighbor)
    answer = {"won": False, "said": "", "error": ""}
    if said:
        answer |= json.loads(said)
    answer |= asdict(ended) | {"stopped": stopped, "neighbor_alive": alive, "reported": bool(said)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
