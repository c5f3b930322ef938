# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 05: the gradients (BP3, BP4), the factor 1/m, and the whole algorithm in five steps.

Sources: 001 step 3 and the algorithm, 003 BP3 BP4 and the five steps, 004 (4) and summary,
000 steps 1 to 3.
"""

from functools import partial
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family, on_its_branch, one_hot
from bplib.exercises.follow_through import steps

# --- derive: one weight, the 1/m, the sum over examples ------------------------------------------

one_weight = Exercise(
    id="05.one_weight",
    title="One weight, one bias",
    call="one_weight(a_k, delta_j)",
    returns={"dz_dw": "(p,)", "dC_dw": "(p,)", "dz_db": "(p,)", "dC_db": "(p,)"},
    equation="BP3 and BP4, one weight",
    reference=lambda a_k, delta_j: (
        nn.weight_gradient(np.ones((1, 1)), a_k[np.newaxis])[0],
        np.array([nn.weight_gradient(d[None], a[None])[0, 0] for d, a in zip(delta_j, a_k)]),
        np.ones_like(a_k),
        nn.bias_gradient(delta_j),
    ),
    points=3,
    by_line=True,
    visible=("ordinary",),
    notice="A weight learns as fast as its input is active; a bias does not ask who sends.",
)


@one_weight.cases
def draw_one_weight(rng: Generator, family: Family) -> Case:
    """Four connections, each with an input activation and an error: four points at once."""
    a_k = family.activation(rng)(family.weighted_inputs(rng, (4,)))
    return Case(inputs=dict(a_k=a_k, delta_j=family.upstream(rng, (4,))), m=1)


@one_weight.numeric
def nudge_one_weight(a_k: Array, delta_j: Array) -> tuple[Array, ...]:
    """Nudge w, then b, of z = w a + b, and watch z and the cost."""
    w, b = np.full(4, 0.3), np.full(4, -0.2)
    return (
        numeric.gradient(lambda w: np.sum(w * a_k + b), w),
        numeric.gradient(lambda w: np.sum(delta_j * (w * a_k + b)), w),
        numeric.gradient(lambda b: np.sum(w * a_k + b), b),
        numeric.gradient(lambda b: np.sum(delta_j * (w * a_k + b)), b),
    )


@one_weight.style("vectorized")
def _(a_k, delta_j):
    dz_dw = a_k
    dC_dw = delta_j * dz_dw
    dz_db = np.ones_like(a_k)
    dC_db = delta_j * dz_db
    return dz_dw, dC_dw, dz_db, dC_db


@one_weight.style("loops")
def _(a_k, delta_j):
    lines = [(a, delta * a, 1.0, delta) for a, delta in zip(a_k, delta_j)]
    return tuple(np.array(line) for line in zip(*lines))


one_weight.slip("bias-times-input", ("dz_db = np.ones_like(a_k)", "dz_db = a_k"))
one_weight.slip("bias-zero", ("dz_db = np.ones_like(a_k)", "dz_db = np.zeros_like(a_k)"))


def draw_deltas(rng: Generator, family: Family) -> Case:
    """The errors of a layer, and the activations that entered it."""
    m, n_prev, n = family.sizes(rng, 2)
    A_prev = family.activation(rng)(family.weighted_inputs(rng, (m, n_prev)))
    return Case(inputs=dict(delta=family.upstream(rng, (m, n)), A_prev=A_prev), m=m)


where_is_m = Exercise(
    id="05.where_is_m",
    title="Where is the 1/m?",
    call="where_is_m(errors, A_prev)",
    returns={"delta": "(m, n)", "db": "(n,)", "dW": "(n, n_prev)"},
    equation="the one factor 1/m",
    reference=lambda errors, A_prev: (
        errors / len(errors),
        nn.bias_gradient(errors / len(errors)),
        nn.weight_gradient(errors / len(errors), A_prev),
    ),
    points=3,
    by_line=True,
    visible=("ordinary", "one-example"),
    notice="m occurs once in the cost, so it occurs once in each gradient.",
)


@where_is_m.cases
def draw_errors(rng: Generator, family: Family) -> Case:
    """The same, with each example's own error, before the mean is taken."""
    case = draw_deltas(rng, family)
    return Case(inputs=dict(errors=case.inputs["delta"], A_prev=case.inputs["A_prev"]), m=case.m)


