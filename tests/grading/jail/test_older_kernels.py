"""The child step on kernels whose Landlock knows less: the filter must make up for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from bplib.grading.jail import make_scratch
from bplib.grading.jail.attacks import attacks
from bplib.grading.jail.landlock import abi
from bplib.grading.jail.stage import Stage

CODE = """
import json, os, sys
from pathlib import Path
from bplib.grading.jail.child import Walls
from bplib.grading.jail.landlock import Ruleset
from bplib.grading.jail.policy import Policy
request = json.load(sys.stdin)
walls = Walls(Policy())
walls._ruleset = Ruleset(Policy(), version=request["version"])
walls.restrict_self(Path(request["scratch"]), keep=[1, 2])
won = []
for name, source in request["sources"].items():
    names = dict(request["names"], won=False, said="", scratch=request["scratch"])
    try:
        exec(source, names)
    except (OSError, ImportError):
        continue
    if names["won"]:
        won.append(name)
open("own", "w").write("x")
os.rename("own", "new")
print(json.dumps(won))
"""


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_attacks_are_held(version: int, tmp_path: Path) -> None:
    if abi() < version:
        pytest.skip(f"NOT CHECKED: this kernel's Landlock is {abi()}, not {version}")
    import json

    scratch, neighbor = make_scratch(tmp_path), make_scratch(tmp_path)
    kinds = ("network", "reading", "package", "writing", "kernel")
    with Stage() as stage:
        names = stage.context() | {"neighbor": str(neighbor), "neighbor_pid": 1}
        request = {
            "version": version,
            "scratch": str(scratch),
            "names": names,
            "sources": {a.name: a.source for a in attacks() if a.kind in kinds},
        }
        answer = subprocess.run(
            [sys.executable, "-c", CODE],
            input=json.dumps(request),
            capture_output=True,
            text=True,
        )
        assert answer.stdout.strip() == "[]", answer.stderr
        assert stage.harm() == ""
