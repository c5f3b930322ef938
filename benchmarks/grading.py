"""How fast, and how lean, is `bplib grade` against stock `nbgrader autograde`? Ratios in one run.

The same simulated class of unit 05 is graded twice: by stock nbgrader (one process is all it has;
hidden tests in the student's kernel) and by `bplib grade` with two workers, jail and judge on, with
its feedback; ours, which is short, several times, of which the median counts. Wall time and CPU
time are those of the commands with everything they start, also what outlives its parent for a
moment (bubblewrap does not wait for its zygote). The marks must be identical. What a student's own
code needs is measured by as many processes at once as there are workers, because a processor whose
neighbor is busy needs more CPU time for the same work.

    python benchmarks/grading.py [--students 40] [--memory 500]

The exit status is 1 if a target is missed.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import mean, median

from rich.console import Console
from rich.table import Table

from bplib.authoring.demo import ASSIGNMENT, prepare
from bplib.authoring.simulate import simulate
from bplib.exercises import grade as hidden_test
from bplib.grading.course import course
from bplib.grading.engine import Budget, Engine
from bplib.grading.gradebook import GradebookWriter
from bplib.grading.jail import adopt_orphans, choose
from bplib.grading.jail.trial import run_trial
from bplib.grading.judging import run
from bplib.grading.notebooks import read
from bplib.grading.quarantine import examine
from bplib.grading.rebuild import rebuild

PROJECT = Path(__file__).parents[1]
WORKERS = 2
ROUNDS = 5
STOCK_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "backpropagation"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.py"]
"""


def prepared(folder: Path, students: int, stock: bool) -> Path:
    """A course with unit 05 released and a class; for stock nbgrader, judged in process."""
    prepare(PROJECT, folder)
    if stock:
        (folder / "nbgrader_config.py").write_text(STOCK_CONFIG)
        notebook = folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        hidden, trusted = (text.strip() for text in (hidden_test.HIDDEN, hidden_test.TRUSTED))
        notebook.write_text(notebook.read_text().replace(f"{hidden}\\n", f"{trusted}\\n"))
    course(folder).release(ASSIGNMENT)
    simulate(folder, ASSIGNMENT, students, seed=5)
    return folder


def wait_for_orphans() -> None:
    """Wait for all processes that are left: their CPU time counts only once that has been done."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of a command with all its processes. Raises CalledProcessError."""
    wait_for_orphans()  # of what was measured before
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    wall = time.perf_counter() - start
    wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def own_seconds(folder: Path) -> float:
    """CPU seconds that a submission's own code needs in a warm process: cells and answers."""
    with GradebookWriter(course(folder)) as gradebook:
        (skeleton,) = gradebook.skeletons(ASSIGNMENT)
    spent, budget = [], Budget()
    with Engine(choose()) as engine:
        for place in sorted((folder / "submitted").iterdir())[:12]:
            content = examine(place / ASSIGNMENT).notebooks[ASSIGNMENT]
            notebook, _ = rebuild(read(content)[0], skeleton)
            with engine.session(None, budget) as session:
                run(notebook, skeleton, b"key", session)
                left = session.cpu_left
            spent.append(budget.cells_cpu + budget.asks_cpu - left["cells"] - left["asks"])
    return mean(spent)


def step_seconds() -> float:
    """CPU seconds from the fork of a warm process to the first line of the student's, locked in."""
    source = "import time; said = time.process_time()"
    said = [run_trial(choose(), source, warm=["numpy"]).said for _ in range(5)]
    return median(map(float, said))


def marks(folder: Path) -> dict[str, float]:
    """The points of everybody."""
    return {mark.student: mark.score for mark in course(folder).marks(ASSIGNMENT)}


