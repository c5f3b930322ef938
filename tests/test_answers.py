"""How answers are read and compared; what the judge does with them is tested in tests/exercises."""

from typing import Any

import numpy as np
import pytest

from bplib import answers
from bplib.answers import AnswerError, Outcome

SHAPES = {"x": (2, 3)}
PAIRS = [("dW[1]", "db[1]"), ("dW[2]", "db[2]")]


def read(answer: Any, **options: Any) -> Outcome:
    return answers.read(answer, SHAPES, "x", **options)


def test_leaves_are_named_by_equally_nested_labels() -> None:
    tree = [(1, 2), (3, 4)]
    assert list(answers.leaves(tree, PAIRS)) == [
        ("dW[1]", 1), ("db[1]", 2), ("dW[2]", 3), ("db[2]", 4),
    ]  # fmt: skip
    assert list(answers.leaves(tree, "all")) == [("all", tree)]
    with pytest.raises(ValueError, match="zip"):
        list(answers.leaves([(1, 2)], PAIRS))


def test_copies_share_nothing() -> None:
    original = [(np.zeros(2), "text"), [np.ones(1)], 3]
    copy = answers.copied(original)
    copy[0][0][:] = 5
    copy[1][0][:] = 5
    assert original[0][0].tolist() == [0, 0]
    assert original[1][0].tolist() == [1]
    assert copy[0][1] == "text"
    assert copy[2] == 3
    assert isinstance(copy[0], tuple)


@pytest.mark.parametrize(
    "value",
    [
        np.ones((2, 3)),
        np.ones((2, 3), dtype=int),
        np.ones((2, 3), dtype=np.uint8),
        np.ones((2, 3), dtype=bool),
        [[1, 1.0, True], [1, 1, 1]],
        ((1, 1, 1), (1, 1, 1)),
        (np.ones((2, 3)),),
        np.ones((2, 3)).view(np.matrix),
        np.ma.ones((2, 3)),
        [np.ones(3), [1, 1, 1]],
        np.ones((3, 2)).T,
        np.broadcast_to(1.0, (2, 3)),
    ],
)
def test_an_array_of_the_right_shape_is_read(value: Any) -> None:
    found = read(value)
    assert type(found.arrays["x"]) is np.ndarray
    assert found.arrays["x"].dtype == np.float64
    assert found.arrays["x"].flags.owndata
    np.testing.assert_array_equal(found.arrays["x"], np.ones((2, 3)))
    assert (found.faults, found.misshapen, found.message) == ({}, {}, "")


def test_precision_is_that_of_the_coarsest_array() -> None:
    assert read(np.ones((2, 3))).precision == "float64"
    assert read(np.ones((2, 3), dtype=np.float32)).precision == "float32"
    assert read(np.ones((2, 3), dtype=np.float16)).precision == "float32"
    labels, shapes = ("x", "y"), {"x": (1,), "y": (1,)}
    mixed = answers.read((np.ones(1), np.ones(1, dtype=np.float32)), shapes, labels)
    assert mixed.precision == "float32"


def test_one_row_in_a_tuple_is_one_row() -> None:
    """A tuple of one is a `return delta,` only if what is in it has the right shape."""
    row = (1.0, 2.0, 3.0)
    for answer in ((row,), ([*row],), (np.array(row),), [row], (np.array([row]),)):
        found = answers.read(answer, {"x": (1, 3)}, "x")
        assert found.arrays["x"].tolist() == [[1.0, 2.0, 3.0]], answer


def test_a_wrong_shape_is_kept_to_recognize_a_mistake_by() -> None:
    found = read(np.arange(6.0).reshape(3, 2))
    assert found.faults == {"x": "`x` should have shape (2, 3), got (3, 2)"}
    assert found.misshapen["x"].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert found.everything.keys() == {"x"}


@pytest.mark.parametrize(
    ("wanted", "answer", "says"),
    [
        ((), np.ones(13), "`x` should be one number, got an array of shape (13,)"),
        ((), [], "`x` should be one number, got an empty array"),
        ((2, 3), 1.0, "`x` should have shape (2, 3), got one number"),
        ((2, 3), [], "`x` should have shape (2, 3), got an empty array"),
    ],
)
def test_a_number_is_no_empty_shape(wanted: Any, answer: Any, says: str) -> None:
    found = answers.read(answer, {"x": wanted}, "x")
    assert found.faults == {"x": says}
    assert found.misshapen.keys() == ({"x"} if np.size(answer) else set())
    assert found.absent(["x"]) == ([] if np.any(answer) else ["x"])


def test_a_huge_array_is_never_copied() -> None:
    found = read(np.broadcast_to(np.float64(1), (10**9, 10**9)))
    assert found.misshapen == {}
    assert found.faults == {"x": "`x` should have shape (2, 3), got (1000000000, 1000000000)"}


def test_one_array_too_many_does_not_spoil_the_others() -> None:
    labels, shapes = ("x", "y"), {"x": (1,), "y": (1,)}
    found = answers.read([np.ones(1), "text"], shapes, labels)
    assert found.arrays.keys() == {"x"}
    assert found.faults.keys() == {"y"}


def test_none_is_an_open_line_only_in_a_derivation() -> None:
    labels, shapes = ("x", "y"), {"x": (1,), "y": (1,)}
    assert answers.read((None, [1]), shapes, labels, lines=True).open_lines == ("x",)
    assert "None" in answers.read((None, [1]), shapes, labels).faults["x"]


