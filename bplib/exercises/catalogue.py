"""The catalogue of misconceptions: what people get wrong, and the question to ask.

An exercise says how one of these looks in its own code; here stands what it is, once. A hint is a
question a good tutor would ask: it never gives the formula away and never shows the right array.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A misconception: where it happens, what the wrong code does, and the tutor's question.

    steps: letters of the steps at which it occurs: A activation, F forward, O output error,
    H hidden error, P parameter gradients, R regularizer, U update, N numeric, S special layers.
    """

    steps: str
    wrong: str
    hint: str


CATALOGUE: dict[str, Entry] = {
    "sigmoid-slope-from-z": Entry(
        "A",
        "z·(1−z)",
        "What does s stand for in s(1−s)?",
    ),
    "slope-at-activation": Entry(
        "A",
        "φ′(a) instead of φ′(z)",
        "At which quantity did you evaluate φ′?",
    ),
    "tanh-slope-linear": Entry(
        "A",
        "1−a instead of 1−a²",
        "Compare your value with the slope of the plotted curve at a = 0.5.",
    ),
    "sigmoid-slope-for-tanh": Entry(
        "A",
        "σ′ used for tanh",
        "What is the steepest slope of your curve?",
    ),
    "leaky-slope-dropped": Entry(
        "A",
        "negative side 0, or upstream dropped there",
        "What crosses the negative side?",
    ),
    "elu-slope-constant": Entry(
        "A",
        "α for every z < 0",
        "Is that side of the curve straight?",
    ),
    "mask-from-upstream": Entry(
        "A",
        "ReLU mask from the sign of the upstream error",
        "Whose sign made the unit fire?",
    ),
    "mask-from-previous-layer": Entry(
        "A",
        "ReLU mask from the layer below",
        "Which array entered this ReLU?",
    ),
    "relu-slope-is-activation": Entry(
        "A",
        "ReLU′ = a",
        "Height or slope?",
    ),
    "relu-kink-one": Entry(
        "A",
        "ReLU′(0) = 1",
        "What is our convention at the kink?",
    ),
    "maxout-both-branches": Entry(
        "A",
        "error sent to both branches",
        "Which branch won?",
    ),
    "exp-overflow": Entry(
        "A",
        "exp of a large positive number",
        "For which sign of z does exp explode?",
    ),
    "false-friends": Entry(
        "F",
        "a and z of another notation taken for ours",
        "In whose alphabet is this letter?",
    ),
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
    "bias-forgotten": Entry(
        "F",
        "the messages without the bias",
        "What does a unit have besides its weights?",
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
    "ascent": Entry(
        "U",
        "W + η·dW",
        "Does the cost fall for a tiny η?",
    ),
    "uphill": Entry(
        "U",
        "the steepest step along the gradient, not against it",
        "Is the forecast of your step above or below zero?",
    ),
    "gradients-accumulate": Entry(
        "U",
        "gradients not reset",
        "Call backward twice: what changes?",
    ),
    "short-batch": Entry(
        "U",
        "last short batch ÷ full size",
        "How many rows arrived?",
    ),
    "alias": Entry(
        "U",
        "saved weights alias the live ones",
        "Did your copy change too?",
    ),
    "best-forgotten": Entry(
        "U",
        "each cost compared with the one before, not with the best",
        "Is every step down a new best?",
    ),
    "targets-left-behind": Entry(
        "U",
        "X shuffled, Y not",
        "Does row i of Y still belong to row i of X?",
    ),
    "step-too-small": Entry(
        "N",
        "h = 1e-12",
        "Plot the error against h.",
    ),
    "step-too-large": Entry(
        "N",
        "h = 0.1",
        "Plot the error against h.",
    ),
    "one-sided": Entry(
        "N",
        "forward difference for central",
        "What happens to the h² term?",
    ),
    "one-step-for-two": Entry(
        "N",
        "central difference over h, not over 2h",
        "How far apart are the two probes?",
    ),
    "float32-difference": Entry(
        "N",
        "float32 arithmetic",
        "How many digits survive the subtraction?",
    ),
    "absolute-tolerance": Entry(
        "N",
        "absolute error only",
        "How large is the gradient itself?",
    ),
    "entry-not-restored": Entry(
        "N",
        "x left perturbed",
        "Is x unchanged afterward?",
    ),
    "at-the-kink": Entry(
        "N",
        "ReLU checked across its kink",
        "Did a unit switch between the two probes?",
    ),
    "symmetric-init": Entry(
        "S",
        "equal rows at the start",
        "What could make two units differ?",
    ),
    "sum-along-the-path": Entry(
        "S",
        "factors that follow one another added, not multiplied",
        "Two layers that each double a signal: what do they do together?",
    ),
    "spreads-added": Entry(
        "S",
        "lengths or spreads added where their squares add",
        "How long is the straight way across a field of 3 by 4?",
    ),
    "variance-for-spread": Entry(
        "S",
        "a variance where its root belongs, or the reverse",
        "Is that number a variance or the root of one?",
    ),
    "wrong-fan": Entry(
        "S",
        "the number of units on the other side of the weights",
        "How many terms has the sum that you want to keep in scale?",
    ),
    "relu-half-forgotten": Entry(
        "S",
        "no allowance for the half that ReLU cuts off",
        "How much of a signal around zero gets through a ReLU?",
    ),
    "test-statistics": Entry(
        "S",
        "the test set scaled by its own mean and spread",
        "What would become of a test example that comes alone?",
    ),
    "test-leaks": Entry(
        "S",
        "mean and spread taken over training and test set together",
        "Was the test set there when you learned?",
    ),
    "rows-for-columns": Entry(
        "S",
        "mean and spread of each example instead of each feature",
        "Do a height and a weight share a unit, or two heights?",
    ),
    "constant-column": Entry(
        "S",
        "divided by a spread of zero, or by a tiny number put in its place",
        "What becomes of a test example that differs in a column that never changed?",
    ),
    "biases-left-out": Entry(
        "S",
        "the length of the weights' gradients alone",
        "Which parameters does a step move?",
    ),
    "norm-not-rooted": Entry(
        "S",
        "sum of squares given as the length",
        "Double the vector: by how much should its length grow?",
    ),
    "clipped-one-by-one": Entry(
        "U",
        "every layer shortened by its own norm",
        "Does the whole step still point where it pointed?",
    ),
    "clipped-entries": Entry(
        "U",
        "every entry clipped for itself",
        "Where does (3, 100) point after you have clipped it at 1?",
    ),
    "short-made-long": Entry(
        "U",
        "gradients below the limit stretched up to it",
        "What should become of a gradient that is short already?",
    ),
}


def entry(name: str) -> Entry:
    """The catalogue's entry of that id. Raises ValueError that lists the ids."""
    if name not in CATALOGUE:
        raise ValueError(f"no misconception {name!r}; the catalogue has: {', '.join(CATALOGUE)}")
    return CATALOGUE[name]
