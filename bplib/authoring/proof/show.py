"""The proof as tables in a terminal."""

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bplib.authoring.proof.equivalents import reason
from bplib.authoring.proof.findings import TARGET, Proof
from bplib.authoring.proof.measures import SAID, TARGETS
from bplib.authoring.proof.trials import Trial
from bplib.exercises.families import FAMILIES

MARKS = {"all": "●", "-": "·", "": " "}


def sign(trial: Trial, name: str, family: str) -> str:
    """A cell of the matrix: "all", "12%", "-" (never) or "" (the exercise has no such family)."""
    if family not in trial.families or not trial.seeds:
        return ""
    share = trial.killed[name][family] / trial.seeds
    if share in (0.0, 1.0):
        return "all" if share else "-"
    return f"{min(max(share, 0.01), 0.99):.0%}"


def show(found: Proof, console: Console) -> None:
    """Print the matrix, what each family is needed for, the survivors, the gaps and the figures."""
    console.print(_matrix(found))
    console.print(_needed(found))
    if found.equivalent:
        console.print(_equivalent(found))
    if found.measures:
        console.print(_measures(found))
    for gap in found.gaps:
        console.print(Text(f"GAP  {gap}", style="red"), soft_wrap=True)
    console.print(_summary(found))


def _matrix(found: Proof) -> Table:
    numbered = [f"{number} {family.name}" for number, family in enumerate(FAMILIES, start=1)]
    table = Table(
        title="Which family of cases kills which bug",
        caption=f"families: {', '.join(numbered)}; ● in every seed, ◐ in some, · in none, "
        "empty: the exercise has no such case; caught: share of the seeds",
        box=SIMPLE,
    )
    table.add_column("exercise", no_wrap=True)
    table.add_column("misconception", no_wrap=True)
    table.add_column("".join(name[0] for name in numbered), no_wrap=True)
    table.add_column("caught", justify="right", no_wrap=True)
    shown = ""
    for trial, name in found.catalog:
        marks = "".join(MARKS.get(sign(trial, name, family.name), "◐") for family in FAMILIES)
        share = 1 - len(trial.escaped[name]) / trial.seeds
        style = "red" if trial.escaped[name] else None
        exercise = "" if shown == trial.exercise_id else trial.exercise_id
        table.add_row(exercise, name, marks, f"{share:.1%}", style=style)
        shown = trial.exercise_id
    return table


def _needed(found: Proof) -> Table:
    table = Table(
        title="What would escape if a family were dropped",
        caption="a bug escapes in the share of seeds in which no other family exposes it",
    )
    table.add_column("without")
    table.add_column("bugs", justify="right")
    table.add_column("the worst of them")
    table.add_column("mutants", justify="right")
    mutants = found.mutants_needing()
    for family, bugs in found.needed().items():
        worst = sorted(bugs.items(), key=lambda bug: -bug[1])[:3]
        said = ", ".join(f"{exercise} {name} ({share:.0%})" for (exercise, name), share in worst)
        table.add_row(family, str(len(bugs)), said or "nothing", str(mutants[family]))
    return table


def _equivalent(found: Proof) -> Table:
    table = Table(title="Mutants that are no mistakes")
    for column in ("exercise", "change", "why no test can see it"):
        table.add_column(column, overflow="fold")
    for fate in found.equivalent:
        table.add_row(fate.exercise_id, Text(fate.name), reason(fate, found.known))
    return table


def _measures(found: Proof) -> Table:
    table = Table(
        title="How well mistakes are named",
        caption="possible: also what cannot be told apart from another answer",
    )
    table.add_column("measure")
    for column in ("good", "asked", "possible", "share", "target"):
        table.add_column(column, justify="right")
    for name, measure in found.measures.items():
        numbers = [f"{measure[key]:,}" for key in ("good", "asked", "possible")]
        target = f"{TARGETS[name]:.0%}" if name in TARGETS else ""
        table.add_row(SAID.get(name, name), *numbers, f"{measure['share']:.2%}", target)
    return table


def _summary(found: Proof) -> Table:
    table = Table(title="The proof", show_header=False)
    for name, value in found.summary().items():
        table.add_row(name, f"{value:.2%}" if name == "mutation score" else f"{value:,}")
    table.caption = f"targets: all misconceptions, {TARGET:.0%} of the mutants, no false failure"
    return table
