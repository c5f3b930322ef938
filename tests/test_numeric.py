"""Differences are as exact as the theory says; the check passes right gradients and no others.

The networks and their gradients are written out here, so that nothing of `bplib.nn` is needed.
"""

import numpy as np
import pytest

from bplib import numeric
from bplib.numeric import (
    central_difference,
    complex_step,
    difference_error,
    estimate,
    forward_difference,
    gradient,
    gradient_check,
    jacobian,
    relative_error,
)

SEEDS = range(20)
PHI = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "elu": (
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    ),
}
PENALTY = 0.3


def network(seed, phi="tanh", sizes=(4, 4, 3), m=5):
    """Return cost, gradient, W and which hidden units fire: one hidden layer, an L2 penalty."""
    rng = np.random.default_rng(seed)
    value, slope = PHI[phi]
    V, b, c = (
        rng.normal(size=(sizes[2], sizes[1])),
        rng.normal(size=sizes[1]),
        rng.normal(size=sizes[2]),
    )
    X, Y = rng.normal(size=(m, sizes[0])), rng.normal(size=(m, sizes[2]))

    def cost(W):
        Z = X @ np.swapaxes(W, -1, -2) + b
        data = 0.5 * np.sum((value(Z) @ V.T + c - Y) ** 2, axis=(-1, -2)) / m
        return data + PENALTY * np.sum(W**2, axis=(-1, -2))

    def grad(W):
        Z = X @ W.T + b
        delta = ((value(Z) @ V.T + c - Y) / m) @ V * slope(Z)
        return delta.T @ X + 2 * PENALTY * W

    def fires(W):
        return X @ W.T + b > 0

    return cost, grad, rng.normal(size=(sizes[1], sizes[0])), fires


PLANTED = {
    "factor 2": lambda g, W: 2 * g,
    "half": lambda g, W: g / 2,
    "sign": lambda g, W: -g,
    "one entry": lambda g, W: g + 0.1 * np.eye(*g.shape)[0] * np.eye(*g.shape)[:, :1],
    "one entry, sign": lambda g, W: np.where(np.arange(g.size).reshape(g.shape) == 5, -g, g),
    "transposed": lambda g, W: g.T,
    "missing term": lambda g, W: g - 2 * PENALTY * W,
    "half a term": lambda g, W: g - PENALTY * W,
    "zero": lambda g, W: np.zeros_like(g),
    "one row zero": lambda g, W: g * (np.arange(len(g)) != 1)[:, None],
    "one entry zero": lambda g, W: g * (np.arange(g.size).reshape(g.shape) != 2),
    "relative 1e-5": lambda g, W: g * (1 + 1e-5),
    "relative 1e-5, largest entry": lambda g, W: g * (1 + 1e-5 * (np.abs(g) == np.abs(g).max())),
    "constant added": lambda g, W: g + 1e-3,
    "NaN": lambda g, W: np.where(np.arange(g.size).reshape(g.shape) == 3, np.nan, g),
    "infinity": lambda g, W: np.where(np.arange(g.size).reshape(g.shape) == 3, np.inf, g),
}


# --- the check passes what is right -----------------------------------------------------------


@pytest.mark.parametrize("phi", PHI)
@pytest.mark.parametrize("directions", [None, 3])
@pytest.mark.parametrize("batched", [False, True])
def test_right_gradients_pass(phi, directions, batched):
    for seed in SEEDS:
        cost, grad, W, _ = network(seed, phi)
        result = gradient_check(cost, grad, W, directions=directions, batched=batched, seed=seed)
        assert result, f"seed {seed}: {result}"
        assert not result.kinks
        assert result.error <= result.tolerance < 5e-7


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("directions", [None, 2])
def test_scales_of_the_cost_and_of_the_weights(scale, directions):
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)

        def scaled(W, cost=cost):
            return scale * cost(W)

        def stretched(U, cost=cost):
            return cost(U / scale)

        assert gradient_check(scaled, scale * grad(W), W, directions=directions)
        result = gradient_check(stretched, grad(W) / scale, W * scale, directions=directions)
        assert result, f"seed {seed}: {result}"


