"""Answer keys as the tutor reads them: visible cases, fingerprints, hints; no answers."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bplib import wire
from bplib.fingerprints import Print, from_json

FOLDER = resources.files("bplib.tutor") / "keys"


@dataclass(frozen=True)
class KeyCase:
    """A visible case: its inputs, and what the right answer and known wrong ones look like.

    right: the fingerprints by array. wrong: by misconception, the hash of the whole answer with
    this salt, empty where its code fails. pairs: as `wrong`, but for two misconceptions at once, in
    the order of `Key.pairs`.
    """

    family: str
    label: str
    m: int
    inputs: dict[str, Any]
    labels: Any
    right: dict[str, Print]
    wrong: dict[str, str]
    pairs: tuple[str, ...]
    salt: str


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
    pairs: tuple[tuple[str, str], ...]
    cases: tuple[KeyCase, ...]
    forbid_warnings: bool = False


@cache
def read_key(exercise_id: str) -> Key:
    """The key of an exercise. Raises ValueError that lists the ids if there is none."""
    ids = sorted(f.name.removesuffix(".json") for f in FOLDER.iterdir() if f.name.endswith(".json"))
    if exercise_id not in ids:
        raise ValueError(f"no exercise {exercise_id!r}; the exercises are: {', '.join(ids)}")
    return parse(json.loads((FOLDER / f"{exercise_id}.json").read_text(encoding="utf-8")))


def parse(data: dict[str, Any]) -> Key:
    """The key that stands in the JSON values."""
    names = list(data["hints"])
    cases = tuple(_case(case, f"{data['id']}/{i}") for i, case in enumerate(data["cases"]))
    pairs = tuple((names[one], names[other]) for one, other in data["pairs"])
    return Key(**{**data, "cases": cases, "pairs": pairs})


def _case(case: dict[str, Any], salt: str) -> KeyCase:
    return KeyCase(
        family=case["family"],
        label=case["label"],
        m=case["m"],
        inputs={name: wire.decode(value) for name, value in case["inputs"].items()},
        labels=wire.decode(case["labels"]),
        right={name: from_json(seen, f"{salt}/{name}") for name, seen in case["right"].items()},
        wrong=case["wrong"],
        pairs=tuple(case["pairs"]),
        salt=salt,
    )
