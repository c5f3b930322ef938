"""Bad submissions, as far as running them goes: each is bounded, and spares what was right."""

import base64
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from bplib.grading.engine import Budget, CellRun, Engine, Session
from bplib.nn import activation

BUDGET = Budget(cell_cpu=1.0, cells_cpu=8.0, asks_cpu=8.0, cells_wall=30.0, asks_wall=30.0)
# A loop has used up its CPU time long before the clock stops it, on a busy machine, too.
PATIENT = replace(BUDGET, wall_factor=60.0, cells_wall=200.0)
# For what is to end by itself, on a busy machine, too.
AMPLE = Budget(cell_cpu=15.0, cells_cpu=30.0, cells_wall=60.0)
RIGHT = "import numpy as np\ndef double(x):\n    return 2 * x"


@dataclass(frozen=True)
class Bad:
    """A cell, how it should end, and a word that the note or an output should hold."""

    source: str
    ended: str = ""
    word: str = ""


LOOPS = {
    "endless loop": Bad("while True: pass", "timeout", "CPU time"),
    "loop that catches interrupts": Bad(
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "timeout", "CPU time",
    ),
    "loop that ignores signals": Bad(
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "timeout", "CPU time",
    ),
    "loop in C": Bad("10 ** 10 ** 9", "timeout", "CPU time"),
    "loop in threads": Bad(
        "import threading\ndef loop():\n    while True: pass\n"
        "ts = [threading.Thread(target=loop) for _ in range(4)]\n"
        "[t.start() for t in ts]; [t.join() for t in ts]",
        "timeout", "CPU time",
    ),
    "regular expression without end": Bad(
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')", "timeout", "CPU time"
    ),
}  # fmt: skip

ENDS = {
    "os._exit": Bad("import os\nos._exit(0)", "died", "exit status 0"),
    "SIGKILL to itself": Bad(
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "died", "signal 9"
    ),
    "SIGSTOP to itself": Bad("import os, signal\nos.kill(os.getpid(), 19)", "timeout", "clock"),
    "crash in C": Bad("import ctypes\nctypes.string_at(0)", "died", "signal 11"),
    "stack overflow in C": Bad(
        "import sys\nsys.setrecursionlimit(10**9)\nf = lambda: f()\n"
        "class A:\n    def __repr__(self): return repr([self, self.__class__()])\nrepr(A())",
        "died", "signal 11",
    ),
    "sys.exit": Bad("import sys\nsys.exit(3)", "", "SystemExit"),
    "exit": Bad("exit()", ""),
    "abort": Bad("import os\nos.abort()", "died", "signal 6"),
    "input": Bad("input('name?')", "", "StdinNotImplementedError"),
    "fork bomb": Bad("import os\nwhile True: os.fork()", "", "PermissionError"),
    "left-over fork": Bad("import os\nif os.fork() == 0:\n    input()", "", "PermissionError"),
    "a shell": Bad("!sleep 1000 &", ""),
    "left-over threads": Bad(
        "import threading, time\nfor _ in range(9):\n"
        "    threading.Thread(target=time.sleep, args=(1000,)).start()"
    ),
    "thread bomb": Bad(
        "import threading, time\nfor _ in range(10000):\n"
        "    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\ntime.sleep(1)",
        "died", "threads",
    ),
    "memory bomb": Bad("x = bytearray(1 << 40)", "", "MemoryError"),
    "memory bomb, step by step": Bad(
        "x = []\nwhile True: x.append(bytearray(64 << 20))", "", "MemoryError"
    ),
    "disk fill": Bad(
        "import time\nfor i in range(99):\n    open(f'f{i}', 'wb').write(bytes(16 << 20))\n"
        "time.sleep(1)",
        "died", "MiB in its folder",
    ),
    "file flood": Bad(
        "import time\nfor i in range(5000): open(f'f{i}', 'w').close()\ntime.sleep(1)",
        "died", "files in its folder",
    ),
    "descriptors closed": Bad("import os\nos.closerange(0, 1000)", "died"),
    "generator that never ends a thread": Bad(
        "import atexit\natexit.register(lambda: (_ for _ in iter(int, 1)).__next__())"
    ),
}  # fmt: skip

