"""Credit that carries through: which steps of backpropagation are right, seen from gradients alone.

A student's `backprop` returns only gradients, yet each step can be judged on its own:
- dW = deltaᵀ A_prev (BP4), and A_prev is known. Where the examples are fewer than the inputs, this
  can be solved for delta. So dW tells which delta the student had in hand.
- For a single example db (BP3) is delta itself.
With the student's own delta of the layer above, BP2 can be checked although BP1 was wrong; with the
student's own delta, BP3 and BP4 can be checked although BP2 was wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bplib import answers, nn
from bplib.answers import TOLERANCE, Array, Outcome
from bplib.exercises.exercise import Question
from bplib.exercises.judge import Check, is_right

# Solving for delta costs a few digits.
SLACK = 1e3
EVIDENCE = ("ordinary", "one-example")


@dataclass(frozen=True)
class Layer:
    """What is known of one layer, counted from 1: the reference's arrays and the student's.

    delta: the reference's error; carried: the delta that the student's dW was made from, or None.
    """

    W: Array
    slope: Array
    delta: Array
    dW: Array | None
    db: Array | None
    right_dW: bool
    right_db: bool
    carried: Array | None


@np.errstate(over="ignore", invalid="ignore")
def steps(questions: Sequence[Question], outcomes: Sequence[Outcome]) -> list[Check]:
    """A check per step: BP1 (with the forward pass), BP2, BP3, BP4, and all families together.

    Called for answers that are wrong somewhere; the last check is the one that fails for them.
    """
    pairs = [(q, o) for q, o in zip(questions, outcomes, strict=True) if q.family.name in EVIDENCE]
    networks = [(layers(q, o), TOLERANCE[o.precision] * SLACK) for q, o in pairs]
    whole = all(
        is_right(q, o, n) for q, o in zip(questions, outcomes, strict=True) for n in q.right
    )
    return [
        Check("BP1, forward pass and output error", all(bp1(*net) for net in networks), 2),
        Check("BP2, hidden error", all(bp2(*net) for net in networks), 2),
        Check("BP3, bias gradient", all(bp3(*net) for net in networks), 1),
        Check("BP4, weight gradient", all(bp4(*net) for net in networks), 2),
        Check("everything together, in all families of cases", whole, 1),
    ]


def layers(question: Question, outcome: Outcome) -> list[Layer]:
    """The layers 1 … L of a case, with the student's gradients."""
    X, _, params, phi, _ = question.case.inputs.values()
    Zs, As = nn.forward(X, params, phi)
    found = []
    for number, ((W, _), Z, A_prev) in enumerate(zip(params, Zs, As[:-1], strict=True), start=1):
        names = dW, db = f"dW[{number}]", f"db[{number}]"
        right_dW, right_db = (is_right(question, outcome, name) for name in names)
        mine = outcome.arrays.get(dW)
        found.append(
            Layer(
                W=W,
                slope=phi.derivative(Z),
                delta=_solve(question.right[dW], A_prev),
                dW=mine,
                db=outcome.arrays.get(db),
                right_dW=right_dW,
                right_db=right_db,
                carried=None if mine is None else _carried(mine, A_prev),
            )
        )
    return found


def _solve(dW: Array, A_prev: Array) -> Array:
    """The delta, (m, n), for which deltaᵀ A_prev comes closest to dW."""
    return np.asarray(np.linalg.lstsq(A_prev.T, dW.T)[0], dtype=np.float64)


def _carried(dW: Array, A_prev: Array) -> Array | None:
    """The delta that dW was made from; None if dW is zero or was not made by BP4."""
    delta = _solve(dW, A_prev)
    made = bool(dW.any()) and bool(np.isfinite(delta).all())
    return delta if made and _near(delta.T @ A_prev, dW, 1e-6) else None


def _near(mine: Array, expected: Array, slack: float) -> bool:
    """Close, relative to what the student had in hand: however small, it must fit."""
    return answers.close(mine, expected, slack, tiny=0.0)


def _sums_to(delta: Array | None, db: Array | None, slack: float) -> bool:
    """BP3 with the student's own delta."""
    return delta is not None and db is not None and _near(db, delta.sum(axis=0), slack)


def bp1(net: list[Layer], slack: float) -> bool:
    """True if the output error is right: seen in dW of the top layer, or in its db."""
    top = net[-1]
    seen = top.carried is not None and _near(top.carried, top.delta, slack)
    return seen or top.right_db


def bp2(net: list[Layer], slack: float) -> bool:
    """True if each hidden error follows from the student's own error of the layer above."""
    return all(
        layer.right_db
        or _follows(layer, above, layer.carried, above.carried, slack)
        or (len(layer.delta) == 1 and _follows(layer, above, _row(layer.db), _row(above.db), slack))
        for layer, above in pairwise(net)
    )


def _row(db: Array | None) -> Array | None:
    """The error of a single example, which is its db."""
    return None if db is None or not db.any() else db[np.newaxis]


def _follows(
    layer: Layer, above: Layer, mine: Array | None, above_mine: Array | None, slack: float
) -> bool:
    if mine is None or above_mine is None:
        return False
    return _near(mine, nn.hidden_error(above.W, above_mine, layer.slope), slack)


def bp3(net: list[Layer], slack: float) -> bool:
    """True if every db is the sum of the student's own errors, or the right one."""
    return all(layer.right_db or _sums_to(layer.carried, layer.db, slack) for layer in net)


def bp4(net: list[Layer], slack: float) -> bool:
    """True if every dW is right, or was made of the delta that db is the sum of.

    At the top BP3 and BP4 start from the same error. If dW is right there and db is not, then BP3
    is wrong, so the sums below prove nothing: there dW need only have been made from some delta.
    """
    bp3_wrong = net[-1].right_dW and not net[-1].right_db
    return all(
        layer.right_dW
        or _sums_to(layer.carried, layer.db, slack)
        or (bp3_wrong and layer.carried is not None)
        for layer in net
    )