@where_is_m.numeric
def nudge_mean_cost(errors: Array, A_prev: Array) -> tuple[Array, ...]:
    """The cost of example i is errors[i] · z_i; the cost is their mean."""
    W, b = np.full((errors.shape[1], A_prev.shape[1]), 0.3), np.full(errors.shape[1], -0.2)

    def cost(Z: Array) -> float:
        return float(np.mean(np.sum(errors * Z, axis=1)))

    return (
        numeric.gradient(cost, A_prev @ W.T + b),
        numeric.gradient(lambda b: cost(A_prev @ W.T + b), b),
        numeric.gradient(lambda W: cost(A_prev @ W.T + b), W),
    )


@where_is_m.style("vectorized")
def _(errors, A_prev):
    m = len(errors)
    delta = errors / m
    db = delta.sum(axis=0)
    dW = delta.T @ A_prev
    return delta, db, dW


@where_is_m.style("means")
def _(errors, A_prev):
    each = errors[:, :, np.newaxis] * A_prev[:, np.newaxis, :]
    return errors / errors.shape[0], np.mean(errors, axis=0), np.mean(each, axis=0)


where_is_m.slip("bias-averaged", ("delta.sum(axis=0)", "delta.mean(axis=0)"))
where_is_m.slip("batch-mean-missing", ("errors / m", "errors"))
where_is_m.slip("batch-mean-twice", ("delta.T @ A_prev", "delta.T @ A_prev / m"))


sum_over_examples = Exercise(
    id="05.sum_over_examples",
    title="From one example to a mini-batch",
    call="sum_over_examples(delta, A_prev)",
    returns={"each": "(m, n, n_prev)", "dW": "(n, n_prev)"},
    equation="BP4, mini-batch",
    reference=lambda delta, A_prev: (
        np.stack([nn.weight_gradient(d[None], a[None]) for d, a in zip(delta, A_prev)]),
        nn.weight_gradient(delta, A_prev),
    ),
    points=2,
    by_line=True,
    visible=("ordinary", "one-example"),
    notice="A matrix product is a sum of outer products, one for each example.",
)
sum_over_examples.cases(draw_deltas)


@sum_over_examples.numeric
def nudge_weights_by_example(delta: Array, A_prev: Array) -> tuple[Array, Array]:
    """Nudge W and let one example feel it; then all of them."""
    each = [nudge_weights(d[np.newaxis], a[np.newaxis]) for d, a in zip(delta, A_prev)]
    return np.stack(each), nudge_weights(delta, A_prev)


@sum_over_examples.style("vectorized")
def _(delta, A_prev):
    each = delta[:, :, np.newaxis] * A_prev[:, np.newaxis, :]
    dW = delta.T @ A_prev
    return each, dW


@sum_over_examples.style("loops")
def _(delta, A_prev):
    each = [np.outer(d, a) for d, a in zip(delta, A_prev)]
    return np.array(each), sum(each)


@sum_over_examples.style("einsum")
def _(delta, A_prev):
    return np.einsum("ij,ik->ijk", delta, A_prev), np.einsum("ij,ik->jk", delta, A_prev)


sum_over_examples.slip("first-example-only", ("delta.T @ A_prev", "each[0]"))
sum_over_examples.slip("batch-mean-twice", ("delta.T @ A_prev", "each.mean(axis=0)"))
sum_over_examples.slip("gradient-transposed", ("delta.T @ A_prev", "A_prev.T @ delta"))


# --- code: BP3 and BP4 ---------------------------------------------------------------------------

bias_gradient = Exercise(
    id="05.bias_gradient",
    title="The gradient of the biases",
    call="bias_gradient(delta)",
    returns={"db": "(n,)"},
    equation="BP3",
    reference=nn.bias_gradient,
    points=2,
    notice="All examples share a bias, so their errors add up.",
)


