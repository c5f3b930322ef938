"""The parts of the jail, one by one, and what each must refuse."""

import os
import platform
import re
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bplib.grading.jail import (
    BACKENDS,
    UNSAFE,
    JailUnavailable,
    Policy,
    backend,
    choose,
    make_scratch,
    named,
    overrun,
    problem,
    reap,
    remove_scratch,
)
from bplib.grading.jail.child import Walls
from bplib.grading.jail.seccomp import Filter, program
from bplib.grading.jail.syscalls import ARCHITECTURES, FREE, LAST_KNOWN, PRETENDED, checked
from bplib.grading.jail.trial import run_trial

HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_numbers_of_system_calls_are_those_of_the_headers(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"NOT CHECKED: {header} is missing (Debian: linux-libc-dev)")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    numbers = {name: int(number) for name, number in found}
    numbers["newfstatat"] = numbers.get("newfstatat", numbers.get("fstatat", -1))
    pairs = FREE | PRETENDED | {name: pair for name, (pair, _) in checked(1).items()}
    column = ARCHITECTURES.index(machine)
    assert {name: pair[column] for name, pair in pairs.items()} == {
        name: numbers.get(name) for name in pairs
    }
    assert max(numbers.values()) <= LAST_KNOWN


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_filter_fits_the_kernel(machine: str) -> None:
    lines = program(machine, 42)
    assert len(lines) < 4096
    assert all(0 <= skip <= 255 for line in lines for skip in line[1:3])
    assert all(at + 1 + max(line[1:3]) < len(lines) for at, line in enumerate(lines[:-1]))


def test_no_filter_for_an_unknown_machine() -> None:
    with pytest.raises(ValueError, match="x86_64, aarch64"):
        program("vax", 1)


def test_the_filter_made_before_a_process_is_the_program_for_it() -> None:
    made = Filter()
    for pid in (1, 42, 4_194_303, 42):
        lines = program(platform.machine(), pid)
        assert made.code(pid) == b"".join(struct.pack("=HBBI", *line) for line in lines)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"cpu_seconds": 0}, "cpu_seconds is 0: give a whole number of at least 1"),
        ({"memory_bytes": 1.5}, "memory_bytes"),
        ({"readable": ("lib",)}, "absolute"),
        ({"readable": ("/",)}, "cannot be readable"),
    ],
)
def test_policy_refuses(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Policy(**wrong)  # type: ignore[arg-type]


def test_policy_opens_neither_home_nor_course_nor_exchange() -> None:
    readable = Policy().readable
    for folder in (os.path.expanduser("~"), os.getcwd(), "/usr/local/share", "/etc", "/tmp", "/"):
        assert not any((folder + "/").startswith(path + "/") for path in readable), folder


def test_choose_takes_the_best_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "problem", lambda which: None)
    assert choose() is BACKENDS[0]
    problems = {BACKENDS[0]: "is missing", BACKENDS[1]: None}
    monkeypatch.setattr(backend, "problem", problems.get)
    assert choose() is BACKENDS[1]
    assert choose(unsafe=True) is BACKENDS[1]


def test_choose_refuses_in_one_line_without_a_jail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "problem", lambda which: f"{which.name} is missing")
    with pytest.raises(JailUnavailable, match=r"bubblewrap is missing; .*Mend .*--unsafe") as e:
        choose()
    assert "\n" not in str(e.value)
    assert choose(unsafe=True) is UNSAFE


def test_no_backend_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    fresh = backend.problem.__wrapped__
    assert [fresh(which) for which in BACKENDS] == [
        "bubblewrap needs Linux (this is darwin)",
        "landlock needs Linux (this is darwin)",
    ]


def test_missing_bubblewrap_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    why = backend.problem.__wrapped__(BACKENDS[0])
    assert why is not None
    assert "apt-get install bubblewrap" in why


