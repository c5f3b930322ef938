"""What is left out while nbgrader is imported is there when somebody asks for it."""

import subprocess
import sys
import zipfile

SCRIPT = """
import sys
from pathlib import Path
from bplib.grading.course import course

course(Path(sys.argv[1])).directory
assert "nbgrader" in sys.modules
left_out = [name for name in ("setuptools", "rfc3987_syntax", "tornado.web") if name in sys.modules]
assert not left_out, left_out

from nbgrader.utils import unzip
unzip(sys.argv[2], sys.argv[3])

from nbgrader.server_extensions.formgrader import load_jupyter_server_extension
assert callable(load_jupyter_server_extension)
"""


def test_nothing_is_lost_by_importing_nbgrader_leanly(small, tmp_path):
    with zipfile.ZipFile(tmp_path / "handed-in.zip", "w") as archive:
        archive.writestr("week/week.ipynb", "{}")
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-c", SCRIPT, small, tmp_path / "handed-in.zip", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").rglob("*.ipynb")] == ["week.ipynb"]
