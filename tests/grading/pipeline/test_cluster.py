"""A real Dask scheduler and two workers on loopback; one is killed, and no mark is lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import digest, filled, hand_in, start

STUDENTS = 8
PATIENCE = 600  # seconds; only a failure waits so long


@pytest.fixture
def cluster(tmp_path):
    """The scheduler's address and its two worker processes."""
    if subprocess.run([sys.executable, "-c", "import distributed"], capture_output=True).returncode:
        if os.environ.get("CI"):
            pytest.fail("Dask is missing: install the extra `cluster`")
        pytest.skip("DASK IS MISSING: install the extra `cluster`")
    file = tmp_path / "scheduler.json"
    options = ["--no-dashboard", "--scheduler-file", str(file), "--host", "127.0.0.1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen([*dask, "scheduler", "--port", "0", *options], **quiet)
    started = [scheduler]
    try:
        _until(lambda: _address(file))
        worker = [*dask, "worker", "--nthreads", "1", "--no-nanny", *options]
        workers = [subprocess.Popen(worker, **quiet) for _ in range(2)]
        started += workers
        address = _address(file)
        count = (
            "import sys; from distributed import Client\n"
            f"with Client({address!r}) as c: c.wait_for_workers(2, timeout={PATIENCE})"
        )
        subprocess.run([sys.executable, "-c", count], check=True, capture_output=True)
        yield address, workers
    finally:
        for process in started:
            process.kill()
            process.wait()


def _address(file):
    """The address that the scheduler has written; nothing while the file is not whole."""
    try:
        return json.loads(file.read_text())["address"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def _until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def test_marks_are_those_of_a_local_run_although_a_worker_is_killed(cluster, small, tmp_path):
    address, workers = cluster
    for number in range(STUDENTS):
        wrong = {"double": f"def double(x):\n    return {number} * x"}
        hand_in(small, f"s{number}", filled(small, **wrong))
    (small / ".bplib").mkdir()
    (small / ".bplib" / "secret").write_bytes(b"s" * 32)
    here = Path(shutil.copytree(small, tmp_path / "here"))
    run = start(here, tmp_path)
    assert run.wait(PATIENCE) == 0, run.stdout.read().decode()
    run.stdout.close()
    run = start(small, tmp_path, "--scheduler", address)
    _until(lambda: run.poll() is not None or list((small / "autograded").glob("*/week")))
    workers[0].send_signal(signal.SIGKILL)
    assert run.wait(PATIENCE) == 0, run.stdout.read().decode()
    said = run.stdout.read().decode()
    run.stdout.close()
    assert said.count(" of 11") == STUDENTS
    assert digest(small) == digest(here)