def test_a_number_stands_for_all_points_only_in_a_derivation() -> None:
    assert read(2.0, lines=True).arrays["x"].tolist() == [[2.0] * 3] * 2
    assert read(2.0, lines=True).one_number == ("x",)
    assert "should have shape" in read(2.0).faults["x"]
    assert answers.read(2.0, {"x": ()}, "x", lines=True).one_number == ()
    assert "NaN" in read(np.nan, lines=True).faults["x"]


WHOLE = r"expected \[\(dW\[1\], db\[1\]\), \(dW\[2\], db\[2\]\)\]"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "got None: is a `return` missing?"),
        (np.ones(4), WHOLE + ", got one array$"),
        ([(1, 2)], WHOLE + ", which has 2 parts; got 1$"),
        ([(1, 2), (3, 4), (5, 6)], WHOLE + ", which has 2 parts; got 3$"),
        ([1, 2, 3, 4], WHOLE + ", which has 2 parts; got 4$"),
        ([(1, 2), 3], "got an int object"),
        ([(1, 2), (3, 4, 5)], r"expected \(dW\[2\], db\[2\]\), which has 2 parts; got 3$"),
        ([(1, 2), None], "got None"),
        ({"dW": 1}, WHOLE + ", got a dict object$"),
        (zip([1, 2], [3, 4], strict=True), r"got a zip object: write list\(…\) around it$"),
        ((pair for pair in [(1, 2), (3, 4)]), r"a generator object: write list\(…\) around it$"),
        ([(1, 2), map(abs, (3, 4))], r"got a map object: write tuple\(…\) around it$"),
    ],
)
def test_a_wrong_structure_is_refused(answer: Any, says: str) -> None:
    with pytest.raises(AnswerError, match=says):
        answers.read(answer, dict.fromkeys(("dW[1]", "db[1]", "dW[2]", "db[2]"), ()), PAIRS)


# --- calling -------------------------------------------------------------------------------------


def call(function: Any, **inputs: Any) -> Outcome:
    return answers.call(function, inputs, SHAPES, "x")


def test_arguments_go_by_position() -> None:
    found = call(lambda first, second: first - second, a=np.full((2, 3), 5.0), b=2)
    assert found.arrays["x"].tolist() == [[3.0] * 3] * 2


def test_the_error_is_kept_and_an_interrupt_known() -> None:
    def fails() -> None:
        raise ValueError("no")

    def stops() -> None:
        raise KeyboardInterrupt

    assert isinstance(call(fails).error, ValueError)
    assert not call(fails).interrupted
    assert call(stops).interrupted
    assert not call(lambda: np.ones((2, 3))).interrupted


def test_long_texts_are_cut() -> None:
    def fails() -> None:
        raise ValueError("x" * 5000)

    assert len(call(fails).message) < 300


# --- comparing -----------------------------------------------------------------------------------


def test_close_is_relative_to_the_largest_right_entry() -> None:
    right = np.array([1000.0, 1e-3])
    assert answers.close(right + 9e-7, right, 1e-9)
    assert not answers.close(right + 2e-6, right, 1e-9)
    assert answers.close(right * 1e-200, right * 1e-200, 1e-9)


def test_close_to_zero_is_absolute() -> None:
    zero = np.zeros(3)
    assert answers.close(zero + answers.TINY / 2, zero, 1e-9)
    assert not answers.close(zero + 2 * answers.TINY, zero, 1e-9)
    assert answers.close(zero + 1e-10, zero, 1e-9, tiny=1e-9)
    assert not answers.close(zero + 1e-300, zero, 1e-9, tiny=0.0)
    assert answers.close(zero, zero, 1e-9, tiny=0.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nothing_is_close_to_what_is_not_finite(bad: float) -> None:
    assert not answers.close(np.array([1.0, bad]), np.ones(2), 1e-4)


def test_close_survives_the_largest_floats() -> None:
    most = np.array([1.7e308, 1.0])
    assert not answers.close(-most, np.ones(2), 1e-9)
    assert not answers.close(np.ones(2), -most, 1e-9)


def test_close_of_nothing_and_of_unequal_shapes() -> None:
    assert answers.close(np.zeros((0, 3)), np.zeros((0, 3)), 1e-9)
    with pytest.raises(ValueError, match=r"equal shapes, got \(2,\) and \(3,\)"):
        answers.close(np.zeros(2), np.zeros(3), 1e-9)


def test_projections_tell_answers_apart_and_are_linear() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 5, 7))
    np.testing.assert_allclose(
        answers.projections(2 * a - b), 2 * answers.projections(a) - answers.projections(b)
    )
    assert not np.allclose(answers.projections(a), answers.projections(b))
    changed = a.copy()
    changed[4, 6] += 1e-6
    assert not np.allclose(answers.projections(a), answers.projections(changed), rtol=0, atol=1e-9)
    assert answers.projections(a).shape == (answers.PROJECTIONS,)
    assert not np.allclose(answers.projections(a), answers.projections(a.reshape(7, 5)))


def test_projections_of_a_number_and_of_the_largest_floats() -> None:
    assert answers.projections(np.array(2.0)).shape == (answers.PROJECTIONS,)
    assert not np.isfinite(answers.projections(np.full((20, 20), 1.7e308))).all()
