"""Credit by step for backprop: whoever is wrong at one step keeps the points of the others."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise
from bplib.exercises.judge import ask, judge

BACKPROP: Exercise = bank()["05.backprop"]
SEEDS = range(12)
POINTS = {"1": 2, "2": 2, "3": 1, "4": 2}

# By misconception, the numbers of the equations (BP1 … BP4) that still earn their points.
EXPECTED = {
    # The forward pass fails, or nothing after it can be recognized.
    "bias-per-example": "",
    "weights-transposed": "",
    "overwrites-z": "34",  # the slopes of BP1 and BP2 are taken at the wrong place
    # O: BP1 is wrong, and everything follows from the student's own output error.
    "output-slope-missing": "234",
    "sign-flipped": "234",
    "factor-two": "234",
    "batch-mean-missing": "234",
    "batch-mean-twice": "234",
    # H: BP2 is wrong, and the gradients follow from the student's own errors.
    "hidden-slope-missing": "134",
    "updated-weights": "134",
    "unweighted-sum": "134",
    "absolute-weights": "134",
    "mean-per-layer": "134",
    "slope-twice": "134",
    # H: the shapes do not fit, so that the function raises and no gradient comes back.
    "next-layer-slope": "",
    "own-weights": "",
    "elementwise-for-matmul": "",
    "output-error-everywhere": "",
    # P: the weights …
    "gradient-from-own-activation": "123",
    "gradient-from-weighted-input": "123",
    "gradient-transposed": "123",
    # … the biases …
    "bias-not-summed": "124",
    "bias-summed-over-units": "124",
    "bias-averaged": "124",
    "bias-times-input": "124",
    "bias-zero": "124",
    "bias-times-bias": "124",
    # … and both: gradients made of one row look like an output error of one row.
    "first-example-only": "234",
    # Layer 1 is where BP2 would show.
    "first-layer-skipped": "1",
}
# A leaky ReLU has the same slope at a as at z: there this mistake is none.
SOMETIMES_RIGHT = {"overwrites-z"}


def edited(*pairs: tuple[str, str]) -> Callable[..., Any]:
    """The vectorized style with several edits."""
    source = BACKPROP.styles["vectorized"].source
    for old, new in pairs:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    scope: dict[str, Any] = {"np": np}
    exec(source, scope)
    return scope["backprop"]


def credited(quick: Any, function: Callable[..., Any], seed: int) -> str:
    """The numbers of the equations that earn their points."""
    questions = quick(BACKPROP, seed)
    assert BACKPROP.steps is not None
    checks = BACKPROP.steps(questions, ask(BACKPROP, questions, function))
    assert [c.weight for c in checks] == [2, 2, 1, 2, 1]
    assert [c.name[:3] for c in checks[:4]] == ["BP1", "BP2", "BP3", "BP4"]
    return "".join(check.name[2] for check in checks[:4] if check.passed)


def test_the_table_knows_every_misconception() -> None:
    assert EXPECTED.keys() == BACKPROP.misconceptions.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_one_mistake_costs_its_own_step(quick: Any, name: str) -> None:
    for seed in SEEDS:
        earned = credited(quick, BACKPROP.misconceptions[name].function, seed)
        if name in SOMETIMES_RIGHT:
            assert set(EXPECTED[name]) <= set(earned)
        else:
            assert earned == EXPECTED[name], seed


@pytest.mark.parametrize("name", EXPECTED)
def test_the_score_is_the_sum_of_the_steps(name: str) -> None:
    verdict = judge("05.backprop", BACKPROP.misconceptions[name].function, seed=1)
    earned = sum(check.weight for check in verdict.checks if check.passed)
    assert verdict.score == pytest.approx(8 * earned / 8)
    assert not verdict.checks[-1].passed
    if name not in SOMETIMES_RIGHT:
        assert verdict.score == sum(POINTS[step] for step in EXPECTED[name])


@pytest.mark.parametrize("style", BACKPROP.styles)
def test_a_right_answer_passes_every_step(quick: Any, style: str) -> None:
    for seed in SEEDS:
        assert credited(quick, BACKPROP.styles[style].function, seed) == "1234"


OUTPUT = {
    "sign": ("delta = grad_a", "delta = -grad_a"),
    "slope": (" * phi.derivative(Zs[-1])", ""),
    "mean": ("delta = grad_a", "delta = len(X) * grad_a"),
}
HIDDEN = {
    "slope": (" * slope", ""),
    "slope twice": (" * slope", " * slope * slope"),
    "sum": ("delta @ W_next", "delta.sum(axis=1, keepdims=True)"),
    "absolute": ("@ W_next", "@ np.abs(W_next)"),
    "mean": (" * slope", " * slope / len(X)"),
    "zero": (" * slope", " * 0 * slope"),
}
BIAS = {
    "zero": ("delta.sum(axis=0)", "np.zeros(delta.shape[1])"),
    "rows": ("delta.sum(axis=0)", "delta"),
    "all": ("delta.sum(axis=0)", "np.full(delta.shape[1], delta.sum())"),
    "missing": ("delta.sum(axis=0)", "None"),
}
WEIGHT = {
    "weighted input": ("As[l - 1]", "([X] + Zs)[l - 1]"),
    "transposed": ("delta.T @ As[l - 1]", "As[l - 1].T @ delta"),
    "missing": ("delta.T @ As[l - 1]", "None"),
}


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("output", OUTPUT)
def test_wrong_errors_leave_the_gradients_their_points(
    quick: Any, output: str, hidden: str
) -> None:
    """BP1 and BP2 are wrong; BP3 and BP4 are right, given the student's own errors."""
    function = edited(OUTPUT[output], HIDDEN[hidden])
    for seed in SEEDS[:6]:
        expected = "" if hidden == "zero" else "34"  # zero gradients prove nothing
        assert credited(quick, function, seed) == expected


