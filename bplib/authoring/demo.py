"""The main job in one go: build, simulate a class, grade it, train on digits, show the tables."""

import shutil
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bplib import nn
from bplib.authoring.build import build
from bplib.authoring.simulate import Planted, simulate
from bplib.data import digits
from bplib.grading.course import course
from bplib.grading.grade import grade
from bplib.grading.progress import Progressing, closing_table
from bplib.grading.report import Finding, counts, findings, marks_table

ASSIGNMENT = "05-backpropagation"


def demo(project: Path, folder: Path, students: int) -> None:
    """Run the demo in `folder`, which is made anew, from the sources of `project`.

    Raises ValueError if `project` is no course folder, and AssertionError if the network stays
    below 95 % on the digits it has not seen, or a mark or a planted mistake was lost.
    """
    course(project)  # a clear message for someone in the wrong folder
    console = Console()
    prepare(project, folder)
    console.print(f"[bold]1. Build[/] {ASSIGNMENT}: notebook, release, answer keys, solution")
    build(folder, [ASSIGNMENT], keys=folder / "keys")
    console.print(f"[bold]2. Simulate[/] a class of {students}, then grade it and write feedback")
    planted = simulate(folder, ASSIGNMENT, students, seed=5)
    with Progressing(console) as watcher:
        summary = grade(folder, ASSIGNMENT, watcher=watcher)
    console.print(closing_table(summary))
    assert not summary.failed, f"not graded: {summary.failed}"
    console.print("[bold]3. Train[/] the reference network on 1,438 handwritten digits")
    accuracy = train()
    found = list(findings(folder, ASSIGNMENT))
    console.print(marks_table(course(folder).marks(ASSIGNMENT)))
    console.print(found_table(planted, found))
    console.print(f"Accuracy on 359 digits that the network has not seen: {accuracy:.1%}")
    for name in ("release", "solutions", "feedback"):
        console.print(f"{name:>10}: {(folder / name).relative_to(project)}/", highlight=False)
    missing = missed(planted, found)
    assert not missing, f"planted, but not found: {missing}"
    assert accuracy >= 0.95, f"expected 95 % on the digits, got {accuracy:.1%}"


def prepare(project: Path, folder: Path) -> None:
    """A course folder of its own, so that a real class in the project is left alone."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "source").mkdir(parents=True)
    shutil.copy(project / "nbgrader_config.py", folder)
    shutil.copytree(project / "source" / ASSIGNMENT, folder / "source" / ASSIGNMENT)


def train() -> float:
    """Train [64, 48, 10] on the digits; the share of right answers on the test digits."""
    data = digits()
    network = nn.Network.dense([64, 48, 10], hidden="tanh", seed=0)
    network.train(data.X_train, data.Y_train, learning_rate=0.5, batch_size=16, epochs=60, seed=0)
    return network.accuracy(data.X_test, data.Y_test)


def missed(planted: list[Planted], found: list[Finding]) -> list[tuple[str, str, str]]:
    """What was planted, as (student, exercise, misconception), and not named by the judge."""
    named = {(f.student, f.exercise, name) for f in found for name in f.misconceptions}
    return [
        (plan.student, exercise, wrong)
        for plan in planted
        for exercise, wrong in plan.wrong.items()
        if (plan.student, exercise, wrong) not in named
    ]


def found_table(planted: list[Planted], found: list[Finding]) -> Table:
    """Misconceptions: how often planted, how often found."""
    table = Table(title="Misconceptions: planted and found")
    table.add_column("exercise")
    table.add_column("misconception")
    table.add_column("planted", justify="right")
    table.add_column("found", justify="right")
    sown = Counter(pair for plan in planted for pair in plan.wrong.items())
    seen = counts(found)
    for exercise, wrong in sorted({*sown, *seen}):
        pair = (exercise, wrong)
        table.add_row(exercise, wrong, str(sown[pair]), str(seen[pair]))
    return table
