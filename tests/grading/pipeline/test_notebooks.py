"""A notebook from anybody is read as cells with texts, or refused with a reason."""

import json

import nbformat
import pytest

from bplib.grading.notebooks import CELLS, Unreadable, marks, read, text_of, written


def code(source="1 + 1", **more):
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
    return {**cell, "execution_count": None, **more}


def content(*cells, **more):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more})


def test_cells_are_read_with_joined_texts():
    notebook, notes = read(content(code(["a\n", "b"]), code("c")).encode())
    assert [cell["source"] for cell in notebook["cells"]] == ["a\nb", "c"]
    assert notes == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no valid JSON"),
        (b"{", "no valid JSON"),
        (b"\xff\xfe\x00", "no valid JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[]", "no notebook"),
        (b"{}", "no list of cells"),
        (b'{"cells": 3}', "no list of cells"),
        (b'{"nbformat": 3, "worksheets": 7}', "cannot be converted"),
        (b'{"nbformat": "x"}', "cannot be converted"),
        (b"1" * 10_000, "no valid JSON"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(data, said):
    with pytest.raises(Unreadable, match=said):
        read(data)


def test_broken_cells_are_left_out_and_said():
    odd = [None, 3, [], {}, {"cell_type": "evil"}]
    notebook, notes = read(content(*odd, code()).encode())
    assert len(notebook["cells"]) == 1
    assert notes == ["5 entries of the notebook are no cells and were left out"]


@pytest.mark.parametrize("metadata", [None, 3, "x", [], {"nbgrader": 5}, {"nbgrader": ["x"]}])
def test_metadata_of_wrong_types_is_no_metadata(metadata):
    notebook, _ = read(content(code(metadata=metadata, source=[1, "x", None], id=7)).encode())
    assert marks(notebook["cells"][0]) == {}
    assert notebook["cells"][0]["source"] == "x"


def test_texts_can_always_be_stored():
    assert text_of("a\ud800b\0") == "a\ufffdb\ufffd"
    text_of("\udcff").encode()


def test_thousands_of_cells_are_cut():
    notebook, notes = read(content(*[code()] * (CELLS + 5)).encode())
    assert len(notebook["cells"]) == CELLS
    assert f"first {CELLS}" in notes[0]


def test_format_three_is_converted():
    old = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell(input="x = 1")])]
    )
    notebook, _ = read(json.dumps(old).encode())
    assert notebook["cells"][0]["source"] == "x = 1"


def test_format_three_with_too_many_cells_is_refused_before_it_is_converted():
    """A file may hold so many that nbformat would take minutes."""
    cell = {"cell_type": "markdown", "source": "x", "metadata": {}}

    def old(count):
        sheet = {"cells": [cell] * count, "metadata": {}}
        values = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}
        return json.dumps(values).encode()

    assert len(read(old(CELLS))[0]["cells"]) == CELLS
    with pytest.raises(Unreadable, match="cannot be converted"):
        read(old(CELLS + 1))


def test_what_is_written_is_a_valid_notebook(skeleton):
    from bplib.grading.rebuild import empty

    text = written(empty(skeleton))
    assert text == written(empty(skeleton))
    nbformat.validate(nbformat.reads(text, as_version=4))
