# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 08, second part: mini-batches, one step, and when to stop.

The loop that uses them stands in `unit_08_gradient_descent_train`. Randomness is an input: an
order of the rows is given, and a function does not draw it.
Sources: 001 update of w and b, 003 the mini-batch algorithm, 000 stopping criteria.
"""

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family
from bplib.exercises.unit_08_gradient_descent import layer_labels

# --- code: mini-batches --------------------------------------------------------------------------

minibatches = Exercise(
    id="08.minibatches",
    title="Mini-batches",
    call="minibatches(X, Y, size, order)",
    returns={"batches": "a list of (X, Y) with up to `size` rows each"},
    equation="mini-batches",
    reference=lambda X, Y, size, order: [(X[rows], Y[rows]) for rows in nn.batches(order, size)],
    points=3,
    # Rows are dealt out, whatever numbers stand in them.
    families=("ordinary", "one-example", "equal-widths"),
    sentences={
        "ordinary": "the last mini-batch is a short one",
        "one-example": "a single example, and a mini-batch that has room for more",
        "equal-widths": "the size divides the number of examples",
    },
    labels=lambda answer: [(f"X[batch {i}]", f"Y[batch {i}]") for i in range(1, len(answer) + 1)],
    upward=True,
    notice="Every example is seen once per epoch, and the last mini-batch may be short.",
)


@minibatches.cases
def draw_rows(rng: Generator, family: Family) -> Case:
    """Examples in rows, a size, and a random order of the rows."""
    _, n_in, n_out = family.sizes(rng, 2)
    size = int(rng.choice((2, 3, 4)))
    m = 1 if family.one_example else size * int(rng.integers(2, 4))
    if not family.one_example and not family.equal_widths:
        m += int(rng.integers(1, size))
    return Case(
        inputs=dict(
            X=rng.normal(size=(m, n_in)),
            Y=rng.normal(size=(m, n_out)),
            size=size,
            order=rng.permutation(m),
        ),
        m=m,
    )


@minibatches.numeric
def deal_out(X: Array, Y: Array, size: int, order: Array) -> list:
    """Deal the rows out one by one, as cards; a new hand begins when the last one is full."""
    hands: list = []
    for count, row in enumerate(order.tolist()):
        if count % size == 0:
            hands.append(([], []))
        hands[-1][0].append(X[row])
        hands[-1][1].append(Y[row])
    return [(np.array(xs), np.array(ys)) for xs, ys in hands]


@minibatches.style("vectorized")
def _(X, Y, size, order):
    batches = []
    for start in range(0, len(X), size):
        rows = order[start : start + size]
        batches.append((X[rows], Y[rows]))
    return batches


@minibatches.style("shuffle first")
def _(X, Y, size, order):
    X, Y = X[order], Y[order]
    return [(X[i : i + size], Y[i : i + size]) for i in range(0, len(order), size)]


@minibatches.style("loops")
def _(X, Y, size, order):
    batches, xs, ys = [], [], []
    for row in order:
        xs.append(X[row])
        ys.append(Y[row])
        if len(xs) == size:
            batches.append((np.array(xs), np.array(ys)))
            xs, ys = [], []
    if xs:
        batches.append((np.array(xs), np.array(ys)))
    return batches


@minibatches.style("split")
def _(X, Y, size, order):
    cuts = np.arange(size, len(order), size)
    return list(zip(np.split(X[order], cuts), np.split(Y[order], cuts)))


@minibatches.style("pop")
def _(X, Y, size, order):
    rows, batches = list(order), []
    while rows:
        taken, rows = rows[:size], rows[size:]
        batches.append([X[taken], Y[taken]])
    return batches


minibatches.slip(
    "short-batch", ("order[start : start + size]", "np.resize(order[start : start + size], size)")
)
minibatches.slip("targets-left-behind", ("Y[rows]", "Y[start : start + size]"))


# --- code: one step ------------------------------------------------------------------------------

sgd_step = Exercise(
    id="08.sgd_step",
    title="One step",
    call="sgd_step(params, grads, learning_rate)",
    returns={"params": "a list of (W, b) for layers 1 … L"},
    equation="the update",
    reference=nn.sgd_step,
    points=2,
    # Parameters and gradients are given: no examples, no activations.
    families=("ordinary", "one-example", "equal-widths", "zero-upstream"),
    sentences={
        "ordinary": "layers of different widths",
        "one-example": "a network of one layer",
        "equal-widths": "all layers have the same width",
        "zero-upstream": "the gradient is zero everywhere",
    },
    labels=layer_labels,
    upward=True,
    notice="Where the gradient is zero nothing moves: the network thinks that it is done.",
)


@sgd_step.cases
def draw_parameters(rng: Generator, family: Family) -> Case:
    """Parameters of some layers, gradients of the same shapes, and a learning rate."""
    _, *sizes = family.sizes(rng, 2 if family.one_example else 4)
    shapes = list(zip(sizes[1:], sizes))
    params = [(rng.normal(size=shape), rng.normal(size=shape[0])) for shape in shapes]
    grads = [(family.upstream(rng, shape), family.upstream(rng, shape[:1])) for shape in shapes]
    rate = float(rng.integers(1, 90)) / 100
    return Case(inputs=dict(params=params, grads=grads, learning_rate=rate), m=1)


@sgd_step.numeric
def slope_of_the_model(params: list, grads: list, learning_rate: float) -> list:
    """w − η g is the slope, at w, of |w|²/2 − η g·w; nudge w."""

    def moved(w: Array, g: Array) -> Array:
        entries = tuple(range(-w.ndim, 0))
        return numeric.gradient(
            lambda w: (w**2 / 2 - learning_rate * g * w).sum(axis=entries), w, batched=True
        )

    return [(moved(W, dW), moved(b, db)) for (W, b), (dW, db) in zip(params, grads)]


@sgd_step.style("vectorized")
def _(params, grads, learning_rate):
    new = []
    for (W, b), (dW, db) in zip(params, grads):
        W_new = W - learning_rate * dW
        b_new = b - learning_rate * db
        new.append((W_new, b_new))
    return new


@sgd_step.style("in place")
def _(params, grads, learning_rate):
    for (W, b), (dW, db) in zip(params, grads):
        W -= learning_rate * dW
        b -= learning_rate * db
    return params


@sgd_step.style("nested lists")
def _(params, grads, learning_rate):
    return [
        [p - learning_rate * dp for p, dp in zip(layer, slopes)]
        for layer, slopes in zip(params, grads)
    ]


@sgd_step.style("loops")
def _(params, grads, learning_rate):
    new = []
    for l in range(len(params)):
        W, b = params[l][0].copy(), params[l][1].copy()
        for j in range(W.shape[0]):
            for k in range(W.shape[1]):
                W[j, k] -= learning_rate * grads[l][0][j, k]
            b[j] -= learning_rate * grads[l][1][j]
        new.append((W, b))
    return new


@sgd_step.style("one vector")
def _(params, grads, learning_rate):
    new = []
    for (W, b), (dW, db) in zip(params, grads):
        flat = np.append(W, b) - learning_rate * np.append(dW, db)
        new.append((flat[: W.size].reshape(W.shape), flat[W.size :]))
    return new


sgd_step.slip(
    "ascent",
    ("W - learning_rate * dW", "W + learning_rate * dW"),
    ("b - learning_rate * db", "b + learning_rate * db"),
)
sgd_step.slip("bias-zero", ("b - learning_rate * db", "b"))
sgd_step.slip("first-layer-skipped", ("    return new", "    return [params[0]] + new[1:]"))


# --- code: when to stop --------------------------------------------------------------------------

should_stop = Exercise(
    id="08.should_stop",
    title="When to stop",
    call="should_stop(history, patience)",
    returns={"stop": "()"},
    equation="stopping criterion",
    reference=nn.should_stop,
    points=2,
    sentences={
        "ordinary": "the costs go up and down, with a new best one not long ago",
        "one-example": "a history exactly as long as the patience",
        "equal-widths": "the last cost equals the best one, which is about as old as the patience",
        "exact-zeros": "fewer epochs than the patience asks for",
        "saturated": "the best cost lies behind, and the costs still fall",
        "linear": "the cost falls and then rises, one epoch short of the patience",
        "zero-upstream": "the cost no longer changes",
    },
    # The last one is for those who never stop: no other mistake should explain that.
    visible=("ordinary", "one-example", "saturated", "zero-upstream"),
    notice="It compares with the best cost so far: a cost that falls again after a climb is no news.",
)


@should_stop.cases
def draw_history(rng: Generator, family: Family) -> Case:
    """A list of costs after each epoch, oldest first, and a patience.

    Each family fixes one situation, so that every seed has them all: two where it is time to stop,
    four where it is not, which keeps a function poor that always says so, and one (equal widths)
    that goes either way, so that not all seeds have the same verdicts.
    """
    patience = int(rng.integers(2, 5))
    best, high = int(rng.integers(10, 20)), int(rng.integers(60, 70))
    if family.one_example:
        costs = rng.integers(20, 99, patience).tolist()
    elif family.equal_widths:
        between = patience - 2 + int(rng.integers(2))
        costs = [high, best, *rng.integers(best + 1, 99, between), best]
    elif family.regime == "zeros":
        costs = np.sort(rng.integers(20, 99, int(rng.integers(1, patience)))).tolist()
    elif family.regime == "saturated":  # the climb is higher than where it all began
        falling = rng.choice(np.arange(best + 1, 60), patience - 1, replace=False)
        costs = [high, best, 99, *np.sort(falling)[::-1]]
    elif family.regime == "linear":  # after the best one all costs are worse than the first
        rising = rng.choice(np.arange(high + 1, 99), patience - 1, replace=False)
        costs = [high, best, *np.sort(rising)]
    elif family.zero_upstream:
        costs = [80] + [int(rng.integers(10, 70))] * (patience + 1 + int(rng.integers(0, 2)))
    else:
        costs = rng.integers(20, 99, 3 * patience).tolist()
        costs[-int(rng.integers(1, patience + 1))] = best
    return Case(inputs=dict(history=[int(c) / 100 for c in costs], patience=patience), m=1)


@should_stop.numeric
def wait_and_count(history: list, patience: int) -> bool:
    """Live through the epochs: remember the best cost, and count how long ago it was."""
    best, waited = float("inf"), 0
    for cost in history:
        best, waited = (cost, 0) if cost < best else (best, waited + 1)
    return waited >= patience


@should_stop.style("vectorized")
def _(history, patience):
    if len(history) <= patience:
        return False
    recent, before = history[-patience:], history[:-patience]
    return min(recent) >= min(before)


@should_stop.style("position of the best")
def _(history, patience):
    return len(history) - 1 - int(np.argmin(history)) >= patience


@should_stop.style("loops")
def _(history, patience):
    best, since = None, 0
    for cost in history:
        if best is None or cost < best:
            best, since = cost, 0
        else:
            since += 1
    return 1 if since >= patience else 0


@should_stop.style("lowest so far")
def _(history, patience):
    lows = np.minimum.accumulate(history)
    return len(lows) > patience and lows[-1] == lows[-1 - patience]


@should_stop.style("no news")
def _(history, patience):
    news = [i for i in range(len(history)) if history[i] < min(history[:i], default=np.inf)]
    return news[-1] + patience < len(history)


should_stop.slip(
    "best-forgotten",
    (
        "min(recent) >= min(before)",
        "all(history[i] >= history[i - 1] for i in range(-patience, 0))",
    ),
)