@bias_gradient.cases
def draw_delta(rng: Generator, family: Family) -> Case:
    """The errors of a layer alone."""
    case = draw_deltas(rng, family)
    return Case(inputs=dict(delta=case.inputs["delta"]), m=case.m)


@bias_gradient.numeric
def nudge_biases(delta: Array) -> Array:
    """Nudge each bias: it moves z of every example by as much."""
    Z = np.zeros_like(delta)
    return numeric.gradient(lambda b: float(np.sum(delta * (Z + b))), np.full(delta.shape[1], 0.1))


@bias_gradient.style("vectorized")
def _(delta):
    return delta.sum(axis=0)


@bias_gradient.style("loops")
def _(delta):
    m, n = delta.shape
    db = [0.0] * n
    for i in range(m):
        for j in range(n):
            db[j] += delta[i, j]
    return db


@bias_gradient.style("einsum")
def _(delta):
    return np.einsum("ij->j", delta)


@bias_gradient.style("ones")
def _(delta):
    return np.ones(len(delta)) @ delta


bias_gradient.slip("bias-not-summed", ("delta.sum(axis=0)", "delta"))
bias_gradient.slip(
    "bias-summed-over-units",
    ("delta.sum(axis=0)", "np.full(delta.shape[1], delta.sum())"),
)
bias_gradient.slip("bias-averaged", ("delta.sum(axis=0)", "delta.mean(axis=0)"))
bias_gradient.slip("bias-zero", ("delta.sum(axis=0)", "np.zeros(delta.shape[1])"))
bias_gradient.slip("first-example-only", ("delta.sum(axis=0)", "delta[0]"))


weight_gradient = Exercise(
    id="05.weight_gradient",
    title="The gradient of the weights",
    call="weight_gradient(delta, A_prev)",
    returns={"dW": "(n, n_prev)"},
    equation="BP4",
    reference=nn.weight_gradient,
    points=3,
    notice="Where the input was silent, its column of dW is zero: nothing to learn there.",
)
weight_gradient.cases(draw_deltas)


@weight_gradient.numeric
def nudge_weights(delta: Array, A_prev: Array) -> Array:
    """Nudge each weight: z of every example moves by the activation that enters there."""
    W = np.full((delta.shape[1], A_prev.shape[1]), 0.3)
    return numeric.gradient(lambda W: float(np.sum(delta * (A_prev @ W.T))), W)


@weight_gradient.style("vectorized")
def _(delta, A_prev):
    return delta.T @ A_prev


@weight_gradient.style("loops")
def _(delta, A_prev):
    m, n = delta.shape
    dW = np.zeros((n, A_prev.shape[1]))
    for i in range(m):
        for j in range(n):
            for k in range(A_prev.shape[1]):
                dW[j, k] += delta[i, j] * A_prev[i, k]
    return dW


@weight_gradient.style("einsum")
def _(delta, A_prev):
    return np.einsum("ij,ik->jk", delta, A_prev)


@weight_gradient.style("outer products")
def _(delta, A_prev):
    return sum(np.outer(d, a) for d, a in zip(delta, A_prev))


weight_gradient.slip("gradient-transposed", ("delta.T @ A_prev", "A_prev.T @ delta"))
weight_gradient.slip("batch-mean-twice", ("delta.T @ A_prev", "delta.T @ A_prev / len(delta)"))
weight_gradient.slip("first-example-only", ("delta.T @ A_prev", "np.outer(delta[0], A_prev[0])"))


# --- code: the whole algorithm -------------------------------------------------------------------

backprop = Exercise(
    id="05.backprop",
    title="The algorithm",
    call="backprop(X, Y, params, phi, cost)",
    returns={"grads": "a list of (dW, db) for layers 1 … L"},
    equation="BP1 to BP4",
    reference=nn.backprop,
    points=8,
    labels=lambda grads: [(f"dW[{l}]", f"db[{l}]") for l in range(1, len(grads) + 1)],
    steps=steps,
    notice="One pass forward, one pass back, and every weight knows its part.",
)

