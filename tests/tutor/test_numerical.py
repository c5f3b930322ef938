"""The offer to compare a function with its numerical gradient, which needs no key."""

from typing import Any

import numpy as np
import pytest

from bplib.exercises.bank import bank
from bplib.tutor import NotRightYet, check
from bplib.tutor.key import read_key
from bplib.tutor.nudges import NUDGES
from bplib.tutor.numerical import compared, offer

# A case without kinks, without huge numbers and with m > 1 does not show these; the key's cases do.
HIDDEN = {"relu-kink-one", "exp-overflow"}


@pytest.mark.parametrize("name", NUDGES)
def test_every_style_agrees(name: str) -> None:
    for style in bank()[name].styles.values():
        card = compared(read_key(name), style.function)
        assert card.right, str(card)
        assert "entries agree with finite differences" in card.note
        assert "numerical gradient" in card.title


@pytest.mark.parametrize("name", NUDGES)
def test_every_misconception_is_seen(name: str) -> None:
    for wrong, variant in bank()[name].misconceptions.items():
        assert compared(read_key(name), variant.function).right == (wrong in HIDDEN), wrong


def test_what_is_off_is_said_with_layer_and_distance() -> None:
    wrong = bank()["05.backprop"].misconceptions["bias-averaged"].function
    note = compared(read_key("05.backprop"), wrong).note
    assert "every entry is 1/m or 1/2 (here m = 2) times" in note
    assert "the bias gradient (BP3). Every `dW` is right." in note
    assert "Largest difference, relative to the largest slope: " in note


@pytest.mark.parametrize("answer", [None, 3, "text", np.nan])
def test_no_gradient_at_all(answer: Any) -> None:
    card = compared(read_key("04.hidden_error"), lambda W, d, s: answer)
    assert not card.right
    assert card.note


def test_single_precision_agrees() -> None:
    right = bank()["04.hidden_error"].styles["vectorized"].function
    assert compared(read_key("04.hidden_error"), lambda *a: np.float32(right(*a))).right


def test_it_is_offered_where_it_works_and_refused_elsewhere() -> None:
    for name in bank():
        assert bool(offer(read_key(name))) == (name in NUDGES)
    with pytest.raises(ValueError, match=r"numeric=True works for: .*05\.backprop"):
        check("03.softmax", np.cos, numeric=True)


def test_check_shows_it(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    right = bank()["05.backprop"].styles["loops"].function
    check("05.backprop", right, numeric=True)
    assert "BP1 to BP4 · numerical gradient: ✓ right" in capsys.readouterr().out
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(NotRightYet, match="numerical gradient: ✗ not yet"):
        check("05.backprop", lambda *inputs: None, numeric=True)


def test_there_is_no_backward_formula_beside_the_forward_passes() -> None:
    """Nobody can read a solution off the module that a student has."""
    import inspect

    from bplib.tutor import nudges

    text = inspect.getsource(nudges)
    for name in NUDGES:
        for style in bank()[name].styles.values():
            for line in style.source.splitlines()[1:]:
                line = line.strip().removeprefix("return ")
                assert len(line) < 25 or line not in text, (name, line)
