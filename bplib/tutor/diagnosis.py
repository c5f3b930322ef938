"""Which known mistakes explain everything that a student's function returned."""

from collections.abc import Sequence
from dataclasses import dataclass

from bplib import answers
from bplib.answers import TOLERANCE, Array, Outcome
from bplib.fingerprints import seals, signature
from bplib.tutor.key import Key, KeyCase, Signature

# Projections stand in the key with ten digits.
KEY_TOLERANCE = 1e-8


def slack(outcome: Outcome) -> float:
    """How far two projections of equal arrays may differ, relative to the largest."""
    return max(KEY_TOLERANCE, TOLERANCE[outcome.precision])


@dataclass(frozen=True)
class Seen:
    """What came back in one case: its signature, and the hashes that it may have."""

    numbers: Array
    hashes: frozenset[str]
    slack: float

    def equals(self, known: Signature) -> bool:
        """True if the known answer is this one, wrong shapes and missing arrays included."""
        if isinstance(known, str):
            return known in self.hashes
        same = self.numbers.shape == known.shape
        return same and answers.close(self.numbers, known, self.slack)


def names(key: Key, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """The misconception, or the two, that explain every case; empty if none does.

    Call it for an answer that is wrong in some case where arrays came back: what only raised has
    its own message.
    """
    seen = [_seen(case, outcome) for case, outcome in zip(key.cases, outcomes, strict=True)]
    for name in key.hints:
        if all(part.equals(c.wrong[name]) for c, part in zip(key.cases, seen, strict=True)):
            return (name,)
    for i, pair in enumerate(key.pairs):
        if all(part.equals(c.pairs[i]) for c, part in zip(key.cases, seen, strict=True)):
            return pair
    return ()


def _seen(case: KeyCase, outcome: Outcome) -> Seen:
    arrays = outcome.everything
    numbers = signature(arrays)
    known = next(iter(case.wrong.values()), "")
    hashed = isinstance(known, str)
    hashes = seals(case.salt, numbers, arrays, slack(outcome)) if hashed else frozenset[str]()
    return Seen(numbers, hashes, slack(outcome))
