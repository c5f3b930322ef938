"""One mistake is named, two are named, and a right answer never is: judge and tutor."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise, Variant
from bplib.exercises.judge import ask, diagnose, drawn, judge
from bplib.exercises.keys import key
from bplib.exercises.measures import (
    Measure,
    _pairs,
    _singles,
    diagnosis_measures,
    in_float32,
    in_place,
)
from bplib.exercises.pairs import compose, pairs
from bplib.tutor.check import answer
from bplib.tutor.key import Key, parse


@pytest.fixture(scope="module")
def made(exercise: Exercise) -> Key:
    return parse(json.loads(json.dumps(key(exercise))))


def test_the_measures_of_the_judge(exercise: Exercise) -> None:
    found = diagnosis_measures([41], [exercise])
    for name, least in (("singles", 1.0), ("pairs", 1.0), ("right", 1.0), ("first step", 0.9)):
        assert found[name]["share"] >= least, found[name]["failures"]
    assert found["singles"]["asked"] == 2 * len(exercise.misconceptions)
    assert found["right"]["asked"] == 3 * len(exercise.styles)
    assert found["pairs"]["possible"] == len(pairs(exercise))


def test_the_tutor_never_diagnoses_a_right_answer(made: Key, exercise: Exercise) -> None:
    for style in exercise.styles.values():
        for function in (style.function, in_float32(style.function), in_place(style.function)):
            card = answer(made, function)
            assert card.right, str(card)
            assert not card.hint + card.second


def test_the_tutor_names_single_mistakes_in_single_precision(made: Key, exercise: Exercise) -> None:
    for name, wrong in exercise.misconceptions.items():
        card = answer(made, in_float32(wrong.function))
        if any(len(case.wrong[name]) for case in made.cases):
            assert (card.hint, card.second) == (made.hints[name], ""), (name, str(card))


def test_the_tutor_names_both_of_two_mistakes(made: Key, exercise: Exercise) -> None:
    for names in made.pairs[::7]:
        for how in (lambda f: f, in_float32):
            card = answer(made, how(pairs(exercise)[names].function))
            assert {card.hint, card.second} == {made.hints[name] for name in names}, names


def test_most_pairs_stand_in_the_keys() -> None:
    """The others look like a single mistake, or like right, in the visible cases."""
    there = sum(len(key(exercise)["pairs"]) for exercise in bank().values())
    assert there >= 0.8 * sum(len(pairs(exercise)) for exercise in bank().values())


def test_the_judge_asks_both_questions() -> None:
    wrong = pairs(bank()["05.backprop"])["sign-flipped", "bias-averaged"].function
    verdict = judge("05.backprop", wrong)
    assert verdict.misconception == "sign-flipped"
    assert verdict.misconceptions == ("sign-flipped", "bias-averaged")
    assert verdict.message.count("Question: ") == 2


@pytest.mark.parametrize(
    "function",
    [
        lambda W_next, delta_next, dphi_z: np.cos(delta_next @ W_next) * dphi_z,
        lambda W_next, delta_next, dphi_z: 1 / 0,
        lambda W_next, delta_next, dphi_z: None,
        lambda W_next, delta_next, dphi_z: (delta_next @ W_next) * dphi_z * (1 + 1e-5),
    ],
)
def test_an_unknown_mistake_gets_no_name(function: Callable[..., Any]) -> None:
    exercise = bank()["04.hidden_error"]
    questions = drawn(exercise.id, 0)
    assert diagnose(exercise, questions, ask(exercise, questions, function)) == ()
    verdict = judge(exercise.id, function)
    assert (verdict.misconception, verdict.misconceptions) == (None, ())
    assert "Question" not in verdict.message


# --- composition ---------------------------------------------------------------------------------


def slips(*edits: tuple[tuple[str, str], ...]) -> tuple[Exercise, list[Variant]]:
    exercise = bank()["04.hidden_error"]
    return exercise, [Variant(f"slip {i}", "", exercise.name, e, "vectorized") for i, e in
                      enumerate(edits)]  # fmt: skip


def test_two_edits_are_both_made() -> None:
    exercise, both = slips(((" * dphi_z", ""),), (("delta_next @", "-delta_next @"),))
    made = compose(exercise, *both)
    assert made is not None
    assert "return (-delta_next @ W_next)" in made.source


def test_the_other_order_is_tried() -> None:
    exercise, both = slips(
        ((" * dphi_z", " * dphi_z * dphi_z"),), ((" * dphi_z", " * dphi_z / 2"),)
    )
    made = compose(exercise, *both)
    assert made is not None
    assert "dphi_z * dphi_z / 2" in made.source


def test_what_cannot_be_composed_is_left_out() -> None:
    exercise, (one, other) = slips(((" * dphi_z", ""),), ((" * dphi_z", "* 2"),))
    assert compose(exercise, one, other) is None
    whole = Variant("whole", one.source, exercise.name)
    assert compose(exercise, one, whole) is None
    elsewhere = Variant("elsewhere", "", exercise.name, (("np", "np"),), "loops")
    assert compose(exercise, one, elsewhere) is None


# --- the measures can fail -----------------------------------------------------------------------


def test_a_mistake_that_is_not_named_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    exercise = bank()["04.hidden_error"]
    monkeypatch.setattr("bplib.exercises.measures.diagnose", lambda *anything: ("other",))
    for measuring in (_singles, _pairs):
        measure = Measure()
        measuring(exercise, drawn(exercise.id, 0), 0, measure)
        assert measure.asked > 0
        assert measure.good == measure.share == 0
        assert len(measure.failures) == measure.asked
        assert "→ ('other',)" in measure.failures[0]


# --- how a case is called ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("04.one_path", "at 4 points, dphi_z_k, w_jk, delta_j"),
        ("04.hidden_error", "m = 3, W_next (11, 7), delta_next (3, 11), dphi_z (3, 7)"),
    ],
)
def test_points_are_not_called_examples(name: str, says: str) -> None:
    assert key(bank()[name])["cases"][0]["label"] == says
