"""The gradebook, opened by one process: marks are written in one transaction per submission.

nbgrader's own methods commit after every step, so that a kill leaves half a submission behind.
Here its tables are written directly; everything that reads them works unchanged.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bplib.grading.course import Course
from bplib.grading.feedback import Marks
from bplib.grading.skeleton import Skeleton, from_gradebook
from bplib.grading.worker import Graded, GradedNotebook

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
        from nbgrader.api import Gradebook

        self._config = course.config
        self._gradebook = Gradebook(self._directory.db_url, self._directory.course_id)
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

    def write(self, graded: Graded) -> dict[str, Marks]:
        """Return the marks by notebook after the submission was written, in one transaction."""
        session = self._gradebook.db()
        try:
            released = self._released(session, graded.assignment)
            submission = _submission(session, graded, released.id)
            by_name = {notebook.name: notebook for notebook in graded.notebooks}
            for notebook_id, row in _notebooks(session, submission.id, released).items():
                part = released.notebooks[notebook_id]
                _write_notebook(session, row, by_name[part.name], part)
            self._penalize(session, submission, released.due)
            marks = {
                part.name: _marks(*rows, graded.student, graded.assignment, part.cells)
                for part, rows in _computed(session, submission.id, released)
            }
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.expunge_all()  # 500 submissions must not stay in memory
        return marks

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

    def _penalize(self, session: Any, submission: Any, due: bool) -> None:
        """What nbgrader's AssignLatePenalties does, inside of this transaction."""
        from nbgrader.api import SubmittedNotebook

        rows = session.query(SubmittedNotebook).filter_by(assignment_id=submission.id)
        rows.filter(SubmittedNotebook.late_submission_penalty.is_not(None)).update(
            {"late_submission_penalty": None}
        )
        late = submission.total_seconds_late if due else 0
        for row in rows if late > 0 else ():
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


def _submission(session: Any, graded: Graded, assignment_id: str) -> Any:
    """The submission's row, made if it is missing; its time stamp is set."""
    from nbgrader import api
    from nbgrader.utils import parse_utc

    ids = {"assignment_id": assignment_id, "student_id": graded.student}
    submission = session.query(api.SubmittedAssignment).filter_by(**ids).one_or_none()
    if submission is None:
        if session.get(api.Student, graded.student) is None:
            session.add(api.Student(id=graded.student))
        submission = api.SubmittedAssignment(**ids)
        session.add(submission)
    submission.timestamp = parse_utc(graded.timestamp) if graded.timestamp else None
    session.flush()
    return submission


def _notebooks(session: Any, submission_id: str, released: _Released) -> dict[str, str]:
    """The ids of the submission's notebooks by those of the released ones, made if missing."""
    from nbgrader.api import SubmittedNotebook as Row
    from sqlalchemy import insert, select

    found = select(Row.notebook_id, Row.id).where(Row.assignment_id == submission_id)
    known = dict(session.execute(found).all())
    if missing := sorted(released.notebooks.keys() - known.keys()):
        ids = [{"assignment_id": submission_id, "notebook_id": each} for each in missing]
        session.execute(insert(Row), ids)
        known = dict(session.execute(found).all())
    return {notebook_id: known[notebook_id] for notebook_id in released.notebooks}


def _write_notebook(session: Any, row: str, graded: GradedNotebook, part: _Part) -> None:
    """What nbgrader's SaveAutoGrades does: an instructor's marks and comments stay."""
    from nbgrader.api import Comment, Grade
    from sqlalchemy import select

    marked = select(Grade.cell_id).where(Grade.notebook_id == row, Grade.manual_score.is_not(None))
    by_hand = set(session.scalars(marked))
    grades = {}
    for cell_id in part.graded:
        score = graded.scores.get(part.cells[cell_id])
        if score is not None:
            manual = cell_id in by_hand or score.points is None
            grades[cell_id] = {"auto_score": score.points, "needs_manual_grade": manual}
    comments = {
        cell_id: {"auto_comment": graded.responses[part.cells[cell_id]]}
        for cell_id in part.commented
        if part.cells[cell_id] in graded.responses
    }
    _put(session, Grade, row, part.graded, grades)
    _put(session, Comment, row, part.commented, comments)


def _put(session: Any, table: Any, row: str, cells: Sequence[str], values: dict[str, Any]) -> None:
    """Write values by cell into the table's rows of a notebook; each cell has a row afterwards."""
    from sqlalchemy import bindparam, insert, select, update

    known = dict(
        session.execute(select(table.cell_id, table.id).where(table.notebook_id == row)).all()
    )
    new = [cell for cell in cells if cell not in known]
    for some in ([cell for cell in new if cell in values], [c for c in new if c not in values]):
        if some:
            rows = [{"notebook_id": row, "cell_id": c, **values.get(c, {})} for c in some]
            session.execute(insert(table), rows)
    old = [{"_row": known[cell], **values[cell]} for cell in values if cell in known]
    if old:
        core = table.__table__
        session.connection().execute(update(core).where(core.c.id == bindparam("_row")), old)


def _computed(
    session: Any, submission_id: str, released: _Released
) -> Iterator[tuple[_Part, tuple[Any, list[Any], list[Any]]]]:
    """By notebook: its row, its grades and its comments; the database computes the scores."""
    from nbgrader.api import Comment, Grade, SubmittedNotebook
    from sqlalchemy import select

    of = SubmittedNotebook
    rows = select(of.id, of.notebook_id, of.score, of.max_score, of.late_submission_penalty)
    for row in session.execute(rows.where(of.assignment_id == submission_id)).all():
        grades = select(Grade.cell_id, Grade.score, Grade.needs_manual_grade)
        comments = select(Comment.cell_id, Comment.comment)
        yield (
            released.notebooks[row.notebook_id],
            (
                row,
                session.execute(grades.where(Grade.notebook_id == row.id)).all(),
                session.execute(comments.where(Comment.notebook_id == row.id)).all(),
            ),
        )


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
