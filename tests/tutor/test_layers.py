"""Where a layered answer goes wrong first, counted from the output down."""

import pytest

from bplib.exercises.bank import bank
from bplib.layers import GRADIENTS as MISSING
from bplib.layers import STEPS, TOP, first_step, story, turned

GRADIENTS = [f"{kind}[{layer}]" for layer in (3, 2, 1) for kind in ("db", "dW")]
ERRORS = ["delta[3]", "delta[2]", "delta[1]"]
FORWARD = ["A[0]", "Z[1]", "A[1]", "Z[2]", "A[2]"]


@pytest.mark.parametrize(
    ("names", "wrong", "layer", "step", "more"),
    [
        (GRADIENTS, GRADIENTS, 3, TOP, "or the forward pass before it."),
        (GRADIENTS, GRADIENTS[2:], 2, STEPS["delta"], "Layer 3 is right."),
        (GRADIENTS, GRADIENTS[4:], 1, STEPS["delta"], "Layers 2, 3 are right."),
        (GRADIENTS, GRADIENTS[::2], 3, STEPS["db"], "Every `dW` is right."),
        (GRADIENTS, GRADIENTS[1::2], 3, STEPS["dW"], "Every `db` is right."),
        (GRADIENTS, GRADIENTS[:2], 3, TOP, "Layers 1, 2 are right."),
        (GRADIENTS, ["dW[1]"], 1, STEPS["dW"], "Every `db` is right."),
        (GRADIENTS, ["db[3]", "dW[1]"], 3, STEPS["db"], "Layer 2 is right."),
        (ERRORS, ERRORS[1:], 2, STEPS["delta"], "Layer 3 is right."),
        (ERRORS, ERRORS, 3, TOP, "or the forward pass before it."),
        (FORWARD, ["A[1]", "Z[2]", "A[2]"], 1, STEPS["A"], "Layer 0 is right."),
        (FORWARD, ["Z[1]", "A[1]", "Z[2]", "A[2]"], 1, STEPS["Z"], "Layer 0 is right."),
    ],
)
def test_layer_and_step(names, wrong, layer: int, step: str, more: str) -> None:
    assert first_step(names, wrong) == (layer, step)
    said = story(names, wrong)
    way = "the input up" if names is FORWARD else "the output down"
    assert said.startswith(f"Counted from {way}, layer {layer} is off first: {step}")
    assert said.endswith(more)


@pytest.mark.parametrize(
    ("names", "wrong", "says"),
    [
        (GRADIENTS, [], ""),
        (["delta"], ["delta"], ""),
        (["dW", "db"], ["db"], "Only `db` is off; `dW` is right."),
        (["a", "b", "c"], ["b"], "Only `b` is off; `a` and `c` are right."),
        (["a", "b", "c", "d"], ["b"], "Only `b` is off; `a`, `c` and `d` are right."),
        (["dW", "db"], ["dW", "db"], ""),
        (["W[1]", "b[1]"], ["W[1]"], "Every `b` is right."),
    ],
)
def test_what_else_is_said(names, wrong, says: str) -> None:
    assert story(names, wrong) == says


def test_gradients_that_were_not_made_blame_no_error() -> None:
    lowest = GRADIENTS[4:]
    assert first_step(GRADIENTS, lowest, absent=lowest) == (1, MISSING)
    assert f"layer 1 is off first: {MISSING}. " in story(GRADIENTS, lowest, lowest)
    assert first_step(GRADIENTS, lowest, absent=lowest[:1]) == (1, STEPS["delta"])
    assert first_step(ERRORS, ERRORS[1:], absent=ERRORS[1:]) == (2, STEPS["delta"])


def test_nothing_wrong_has_no_first_step() -> None:
    with pytest.raises(ValueError, match="no layer is wrong"):
        first_step(GRADIENTS, [])


def test_judge_and_tutor_name_layer_and_step() -> None:
    from bplib.exercises.judge import judge
    from bplib.tutor.check import answer
    from bplib.tutor.key import read_key

    wrong = bank()["05.backprop"].misconceptions["hidden-slope-missing"].function
    expected = "layer 2 is off first: the hidden error (BP2). Layer 3 is right."
    assert expected in answer(read_key("05.backprop"), wrong).note
    assert expected in judge("05.backprop", wrong).message


def test_parts_of_layers_are_turned_and_nothing_else() -> None:
    numbered = dict(zip(GRADIENTS, range(6), strict=True))
    assert turned(numbered) == {
        "db[1]": 0, "dW[1]": 1, "db[2]": 2, "dW[2]": 3, "db[3]": 4, "dW[3]": 5,
    }  # fmt: skip
    assert turned(turned(numbered)) == numbered
    assert turned({}) == turned({"dW[1]": 0, "db[1]": 1}) == turned({"dW": 0, "db": 1}) == {}
    assert turned({"dW[1]": 0, "dW[2]": 1, "history": 2}) == {}


@pytest.mark.parametrize("name", ["05.backprop", "04.hidden_errors"])
def test_judge_and_tutor_see_that_a_list_is_upside_down(name: str) -> None:
    from bplib.exercises.judge import judge
    from bplib.tutor.check import answer
    from bplib.tutor.key import read_key

    def upside_down(*inputs):
        return right(*inputs)[::-1]

    right = bank()[name].styles["vectorized"].function
    for said in (answer(read_key(name), upside_down).note, judge(name, upside_down).message):
        assert "in reverse order: the list has to begin with layer 1" in said
    for said in (answer(read_key(name), right).note, judge(name, right).message):
        assert "reverse" not in said