DEPTH = {"one-example": 2, "exact-zeros": 2, "saturated": 2, "linear": 1}
GAIN = {"saturated": 5.0, "linear": 0.05}


@backprop.cases
def draw_network(rng: Generator, family: Family) -> Case:
    """A network of one to three layers, a mini-batch, and a cost that fits the activation."""
    m, *widths = family.sizes(rng, DEPTH.get(family.name, 3) + 1)
    if family.regime == "zeros":
        X, params = _whole_numbers(rng, m, widths)
        phi = nn.ACTIVATIONS["relu"]
    else:
        X = rng.normal(size=(m, widths[0]))
        gain = GAIN.get(family.regime, 1.0)
        params = [
            (rng.normal(size=(n, n_prev)) * gain / np.sqrt(n_prev), rng.normal(size=n) * gain)
            for n_prev, n in pairwise(widths)
        ]
        phi = family.activation(rng)
    cross = phi.name == "sigmoid" and family.regime != "saturated" and rng.random() < 0.5
    Y = one_hot(rng, m, widths[-1]) if phi.name == "sigmoid" else rng.normal(size=(m, widths[-1]))
    if family.zero_upstream:  # the network is right already
        Y = nn.forward(X, params, phi)[1][-1]
    cost = nn.COSTS["cross_entropy" if cross else "quadratic"]
    return Case(inputs=dict(X=X, Y=Y, params=params, phi=phi, cost=cost), m=m)


def _whole_numbers(rng: Generator, m: int, widths: list[int]) -> tuple[Array, list]:
    """Small whole numbers, whose sums hit zero exactly, in whatever order they are added."""
    while True:
        X = rng.integers(-2, 3, size=(m, widths[0])).astype(float)
        params = [
            (
                rng.integers(-2, 3, size=(n, n_prev)).astype(float),
                rng.choice((-2.0, -1.0, 1.0, 2.0), size=n),
            )
            for n_prev, n in pairwise(widths)
        ]
        Zs, _ = nn.forward(X, params, nn.ACTIVATIONS["relu"])
        grads = nn.backprop(
            X,
            X @ np.ones((widths[0], widths[-1])),
            params,
            nn.ACTIVATIONS["relu"],
            nn.COSTS["quadratic"],
        )
        if not Zs[0].all() and grads[0][0].any():
            return X, params


@backprop.numeric
def nudge_parameters(
    X: Array, Y: Array, params: list, phi: nn.Activation, cost: nn.Cost
) -> list[tuple[Array, Array]]:
    """Nudge every weight and bias, and run the network forward: as slow as it is honest."""
    Zs, _ = nn.forward(X, params, phi)

    def total(layer: int, which: int, moved: Array) -> float:
        A = X
        for index, ((W, b), Z) in enumerate(zip(params, Zs)):
            W, b = (moved, b) if (index, which) == (layer, 0) else (W, b)
            W, b = (W, moved) if (index, which) == (layer, 1) else (W, b)
            A = on_its_branch(phi, Z)(A @ W.T + b)
        return float(cost(A, Y))

    return [
        (
            numeric.gradient(partial(total, layer, 0), W),
            numeric.gradient(partial(total, layer, 1), b),
        )
        for layer, (W, b) in enumerate(params)
    ]


@backprop.style("vectorized")
def _(X, Y, params, phi, cost):
    As, Zs = [X], []
    for W, b in params:
        Z = As[-1] @ W.T + b
        Zs.append(Z)
        As.append(phi(Z))
    grad_a = cost.gradient(As[-1], Y)
    delta = grad_a * phi.derivative(Zs[-1])
    grads = []
    for l in range(len(params), 0, -1):
        dW = delta.T @ As[l - 1]
        db = delta.sum(axis=0)
        grads.insert(0, (dW, db))
        if l > 1:
            W_next = params[l - 1][0]
            slope = phi.derivative(Zs[l - 2])
            delta = (delta @ W_next) * slope
    return grads


