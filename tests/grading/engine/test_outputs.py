"""The outputs of a cell by themselves: what is kept is bounded, whatever comes."""

import base64
import struct
from typing import Any

import pytest

from bplib.grading.engine.frames import Broken, Frame
from bplib.grading.engine.outputs import _AROUND, _PLACES, Outputs, Page
from bplib.grading.engine.types import Budget

# So much room that only the bound in question bounds.
ROOM = Budget(outputs=10**6, cell_bytes=10**6, total_bytes=10**6)


IMAGE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 9, 9)).decode()


def said(kind: str, **header: Any) -> Frame:
    return Frame(b"", {"kind": kind, **header}, b"")


def texts(shown: Outputs) -> list[str]:
    return [output["data"]["text/plain"] for output in shown.outputs]


def test_an_update_reaches_the_latest_displays_of_its_name_alone() -> None:
    shown = Outputs(Page(ROOM), 1)
    for number in range(5 * _PLACES):
        shown.add(said("display", data={"text/plain": str(number)}, id="a"))
    shown.add(said("display", data={"text/plain": "other"}, id="b"))
    shown.add(said("update", data={"text/plain": "new"}, id="a"))
    assert texts(shown)[-1] == "other"
    assert texts(shown)[-_PLACES - 1 : -1] == ["new"] * _PLACES
    assert texts(shown).count("new") == _PLACES


def test_displays_that_say_nothing_take_room() -> None:
    shown = Outputs(Page(Budget(outputs=10**6, cell_bytes=50 * _AROUND)), 1)
    for _ in range(1000):
        shown.add(said("display", data={"text/plain": ""}))
    *kept, last = shown.outputs
    assert len(kept) == 50
    assert "left out" in last["text"]


def test_streams_that_take_turns_take_room() -> None:
    shown = Outputs(Page(Budget(outputs=10**6, cell_bytes=50 * (_AROUND + 1))), 1)
    for _ in range(1000):
        shown.add(said("stream", name="stdout", text="x"))
        shown.add(said("stream", name="stderr", text="x"))
    assert sum(output["text"] == "x" for output in shown.outputs) == 50
    assert len(shown.outputs) == 51


def test_displays_that_say_nothing_count_for_the_submission() -> None:
    page = Page(Budget(outputs=10**6, total_bytes=50 * _AROUND))
    cells = [Outputs(page, count) for count in range(10)]
    for shown in cells:
        for _ in range(20):
            shown.add(said("display", data={"text/plain": ""}))
    assert sum(output["output_type"] == "display_data" for c in cells for output in c.outputs) == 50


@pytest.mark.parametrize("side", [float("nan"), float("inf"), -1, 0, 10**4000, True, "9"])
def test_an_image_is_as_large_as_it_is_if_it_says_nonsense(side: object) -> None:
    shown = Outputs(Page(ROOM), 1)
    shown.add(said("display", data={"image/png": IMAGE}, metadata={"image/png": {"width": side}}))
    (output,) = shown.outputs
    assert (output["data"], output["metadata"]) == ({"image/png": IMAGE}, {})


@pytest.mark.parametrize(("text", "kept"), [(f"{IMAGE}\n", True), (f'{IMAGE}"><script>aa', False)])
def test_an_image_is_base64_and_nothing_else(text: str, kept: bool) -> None:
    shown = Outputs(Page(ROOM), 1)
    shown.add(said("display", data={"image/png": text}))
    assert ("image/png" in shown.outputs[0]["data"]) == kept


@pytest.mark.parametrize(
    "header",
    [
        {"kind": "stream", "name": "stdlog", "text": "x"},
        {"kind": "stream", "name": "stdout", "text": 5},
        {"kind": "display", "data": [1]},
        {"kind": "result", "data": None},
        {"kind": "update", "data": {}, "id": 3},
        {"kind": "clear", "wait": "no"},
        {"kind": "error", "name": "E", "value": "x", "lines": [None]},
        {"kind": "score", "points": 4},
    ],
)
def test_an_output_of_no_known_form_is_refused(header: dict[str, Any]) -> None:
    shown = Outputs(Page(ROOM), 1)
    with pytest.raises(Broken, match="no known form"):
        shown.add(Frame(b"", header, b""))
    assert shown.outputs == []


@pytest.mark.parametrize("data", [{"text/plain": 5}, {"image/png": [1]}, {7: "x"}, {}])
def test_a_display_of_odd_types_says_that_it_is_not_shown(data: dict[Any, Any]) -> None:
    shown = Outputs(Page(ROOM), 1)
    shown.add(said("display", data=data, id=[1], metadata=7))
    assert texts(shown) == ["[This type of output is not shown.]"]


@pytest.mark.parametrize("kind", ["display", "result", "update"])
def test_safe_types_alone_are_kept_although_the_child_did_not_drop_the_others(kind: str) -> None:
    """A student's code can write to the socket itself, past all that the child's shell does."""
    shown = Outputs(Page(ROOM), 1)
    shown.add(said("display", data={"text/plain": "old"}, id="a"))
    forged = dict.fromkeys(("text/html", "text/markdown", "image/svg+xml"), "<script>")
    verdict = {"application/vnd.bplib.verdict+json": {"score": 4}, "text/plain": "4.0"}
    shown.add(said(kind, data=forged | verdict, metadata={"text/html": {"isolated": True}}, id="a"))
    last = shown.outputs[-1]
    assert (last["data"], last["metadata"]) == ({"text/plain": "4.0"}, {})
