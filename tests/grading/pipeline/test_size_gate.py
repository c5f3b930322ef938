"""The size gate: who nudges parameters loses its points and keeps the others; nobody else does."""

import os

import numpy as np
import pytest
from cpu_time import cpu_times
from styles_backprop import (
    BATCHED,
    BATCHED_LAYERS,
    CENTRAL,
    COMPLEX,
    DUAL,
    LEAN_DUAL,
    PLAIN_LOOPS,
    UNIT_BY_UNIT,
)

from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise, Variant
from bplib.exercises.judge import drawn, judge
from bplib.grading import judging
from bplib.grading.engine import Budget, Engine
from bplib.grading.gate import NAME, SLOW, gated
from bplib.grading.jail import available
from bplib.grading.secret import exercise_seed
from bplib.grading.skeleton import Part, Skeleton

BACKENDS = available()
if not BACKENDS and os.environ.get("CI"):
    raise RuntimeError("no jail works here: install bubblewrap")
GATED = {name: exercise for name, exercise in bank().items() if exercise.gate}
KEY = b"k" * 32
# What a student writes who loops where NumPy would do, and who differentiates by nudging.
EXTRA = {"05.backprop": {"plain loops": PLAIN_LOOPS, "unit by unit": UNIT_BY_UNIT}}
NUMERIC = {
    "05.backprop": {"central differences": CENTRAL, "complex step": COMPLEX, "dual numbers": DUAL}
}
# Nudging by somebody who knows how to make it fast.
LEAN = {
    "05.backprop": {
        "lean dual numbers": LEAN_DUAL, "batched steps": BATCHED, "batched layers": BATCHED_LAYERS,
    }
}  # fmt: skip


def test_every_exercise_that_is_given_the_way_from_the_input_to_the_cost_has_a_gate():
    given = {
        name for name, exercise in bank().items()
        if {"X", "Y", "params", "phi", "cost"} <= drawn(name, 0)[0].case.inputs.keys()
    }  # fmt: skip
    assert given == set(GATED) == {"05.backprop"}
    assert set(EXTRA) == set(NUMERIC) == set(GATED)


# --- the limit: CPU time, by the method ----------------------------------------------------------


def function(exercise, source):
    return Variant("", source, exercise.name).function


@pytest.mark.parametrize("name", GATED)
def test_every_honest_style_has_three_times_the_time_it_needs(name):
    exercise = GATED[name]
    limit = exercise.gate.cpu_seconds
    styles = {style: variant.source for style, variant in exercise.styles.items()}
    used = cpu_times(name, styles | EXTRA[name], limit)
    assert {style: t for style, t in used.items() if t is None or limit < 3 * t} == {}
    assert used["vectorized"] < 0.02


@pytest.mark.parametrize("name", GATED)
def test_every_numerical_method_needs_five_times_the_limit(name):
    exercise = GATED[name]
    for source in NUMERIC[name].values():  # on small networks nothing is wrong with it
        assert key_for(function(exercise, source), right=True)
    used = cpu_times(name, NUMERIC[name], 5 * exercise.gate.cpu_seconds, repeats=1)
    assert used == dict.fromkeys(NUMERIC[name])  # not done yet


@pytest.mark.parametrize("name", GATED)
def test_nudging_made_fast_needs_more_than_the_limit(name):
    """About three times as much, and not five: SECURITY.md names this as a limit of the gate."""
    exercise = GATED[name]
    large = exercise.large_question(0)
    for source in LEAN[name].values():  # nothing is wrong with it
        answer = function(exercise, source)(*large.case.inputs.values())
        for found, right in zip(answer, exercise.reference(**large.case.inputs), strict=True):
            assert all(np.allclose(f, r) for f, r in zip(found, right, strict=True))
    used = cpu_times(name, LEAN[name], exercise.gate.cpu_seconds, repeats=1)
    assert used == dict.fromkeys(LEAN[name])


