"""The child's notebook: an IPython shell whose outputs go to the judge's side as they appear.

It does what ipykernel's shell does (streams, results, displays, figures, tracebacks, no `input`),
without a kernel. Made once in the zygote; each child finds it ready.
"""

import base64
import builtins
import getpass
import os
import random
import sys
from types import ModuleType
from typing import Any

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets import Type
from traitlets.config import Config

from bplib.grading.engine.outlet import OUTLET, VALUE_BYTES, Stream

__all__ = ["Shell", "make_shell", "prepare", "words"]

_KEPT = ("text/plain", "image/png")


class Publisher(DisplayPublisher):
    """Return what `display` publishes to."""

    def publish(
        self, data: Any, metadata: Any = None, source: Any = None, *, transient: Any = None,
        update: Any = False, **ignored: Any,
    ) -> None:  # fmt: skip
        """Return nothing; show a display, or update those of the same name."""
        DisplayPublisher._validate_data(self, data, metadata)
        name = (transient or {}).get("display_id")
        _show("update" if update else "display", data, metadata, name)

    def clear_output(self, wait: bool = False) -> None:
        """Return nothing; take away the outputs of this cell, at once or before the next one."""
        OUTLET.show({"kind": "clear", "wait": bool(wait)}, 20)


class Hook(DisplayHook):
    """Return what shows the value of a cell's last line."""

    _shown: Any = None

    def start_displayhook(self) -> None:
        """Return nothing; forget the last value."""
        self._shown = None

    def write_output_prompt(self) -> None:
        """Return nothing; the count travels apart."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Return nothing; keep the forms of the value."""
        self._shown = (format_dict, md_dict)

    def finish_displayhook(self) -> None:
        """Return nothing; show the value."""
        if self._shown and self._shown[0]:
            _show("result", *self._shown)
        self._shown = None


def _show(kind: str, data: Any, metadata: Any, name: Any = None) -> None:
    kept = {}
    for mime in _KEPT:
        value = data.get(mime)
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        if isinstance(value, list):
            value = "".join(map(str, value))
        if isinstance(value, str) and (mime == "text/plain" or len(value) <= VALUE_BYTES):
            kept[mime] = value[:VALUE_BYTES]
    header: dict[str, Any] = {"kind": kind, "data": kept}
    image = (metadata or {}).get("image/png")
    if isinstance(image, dict):
        sides = {k: v for k in ("width", "height") if isinstance(v := image.get(k), int | float)}
        header["metadata"] = {"image/png": sides}
    if name is not None:
        header["id"] = str(name)[:200]
    OUTLET.show(header, sum(map(len, kept.values())))


class Shell(InteractiveShell):
    """Return an IPython shell that writes nothing to disk and to no terminal."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)

    told: BaseException | None = None
    """The exception that was shown last."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.told = evalue
        lines = [str(line)[:20_000] for line in stb][:300]
        header = {
            "kind": "error", "name": str(etype.__name__)[:200], "value": words(evalue)[:20_000],
            "lines": lines,
        }  # fmt: skip
        OUTLET.show(header, sum(map(len, lines)))

    def system(self, cmd: Any) -> None:
        """Return nothing; `!pip install` and the like are passed over: the rest may be right."""
        said = f"[{str(cmd)[:200]!r} was not run: no program is started while grading]"
        print(said, file=sys.stderr)
        self.user_ns["_exit_code"] = 1

    def getoutput(self, cmd: Any, split: Any = True, depth: Any = 0) -> Any:
        """Return the output of a program that was not run: none."""
        self.system(cmd)
        return SList() if split else ""

    def enable_gui(self, gui: Any = None) -> None:
        """Return nothing; there is no window to open."""

    def init_virtualenv(self) -> None:
        """Return nothing; the environment is the one that runs."""

    def ask_exit(self) -> None:
        """Return nothing; `exit` in a cell ends nothing, as a later cell may be right."""


def words(value: Any) -> str:
    """Return the text of an exception, whatever its author has done to it."""
    try:
        return str(value)
    except BaseException:  # a description that raises must not hide the exception itself
        return "<exception str() failed>"


def _no_input(prompt: Any = "", stream: Any = None) -> str:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _pretended_utime(path: Any, *times: Any, **options: Any) -> None:
    """The jail says "done" to it even if there is no such file; `Path.touch` then makes none."""
    own = {name: options[name] for name in ("dir_fd", "follow_symlinks") if name in options}
    os.stat(path, **own)


def _no_pager(*ignored: Any, **options: Any) -> None:
    """A notebook shows help (`name?`) in a panel of its own, which is no output."""


def make_shell() -> Any:
    """Return the shell, warm: figures, results and tracebacks have been made once."""
    config = Config()
    config.HistoryManager.enabled = False  # no database, and no thread that writes to it
    config.HistoryManager.hist_file = ":memory:"
    shell: Any = Shell.instance(config=config)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    try:
        shell.run_cell("%matplotlib inline")
        shell.run_cell("import matplotlib.pyplot as p\n_f, _a = p.subplots()\n_a.plot([1, 2])")
        shell.run_cell("import numpy as np\nprint(np.ones((2, 2)) @ np.ones(2))\nnp.arange(3.0)")
        shell.run_cell("def f():\n    raise NotImplementedError\nf()")
        shell.run_cell("def f(:\n")
        shell.run_cell("from matplotlib import pyplot\npyplot.close('all')")
    finally:
        sys.stdout, sys.stderr = before
    shell.set_hook("show_in_pager", _no_pager, priority=0)
    shell.reset(new_session=True)
    return shell


def prepare(shell: Any, seed: int) -> None:
    """Return nothing; in a new child: streams, no input, builtins and random numbers of its own."""
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    sys.stdin = open(os.devnull)  # noqa: SIM115
    builtins.input = _no_input
    # A notebook that replaces or deletes builtins does it to a copy, and not to what runs it.
    own = ModuleType("builtins")
    vars(own).update(vars(builtins))
    sys.modules["builtins"] = own
    shell.user_ns.update(__builtin__=own, __builtins__=own)
    getpass.getpass = _no_input
    os.utime = _pretended_utime
    sys.argv = [""]
    sys.path.insert(0, "")
    # The children are copies of one process: without this all would draw the same numbers as it.
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
