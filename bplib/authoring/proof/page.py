"""The proof as one self-contained HTML page."""

from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bplib.authoring.proof.equivalents import reason
from bplib.authoring.proof.findings import TARGET, Proof
from bplib.authoring.proof.measures import SAID, TARGETS
from bplib.authoring.proof.show import sign
from bplib.exercises.bank import bank
from bplib.exercises.families import FAMILIES

ENVIRONMENT = Environment(
    loader=PackageLoader("bplib.authoring.proof"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(found: Proof) -> str:
    """The HTML text: figures, gaps, a matrix for each unit, families, mutants; works offline."""
    return ENVIRONMENT.get_template("proof.html").render(
        summary=found.summary(),
        target=TARGET,
        gaps=found.gaps,
        families=FAMILIES,
        units=_units(found),
        needed={
            family: sorted(bugs.items(), key=lambda bug: -bug[1])
            for family, bugs in found.needed().items()
        },
        mutants=found.mutants_needing(),
        equivalent=[(fate, reason(fate, found.known)) for fate in found.equivalent],
        exercises=_exercises(found),
        measures=[
            (SAID.get(name, name), measure, TARGETS.get(name))
            for name, measure in found.measures.items()
        ],
    )


def _units(found: Proof) -> list[tuple[str, list[dict[str, Any]]]]:
    """By unit, the rows of the matrix: exercise, misconception, a cell for each family, caught."""
    rows = [
        {
            "exercise": trial.exercise_id,
            "misconception": name,
            "cells": [(f.name, sign(trial, name, f.name)) for f in FAMILIES],
            "caught": trial.seeds - len(trial.escaped[name]),
            "seeds": trial.seeds,
        }
        for trial, name in found.catalog
    ]
    by_unit = groupby(rows, key=lambda row: str(row["exercise"]).partition(".")[0])
    return [(unit, list(group)) for unit, group in by_unit]


def _exercises(found: Proof) -> list[dict[str, Any]]:
    """By exercise: its styles, its failures, and its mutants by what became of them."""
    return [
        {
            "id": trial.exercise_id,
            "title": bank()[trial.exercise_id].title,
            "honest": trial.honest,
            "failures": len(trial.failures),
            "mutants": sum(fate.exercise_id == trial.exercise_id for fate in found.fates),
            "equivalent": sum(f.exercise_id == trial.exercise_id for f in found.equivalent),
            "open": sum(f.exercise_id == trial.exercise_id for f in found.unexplained),
        }
        for trial in found.trials.values()
    ]