def test_small_weights_of_an_ordinary_network():
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        small = 1e-6 * W
        assert gradient_check(cost, grad, small)
        assert not gradient_check(cost, grad(small) * (1 + 1e-5), small)


def test_a_larger_step_sees_a_small_change_of_a_large_cost():
    x = np.random.default_rng(0).normal(size=5)
    cost = lambda x: 1e5 + np.sum(np.sin(x / 10))  # noqa: E731
    assert gradient_check(cost, np.cos(x / 10) / 10, x)
    assert not gradient_check(cost, np.cos(x / 10) / 10 * (1 + 1e-5), x)


def test_an_array_and_a_callable_gradient_are_the_same():
    cost, grad, W, _ = network(1)
    assert gradient_check(cost, grad, W) == gradient_check(cost, grad(W), W)


@pytest.mark.parametrize("h", [1e-4, 1e-5, 1e-6])
def test_ordinary_steps_are_suitable(h):
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        assert gradient_check(cost, grad, W, h=h)
        # Along a direction all entries of x + h·v are rounded: this costs a digit.
        assert gradient_check(cost, grad, W, h=h, directions=2, resolution=5e-6)


def test_float32():
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        W32 = W.astype(np.float32)
        result = gradient_check(lambda W: np.float32(cost(W)), grad(W32).astype(np.float32), W32)  # noqa: B023
        assert result, f"seed {seed}: {result}"
        assert 1e-7 < result.tolerance < 2e-3
        assert not gradient_check(cost, 1.05 * grad(W32), W32)


def test_gradient_that_is_truly_zero():
    x = np.array([1.0, -2.0])
    assert gradient_check(lambda x: 3.0, np.zeros(2), x)
    assert gradient_check(lambda x: 0.0, np.zeros(2), x)
    shares = lambda x: np.sum(np.exp(x) / np.exp(x).sum()) + 5.0  # noqa: E731  (one, whatever x is)
    assert gradient_check(shares, np.zeros(2), x)
    assert not gradient_check(shares, np.full(2, 1e-4), x)
    assert not gradient_check(lambda x: 3.0, np.array([0.0, 1e-5]), x)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (2, 3, 2)])
def test_any_shape_of_x(shape):
    x = np.random.default_rng(0).normal(size=shape)
    assert gradient_check(lambda x: np.sum(np.sin(x)), np.cos, x)
    result = gradient_check(lambda x: np.sum(np.sin(x)), np.cos(x) + 1e-3, x)
    assert not result
    assert len(result.worst) == len(shape)


# --- the check fails what is wrong ------------------------------------------------------------


@pytest.mark.parametrize("wrong", PLANTED)
@pytest.mark.parametrize("phi", PHI)
def test_planted_wrong_gradients_fail_entry_by_entry(wrong, phi):
    for seed in SEEDS:
        cost, grad, W, _ = network(seed, phi)
        result = gradient_check(cost, PLANTED[wrong](grad(W), W), W)
        assert not result, f"seed {seed}: {result}"
        assert "unsuitable" not in result.reason


@pytest.mark.parametrize("wrong", PLANTED)
def test_planted_wrong_gradients_fail_along_one_random_direction(wrong):
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        g = PLANTED[wrong](grad(W), W)
        assert not gradient_check(cost, g, W, directions=1, seed=seed), f"seed {seed}"


@pytest.mark.parametrize("wrong", [w for w in PLANTED if "1e-5" not in w])
def test_planted_wrong_gradients_fail_with_a_given_step(wrong):
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        assert not gradient_check(cost, PLANTED[wrong](grad(W), W), W, h=1e-5)


def test_worst_names_the_wrong_entry():
    cost, grad, W, _ = network(0)
    g = grad(W)
    g[2, 1] += 1e-4
    result = gradient_check(cost, g, W)
    assert result.worst == (2, 1)
    assert result.reason == "the gradient is wrong"


