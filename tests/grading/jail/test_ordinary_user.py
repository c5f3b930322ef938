"""Both backends hold for an ordinary user as well (run as root, this becomes one)."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from bplib.grading.jail import Backend
from bplib.grading.jail.policy import package_folder

USER = 54321
CODE = """
import sys
from bplib.grading.jail import named, problem
from bplib.grading.jail.attacks import attacks, attempt
backend = named(sys.argv[1])
assert problem(backend) is None, problem(backend)
tried = [a for a in attacks() if a.kind != "resources" or a.name in ("threads", "disk", "memory")]
outcomes = {a.name: attempt(a, backend) for a in tried}
print(len(tried), [f"{name}: {o.seen}" for name, o in outcomes.items() if not o.held])
"""


def _python() -> str:
    """A Python that everybody may run: the one of these tests may lie in root's home."""
    for candidate in ("python3", "python3.13", "python3.12", "python3.11"):
        python = shutil.which(candidate, path="/usr/bin:/usr/local/bin")
        check = "import sys; sys.exit(sys.version_info < (3, 11))"
        if python and subprocess.run([python, "-c", check]).returncode == 0:
            return python
    pytest.skip("NOT CHECKED: no Python of at least 3.11 in /usr (Debian: apt-get install python3)")


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_holds_for_an_ordinary_user(backend: Backend) -> None:
    python = _python()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shutil.copytree(package_folder(), Path(folder) / "bplib")
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        home = Path(folder) / "home"
        home.mkdir()
        os.chown(home, USER, USER)
        answer = subprocess.run(
            [python, "-c", CODE, backend.name],
            user=USER, group=USER, extra_groups=[], cwd="/", capture_output=True, text=True,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": folder},
        )  # fmt: skip
    count, _, broken = answer.stdout.strip().partition(" ")
    assert broken == "[]", answer.stdout + answer.stderr
    assert int(count) > 80
