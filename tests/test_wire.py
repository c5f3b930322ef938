"""Inputs of a case as JSON values, there and back."""

import json
from typing import Any

import numpy as np
import pytest

from bplib import nn, wire
from bplib.exercises.keys import visible_questions

VALUES: dict[str, Any] = {
    "number": 3,
    "float": 0.1,
    "bool": True,
    "text": "sigmoid",
    "none": None,
    "array": np.array([[1.5, -2.0], [0.1, 1e-300]]),
    "number array": np.array(2.5),
    "empty": np.zeros((0, 3)),
    "empty rows": np.zeros((3, 0)),
    "nothing": np.zeros(0),
    "list": [1, [2.5, "x"]],
    "tuple": (1, (2, [3])),
    "params": [(np.eye(2), np.ones(2)), (np.ones((1, 2)), np.zeros(1))],
    "activation": nn.activation("tanh"),
    "cost": nn.cost("cross_entropy"),
    "dict": {"a": np.ones(2), "b": {"c": (1,)}},
    "dict like ours": {"array": [1, 2], "activation": "none"},
    "labels": [("dW[1]", "db[1]"), ("dW[2]", "db[2]")],
}


def equal(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(two, np.ndarray) and one.shape == two.shape and bool((one == two).all())
    if isinstance(one, (list, tuple)):
        return (
            type(one) is type(two)
            and len(one) == len(two)
            and all(equal(a, b) for a, b in zip(one, two, strict=True))
        )
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(equal(one[key], two[key]) for key in one)
    return type(one) is type(two) and bool(one == two)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_there_and_back(value: Any) -> None:
    sent = json.dumps(wire.encode(value), allow_nan=False)
    assert equal(wire.decode(json.loads(sent)), value)


def test_the_comparison_can_fail() -> None:
    assert not equal(np.zeros((0, 3)), np.zeros((3, 0)))
    assert not equal([1], (1,))
    assert not equal((1, 2), (1, 3))
    assert not equal({"a": 1}, {"b": 1})
    assert not equal(1, True)
    assert not equal(np.ones(2), [1.0, 1.0])


def test_arrays_come_back_as_float64_without_a_lost_bit() -> None:
    array = np.random.default_rng(0).normal(size=(3, 5)) / 3
    back = wire.decode(json.loads(json.dumps(wire.encode(array))))
    assert back.dtype == np.float64
    np.testing.assert_array_equal(back, array)
    whole = wire.decode(wire.encode(np.arange(3)))
    assert whole.dtype == np.int64
    assert whole.tolist() == [0, 1, 2]
    assert wire.decode(wire.encode(np.array([True]))).dtype == np.float64


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (object(), "object"),
        ({1, 2}, "set"),
        (len, "builtin_function_or_method"),
        (b"bytes", "bytes"),
        (1j, "complex"),
        (np.array([1j]), "complex128"),
        (np.array([None]), "object"),
        (np.array(["x"]), "<U1"),
        ([1, {"a": object()}], "object"),
    ],
)
def test_what_cannot_be_sent_is_refused(value: Any, named: str) -> None:
    with pytest.raises(TypeError, match=f"cannot send .*{named}.*; allowed are arrays"):
        wire.encode(value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"unknown": 1},
        [{"unknown": 1}],
        {"activation": "nothing"},
        {"cost": "nothing"},
        {"array": [[1], [1, 2]]},
        {"array": ["x"]},
        {"array": [1.0], "shape": [2]},
    ],
)
def test_an_unknown_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        wire.decode(value)


def test_rounding_goes_everywhere_and_leaves_no_negative_zero() -> None:
    value = {"a": [(np.array([1.23456789, -1e-9]), 7.123456789)], "phi": nn.activation("relu")}
    found = wire.rounded(value)
    array = found["a"][0][0]
    assert array.tolist() == [1.234568, 0.0]
    assert not np.signbit(array[1])
    assert found["a"][0][1] == 7.123456789  # numbers are declared as they are meant
    assert found["phi"] is value["phi"]
    assert value["a"][0][0][1] == -1e-9
    assert wire.rounded(np.array([1.26]), digits=1).tolist() == [1.3]


def test_the_inputs_of_every_exercise_can_be_sent(exercise: Any) -> None:
    for question in visible_questions(exercise):
        for value in (*question.case.inputs.values(), question.labels):
            sent = json.dumps(wire.encode(value), allow_nan=False)
            assert equal(wire.decode(json.loads(sent)), value)
