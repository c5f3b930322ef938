"""Ordinary cells are scored as nbgrader scores them, but for its known faults."""

import pytest
from nbformat import from_dict
from nbgrader.utils import determine_grade

from bplib.grading.rebuild import MISSING
from bplib.grading.scoring import score

META = {"grade_id": "t", "grade": True, "solution": False, "locked": True, "task": False}


def cell(*outputs, **meta):
    values = {**META, "points": 2.0, "checksum": "x", **meta}
    source = {"cell_type": "code", "source": "f()", "outputs": list(outputs)}
    return {**source, "metadata": {"nbgrader": values}}


def result(text):
    return {"output_type": "execute_result", "data": {"text/plain": text}}


def stream(name):
    return {"output_type": "stream", "name": name, "text": "hello\n"}


ERROR = {"output_type": "error", "ename": "AssertionError", "evalue": "no", "traceback": []}


@pytest.mark.parametrize(
    "outputs",
    [(), (stream("stdout"),), (ERROR,), (stream("stdout"), ERROR), (result("1.5"),), (result("0"),),
     (result("2"),), (stream("stdout"), result("1")), (result("1"), ERROR)],
)  # fmt: skip
def test_where_nbgrader_is_right_we_agree(outputs):
    theirs, _ = determine_grade(from_dict(cell(*outputs)))
    ours = score(cell(*outputs))
    if outputs == (result("1"), ERROR):  # an error after a result: only a forger gets there
        assert (theirs, ours.points) == (1.0, 0.0)
    else:
        assert ours.points == theirs


@pytest.mark.parametrize(
    ("outputs", "points", "said"),
    [
        ((stream("stderr"),), 2.0, "by itself that costs nothing"),
        ((stream("stderr"), result("1")), 1.0, "by itself that costs nothing"),
        ((result("nan"),), 0.0, "should end with a number"),
        ((result("inf"),), 0.0, "should end with a number"),
        ((result("'hello'"),), 0.0, "should end with a number"),
        ((result("-1"),), 0.0, "should end with a number"),
        ((result("999"),), 2.0, "more than there is"),
        (({"output_type": "execute_result", "data": {}},), 0.0, "should end with a number"),
        ((ERROR,), 0.0, "the test found AssertionError: no"),
    ],
)
def test_its_faults_are_mended_and_said(outputs, points, said):
    found = score(cell(*outputs))
    assert found.points == points
    assert said in found.messages[0]


@pytest.mark.parametrize("ended", ["timeout", "died", "budget"])
def test_a_cell_that_did_not_end_well_earns_nothing_and_says_why(ended):
    found = score(cell(), ended)
    assert found.points == 0
    assert found.messages


def test_answers_by_hand():
    answer = cell(solution=True, locked=False)
    assert score(answer).points is None
    answer["source"] = f"# {MISSING}"
    assert (score(answer).points, score(answer).messages) == (0.0, (MISSING,))
    from bplib.grading.rebuild import checksum

    blank = cell(solution=True, locked=False)
    blank["metadata"]["nbgrader"]["checksum"] = checksum(blank)
    assert (score(blank).points, score(blank).messages) == (0.0, ("No response.",))


def test_a_written_test_cell_is_read_by_a_person():
    assert score({**cell(), "cell_type": "markdown"}).points is None
