"""A session goes on after a death, keeps its budget, and cleans up."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from bplib.grading.engine import Budget, CellRun, Engine, EngineError
from bplib.grading.jail import Policy, environment, remove_scratch

from .conftest import descendants

X = np.ones(3)


def text(run: CellRun) -> str:
    return "".join(output.get("text", "") for output in run.outputs)


def test_fresh_child_knows_the_cells_that_ended_well(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell("a = [1]\nprint('said once')")
        session.run_cell(
            "a.append(2)\n1 / 0"
        )  # an exception is a good end: what came before counts
        session.run_cell("a.append(3)\nimport os; os._exit(1)")
        run = session.run_cell("print(a)")
    assert text(run) == "[1, 2]\n"
    assert run.execution_count == 4


def test_a_cell_that_fails_when_repeated_is_left_out(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell("import os\na = 1")
        session.run_cell(
            "import time\nb = 2\nif time.time() > MARK: os._exit(1)"
        )  # NameError: fine
        session.run_cell(
            "from pathlib import Path\nimport os, sys\n"
            "def later():\n    os._exit(1)\n"
        )  # fmt: skip
        session.run_cell("later()")
        assert text(session.run_cell("print(a, b)")) == "1 2\n"


def test_the_end_of_one_child_is_not_taken_for_that_of_the_next(engine: Engine) -> None:
    for _ in range(5):
        with engine.session() as session:
            died = session.run_cell("import os\nos._exit(1)")
            assert died.note == "it ended with exit status 1"
            assert text(session.run_cell("import time; time.sleep(0.1); print('here')")) == "here\n"


def test_blank_cells_count_nothing(engine: Engine) -> None:
    with engine.session() as session:
        assert session.run_cell(" \n") == CellRun()
        assert session.run_cell("1").execution_count == 1


def test_a_cell_that_the_clock_stopped_is_tried_once_more(engine: Engine) -> None:
    """On a machine that was busy for a moment."""
    with engine.session(budget=Budget(cell_cpu=6.0, wall_factor=0.5)) as session:
        session.run_cell("import time")
        busy = f"if time.time() < {time.time() + 4}: time.sleep(60)\nprint('done')"
        assert text(session.run_cell(busy)) == "done\n"


def test_a_fresh_child_has_a_fresh_folder_with_the_files(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "numbers.txt").write_text("1 2 3")
    (tmp_path / "own.py").write_text("VALUE = 7\n")
    (tmp_path / "bplib").mkdir()
    (tmp_path / "bplib" / "__init__.py").write_text("raise RuntimeError('shadowed')\n")
    (tmp_path / "other.ipynb").write_text("{}")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    with engine.session(tmp_path) as session:
        run = session.run_cell(
            "import os, numpy as np, own\nfrom bplib.tutor import check\n"
            "print(np.loadtxt('data/numbers.txt').sum(), own.VALUE, sorted(os.listdir()))\n"
            "open('made.txt', 'w').close()"
        )
        listed = "['bplib', 'data', 'own.py']"
        assert text(run) == f"6.0 7 {listed}\n"
        session.run_cell("os._exit(1)")
        again = session.run_cell("print('made.txt' in os.listdir(), os.listdir('data'))")
    assert text(again) == "True ['numbers.txt']\n"


def test_a_file_that_is_touched_is_there(engine: Engine) -> None:
    source = (
        "import os, shutil\nfrom pathlib import Path\nPath('a').touch()\nPath('a').touch()\n"
        "os.utime('a', (1, 1))\nshutil.copy2('a', 'b')\nprint(sorted(os.listdir()))\n"
        "os.utime('c')"
    )
    with engine.session() as session:
        run = session.run_cell(source)
    assert text(run) == "['a', 'b']\n"
    assert run.outputs[-1]["ename"] == "FileNotFoundError"


def test_files_that_do_not_fit_are_left_out(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 100)
    (tmp_path / "b.txt").write_text("x" * 1000)
    with engine.session(tmp_path, Budget(file_bytes=500)) as session:
        assert text(session.run_cell("import os; print(os.listdir())")) == "['a.txt']\n"


def test_sessions_do_not_see_each_other(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell("import numpy as np\nsecret = 3\nnp.secret = 4\nopen('left', 'w').close()")
    with engine.session() as session:
        run = session.run_cell(
            "import os, numpy as np\nprint(os.listdir(), 'secret' in dir(), hasattr(np, 'secret'))"
        )
    assert text(run) == "[] False False\n"


def test_nothing_of_the_engine_can_be_imported(engine: Engine) -> None:
    with engine.session() as session:
        for name in ("nn", "exercises", "grading", "grading.engine", "numeric", "answers"):
            run = session.run_cell(f"import bplib.{name}")
            assert run.outputs[0]["ename"] == "ModuleNotFoundError"


def test_what_a_notebook_finds_instead_of_the_course_package(engine: Engine) -> None:
    with engine.session() as session:
        check = session.run_cell("from bplib.tutor import check\ncheck('04.hidden_error', print)")
        explore = session.run_cell(
            "import bplib.explore\nfrom bplib.explore import saturation\n"
            "from bplib.explore.paths import Paths\nPaths(3).show()\nsaturation(gain=2)"
        )
        data = session.run_cell(
            "from bplib.data import digits, moons\nprint(digits().X_train.shape, len(moons(5)[0]))"
        )
    assert text(check).count("\n") == 1
    assert "judge checks" in text(check)
    assert "not drawn while grading" in explore.outputs[0]["data"]["text/plain"]
    assert text(data) == "(1438, 64) 5\n"


def test_a_closed_session_says_so(engine: Engine) -> None:
    with engine.session() as session:
        session.run_cell("1")
    with pytest.raises(EngineError, match="closed"):
        session.run_cell("1")
    session.close()


def test_one_session_at_a_time(engine: Engine) -> None:
    with engine.session(), pytest.raises(EngineError, match="one session at a time"):
        engine.session()


@pytest.mark.parametrize("value", [0, -1.0, "1", float("nan")])
def test_budget_refuses(value: object) -> None:
    with pytest.raises(ValueError, match=r"Budget\.cell_cpu"):
        Budget(cell_cpu=value)  # type: ignore[arg-type]


def test_after_the_zygote_was_killed_the_next_session_works(shared: Engine) -> None:
    with shared.session() as session:
        session.run_cell("1")
        assert shared._zygote is not None
        for pid in descendants(shared._zygote.pid) | {shared._zygote.pid}:
            with suppress(ProcessLookupError):  # the end of one is that of others
                os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineError):
            session.run_cell("1")
    with shared.session() as session:
        assert session.run_cell("1 + 1").outputs[0]["data"] == {"text/plain": "2"}
        session.run_cell("def f(x):\n    return x")
        assert session.ask("f", {"x": X}, {"y": (3,)}, "y", 1.0).arrays


def test_an_engine_that_is_not_open_says_so(shared: Engine) -> None:
    with pytest.raises(EngineError, match="context manager"):
        Engine(shared.backend, shared.policy).session().run_cell("1")


def test_closing_leaves_nothing(shared: Engine) -> None:
    with Engine(shared.backend, shared.policy) as engine:
        session = engine.session()
        session.run_cell(
            "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()"
        )
        assert engine._zygote is not None
        assert engine._root is not None
        root, processes = engine._root, descendants(engine._zygote.pid) | {engine._zygote.pid}
        assert root.exists()
    assert not root.exists()
    # The kernel clears a process namespace after its starter has ended.
    end = time.monotonic() + 600
    while [pid for pid in processes if Path(f"/proc/{pid}/exe").exists()]:
        assert time.monotonic() < end, "a process is left"
        time.sleep(0.01)


def test_folders_of_killed_engines_are_taken_away(shared: Engine) -> None:
    def folder(name: str, age: float) -> Path:
        made = Path(tempfile.mkdtemp(prefix=f"bplib-engine-{name}-"))
        (made / ".lock").touch()
        (made / "s1").mkdir()
        (made / "s1" / "left.txt").touch()
        os.utime(made, (time.time() - age,) * 2)
        return made

    old, new = folder("old", 100), folder("new", -6000)  # new for longer than this test takes
    foreign = Path(tempfile.mkdtemp(prefix="bplib-engine-foreign-"))
    os.utime(foreign, (time.time() - 100,) * 2)
    try:
        with Engine(shared.backend, shared.policy) as engine:
            assert engine._root is not None
            os.utime(engine._root, (time.time() - 100,) * 2)
            with Engine(shared.backend, shared.policy):
                assert engine._root.exists()
        assert not old.exists()
        assert new.exists()
        assert foreign.exists()
    finally:
        remove_scratch(new)
        remove_scratch(foreign)


def test_a_program_is_passed_over_and_the_cell_goes_on(engine: Engine) -> None:
    source = "!touch made\n%pip install nothing\nfound = !ls\nprint(len(found), _exit_code)"
    with engine.session() as session:
        run = session.run_cell(source)
        told = {output["name"]: output["text"] for output in run.outputs}
        assert told["stdout"].endswith("0 1\n")
        assert "was not run: no program is started while grading" in told["stderr"]
        assert session.run_cell("import os; print(os.listdir())").outputs[0]["text"] == "[]\n"


@pytest.mark.parametrize(
    ("seconds", "patience", "says"),
    [(0.3, 30, "alone\n"), (60, 0.3, "the zygote has 2 threads\n")],
)
def test_the_zygote_waits_for_threads_to_end_but_not_for_ever(
    seconds: float, patience: float, says: str
) -> None:
    code = f"""
import os, threading, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from bplib.grading.engine import zygote
zygote.THREAD_SECONDS = {patience}
threading.Thread(target=time.sleep, args=({seconds},), daemon=True).start()
try:
    zygote._wait_until_alone()
    print("alone")
except RuntimeError as error:
    print(str(error).partition(":")[0])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout == says, answer.stderr


def test_a_zygote_that_is_orphaned_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    """Its folder may have been removed already by a run that came after a kill."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    settings = {"backend": "none", "policy": asdict(Policy())}
    with ours, theirs:
        ours.send(json.dumps(settings).encode())
        ours.close()
        started = subprocess.run(
            [sys.executable, "-m", "bplib.grading.engine.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], cwd=tmp_path, env=environment(tmp_path, importing=True),
        )  # fmt: skip
    assert started.returncode == 0
    assert list(tmp_path.iterdir()) == []
