"""The doctor's look at what grading needs beside the jail."""

import shutil
from pathlib import Path

from bplib.grading import health

PROJECT = Path(__file__).parents[3]


def test_a_course_with_the_projects_configuration_is_well(small):
    shutil.copy(PROJECT / "nbgrader_config.py", small)
    assert health.configuration(small).well
    assert health.gradebook(small).well
    assert health.kernelspec().well


def test_without_it_plain_nbgrader_is_said_to_be_unsafe(small):
    found = health.configuration(small)
    assert not found.well
    assert "without a jail" in found.message


def test_an_older_configuration_is_said_to_show_active_parts(small):
    text = (PROJECT / "nbgrader_config.py").read_text().replace("c.HTMLExporter.", "c.Other.")
    (small / "nbgrader_config.py").write_text(text)
    found = health.configuration(small)
    assert not found.well
    assert "active" in found.message


def test_a_damaged_gradebook_is_said(small):
    (small / "gradebook.db").write_bytes(b"no database at all" * 100)
    found = health.gradebook(small)
    assert not found.well
    assert "does not open" in found.message


def test_a_folder_that_is_no_course_is_said(tmp_path):
    for look in (health.configuration, health.exchange):
        assert "no course folder" in look(tmp_path).message


def test_extensions_answer_with_what_to_do_or_are_well():
    found = health.extensions()
    assert found.well or "jupyter server extension enable" in found.message
