"""The gradebook, opened by one process: marks are written in one transaction per submission.

nbgrader's own methods commit after every step, so that a kill leaves half a submission behind.
Here its tables are written directly; everything that reads them works unchanged.
"""

import logging
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
            with session.no_autoflush:
                submission = _submission(session, graded, released)
                by_name = {notebook.name: notebook for notebook in graded.notebooks}
                for row in submission.notebooks:
                    part = released.notebooks[row.notebook_id]
                    _write_notebook(row, by_name[part.name], part.cells)
            session.flush()
            marks = {}
            for row in _computed(session, submission):
                part = released.notebooks[row.notebook_id]
                self._penalize(submission, row, released.due)
                marks[part.name] = _marks(row, graded.student, graded.assignment, part.cells)
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

    def _penalize(self, submission: Any, row: Any, due: bool) -> None:
        """What nbgrader's AssignLatePenalties does, inside of this transaction."""
        row.late_submission_penalty = None
        late = submission.total_seconds_late if due else 0
        if late > 0:
            penalty = self._late.plugin_inst.late_submission_penalty(
                submission.student_id, row.score, late
            )
            if penalty is not None:
                row.late_submission_penalty = self._late._check_late_penalty(row, penalty)


def _part(notebook: Any) -> _Part:
    graded = [cell.id for cell in (*notebook.grade_cells, *notebook.task_cells)]
    commented = [cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)]
    return _Part(notebook.name, _names(notebook), tuple(graded), tuple(commented))


def _names(notebook: Any) -> dict[str, str]:
    cells = (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)
    return {cell.id: cell.name for cell in cells}


def _submission(session: Any, graded: Graded, released: _Released) -> Any:
    """The submission's rows, made if they are missing; their time stamp is set."""
    from nbgrader import api
    from nbgrader.utils import parse_utc
    from sqlalchemy.orm import selectinload

    if session.get(api.Student, graded.student) is None:
        session.add(api.Student(id=graded.student))
    ids = {"assignment_id": released.id, "student_id": graded.student}
    rows = selectinload(api.SubmittedAssignment.notebooks)
    submission = (
        session.query(api.SubmittedAssignment)
        .filter_by(**ids)
        .options(
            rows.selectinload(api.SubmittedNotebook.grades),
            rows.selectinload(api.SubmittedNotebook.comments),
        )
        .one_or_none()
    )
    if submission is None:
        submission = api.SubmittedAssignment(**ids)
        session.add(submission)
    submission.timestamp = parse_utc(graded.timestamp) if graded.timestamp else None
    known = {row.notebook_id: row for row in submission.notebooks}
    for notebook_id, part in released.notebooks.items():
        row = known.get(notebook_id)
        if row is None:
            row = api.SubmittedNotebook(notebook_id=notebook_id, assignment=submission)
            session.add(row)
        for cell_id in sorted(set(part.graded) - {grade.cell_id for grade in row.grades}):
            session.add(api.Grade(cell_id=cell_id, notebook=row))
        for cell_id in sorted(set(part.commented) - {comment.cell_id for comment in row.comments}):
            session.add(api.Comment(cell_id=cell_id, notebook=row))
    return submission


def _write_notebook(row: Any, graded: GradedNotebook, names: dict[str, str]) -> None:
    """What nbgrader's SaveAutoGrades does: an instructor's marks and comments stay."""
    for grade in row.grades:
        name = names.get(grade.cell_id)
        if name in graded.scores:
            grade.auto_score = graded.scores[name].points
            by_hand = grade.manual_score is not None or grade.auto_score is None
            grade.needs_manual_grade = by_hand
    for comment in row.comments:
        name = names.get(comment.cell_id)
        if name in graded.responses:
            comment.auto_comment = graded.responses[name]


def _computed(session: Any, submission: Any) -> list[Any]:
    """The notebooks of a submission, read again: the database computes the scores."""
    from nbgrader.api import SubmittedNotebook
    from sqlalchemy.orm import selectinload, undefer

    return list(
        session.query(SubmittedNotebook)
        .filter_by(assignment_id=submission.id)
        .options(
            undefer(SubmittedNotebook.score),
            undefer(SubmittedNotebook.max_score),
            selectinload(SubmittedNotebook.grades),
            selectinload(SubmittedNotebook.comments),
        )
        .populate_existing()
    )


def read_marks(row: Any) -> Marks:
    """Return what the gradebook says of an nbgrader.api.SubmittedNotebook."""
    return _marks(row, row.student.id, row.assignment.name, _names(row.notebook))


def _marks(row: Any, student: str, assignment: str, names: dict[str, str]) -> Marks:
    grades = {names[grade.cell_id]: grade for grade in row.grades if grade.cell_id in names}
    comments = {names[c.cell_id]: c.comment for c in row.comments if c.cell_id in names}
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
