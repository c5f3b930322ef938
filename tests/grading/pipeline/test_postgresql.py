"""The gradebook on a real PostgreSQL server, which this test starts itself."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, digest, filled, hand_in

from bplib.grading.course import course
from bplib.grading.grade import grade


def _binaries():
    """The folder of initdb: Debian keeps it out of the PATH."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return Path(found).parent if found else (debian[-1] if debian else None)


def _missing(what):
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what.upper()} IS MISSING")


@pytest.fixture(scope="module")
def server():
    """The address of a server of its own, a socket in a folder that is removed: no port to take."""
    binaries = _binaries()
    if binaries is None:
        _missing("PostgreSQL (apt-get install postgresql)")
    try:
        import psycopg2  # noqa: F401
    except ImportError:
        _missing("psycopg2 (pip install psycopg2-binary)")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = folder / "data"

    def run(*command):
        done = subprocess.run(
            [binaries / command[0], *command[1:]],
            cwd=folder, capture_output=True, text=True, check=False, **user,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -F"
    control = ["pg_ctl", "-D", str(data), "-t", "600"]  # seconds; only a failure waits so long
    try:
        run("initdb", "-D", str(data), "-A", "trust", "-U", "teacher", "--no-sync")
        run(*control, "-o", options, "-l", str(folder / "log"), "-w", "start")
        yield f"postgresql+psycopg2://teacher@/postgres?host={folder}"
    finally:
        subprocess.run(
            [binaries / control[0], *control[1:], "-m", "immediate", "stop"],
            cwd=folder, capture_output=True, check=False, **user,
        )  # fmt: skip
        shutil.rmtree(folder)


def test_the_marks_are_those_of_sqlite(server, small, tmp_path):
    (small / ".bplib").mkdir()
    (small / ".bplib" / "secret").write_bytes(b"s" * 32)
    hand_in(small, "ada", filled(small))
    hand_in(small, "ben", filled(small, double="def double(x):\n    return x"))
    hand_in(small, "cleo", b"no notebook")
    other = Path(shutil.copytree(small, tmp_path / "postgresql"))
    with (other / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {server!r}\n")
    course(other).release(ASSIGNMENT)
    for root in (small, other):
        summary = grade(root, ASSIGNMENT, jobs=1)
        assert len(summary.finished) == 3
        assert summary.failed == []
    assert digest(other, server) == digest(small)
    again = grade(other, ASSIGNMENT, jobs=1, force=True, students=("ben",))
    assert [done.student for done in again.finished] == ["ben"]
    assert digest(other, server) == digest(small)
    marks = {mark.student: mark.score for mark in course(other).marks(ASSIGNMENT)}
    assert marks == {mark.student: mark.score for mark in course(small).marks(ASSIGNMENT)}
