"""The command line: mistakes are told in one line, help is cheap."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bplib.cli import app


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "99"], "no unit '99'; the units are: "),
        (["simulate", "no-such"], "is not released in"),
        (["simulate", "05-backpropagation", "--students", "0"], "at least one student"),
        (["report", "no-such"], "no marks of 'no-such'; graded in"),
        (["report", "x", "--course", "/"], "/ is no course folder"),
        (["build", "--course", "/"], "no masters in"),
    ],
)
def test_a_users_mistake_is_one_message_and_status_2(arguments, said):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_gradebook_that_cannot_be_opened_is_one_message_and_status_2(tmp_path):
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "gradebook.db").write_text("this is no database, and too long to be an empty one")
    (tmp_path / "submitted" / "ada" / "week").mkdir(parents=True)
    result = CliRunner().invoke(app, ["grade", "week", "--course", str(tmp_path)])
    assert result.exit_code == 2
    assert "cannot be opened: file is not a database" in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_cannot_be_written_is_one_message_and_status_2(tmp_path):
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / ".bplib").touch()  # where a folder should be made
    result = CliRunner().invoke(app, ["grade", "week", "--course", str(tmp_path)])
    assert result.exit_code == 2
    assert str(tmp_path / ".bplib") in result.output
    assert "Traceback" not in result.output


def test_help_imports_nothing_heavy():
    """`bplib --help` answers at once: neither nbgrader nor NumPy is loaded for it."""
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from bplib.cli import app\n"
        "result = CliRunner().invoke(app, ['--help'])\n"
        "assert 'simulate' in result.output, result.output\n"
        "heavy = {'nbgrader', 'numpy', 'IPython', 'matplotlib', 'nbformat'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