# --- bad steps --------------------------------------------------------------------------------


@pytest.mark.parametrize("h", [1.0, 0.1, 1e-2, 1e-10, 1e-12])
@pytest.mark.parametrize("directions", [None, 2])
def test_bad_steps_are_unsuitable_even_for_the_right_gradient(h, directions):
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        result = gradient_check(cost, grad, W, h=h, directions=directions)
        assert not result
        assert "step unsuitable" in result.reason
        assert not result.kinks  # a step that is too large is not excused as a kink


def test_a_coarser_resolution_accepts_a_coarser_step():
    cost, grad, W, _ = network(0)
    assert gradient_check(cost, grad, W, h=1e-2, resolution=1e-2)
    assert not gradient_check(cost, 1.1 * grad(W), W, h=1e-2, resolution=1e-2)


def test_a_noisy_function_is_reported_and_not_trusted():
    rng = np.random.default_rng(0)
    x = rng.normal(size=3)
    result = gradient_check(lambda x: np.sum(x**2) + 1e-4 * rng.normal(), 2 * x, x)
    assert not result
    assert "uncertain" in result.reason


@pytest.mark.parametrize("h", 10.0 ** np.arange(-12, 0))
@pytest.mark.parametrize("kind", ["forward", "central"])
def test_difference_error_bounds_the_true_error_and_is_not_idle(h, kind):
    rule = {"forward": forward_difference, "central": central_difference}[kind]
    true, bound = [], []
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        true.append(np.abs(rule(cost, W, h) - grad(W)))
        bound.append(difference_error(cost, W, h, kind))
    assert np.all(np.array(true) <= 1.2 * np.array(bound))
    assert np.median(bound) < 100 * np.median(true)


# --- kinks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [0.0, 1e-13, -1e-13, 1e-10, -1e-10])
def test_relu_kink_is_reported_and_not_failed(offset):
    for seed in SEEDS:
        x = np.random.default_rng(seed).normal(size=5)
        x[2] = offset
        w = np.random.default_rng(seed + 100).normal(size=5)
        cost = lambda x: np.sum(w * np.maximum(x, 0)) + np.sum(np.sin(x))  # noqa: B023, E731
        grad = w * (x > 0) + np.cos(x)
        result = gradient_check(cost, grad, x)
        assert result, f"seed {seed}: {result}"
        assert result.kinks == ((2,),)
        assert result.compared == 4
        assert not gradient_check(cost, grad * 1.001, x)  # the other entries are still compared


@pytest.mark.parametrize("offset", [2e-3, 1e-4, 1e-5, -3e-6])
def test_a_kink_near_by_is_avoided_by_a_smaller_step(offset):
    x = np.array([0.5, offset])
    result = gradient_check(lambda x: np.sum(np.maximum(x, 0)), (x > 0) * 1.0, x)
    assert result
    assert not result.kinks
    assert not gradient_check(lambda x: np.sum(np.maximum(x, 0)), np.array([1.0, 0.5]), x)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.3, 0.4, 0.45, 0.55, 0.8])
@pytest.mark.parametrize("h", [1e-3, 1e-5, 1e-6])
def test_a_kink_between_the_probes_of_a_given_step(share, h):
    x = np.array([0.5, share * h, -0.7])
    cost = lambda x: np.sum(np.maximum(x, 0) * np.array([1.0, 0.3, 1.0]))  # noqa: E731
    grad = (x > 0) * np.array([1.0, 0.3, 1.0])
    result = gradient_check(cost, grad, x, h=h)
    assert result, str(result)
    assert result.kinks == ((1,),)