FLOODS = {
    "300 MB of output": Bad("for _ in range(300): print('x' * (1 << 20))", "", "too long"),
    "a million lines": Bad("for i in range(10**6): print(i)", "", "too long"),
    "120 MB message": Bad("raise ValueError('x' * (120 << 20))", "", "ValueError"),
    "120 MB display": Bad("'x' * (120 << 20)", "", ""),
    "many displays": Bad("for i in range(10**4): display(i)", "", "too long"),
    "many errors": Bad(
        "for i in range(100):\n    try: 1 / 0\n    except Exception: get_ipython().showtraceback()",
        "", "",
    ),
    "updates without end": Bad(
        "h = display('x', display_id=True)\nfor i in range(2000): h.update('y' * 10000)", "", ""
    ),
    "huge image": Bad(
        "import matplotlib.pyplot as plt\nplt.imshow(np.random.rand(900, 900))\n"
        "plt.gcf().set_dpi(300)\nplt.show()",
        "", "",
    ),
}  # fmt: skip


def shown(run: CellRun) -> str:
    return f"{run.note} {run.outputs}"


def right(session: Session) -> bool:
    x = np.arange(6.0).reshape(2, 3) + time.monotonic()
    outcome = session.ask("double", {"x": x}, {"y": (2, 3)}, "y", 1.0)
    return "y" in outcome.arrays and np.array_equal(outcome.arrays["y"], 2 * x)


@pytest.mark.parametrize("name", LOOPS | ENDS | FLOODS)
def test_bounded_and_what_was_right_stays_right(engine: Engine, name: str) -> None:
    bad = (LOOPS | ENDS | FLOODS)[name]
    budget = PATIENT if name in LOOPS else BUDGET if bad.ended == "timeout" else AMPLE
    with engine.session(budget=budget) as session:
        assert session.run_cell(RIGHT).ended == ""
        run = session.run_cell(bad.source)
        assert run.ended == bad.ended, shown(run)[:2000]
        assert bad.word in shown(run)
        assert run.execution_count == 2
        assert len(str(run.outputs)) < BUDGET.cell_bytes + 10_000
        assert session.run_cell("1 + 1").outputs[0]["data"] == {"text/plain": "2"}
        assert right(session)


