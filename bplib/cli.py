"""The command `bplib`: what authors and instructors run. Imports wait until a command needs them."""

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
        from bplib.grading.course import CourseError

        try:
            command(*args, **kwargs)
        except (ValueError, CourseError) as problem:
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
def report(
    assignment: Annotated[str, typer.Argument(help="The assignment's name: 05-backpropagation.")],
    course: CourseFolder = Path(),
) -> None:
    """Show the marks of a graded class, and what it misunderstands."""
    from bplib.grading.report import show

    show(course.resolve(), assignment)


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