@pytest.mark.parametrize("bias", BIAS)
@pytest.mark.parametrize("hidden", [name for name in HIDDEN if name != "zero"])
def test_wrong_hidden_errors_and_bias_gradients_leave_bp4_its_points(
    quick: Any, hidden: str, bias: str
) -> None:
    for seed in SEEDS[:6]:
        assert credited(quick, edited(HIDDEN[hidden], BIAS[bias]), seed) == "14"


@pytest.mark.parametrize("weight", WEIGHT)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_wrong_hidden_errors_and_weight_gradients_leave_bp1_its_points(
    quick: Any, hidden: str, weight: str
) -> None:
    """The error of a mini-batch below the top cannot be seen from db alone."""
    for seed in SEEDS[:6]:
        assert credited(quick, edited(HIDDEN[hidden], WEIGHT[weight]), seed) == "1"


@pytest.mark.parametrize("bias", BIAS)
@pytest.mark.parametrize("output", OUTPUT)
def test_wrong_output_errors_and_bias_gradients_leave_bp2_its_points(
    quick: Any, output: str, bias: str
) -> None:
    """Neither the top nor a sum is there to compare with: BP4 might as well be a scaled one."""
    for seed in SEEDS[:6]:
        assert credited(quick, edited(OUTPUT[output], BIAS[bias]), seed) == "2"


@pytest.mark.parametrize("bias", BIAS)
@pytest.mark.parametrize("weight", WEIGHT)
def test_both_gradients_wrong_leave_nothing_to_see(quick: Any, weight: str, bias: str) -> None:
    for seed in SEEDS[:6]:
        assert credited(quick, edited(WEIGHT[weight], BIAS[bias]), seed) == ""


def zeros(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
    return [(0 * W, 0 * b) for W, b in params]


def ones(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
    return [(np.ones(W.shape), np.ones(b.shape)) for W, b in params]


def noise(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
    rng = np.random.default_rng(8)
    return [(rng.normal(size=W.shape), rng.normal(size=b.shape)) for W, b in params]


def tiny(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
    return [(1e-13 * dW, 1e-13 * db) for dW, db in noise(X, Y, params, phi, cost)]


def copied(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
    return params


def huge(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
    return [(1.7e308 * np.sign(dW), db * 1e308) for dW, db in noise(X, Y, params, phi, cost)]


def scaled(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
    """Right, but for one layer: no step is right everywhere."""
    (dW, db), *rest = BACKPROP.styles["vectorized"].function(X, Y, params, phi, cost)
    return [(2 * dW, 3 * db), *rest]


@pytest.mark.parametrize("forged", [zeros, ones, noise, tiny, copied, huge])
def test_forged_gradients_earn_nothing(quick: Any, forged: Callable[..., Any]) -> None:
    for seed in range(40):
        assert credited(quick, forged, seed) == "", seed
    assert judge("05.backprop", forged).score == 0


def test_a_layer_that_does_not_fit_costs_all_that_it_touches(quick: Any) -> None:
    for seed in SEEDS:
        assert credited(quick, scaled, seed) == "1"


def test_a_scaled_weight_gradient_is_not_excused_by_a_right_bias_gradient(quick: Any) -> None:
    half = edited(("delta.T @ As[l - 1]", "delta.T @ As[l - 1] / 2"))
    for seed in SEEDS:
        assert credited(quick, half, seed) == "123"


def test_a_hidden_weight_gradient_alone_scaled_is_seen(quick: Any) -> None:
    """The top is right, db is right: dW of the layers below must fit db."""
    half = edited(("delta.T @ As[l - 1]", "delta.T @ As[l - 1] / (1 + (l < len(params)))"))
    for seed in SEEDS:
        assert credited(quick, half, seed) == "123"


def test_a_mistake_outside_of_the_evidence_costs_the_last_point() -> None:
    """Right in all families but the exact zeros."""
    right = BACKPROP.styles["vectorized"].function

    def backprop(X: Any, Y: Any, params: Any, phi: Any, cost: Any) -> Any:
        grads = right(X, Y, params, phi, cost)
        return [(dW + 1, db) for dW, db in grads] if phi.name == "relu" else grads

    verdict = judge("05.backprop", backprop)
    assert verdict.score == 7
    assert [check.passed for check in verdict.checks] == [True] * 4 + [False]
    assert "Right in 4 of 5 steps" in verdict.message


def test_single_precision_gets_the_same_credit(quick: Any) -> None:
    for name in ("sign-flipped", "slope-twice", "bias-averaged", "gradient-from-weighted-input"):
        wrong = BACKPROP.misconceptions[name].function
        for seed in SEEDS:
            earned = credited(
                quick,
                lambda *inputs: [(np.float32(W), np.float32(b)) for W, b in wrong(*inputs)],  # noqa: B023
                seed,
            )
            assert earned == EXPECTED[name]
