"""A script: the CPU time that functions need for the large case of an exercise, or null if late.

BLAS has one thread, as in the grading engine: threads that wait would count as work.
stdin: {"exercise": id, "limit": seconds, "repeats": n, "sources": {name: text}}; stdout: seconds by
name, of the fastest of the repeats.
"""

import json
import os
import signal
import subprocess
import sys
import time

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def cpu_times(exercise, sources, limit, repeats=3):
    """Seconds by name, measured in a fresh process; None for what is not done at the limit."""
    asked = {"exercise": exercise, "limit": limit, "repeats": repeats, "sources": sources}
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(asked),
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


class Late(BaseException):
    """The CPU time is over; no student's `except Exception` stops it."""


def _stop(*_):
    raise Late


def _seconds(function, inputs, limit):
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        start = time.process_time()
        function(*inputs)
        return time.process_time() - start
    except Late:
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _main():
    from bplib.exercises.bank import exercise
    from bplib.exercises.exercise import Variant

    asked = json.load(sys.stdin)
    found = exercise(asked["exercise"])
    inputs = [*found.large_question(0).case.inputs.values()]
    signal.signal(signal.SIGPROF, _stop)
    used = {}
    for name, source in asked["sources"].items():
        function = Variant(name, source, found.name).function
        times = [_seconds(function, inputs, asked["limit"]) for _ in range(asked["repeats"])]
        used[name] = min((t for t in times if t is not None), default=None)
    json.dump(used, sys.stdout)


if __name__ == "__main__":
    _main()
