"""Each family of cases is there for mistakes that the others let pass."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bplib import nn
from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise
from bplib.exercises.families import FAMILIES, PRIMES, Family, family, on_its_branch
from bplib.exercises.judge import ask, is_right

SEEDS = range(20)
Quick = Callable[..., Any]


def seen_by(quick: Quick, exercise: Exercise, function: Any, seed: int) -> set[str]:
    """The names of the families in which the function's answer is wrong."""
    questions = quick(exercise, seed)
    return {
        q.family.name
        for q, o in zip(questions, ask(exercise, questions, function), strict=True)
        if not all(is_right(q, o, name) for name in q.right)
    }


def slip(exercise_id: str, name: str) -> tuple[Exercise, Any]:
    return bank()[exercise_id], bank()[exercise_id].misconceptions[name].function


@pytest.mark.parametrize(
    ("exercise_id", "name"),
    [
        ("03.quadratic_grad", "batch-mean-missing"),
        ("03.quadratic_grad", "batch-mean-twice"),
        ("04.hidden_error", "mean-per-layer"),
        ("05.where_is_m", "batch-mean-missing"),
        ("05.bias_gradient", "bias-averaged"),
        ("05.bias_gradient", "first-example-only"),
        ("05.weight_gradient", "batch-mean-twice"),
        ("05.penalized_gradients", "penalty-scale"),
        ("05.backprop", "batch-mean-missing"),
        ("05.backprop", "mean-per-layer"),
    ],
)
def test_one_example_hides_a_wrong_m_and_a_mini_batch_shows_it(
    quick: Quick, exercise_id: str, name: str
) -> None:
    for seed in SEEDS:
        seen = seen_by(quick, *slip(exercise_id, name), seed)
        assert "one-example" not in seen
        assert "ordinary" in seen


@pytest.mark.parametrize(
    ("exercise_id", "name"),
    [
        ("04.hidden_error", "weights-transposed"),
        ("04.hidden_errors", "own-weights"),
        ("05.weight_gradient", "gradient-transposed"),
        ("05.backprop", "weights-transposed"),
    ],
)
def test_a_wrong_transpose_keeps_its_shape_only_with_equal_widths(
    quick: Quick, exercise_id: str, name: str
) -> None:
    exercise, wrong = slip(exercise_id, name)
    for seed in SEEDS:
        questions = quick(exercise, seed)
        outcomes = ask(exercise, questions, wrong)
        for question, outcome in zip(questions, outcomes, strict=True):
            complete = outcome.arrays.keys() == question.right.keys()
            if question.family.name == "equal-widths":
                assert complete
                assert not all(is_right(question, outcome, n) for n in question.right)
            if question.family.name == "ordinary":
                assert not complete


def test_only_equal_widths_see_a_transpose_that_is_chosen_by_shape(quick: Quick) -> None:
    """A student who tries both until the shapes fit."""

    def hidden_error(W_next: Any, delta_next: Any, dphi_z: Any) -> Any:
        try:
            return (delta_next @ W_next.T) * dphi_z
        except ValueError:
            return (delta_next @ W_next) * dphi_z

    for seed in SEEDS:
        seen = seen_by(quick, bank()["04.hidden_error"], hidden_error, seed)
        assert seen == {"equal-widths"}


def test_only_one_example_sees_a_lost_axis(quick: Quick) -> None:
    def hidden_error(W_next: Any, delta_next: Any, dphi_z: Any) -> Any:
        return np.squeeze((delta_next @ W_next) * dphi_z)

    for seed in SEEDS:
        seen = seen_by(quick, bank()["04.hidden_error"], hidden_error, seed)
        assert seen == {"one-example"}


def other_side(phi: nn.Activation) -> Any:
    """The slope with the other convention at the kink: that of the right side."""
    return lambda Z: np.where(Z == 0, 1.0, phi.derivative(Z))


@pytest.mark.parametrize("exercise_id", ["04.hidden_errors", "05.backprop"])
def test_only_exact_zeros_see_the_other_slope_at_a_kink(quick: Quick, exercise_id: str) -> None:
    exercise = bank()[exercise_id]
    right = exercise.styles["vectorized"].function

    def wrong(*inputs: Any) -> Any:
        return right(
            *(
                nn.Activation(i.name, i.function, other_side(i))
                if isinstance(i, nn.Activation)
                else i
                for i in inputs
            )
        )

    caught = [seen_by(quick, exercise, wrong, seed) for seed in SEEDS]
    assert set().union(*caught) == {"exact-zeros"}
    assert sum(map(bool, caught)) >= 0.8 * len(SEEDS)  # a silent unit below may hide it


def test_only_zero_upstream_sees_a_division_by_the_error(quick: Quick) -> None:
    def hidden_error(W_next: Any, delta_next: Any, dphi_z: Any) -> Any:
        size = np.linalg.norm(delta_next)
        return size * ((delta_next / size) @ W_next) * dphi_z

    for seed in SEEDS:
        seen = seen_by(quick, bank()["04.hidden_error"], hidden_error, seed)
        assert seen == {"zero-upstream"}


def test_only_saturated_units_see_a_slope_that_is_kept_from_vanishing(quick: Quick) -> None:
    def hidden_error(W_next: Any, delta_next: Any, dphi_z: Any) -> Any:
        alive = np.where(dphi_z > 0, np.maximum(dphi_z, 1e-4), dphi_z)
        return (delta_next @ W_next) * alive

    caught = [seen_by(quick, bank()["04.hidden_error"], hidden_error, seed) for seed in SEEDS]
    assert set().union(*caught) == {"saturated"}
    assert sum(map(bool, caught)) >= 0.8 * len(SEEDS)


