"""How well mistakes are named: the bank's measures, exercise by exercise, and their targets."""

from collections.abc import Sequence
from typing import Any

from bplib.exercises.bank import bank
from bplib.exercises.measures import diagnosis_measures

Measures = dict[str, dict[str, Any]]
# The least share of each measure; what has no target is shown and not demanded.
TARGETS = {"singles": 0.99, "pairs": 0.8, "right": 1.0}
SAID = {
    "singles": "misconceptions named",
    "pairs": "pairs of misconceptions, both named",
    "right": "right answers that got no diagnosis",
    "first step": "first wrong step named",
}


def measured(exercise_id: str, seeds: Sequence[int]) -> Measures:
    """The measures of one exercise, which a process of its own can take."""
    return diagnosis_measures(seeds, [bank()[exercise_id]])


def add(total: Measures, part: Measures) -> None:
    """Take the measures of one more exercise into the total."""
    for name, measure in part.items():
        mine = total.setdefault(name, {"asked": 0, "good": 0, "possible": 0, "failures": []})
        for field in ("asked", "good", "possible"):
            mine[field] += measure[field]
        mine["failures"] = sorted([*mine["failures"], *measure["failures"]])
        mine["share"] = mine["good"] / mine["asked"] if mine["asked"] else 1.0


def short_of(total: Measures) -> list[str]:
    """The measures below their target, in one line each, with the first failure."""
    return [
        f"{SAID.get(name, name)}: {total[name]['share']:.2%}, not {least:.0%}; "
        f"first: {total[name]['failures'][0]}"
        for name, least in TARGETS.items()
        if name in total and total[name]["share"] < least
    ]
