"""The reviewed list of mutants that are no mistakes, and what it leaves unexplained."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from bplib.authoring.proof.trials import Fate

LIST = Path(__file__).with_name("equivalents.toml")
Reasons = Mapping[str, Mapping[str, str]]


def read_equivalents(path: Path = LIST) -> Reasons:
    """The reasons by exercise and mutant. Raises ValueError if one is not a text, or is empty."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    for exercise, reasons in data.items():
        for mutant, reason in reasons.items():
            if not isinstance(reason, str) or not reason.strip():
                raise ValueError(f"{path.name}, {exercise}: say why {mutant!r} is equivalent")
    return data


def reason(fate: Fate, known: Reasons) -> str:
    """Why the mutant cannot be told from the solution, or an empty text."""
    return known.get(fate.exercise_id, {}).get(fate.name, "")


def stale(fates: Iterable[Fate], known: Reasons) -> list[str]:
    """What the list says of mutants that are gone or caught, for the exercises of these fates."""
    tried = list(fates)
    surviving = {(fate.exercise_id, fate.name) for fate in tried if not fate.killed}
    made = {(fate.exercise_id, fate.name) for fate in tried}
    exercises = {fate.exercise_id for fate in tried}
    return [
        f"{exercise}: {mutant}: listed as equivalent, but "
        + ("it was caught" if (exercise, mutant) in made else "there is no such mutant any more")
        for exercise, reasons in known.items()
        if exercise in exercises
        for mutant in reasons
        if (exercise, mutant) not in surviving
    ]
