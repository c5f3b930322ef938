"""The two kinds of work of the proof, as pure functions that a process of their own can run.

Questions are drawn once for each exercise and seed (`judge.drawn` keeps them), because the
numerical oracle costs many times as much as an answer: seeds outside, implementations inside.
"""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from bplib.answers import Outcome
from bplib.authoring.proof.honest import honest_variants
from bplib.authoring.proof.mutants import Mutant, mutants
from bplib.authoring.proof.subjects import Subject
from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise, Question
from bplib.exercises.judge import ask, assess, drawn, is_right

# A mutant may loop for ever, or ask for all the memory there is. CPU seconds; an honest answer to
# all questions of an exercise takes a few thousandths of one.
PATIENCE = 2.0
MEMORY = 8 * 2**30


class TooSlow(KeyboardInterrupt):
    """A mutant used up its time; as an interrupt, it also ends the remaining questions."""


@dataclass(frozen=True)
class Failure:
    """A right implementation that lost points: the judge is wrong."""

    exercise_id: str
    name: str
    seed: int
    message: str


@dataclass
class Trial:
    """What an exercise showed over some seeds.

    seeds: how many; families: in order; honest: names of the right implementations tried;
    styles: how many of these are texts of their own, and not variations of one.
    killed[misconception][family]: in how many seeds the family's case exposed it.
    alone[misconception][family]: in how many it was the only one that did.
    escaped[misconception]: the seeds in which no family exposed it.
    """

    exercise_id: str
    families: tuple[str, ...]
    honest: tuple[str, ...]
    styles: int
    seeds: int = 0
    failures: list[Failure] = field(default_factory=list)
    killed: dict[str, dict[str, int]] = field(default_factory=dict)
    alone: dict[str, dict[str, int]] = field(default_factory=dict)
    escaped: dict[str, list[int]] = field(default_factory=dict)

    def add(self, other: "Trial") -> None:
        """Take in what the same exercise showed over other seeds."""
        self.seeds += other.seeds
        self.failures += other.failures
        for mine, theirs in ((self.killed, other.killed), (self.alone, other.alone)):
            for name, counts in theirs.items():
                for family, count in counts.items():
                    mine[name][family] += count
        for name, seeds in other.escaped.items():
            self.escaped[name] += seeds


@dataclass(frozen=True)
class Fate:
    """What became of a mutant.

    killed: in how many of the seeds the judge took points from it; families: those that exposed it
    in every seed.
    """

    exercise_id: str
    origin: str
    kind: str
    was: str
    becomes: str
    killed: int
    seeds: int
    families: tuple[str, ...]

    @property
    def name(self) -> str:
        """The change in one line, under which the list of equivalent mutants knows it."""
        return f"{self.was} → {self.becomes}"


def exposed(
    exercise: Exercise, questions: Sequence[Question], outcomes: Sequence[Outcome]
) -> list[str]:
    """The names of the families whose case the answers are wrong in.

    As the judge sees it (`assess` takes points exactly if this list is not empty), without the
    search for a name of the mistake.
    """
    return [
        q.family.name
        for q, o in zip(questions, outcomes, strict=True)
        if not all(is_right(q, o, name) for name in q.right)
        or (exercise.forbid_warnings and o.warned)
    ]


def fresh(exercise: Exercise) -> Trial:
    """A trial of the exercise without any seed yet."""
    families = tuple(exercise.families)
    names = tuple(exercise.misconceptions)
    return Trial(
        exercise.id,
        families,
        tuple(honest.name for honest in honest_variants(exercise)),
        len(exercise.styles),
        killed={name: dict.fromkeys(families, 0) for name in names},
        alone={name: dict.fromkeys(families, 0) for name in names},
        escaped={name: [] for name in names},
    )


def try_seeds(exercise_id: str, seeds: Iterable[int]) -> Trial:
    """Every right implementation and every misconception of an exercise, on each of the seeds.

    Raises ValueError for an unknown exercise.
    """
    exercise = bank()[exercise_id]
    trial, honest = fresh(exercise), honest_variants(exercise)
    with _usual_warnings():
        for seed in seeds:
            questions = drawn(exercise_id, seed)
            trial.seeds += 1
            for right in honest:
                verdict = assess(exercise, questions, ask(exercise, questions, right.function))
                if not verdict.passed or verdict.score != exercise.points:
                    trial.failures.append(Failure(exercise_id, right.name, seed, verdict.message))
            for name, wrong in exercise.misconceptions.items():
                found = exposed(exercise, questions, ask(exercise, questions, wrong.function))
                for family in found:
                    trial.killed[name][family] += 1
                if len(found) == 1:
                    trial.alone[name][found[0]] += 1
                elif not found:
                    trial.escaped[name].append(seed)
    return trial


def try_mutants(subject: Subject, seeds: Sequence[int]) -> list[Fate]:
    """The fate of every mutant of a solution on each of the seeds.

    Raises ValueError if the solution itself is not right, since its mutants would prove nothing.
    """
    exercise = bank()[subject.exercise_id]
    with _usual_warnings():
        asked = [drawn(subject.exercise_id, seed) for seed in seeds]
        for questions in asked:
            found = _killers(exercise, questions, subject.function)
            if found:
                raise ValueError(
                    f"{exercise.id}: the solution ({subject.origin}) is wrong in the families "
                    f"{', '.join(found)}; mend it before you mutate it"
                )
        return [_fate(exercise, subject, mutant, asked) for mutant in mutants(subject.source)]


def _fate(
    exercise: Exercise, subject: Subject, mutant: Mutant, asked: Sequence[Sequence[Question]]
) -> Fate:
    found = [
        _killers(exercise, questions, lambda: subject.function(mutant.source))
        for questions in asked
    ]
    always = [f for f in exercise.families if all(f in families for families in found)]
    return Fate(
        exercise.id,
        subject.origin,
        mutant.kind,
        mutant.was,
        mutant.becomes,
        sum(map(bool, found)),
        len(asked),
        tuple(always),
    )


def _killers(
    exercise: Exercise, questions: Sequence[Question], function: Callable[[], Any]
) -> list[str]:
    """The families that expose a function; all of them if it does not come to an end."""
    try:
        with _time_limit(PATIENCE):
            return exposed(exercise, questions, ask(exercise, questions, function()))
    except TooSlow:
        return [question.family.name for question in questions]


@contextmanager
def _usual_warnings() -> Iterator[None]:
    """NumPy's own defaults, as the judge sets them."""
    with np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"):
        yield


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises TooSlow in the block once it has used so much CPU time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory() -> None:
    """Let this process fail with MemoryError instead of filling the machine (on Linux)."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
