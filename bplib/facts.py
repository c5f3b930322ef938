"""Says how an array is wrong when the mistake has no name: sign, factor, axes, order, rows.

The judge, who has the right array, and the tutor, who has its fingerprint alone, say the same. No
sentence gives a number of the right array away: a factor is named only if it is one that a student
can meet in the lesson (m, 2, and what follows from them).
"""

from collections.abc import Iterator, Mapping

import numpy as np

from bplib.answers import TINY, Array, Outcome, close, misfit
from bplib.fingerprints import Print, by_row, dots
from bplib.layers import UPSIDE_DOWN, turned

# A factor or an offset found from a few dot products is good to about this.
PRECISE = 1e-6
# An answer as near as this was computed in the right way, but with too few digits.
NEARLY = 1e-4


def said(
    name: str,
    right: Mapping[str, Print],
    outcome: Outcome,
    m: int,
    slack: float,
    *,
    lines: bool,
) -> str:
    """What is off with one array of an answer, in a clause that names it.

    right: the fingerprints of all arrays by name; that array does not match its own. lines: True
    for a derivation, whose lines have names in the student's code, so that their order is no matter
    and may be what the exercise asks for.
    """
    wanted, array = right[name], outcome.everything.get(name)
    if array is None:
        return outcome.faults[name]
    if all_right(turned(outcome.everything), right, slack):
        return UPSIDE_DOWN
    other = "" if lines else _belongs_to(array, right, slack)
    if other:
        return f"what came back as `{name}` is right for `{other}`: check the order of the parts"
    if name in outcome.misshapen:
        more = fact_of_shape(array, wanted, slack)
        return outcome.faults[name] + (f"; {more}" if more else "")
    if name in outcome.one_number and not named_factor(array, wanted, m, slack):
        return misfit(name, wanted.shape, ())
    return f"`{name}`: {fact(array, wanted, m, slack)}"


def _belongs_to(array: Array, right: Mapping[str, Print], slack: float) -> str:
    """The name of the part that this array would be right for, or an empty text."""
    if not array.any():  # zeros are right for many a part
        return ""
    return next((name for name, seen in right.items() if seen.matches(array, slack)), "")


@np.errstate(over="ignore", invalid="ignore")
def fact(answer: Array, right: Print, m: int, slack: float) -> str:
    """One clause about an array of the right shape and wrong values.

    answer: float64, of right.shape. m: number of examples. slack: as for `Print.matches`.
    """
    one = answer.size == 1
    if one and answer.item() in (0, 1) and right.matches(1 - answer, slack):
        return f"it is {bool(answer)}, and should be {not bool(answer)}"
    if right.matches(np.zeros(right.shape), slack):
        return (
            "it should be zero (or False), and is not"
            if one
            else "something comes back where the right answer is exactly zero"
        )
    if not np.any(np.abs(answer) > TINY):
        where = "(or False)" if one else "everywhere"
        return f"it is zero {where}, and should not be"
    if right.matches(-answer, slack):
        return "it has the wrong sign" if one else "every entry has the wrong sign"
    factor = named_factor(answer, right, m, slack)
    if factor:
        what = "it is" if one else "every entry is"
        return f"{what} {factor} times what it should be"
    if right.matches(answer, NEARLY):
        return (
            "it is nearly right, but only to a few digits: is something rounded, approximated, or "
            "in single precision?"
        )
    if one:
        return "it is not the right number"
    return next(_other(answer, right, slack), "") or (
        "it has the right shape, but not the right values"
        + ("" if right.seal else "; no constant factor explains it")
    )


def named_factor(answer: Array, right: Print, m: int, slack: float) -> str:
    """The name of the known factor by which the answer is too large, or an empty text.

    >>> from bplib.fingerprints import fingerprint
    >>> right = np.arange(6.0).reshape(3, 2)
    >>> named_factor(-2 * right, fingerprint(right, m=3), 3, 1e-9)
    '−2'
    """
    known = {"m": m, "1/m": 1 / m, "2": 2.0, "1/2": 0.5, "m²": m * m, "1/m²": 1 / m**2}
    for value in dict.fromkeys(known.values()):
        for sign, minus in ((1, ""), (-1, "−")):
            if value != 1 and right.matches(answer / (sign * value), slack):
                # With m = 2, one case cannot tell m from 2.
                called = " or ".join(minus + name for name in known if known[name] == value)
                return called + (f" (here m = {m})" * ("m" in called))
    return ""


def _other(answer: Array, right: Print, slack: float) -> Iterator[str]:
    """Clauses about axes, order, factors, offsets and rows that fit."""
    if answer.ndim == 2 and len(set(answer.shape)) == 1 and right.matches(answer.T.copy(), slack):
        yield "the values are right, but rows and columns are swapped"
    if right.matches(answer[::-1].copy(), slack):
        yield "the values are right, but in the opposite order"
    if len(right.projections) > 1:
        mine, ones = dots(answer, len(right.projections)), dots(np.ones(right.shape), 4)
        if _constant(mine, right.projections, slack):
            yield "every entry is off by the same constant factor"
        ones = ones[: len(mine)]
        if _constant(mine - right.projections, ones, max(slack, PRECISE)):
            yield "every entry is off by the same amount"
    for values, seen, says in (
        (answer, right.ordered, "the numbers are right, but some stand in the wrong places"),
        (np.abs(answer), right.sizes, "the sizes of the entries are right, but not all signs"),
    ):
        found = dots(np.sort(values, axis=None), 1)
        if seen is not None and close(found, np.array([seen]), slack):
            yield says
    if right.rows is not None:
        yield from _rows(by_row(answer), right.rows, slack)


def _constant(a: Array, b: Array, slack: float) -> bool:
    """True if a is a multiple of b other than 0."""
    if not (np.isfinite(a).all() and b.any()):
        return False
    factor = float(a @ b / (b @ b))
    return factor != 0 and close(a, factor * b, max(slack, PRECISE), tiny=0.0)


def _rows(mine: Array, right: Array, slack: float) -> Iterator[str]:
    """Which examples are right, if some are and some are not."""
    scale = float(np.max(np.abs(right)))
    good = np.abs(mine - right) <= max(slack * scale, TINY)
    if good.any() and not good.all():
        first = int(np.argmin(good))
        yield (
            f"{int(good.sum())} of {len(good)} examples are right; the first wrong one is row "
            f"{first} (rows count from 0)"
        )


@np.errstate(over="ignore", invalid="ignore")
def all_right(arrays: Mapping[str, Array], right: Mapping[str, Print], slack: float) -> bool:
    """True if every array is there, in the right shape and with the right values."""
    return all(
        name in arrays and arrays[name].shape == seen.shape and seen.matches(arrays[name], slack)
        for name, seen in right.items()
    )


@np.errstate(over="ignore", invalid="ignore")
def fact_of_shape(answer: Array, right: Print, slack: float) -> str:
    """One clause about an array of a wrong shape whose values say more, or an empty text."""
    if answer.ndim == 2 and right.matches(answer.T.copy(), slack):
        return "its values are right, with the axes swapped"
    if answer.size == right.size and right.matches(answer.reshape(right.shape), slack):
        return "its values are right, in another shape"
    if answer.ndim != len(right.shape) + 1 or answer.shape[1:] != right.shape or not len(answer):
        return ""
    if right.matches(answer[0], slack) and all(right.matches(row, slack) for row in answer):
        return "the right values come back once per row"
    if right.matches(answer.sum(axis=0), slack) or right.matches(answer.mean(axis=0), slack):
        return "the part of each example is right, but they are not yet one answer"
    return ""
