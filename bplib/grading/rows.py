"""One submission's rows in nbgrader's gradebook, by statement: each is made once, then run often.

The tables and what they compute (scores, comments) are nbgrader's own, as it declares them. Its
objects would cost four times as much, and a class of hundreds waits for one gradebook.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, Select, Table, bindparam, insert, inspect, select, update

__all__ = ["Rows"]

Values = Mapping[str, Mapping[str, Any]]
"""New values by cell id, each by column."""


class Rows:
    """Return what reads and writes rows; every method works in the connection's transaction."""

    def __init__(self) -> None:
        self._student, self._submission, self._notebook = map(
            _table, (api.Student, api.SubmittedAssignment, api.SubmittedNotebook)
        )
        self._grade, self._comment = _table(api.Grade), _table(api.Comment)

    def submission(
        self, connection: Connection, assignment: str, student: str, timestamp: datetime | None
    ) -> str:
        """Return the id of a student's submission, made if it is missing, with this time stamp.

        assignment: the id of the released one.
        """
        ids = {"assignment_id": assignment, "student_id": student}
        known = connection.execute(self._find_submission, ids).one_or_none()
        if known is None:
            if connection.execute(self._find_student, {"student_id": student}).first() is None:
                connection.execute(insert(self._student), {"id": student})
            row = {**ids, "timestamp": timestamp}
            made = connection.execute(insert(self._submission), row).inserted_primary_key
            assert made is not None
            return str(made[0])
        if known.timestamp != timestamp:
            new = {"row": known.id, "timestamp": timestamp}
            connection.execute(_by_id(self._submission), new)
        return str(known.id)

    def notebooks(
        self, connection: Connection, submission: str, released: Sequence[str]
    ) -> dict[str, str]:
        """Return the ids of the submission's notebooks by those of the released ones."""
        found = {"submission": submission}
        known = _dict(connection.execute(self._find_notebooks, found))
        missing = [each for each in released if each not in known]
        if missing:
            rows = [{"assignment_id": submission, "notebook_id": each} for each in missing]
            connection.execute(insert(self._notebook), rows)
            known = _dict(connection.execute(self._find_notebooks, found))
        return {each: known[each] for each in released}

    def marked_by_hand(self, connection: Connection, notebook: str) -> set[str]:
        """Return the ids of the cells of a notebook for which somebody has given points."""
        return set(connection.scalars(self._by_hand, {"notebook": notebook}))

    def grades(
        self, connection: Connection, notebook: str, cells: Sequence[str], values: Values
    ) -> None:
        """Return nothing; write grades: all `cells` have one afterwards, some with new values."""
        self._put(connection, self._grade, self._find_grades, notebook, cells, values)

    def comments(
        self, connection: Connection, notebook: str, cells: Sequence[str], values: Values
    ) -> None:
        """Return nothing; write comments: all `cells` have one afterwards, some with new values."""
        self._put(connection, self._comment, self._find_comments, notebook, cells, values)

    def forgive(self, connection: Connection, submission: str) -> None:
        """Return nothing; take away the penalties of a submission for being late."""
        connection.execute(self._forgive, {"submission": submission})

    def computed(
        self, connection: Connection, submission: str
    ) -> list[tuple[Any, Sequence[Any], Sequence[Any]]]:
        """Return each notebook of a submission with its grades and comments, scores computed."""
        rows = connection.execute(self._computed_notebooks, {"submission": submission}).all()
        return [
            (
                row,
                connection.execute(self._computed_grades, {"notebook": row.id}).all(),
                connection.execute(self._computed_comments, {"notebook": row.id}).all(),
            )
            for row in rows
        ]

    @staticmethod
    def _put(
        connection: Connection,
        table: Table,
        find: Select[Any],
        notebook: str,
        cells: Sequence[str],
        values: Values,
    ) -> None:
        known = _dict(connection.execute(find, {"notebook": notebook}))
        new = [cell for cell in cells if cell not in known]
        # Rows that go together have the same columns: those with new values, and those without.
        for some in ([c for c in new if c in values], [c for c in new if c not in values]):
            if some:
                own = {"notebook_id": notebook}
                rows = [{**own, "cell_id": cell, **values.get(cell, {})} for cell in some]
                connection.execute(insert(table), rows)
        old = [{"row": known[cell], **values[cell]} for cell in values if cell in known]
        if old:
            connection.execute(_by_id(table), old)

    # --- statements ------------------------------------------------------------------------------

    @cached_property
    def _find_student(self) -> Select[Any]:
        return select(self._student.c.id).where(self._student.c.id == bindparam("student_id"))

    @cached_property
    def _find_submission(self) -> Select[Any]:
        c = self._submission.c
        return select(c.id, c.timestamp).where(
            c.assignment_id == bindparam("assignment_id"), c.student_id == bindparam("student_id")
        )

    @cached_property
    def _find_notebooks(self) -> Select[Any]:
        c = self._notebook.c
        return select(c.notebook_id, c.id).where(c.assignment_id == bindparam("submission"))

    @cached_property
    def _by_hand(self) -> Select[Any]:
        c = self._grade.c
        mine = c.notebook_id == bindparam("notebook")
        return select(c.cell_id).where(mine, c.manual_score.is_not(None))

    @cached_property
    def _find_grades(self) -> Select[Any]:
        return _ids(self._grade)

    @cached_property
    def _find_comments(self) -> Select[Any]:
        return _ids(self._comment)

    @cached_property
    def _forgive(self) -> Any:
        c = self._notebook.c
        penalized = c.late_submission_penalty.is_not(None)
        mine = update(self._notebook).where(c.assignment_id == bindparam("submission"), penalized)
        return mine.values(late_submission_penalty=None)

    @cached_property
    def _computed_notebooks(self) -> Select[Any]:
        c = self._notebook.c
        scores = (_computed(api.SubmittedNotebook, name) for name in ("score", "max_score"))
        columns = (c.id, c.notebook_id, c.late_submission_penalty, *scores)
        return select(*columns).where(c.assignment_id == bindparam("submission"))

    @cached_property
    def _computed_grades(self) -> Select[Any]:
        c = self._grade.c
        columns = (c.cell_id, c.needs_manual_grade, _computed(api.Grade, "score"))
        return select(*columns).where(c.notebook_id == bindparam("notebook"))

    @cached_property
    def _computed_comments(self) -> Select[Any]:
        c = self._comment.c
        columns = (c.cell_id, _computed(api.Comment, "comment"))
        return select(*columns).where(c.notebook_id == bindparam("notebook"))


def _table(of: Any) -> Table:
    table: Table = of.__table__
    return table


def _computed(of: Any, name: str) -> Any:
    """The expression by which nbgrader has the database compute a column."""
    return inspect(of).column_attrs[name].expression.label(name)


def _dict(pairs: Iterable[Any]) -> dict[str, str]:
    return dict(iter(pairs))  # a result has keys(), but is no mapping


def _ids(table: Table) -> Select[Any]:
    return select(table.c.cell_id, table.c.id).where(table.c.notebook_id == bindparam("notebook"))


def _by_id(table: Table) -> Any:
    return update(table).where(table.c.id == bindparam("row"))