@pytest.mark.parametrize("directions", [None, 3])
def test_pattern_reports_switching_units(directions):
    cost, grad, W, fires = network(0, "relu")
    W[1] = 0.0
    result = gradient_check(cost, grad, W, pattern=fires, directions=directions)
    assert result
    assert not result.kinks
    pattern = lambda x: x > 0  # noqa: E731
    x = np.array([1.0, 0.0, -1.0])
    result = gradient_check(
        lambda x: np.maximum(x, 0).sum(), (x > 0) * 1.0, x, h=1e-5, pattern=pattern
    )
    assert result
    assert result.kinks == ((1,),)


def test_pattern_alone_is_enough():
    """The kink's jump, 1e-9, is far below what the values show."""
    x = np.array([1.0, 0.0])
    result = gradient_check(
        lambda x: np.sum(x**2) + 1e-9 * np.maximum(x, 0).sum(),
        2 * x + 1e-9,
        x,
        pattern=lambda x: x > 0,
    )
    assert result.kinks == ((1,),)


def test_units_exactly_at_zero_in_a_network():
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        w, v = rng.normal(size=4), rng.normal(size=4)
        z = rng.normal(size=4)
        z[1] = 0.0
        cost = lambda w: np.sum(v * np.maximum(z * w, 0)) + np.sum(w**2)  # noqa: B023, E731
        assert gradient_check(cost, v * z * (z * w > 0) + 2 * w, w)


def test_if_all_is_kink_the_gradient_must_lie_between_the_slopes():
    relu = lambda x: np.maximum(x, 0).sum()  # noqa: E731
    x = np.array([0.0])
    for slope in (0.0, 0.5, 1.0):
        result = gradient_check(relu, np.array([slope]), x)
        assert result
        assert result.kinks == ((0,),)
        assert result.compared == 0
    for slope in (-0.1, 1.1, 7.0):
        assert not gradient_check(relu, np.array([slope]), x)


def test_smooth_functions_have_no_kinks_however_they_bend():
    x = np.random.default_rng(0).normal(size=6)
    x[3] = 0.0
    bends = {
        "steep sigmoid": lambda x: np.sum(1 / (1 + np.exp(-1e3 * x))),
        "fast sine": lambda x: np.sum(np.sin(300 * x)),
        "cubic": lambda x: np.sum(x**3),
        "elu, slope 1 on both sides": lambda x: np.sum(PHI["elu"][0](x)),
        "softplus": lambda x: np.sum(np.logaddexp(0, 100 * x)),
    }
    for name, f in bends.items():
        assert not estimate(f, x).kinks.any(), name


# --- the differences themselves ---------------------------------------------------------------