@backprop.style("loops")
def _(X, Y, params, phi, cost):
    activations, slopes = [X], []
    for W, b in params:
        Z = np.array([W @ a + b for a in activations[-1]])
        slopes.append(phi.derivative(Z))
        activations.append(phi(Z))
    delta = cost.gradient(activations[-1], Y) * slopes[-1]
    grads = [None] * len(params)
    for l in reversed(range(len(params))):
        dW, db = np.zeros(params[l][0].shape), np.zeros(params[l][1].shape)
        for d, a in zip(delta, activations[l]):
            dW += np.outer(d, a)
            db += d
        grads[l] = (dW, db)
        if l > 0:
            delta = np.array([params[l][0].T @ d for d in delta]) * slopes[l - 1]
    return grads


@backprop.style("einsum")
def _(X, Y, params, phi, cost):
    A, tape = X, []
    for W, b in params:
        Z = np.einsum("ik,jk->ij", A, W) + b
        tape.append((A, Z, W))
        A = phi(Z)
    upstream = cost.gradient(A, Y)
    grads = []
    for A_prev, Z, W in reversed(tape):
        delta = upstream * phi.derivative(Z)
        grads.append([np.einsum("ij,ik->jk", delta, A_prev), np.einsum("ij->j", delta)])
        upstream = np.einsum("ij,jk->ik", delta, W)
    return grads[::-1]


@backprop.style("errors first")
def _(X, Y, params, phi, cost):
    Zs, As = [], [X]
    for W, b in params:
        Zs += [As[-1] @ W.T + b]
        As += [phi(Zs[-1])]
    deltas = {len(params): cost.gradient(As[-1], Y) * phi.derivative(Zs[-1])}
    for l in range(len(params) - 1, 0, -1):
        deltas[l] = deltas[l + 1] @ params[l][0] * phi.derivative(Zs[l - 1])
    return [(deltas[l].T @ As[l - 1], np.sum(deltas[l], axis=0)) for l in sorted(deltas)]


_SLIPS = {
    "bias-per-example": [("@ W.T + b", "@ W.T + b[:, np.newaxis]")],
    "overwrites-z": [("As.append(phi(Z))", "Z[:] = phi(Z)\n        As.append(Z)")],
    "weights-transposed": [("@ W.T", "@ W")],
    "output-slope-missing": [(" * phi.derivative(Zs[-1])", "")],
    "sign-flipped": [("delta = grad_a", "delta = -grad_a")],
    "factor-two": [("delta = grad_a", "delta = 2 * grad_a")],
    "batch-mean-missing": [("delta = grad_a", "delta = len(X) * grad_a")],
    "batch-mean-twice": [("delta = grad_a", "delta = grad_a / len(X)")],
    "hidden-slope-missing": [(" * slope", "")],
    "next-layer-slope": [("Zs[l - 2]", "Zs[l - 1]")],
    "own-weights": [("params[l - 1][0]", "params[l - 2][0]")],
    "updated-weights": [("params[l - 1][0]", "params[l - 1][0] - 0.1 * dW")],
    "elementwise-for-matmul": [("delta @ W_next", "delta * W_next")],
    "unweighted-sum": [("delta @ W_next", "delta.sum(axis=1, keepdims=True)")],
    "absolute-weights": [("@ W_next", "@ np.abs(W_next)")],
    "output-error-everywhere": [("delta @ W_next", "grad_a @ W_next")],
    "mean-per-layer": [(" * slope", " * slope / len(X)")],
    "slope-twice": [(" * slope", " * slope * slope")],
    "gradient-from-own-activation": [("As[l - 1]", "As[l]")],
    "gradient-from-weighted-input": [("As[l - 1]", "([X] + Zs)[l - 1]")],
    "gradient-transposed": [("delta.T @ As[l - 1]", "As[l - 1].T @ delta")],
    "bias-not-summed": [("delta.sum(axis=0)", "delta")],
    "bias-summed-over-units": [("delta.sum(axis=0)", "np.full(delta.shape[1], delta.sum())")],
    "bias-averaged": [("delta.sum(axis=0)", "delta.mean(axis=0)")],
    "bias-times-input": [
        ("delta.sum(axis=0)", "(delta * As[l - 1].sum(axis=1, keepdims=True)).sum(axis=0)")
    ],
    "bias-zero": [("delta.sum(axis=0)", "np.zeros(delta.shape[1])")],
    "bias-times-bias": [("delta.sum(axis=0)", "delta.sum(axis=0) * params[l - 1][1]")],
    "first-example-only": [
        ("delta.T @ As[l - 1]", "np.outer(delta[0], As[l - 1][0])"),
        ("delta.sum(axis=0)", "delta[0]"),
    ],
    "first-layer-skipped": [("(dW, db)", "(dW, db) if l > 1 else (0 * dW, 0 * db)")],
}
for _name, _edits in _SLIPS.items():
    backprop.slip(_name, *_edits)


