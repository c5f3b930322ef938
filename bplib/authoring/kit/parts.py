"""The part of bplib that students get: the tutor, the explorers, and whatever these import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import bplib

ROOT = Path(bplib.__file__).parent
# What notebooks and lessons call; everything else follows from the imports.
START = ("tutor", "explore", "nn", "data")
# What would give answers away, or serves instructors alone.
NEVER = ("exercises", "grading", "authoring", "cli")


def student_parts(root: Path = ROOT) -> list[str]:
    """The names of bplib's modules and packages that students need, in alphabetical order.

    Raises ValueError if one of them imports what students never get, or what is not there.
    """
    wanted, waiting = set[str](), list(START)
    while waiting:
        part = waiting.pop()
        if part in wanted:
            continue
        wanted.add(part)
        for file in _modules(root, part):
            for used in _imported(file):
                if used in NEVER:
                    raise ValueError(
                        f"{file.relative_to(root.parent)} imports bplib.{used}, which students do "
                        "not have; move what it needs to a part that they have"
                    )
                waiting.append(used)
    return sorted(wanted)


def student_files(root: Path = ROOT) -> dict[str, bytes]:
    """The files of these parts by their path in a wheel, with the data that belongs to them."""
    files = [root / "__init__.py", root / "py.typed"]
    files += [path for path in root.iterdir() if path.suffix in (".npz", ".md")]
    for part in student_parts(root):
        single = root / f"{part}.py"
        files += [single] if single.exists() else (root / part).rglob("*")
    return {
        path.relative_to(root.parent).as_posix(): path.read_bytes()
        for path in sorted(files)
        if path.is_file() and "__pycache__" not in path.parts
    }


def _modules(root: Path, part: str) -> list[Path]:
    """The source files of a part of bplib."""
    if (root / f"{part}.py").exists():
        return [root / f"{part}.py"]
    if not (root / part).is_dir():
        raise ValueError(f"bplib.{part} is imported, but there is no such part in {root}")
    return sorted((root / part).rglob("*.py"))


def _imported(file: Path) -> Iterator[str]:
    """The parts of bplib that a file imports anywhere, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            if first == "bplib" and rest:
                yield rest.partition(".")[0]
