"""The proof of the hidden tests, and that it sees what it is there to see."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bplib.authoring.proof import proof
from bplib.authoring.proof.equivalents import LIST, read_equivalents, reason, stale
from bplib.authoring.proof.findings import STYLES, TARGET, Proof
from bplib.authoring.proof.honest import honest_variants
from bplib.authoring.proof.measures import Measures, add, short_of
from bplib.authoring.proof.page import page
from bplib.authoring.proof.run import chosen, gather
from bplib.authoring.proof.show import show, sign
from bplib.authoring.proof.subjects import Subject, master_of, subjects
from bplib.authoring.proof.trials import (
    Failure,
    Fate,
    exposed,
    fresh,
    limit_memory,
    try_mutants,
    try_seeds,
)
from bplib.cli import app
from bplib.exercises.bank import bank
from bplib.exercises.exercise import Exercise, Variant
from bplib.exercises.judge import ask, assess, drawn

ROOT = Path(__file__).parents[2]
EXAMPLE = "04.hidden_error"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The proof of one unit over a few seeds, by two processes, with its files."""
    out = tmp_path_factory.mktemp("proof")
    console = Console(width=100, record=True)
    return proof(ROOT, ["04"], 3, out, 2, console), out, console.export_text()


def test_the_proof_of_a_unit_has_no_gap(found):
    result, _, shown = found
    assert result.gaps == []
    assert result.caught == len(result.catalog) >= 20
    assert result.failures == []
    assert result.tried == sum(3 * len(honest_variants(e)) for e in chosen(["04"]))
    assert result.mutation_score >= TARGET
    assert len(result.fates) > 100
    assert "Which family of cases kills which bug" in shown
    assert "misconceptions named" in shown
    assert result.measures["singles"]["asked"] == 2 * 3 * len(result.catalog)
    assert "GAP" not in shown


def test_the_matrix_counts_seeds(found):
    trial = found[0].trials[EXAMPLE]
    assert trial.seeds == 3
    assert trial.killed["mean-per-layer"]["ordinary"] == 3
    assert trial.killed["mean-per-layer"]["one-example"] == 0
    assert trial.killed["hidden-slope-missing"]["zero-upstream"] == 0
    assert sign(trial, "mean-per-layer", "ordinary") == "all"
    assert sign(trial, "mean-per-layer", "one-example") == "-"
    assert sign(trial, "mean-per-layer", "no such family") == ""


def test_the_json_says_it_all(found):
    result, out, _ = found
    data = json.loads((out / "proof.json").read_text(encoding="utf-8"))
    assert data["summary"]["mutation score"] == round(result.mutation_score, 4)
    assert len(data["mutants"]) == len(result.fates)
    assert set(data["exercises"]) == {e.id for e in chosen(["04"])}


