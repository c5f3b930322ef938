"""The gradebook, opened by one process: marks are written in one transaction per submission.

nbgrader's own methods commit after every step, so that a kill leaves half a submission behind.
Here its tables are written directly; everything that reads them works unchanged.
"""

import logging
from pathlib import Path
from typing import Any

from bplib.grading.course import Course
from bplib.grading.feedback import Marks
from bplib.grading.skeleton import Skeleton, from_gradebook
from bplib.grading.worker import Graded, GradedNotebook

__all__ = ["GradebookWriter", "read_marks"]


class GradebookWriter:
    """Return the gradebook of a course, open; a context manager. One at a time."""

    def __init__(self, course: Course) -> None:
        self._directory = course.api.coursedir  # first: it knows how to import nbgrader fast
        from nbgrader.api import Gradebook

        self._config = course.api.config
        self._gradebook = Gradebook(self._directory.db_url, self._directory.course_id)
        self._late = _late_penalties(self._config)

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
            with session.no_autoflush:
                submission = _submission(session, graded)
                by_name = {notebook.name: notebook for notebook in graded.notebooks}
                for row in submission.notebooks:
                    _write_notebook(row, by_name[row.name])
            session.flush()
            session.expire_all()  # scores are computed by the database
            for row in submission.notebooks:
                self._penalize(submission, row)
            session.flush()
            marks = {row.name: read_marks(row) for row in submission.notebooks}
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.expunge_all()  # 500 submissions must not stay in memory
        return marks

    def _penalize(self, submission: Any, row: Any) -> None:
        """What nbgrader's AssignLatePenalties does, inside of this transaction."""
        row.late_submission_penalty = None
        late = submission.total_seconds_late
        if late > 0:
            penalty = self._late.plugin_inst.late_submission_penalty(
                submission.student_id, row.score, late
            )
            if penalty is not None:
                row.late_submission_penalty = self._late._check_late_penalty(row, penalty)


def _late_penalties(config: Any) -> Any:
    """nbgrader's preprocessor that holds the configured late policy; it says nothing."""
    from nbgrader.preprocessors import AssignLatePenalties

    late = AssignLatePenalties(config=config)
    late.log = logging.getLogger("bplib.late")
    late.init_plugin()
    late.plugin_inst.log = late.log
    late.log.setLevel(logging.ERROR)
    return late


def _submission(session: Any, graded: Graded) -> Any:
    """The submission's rows, made if they are missing; their time stamp is set."""
    from nbgrader import api
    from nbgrader.utils import parse_utc

    student = session.get(api.Student, graded.student)
    if student is None:
        student = api.Student(id=graded.student)
        session.add(student)
    assignment = session.query(api.Assignment).filter_by(name=graded.assignment).one()
    submission = (
        session.query(api.SubmittedAssignment)
        .filter_by(assignment_id=assignment.id, student_id=graded.student)
        .one_or_none()
    )
    if submission is None:
        submission = api.SubmittedAssignment(assignment=assignment, student=student)
        session.add(submission)
    submission.timestamp = parse_utc(graded.timestamp) if graded.timestamp else None
    known = {row.notebook_id: row for row in submission.notebooks}
    for notebook in assignment.notebooks:
        row = known.get(notebook.id)
        if row is None:
            row = api.SubmittedNotebook(notebook=notebook, assignment=submission)
            session.add(row)
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            if cell.id not in {grade.cell_id for grade in row.grades}:
                session.add(api.Grade(cell=cell, cell_id=cell.id, notebook=row))
        for cell in (*notebook.solution_cells, *notebook.task_cells):
            if cell.id not in {comment.cell_id for comment in row.comments}:
                session.add(api.Comment(cell=cell, cell_id=cell.id, notebook=row))
    return submission


def _write_notebook(row: Any, graded: GradedNotebook) -> None:
    """What nbgrader's SaveAutoGrades does: an instructor's marks and comments stay."""
    for grade in row.grades:
        if grade.cell.name in graded.scores:
            grade.auto_score = graded.scores[grade.cell.name].points
            by_hand = grade.manual_score is not None or grade.auto_score is None
            grade.needs_manual_grade = by_hand
    for comment in row.comments:
        if comment.cell.name in graded.responses:
            comment.auto_comment = graded.responses[comment.cell.name]


def read_marks(row: Any) -> Marks:
    """Return what the gradebook says of an nbgrader.api.SubmittedNotebook."""
    return Marks(
        student=row.student.id,
        assignment=row.assignment.name,
        scores={grade.cell.name: float(grade.score) for grade in row.grades},
        comments={
            comment.cell.name: comment.comment for comment in row.comments if comment.comment
        },
        by_hand=frozenset(grade.cell.name for grade in row.grades if grade.needs_manual_grade),
        score=float(row.score),
        max_score=float(row.max_score),
        penalty=float(row.late_submission_penalty or 0),
    )
