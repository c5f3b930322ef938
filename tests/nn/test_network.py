"""Network: pinned names, types, and errors that list what is allowed."""

import numpy as np
import pytest

from bplib import nn
from bplib.nn import Dense, Network

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(6, 4)), np.eye(3)[RNG.integers(3, size=6)]
PAIRS = list(nn.OUTPUTS)


def test_defaults_and_shapes():
    net = Network.dense([4, 5, 3])
    assert net.sizes == [4, 5, 3]
    assert [(W.shape, b.shape) for W, b in net.params] == [((5, 4), (5,)), ((3, 5), (3,))]
    assert all(W.dtype == b.dtype == np.float64 for W, b in net.params)
    assert [layer.activation.name for layer in net.layers] == ["sigmoid", "softmax"]
    assert net.output.cost_name == "cross_entropy"
    Zs, As = net.forward(X)
    assert [Z.shape for Z in Zs] == [(6, 5), (6, 3)]
    assert [A.shape for A in As] == [(6, 4), (6, 5), (6, 3)]
    np.testing.assert_array_equal(net.predict(X), As[-1])
    np.testing.assert_allclose(As[-1].sum(axis=1), 1)


def test_the_seed_decides():
    first, same, other = (Network.dense([4, 3], seed=seed).params[0][0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


@pytest.mark.parametrize(("init", "scale"), [
    ("normal", 1), ("glorot", np.sqrt(2 / 800)), ("he", np.sqrt(2 / 500)),
])  # fmt: skip
def test_scales_of_initial_weights(init, scale):
    W, b = Network.dense([500, 300], init=init).params[0]
    assert W.std() == pytest.approx(scale, rel=0.02)
    assert b.std() == pytest.approx(1 if init == "normal" else 0, rel=0.2)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("hidden", nn.ACTIVATIONS)
def test_duplicated_examples_leave_cost_and_gradients(hidden, pair):
    net = Network.dense([4, 5, 3], hidden, *pair)
    twice = np.vstack([X, X]), np.vstack([Y, Y])
    assert net.cost(*twice) == pytest.approx(net.cost(X, Y), rel=1e-14)
    for a, b in zip(net.gradients(*twice), net.gradients(X, Y), strict=True):
        np.testing.assert_allclose(a[0], b[0], rtol=1e-12, atol=1e-16)
        np.testing.assert_allclose(a[1], b[1], rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("hidden", nn.ACTIVATIONS)
def test_float32_inputs_give_float32_everywhere(hidden, pair):
    net = Network.dense([4, 5, 3], hidden, *pair)
    Zs, As = net.forward(X.astype("f4"))
    assert {array.dtype for array in Zs + As} == {np.dtype("f4")}
    single, double = net.gradients(X.astype("f4"), Y), net.gradients(X, Y)
    for a, b in zip(single, double, strict=True):
        assert a[0].dtype == a[1].dtype == np.float32
        np.testing.assert_allclose(a[0], b[0], rtol=1e-4, atol=1e-6)
    assert net.params[0][0].dtype == np.float64


def test_integer_inputs_give_float64_and_inputs_stay():
    net = Network.dense([4, 3])
    whole = np.arange(24).reshape(6, 4)
    before = whole.copy()
    assert net.gradients(whole, Y.astype(int))[0][0].dtype == np.float64
    np.testing.assert_array_equal(whole, before)


def test_params_are_live_and_can_be_replaced():
    net, other = Network.dense([4, 3, 2]), Network.dense([4, 3, 2], seed=1)
    net.params[0][0][0, 0] += 1
    assert net.params[0][0][0, 0] == net.layers[0].W[0, 0]
    net.params = other.params
    for (W, b), (W_other, b_other) in zip(net.params, other.params, strict=True):
        np.testing.assert_array_equal(W, W_other)
        assert not np.shares_memory(W, W_other)
        assert not np.shares_memory(b, b_other)
    with pytest.raises(ValueError, match=r"W must keep its shape"):
        net.params = [(np.ones((3, 5)), np.ones(3)), other.params[1]]
    with pytest.raises(ValueError, match="2 layers"):
        net.params = other.params[:1]


def test_astype_copies():
    net = Network.dense([4, 3])
    copy = net.astype(np.float32)
    assert copy.params[0][0].dtype == np.float32
    assert not np.shares_memory(net.astype(np.float64).params[0][0], net.params[0][0])
    with pytest.raises(ValueError, match="float32 or float64"):
        net.astype(np.int64)


def test_accuracy():
    net = Network.dense([2, 2], init="normal")
    net.params = [(np.eye(2), np.zeros(2))]
    rows = np.array([[2.0, 1.0], [0.0, 1.0], [5.0, 0.0], [1.0, 0.0]])
    assert net.accuracy(rows, np.eye(2)[[0, 1, 1, 0]]) == 0.75
    single = Network.dense([1, 1], output="sigmoid")
    single.params = [(np.ones((1, 1)), np.zeros(1))]
    assert single.accuracy([[-1.0], [2.0]], [[0], [0]]) == 0.5


@pytest.mark.parametrize(("arguments", "message"), [
    ({"hidden": "selu"}, "'selu' is not known; allowed: sigmoid, tanh, relu, leaky_relu, elu, l"),
    ({"hidden": "softmax"}, "allowed: sigmoid, tanh"),
    ({"init": "xavier"}, "'xavier' is not known; allowed: normal, glorot, he"),
    ({"init": None}, "allowed: normal, glorot, he"),
    ({"cost": "quadratic"}, r"allowed: \('linear', 'quadratic'\), \('sigmoid', 'quadratic'\)"),
    ({"output": "linear"}, r"\('linear', 'cross_entropy'\) is not known"),
    ({"output": []}, "not known; allowed"),
    ({"sizes": [4]}, "at least two positive integers"),
    ({"sizes": []}, "at least two positive integers"),
    ({"sizes": [4, 0]}, "at least two positive integers"),
    ({"sizes": [4, 2.0]}, "at least two positive integers"),
    ({"sizes": [4, True]}, "at least two positive integers"),
    ({"sizes": 4}, "at least two positive integers"),
])  # fmt: skip
def test_wrong_names_and_sizes_are_refused_with_what_is_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network.dense(**{"sizes": [4, 3], **arguments})


@pytest.mark.parametrize(("X", "Y", "message"), [
    (X[0], Y, r"X \(4,\); X must be \(m, 4\)"),
    (X[:, :3], Y, r"X must be \(m, 4\)"),
    (X[:0], Y[:0], "m ≥ 1"),
    (X, Y[:5], r"Y must be \(m, 3\)"),
    (X, Y.argmax(axis=1), r"Y \(6,\); Y must be \(m, 3\)"),
    (X, Y[:, :2], r"Y must be \(m, 3\)"),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(X, Y, message):
    net = Network.dense([4, 3])
    for method in (net.cost, net.gradients, net.accuracy, lambda X, Y: net.train(X, Y, 1, 2, 3)):
        with pytest.raises(ValueError, match=message):
            method(X, Y)


def test_other_types_are_refused():
    net = Network.dense([4, 3])
    with pytest.raises(TypeError, match="X has dtype complex128"):
        net.forward(X + 1j)
    with pytest.raises(TypeError, match="Y has dtype complex128"):
        net.cost(X, Y + 1j)
    with pytest.raises(TypeError, match="X has dtype <U1"):
        net.forward([["a", "b", "c", "d"]])


def test_layers_that_do_not_fit_are_refused():
    phi, end = nn.activation("linear"), nn.output("linear", "quadratic")
    with pytest.raises(ValueError, match="n_out of the layer below"):
        Network([Dense(np.ones((n, 2)), np.ones(n), phi) for n in (3, 1)], end)
    with pytest.raises(ValueError, match="at least one"):
        Network([], end)
    with pytest.raises(ValueError, match="must be the same"):
        Network([Dense(np.ones((3, 2)), np.ones(3), nn.activation("tanh"))], end)
    with pytest.raises(ValueError, match=r"b \(n_out,\)"):
        Dense(np.ones((3, 2)), np.ones(2), phi)
    with pytest.raises(TypeError, match="b has dtype"):
        Dense(np.ones((3, 2)), ["x", "y", "z"], phi)