# Cells that do something odd to their own process, and after which a notebook goes on.
ODD = {
    **{f"no {name}": f"import builtins\nbuiltins.{name} = None" for name in (
        "len", "print", "open", "isinstance", "type", "getattr", "min", "str", "Exception",
    )},
    "no builtins": "import builtins\nbuiltins.__dict__.clear()",
    "deleted builtins": "import builtins\ndel builtins.callable, builtins.bytes",
    "isinstance of its own": "import builtins\nbuiltins.isinstance = lambda *a: True",
    "shadowed builtins": "len = type = isinstance = issubclass = callable = print = None",
    **{f"no np.{name}": f"np.{name} = None" for name in (
        "array", "asarray", "ascontiguousarray", "frombuffer", "dtype", "errstate", "ndarray",
    )},
    "no np": "np = None",
    "no json": "import json\njson.dumps = json.loads = None",
    "no warnings": "import warnings\nwarnings.catch_warnings = warnings.simplefilter = None",
    "no filters of warnings": "import warnings\nwarnings.filters = None",
    "no socket": "import socket\nsocket.socket.sendall = socket.socket.recv = None",
    "no clock": "import time\ntime.monotonic = time.time = None",
    "no StringIO": "import io\nio.StringIO = None",
    "no stdout": "import sys\nsys.stdout = sys.stderr = None",
    "stdout closed": "import sys\nsys.stdout.close()\nsys.stderr.close()",
    "stdout is a StringIO": "import io, sys\nsys.stdout = io.StringIO()",
    "descriptors 0 to 2 closed": "import os\nos.closerange(0, 3)",
    "modules cleared": "import sys\nsys.modules.clear()",
    "numpy forgotten": "import sys\ndel sys.modules['numpy']",
    "path cleared": "import sys\nsys.path.clear()\nsys.meta_path.clear()",
    "environment cleared": "import os\nos.environ.clear()",
    "another folder": "import os\nos.mkdir('a')\nos.chdir('a')\nos.rmdir('../a')",
    "warnings are errors": "import warnings\nwarnings.simplefilter('error')",
    "floating-point errors raise": "np.seterr(all='raise')",
    "print options": "np.set_printoptions(threshold=2, formatter={'all': lambda x: 1 / 0})",
    "seed of its own": "import random\nrandom.seed = np.random.seed = lambda *a: None",
    "decimal context": "import decimal\ndecimal.getcontext().prec = 1",
    "locale": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
    "recursion limit": "import sys\nsys.setrecursionlimit(60)",
    "recursion limit too low": "import sys\nsys.setrecursionlimit(20)",
    "tracing": "import sys\ndef trace(*a): return trace\nsys.settrace(trace)",
    "tracing that raises": "import sys\nsys.settrace(lambda *a: 1 / 0)",
    "profiling that raises": "import sys\nsys.setprofile(lambda *a: 1 / 0)",
    "hooks": "import sys, threading as t\nsys.excepthook = t.excepthook = sys.displayhook = None",
    "no garbage collection": "import gc\ngc.disable()",
    "tracemalloc": "import tracemalloc\ntracemalloc.start()",
    "faulthandler": "import faulthandler\nfaulthandler.enable()",
    "atexit": "import atexit\natexit.register(lambda: 1 / 0)",
    "SIGINT ignored": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
    "SIGINT to itself": "import os, signal\nos.kill(os.getpid(), signal.SIGINT)",
    "top-level await": "import asyncio\nawait asyncio.sleep(0)",
    "a task that never ends": (
        "import asyncio\nasync def turn():\n    while True: await asyncio.sleep(0)\n"
        "task = asyncio.get_event_loop().create_task(turn())"
    ),
    "a closed event loop": "import asyncio\nasyncio.get_event_loop().close()",
    "a thread that floods stdout": (
        "import threading\ndef flood():\n    while True: print('x' * 100)\n"
        "threading.Thread(target=flood, daemon=True).start()"
    ),
    "a thread that never ends": (
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()"
    ),
    "callbacks that raise": (
        "get_ipython().events.register('pre_run_cell', lambda info: 1 / 0)"
    ),
    "quit": "quit()",
    "%cd": "%cd ..",
    "%load": "%load nothing.py",
    "%run": "%run nothing.py",
    "%%bash": "%%bash\necho hello",
    "%%writefile": "%%writefile made.py\nx = 1",
    "%autoreload": "%load_ext autoreload\n%autoreload 2",
    "%matplotlib widget": "%matplotlib widget",
    "%matplotlib notebook": "%matplotlib notebook",
    "%pdb": "%pdb on\n1 / 0",
    "%prun": "%prun sum(range(9))",
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_cell_spoils_no_right_function(engine: Engine, name: str) -> None:
    with engine.session(budget=AMPLE) as session:
        session.run_cell(RIGHT + "\ndef squash(x, phi):\n    return phi(x)")
        run = session.run_cell(ODD[name])
        assert run.ended == "", shown(run)[:2000]
        assert right(session)
        inputs = {"x": np.arange(-2.0, 3.0), "phi": activation("relu")}
        squashed = session.ask("squash", inputs, {"a": (5,)}, "a", 1.0)
        assert np.array_equal(squashed.arrays["a"], [0, 0, 0, 1, 2])
        assert session.run_cell("1").execution_count == 3
        assert right(session)


def test_functions_are_right_without_any_stream(engine: Engine) -> None:
    with engine.session(budget=AMPLE) as session:
        session.run_cell(RIGHT)
        session.run_cell("import sys\ndel sys.stdout, sys.stderr")
        assert right(session)
        assert right(session)


def test_autoreload_says_nothing_of_the_files_that_are_hidden(engine: Engine) -> None:
    with engine.session() as session:
        assert session.run_cell("from bplib.tutor import check\nimport bplib.explore").outputs == []
        assert session.run_cell("%load_ext autoreload\n%autoreload 2").outputs == []
        assert session.run_cell("x = 1").outputs == []


def test_an_alarm_between_two_questions_is_passed_over(engine: Engine) -> None:
    with engine.session(budget=AMPLE) as session:
        session.run_cell(RIGHT)
        session.run_cell(
            "import signal\ndef late(*ignored):\n    open('rang', 'w').close()\n"
            "    raise TimeoutError\n"
            "signal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.2)"
        )
        assert session._contact is not None
        while not (session._contact._scratch / "rang").exists():
            time.sleep(0.05)
        assert right(session)


@pytest.mark.parametrize("source", ["%reset -f", "del double", "double = None"])
def test_what_a_notebook_has_thrown_away_is_missing_until_it_is_there_again(
    engine: Engine, source: str
) -> None:
    with engine.session() as session:
        session.run_cell(RIGHT)
        session.run_cell(source)
        assert not right(session)
        session.run_cell(RIGHT)
        assert right(session)


def test_forty_looping_cells(engine: Engine) -> None:
    began = time.monotonic()
    with engine.session(budget=BUDGET) as session:
        session.run_cell(RIGHT)
        runs = [session.run_cell("while True: pass") for _ in range(40)]
        assert {run.ended for run in runs} == {"timeout", "budget"}
        assert runs[-1].execution_count is None
        assert right(session)
    assert time.monotonic() - began < BUDGET.cells_wall + 10


def test_three_thousand_cells(engine: Engine) -> None:
    with engine.session(budget=Budget(cells_cpu=600.0, cells_wall=6000.0)) as session:
        session.run_cell(RIGHT)
        runs = [session.run_cell(f"print({i}, 'x' * 1000)") for i in range(3000)]
        assert not any(run.ended for run in runs)
        assert sum(len(str(run.outputs)) for run in runs) < 1_500_000
        assert right(session)


FORGERIES = {
    "script in HTML": "from IPython.display import HTML\nHTML('<script>alert(1)</script>')",
    "Markdown": "from IPython.display import Markdown\nMarkdown('<script>alert(1)</script>')",
    "JavaScript": "from IPython.display import Javascript\nJavascript('alert(1)')",
    "SVG": "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
    "LaTeX": r"from IPython.display import Latex" "\nLatex(r'\\href{javascript:alert(1)}{x}')",
    "image that is a script": "display({'image/png': 'PHNjcmlwdD4='}, raw=True)",
    "image of a billion pixels": (
        "import base64, struct\nraw = b'\\x89PNG\\r\\n\\x1a\\n' + struct.pack("
        "'>I4sII', 13, b'IHDR', 10**5, 10**5)\n"
        "display({'image/png': base64.b64encode(raw).decode()}, raw=True)"
    ),
    "a verdict": (
        "display({'text/plain': '4 of 4 points', 'application/vnd.bplib.verdict+json': "
        "{'exercise_id': '04.hidden_error', 'score': 4, 'points': 4}}, raw=True)"
    ),
    "metadata": "display('x', metadata={'text/plain': {'isolated': True, 'x': '<script>'}})",
    "no text": "get_ipython().display_pub.publish({'text/html': '<script>'})",
    "lone surrogates": "print('\\ud800 \\x00 \\u202e')\nraise ValueError('\\udfff')",
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_nothing_active_comes_out(engine: Engine, name: str) -> None:
    with engine.session() as session:
        run = session.run_cell(FORGERIES[name])
    for output in run.outputs:
        assert set(output.get("data", {})) <= {"text/plain"}
        assert output.get("metadata", {}) == {}
        str(output).encode()
    assert "<script" not in str(run.outputs)


REPLACED = {
    "shell": "get_ipython().run_cell = lambda *a, **k: None",
    "display hook": "import sys\nsys.displayhook = get_ipython().displayhook = None",
    "publisher": "get_ipython().display_pub = None",
    "count": "get_ipython().execution_count = 999",
    "streams": "import sys\nsys.stdout = sys.stderr = None",
    "modules": "import sys\nsys.modules.clear()",
    "transformer": "get_ipython().input_transformers_post.append(lambda lines: ['pass'])",
    "builtins": "import builtins\nbuiltins.len = builtins.isinstance = None",
    "allclose": "np.allclose = np.array_equal = lambda *a, **k: True\nnp.random.default_rng = None",
    "json": "import json\njson.dumps = json.loads = None",
    "frames": (
        "import gc, types\nfor f in gc.get_objects():\n"
        "    if isinstance(f, types.FunctionType) and 'engine' in (f.__module__ or ''):\n"
        "        f.__code__ = (lambda *a, **k: None).__code__"
    ),
    "threads that patch later": (
        "import threading, time\ndef patch():\n    while True:\n"
        "        np.allclose = lambda *a, **k: True\n        time.sleep(0.01)\n"
        "threading.Thread(target=patch, daemon=True).start()"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLACED)
def test_replaced_internals_earn_nothing(engine: Engine, name: str) -> None:
    with engine.session(budget=BUDGET) as session:
        session.run_cell("import numpy as np\ndef double(x):\n    return x")
        session.run_cell(REPLACED[name])
        assert not right(session)
        later = session.run_cell("1 + 1")
        assert later.execution_count == 3


def test_late_update_changes_a_display_but_no_result(engine: Engine) -> None:
    with engine.session() as session:
        result = session.run_cell("display('old', display_id='a')\n0.0")
        session.run_cell(
            "display('forged', display_id='a', update=True)\n"
            "get_ipython().display_pub.publish({'text/plain': '5'}, transient={'display_id': ''}, "
            "update=True)"
        )
    kinds = {output["output_type"]: output["data"]["text/plain"] for output in result.outputs}
    assert kinds == {"display_data": "'forged'", "execute_result": "0.0"}


def test_a_neighbor_draws_the_same_numbers_whatever_came_before(engine: Engine) -> None:
    def draw() -> Any:
        with engine.session() as session:
            return session.run_cell("import numpy as np\nnp.random.rand(3)").outputs

    first = draw()
    with engine.session(budget=BUDGET) as session:
        session.run_cell("import numpy as np, os\nnp.random.rand(99)\nos._exit(1)")
    assert draw() == first


def test_png_of_a_figure_is_kept(engine: Engine) -> None:
    with engine.session() as session:
        run = session.run_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert base64.b64decode(run.outputs[0]["data"]["image/png"]).startswith(b"\x89PNG")
