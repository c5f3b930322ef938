"""A page is inert, small, without hidden tests, and says what there is to know."""

import json

import pytest
from classroom import ASSIGNMENT

from bplib.grading.feedback import LARGEST, Marks, render
from bplib.grading.judging import zero
from bplib.grading.notebooks import written
from bplib.grading.rebuild import empty


def marks(**changes):
    values = {
        "student": "ada",
        "assignment": ASSIGNMENT,
        "scores": {"test_double": 1.5, "why": 2.0},
        "comments": {},
        "by_hand": frozenset(),
        "score": 3.5,
        "max_score": 11.0,
    }
    return Marks(**{**values, **changes})


@pytest.fixture
def notebook(skeleton):
    values = json.loads(written(empty(skeleton)))
    for cell in values["cells"]:
        cell["source"] = "".join(cell["source"])
    return values


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_the_points_are_at_the_top_and_beside_each_question(notebook):
    page = render(notebook, ASSIGNMENT, marks())
    assert "ada: <strong>3.5 of 11 points</strong>" in page
    assert "1.5 of 2 points" in page
    assert page.index("1.5 of 2 points") < page.index("<main>")


def test_what_a_person_still_has_to_read_is_said(notebook):
    page = render(notebook, ASSIGNMENT, marks(by_hand=frozenset({"why"})))
    assert "1 still to be read by a person" in page
    assert page.count("still to be read") >= 3


def test_penalty_comments_and_notes_are_shown(notebook):
    notebook["metadata"]["bplib"] = {"notes": ["`x.bin` was left out: it is a link"]}
    page = render(notebook, ASSIGNMENT, marks(penalty=1.5, comments={"why": "Well said."}))
    assert "1.5 points are taken off" in page
    assert "2 of 11 points" in page
    assert "Comment: Well said." in page
    assert "<code>x.bin</code> was left out" in page


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "</pre><img src=x onerror=alert(1)>",
        "\x1b[31m\x00\x08red",
        "`<b>`",
        "<svg/onload=alert(1)>",
    ],
)
def test_nothing_of_a_student_is_active_anywhere(notebook, evil):
    cell_of(notebook, "double")["source"] = evil
    cell_of(notebook, "double")["outputs"] = [
        stream(evil),
        {"output_type": "error", "ename": evil, "evalue": evil, "traceback": [evil]},
        {"output_type": "display_data", "data": {"text/html": evil, "text/plain": evil}},
        {"output_type": "display_data", "data": {"image/png": evil}},
        {"output_type": "display_data", "data": {"image/svg+xml": evil, "text/markdown": evil}},
    ]
    cell_of(notebook, "why")["source"] = evil
    head = {"cell_type": "markdown", "metadata": {}, "source": f"# {evil}", "id": "h"}
    notebook["cells"].insert(0, head)
    notebook["metadata"]["bplib"] = {"notes": [evil]}
    cell_of(notebook, "test_double")["metadata"]["bplib"] = {"messages": [evil]}
    page = render(notebook, ASSIGNMENT, marks(student=evil, comments={"why": evil, "double": evil}))
    for active in ("<script", "<img src=x", "<svg", "<b>", "\x1b", "\x00"):
        assert active not in page
    assert page.count("<img") == 0


def test_lines_of_hidden_tests_are_masked_wherever_they_turn_up(notebook):
    line = "assert double(21) == 42, 'try another number'"
    assert line in cell_of(notebook, "test_double")["source"]
    cell_of(notebook, "double")["outputs"] = [stream(f"I found it: {line}")]
    cell_of(notebook, "double")["source"] = f"# {line}"
    page = render(notebook, ASSIGNMENT, marks())
    assert "double(21)" not in page
    assert "[a line of a hidden test]" in page


def test_figures_are_shown(notebook):
    data = {"image/png": "aGVsbG8=\n", "text/plain": "<Figure>"}
    cell_of(notebook, "double")["outputs"] = [{"output_type": "display_data", "data": data}]
    assert 'src="data:image/png;base64,aGVsbG8="' in render(notebook, ASSIGNMENT, marks())


def test_a_page_never_grows_beyond_its_limit_and_keeps_the_marks(notebook):
    picture = {"output_type": "display_data", "data": {"image/png": "a" * 400_000}}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [picture, stream("<&>" * 50_000), picture]
    page = render(notebook, ASSIGNMENT, marks())
    assert len(page.encode()) <= LARGEST
    assert "1.5 of 2 points" in page
    assert "too long for this page" in page
    many = [{**notebook["cells"][-1], "id": f"q{n}"} for n in range(3000)]
    notebook["cells"] = many
    assert len(render(notebook, ASSIGNMENT, marks()).encode()) <= LARGEST


def test_a_cause_stands_beside_every_question(notebook):
    zero(notebook, "week.ipynb could not be read: it is no valid JSON text")
    page = render(notebook, ASSIGNMENT, marks(scores={}, score=0.0))
    assert page.count("could not be read") == 4


def test_nothing_turns_the_order_of_what_is_read_around():
    from bplib.grading.feedback import _short

    assert _short("0 points \u202e\u2066\u2069of 9", 100) == "0 points of 9"


def test_a_mark_that_is_to_be_read_again_is_shown(notebook):
    """It counts in the total; a page that hid it would not add up."""
    page = render(notebook, ASSIGNMENT, marks(by_hand=frozenset({"why"})))
    assert "2 of 3 points, still to be read again" in page
    unread = marks(by_hand=frozenset({"why"}), scores={"test_double": 1.5, "why": 0.0})
    assert "still to be read<" in render(notebook, ASSIGNMENT, unread)


def test_a_penalty_takes_no_more_than_there_is(notebook):
    """Marks given by hand after the penalty was computed may be lower than it."""
    assert marks(score=5.0, penalty=2.0).earned == 3.0
    late = marks(score=5.0, penalty=7.0)
    assert late.earned == 0.0
    page = render(notebook, ASSIGNMENT, late)
    assert "0 of" in page
    assert "-2 of" not in page