def peak_megabytes(folder: Path, students: int) -> float:
    """The coordinator's memory while it grades a class of that size."""
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from bplib.grading.grade import grade\n"
        "if __name__ == '__main__':\n"
        f"    found = grade(Path({str(folder)!r}), {ASSIGNMENT!r}, jobs=2)\n"
        f"    assert len(found.finished) == {students}, found.failed\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    path = folder / "run.py"
    path.write_text(script)
    out = subprocess.run([sys.executable, str(path)], check=True, capture_output=True, text=True)
    return float(out.stdout)


def main() -> int:
    """Measure, print the table, and return the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--students", type=int, default=40)
    options.add_argument(
        "--memory", type=int, default=500, help="a class of this size for memory; 0: none"
    )
    asked = options.parse_args()
    adopt_orphans()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    bplib = [sys.executable, "-m", "bplib.cli"]
    work = Path(tempfile.mkdtemp(prefix="bplib-benchmark-"))
    try:
        stock = prepared(work / "stock", asked.students, stock=True)
        ours = prepared(work / "ours", asked.students, stock=False)
        stock_wall, stock_cpu = timed(
            [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT], stock
        )
        grading = [*bplib, "grade", ASSIGNMENT, "--jobs", str(WORKERS), "--force"]
        first, second = ([f"--student=student-00{number}"] for number in (1, 2))
        walls, cpus, alones, overheads = [], [], [], []
        for _ in range(ROUNDS):
            wall, cpu = timed(grading, ours)
            alone, _ = timed([*grading, *first], ours)
            _, start_cpu = timed([*grading, *first, *second], ours)  # both workers start
            with ProcessPoolExecutor(WORKERS) as pool:  # at once, as when grading
                own = mean(pool.map(own_seconds, [ours] * WORKERS))
            walls.append(wall)
            cpus.append(cpu)
            alones.append(alone)
            overheads.append((cpu - start_cpu) / (asked.students - 2) - own)
        wall, cpu, alone, overhead = map(median, (walls, cpus, alones, overheads))
        step = step_seconds()
        helped = median(timed([*bplib, "--help"], work)[0] for _ in range(5))
        largest = max(page.stat().st_size for page in (ours / "feedback").rglob("*.html"))
        rows = [
            ("wall time, stock : ours", stock_wall / wall, ">= 10", stock_wall / wall >= 10),
            ("CPU time, stock : ours", stock_cpu / cpu, ">= 5", stock_cpu / cpu >= 5),
            ("CPU overhead per submission, ms", 1e3 * overhead, "<= 60", overhead <= 0.060),
            ("the jail's step in a child, CPU ms", 1e3 * step, "<= 5", step <= 0.005),
            ("start, and one submission, s", alone, "<= 3", alone <= 3),
            ("bplib --help, s", helped, "<= 0.5", helped <= 0.5),
            ("largest feedback page, MB", largest / 1e6, "<= 1", largest <= 1e6),
        ]
        if asked.memory:
            crowd = peak_megabytes(prepared(work / "crowd", asked.memory, False), asked.memory)
            rows.append((f"coordinator at {asked.memory}, MB", crowd, "<= 500", crowd <= 500))
        differing = sorted(marks(stock).items() ^ marks(ours).items())
    finally:
        shutil.rmtree(work)
    table = Table(title=f"{asked.students} submissions of {ASSIGNMENT}, two workers")
    for heading in ("figure", "measured", "target"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for name, value, target, well in rows:
        table.add_row(name, f"{value:.2f}" if well else f"[red]{value:.2f}[/]", target)
    table.add_row("marks identical", "[red]no[/]" if differing else "yes", "yes")
    console = Console()
    console.print(table)
    console.print(f"stock: {stock_wall:.1f} s, {stock_cpu:.1f} CPU-s; ", end="")
    console.print(f"ours: {wall:.1f} s, {cpu:.1f} CPU-s; a student's own code: {own:.3f} CPU-s")
    each = ", ".join(f"{1e3 * overhead:.0f}" for overhead in overheads)
    console.print(f"CPU overhead in each round: {each} ms")
    if differing:
        console.print(f"marks of one side alone: {differing}")
    return 0 if not differing and all(well for *_, well in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
