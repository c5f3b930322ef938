"""The bank: every exercise of every unit, found by id.

A unit adds one module, `unit_NN_name.py`; the exercises in it are found by themselves, in the order
in which they are declared.
"""

import importlib
import pkgutil
import re
from functools import cache

import bplib.exercises
from bplib.exercises.exercise import Exercise

# The line of a test cell that names an exercise: check("04.hidden_error", hidden_error).
CHECK = re.compile(r'^check\("(?P<id>[^"]+)", (?P<name>\w+)\)$', re.MULTILINE)


@cache
def bank() -> dict[str, Exercise]:
    """All exercises by id, in the order of the units and, within one, of their declaration.

    Raises ValueError if two exercises share an id.
    """
    found: dict[str, Exercise] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(bplib.exercises.__path__)):
        if not module.startswith("unit_"):
            continue
        unit = importlib.import_module(f"bplib.exercises.{module}")
        for name, exercise in vars(unit).items():
            if isinstance(exercise, Exercise) and not name.startswith("_"):
                if exercise.id in found:
                    raise ValueError(f"two exercises have the id {exercise.id!r}")
                found[exercise.id] = exercise
    return found


def exercise(exercise_id: str) -> Exercise:
    """The exercise with that id. Raises ValueError that lists the ids."""
    if not isinstance(exercise_id, str) or exercise_id not in bank():
        raise ValueError(f"no exercise {exercise_id!r}; the exercises are: {', '.join(bank())}")
    return bank()[exercise_id]
