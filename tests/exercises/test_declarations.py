"""The bank's own tests: what every declaration must have, and that a bad one is refused."""

import ast
import builtins
import dis
import importlib
import inspect
import pkgutil
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import bplib.exercises
from bplib.exercises.bank import bank, of_unit
from bplib.exercises.bank import exercise as find
from bplib.exercises.catalogue import CATALOGUE, entry
from bplib.exercises.exercise import Case, Exercise, Variant
from bplib.exercises.families import FAMILIES, Family, family

# The design's table, by step; a row that disappears from the catalogue must be missed.
ROWS = {
    "A": "sigmoid-slope-from-z slope-at-activation tanh-slope-linear sigmoid-slope-for-tanh "
    "leaky-slope-dropped elu-slope-constant mask-from-upstream mask-from-previous-layer "
    "relu-slope-is-activation relu-kink-one maxout-both-branches exp-overflow",
    "F": "row-minus-column bias-per-example overwrites-z weights-transposed "
    "extra-output-activation",
    "O": "output-slope-missing slope-not-cancelled sign-flipped factor-two batch-mean-missing "
    "batch-mean-twice divides-by-units error-is-prediction softmax-diagonal",
    "H": "weights-transposed hidden-slope-missing next-layer-slope own-weights updated-weights "
    "elementwise-for-matmul unweighted-sum absolute-weights output-error-everywhere "
    "mean-per-layer slope-twice",
    "P": "batch-mean-twice gradient-from-own-activation gradient-from-weighted-input "
    "gradient-transposed bias-not-summed bias-summed-over-units bias-averaged bias-times-input "
    "bias-zero bias-times-bias first-example-only first-layer-skipped",
    "R": "penalty-missing penalty-factor penalty-wrong-shape bias-penalised penalty-scale "
    "penalty-sign",
    "U": "ascent gradients-accumulate short-batch alias",
    "N": "step-too-small step-too-large one-sided float32-difference absolute-tolerance "
    "entry-not-restored at-the-kink",
}
# Right implementations that each exercise must have, in texts of its own.
STYLES = 5
UNITS = [
    module.name
    for module in pkgutil.iter_modules(bplib.exercises.__path__)
    if module.name.startswith("unit_")
]


def outside_names(code: types.CodeType) -> Iterator[str]:
    """The global names that a compiled text uses, and whatever it imports, besides builtins."""
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME", "STORE_GLOBAL") and (
            step.opname == "IMPORT_NAME" or not hasattr(builtins, step.argval)
        ):
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from outside_names(constant)


def complaints(exercise: Exercise) -> list[str]:
    """What a declaration lacks, or has wrong; empty for a good one."""
    wrong = []
    if exercise.draw is None:
        wrong.append("no cases")
    if exercise.nudge is None:
        wrong.append("no numerical oracle")
    texts = {ast.unparse(ast.parse(style.source)) for style in exercise.styles.values()}
    if len(texts) < STYLES:
        wrong.append(f"needs {STYLES} styles, has {len(texts)}")
    if "vectorized" not in exercise.styles:
        wrong.append("no vectorized style")
    if not exercise.misconceptions:
        wrong.append("no misconception")
    wrong += [f"unknown: {name}" for name in exercise.misconceptions if name not in CATALOGUE]
    known = {f.name for f in FAMILIES}
    wrong += [f"unknown family {name}" for name in exercise.families if name not in known]
    wrong += [f"{name} is not drawn" for name in exercise.visible if name not in exercise.families]
    if not exercise.visible:
        wrong.append("nothing visible")
    if exercise.points < 1 or exercise.points != int(exercise.points):
        wrong.append(f"points {exercise.points}")
    wrong += [
        f"no {name}"
        for name in ("title", "equation", "notice", "returns")
        if not getattr(exercise, name)
    ]
    for variant in (*exercise.styles.values(), *exercise.misconceptions.values()):
        signature = f"{exercise.name}{inspect.signature(variant.function)}"
        if signature != exercise.call:
            wrong.append(f"{variant.name}: signature {signature}")
        used = set(outside_names(variant.function.__code__)) - {"np", exercise.name}
        if used:
            wrong.append(f"{variant.name}: uses {', '.join(sorted(used))}")
    return wrong


def test_the_declaration_is_complete(exercise: Exercise) -> None:
    assert complaints(exercise) == []


