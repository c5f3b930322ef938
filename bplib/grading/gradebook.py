"""The gradebook, opened by one process: marks are written in one transaction per submission.

nbgrader's own methods commit after every step, so that a kill leaves half a submission behind.
Here its tables are written directly; everything that reads them works unchanged.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bplib.grading.course import Course
from bplib.grading.feedback import Marks
from bplib.grading.skeleton import Skeleton, from_gradebook
from bplib.grading.worker import Graded, GradedNotebook

if TYPE_CHECKING:
    from bplib.grading.rows import Rows

__all__ = ["GradebookWriter", "read_marks"]


@dataclass(frozen=True)
class _Part:
    """Return a released notebook: its name, its cells' names by id, and who of them gets what."""

    name: str
    cells: dict[str, str]
    graded: tuple[str, ...]
    commented: tuple[str, ...]


@dataclass(frozen=True)
class _Released:
    """Return a released assignment: its id, if it has a due date, its notebooks by id."""

    id: str
    due: bool
    notebooks: dict[str, _Part]


class GradebookWriter:
    """Return the gradebook of a course, open; a context manager. One at a time."""

    def __init__(self, course: Course) -> None:
        self._directory = course.directory  # first: it knows how to import nbgrader fast
        self._config = course.config
        self._gradebook = course.gradebook()
        self._known: dict[str, _Released] = {}

    @cached_property
    def _late(self) -> Any:
        """nbgrader's preprocessor that holds the configured late policy; it says nothing."""
        from nbgrader.preprocessors import AssignLatePenalties

        late = AssignLatePenalties(config=self._config)
        late.log = logging.getLogger("bplib.late")
        late.init_plugin()
        late.plugin_inst.log = late.log
        late.log.setLevel(logging.ERROR)
        return late

    def __enter__(self) -> "GradebookWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self._gradebook.close()

    def skeletons(self, assignment: str) -> tuple[Skeleton, ...]:
        """Return the released notebooks of an assignment. Raises ValueError if it is not released,
        or one of its tests names an exercise that this bplib does not know.
        """
        from nbgrader.api import MissingEntry

        try:
            entry = self._gradebook.find_assignment(assignment)
        except MissingEntry:
            known = sorted(entry.name for entry in self._gradebook.assignments)
            raise ValueError(
                f"the gradebook has no assignment {assignment!r}; it has: "
                f"{', '.join(known) or 'none'}. Build it with `bplib build` or release it with "
                "`nbgrader generate_assignment`"
            ) from None
        released = Path(
            self._directory.format_path(self._directory.release_directory, ".", assignment)
        )
        found = tuple(
            from_gradebook(notebook, released / f"{notebook.name}.ipynb")
            for notebook in entry.notebooks
        )
        self._gradebook.db.rollback()  # reading is over: hold no lock while others are graded
        return found

    def marked(self, assignment: str) -> set[str]:
        """Return the students who have marks for an assignment."""
        found = {entry.student_id for entry in self._gradebook.assignment_submissions(assignment)}
        self._gradebook.db.rollback()
        return found

    def write(self, graded: Graded) -> dict[str, Marks]:
        """Return the marks by notebook after the submission was written, in one transaction."""
        from nbgrader.utils import parse_utc

        session, rows = self._gradebook.db(), self._rows
        stamp = parse_utc(graded.timestamp) if graded.timestamp else None
        try:
            released = self._released(session, graded.assignment)
            connection = session.connection()
            submission = rows.submission(connection, released.id, graded.student, stamp)
            by_name = {notebook.name: notebook for notebook in graded.notebooks}
            parts = released.notebooks
            for notebook_id, row in rows.notebooks(connection, submission, [*parts]).items():
                part = parts[notebook_id]
                self._write_notebook(connection, row, by_name[part.name], part)
            rows.forgive(connection, submission)
            if released.due:
                self._penalize(session, submission)
            marks = {}
            for row, grades, comments in rows.computed(connection, submission):
                part = parts[row.notebook_id]
                names = graded.student, graded.assignment, part.cells
                marks[part.name] = _marks(row, grades, comments, *names)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.expunge_all()  # 500 submissions must not stay in memory
        return marks

    @cached_property
    def _rows(self) -> "Rows":
        from bplib.grading.rows import Rows  # it imports nbgrader

        return Rows()

    def _released(self, session: Any, name: str) -> _Released:
        """The released assignment of that name, read once and not for each submission."""
        if name not in self._known:
            from nbgrader.api import Assignment

            assignment = session.query(Assignment).filter_by(name=name).one()
            parts = {notebook.id: _part(notebook) for notebook in assignment.notebooks}
            due = assignment.duedate is not None
            if due:
                self._late  # noqa: B018 (a mistake in its configuration shows before any mark)
            self._known[name] = _Released(assignment.id, due, parts)
        return self._known[name]

    def _write_notebook(
        self, connection: Any, row: str, graded: GradedNotebook, part: _Part
    ) -> None:
        """What nbgrader's SaveAutoGrades does: an instructor's marks and comments stay."""
        by_hand = self._rows.marked_by_hand(connection, row)
        grades = {}
        for cell in part.graded:
            score = graded.scores.get(part.cells[cell])
            if score is not None:
                manual = cell in by_hand or score.points is None
                grades[cell] = {"auto_score": score.points, "needs_manual_grade": manual}
        comments = {
            cell: {"auto_comment": graded.responses[part.cells[cell]]}
            for cell in part.commented
            if part.cells[cell] in graded.responses
        }
        self._rows.grades(connection, row, part.graded, grades)
        self._rows.comments(connection, row, part.commented, comments)

    def _penalize(self, session: Any, submission_id: str) -> None:
        """What nbgrader's AssignLatePenalties does, inside of this transaction."""
        from nbgrader.api import SubmittedAssignment

        submission = session.get(SubmittedAssignment, submission_id)
        late = submission.total_seconds_late
        for row in submission.notebooks if late > 0 else ():
            penalty = self._late.plugin_inst.late_submission_penalty(
                submission.student_id, row.score, late
            )
            if penalty is not None:
                row.late_submission_penalty = self._late._check_late_penalty(row, penalty)
        session.flush()


def _part(notebook: Any) -> _Part:
    graded = [cell.id for cell in (*notebook.grade_cells, *notebook.task_cells)]
    commented = [cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)]
    return _Part(notebook.name, _names(notebook), tuple(graded), tuple(commented))


def _names(notebook: Any) -> dict[str, str]:
    cells = (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)
    return {cell.id: cell.name for cell in cells}


def read_marks(row: Any) -> Marks:
    """Return what the gradebook says of an nbgrader.api.SubmittedNotebook."""
    names = _names(row.notebook)
    return _marks(row, row.grades, row.comments, row.student.id, row.assignment.name, names)


def _marks(
    row: Any,
    graded: Sequence[Any],
    commented: Sequence[Any],
    student: str,
    assignment: str,
    names: dict[str, str],
) -> Marks:
    grades = {names[grade.cell_id]: grade for grade in graded if grade.cell_id in names}
    comments = {names[c.cell_id]: c.comment for c in commented if c.cell_id in names}
    return Marks(
        student=student,
        assignment=assignment,
        scores={name: float(grade.score) for name, grade in grades.items()},
        comments={name: comment for name, comment in comments.items() if comment},
        by_hand=frozenset(name for name, grade in grades.items() if grade.needs_manual_grade),
        score=float(row.score),
        max_score=float(row.max_score),
        penalty=float(row.late_submission_penalty or 0),
    )
