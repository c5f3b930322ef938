"""One transaction per submission, in nbgrader's own tables; an instructor's marks stay."""

import pytest
from classroom import ASSIGNMENT
from nbgrader.api import Gradebook
from sqlalchemy import event

from bplib.grading.course import course
from bplib.grading.gradebook import GradebookWriter
from bplib.grading.rows import Rows
from bplib.grading.scoring import Score
from bplib.grading.worker import Graded, GradedNotebook


def graded(student="ada", hidden=4.0, timestamp="2026-03-01 10:00:00 UTC"):
    scores = {
        "test_hidden_error": Score(hidden, 4.0),
        "test_double": Score(2.0, 2.0),
        "test_share": Score(1.0, 2.0),
        "why": Score(None, 3.0),
    }
    responses = {"hidden_error": None, "double": "No response.", "why": None}
    notebook = GradedNotebook(ASSIGNMENT, "{}", scores, responses)
    return Graded(student, ASSIGNMENT, timestamp, (notebook,), {}, "", 1.0)


@pytest.fixture
def writer(small):
    with GradebookWriter(course(small)) as opened:
        yield opened


def submission(root, student="ada"):
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as book:
        found = book.find_submission(ASSIGNMENT, student)
        return {
            "score": found.score,
            "timestamp": str(found.timestamp),
            "manual": found.needs_manual_grade,
            **{grade.name: grade.auto_score for grade in found.notebooks[0].grades},
            **{f"{c.name} said": c.auto_comment for c in found.notebooks[0].comments},
        }


def test_marks_are_what_nbgrader_reads(small, writer):
    marks = writer.write(graded())[ASSIGNMENT]
    found = submission(small)
    assert found["score"] == marks.score == 7.0
    assert marks.max_score == 11.0
    assert found["test_hidden_error"] == 4.0
    assert found["why"] is None
    assert found["manual"]
    assert found["double said"] == "No response."
    assert found["timestamp"] == "2026-03-01 10:00:00"
    assert marks.by_hand == {"why"}


def test_grading_again_changes_nothing_else(small, writer):
    writer.write(graded())
    before = submission(small)
    writer.write(graded())
    assert submission(small) == before


def test_an_instructors_mark_stays_and_is_to_be_looked_at_again(small, writer):
    writer.write(graded())
    with Gradebook(f"sqlite:///{small}/gradebook.db", "small") as book:
        book.find_grade("why", ASSIGNMENT, ASSIGNMENT, "ada").manual_score = 2.5
        book.find_comment("why", ASSIGNMENT, ASSIGNMENT, "ada").manual_comment = "Nice."
        book.db.commit()
    marks = writer.write(graded(hidden=1.0))[ASSIGNMENT]
    assert marks.scores["why"] == 2.5
    assert marks.comments["why"] == "Nice."
    assert marks.score == 6.5


def test_it_is_one_transaction(small, writer):
    commits = []
    event.listen(writer._gradebook.engine, "commit", lambda connection: commits.append(1))
    writer.write(graded())
    assert len(commits) == 1


def test_a_failure_in_the_middle_leaves_nothing(small, writer, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("killed here")

    monkeypatch.setattr(Rows, "computed", fail)
    with pytest.raises(RuntimeError):
        writer.write(graded("eve"))
    monkeypatch.undo()
    with Gradebook(f"sqlite:///{small}/gradebook.db", "small") as book:
        assert book.assignment_submissions(ASSIGNMENT) == []
        assert [student.id for student in book.students] == []
    writer.write(graded("eve"))
    assert submission(small, "eve")["score"] == 7.0


def test_a_late_submission_is_penalized_as_configured(small):
    config = (small / "nbgrader_config.py").read_text()
    late = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    (small / "nbgrader_config.py").write_text(config + late)
    with Gradebook(f"sqlite:///{small}/gradebook.db", "small") as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-02-01 00:00:00 UTC")
    with GradebookWriter(course(small)) as writer:
        assert writer.write(graded())[ASSIGNMENT].penalty == 7.0
        assert course(small).marks(ASSIGNMENT)[0].score == 0.0
        assert writer.write(graded(timestamp=""))[ASSIGNMENT].penalty == 0.0
        assert course(small).marks(ASSIGNMENT)[0].score == 7.0
        assert writer.write(graded())[ASSIGNMENT].penalty == 7.0
    with Gradebook(f"sqlite:///{small}/gradebook.db", "small") as book:
        book.find_assignment(ASSIGNMENT).duedate = None
        book.db.commit()
    with GradebookWriter(course(small)) as writer:
        assert writer.write(graded())[ASSIGNMENT].penalty == 0.0


def test_an_unknown_assignment_is_named(writer):
    with pytest.raises(ValueError, match="no assignment 'wek'; it has: week"):
        writer.skeletons("wek")


def test_the_skeleton_is_in_the_order_of_the_release(skeleton):
    assert [part.name for part in skeleton.parts] == [
        "setup", "hidden_error", "test_hidden_error", "double", "test_double", "test_share", "why",
    ]  # fmt: skip
    exercises = {part.name: part.exercise for part in skeleton.parts if part.exercise}
    assert exercises == {"test_hidden_error": "04.hidden_error"}
