# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 01, second half: the forward pass in code, and how the sources write it down.

The first half, its derivations, stands in `unit_01_forward_derive`.
Sources: 001 a = σ(wa + b) and the matrix product, 003 warm-up, 004 (1) (2), 000 s and f.
"""

import math
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from bplib import nn
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family
from bplib.exercises.unit_01_forward_derive import (
    FORWARD,
    by_hand,
    draw_layer,
    draw_layer_of_one_example,
)


def add_up_example(W: Array, b: Array, a_prev: Array) -> list[float]:
    """A value has no gradient to compare with: the same sums in plain Python, exactly rounded."""
    return [
        math.fsum([float(bias), *(float(w) * float(a) for w, a in zip(row, a_prev, strict=True))])
        for row, bias in zip(W, b, strict=True)
    ]


def add_up_batch(W: Array, b: Array, A_prev: Array) -> Array:
    """The same, one example after the other."""
    return np.array([add_up_example(W, b, row) for row in A_prev])


# --- code: the weighted input of one example, then of a mini-batch -------------------------------

weighted_input = Exercise(
    id="01.weighted_input",
    title="The weighted input of one example",
    call="weighted_input(W, b, a_prev)",
    returns={"z": "(n,)"},
    equation="forward, one example",
    reference=nn.weighted_input,
    points=2,
    families=FORWARD,
    notice="Row j of W belongs to unit j: that is why W stands on the left, without a transpose.",
)
weighted_input.cases(draw_layer_of_one_example)
weighted_input.numeric(add_up_example)


@weighted_input.style("vectorized")
def _(W, b, a_prev):
    return W @ a_prev + b


@weighted_input.style("loops")
def _(W, b, a_prev):
    z = np.zeros(len(b))
    for j in range(W.shape[0]):
        for k in range(W.shape[1]):
            z[j] += W[j, k] * a_prev[k]
        z[j] += b[j]
    return z


@weighted_input.style("einsum")
def _(W, b, a_prev):
    return np.einsum("jk,k->j", W, a_prev) + b


@weighted_input.style("unit by unit")
def _(W, b, a_prev):
    return [np.dot(w, a_prev) + bias for w, bias in zip(W, b)]


@weighted_input.style("in place")
def _(W, b, a_prev):
    b += W.dot(a_prev)
    return b


weighted_input.slip("weights-transposed", ("W @ a_prev", "W.T @ a_prev"))
weighted_input.slip(
    "bias-per-example", ("W @ a_prev + b", "(W * a_prev + b[:, np.newaxis]).sum(axis=1)")
)
weighted_input.slip("bias-forgotten", ("W @ a_prev + b", "W @ a_prev"))
weighted_input.slip("elementwise-for-matmul", ("W @ a_prev + b", "W * a_prev + b[:, np.newaxis]"))


weighted_input_batch = Exercise(
    id="01.weighted_input_batch",
    title="The weighted inputs of a mini-batch of rows",
    call="weighted_input_batch(W, b, A_prev)",
    returns={"Z": "(m, n)"},
    equation="forward",
    reference=nn.weighted_input_batch,
    points=3,
    families=FORWARD,
    notice="The bias joins every row by itself: NumPy repeats (n,) along the first axis.",
)
weighted_input_batch.cases(draw_layer)
weighted_input_batch.numeric(add_up_batch)


@weighted_input_batch.style("vectorized")
def _(W, b, A_prev):
    return A_prev @ W.T + b


@weighted_input_batch.style("loops")
def _(W, b, A_prev):
    m, n = A_prev.shape[0], W.shape[0]
    Z = np.zeros((m, n))
    for i in range(m):
        for j in range(n):
            Z[i, j] = b[j]
            for k in range(A_prev.shape[1]):
                Z[i, j] += W[j, k] * A_prev[i, k]
    return Z


@weighted_input_batch.style("einsum")
def _(W, b, A_prev):
    return np.einsum("ik,jk->ij", A_prev, W) + b


@weighted_input_batch.style("row by row")
def _(W, b, A_prev):
    return np.array([W @ a_prev + b for a_prev in A_prev])


@weighted_input_batch.style("columns")
def _(W, b, A_prev):
    return (W @ A_prev.T + b[:, np.newaxis]).T


weighted_input_batch.slip("weights-transposed", ("A_prev @ W.T", "A_prev @ W"))
weighted_input_batch.slip("bias-per-example", ("W.T + b", "W.T + b[:, np.newaxis]"))
weighted_input_batch.slip("bias-forgotten", ("W.T + b\n", "W.T\n"))
weighted_input_batch.slip("first-example-only", ("A_prev @ W.T", "A_prev[0] @ W.T"))
weighted_input_batch.slip("elementwise-for-matmul", ("A_prev @ W.T", "A_prev * W.T"))


# --- code: all layers ----------------------------------------------------------------------------

forward = Exercise(
    id="01.forward",
    title="The forward pass",
    call="forward(X, params, phi)",
    returns={"Zs": "a list of (m, n_l) for l = 1 … L", "As": "a list of (m, n_l) for l = 0 … L"},
    equation="forward, layer by layer",
    reference=nn.forward,
    points=4,
    families=FORWARD,
    labels=lambda answer: (
        [f"Z[{l}]" for l in range(1, len(answer[0]) + 1)],
        [f"A[{l}]" for l in range(len(answer[1]))],
    ),
    upward=True,
    notice="Keep every Z and every A: the backward pass will ask for them all.",
)

GAIN = {"saturated": 5.0, "linear": 0.05}


@forward.cases
def draw_network(rng: Generator, family: Family) -> Case:
    """A network of two or three layers and a mini-batch."""
    m, *widths = family.sizes(rng, 3 if family.one_example else 4)
    phi = family.activation(rng)
    if family.regime == "zeros":
        X, params = _with_exact_zeros(rng, m, widths)
    else:
        gain = GAIN.get(family.regime, 1.0)
        X = rng.normal(size=(m, widths[0]))
        params = [
            (rng.normal(size=(n, n_prev)) * gain / np.sqrt(n_prev), rng.normal(size=n) * gain)
            for n_prev, n in pairwise(widths)
        ]
    return Case(inputs=dict(X=X, params=params, phi=phi), m=m)


def _with_exact_zeros(rng: Generator, m: int, widths: list[int]) -> tuple[Array, list]:
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
        if not nn.weighted_input_batch(*params[0], X).all():
            return X, params


@forward.numeric
def walk_by_hand(X: Array, params: list, phi: nn.Activation) -> tuple[list, list]:
    """The whole pass in plain Python, number by number."""
    As, Zs = [X], []
    for W, b in params:
        Zs.append(add_up_batch(W, b, As[-1]))
        As.append(np.array([[by_hand(phi, z) for z in row] for row in Zs[-1]]))
    return Zs, As


@forward.style("vectorized")
def _(X, params, phi):
    Zs, As = [], [X]
    for W, b in params:
        Z = As[-1] @ W.T + b
        A = phi(Z)
        Zs.append(Z)
        As.append(A)
    return Zs, As


@forward.style("loops")
def _(X, params, phi):
    Zs, As = [], [X]
    for W, b in params:
        Z = np.zeros((len(X), len(b)))
        for i, a_prev in enumerate(As[-1]):
            for j in range(len(b)):
                Z[i, j] = sum(w * a for w, a in zip(W[j], a_prev)) + b[j]
        Zs.append(Z)
        As.append(phi(Z))
    return Zs, As


@forward.style("einsum")
def _(X, params, phi):
    L = len(params)
    Zs, As = [None] * L, [X] + [None] * L
    for l in range(1, L + 1):
        W, b = params[l - 1]
        Zs[l - 1] = np.einsum("ik,jk->ij", As[l - 1], W) + b
        As[l] = phi(Zs[l - 1])
    return Zs, As


@forward.style("recursive")
def _(X, params, phi):
    if not params:
        return [], [X]
    W, b = params[0]
    Z = X @ W.T + b
    Zs, As = forward(phi(Z), params[1:], phi)
    return [Z] + Zs, [X] + As


@forward.style("row by row")
def _(X, params, phi):
    As, Zs = [X], []
    for W, b in params:
        Zs.append(np.array([W @ a_prev + b for a_prev in As[-1]]))
        As.append(phi(Zs[-1]))
    return Zs, As


forward.slip("weights-transposed", ("@ W.T", "@ W"))
forward.slip("bias-per-example", ("@ W.T + b", "@ W.T + b[:, np.newaxis]"))
forward.slip("bias-forgotten", ("@ W.T + b\n", "@ W.T\n"))
forward.slip("overwrites-z", ("A = phi(Z)", "A = Z\n        A[:] = phi(Z)"))


# --- the notation map ----------------------------------------------------------------------------


def _in_every_notation(W: Array, b: Array, a_prev: Array, phi: nn.Activation) -> tuple[Array, ...]:
    Zs, As = nn.forward(a_prev[np.newaxis], [(W, b)], phi)
    z, a = Zs[0][0], As[1][0]
    return z, a, z, a, z, a


notation_map = Exercise(
    id="01.notation_map",
    title="One layer in three alphabets",
    call="notation_map(W, b, a_prev, phi)",
    returns=dict.fromkeys(
        ("nielsen_z", "nielsen_a", "bishop_a", "bishop_z", "lesson_s", "lesson_f"), "(n,)"
    ),
    equation="the notation map",
    reference=_in_every_notation,
    points=2,
    by_line=True,
    families=FORWARD,
    visible=("ordinary", "equal-widths"),
    notice="Two numbers per unit and six letters for them: before you read on, ask who is writing.",
)


@notation_map.cases
def draw_layer_and_activation(rng: Generator, family: Family) -> Case:
    """A layer, one example, and the activation of the layer."""
    case = draw_layer_of_one_example(rng, family)
    return Case(inputs=dict(**case.inputs, phi=family.activation(rng)), m=1)


@notation_map.numeric
def spell_out(W: Array, b: Array, a_prev: Array, phi: nn.Activation) -> tuple[list[float], ...]:
    """The table of the lesson, row by row: before φ, then after φ, in each alphabet."""
    before = add_up_example(W, b, a_prev)
    after = [by_hand(phi, number) for number in before]
    return before, after, before, after, before, after


@notation_map.style("vectorized")
def _(W, b, a_prev, phi):
    z = W @ a_prev + b
    a = phi(z)
    nielsen_z, nielsen_a = z, a
    bishop_a, bishop_z = z, a
    lesson_s, lesson_f = z, a
    return nielsen_z, nielsen_a, bishop_a, bishop_z, lesson_s, lesson_f


@notation_map.style("loops")
def _(W, b, a_prev, phi):
    before = np.array([sum(W[j, k] * a_prev[k] for k in range(W.shape[1])) for j in range(len(b))])
    before = before + b
    return [before, phi(before)] * 3


@notation_map.style("einsum")
def _(W, b, a_prev, phi):
    s = np.einsum("jk,k->j", W, a_prev) + b
    f = phi(s)
    return s, f, s, f, s, f


@notation_map.style("unit by unit")
def _(W, b, a_prev, phi):
    z = np.array([w @ a_prev + bias for w, bias in zip(W, b)])
    return z, phi(z), z, phi(z), z, phi(z)


@notation_map.style("dummy input")
def _(W, b, a_prev, phi):
    z = np.column_stack([b, W]) @ np.append(1.0, a_prev)
    pair = [z, phi(z)]
    return pair + pair + pair


notation_map.slip("false-friends", ("bishop_a, bishop_z = z, a", "bishop_a, bishop_z = a, z"))
notation_map.slip("weights-transposed", ("W @ a_prev", "W.T @ a_prev"))
notation_map.slip("overwrites-z", ("a = phi(z)", "a = z\n    a[:] = phi(z)"))
