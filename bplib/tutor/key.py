"""Answer keys as the tutor reads them: visible cases, projections, hints; no answers."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from bplib import wire
from bplib.answers import Array

FOLDER = resources.files("bplib.tutor") / "keys"


@dataclass(frozen=True)
class Print:
    """A fingerprint of an array: its shape and its projections."""

    shape: tuple[int, ...]
    projections: Array


@dataclass(frozen=True)
class KeyCase:
    """A visible case: its inputs, and the fingerprints of the right and of known wrong answers.

    wrong: by misconception, the fingerprints by array; empty where its code fails.
    """

    family: str
    label: str
    m: int
    inputs: dict[str, Any]
    labels: Any
    right: dict[str, Print]
    wrong: dict[str, dict[str, Print]]


@dataclass(frozen=True)
class Key:
    """The answer key of one exercise."""

    id: str
    title: str
    call: str
    equation: str
    by_line: bool
    notice: str
    hints: dict[str, str]
    cases: tuple[KeyCase, ...]
    forbid_warnings: bool = False


@cache
def read_key(exercise_id: str) -> Key:
    """The key of an exercise. Raises ValueError that lists the ids if there is none."""
    file = FOLDER / f"{exercise_id}.json"
    if not file.is_file():
        ids = sorted(
            f.name.removesuffix(".json") for f in FOLDER.iterdir() if f.name.endswith(".json")
        )
        raise ValueError(f"no exercise {exercise_id!r}; the exercises are: {', '.join(ids)}")
    return parse(json.loads(file.read_text(encoding="utf-8")))


def parse(data: dict[str, Any]) -> Key:
    """The key that stands in the JSON values."""
    cases = tuple(
        KeyCase(
            family=case["family"],
            label=case["label"],
            m=case["m"],
            inputs={name: wire.decode(value) for name, value in case["inputs"].items()},
            labels=wire.decode(case["labels"]),
            right=_prints(case["right"]),
            wrong={name: _prints(arrays) for name, arrays in case["wrong"].items()},
        )
        for case in data["cases"]
    )
    return Key(**{**data, "cases": cases})


def _prints(arrays: dict[str, Any]) -> dict[str, Print]:
    return {
        name: Print(tuple(array["shape"]), np.array(array["projections"]))
        for name, array in arrays.items()
    }