def test_every_misconception_has_a_hint_that_gives_nothing_away(exercise: Exercise) -> None:
    for name, found in exercise.hints().items():
        assert found is entry(name)
        assert found.hint.endswith(("?", "."))
        for style in exercise.styles.values():
            for line in style.source.splitlines():
                text = line.partition("return ")[2] or line.partition("= ")[2]
                assert len(text) < 6 or text not in found.hint


def test_the_id_names_the_unit_and_the_function(exercise: Exercise) -> None:
    assert exercise.id == f"{exercise.unit}.{exercise.name}"
    homes = [
        module
        for module in UNITS
        if any(
            value is exercise
            for value in vars(importlib.import_module(f"bplib.exercises.{module}")).values()
        )
    ]
    assert len(homes) == 1
    assert homes[0].startswith(f"unit_{exercise.unit}_")
    assert find(exercise.id) is exercise


def test_every_family_draws_inputs_in_the_order_of_the_call(exercise: Exercise) -> None:
    names = exercise.call.partition("(")[2].removesuffix(")").split(", ")
    for name in exercise.families:
        assert exercise.draw is not None
        case = exercise.draw(np.random.default_rng(3), family(name))
        assert list(case.inputs) == names
        assert case.m == 1 if name == "one-example" else case.m >= 1


def test_the_same_seed_asks_the_same_questions(exercise: Exercise, quick: Any) -> None:
    first, again, other = (quick(exercise, seed) for seed in (5, 5, 6))
    assert [q.label for q in first] == [q.label for q in again]

    def numbers(questions: Any) -> list[float]:
        return [x for q in questions for a in q.right.values() for x in a.ravel()]

    assert numbers(first) == numbers(again)
    assert numbers(first) != numbers(other)


def test_the_bank_has_units_in_order_and_no_id_twice() -> None:
    assert list(bank()) == list(dict.fromkeys(bank()))
    units = [exercise.unit for exercise in bank().values()]
    assert units == sorted(units)
    assert set(units) == {name.split("_")[1] for name in UNITS}


@pytest.mark.parametrize("step", ROWS)
def test_every_row_of_the_design_is_in_the_catalogue(step: str) -> None:
    present = {name for name, found in CATALOGUE.items() if step in found.steps}
    assert set(ROWS[step].split()) <= present


def test_every_entry_of_the_catalogue_is_used_and_says_what_it_is() -> None:
    used = {name for exercise in bank().values() for name in exercise.misconceptions}
    assert set(CATALOGUE) - used == set()
    for found in CATALOGUE.values():
        assert found.steps
        assert found.steps.isupper()
        assert found.wrong
        assert found.hint


# --- negative tests: a bad declaration is refused ------------------------------------------------


def good() -> Exercise:
    """A complete little exercise, to be spoiled."""
    made = Exercise(
        id="99.double",
        title="Twice",
        call="double(x)",
        returns={"y": "(m, n)"},
        equation="doubling",
        reference=lambda x: 2 * x,
        points=1,
        notice="Twice is twice.",
    )

    @made.cases
    def draw(rng: np.random.Generator, family: Family) -> Case:
        return Case(inputs={"x": family.upstream(rng, (2, 3))}, m=2)

    made.numeric(lambda x: x + x)
    for name, text in {
        "vectorized": "2 * x",
        "sum": "x + x",
        "einsum": "np.einsum('ij->ij', 2 * x)",
        "ones": "(np.ones(x.shape) + 1) * x",
        "loops": "[[v + v for v in row] for row in x]",
    }.items():
        made.styles[name] = Variant(name, f"def double(x):\n    return {text}\n", "double")
    made.slip("factor-two", ("2 * x", "4 * x"))
    return made


def test_a_good_declaration_is_accepted() -> None:
    assert complaints(good()) == []


def spoil_styles(e: Exercise) -> None:
    e.styles.pop("einsum")


def spoil_twin(e: Exercise) -> None:
    """The same text under another name is no style of its own."""
    e.styles["einsum"] = Variant("einsum", e.styles["sum"].source + "\n# twin\n", "double")


def spoil_signature(e: Exercise) -> None:
    e.styles["sum"] = Variant("sum", "def double(z):\n    return z + z\n", "double")


