"""Measures the diagnosis: does it name what was planted, and nothing where nothing was?

The judge is measured on fresh cases of each seed, the tutor on the visible cases of its keys. A
mistake is planted as it stands in the bank and once more in single precision; a right answer in
every style, in single precision, and by a function that writes into its own inputs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bplib.answers import copied
from bplib.exercises.bank import bank
from bplib.exercises.catalogue import entry
from bplib.exercises.diagnosis import diagnose
from bplib.exercises.exercise import Exercise, Question
from bplib.exercises.judge import ask, drawn, is_right
from bplib.exercises.pairs import pairs
from bplib.fingerprints import signature
from bplib.layers import GRADIENTS, PART, STEPS, TOP, first_step

# Two answers closer than this are the same answer.
SAME = 1e-8
PAIR_SEEDS = 2
FOUND_AT = {
    "O": [TOP],
    "F": [TOP],
    "H": [STEPS["delta"]],
    "P": [STEPS["db"], STEPS["dW"], GRADIENTS],
}


@dataclass
class Measure:
    """How often something was asked, and came out as it should; what did not, in words.

    possible: what could have been asked; the rest cannot be told apart (see `diagnosis_measures`).
    """

    asked: int = 0
    good: int = 0
    possible: int = 0
    failures: list[str] = field(default_factory=list)

    def count(self, good: bool, failure: str) -> None:
        """Count one more, with the words that describe it should it have failed."""
        self.asked += 1
        self.good += good
        if not good:
            self.failures.append(failure)

    @property
    def share(self) -> float:
        """The share that came out as it should, 0 … 1; 1 if nothing was asked."""
        return self.good / self.asked if self.asked else 1.0


def diagnosis_measures(
    seeds: Sequence[int], exercises: Iterable[Exercise] | None = None
) -> dict[str, dict[str, Any]]:
    """What the judge's diagnosis is worth, as plain values: asked, good, possible, failures, share.

    "singles": misconceptions named. "pairs": two at once, both named; asked are those that differ
    from the right answer, from every single misconception and from every other pair; possible are
    all that can be written (`pairs.pairs`). Pairs are asked on the first PAIR_SEEDS seeds.
    "right": right answers that got no diagnosis. "first step": single misconceptions of layered
    answers, for which the message names a step that the catalogue has them at.
    """
    found = {name: Measure() for name in ("singles", "pairs", "right", "first step")}
    for exercise in bank().values() if exercises is None else exercises:
        for number, seed in enumerate(seeds):
            questions = drawn(exercise.id, seed)
            _singles(exercise, questions, seed, found["singles"])
            _right(exercise, questions, seed, found["right"])
            _first_steps(exercise, questions[0], seed, found["first step"])
            if number < PAIR_SEEDS:
                _pairs(exercise, questions, seed, found["pairs"])
    return {name: {**asdict(measure), "share": measure.share} for name, measure in found.items()}


def in_float32(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its answer in single precision."""

    def cast(answer: Any) -> Any:
        if isinstance(answer, (list, tuple)) and not _numbers(answer):
            return type(answer)(cast(part) for part in answer)
        return np.asarray(answer, dtype=np.float32)

    return lambda *inputs: cast(function(*inputs))


def _numbers(answer: Sequence[Any]) -> bool:
    return all(isinstance(part, (int, float, np.number)) for part in answer)


def in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which afterwards overwrites its inputs, as one that reuses their memory."""

    def spoil(value: Any) -> None:
        if isinstance(value, np.ndarray):
            value[...] = 7
        elif isinstance(value, (list, tuple)):
            for part in value:
                spoil(part)

    def spoiling(*inputs: Any) -> Any:
        answer = copied(function(*inputs))
        spoil(list(inputs))
        return answer

    return spoiling


def _planted(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    yield "", function
    yield " in float32", in_float32(function)


def _singles(
    exercise: Exercise, questions: Sequence[Question], seed: int, measure: Measure
) -> None:
    for name, variant in exercise.misconceptions.items():
        for how, function in _planted(variant.function):
            named = diagnose(exercise, questions, ask(exercise, questions, function))
            measure.count(named == (name,), f"{exercise.id}, seed {seed}: {name}{how} → {named}")
    measure.possible = measure.asked


def _right(exercise: Exercise, questions: Sequence[Question], seed: int, measure: Measure) -> None:
    for style in exercise.styles.values():
        for how, function in (*_planted(style.function), (" in place", in_place(style.function))):
            named = diagnose(exercise, questions, ask(exercise, questions, function))
            measure.count(not named, f"{exercise.id}, seed {seed}: {style.name}{how} → {named}")
    measure.possible = measure.asked


def _pairs(exercise: Exercise, questions: Sequence[Question], seed: int, measure: Measure) -> None:
    def signed(function: Callable[..., Any]) -> list[np.ndarray[Any, Any]]:
        return [signature(o.everything) for o in ask(exercise, questions, function)]

    singles = [signed(variant.function) for variant in exercise.misconceptions.values()]
    double = {names: signed(variant.function) for names, variant in pairs(exercise).items()}
    right = [signature(question.right) for question in questions]
    for names, mine in double.items():
        measure.possible += 1
        others = [other for key, other in double.items() if key != names]
        if any(_equal(mine, other) for other in (right, *singles, *others)):
            continue
        function = pairs(exercise)[names].function
        named = diagnose(exercise, questions, ask(exercise, questions, function))
        measure.count(named == names, f"{exercise.id}, seed {seed}: {names} → {named}")


def _equal(mine: Sequence[Any], theirs: Sequence[Any]) -> bool:
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=SAME, atol=1e-12)
        for a, b in zip(mine, theirs, strict=True)
    )


def _first_steps(exercise: Exercise, question: Question, seed: int, measure: Measure) -> None:
    """The first question has a mini-batch of odd widths, so it shows what one example hides."""
    parts = [PART.fullmatch(name) for name in question.right]
    if exercise.upward or not all(part and part[1] in STEPS for part in parts):
        return
    for name, variant in exercise.misconceptions.items():
        (outcome,) = ask(exercise, [question], variant.function)
        wrong = [part for part in question.right if not is_right(question, outcome, part)]
        expected = [step for letter in entry(name).steps for step in FOUND_AT.get(letter, [])]
        if outcome.message or not wrong or not expected:
            continue
        layer, step = first_step(list(question.right), wrong, outcome.absent(wrong))
        said = f"{exercise.id}, seed {seed}: {name} → layer {layer}, {step}"
        measure.count(step in expected, said)
    measure.possible = measure.asked
