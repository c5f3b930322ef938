"""The command `bplib`, for authors and instructors. Imports wait until a command needs them."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Build, simulate, and grade the course on backpropagation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
CourseFolder = Annotated[
    Path, typer.Option("--course", help="The course folder (with nbgrader_config.py).")
]


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show a user's mistake as one message instead of a traceback; exit status 2."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except Exception as problem:
            from bplib.grading.course import CourseError
            from bplib.grading.jail import JailUnavailable

            # OSError: a folder that cannot be written, a disk that is full.
            if not isinstance(problem, (ValueError, OSError, CourseError, JailUnavailable)):
                raise
            typer.secho(f"bplib: {problem}", fg="red", err=True)
            raise typer.Exit(2) from problem

    return wrapped


@app.command()
@one_line_errors
def build(
    units: Annotated[
        list[str] | None, typer.Argument(help="Units by name or number; all by default.")
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Make notebooks, releases, answer keys and executed solutions from the masters."""
    from bplib.authoring.build import build as run

    run(course.resolve(), units or ())


@app.command()
@one_line_errors
def simulate(
    assignment: Annotated[str, typer.Argument(help="The assignment's name: 05-backpropagation.")],
    students: Annotated[int, typer.Option(help="How many submissions to write.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed writes the same class.")] = 0,
    course: CourseFolder = Path(),
) -> None:
    """Write a class of submissions to submitted/, right and wrong ones, to try grading with."""
    from bplib.authoring.simulate import simulate as run

    planted = run(course.resolve(), assignment, students, seed)
    wrong = sum(bool(plan.wrong) for plan in planted)
    typer.echo(f"{len(planted)} submissions of {assignment} in submitted/, {wrong} with a mistake.")


@app.command()
@one_line_errors
def grade(
    assignment: Annotated[str, typer.Argument(help="The assignment's name: 05-backpropagation.")],
    jobs: Annotated[int, typer.Option(help="Worker processes; 0: one per processor.")] = 0,
    scheduler: Annotated[
        str, typer.Option(help="A Dask scheduler to use instead: tcp://host:8786.")
    ] = "",
    student: Annotated[
        list[str] | None, typer.Option(help="Only this student; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Grade again what is graded already.")] = False,
    unsafe: Annotated[
        bool, typer.Option(help="Grade without a jail where none works: trusted code only.")
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Grade a class in a jail, in parallel, and write its feedback. Safe to repeat at any time."""
    from rich.console import Console

    from bplib.grading.grade import grade as run
    from bplib.grading.progress import Progressing, closing_table, exit_status

    console = Console()
    try:
        with Progressing(console) as watcher:
            summary = run(
                course.resolve(),
                assignment,
                jobs=jobs,
                scheduler=scheduler,
                students=tuple(student or ()),
                force=force,
                unsafe=unsafe,
                watcher=watcher,
            )
    except KeyboardInterrupt:
        typer.echo("Stopped. What is graded is kept; the same command grades the rest.", err=True)
        raise typer.Exit(130) from None
    console.print(closing_table(summary))
    raise typer.Exit(exit_status(summary))


@app.command()
@one_line_errors
def doctor(
    unsafe: Annotated[
        bool, typer.Option(help="Try every attack without a jail, too: there it must succeed.")
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Try every attack on the jail for real, and look at the health of the installation."""
    from rich.console import Console

    from bplib.grading.doctor import report as run
    from bplib.grading.health import add_health_checks

    add_health_checks(course.resolve())
    raise typer.Exit(run(Console(), unsafe))


@app.command()
@one_line_errors
def report(
    assignment: Annotated[str, typer.Argument(help="The assignment's name: 05-backpropagation.")],
    course: CourseFolder = Path(),
) -> None:
    """Show the marks of a graded class, and what it misunderstands."""
    from bplib.grading.report import show

    show(course.resolve(), assignment)


@app.command()
@one_line_errors
def proof(
    units: Annotated[
        list[str] | None, typer.Option(help="Units by number: 04, or 04,05; all by default.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Seeds for right answers and misconceptions.")] = 1000,
    out: Annotated[Path, typer.Option(help="Where proof.html and proof.json go.")] = Path(
        "build/proof"
    ),
    jobs: Annotated[int, typer.Option(help="Processes; 0: one per processor.")] = 0,
    course: CourseFolder = Path(),
) -> None:
    """Prove the hidden tests: what they catch, and whom they wrong. Exit status 1 for a gap."""
    from bplib.authoring.proof import proof as run

    try:
        found = run(course.resolve(), units or (), seeds, out.resolve(), jobs)
    except KeyboardInterrupt:
        typer.echo("Stopped; nothing is written.", err=True)
        raise typer.Exit(130) from None
    raise typer.Exit(1 if found.gaps else 0)


@app.command()
@one_line_errors
def kit(
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("dist/student-kit.zip"),
    course: CourseFolder = Path(),
) -> None:
    """Pack what students need, and nothing else: notebooks, lessons, bplib, how to install it."""
    from bplib.authoring.kit import kit as run

    written = run(course.resolve(), out.resolve())
    typer.echo(f"{out}: {len(written)} files, {out.stat().st_size / 1e6:.1f} MB.")


@app.command()
@one_line_errors
def explore(
    voila: Annotated[bool, typer.Option(help="As a page with Voilà (extra `dashboard`).")] = False,
) -> None:
    """Open all explorers in the browser, to play with."""
    from bplib.authoring.playground import play

    play(Path("build/explore.ipynb").resolve(), voila)


@app.command()
@one_line_errors
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo's course is made.")] = Path(
        "build/demo"
    ),
    students: Annotated[int, typer.Option(help="The size of the class.")] = 24,
) -> None:
    """Build unit 05, simulate and grade a class, train a network on real digits, show it all."""
    from bplib.authoring.demo import demo as run

    run(Path.cwd(), folder.resolve(), students)


if __name__ == "__main__":
    app()