# --- the verdict: through the engine, in the jail ------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    if not BACKENDS:
        pytest.skip("NO JAIL WORKS HERE")
    with Engine(BACKENDS[0]) as found:
        yield found


@pytest.fixture
def graded(engine):
    """The verdict on a notebook with this answer to 05.backprop, and its score in the cell."""

    def run(source, key=KEY):
        with engine.session(None, Budget()) as session:
            ran = judging.run(notebook(source), SKELETON, key, session)
        return ran.verdicts()["test_backprop"], ran

    return run


def part(name, source, **flags):
    values = dict.fromkeys(("grade", "solution", "locked", "task"), False) | flags
    values = {"points": None, **values}
    return Part(name=name, cell_type="code", source=source, checksum=None, **values)


CHECK = 'check("05.backprop", backprop)'
SKELETON = Skeleton(
    "week",
    {},
    (
        part("backprop", "", solution=True),
        part("test_backprop", CHECK, grade=True, locked=True, points=16.0, exercise="05.backprop"),
    ),
)


def notebook(source):
    cells = [("setup", "import numpy as np\nfrom bplib.tutor import check"), ("backprop", source)]
    return {
        "cells": [
            {"cell_type": "code", "id": name, "source": text, "outputs": [],
             "execution_count": None, "metadata": {"nbgrader": marks(name)}}
            for name, text in [*cells, ("test_backprop", CHECK)]
        ]
    }  # fmt: skip


def marks(name):
    return {"grade_id": name, "grade": name == "test_backprop", "points": 16.0}


def expected(function, key=KEY):
    """The verdict of the judge in process, on the same small networks."""
    return judge("05.backprop", function, exercise_seed(key, "05.backprop"))


def key_for(function, right):
    """A key whose small networks the function gets all right, or not all.

    Central differences have digits enough for some networks, and miss the kink in others.
    """
    keys = (bytes([number]) * 32 for number in range(97, 123))
    return next(key for key in keys if expected(function, key).passed == right)


def last(verdict):
    assert sum(check.name == NAME for check in verdict.checks) == 1
    assert verdict.checks[-1].name == NAME
    return verdict.checks[-1]