RULES = {
    "forward": (forward_difference, 1e-6),
    "central": (central_difference, 1e-9),
    "complex": (complex_step, 1e-14),
    "gradient": (gradient, 1e-9),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("batched", [False, True])
def test_accuracy_with_the_default_step(rule, batched):
    difference, accuracy = RULES[rule]
    for seed in SEEDS:
        cost, grad, W, _ = network(seed)
        result = difference(cost, W, batched=batched)
        assert result.shape == W.shape
        assert result.dtype == np.float64
        assert relative_error(result, grad(W)) < accuracy


@pytest.mark.parametrize(("rule", "order"), [("forward", 1), ("central", 2)])
def test_order_of_the_truncation_error(rule, order):
    difference, _ = RULES[rule]
    x = np.array([0.3, 1.1])
    errors = [np.abs(difference(lambda x: np.exp(x).sum(), x, h) - np.exp(x)) for h in (0.02, 0.01)]
    np.testing.assert_allclose(errors[0] / errors[1], 2.0**order, rtol=0.02)


def test_gradient_on_a_thousand_smooth_entries():
    x = np.random.default_rng(0).normal(size=1000) * 3
    f = lambda x: np.sum(np.sin(x) + 0.1 * x**2, axis=-1)  # noqa: E731
    assert relative_error(gradient(f, x, batched=True), np.cos(x) + 0.2 * x) < 1e-9


def test_float32_stays_float32():
    x = np.array([0.5, -1.0], dtype=np.float32)
    for rule, bound in [
        (forward_difference, 2e-2),
        (central_difference, 2e-3),
        (gradient, 1e-3),
        (complex_step, 1e-6),
    ]:
        result = rule(lambda x: np.sum(np.sin(x)), x)
        assert result.dtype == np.float32
        assert relative_error(result, np.cos(x)) < bound


def test_gradient_near_the_edge_of_the_domain():
    x = np.array([1e-4, 2.0])
    assert relative_error(gradient(lambda x: np.sum(np.log(x)), x), 1 / x) < 1e-8
    with pytest.raises(ValueError, match="not finite"):
        gradient(lambda x: np.sum(np.log(x)), np.array([0.0, 2.0]))
    with pytest.raises(ValueError, match=r"not finite beside x at entry \(0,\)"):
        central_difference(lambda x: np.sum(np.log(x)), np.array([1e-4, 2.0]), h=1e-3)


def test_jacobian():
    A = np.random.default_rng(0).normal(size=(3, 4))
    x = np.random.default_rng(1).normal(size=4)
    want = (1 - np.tanh(A @ x) ** 2)[:, None] * A
    np.testing.assert_allclose(jacobian(lambda x: np.tanh(A @ x), x), want, atol=1e-9)
    np.testing.assert_allclose(
        jacobian(lambda X: np.tanh(X @ A.T), x, batched=True), want, atol=1e-9
    )
    X = np.random.default_rng(2).normal(size=(2, 3))
    assert jacobian(lambda X: X.T @ X, X).shape == (3, 3, 2, 3)
    assert jacobian(lambda X: X.sum(), X).shape == (2, 3)


@pytest.mark.parametrize("rule", [*RULES, "check", "estimate"])
def test_batched_probes_go_in_few_calls_and_one_by_one_otherwise(rule):
    cost, grad, W, _ = network(0)
    calls = []

    def counted(W):
        calls.append(W.shape)
        return cost(W)

    call = {
        "check": lambda f, x, batched: gradient_check(f, grad, x, batched=batched),
        "estimate": estimate,
    } | {name: r[0] for name, r in RULES.items()}
    call[rule](counted, W, batched=True)
    assert len(calls) <= 8
    assert all(shape[1:] == W.shape for shape in calls)
    calls.clear()
    call[rule](counted, W, batched=False)
    assert set(calls) == {W.shape}
    assert len(calls) >= W.size


def test_batches_are_cut_to_fit_memory(monkeypatch):
    monkeypatch.setattr("bplib.numeric.probes.CHUNK_BYTES", 3 * 8 * 16)
    cost, grad, W, _ = network(0)
    sizes = []

    def counted(W):
        sizes.append(len(W))
        return cost(W)

    assert relative_error(central_difference(counted, W, batched=True), grad(W)) < 1e-8
    assert max(sizes) == 3
    assert sum(sizes) == 2 * W.size


def test_evaluations_are_counted_truly():
    cost, grad, W, _ = network(0)
    for directions in (None, 4):
        count = [0]

        def counted(W, count=count):
            count[0] += 1
            return cost(W)

        result = gradient_check(counted, grad, W, directions=directions)
        assert result.evaluations == count[0]
    assert result.evaluations == 6 * 4 + 9


# --- x is never left perturbed ----------------------------------------------------------------


@pytest.mark.parametrize("rule", [*RULES, "check", "difference_error", "jacobian"])
@pytest.mark.parametrize("raises", [False, True])
def test_x_is_unchanged_whatever_f_does(rule, raises):
    x = np.array([1.0, 2.0, 3.0])
    count = [0]

    def vandal(point):
        total = np.sum(point**2)
        point[...] = 99.0
        count[0] += 1
        if raises and count[0] == 3:
            raise RuntimeError("in the middle")
        return total

    call = {
        "check": lambda f, x: gradient_check(f, lambda x: 2 * x, x),
        "difference_error": lambda f, x: difference_error(f, x, 1e-5),
        "jacobian": jacobian,
    } | {name: r[0] for name, r in RULES.items()}
    if raises:
        with pytest.raises(RuntimeError, match="in the middle"):
            call[rule](vandal, x)
    else:
        call[rule](vandal, x)
    assert np.array_equal(x, [1.0, 2.0, 3.0])


def test_a_gradient_that_writes_into_x_does_no_harm():
    x = np.array([1.0, 2.0])

    def grad(x):
        x *= 2
        return x

    assert gradient_check(lambda x: np.sum(x**2), grad, x)
    assert np.array_equal(x, [1.0, 2.0])


# --- relative error ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([1.0], [1.0], 0.0),
        ([1.0], [0.0], 1.0),
        ([1.0], [-1.0], 2.0),
        ([3.0, 4.0], [6.0, 8.0], 0.5),
        ([1e-300], [2e-300], 0.5),
        ([1e308, 1e308], [5e307, 5e307], 0.5),
        ([np.nan], [np.nan], np.inf),
        ([np.inf], [np.inf], np.inf),
        ([], [], 0.0),
        (2, 1, 0.5),
        ([1j], [1.0], 2**0.5),
    ],
)
def test_relative_error(a, b, want):
    assert relative_error(a, b) == pytest.approx(want)
    assert relative_error(b, a) == pytest.approx(want)