def spoil_names(e: Exercise) -> None:
    e.styles["sum"] = Variant("sum", "def double(x):\n    return nn.twice(x)\n", "double")


def spoil_import(e: Exercise) -> None:
    text = "def double(x):\n    import os\n    return x + x\n"
    e.styles["sum"] = Variant("sum", text, "double")


def spoil_inner_name(e: Exercise) -> None:
    text = "def double(x):\n    return [math.fsum([v, v]) for v in x]\n"
    e.styles["sum"] = Variant("sum", text, "double")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda e: setattr(e, "draw", None), "no cases"),
        (lambda e: setattr(e, "nudge", None), "no numerical oracle"),
        (spoil_styles, "needs 5 styles, has 4"),
        (spoil_twin, "needs 5 styles, has 4"),
        (lambda e: e.styles.pop("vectorized"), "no vectorized style"),
        (lambda e: e.misconceptions.clear(), "no misconception"),
        (lambda e: setattr(e, "families", ("ordinary", "odd")), "unknown family odd"),
        (lambda e: setattr(e, "families", ("ordinary",)), "equal-widths is not drawn"),
        (lambda e: setattr(e, "visible", ()), "nothing visible"),
        (lambda e: setattr(e, "points", 0), "points 0"),
        (lambda e: setattr(e, "notice", ""), "no notice"),
        (spoil_signature, "sum: signature double(z)"),
        (spoil_names, "sum: uses nn"),
        (spoil_import, "sum: uses os"),
        (spoil_inner_name, "sum: uses math"),
    ],
)
def test_a_spoiled_declaration_is_refused(spoil: Callable[[Exercise], Any], says: str) -> None:
    made = good()
    spoil(made)
    assert says in complaints(made)


def test_an_unknown_misconception_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match=r"no misconception 'typo'; the catalogue has: .*slope-"):
        good().misconception("typo")
    with pytest.raises(ValueError, match="no misconception 'typo'"):
        good().slip("typo", ("2", "3"))


@pytest.mark.parametrize(("old", "count"), [("3 * x", 0), ("x", 2)])
def test_an_edit_needs_exactly_one_place(old: str, count: int) -> None:
    with pytest.raises(ValueError, match=rf"occurs {count} times in style 'vectorized'"):
        good().slip("sign-flipped", (old, "y"))


@pytest.mark.parametrize("part", ["draw", "nudge"])
def test_no_question_without_cases_or_oracle(part: str) -> None:
    made = good()
    setattr(made, part, None)
    with pytest.raises(ValueError, match=r"99\.double declares no cases or no numerical oracle"):
        list(made.questions(0))


def test_two_exercises_with_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = importlib.import_module(f"bplib.exercises.{UNITS[0]}")
    twin = good()
    twin.id = next(iter(bank()))
    monkeypatch.setattr(unit, "twin", twin, raising=False)
    with pytest.raises(ValueError, match=f"two exercises have the id '{twin.id}'"):
        of_unit.__wrapped__(twin.unit)


def test_an_exercise_in_the_module_of_another_unit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = importlib.import_module(f"bplib.exercises.{UNITS[0]}")
    monkeypatch.setattr(unit, "stray", good(), raising=False)
    with pytest.raises(ValueError, match=r"99\.double' stands in unit_01\w+, of another unit"):
        of_unit.__wrapped__("01")


@pytest.mark.parametrize("name", ["04.nothing", "", None, 4, ["04.hidden_error"]])
def test_an_unknown_exercise_is_refused_with_the_list(name: Any) -> None:
    with pytest.raises(ValueError, match=r"no exercise .*; the exercises are: .*04\.hidden_error,"):
        find(name)


def test_an_unknown_family_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match=r"no family 'odd'; the families are: ordinary, "):
        family("odd")


def test_a_situation_says_m_only_where_it_has_several_examples() -> None:
    labels = {
        name: {q.family.name: q.label for q in find(name).questions(0)}
        for name in ("05.backprop", "06.price", "08.init_normal", "09.he")
    }
    assert labels["05.backprop"]["one-example"].startswith("X (1, ")
    assert labels["05.backprop"]["ordinary"].startswith("m = ")
    assert labels["06.price"]["ordinary"].startswith("n_prev ")
    assert set(labels["08.init_normal"].values()) == {""}
    assert labels["09.he"]["equal-widths"].startswith("draws ")
