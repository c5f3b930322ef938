"""SIGKILL or Ctrl-C at any moment: a rerun ends with gradebook and files of a quiet run."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from classroom import RIGHT, digest, filled, hand_in, start

KILLS, STUDENTS = 10, 6
PATIENCE = 600  # seconds; only a failure waits so long


def processes_of(session):
    """What still runs of the session that was started with this process id."""
    left = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                left.append(int(entry.name))
    return left


def assert_all_end(session):
    """The jail ends with what started it, a moment later."""
    end = time.monotonic() + PATIENCE
    while processes_of(session) and time.monotonic() < end:
        time.sleep(0.1)
    assert processes_of(session) == []


@pytest.fixture
def terminal():
    """Ctrl-C works as on a terminal; who starts the tests in the background has it ignored."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.fixture
def crowd(small):
    for number in range(STUDENTS):
        wrong = {"double": f"def double(x):\n    return {number} * x"}
        hand_in(small, f"s{number}", filled(small, **wrong))
    (small / ".bplib").mkdir()
    (small / ".bplib" / "secret").write_bytes(b"s" * 32)
    return small


def test_ten_kills_lose_nothing(crowd, tmp_path):
    quiet = Path(shutil.copytree(crowd, tmp_path / "quiet"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    begin = time.monotonic()
    run = start(quiet, temporary)
    assert run.wait(PATIENCE) == 0, run.stdout.read().decode()
    usual = time.monotonic() - begin
    run.stdout.close()
    expected = digest(quiet)
    moments = random.Random(7)
    interrupted = 0
    while interrupted < KILLS:
        begin = time.monotonic()
        run = start(crowd, temporary)
        try:
            run.wait(moments.uniform(0.3, 1.0) * usual)
            usual = time.monotonic() - begin  # the machine is less busy, or there was less to do
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            interrupted += 1
        run.wait()
        run.stdout.close()
        if all((crowd / "autograded" / f"s{n}").exists() for n in range(STUDENTS)):
            shutil.rmtree(crowd / "autograded" / "s3")  # so that there is always something to do
    run = start(crowd, temporary)
    assert run.wait(PATIENCE) == 0, run.stdout.read().decode()
    run.stdout.close()
    assert digest(crowd) == expected
    assert_all_end(run.pid)
    assert list(temporary.iterdir()) == []
    assert not list(crowd.rglob(".*.new*"))


@pytest.mark.usefixtures("terminal")
def test_ctrl_c_leaves_everything_resumable(crowd, tmp_path):
    slow = "import time\ntime.sleep(5)\n" + RIGHT["double"]
    hand_in(crowd, "t", filled(crowd, double=slow))  # graded last: the run is under way until then
    quiet = Path(shutil.copytree(crowd, tmp_path / "quiet"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for root, interrupted in ((quiet, False), (crowd, True), (crowd, False)):
        run = start(root, temporary, "--jobs", "1")
        if interrupted:
            while not any(root.glob("autograded/*/week")):
                assert run.poll() is None, run.stdout.read().decode()
                time.sleep(0.01)
            os.killpg(run.pid, signal.SIGINT)  # a terminal tells all processes
        said = run.communicate(timeout=PATIENCE)[0].decode()
        assert run.returncode == (130 if interrupted else 0), said
        assert ("the same command grades the rest" in said) == interrupted
        assert "Traceback" not in said
        assert_all_end(run.pid)
        assert list(temporary.iterdir()) == []
    assert digest(crowd) == digest(quiet)