def test_relative_error_does_not_broadcast():
    with pytest.raises(ValueError, match=r"\(2, 1\).*\(2,\)"):
        relative_error(np.ones((2, 1)), np.ones(2))
    with pytest.raises(TypeError, match="give numbers"):
        relative_error(["a"], ["b"])


# --- bad input --------------------------------------------------------------------------------

SQUARE = lambda x: np.sum(x**2)  # noqa: E731
X = np.array([1.0, 2.0])
F32 = X.astype(np.float32)
BAD_POINTS = [
    (SQUARE, np.array([1, 2]), TypeError, "int64"),
    (SQUARE, [True, False], TypeError, "bool"),
    (SQUARE, np.array([1.0, 2.0], dtype=np.float16), TypeError, "float16"),
    (SQUARE, X + 0j, TypeError, "complex"),
    (SQUARE, None, TypeError, "object"),
    (SQUARE, np.zeros((0, 3)), ValueError, "no entries"),
    (SQUARE, np.array([1.0, np.nan]), ValueError, "NaN"),
    (lambda x: x**2, X, ValueError, "one number"),
    (lambda x: np.sum(x**2, keepdims=True), X, ValueError, "one number"),
    (lambda x: None, X, TypeError, "None"),
    (lambda x: "3", X, TypeError, "str"),
    ("f", X, TypeError, "give a function"),
]


@pytest.mark.parametrize(("f", "x", "error", "says"), BAD_POINTS)
@pytest.mark.parametrize("rule", [*RULES, "check"])
def test_bad_f_and_x(rule, f, x, error, says):
    call = {"check": lambda f, x: gradient_check(f, np.zeros(np.shape(x)), x)} | {
        name: r[0] for name, r in RULES.items()
    }
    if rule == "complex" and callable(f) and f(1.0) in (None, "3"):
        says = "lost"
    with pytest.raises(error, match=says):
        call[rule](f, x)