class Page(HTMLParser):
    """Counts tags, and looks for what a page that works offline must not have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.headers: list[dict[str, str | None]] = []
        self.outside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "th":
            self.headers.append(dict(attrs))
        self.outside += [v for name, v in attrs if name in ("src", "href")]


def test_the_page_is_accessible_and_self_contained(found):
    result, out, _ = found
    text = (out / "proof.html").read_text(encoding="utf-8")
    seen = Page(text)
    assert seen.outside == []
    assert "script" not in seen.tags
    assert seen.headers
    assert all(header.get("scope") in ("col", "row") for header in seen.headers)
    assert seen.tags.count("caption") == seen.tags.count("table")
    assert 'name="viewport"' in text
    assert seen.tags.count("tr") > len(result.catalog)


def test_what_stands_on_the_page_is_escaped(found):
    result = Proof(dict(found[0].trials), {}, broken=["<script>alert(1)</script>"])
    assert "<script>" not in page(result)


def test_the_number_of_processes_changes_nothing():
    one, two = (
        gather(ROOT, [bank()["05.bias_gradient"]], 21, jobs, Console(quiet=True)) for jobs in (1, 2)
    )
    assert one.to_json() == two.to_json()
    assert one.trials["05.bias_gradient"].seeds == 21


@pytest.mark.parametrize("exercise_id", list(bank()))
def test_every_exercise_has_five_right_styles_and_no_false_failure(exercise_id):
    """The whole bank on one seed each; `bplib proof` takes a thousand."""
    trial = try_seeds(exercise_id, [4321])
    assert len(set(trial.honest)) == len(trial.honest)
    assert trial.styles >= STYLES
    assert trial.failures == []
    assert [name for name, seeds in trial.escaped.items() if seeds] == []


def test_exposed_agrees_with_the_judge(exercise: Exercise) -> None:
    questions = drawn(exercise.id, 0)
    for variant in (*exercise.styles.values(), *exercise.misconceptions.values()):
        outcomes = ask(exercise, questions, variant.function)
        verdict = assess(exercise, questions, outcomes)
        assert bool(exposed(exercise, questions, outcomes)) == (verdict.score < exercise.points)


# --- mutants ---


def test_the_masters_own_solution_is_mutated():
    found = subjects(bank()["05.backprop"], master_of(ROOT, "05"))
    assert [subject.origin for subject in found] == ["master", "vectorized", "loops"]
    assert "def weight_gradient" in found[0].helpers
    assert "BEGIN" not in found[0].source
    assert "def backprop" not in found[0].helpers


def test_a_helper_is_what_the_solution_reads_and_does_not_bind_itself(tmp_path):
    """A name that a function binds is its own, also if an earlier cell gives it a value."""
    master = tmp_path / "05-x.py"
    cells = [
        "h = 1e-5\nunused = 2\nscale = 1\nprint('a worked example')",
        "def helper(x, h):\n    return x * scale",
        "def bias_gradient(delta):\n    h = 0\n    return helper(delta.sum(axis=0), h)",
        'check("05.bias_gradient", bias_gradient)',
    ]
    master.write_text("\n\n".join(f"# %%\n{cell}" for cell in cells) + "\n")
    subject = subjects(bank()["05.bias_gradient"], master)[0]
    assert subject.helpers == "scale = 1\ndef helper(x, h):\n    return x * scale"


def test_without_a_master_styles_of_the_bank_are_mutated(tmp_path):
    assert master_of(tmp_path, "05") is None
    found = subjects(bank()["05.backprop"], None)
    assert [subject.origin for subject in found] == ["vectorized", "loops"]


def test_a_solution_that_is_wrong_is_refused():
    wrong = Subject(EXAMPLE, "x", "hidden_error", "def hidden_error(W, d, s):\n    return d @ W\n")
    with pytest.raises(ValueError, match=r"04\.hidden_error: the solution \(x\) is wrong"):
        try_mutants(wrong, range(1))


def test_a_mutant_that_never_ends_is_caught(monkeypatch):
    monkeypatch.setattr("bplib.authoring.proof.trials.PATIENCE", 0.2)
    source = (
        "def bias_gradient(delta):\n    i = 0\n    while i < 1:\n        i = i + 1\n"
        "    return delta.sum(axis=0)\n"
    )
    fates = try_mutants(Subject("05.bias_gradient", "x", "bias_gradient", source), range(1))
    endless = [fate for fate in fates if fate.becomes == "i = i - 1"]
    assert [fate.killed for fate in endless] == [1]


def test_what_the_tests_let_pass_is_seen():
    """A solution with a line that does nothing: its mutants survive, and are gaps."""
    source = "def bias_gradient(delta):\n    n = 3\n    return delta.sum(axis=0)\n"
    fates = try_mutants(Subject("05.bias_gradient", "x", "bias_gradient", source), range(2))
    result = Proof({}, {}, fates)
    assert {f.name for f in result.unexplained} == {
        "n = 3 → n = 4",
        "n = 3 → n = 2",
        "n = 3 → pass",
    }
    assert len(result.gaps) == 3
    known = {"05.bias_gradient": dict.fromkeys((f.name for f in result.unexplained), "n is unused")}
    explained = Proof({}, known, fates)
    assert explained.gaps == []
    assert explained.mutation_score == 1 > result.mutation_score


# --- the list of equivalent mutants ---

CAUGHT = Fate("04.hidden_error", "x", "operator", "a + b", "a - b", 5, 5, ("ordinary",))
SURVIVED = replace(CAUGHT, becomes="b + a", killed=0, families=())
LUCKY = replace(CAUGHT, becomes="a * b", killed=2)


def test_the_reviewed_list_names_exercises_of_the_bank_and_gives_reasons():
    known = read_equivalents(LIST)
    assert set(known) <= set(bank())
    assert all(" → " in mutant for reasons in known.values() for mutant in reasons)


def test_an_entry_without_a_reason_is_refused(tmp_path):
    path = tmp_path / "list.toml"
    path.write_text('["04.hidden_error"]\n"a → b" = " "\n')
    with pytest.raises(ValueError, match="say why 'a → b' is equivalent"):
        read_equivalents(path)


def test_a_listed_mutant_that_is_caught_or_gone_is_reported():
    known = {EXAMPLE: {"a + b → a - b": "no", "a + b → b + a": "yes", "x → y": "old"}}
    said = stale([CAUGHT, SURVIVED], known)
    assert said == [
        "04.hidden_error: a + b → a - b: listed as equivalent, but it was caught",
        "04.hidden_error: x → y: listed as equivalent, but there is no such mutant any more",
    ]
    assert stale([], known) == []
    assert reason(SURVIVED, known) == "yes"


def test_a_mutant_caught_by_luck_is_a_gap_even_if_it_is_listed():
    result = Proof({}, {EXAMPLE: {LUCKY.name: "it is not"}}, [CAUGHT, LUCKY])
    assert result.unexplained == [LUCKY]
    assert result.mutation_score == 0.5
    assert any("caught in 2 of 5 seeds" in gap for gap in result.gaps)


def test_every_kind_of_gap_is_said():
    trial = fresh(bank()[EXAMPLE])
    trial.seeds = 2
    trial.styles = 4  # of five, whatever the number of variations
    trial.failures.append(Failure(EXAMPLE, "loops", 7, "two\nlines"))
    trial.escaped["slope-twice"] = [1]
    result = Proof({EXAMPLE: trial}, {}, [SURVIVED], broken=["broken"])
    console = Console(width=100, record=True)
    show(result, console)
    shown = console.export_text()
    assert len(result.gaps) == 5
    for said in ("broken", "4 right styles, not 5", "two lines", "escapes in 1 of 2", "0 of 5"):
        assert said in shown
    assert page(result).count('<li class="open">') == 5


def test_measures_add_up_and_are_held_to_their_targets():
    total: Measures = {}
    for good in (9, 10):
        part = {"asked": 10, "good": good, "possible": 12, "failures": ["x"] * (10 - good)}
        add(total, {"singles": part, "first step": {**part}})
    assert total["singles"]["share"] == 0.95
    assert total["singles"]["possible"] == 24
    assert short_of(total) == ["misconceptions named: 95.00%, not 99%; first: x"]
    assert Proof({}, {}, measures=total).gaps == short_of(total)
    assert "misconceptions named" in page(Proof({}, {}, measures=total))


def test_trials_add_up():
    one, two = try_seeds("05.bias_gradient", [0, 1]), try_seeds("05.bias_gradient", [2])
    one.add(two)
    assert one == try_seeds("05.bias_gradient", [0, 1, 2])


def test_a_wrong_judge_is_noticed(monkeypatch):
    """A style that is not right, among the honest ones, is a false failure."""
    exercise = bank()["05.bias_gradient"]
    wrong = Variant("wrong", "def bias_gradient(delta):\n    return delta[0]\n", "bias_gradient")
    monkeypatch.setitem(exercise.styles, "wrong", wrong)
    trial = try_seeds(exercise.id, [0])
    assert [failure.name for failure in trial.failures] == ["wrong"]


# --- the command ---


def test_units_are_chosen_by_number_or_name():
    ids = {e.unit for e in chosen(["04,05-backpropagation"])}
    assert ids == {"04", "05"}
    assert chosen([]) == list(bank().values())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--units", "99"], "no unit '99' in the bank"), (["--seeds", "0"], "at least one seed")],
)
def test_mistakes_are_one_message(arguments, said):
    result = CliRunner().invoke(app, ["proof", *arguments])
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize(("broken", "status"), [([], 0), (["a gap"], 1)])
def test_the_exit_status_says_whether_there_is_a_gap(monkeypatch, broken, status):
    result = Proof({}, {}, broken=broken)
    monkeypatch.setattr("bplib.authoring.proof.proof", lambda *arguments: result)
    assert CliRunner().invoke(app, ["proof"]).exit_code == status


def test_memory_can_be_limited_on_linux():
    """Tried in a process of its own, since a limit cannot be taken back."""
    import subprocess
    import sys

    code = (
        "import numpy as np\n"
        "from bplib.authoring.proof.trials import limit_memory\n"
        "limit_memory()\n"
        "try:\n    np.zeros(2**34)\nexcept MemoryError:\n    print('refused')\n"
    )
    assert callable(limit_memory)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert sys.platform != "linux" or done.stdout == "refused\n"