def test_only_tiny_inputs_see_a_flattened_middle(quick: Quick) -> None:
    """Taking every z below 0.01 for zero."""

    def flat(exercise: Exercise, seed: int) -> set[str]:
        right = exercise.styles["vectorized"].function

        def wrong(params: Any, Zs: Any, delta_L: Any, phi: Any) -> Any:
            return right(params, [np.where(np.abs(Z) < 1e-2, 0, Z) for Z in Zs], delta_L, phi)

        return seen_by(quick, exercise, wrong, seed)

    caught = [flat(bank()["04.hidden_errors"], seed) for seed in SEEDS]
    assert set().union(*caught) == {"linear"}


@pytest.mark.parametrize(
    "name", ["penalty-missing", "penalty-factor", "penalty-sign", "penalty-wrong-shape"]
)
def test_a_penalty_shows_even_where_no_error_arrives(quick: Quick, name: str) -> None:
    for seed in SEEDS:
        seen = seen_by(quick, *slip("05.penalized_gradients", name), seed)
        assert seen == {f.name for f in FAMILIES}


def test_zero_upstream_shows_an_ignored_upstream_and_hides_the_rest(quick: Quick) -> None:
    exercise = bank()["04.hidden_error"]
    for seed in SEEDS:
        ignored = seen_by(quick, exercise, lambda W_next, delta_next, dphi_z: dphi_z, seed)
        assert "zero-upstream" in ignored
        for wrong in exercise.misconceptions.values():
            questions = [q for q in quick(exercise, seed) if q.family.name == "zero-upstream"]
            (outcome,) = ask(exercise, questions, wrong.function)
            assert not any(array.any() for array in outcome.arrays.values())


# --- what the families draw ----------------------------------------------------------------------


@pytest.mark.parametrize("drawn", FAMILIES, ids=lambda f: f.name)
def test_sizes(drawn: Family) -> None:
    for seed in range(200):
        m, *widths = drawn.sizes(np.random.default_rng(seed), 3)
        assert len(widths) == 3
        if drawn.equal_widths:
            assert {m} == set(widths)
        else:
            assert set(widths) <= set(PRIMES)
            assert len(set(widths)) == 3
            assert m < min(widths)
            assert (m == 1) == drawn.one_example


@pytest.mark.parametrize("drawn", FAMILIES, ids=lambda f: f.name)
def test_weighted_inputs_lie_where_the_family_says(drawn: Family) -> None:
    for seed in range(50):
        Z = drawn.weighted_inputs(np.random.default_rng(seed), (7, 11))
        zeros = np.count_nonzero(Z == 0)
        assert (zeros > 0) == (drawn.regime == "zeros")
        assert np.abs(Z[Z != 0]).min() > 1e-4  # well clear of a kink
        assert (np.abs(Z).max() < 0.5) == (drawn.regime == "linear")
        if drawn.regime == "saturated":
            assert np.mean(np.abs(Z) > 4) > 0.4
            assert (np.abs(Z) < 4).any()


@pytest.mark.parametrize("drawn", FAMILIES, ids=lambda f: f.name)
def test_upstream_is_random_and_never_all_ones(drawn: Family) -> None:
    for seed in range(20):
        delta = drawn.upstream(np.random.default_rng(seed), (3, 5))
        if drawn.zero_upstream:
            assert not delta.any()
        else:
            assert delta.all()
            assert len(np.unique(delta)) == delta.size


def test_every_smooth_family_draws_a_layer_that_is_alive() -> None:
    """A layer of silent ReLU units would hide every mistake above it."""
    for drawn in FAMILIES:
        names = {drawn.activation(np.random.default_rng(seed)).name for seed in range(100)}
        assert ("relu" in names) == (drawn.regime == "zeros")
        assert len(names) >= 2
        chosen = drawn.activation(np.random.default_rng(1), ("tanh",))
        assert chosen.name == "tanh"


@pytest.mark.parametrize("exercise_id", ["04.hidden_errors", "05.backprop"])
def test_biases_are_never_zero(quick: Quick, exercise_id: str) -> None:
    for seed in SEEDS:
        for question in quick(bank()[exercise_id], seed):
            assert all(b.all() for _, b in question.case.inputs["params"])


def test_a_network_of_exact_zeros_has_some_and_still_learns(quick: Quick) -> None:
    for seed in SEEDS:
        (question,) = (
            q for q in quick(bank()["05.backprop"], seed) if q.family.name == "exact-zeros"
        )
        X, _, params, phi, _ = question.case.inputs.values()
        Zs, _ = nn.forward(X, params, phi)
        assert any((Z == 0).any() for Z in Zs)


def test_a_branch_is_kept_beyond_the_kink() -> None:
    Z = np.array([-1.0, 0.0, 1.0])
    for name, left in (("relu", 0.0), ("leaky_relu", 0.1)):
        branch = on_its_branch(nn.activation(name), Z)
        np.testing.assert_allclose(branch(Z + 2), [left, 2 * left, 3.0])
        np.testing.assert_allclose(branch(Z - 2), [-3 * left, -2 * left, -1.0])
    assert on_its_branch(nn.activation("tanh"), Z) is nn.activation("tanh")


def test_names_of_families_are_unique() -> None:
    assert len({f.name for f in FAMILIES}) == len({f.sentence for f in FAMILIES}) == len(FAMILIES)
    assert all(family(f.name) is f for f in FAMILIES)