@pytest.mark.parametrize("which", BACKENDS, ids=lambda which: which.name)
def test_no_backend_without_landlock(
    which: backend.Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(backend, "abi", lambda: 0)
    why = backend.problem.__wrapped__(which)
    assert why is not None
    assert "needs Landlock" in why
    monkeypatch.setattr("bplib.grading.jail.landlock.abi", lambda: 0)
    with pytest.raises(OSError, match="Landlock is missing"):
        Walls(Policy())


def test_named_lists_the_names() -> None:
    assert named("none") is UNSAFE
    with pytest.raises(ValueError, match="bubblewrap, landlock, none"):
        named("chroot")


def test_restrict_self_refuses_threads_and_relative_folders(tmp_path: Path) -> None:
    # The thread comes last: the kernel may still count one that has been joined.
    code = f"""
import threading, time
from pathlib import Path
from bplib.grading.jail.child import Walls
from bplib.grading.jail.policy import Policy
walls = Walls(Policy())
def refusal(folder):
    try:
        walls.restrict_self(Path(folder))
    except (RuntimeError, ValueError) as error:
        print(type(error).__name__)
refusal("here")
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
refusal({str(tmp_path)!r})
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.split() == ["ValueError", "RuntimeError"], answer.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could stay root")
def test_root_does_not_stay_root(tmp_path: Path) -> None:
    walls = Walls(Policy())
    pid = os.fork()
    if pid == 0:
        try:
            walls.restrict_self(tmp_path)  # it belongs to root
        except PermissionError:
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_remove_scratch_takes_away_what_is_deep_closed_or_linked(tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    keep.mkdir()
    (keep / "file").write_text("x")
    scratch = make_scratch(tmp_path)
    (scratch / "link").symlink_to(keep)
    (scratch / ".0").mkdir()
    (scratch / ".0" / "link").symlink_to(keep / "file")
    (scratch / os.fsdecode(b"\xff name\n")).write_text("x")
    inside = os.open(scratch, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("x" * 100, dir_fd=inside)
        deeper = os.open("x" * 100, os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = deeper
    os.close(inside)
    (scratch / "closed").mkdir()
    (scratch / "closed" / "file").write_text("x")
    (scratch / "closed").chmod(0)
    remove_scratch(scratch)
    assert sorted(os.listdir(tmp_path)) == ["keep"]
    assert (keep / "file").read_text() == "x"


def test_overrun_counts_files_bytes_and_threads(tmp_path: Path) -> None:
    few = Policy(scratch_files=3, scratch_bytes=1 << 20)
    assert overrun(os.getpid(), tmp_path, Policy(threads=500)) is None
    (tmp_path / "big").write_bytes(bytes(2 << 20))
    assert overrun(0, tmp_path, few) == "more than 1 MiB in its folder"
    for name in "abc":
        (tmp_path / name).touch()
    assert overrun(0, tmp_path, few) == "more than 3 files in its folder"


def test_reap_ends_the_child_and_its_daemons_but_not_the_others(tmp_path: Path) -> None:
    code = """
import os, time
from bplib.grading.jail import adopt_orphans, reap
from bplib.grading.jail.reap import children
adopt_orphans()
other = os.fork()
if other == 0:
    time.sleep(60)
read, write = os.pipe()
pid = os.fork()
if pid == 0:
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(write, b"x")
                time.sleep(60)
            os._exit(0)
    time.sleep(60)
assert os.read(read, 1) + os.read(read, 1) == b"xx"
ended = reap(pid, keep=[other])
assert ended.status == -9 and ended.orphans >= 2, ended
assert children() == {other}
assert reap(other).orphans == 0
try:
    reap(other)
except ChildProcessError:
    print("ok")
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout == "ok\n", answer.stderr


def test_nothing_is_left_when_the_zygote_is_killed(backend_process_root: Path) -> None:
    """The fixture's zygote forks a sleeping child; both must go when the outer process does."""
    for which in BACKENDS:
        if backend.problem(which):
            continue
        mark = f"bplib-mark-{which.name}-{os.getpid()}"
        code = f"""
import os, time
from pathlib import Path
from bplib.grading.jail import Policy, named
from bplib.grading.jail.reap import die_with_parent
die_with_parent()
mark = {mark!r}
walls = named({which.name!r}).walls(Policy())
if os.fork() == 0:
    walls.restrict_self(Path({str(backend_process_root)!r}))
    time.sleep(600)
print("ready", flush=True)
time.sleep(600)
"""
        argv = [sys.executable, "-c", code]
        with which.start(argv, backend_process_root.parent, Policy()) as zygote:
            assert zygote.stdout is not None
            assert zygote.stdout.readline() == b"ready\n"
            zygote.kill()
        end = time.monotonic() + 600
        while _processes_with(mark) and time.monotonic() < end:
            time.sleep(0.02)
        assert _processes_with(mark) == []


def _processes_with(mark: str) -> list[str]:
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark in Path(f"/proc/{pid}/cmdline").read_text(errors="replace"):
                found.append(pid)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return [pid for pid in found if int(pid) != os.getpid()]


@pytest.fixture
def backend_process_root(tmp_path: Path) -> Path:
    return make_scratch(tmp_path)


def test_reap_refuses_a_stranger() -> None:
    with pytest.raises(ChildProcessError, match="not a child"):
        reap(1)


@pytest.mark.parametrize("which", BACKENDS, ids=lambda which: which.name)
def test_python_may_be_named_by_a_way_that_the_jail_does_not_have(
    which: backend.Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As after `cd course; ../.venv/bin/python -m bplib.cli grade`."""
    if (why := problem(which)) is not None:
        pytest.skip(f"NOT CHECKED: {why}")
    way = os.path.join(tmp_path, os.path.relpath(sys.executable, tmp_path))
    monkeypatch.setattr(sys, "executable", way)
    trial = run_trial(which, "won = True")
    assert trial.won, trial
