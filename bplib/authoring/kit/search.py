"""Searches what students get for what they must not get.

Three kinds of secrets: marks of nbgrader (BEGIN SOLUTION, hidden tests), names of the bank and of
the judge in code, and lines of solutions, of the bank's styles and of its misconceptions. The
reference library `bplib.nn` and the finite differences are in the wheel on purpose (the explorers
and the tutor compute with them); there, and only there, lines of solutions may stand. A lesson
teaches, so it may say one step as an assignment's solution does; it may not give its answer (a
line with `return`), nor three steps in a row.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import groupby
from pathlib import Path

import jupytext

from bplib.authoring.kit.archive import unpacked
from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise

MARKS = re.compile(
    r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)"
    r"|\b(from|import) +bplib\.(exercises|grading|authoring|cli)\b"
    r"|\bfrom +bplib +import\b[^\n]*\b(exercises|grading|authoring|cli)\b"
    r"|\bexercises[./](bank|judge|grade|unit_)|\bunit_\d\d_\w+|\bgrade\(\""
    r"|@\w+\.(style|misconception)\(|\.slip\("
)
ON_PURPOSE = ("bplib/nn/", "bplib/numeric/")
# Shorter lines ("grads = []") are said everywhere and give nothing away.
LENGTH = 12


def secrets(root: Path) -> set[str]:
    """The lines that no student may get: of solutions, right styles, and misconceptions.

    root: the course folder with the masters; what a master shows to everybody is no secret.
    """
    return (solution_lines(root) | bank_lines(bank().values())) - shown_lines(root)


def leaks(files: Mapping[str, bytes], secret: Set[str]) -> list[str]:
    """What is found, as "file: text", in the files by name and in the wheels among them.

    secret: the lines to look for, from `secrets`; marks and names of the bank always are.
    """
    found = []
    for name, text in texts(files):
        found += [f"{name}: {match.group()}" for match in MARKS.finditer(text)]
        if name.partition("!")[2].startswith(ON_PURPOSE):
            continue
        lines = list(_lines(text))
        taught = _told(lines, secret) if name.startswith("lessons/") else lines
        found += [f"{name}: {line}" for line in taught if line in secret]
    return list(dict.fromkeys(found))


def _told(lines: list[str], secret: Set[str]) -> Iterator[str]:
    """The secret lines of a lesson that say more than one step: an answer, or three in a row."""
    for is_secret, run in groupby(lines, key=secret.__contains__):
        told = list(run)
        if is_secret:
            yield from (line for line in told if len(told) >= 3 or line.startswith("return "))


def texts(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Pairs (name, text) of all files; those inside of a wheel are named "a.whl!b"."""
    for name, data in files.items():
        if name.endswith((".whl", ".zip")):
            for inner, text in texts(unpacked(data)):
                yield f"{name}!{inner}", text
        elif name.endswith(".ipynb"):
            yield name, _notebook(json.loads(data))
        else:
            yield name, data.decode("utf-8", errors="replace")


def _notebook(notebook: object) -> str:
    """Every text in a notebook, wherever it stands: sources, outputs, metadata, attachments."""
    if isinstance(notebook, str):
        return notebook
    if isinstance(notebook, dict):
        return "\n".join(_notebook(part) for pair in notebook.items() for part in pair)
    if isinstance(notebook, list):
        whole = all(isinstance(part, str) for part in notebook)  # lines with their own ends
        return ("" if whole else "\n").join(_notebook(part) for part in notebook)
    return str(notebook)


def _lines(text: str) -> Iterator[str]:
    """The lines as code: without indent, comment and spaces that mean nothing."""
    for line in text.splitlines():
        code = " ".join(line.partition("#")[0].split()) or " ".join(line.strip("# ").split())
        if len(code) > LENGTH:
            yield code


def solution_lines(root: Path) -> set[str]:
    """The lines of code between BEGIN SOLUTION and END SOLUTION in all masters."""
    return set(_master_lines(root, inside=True))


def shown_lines(root: Path) -> set[str]:
    """The lines of the masters that students see: worked examples, signatures, text."""
    return set(_master_lines(root, inside=False))


def _master_lines(root: Path, inside: bool) -> Iterator[str]:
    for path in sorted((root / "source").glob("*/*.py")):
        for cell in jupytext.read(path, fmt="py:percent").cells:
            within = False
            for line in cell.source.splitlines():
                if "### BEGIN" in line or "### END" in line:
                    within = "### BEGIN" in line
                elif within == inside:
                    yield from _lines(line)


def bank_lines(exercises: Iterable[Exercise]) -> set[str]:
    """The lines of the bodies of all styles and misconceptions of the exercises."""
    found: set[str] = set()
    for exercise in exercises:
        for variant in (*exercise.styles.values(), *exercise.misconceptions.values()):
            found |= set(_lines("\n".join(variant.source.splitlines()[1:])))
    return found
