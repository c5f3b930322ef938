"""Attacks on the jail, each really attempted, and whether it succeeded."""

import importlib
from dataclasses import dataclass

from bplib.grading.jail import attempts
from bplib.grading.jail.backend import Backend
from bplib.grading.jail.policy import Policy
from bplib.grading.jail.stage import Stage
from bplib.grading.jail.trial import Trial, run_trial

__all__ = ["SMALL", "Attack", "Outcome", "attacks", "attempt"]

KINDS = ("network", "reading", "package", "writing", "processes", "resources", "kernel")

SMALL = Policy(
    cpu_seconds=1,
    memory_bytes=256 << 20,
    threads=16,
    file_bytes=4 << 20,
    scratch_bytes=8 << 20,
    scratch_files=100,
    open_files=32,
)
"""Limits so low that an attack can go beyond them harmlessly where there is no jail."""


@dataclass(frozen=True)
class Attack:
    """Return an attack: code that sets `won` if it got what it was after.

    `needs` says when it can succeed without a jail: "" always, else the condition.
    """

    kind: str
    name: str
    source: str
    needs: str = ""


@dataclass(frozen=True)
class Outcome:
    """Return whether the jail held, and in one line what was seen."""

    held: bool
    seen: str


def attacks() -> list[Attack]:
    """Return all attacks, in the order of their kinds."""
    found = []
    for kind in KINDS:
        text: str = importlib.import_module(f"{attempts.__name__}.{kind}").TEXT
        for block in text.split("\n# %% ")[1:]:
            title, source = block.split("\n", 1)
            name, _, needs = title.partition(" | needs: ")
            found.append(Attack(kind, name.strip(), source, needs.strip()))
    return found


def _judged(trial: Trial, harm: str) -> Outcome:
    if harm:
        return Outcome(False, harm)
    if not trial.neighbor_alive or trial.neighbor_files:
        return Outcome(False, "the neighbor was harmed")
    if trial.orphans:
        return Outcome(False, f"{trial.orphans} processes were left behind")
    if trial.won:
        return Outcome(False, trial.said or "it succeeded")
    if trial.stopped:
        return Outcome(True, f"stopped: {trial.stopped}")
    if trial.status < 0:
        return Outcome(True, f"killed by signal {-trial.status}")
    if not trial.reported:  # it replaced itself by another program, say
        return Outcome(False, "it ended without a report")
    return Outcome(True, trial.error or trial.said or "nothing got")


def attempt(attack: Attack, backend: Backend) -> Outcome:
    """Return what `attack` achieves in `backend`. Raises `TrialError` if it cannot be tried."""
    with Stage() as stage:
        trial = run_trial(backend, attack.source, SMALL, stage.context())
        return _judged(trial, stage.harm())
