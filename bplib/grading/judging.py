"""Runs a rebuilt notebook in a session, asks the judge's questions, and scores it afterwards.

The questions of an exercise are asked when its test cell is reached, with the answers of that
moment. Verdicts are made by `Ran.verdicts`, from the collected arrays alone: call it after the
session is closed and the student's process is dead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bplib.answers import Outcome
from bplib.exercises.bank import exercise as find
from bplib.exercises.exercise import Exercise, Question
from bplib.exercises.grade import MIME
from bplib.exercises.judge import Verdict, assess
from bplib.exercises.notes import all_right
from bplib.grading.engine.types import Call
from bplib.grading.gate import gated
from bplib.grading.notebooks import Notebook
from bplib.grading.scoring import Score, score
from bplib.grading.secret import exercise_seed
from bplib.grading.skeleton import Skeleton

__all__ = ["ASK_CPU", "Asker", "Ran", "apply", "run", "zero"]

# CPU time for one question; an honest answer takes milliseconds.
ASK_CPU = 2.0
BPLIB = "bplib"


class Asker(Protocol):
    """What runs cells and answers questions: bplib.grading.engine.Session."""

    def run_cell(self, source: str) -> Any:
        """Return the CellRun of one cell."""

    def ask_all(
        self, name: str, calls: Sequence[Call], cpu_limit: float, lines: bool = False
    ) -> list[Outcome]:
        """Return the outcomes of calls of a function of the notebook."""


@dataclass(frozen=True)
class Ran:
    """Return what came of the cells, by cell id, and of the questions, by grade_id.

    gates: the large case of the exercises that have one, asked last if all others were right.
    """

    runs: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, tuple[str, Sequence[Question], Sequence[Outcome]]] = field(
        default_factory=dict
    )
    gates: dict[str, tuple[Question, Outcome]] = field(default_factory=dict)

    def verdicts(self) -> dict[str, Verdict]:
        """Return the verdict of every judged cell by grade_id."""
        found = {}
        with np.errstate(all="ignore"):
            for name, (exercise_id, questions, outcomes) in self.asked.items():
                exercise = find(exercise_id)
                found[name] = assess(exercise, questions, outcomes)
                if name in self.gates:
                    found[name] = gated(exercise, found[name], *self.gates[name])
        return found

    @property
    def ended(self) -> list[str]:
        """Return a line about each cell that did not end by itself."""
        return list(dict.fromkeys(run.note for run in self.runs.values() if run.ended))


def run(notebook: Notebook, skeleton: Skeleton, key: bytes, session: Asker) -> Ran:
    """Return what came of running all code cells in order; `key` seeds the questions."""
    exercises = {part.name: part.exercise for part in skeleton.parts if part.exercise}
    ran = Ran()
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        ran.runs[cell["id"]] = session.run_cell(cell["source"])
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in exercises:
            ran.asked[name] = _asked(exercises[name], key, session)
            exercise = find(exercises[name])
            if exercise.gate and _right(exercise, *ran.asked[name][1:]):
                with np.errstate(all="ignore"):
                    large = exercise.large_question(exercise_seed(key, exercise.id))
                (answer,) = _ask(exercise, [large], session, exercise.gate.cpu_seconds)
                ran.gates[name] = large, answer
    return ran


def _asked(
    exercise_id: str, key: bytes, session: Asker
) -> tuple[str, Sequence[Question], Sequence[Outcome]]:
    exercise = find(exercise_id)
    with np.errstate(all="ignore"):
        questions = tuple(exercise.questions(exercise_seed(key, exercise_id)))
    return exercise_id, questions, _ask(exercise, questions, session, ASK_CPU)


def _right(exercise: Exercise, questions: Sequence[Question], outcomes: Sequence[Outcome]) -> bool:
    pairs = zip(questions, outcomes, strict=True)
    return all(all_right(exercise, question, outcome) for question, outcome in pairs)


def _ask(
    exercise: Exercise, questions: Sequence[Question], session: Asker, cpu_limit: float
) -> list[Outcome]:
    calls = [Call(each.case.inputs, each.shapes, each.labels) for each in questions]
    return session.ask_all(exercise.name, calls, cpu_limit, exercise.by_line)


def apply(notebook: Notebook, skeleton: Skeleton, ran: Ran) -> dict[str, Score]:
    """Return the scores by grade_id, and write outputs, verdicts and messages into the notebook.

    A judged cell shows the verdict and its points alone: whatever it printed is the student's.
    """
    verdicts = ran.verdicts()
    points = {part.name: part.points for part in skeleton.parts}
    scores = {}
    for cell in notebook["cells"]:
        found = ran.runs.get(cell["id"])
        if found is not None:
            cell["outputs"] = [dict(output) for output in found.outputs]
            cell["execution_count"] = found.execution_count
        meta = cell["metadata"].get("nbgrader", {})
        if not meta.get("grade"):
            continue
        name = meta["grade_id"]
        if name in verdicts:
            verdict, most = verdicts[name], float(points[name] or 0)
            earned = round(verdict.score / verdict.points * most, 4)
            scores[name] = Score(earned, most, (verdict.message,))
            cell["outputs"] = _shown(verdict, earned, cell["execution_count"])
        else:
            scores[name] = score(cell, found.ended if found is not None else "")
        _remember(cell, scores[name])
    return scores


def zero(notebook: Notebook, cause: str) -> dict[str, Score]:
    """Return no points for everything, with the cause; for a notebook that was not run."""
    scores = {}
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("grade"):
            scores[meta["grade_id"]] = Score(0.0, float(meta["points"]), (cause,))
            _remember(cell, scores[meta["grade_id"]])
    return scores


def _remember(cell: dict[str, Any], earned: Score) -> None:
    cell["metadata"][BPLIB] = vars(earned) | {"messages": list(earned.messages)}


def _shown(verdict: Verdict, points: float, count: int | None) -> list[dict[str, Any]]:
    data = {"text/plain": verdict.message, MIME: _plain(verdict)}
    return [
        {"output_type": "display_data", "data": data, "metadata": {}},
        {
            "output_type": "execute_result",
            "execution_count": count,
            "data": {"text/plain": repr(float(points))},
            "metadata": {},
        },
    ]


def _plain(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON values; NumPy's booleans and numbers are none."""
    checks = [
        vars(check) | {"passed": bool(check.passed), "weight": float(check.weight)}
        for check in verdict.checks
    ]
    return vars(verdict) | {"score": float(verdict.score), "checks": checks}
