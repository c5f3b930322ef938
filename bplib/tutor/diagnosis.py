"""Which known mistakes explain everything that a student's function returned."""

from collections.abc import Sequence

from bplib.answers import TOLERANCE, Outcome
from bplib.fingerprints import seals
from bplib.tutor.key import Key

# Projections stand in the key with ten digits.
KEY_TOLERANCE = 1e-8


def slack(outcome: Outcome) -> float:
    """How far two projections of equal arrays may differ, relative to the largest."""
    return max(KEY_TOLERANCE, TOLERANCE[outcome.precision])


def names(key: Key, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """The misconception, or the two, that explain every case; empty if none does.

    Call it for an answer that is wrong in some case where arrays came back: what only raised has
    its own message.
    """
    seen = [
        (case, seals(case.salt, outcome.everything, slack(outcome)))
        for case, outcome in zip(key.cases, outcomes, strict=True)
    ]
    for name in key.hints:
        if all(case.wrong[name] in hashes for case, hashes in seen):
            return (name,)
    for i, pair in enumerate(key.pairs):
        if all(case.pairs[i] in hashes for case, hashes in seen):
            return pair
    return ()
