"""The catalogue of misconceptions: what people get wrong, and the question to ask.

An exercise says how one of these looks in its own code; here stands what it is, once. A hint is a
question a good tutor would ask: it never gives the formula away and never shows the right array.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A misconception: where it happens, what the wrong code does, and the tutor's question.

    steps: letters of the steps at which it occurs: F forward, O output error, H hidden error,
    P parameter gradients, R regularizer.
    """

    steps: str
    wrong: str
    hint: str


CATALOGUE: dict[str, Entry] = {
    "row-minus-column": Entry(
        "F",
        "(m,1) − (m,) broadcasts to (m,m)",
        "What shape has the difference?",
    ),
    "bias-per-example": Entry(
        "F",
        "bias broadcast along the wrong axis",
        "How many biases have n units?",
    ),
    "overwrites-z": Entry(
        "F",
        "activation written over Z in place",
        "Is Z still what you computed?",
    ),
    "weights-transposed": Entry(
        "FH",
        "W for W.T with a square W",
        'Which index means "from"?',
    ),
    "extra-output-activation": Entry(
        "F",
        "φ applied to scores the cost already squashes",
        "Does the cost expect scores or probabilities?",
    ),
    "output-slope-missing": Entry(
        "O",
        "δ = ∇_a C without φ′",
        "By which variable is δ a derivative?",
    ),
    "slope-not-cancelled": Entry(
        "O",
        "cross-entropy δ still times φ′",
        "Has that factor cancelled?",
    ),
    "sign-flipped": Entry(
        "O",
        "y − a",
        "If the prediction is too high, which sign has the error?",
    ),
    "factor-two": Entry(
        "O",
        "2(a − y) for the ½ cost, or the reverse",
        "Which constant does your cost carry?",
    ),
    "batch-mean-missing": Entry(
        "O",
        "no 1/m",
        "Duplicate every example: should the gradient double?",
    ),
    "batch-mean-twice": Entry(
        "OP",
        "1/m twice",
        "How often does m occur in the cost?",
    ),
    "divides-by-units": Entry(
        "O",
        "÷(m·K)",
        "Which axis is averaged?",
    ),
    "error-is-prediction": Entry(
        "O",
        "δ = p",
        "Which error should a perfect answer give?",
    ),
    "softmax-diagonal": Entry(
        "O",
        "only the diagonal of the softmax Jacobian",
        "Do the other probabilities move?",
    ),
    "hidden-slope-missing": Entry(
        "H",
        "φ′ missing",
        "What lies between a and z?",
    ),
    "next-layer-slope": Entry(
        "H",
        "φ′ of the layer above",
        "Whose nonlinearity is crossed?",
    ),
    "own-weights": Entry(
        "H",
        "W[l] for W[l+1]",
        "Which weights leave this unit?",
    ),
    "updated-weights": Entry(
        "H",
        "weights already updated",
        "At which weights was the cost computed?",
    ),
    "elementwise-for-matmul": Entry(
        "H",
        "`*` for `@`",
        "Sum over the units, or unit by unit?",
    ),
    "unweighted-sum": Entry(
        "H",
        "δ_next summed without weights",
        "Does a zero weight carry blame?",
    ),
    "absolute-weights": Entry(
        "H",
        "abs(W)",
        "Can a connection reduce the cost?",
    ),
    "output-error-everywhere": Entry(
        "H",
        "∂C/∂A[L] used in every layer",
        "Who is the immediate neighbour above?",
    ),
    "mean-per-layer": Entry(
        "H",
        "÷m again in each layer",
        "Where was averaging already done?",
    ),
    "slope-twice": Entry(
        "H",
        "φ′ applied twice",
        "How many nonlinearities did you cross?",
    ),
    "gradient-from-own-activation": Entry(
        "P",
        "dW uses A[l]",
        "Which signal entered this weight?",
    ),
    "gradient-from-weighted-input": Entry(
        "P",
        "dW uses Z[l−1]",
        "Before or after φ?",
    ),
    "gradient-transposed": Entry(
        "P",
        "dW transposed, square layer",
        "Nudge W[0,1]: which entry responds?",
    ),
    "bias-not-summed": Entry(
        "P",
        "db keeps the batch axis",
        "Who shares this bias?",
    ),
    "bias-summed-over-units": Entry(
        "P",
        "db summed over everything",
        "Do all units share one bias?",
    ),
    "bias-averaged": Entry(
        "P",
        "db mean although δ carries 1/m",
        "Is m already inside δ?",
    ),
    "bias-times-input": Entry(
        "P",
        "db uses A_prev",
        "What multiplies a bias?",
    ),
    "bias-zero": Entry(
        "P",
        "db = 0",
        "Nudge b: does the cost move?",
    ),
    "bias-times-bias": Entry(
        "P",
        "db·b",
        "Does ∂z/∂b depend on b?",
    ),
    "first-example-only": Entry(
        "P",
        "only row 0",
        "Try m = 1, then m = 2.",
    ),
    "first-layer-skipped": Entry(
        "P",
        "layer 1 missing or zero",
        "List every parameter you returned.",
    ),
    "penalty-missing": Entry(
        "R",
        "λ‖W‖² in the cost, not in the gradient",
        "Set the data cost to zero: what remains?",
    ),
    "penalty-factor": Entry(
        "R",
        "λ for 2λ or the reverse",
        "Is there a ½?",
    ),
    "penalty-wrong-shape": Entry(
        "R",
        "W² or ΣW",
        "Which shape must the derivative have?",
    ),
    "bias-penalised": Entry(
        "R",
        "λb added to db",
        "Which symbols are in the penalty?",
    ),
    "penalty-scale": Entry(
        "R",
        "λ/m mismatch",
        "Is the penalty inside the average?",
    ),
    "penalty-sign": Entry(
        "R",
        "−λW",
        "Should the penalty grow the weights?",
    ),
}


def entry(name: str) -> Entry:
    """The catalogue's entry of that id. Raises ValueError that lists the ids."""
    if name not in CATALOGUE:
        raise ValueError(f"no misconception {name!r}; the catalogue has: {', '.join(CATALOGUE)}")
    return CATALOGUE[name]