# --- code: a penalty rides along -----------------------------------------------------------------

penalized_gradients = Exercise(
    id="05.penalized_gradients",
    title="A penalty rides along",
    call="penalized_gradients(delta, A_prev, W, b, strength)",
    returns={"dW": "(n, n_prev)", "db": "(n,)"},
    equation="BP3 and BP4 with a penalty",
    reference=lambda delta, A_prev, W, b, strength: (
        nn.weight_gradient(delta, A_prev) + strength * W,
        nn.bias_gradient(delta),
    ),
    points=3,
    notice="Even where no error arrives, the penalty pulls every weight a little toward zero.",
)


@penalized_gradients.cases
def draw_penalized(rng: Generator, family: Family) -> Case:
    """A layer's errors and inputs, its weights, and the strength of the penalty on them."""
    case = draw_deltas(rng, family)
    n, n_prev = case.inputs["delta"].shape[1], case.inputs["A_prev"].shape[1]
    return Case(
        inputs=dict(
            **case.inputs,
            W=rng.normal(size=(n, n_prev)),
            b=rng.normal(size=n),
            strength=float(np.round(rng.uniform(0.2, 0.8), 2)),
        ),
        m=case.m,
    )


@penalized_gradients.numeric
def nudge_penalized(
    delta: Array, A_prev: Array, W: Array, b: Array, strength: float
) -> tuple[Array, Array]:
    """Nudge weights and biases: the data cost moves by delta · dz, and so does the penalty."""

    def total(W: Array, b: Array) -> float:
        return float(np.sum(delta * (A_prev @ W.T + b)) + strength / 2 * np.sum(W**2))

    return (
        numeric.gradient(lambda W: total(W, b), W),
        numeric.gradient(lambda b: total(W, b), b),
    )


@penalized_gradients.style("vectorized")
def _(delta, A_prev, W, b, strength):
    dW = delta.T @ A_prev + strength * W
    db = delta.sum(axis=0)
    return dW, db


@penalized_gradients.style("loops")
def _(delta, A_prev, W, b, strength):
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for j in range(W.shape[0]):
        db[j] = sum(delta[:, j])
        for k in range(W.shape[1]):
            dW[j, k] = delta[:, j] @ A_prev[:, k] + strength * W[j, k]
    return dW, db


@penalized_gradients.style("einsum")
def _(delta, A_prev, W, b, strength):
    dW = np.einsum("ij,ik->jk", delta, A_prev)
    dW += strength * W
    return dW, np.einsum("ij->j", delta)


penalized_gradients.slip("penalty-missing", (" + strength * W", ""))
penalized_gradients.slip("penalty-factor", ("strength * W", "2 * strength * W"))
penalized_gradients.slip("penalty-wrong-shape", ("strength * W", "strength * np.sum(W)"))
penalized_gradients.slip(
    "bias-penalised", ("delta.sum(axis=0)", "delta.sum(axis=0) + strength * b")
)
penalized_gradients.slip("penalty-scale", ("strength * W", "strength / len(delta) * W"))
penalized_gradients.slip("penalty-sign", ("+ strength * W", "- strength * W"))
