"""What honest notebooks do works in the jail."""

import pytest

from bplib.grading.jail import Backend, Policy
from bplib.grading.jail.trial import run_trial

HONEST = {
    "numpy": """
import numpy as np
A = np.random.default_rng(0).normal(size=(300, 300))
won = np.allclose(A @ np.linalg.inv(A), np.eye(300))
""",
    "figure": """
import io, matplotlib.pyplot as plt
plt.plot([1, 2]); plt.title("$\\\\delta^l$ äöü")
for kind in ("png", "svg", "pdf"):
    plt.savefig("figure." + kind)
won = open("figure.png", "rb").read(4)[1:] == b"PNG"
""",
    "own files": """
import os, pathlib, shutil, tempfile, numpy as np
os.makedirs("a/b"); pathlib.Path("a/b/c").write_text("x"); os.rename("a/b/c", "a/d")
shutil.copyfile("a/d", "e"); shutil.rmtree("a")
np.savez("weights.npz", W=np.eye(3))
with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
    file.write(b"x")
won = np.load("weights.npz")["W"][1, 1] == 1 and sorted(os.listdir()) == ["e", "weights.npz"]
""",
    "threads": """
import threading, concurrent.futures as futures, numpy as np
with futures.ThreadPoolExecutor(4) as pool:
    won = list(pool.map(lambda k: int(np.full(9, k).sum()), range(9))) == [9 * k for k in range(9)]
""",
    "import afterwards": """
import ctypes, decimal, sqlite3, ssl, xml.dom.minidom, bplib, numpy.polynomial, numpy.testing
won = True
""",
    "asyncio": """
import asyncio
async def later():
    await asyncio.sleep(0.01)
    return True
won = asyncio.run(later())
""",
    "signals to itself": """
import os, signal
caught = []
signal.signal(signal.SIGALRM, lambda *_: caught.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause()
signal.signal(signal.SIGUSR1, lambda *_: caught.append(2))
os.kill(os.getpid(), signal.SIGUSR1)
won = caught == [1, 2]
""",
    "interactive shell": """
import io, contextlib
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
settings = Config({"HistoryManager": {"enabled": False}})
shell = InteractiveShell(config=settings)
with contextlib.redirect_stdout(io.StringIO()):
    shell.run_cell("%matplotlib inline", store_history=True)
    shell.run_cell("1 / 0", store_history=True)
    result = shell.run_cell("%timeit -n1 -r1 1+1\\n_x = 41; _x + 1", store_history=True)
won = result.result == 42
""",
    "time, memory and machine": """
import os, platform, resource, time, tracemalloc
tracemalloc.start(); time.process_time(); resource.getrusage(resource.RUSAGE_SELF)
platform.platform(); platform.processor()
won = os.cpu_count() >= 1 and len(os.sched_getaffinity(0)) >= 1 and time.localtime() is not None
""",
}


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_works(name: str, warm: bool, backend: Backend) -> None:
    modules = ("numpy", "matplotlib.pyplot", "IPython.core.interactiveshell") if warm else ()
    trial = run_trial(backend, HONEST[name], warm=modules)
    assert trial.won, trial
    assert (trial.status, trial.stopped, trial.orphans) == (0, "", 0)


def test_forking_parent_may_have_imported_what_is_hidden(backend: Backend) -> None:
    trial = run_trial(
        backend, "import sys; said = [n for n in sys.modules if n.startswith('bplib.')]; won = 1"
    )
    assert trial.won
    assert trial.said == "[]"


def test_limits_are_those_of_the_policy(backend: Backend) -> None:
    source = """
import resource
said = [resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in ("CPU", "AS", "FSIZE")]
"""
    trial = run_trial(backend, source, Policy(cpu_seconds=7, memory_bytes=1 << 30, file_bytes=99))
    assert trial.said == str([(7, 8), (1 << 30, 1 << 30), (99, 99)])
