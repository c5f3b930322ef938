"""Imports point one way: what each part of bplib may use, and nothing else.

A new part must be entered here, which is the moment to think about where it belongs.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bplib

ROOT = Path(bplib.__file__).parent
BASE = {"nn", "numeric", "functions", "data"}
SHARED = BASE | {"layers", "answers", "wire", "fingerprints", "facts"}
MAY_USE = {
    "nn": set(),
    "data": set(),
    "functions": set(),
    "layers": set(),
    "numeric": {"nn"},
    "explore": {"nn", "numeric", "data"},
    "answers": {"nn", "numeric"},
    "wire": {"nn", "numeric", "functions"},
    "fingerprints": {"answers"},
    "facts": {"answers", "fingerprints", "layers"},
    "exercises": SHARED,
    "tutor": SHARED,  # students have no exercises and no grading
    "grading": SHARED | {"exercises", "tutor"},
    "authoring": SHARED | {"exercises", "tutor", "grading", "explore"},
}
TOP = {"cli", "demo", "__init__", "__main__"}  # these may use everything
PARTS = sorted(
    {p.stem for p in ROOT.glob("*.py")} | {p.parent.name for p in ROOT.glob("*/__init__.py")}
)


def imported(source: str, package: str) -> Iterator[str]:
    """The modules that a source text imports, as absolute names; `package` is where it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join(up + ([node.module] if node.module else []))
            for alias in node.names:
                yield f"{base}.{alias.name}"


def parts_used(source: str, package: str) -> set[str]:
    """The parts of bplib that a source text imports; "*" stands for bplib as a whole."""
    used = set()
    for name in imported(source, package):
        first, _, rest = name.partition(".")
        if first == "bplib" and rest:
            used.add(rest.partition(".")[0])
    return used


def wrong_ways(part: str, source: str, package: str) -> set[str]:
    """What a source text of a part imports and must not."""
    return parts_used(source, package) - MAY_USE[part] - {part}


def files_of(part: str) -> list[Path]:
    return (
        [ROOT / f"{part}.py"]
        if (ROOT / f"{part}.py").exists()
        else sorted((ROOT / part).rglob("*.py"))
    )


def package_of(file: Path) -> str:
    return ".".join(("bplib", *file.relative_to(ROOT).parent.parts))


def test_every_part_has_its_place() -> None:
    assert set(PARTS) <= set(MAY_USE) | TOP, "enter the new part in MAY_USE"


@pytest.mark.parametrize("part", [part for part in PARTS if part in MAY_USE])
def test_imports_point_one_way(part: str) -> None:
    for file in files_of(part):
        source = file.read_text(encoding="utf-8")
        assert wrong_ways(part, source, package_of(file)) == set(), file.relative_to(ROOT)


def test_the_rules_themselves_point_one_way() -> None:
    order = list(MAY_USE)
    for part, used in MAY_USE.items():
        assert used <= set(order[: order.index(part)])


def test_the_tutor_never_reaches_what_students_lack() -> None:
    assert MAY_USE["tutor"].isdisjoint({"exercises", "grading", "authoring", "cli"})


@pytest.mark.parametrize(
    ("part", "source", "found"),
    [
        ("nn", "import bplib.numeric", {"numeric"}),
        ("nn", "from bplib import numeric", {"numeric"}),
        ("nn", "from bplib.numeric.check import gradient_check", {"numeric"}),
        ("nn", "from ..answers import close", {"answers"}),
        ("nn", "from .. import answers, wire", {"answers", "wire"}),
        ("nn", "def f():\n    from bplib.exercises.bank import bank", {"exercises"}),
        ("numeric", "from bplib import answers", {"answers"}),
        ("answers", "from bplib import wire", {"wire"}),
        ("wire", "from bplib import answers", {"answers"}),
        ("exercises", "from bplib.tutor import check", {"tutor"}),
        ("tutor", "import bplib.exercises.bank as b", {"exercises"}),
        ("tutor", "try:\n    import bplib.grading\nexcept ImportError: pass", {"grading"}),
        ("explore", "from bplib import exercises, nn", {"exercises"}),
        ("grading", "from bplib.authoring import build", {"authoring"}),
        ("grading", "from bplib import cli", {"cli"}),
    ],
)
def test_a_wrong_way_is_found(part: str, source: str, found: set[str]) -> None:
    assert wrong_ways(part, source, f"bplib.{part}") == found


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("nn", "from bplib.nn.checks import Array"),
        ("nn", "from .checks import Array"),
        ("nn", "import numpy as np\nimport bplib"),
        ("exercises", "from bplib import answers, nn, numeric, wire"),
        ("tutor", "text = 'import bplib.exercises'"),
        ("nn", "# from bplib import exercises"),
    ],
)
def test_a_right_way_is_let_pass(part: str, source: str) -> None:
    assert wrong_ways(part, source, f"bplib.{part}") == set()