HONEST = {name: variant.source for name, variant in bank()["05.backprop"].styles.items()}
HONEST |= {
    **EXTRA["05.backprop"],
    "lists": HONEST["vectorized"].replace("return grads", "return [[g.tolist() for g in pair] "
                                          "for pair in grads]"),
    "float32": HONEST["vectorized"].replace(
        "return grads", "return [[np.float32(g) for g in pair] for pair in grads]"
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", HONEST)
def test_an_honest_style_passes_the_gate_with_full_marks(graded, style):
    verdict, ran = graded(HONEST[style])
    assert verdict.passed
    assert verdict.score == verdict.points == 8
    assert last(verdict).passed
    share = last(verdict).weight / sum(check.weight for check in verdict.checks)
    assert share == pytest.approx(1 / 8)
    scores = judging.apply(notebook(HONEST[style]), SKELETON, ran)
    assert scores["test_backprop"].points == 16


@pytest.mark.parametrize("style", EXTRA["05.backprop"])
def test_an_honest_style_has_three_times_the_time_that_it_needs_in_the_jail(engine, style):
    """There, each call of phi is a message, which costs time, too."""
    exercise = bank()["05.backprop"]
    large, limit = exercise.large_question(0), exercise.gate.cpu_seconds
    with engine.session(None, Budget()) as session:
        session.run_cell("import numpy as np\n" + EXTRA["05.backprop"][style])
        used = []
        for _ in range(3):
            before = session.cpu_left["asks"]
            answer = session.ask("backprop", large.case.inputs, large.shapes, large.labels, limit)
            session.run_cell("1")  # by then, its time is known
            used.append(before - session.cpu_left["asks"])
            assert not answer.message
    assert limit >= 3 * min(used)


@pytest.mark.parametrize(
    "source", [CENTRAL, COMPLEX, DUAL], ids=["central differences", "complex step", "dual numbers"]
)
def test_who_nudges_loses_the_points_of_the_gate_alone(graded, source):
    key = key_for(function(bank()["05.backprop"], source), right=True)
    verdict, ran = graded(source, key)
    assert [check.name for check in verdict.checks if not check.passed] == [NAME]
    assert (verdict.score, verdict.points, verdict.passed) == (7, 8, False)
    assert verdict.misconception is None
    assert verdict.message.splitlines()[:2] == [
        "backprop (BP1 to BP4): 7 of 8 points",
        f"Right on small networks, but {SLOW}",
    ]
    assert "every case" not in verdict.message
    assert judging.apply(notebook(source), SKELETON, ran)["test_backprop"].points == 14


def test_central_differences_that_are_wrong_somewhere_lose_nothing_more(graded):
    nudging = function(bank()["05.backprop"], CENTRAL)
    key = key_for(nudging, right=False)
    verdict, ran = graded(CENTRAL, key)
    assert verdict.score == expected(nudging, key).score <= 7
    assert not ran.gates


@pytest.mark.parametrize("name", ["hidden-slope-missing", "bias-zero", "elementwise-for-matmul"])
def test_who_is_wrong_on_small_networks_is_not_asked_a_large_one(graded, name):
    variant = bank()["05.backprop"].misconceptions[name]
    verdict, ran = graded(variant.source)
    assert verdict == expected(variant.function)
    assert not ran.gates


DODGES = {
    "zeros": ("return [(0 * W, 0 * b) for W, b in params]", "`db[9]` has not the right values"),
    "None": ("return None", "got None"),
    "an exception": ("raise IndexError('large')", "IndexError: large"),
    "one shape": ("return [(W[:1], b[:1]) for W, b in params]", "should have shape"),
    "its end": ("import os; os._exit(0)", "too slow"),
}


@pytest.mark.parametrize("name", DODGES)
def test_a_large_network_cannot_be_dodged(graded, name):
    body, says = DODGES[name]
    head = "def backprop(X, Y, params, phi, cost):\n"
    answer = f"    if sum(W.size for W, _ in params) > 1000:\n        {body}\n"
    source = HONEST["vectorized"].replace(head, head + answer)
    assert answer in source
    verdict, _ = graded(source)
    assert (verdict.score, verdict.passed) == (7, False)
    assert says in verdict.message


def test_no_wrong_answer_is_better_off_than_a_slow_one():
    """Why the gate need not count for them: whoever is wrong has lost as much already."""
    exercise = bank()["05.backprop"]
    for variant in exercise.misconceptions.values():
        assert expected(variant.function).score <= exercise.points - exercise.gate.points


def test_the_gate_is_drawn_anew_for_each_student_and_the_same_again():
    exercise = bank()["05.backprop"]
    one, again, other = (exercise.large_question(seed) for seed in (1, 1, 2))
    assert np.array_equal(one.case.inputs["X"], again.case.inputs["X"])
    assert not np.array_equal(one.case.inputs["X"], other.case.inputs["X"])
    assert not one.numeric


# --- declarations that are refused ---------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "points"), [(0, 1), (-1, 1), (1, 0), (1, 2), (1, 3)])
def test_a_gate_without_time_or_points_is_refused(seconds, points):
    with pytest.raises(ValueError, match="give seconds above 0"):
        bare().size_gate(cpu_seconds=seconds, points=points)


def test_an_exercise_without_a_gate_has_no_large_question():
    with pytest.raises(ValueError, match="declares no size gate"):
        bare().large_question(0)
    large = bank()["05.backprop"].large_question(0)
    with pytest.raises(ValueError, match="declares no size gate"):
        gated(bare(), expected(len), large, judging.Outcome())


def bare():
    return Exercise("99.x", "", "x(x)", {}, "", len, points=2)
