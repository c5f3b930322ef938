"""A course folder as nbgrader sees it: release, autograde, feedback, and the gradebook.

The one place where bplib calls nbgrader; everything is configured by the folder's own
nbgrader_config.py, so that plain `nbgrader` commands do the same.
"""

import glob
import importlib
import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import Any


class CourseError(RuntimeError):
    """An nbgrader step that did not succeed; the message carries nbgrader's own last lines."""


@dataclass(frozen=True)
class Mark:
    """What the gradebook says of one submission; score counts what is graded so far.

    What is taken off for being late is off.
    """

    student: str
    score: float
    max_score: float
    needs_manual_grade: bool


@dataclass(frozen=True)
class Course:
    """The course in the folder `root`, which holds nbgrader_config.py and source/."""

    root: Path

    @cached_property
    def config(self) -> Any:
        """What the folder's nbgrader_config.py says."""
        from traitlets.config.loader import PyFileConfigLoader

        logging.getLogger("traitlets").setLevel(logging.ERROR)
        # nbgrader calls `alembic` by name; it lies beside our Python even if .venv is not active.
        own = str(Path(sys.executable).parent)
        if own not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = own + os.pathsep + os.environ["PATH"]
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    @cached_property
    def directory(self) -> Any:
        """nbgrader's CourseDirectory: where everything lies."""
        with _lean_imports():
            from nbgrader.coursedir import CourseDirectory
        return CourseDirectory(config=self.config)

    @cached_property
    def api(self) -> Any:
        """nbgrader's own programming interface, with the folder's configuration."""
        directory = self.directory
        from nbgrader.apps.api import NbGraderAPI
        from sqlalchemy.exc import SAWarning

        # nbgrader reads a submission while it is still adding it; SQLAlchemy remarks on that.
        warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
        return NbGraderAPI(directory, config=self.config)

    def release(self, assignment: str) -> None:
        """Make release/<assignment>/ from source/, and enter the assignment into the gradebook."""
        _succeed(self.api.generate_assignment(assignment, force=True, create=True))

    def autograde(self, assignment: str, student: str) -> None:
        """Grade one submission again from scratch. Raises CourseError if nbgrader cannot."""
        _succeed(self.api.autograde(assignment, student, force=True, create=True))

    def feedback(self, assignment: str, student: str) -> None:
        """Write feedback/<student>/<assignment>/. Raises CourseError if nbgrader cannot."""
        _succeed(self.api.generate_feedback(assignment, student, force=True))

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """The folder of a submission at a step: "submitted", "autograded" or "feedback"."""
        directory = self.directory
        name = getattr(directory, f"{step}_directory")
        return Path(os.path.normpath(directory.format_path(name, student, assignment)))

    def handed_in(self, assignment: str) -> list[str]:
        """The students with anything of the assignment in submitted/, in alphabetical order.

        Whatever it is: a folder, or a link or a file in its place.
        """
        directory = self.directory
        name, mark = directory.submitted_directory, "bplib-student"
        pattern = glob.escape(directory.format_path(name, mark, assignment))
        shape = re.escape(directory.format_path(name, mark, assignment))
        found = [
            re.fullmatch(shape.replace(re.escape(mark), "(?P<student>[^/]+)"), path)
            for path in glob.glob(pattern.replace(mark, "*"))
        ]
        return sorted(match["student"] for match in found if match)

    def shared_files(self, assignment: str) -> dict[str, bytes]:
        """The files that come with an assignment, by relative path: no notebooks, no masters."""
        from nbgrader.utils import find_all_files

        directory = self.directory
        source = Path(directory.format_path(directory.source_directory, ".", assignment))
        files = find_all_files(str(source), [*directory.ignore, "*.ipynb"])
        return {
            Path(os.path.normpath(path)).relative_to(os.path.normpath(source)).as_posix(): Path(
                path
            ).read_bytes()
            for path in sorted(files)
        }

    def gradebook(self) -> Any:
        """nbgrader's Gradebook, open. Raises CourseError if it cannot be read."""
        directory = self.directory
        from nbgrader.api import Gradebook
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return Gradebook(directory.db_url, directory.course_id)
        except SQLAlchemyError as problem:
            cause = getattr(problem, "orig", problem)
            raise CourseError(
                f"the gradebook of {self.root} cannot be opened: {cause}. "
                "If it is locked, end what writes to it (another grading, a database browser) and "
                "repeat the command; `bplib doctor` looks at it"
            ) from problem

    def marks(self, assignment: str) -> list[Mark]:
        """The marks of all submissions, in alphabetical order of the students."""
        with self.gradebook() as gradebook:
            marks = [
                Mark(
                    s.student.id,
                    max(0.0, s.score - s.late_submission_penalty),
                    s.max_score,
                    s.needs_manual_grade,
                )
                for s in gradebook.assignment_submissions(assignment)
            ]
        return sorted(marks, key=lambda mark: mark.student)


def course(root: Path) -> Course:
    """The course in a folder. Raises ValueError if it holds no nbgrader_config.py."""
    if not (root / "nbgrader_config.py").is_file():
        raise ValueError(
            f"{root} is no course folder: it has no nbgrader_config.py; "
            "run the command in the course's folder, or give it with --course"
        )
    return Course(root.resolve())


@contextmanager
def _lean_imports() -> Iterator[None]:
    """While nbgrader is first imported, leave out what takes most of the time and is not needed.

    `import nbgrader` imports all of its web server's extensions, which nothing here serves, and
    setuptools, to unpack what was collected; and jsonschema looks for `rfc3987_syntax`, to check
    web addresses, which no notebook's schema asks.
    """
    if "nbgrader" in sys.modules:
        yield
        return
    left_out: dict[str, Any] = {"rfc3987_syntax": None}
    for extension in ("assignment_list", "course_list", "formgrader", "validate_assignment"):
        stand_in = ModuleType(f"nbgrader.server_extensions.{extension}")
        stand_in.load_jupyter_server_extension = None  # type: ignore[attr-defined]
        left_out[stand_in.__name__] = stand_in
    left_out["setuptools.archive_util"] = archives = ModuleType("setuptools.archive_util")
    for name in ("unpack_archive", "unpack_tarfile", "unpack_zipfile"):
        setattr(archives, name, partial(_unpack, name))
    left_out = {name: module for name, module in left_out.items() if name not in sys.modules}
    sys.modules.update(left_out)
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]


def _unpack(name: str, *arguments: Any, **options: Any) -> Any:
    """What setuptools' function of that name returns; it is imported when it is called."""
    return getattr(importlib.import_module("setuptools.archive_util"), name)(*arguments, **options)


def _succeed(result: dict[str, Any]) -> None:
    if not result["success"]:
        lines = (result.get("log") or result.get("error") or "no message").strip().splitlines()
        raise CourseError("nbgrader did not succeed:\n" + "\n".join(lines[-30:]))
