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

    Raises ValueError if two exercises share an id, or one stands in another unit's module.
    """
    return {name: exercise for unit in _modules() for name, exercise in of_unit(unit).items()}


def exercise(exercise_id: str) -> Exercise:
    """The exercise with that id. Raises ValueError that lists the ids."""
    found = look_up(exercise_id)
    if found is None:
        raise ValueError(f"no exercise {exercise_id!r}; the exercises are: {', '.join(bank())}")
    return found


def look_up(exercise_id: str) -> Exercise | None:
    """The exercise with that id, if there is one.

    Only its own unit is imported: whoever grades one need not wait for the others.
    """
    number = exercise_id.partition(".")[0] if isinstance(exercise_id, str) else ""
    return of_unit(number).get(exercise_id) if number in _modules() else None


@cache
def _modules() -> dict[str, list[str]]:
    """The names of the modules of each unit, by its number: {"04": ["unit_04_hidden_error", …]}."""
    found: dict[str, list[str]] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(bplib.exercises.__path__)):
        if name.startswith("unit_"):
            found.setdefault(name.split("_")[1], []).append(name)
    return found


@cache
def of_unit(number: str) -> dict[str, Exercise]:
    """The exercises of one unit by id; nothing else is imported. Raises ValueError like `bank`."""
    found: dict[str, Exercise] = {}
    for module in _modules()[number]:
        for name, exercise in vars(importlib.import_module(f"bplib.exercises.{module}")).items():
            if isinstance(exercise, Exercise) and not name.startswith("_"):
                if exercise.unit != number:
                    raise ValueError(f"{exercise.id!r} stands in {module}, of another unit")
                if exercise.id in found:
                    raise ValueError(f"two exercises have the id {exercise.id!r}")
                found[exercise.id] = exercise
    return found
