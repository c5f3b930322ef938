"""What the proof found: the matrix, the survivors, the gaps, and all of it as JSON."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from bplib.authoring.proof.equivalents import Reasons, reason, stale
from bplib.authoring.proof.measures import Measures, short_of
from bplib.authoring.proof.trials import Failure, Fate, Trial
from bplib.exercises.families import FAMILIES

TARGET = 0.98
STYLES = 5


@dataclass
class Proof:
    """All results.

    trials: by exercise, in the bank's order; fates: of all mutants; known: the reviewed list of
    equivalent ones; broken: solutions that are not right themselves; measures: how well mistakes
    are named (`diagnosis_measures`).
    """

    trials: dict[str, Trial]
    known: Reasons
    fates: list[Fate] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    measures: Measures = field(default_factory=dict)

    @property
    def failures(self) -> list[Failure]:
        """Right implementations that lost points."""
        return [failure for trial in self.trials.values() for failure in trial.failures]

    @property
    def tried(self) -> int:
        """How many right answers were judged: implementations times seeds."""
        return sum(len(trial.honest) * trial.seeds for trial in self.trials.values())

    @property
    def catalog(self) -> list[tuple[Trial, str]]:
        """Every misconception of every exercise."""
        return [(trial, name) for trial in self.trials.values() for name in trial.killed]

    @property
    def caught(self) -> int:
        """How many of the catalog were caught in every seed."""
        return sum(not trial.escaped[name] for trial, name in self.catalog)

    @property
    def survivors(self) -> list[Fate]:
        """Mutants that the judge did not catch in every seed."""
        return [fate for fate in self.fates if fate.killed < fate.seeds]

    @property
    def equivalent(self) -> list[Fate]:
        """Mutants that survived every seed, and are listed with a reason."""
        return [f for f in self.survivors if not f.killed and reason(f, self.known)]

    @property
    def unexplained(self) -> list[Fate]:
        """Mutants that survived some seed and are not equivalent: the tests have a gap there."""
        return [fate for fate in self.survivors if fate not in self.equivalent]

    @property
    def mutation_score(self) -> float:
        """The share of the mutants that are mistakes and were caught in every seed."""
        mistakes = len(self.fates) - len(self.equivalent)
        return 1 - len(self.unexplained) / mistakes if mistakes else 1.0

    @property
    def gaps(self) -> list[str]:
        """What must be mended, in one line each; nothing if the tests are proven."""
        few = [t for t in self.trials.values() if t.styles < STYLES]
        return [
            *self.broken,
            *(f"{t.exercise_id}: {t.styles} right styles, not {STYLES}" for t in few),
            *self._wronged(),
            *(f"{t.exercise_id}: {name} escapes in {len(t.escaped[name])} of {t.seeds} seeds, "
              f"such as {t.escaped[name][0]}" for t, name in self.catalog if t.escaped[name]),
            *(f"{f.exercise_id} ({f.origin}): caught in {f.killed} of {f.seeds} seeds: {f.name}"
              for f in self.unexplained),
            *stale(self.fates, self.known),
            *short_of(self.measures),
        ]  # fmt: skip

    def _wronged(self) -> list[str]:
        """One line for each exercise and seed where right styles lost points."""
        by_case: dict[tuple[str, int], list[Failure]] = {}
        for failure in self.failures:
            by_case.setdefault((failure.exercise_id, failure.seed), []).append(failure)
        return [
            f"{exercise}, seed {seed}: {len(failed)} of {len(self.trials[exercise].honest)} right "
            f"styles lost points, such as {failed[0].name!r}: {' '.join(failed[0].message.split())}"
            for (exercise, seed), failed in by_case.items()
        ]

    def needed(self) -> dict[str, dict[tuple[str, str], float]]:
        """By family: the bugs that would escape without it, with the share of seeds.

        A bug is a pair (exercise, misconception).
        """
        return {
            family.name: {
                (trial.exercise_id, name): trial.alone[name][family.name] / trial.seeds
                for trial, name in self.catalog
                if trial.alone[name].get(family.name)
            }
            for family in FAMILIES
        }

    def mutants_needing(self) -> Counter[str]:
        """By family: how many mutants nothing but its case exposes reliably."""
        return Counter(f.families[0] for f in self.fates if len(f.families) == 1)

    def summary(self) -> dict[str, Any]:
        """The figures that the report begins with."""
        trials = self.trials.values()
        return {
            "exercises": len(self.trials),
            "seeds": max((trial.seeds for trial in trials), default=0),
            "right styles, at least": min((trial.styles for trial in trials), default=0),
            "with variations": min((len(trial.honest) for trial in trials), default=0),
            "right answers judged": self.tried,
            "false failures": len(self.failures),
            "misconceptions": len(self.catalog),
            "misconceptions caught": self.caught,
            "mutants": len(self.fates),
            "equivalent mutants": len(self.equivalent),
            "mutants caught": len(self.fates) - len(self.survivors),
            "mutation score": round(self.mutation_score, 4),
            "gaps": len(self.gaps),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything as values that JSON knows."""
        return {
            "summary": self.summary(),
            "gaps": self.gaps,
            "exercises": {name: asdict(trial) for name, trial in self.trials.items()},
            "escaping without": {
                family: [
                    {"exercise": exercise, "misconception": bug, "share": round(share, 4)}
                    for (exercise, bug), share in bugs.items()
                ]
                for family, bugs in self.needed().items()
            },
            "mutants": [
                {**asdict(fate), "name": fate.name, "equivalent": reason(fate, self.known)}
                for fate in self.fates
            ],
            "diagnosis": self.measures,
        }
