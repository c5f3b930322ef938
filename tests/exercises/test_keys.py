"""Answer keys: what a tutor needs, and no answer and no solution."""

import copy
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bplib import wire
from bplib.authoring.build import KEYS, same, write_keys
from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise
from bplib.exercises.keys import key, visible_questions
from bplib.fingerprints import SMALL
from bplib.tutor.check import answer
from bplib.tutor.diagnosis import KEY_TOLERANCE
from bplib.tutor.key import Key, parse

# Of a wrong answer; empty where its code fails.
HASH = re.compile(r"([0-9a-f]{16})?")


@pytest.fixture(scope="module")
def made(exercise: Exercise) -> dict[str, Any]:
    """The key as it would be read from its file."""
    return json.loads(json.dumps(key(exercise)))


@pytest.fixture(scope="module")
def parsed(made: dict[str, Any]) -> Key:
    return parse(made)


def numbers(value: Any, skip: str = "") -> Iterator[float]:
    """All numbers in JSON values, but not those under the name `skip`."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name != skip:
                yield from numbers(part, skip)
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part, skip)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def shown(entry: float, seen: np.ndarray) -> bool:
    return bool(np.isclose(seen, entry, rtol=1e-7, atol=0).any())


def leaks(made: dict[str, Any], exercise: Exercise) -> list[str]:
    """The names of right arrays one of whose entries stands in the key, outside of the inputs."""
    found = []
    for question, case in zip(visible_questions(exercise), made["cases"], strict=True):
        rest = np.array(list(numbers({**case, "label": ""}, skip="inputs")))
        for name, right in question.right.items():
            entries = [x for x in right.ravel() if not float(x).is_integer()]
            if any(shown(x, rest) for x in entries):
                found.append(name)
    return found


def test_no_entry_of_a_right_answer_stands_in_the_key(
    made: dict[str, Any], exercise: Exercise
) -> None:
    assert leaks(made, exercise) == []


@pytest.mark.parametrize("place", ["right", "hints"])
def test_a_leak_would_be_found(place: str) -> None:
    exercise = bank()["04.hidden_error"]
    spoiled = json.loads(json.dumps(key(exercise)))
    entry = float(visible_questions(exercise)[0].right["delta"][0, 1])
    if place == "right":
        spoiled["cases"][0]["right"]["delta"]["projections"][2] = entry
    else:
        spoiled["cases"][0]["note"] = [entry]
    assert leaks(spoiled, exercise) == ["delta"]


def lines_of(source: str) -> list[str]:
    lines = [line.strip().removeprefix("return ") for line in source.splitlines()[1:]]
    return [line for line in lines if len(line) > 8]


def test_no_solution_stands_in_the_key(made: dict[str, Any], exercise: Exercise) -> None:
    text = json.dumps(made, ensure_ascii=False)
    for variant in (*exercise.styles.values(), *exercise.misconceptions.values()):
        for line in lines_of(variant.source):
            assert line not in text
    assert f"def {exercise.name}" not in text


def test_a_key_holds_what_a_tutor_needs(made: dict[str, Any], exercise: Exercise) -> None:
    assert set(made) == {
        "id", "title", "call", "equation", "by_line", "notice", "hints", "pairs", "cases",
    } | ({"forbid_warnings"} if exercise.forbid_warnings else set())  # fmt: skip
    assert list(made["hints"]) == list(exercise.misconceptions)
    assert len(made["cases"]) == len(exercise.visible)
    for case in made["cases"]:
        assert set(case) == {
            "family", "label", "m", "inputs", "labels", "right", "wrong", "pairs"
        }  # fmt: skip
        assert set(case["wrong"]) == set(exercise.misconceptions)
        assert len(case["pairs"]) == len(made["pairs"])
        for signed in (*case["wrong"].values(), *case["pairs"]):
            assert HASH.fullmatch(signed)
    for one, other in made["pairs"]:
        assert 0 <= one < other < len(made["hints"])


def test_a_key_holds_far_fewer_numbers_than_the_answer_has(
    made: dict[str, Any], exercise: Exercise
) -> None:
    """Each number is one equation for the entries; of few entries there is only a hash.

    Of wrong answers there are hashes alone (`test_a_key_holds_what_a_tutor_needs`). Dot products of
    them would be equations as well, for somebody who knows what a mistake does to the right answer:
    in 05.backprop they came to as many as the answer has entries.
    """
    for case in made["cases"]:
        for found in case["right"].values():
            entries = math.prod(found["shape"])
            told = [
                x
                for name, part in found.items()
                if name not in ("shape", "vector")
                for x in numbers(part)
            ]
            assert len(told) <= entries / 2
            assert bool(told) == (entries >= SMALL)
            assert ("seal" in found) == (entries < SMALL)


def test_a_key_stays_small(made: dict[str, Any]) -> None:
    assert len(json.dumps(made, ensure_ascii=False)) < 100_000


def test_a_key_survives_the_file(parsed: Key, exercise: Exercise) -> None:
    for name in ("id", "title", "call", "equation", "by_line", "notice"):
        assert getattr(parsed, name) == getattr(exercise, name)
    for case, question in zip(parsed.cases, visible_questions(exercise), strict=True):
        assert list(case.inputs) == list(question.case.inputs)
        for name, value in question.case.inputs.items():
            assert wire.encode(case.inputs[name]) == wire.encode(value)
        assert case.labels == question.labels
        for name, right in question.right.items():
            assert case.right[name].matches(right, KEY_TOLERANCE)
            assert not case.right[name].matches(right + 1e-3, KEY_TOLERANCE)


def test_making_it_again_makes_the_same(made: dict[str, Any], exercise: Exercise) -> None:
    assert same(made, key(exercise))


def test_visible_cases_are_not_the_hidden_ones(exercise: Exercise) -> None:
    """Inputs are rounded, so that a key stays readable."""
    for question in visible_questions(exercise):
        for value in question.case.inputs.values():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(value, np.round(value, 6))


def test_the_tutor_finds_every_style_right(parsed: Key, exercise: Exercise) -> None:
    for style in exercise.styles.values():
        card = answer(parsed, style.function)
        assert card.right, str(card)
        assert card.hint == ""
        assert exercise.notice in str(card)


def test_the_tutor_sees_and_names_every_misconception(parsed: Key, exercise: Exercise) -> None:
    """In the visible cases alone: a mistake that they hide would be told "right".

    Where it only raises (a transpose, with prime widths) its line is shown instead of a name.
    """
    unseen = []
    for name, wrong in exercise.misconceptions.items():
        card = answer(parsed, wrong.function)
        gave = any(len(case.wrong[name]) for case in parsed.cases)
        if card.right or (gave and card.hint != parsed.hints[name]):
            unseen.append(name)
    assert unseen == []


# --- same ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1.0, 1.0 + 1e-10),
        (1.0, 1),
        (1e-12, -1e-12),
        ([1.5, {"a": 2.5}], [1.5 + 1e-11, {"a": 2.5}]),
        ("text", "text"),
        (None, None),
        (True, True),
    ],
)
def test_same(old: Any, new: Any) -> None:
    assert same(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (1.0, 1.0 + 1e-6),
        (1, 2),
        ([1.5], [1.5, 1.5]),
        ({"a": 1.5}, {"b": 1.5}),
        ({"a": 1.5}, {"a": 1.5, "b": 1}),
        ([1.5], {"a": 1.5}),
        (1.5, "1.5"),
        (1.5, None),
        ("text", "texts"),
        (float("nan"), 1.0),
    ],
)
def test_not_same(old: Any, new: Any) -> None:
    assert not same(old, new)
    assert not same(new, old)


# --- the files -----------------------------------------------------------------------------------


def test_the_files_are_those_of_the_bank(made: dict[str, Any], exercise: Exercise) -> None:
    """If this fails after a change of the bank, run `bplib build`."""
    file = KEYS / f"{exercise.id}.json"
    assert file.is_file(), f"{file.name} is missing: run `bplib build`"
    assert same(json.loads(file.read_text(encoding="utf-8")), made)


def test_there_is_no_file_too_many() -> None:
    assert {file.stem for file in KEYS.iterdir()} == set(bank())


def test_write_keys_writes_what_changed_and_removes_what_is_gone(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: bank()[name] for name in ("05.weight_gradient", "05.bias_gradient")}
    monkeypatch.setattr("bplib.authoring.build.bank", lambda: few)
    write_keys(tmp_path / "keys")
    assert sorted(f.stem for f in (tmp_path / "keys").iterdir()) == sorted(few)

    kept, spoiled = (tmp_path / "keys" / f"{name}.json" for name in few)
    text = kept.read_text(encoding="utf-8")
    nearly, wrong = copy.deepcopy(json.loads(text)), json.loads(spoiled.read_text("utf-8"))
    prints = nearly["cases"][0]["right"]["dW"]["projections"]
    prints[0] += 1e-11  # as another processor would sum it
    kept.write_text(json.dumps(nearly), encoding="utf-8")
    wrong["title"] = "Other"
    spoiled.write_text(json.dumps(wrong), encoding="utf-8")
    (tmp_path / "keys" / "99.gone.json").write_text("{}", encoding="utf-8")

    write_keys(tmp_path / "keys")
    assert json.loads(kept.read_text("utf-8")) == nearly
    assert json.loads(spoiled.read_text("utf-8"))["title"] == few["05.bias_gradient"].title
    assert not (tmp_path / "keys" / "99.gone.json").exists()