@pytest.mark.parametrize(
    ("h", "x", "error", "says"),
    [
        (0.0, X, ValueError, "above 0"),
        (-1e-5, X, ValueError, "above 0"),
        (float("nan"), X, ValueError, "above 0"),
        (float("inf"), X, ValueError, "above 0"),
        ("1e-5", X, TypeError, "one positive number"),
        (True, X, TypeError, "one positive number"),
        (np.array([1e-5, 1e-5]), X, TypeError, "one positive number"),
        (1j, X, TypeError, "one positive number"),
        (1e-17, X, ValueError, "too small"),
        (1e-12, X * 1e6, ValueError, "too small"),
        (1e-8, F32, ValueError, "too small"),
        (1e-60, F32, ValueError, "too small"),
        (1e-5, F32, ValueError, "suits float64"),
        (1e-6, F32, ValueError, "suits float64"),
        (1e-3, F32 * 1e4, ValueError, "suits float64|too small"),
    ],
)
@pytest.mark.parametrize("rule", ["forward", "central", "check", "difference_error"])
def test_bad_steps_that_cannot_be_made(rule, h, x, error, says):
    call = {
        "forward": forward_difference,
        "central": central_difference,
        "check": lambda f, x, h: gradient_check(f, 2 * x, x, h=h),
        "difference_error": difference_error,
    }[rule]
    with pytest.raises(error, match=says):
        call(SQUARE, x, h)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: gradient_check(SQUARE, np.zeros(3), X), ValueError, r"\(3,\).*\(2,\)"),
        (lambda: gradient_check(SQUARE, np.zeros((1, 2)), X), ValueError, r"\(1, 2\).*\(2,\)"),
        (lambda: gradient_check(SQUARE, 0.0, X), ValueError, r"\(\).*\(2,\)"),
        (lambda: gradient_check(SQUARE, X * 1j, X), TypeError, "complex128"),
        (lambda: gradient_check(SQUARE, None, X), TypeError, "object"),
        (lambda: gradient_check(SQUARE, lambda x: "ab", X), TypeError, "real numbers"),
        (lambda: gradient_check(SQUARE, 2 * X, X, directions=0), ValueError, "≥ 1"),
        (lambda: gradient_check(SQUARE, 2 * X, X, directions=1.5), ValueError, "≥ 1"),
        (lambda: gradient_check(SQUARE, 2 * X, X, resolution=0.0), ValueError, "above 0"),
        (lambda: gradient_check(SQUARE, 2 * X, X, resolution="1"), TypeError, "above 0"),
        (lambda: gradient_check(SQUARE, 2 * X, X, pattern=lambda x: x), TypeError, "bool array"),
        (lambda: gradient_check(lambda x: np.nan, X, X), ValueError, "not finite"),
        (lambda: gradient_check(SQUARE, 2 * X, X, batched=True), ValueError, "batched=True"),
        (lambda: central_difference(SQUARE, X, batched=True), ValueError, r"return \(4?2?,\)"),
        (lambda: central_difference(lambda P: P, X, batched=True), ValueError, "batched=True"),
        (lambda: complex_step(SQUARE, X, h=0.0), ValueError, "1e-8"),
        (lambda: complex_step(SQUARE, X, h=0.1), ValueError, "1e-8"),
        (lambda: complex_step(SQUARE, X, h="a"), TypeError, "1e-8"),
        (lambda: complex_step(lambda x: np.sum(np.abs(x)), X), TypeError, "lost"),
        (lambda: complex_step(lambda x: np.sum(x.real), X), TypeError, "lost"),
        (lambda: difference_error(SQUARE, X, 1e-5, "backward"), ValueError, "forward"),
        (lambda: numeric.default_step(X, 0), ValueError, "order"),
        (lambda: jacobian(lambda x: np.zeros(0), X), ValueError, "no entries"),
    ],
)
def test_bad_arguments_say_what_is_allowed(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_the_result_reads_well():
    cost, grad, W, _ = network(0)
    assert str(gradient_check(cost, grad, W)).startswith("gradient check passed; 16 compared")
    text = str(gradient_check(cost, 2 * grad(W), W))
    assert text.startswith("gradient check failed: the gradient is wrong; 16 compared")
    assert "relative error" in text
    assert "tolerance" in text
    relu = lambda x: np.maximum(x, 0).sum()  # noqa: E731
    assert "1 at a kink, not compared: (1,)" in str(
        gradient_check(relu, np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    )


def test_a_function_that_is_zero_all_around_has_a_zero_gradient():
    def silent(x):
        return float(np.sum(np.maximum(0, x)))

    x = np.array([0.0, -1.0])
    assert gradient_check(silent, np.zeros(2), x)
    assert not gradient_check(silent, np.array([0.0, 0.5]), x)
