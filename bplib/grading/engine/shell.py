"""The child's notebook: an IPython shell whose outputs go to the judge's side as they appear.

It does what ipykernel's shell does (streams, results, displays, figures, tracebacks, no `input`),
without a kernel. Made once in the zygote; each child finds it ready.
"""

import builtins
import getpass
import io
import os
import random
import socket
import sys
import threading
import time
from typing import Any

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from bplib.grading.engine.frames import encode

__all__ = ["OUTLET", "Shell", "make_shell", "prepare"]

WIRE_BYTES = 6 << 20
"""What one cell may send; more is dropped here. An animation sends many figures and keeps one."""
_FLUSH_BYTES, _FLUSH_SECONDS = 8192, 0.05
_KEPT = ("text/plain", "image/png")


class Outlet:
    """Return the way out: messages of the present request, and printed text in small portions."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # threads of a notebook print, too
        self._connection: socket.socket | None = None
        self._mark = b""
        self._showing = False
        self._room = 0
        self._stream, self._parts, self._length, self._flushed = "", [""], 0, 0.0

    def connect(self, connection: socket.socket | None) -> None:
        """Return nothing; from now on messages go there."""
        self._connection = connection

    def begin(self, mark: bytes, showing: bool) -> None:
        """Return nothing; a new request: whether its outputs are wanted."""
        with self._lock:
            self._mark, self._showing, self._room = mark, showing, WIRE_BYTES
            self._parts, self._length = [], 0

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """Return nothing; send a message of the present request."""
        with self._lock:
            if self._connection is not None:
                self._connection.sendall(encode(self._mark, header, payload))

    def show(self, header: dict[str, Any], size: int) -> None:
        """Return nothing; send an output of about `size` bytes if there is room for it."""
        with self._lock:
            if not self._showing:
                return
            self.flush()
            self._room -= size
            if self._room < 0:
                self._showing = False
                header = {"kind": "full"}
            self.send(header)

    def write(self, name: str, text: str) -> None:
        """Return nothing; print `text` to the stream `name`."""
        with self._lock:
            if not self._showing:
                return
            if name != self._stream:
                self.flush()
                self._stream = name
            text = text[: WIRE_BYTES // 4]
            self._parts.append(text)
            self._length += len(text)
            if self._length > _FLUSH_BYTES or time.monotonic() > self._flushed + _FLUSH_SECONDS:
                self.flush()

    def flush(self) -> None:
        """Return nothing; send the text that has been collected."""
        with self._lock:
            text, self._parts, self._length = "".join(self._parts), [], 0
            self._flushed = time.monotonic()
            if text:
                self.show({"kind": "stream", "name": self._stream, "text": text}, len(text))


OUTLET = Outlet()


class Stream(io.TextIOBase):
    """Return a stand-in for `sys.stdout` or `sys.stderr`."""

    def __init__(self, name: str) -> None:
        self.name = f"<{name}>"
        self._name = name

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the encoding that a notebook's streams name."""
        return "UTF-8"

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Return the number of characters; print them into the notebook."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        OUTLET.write(self._name, str(text))
        return len(text)

    def flush(self) -> None:
        """Return nothing; the text goes out at the latest when the cell ends."""


class Publisher(DisplayPublisher):  # type: ignore[misc]
    """Return what `display` publishes to."""

    def publish(
        self, data: Any, metadata: Any = None, *, transient: Any = None, update: bool = False,
        **ignored: Any,
    ) -> None:  # fmt: skip
        """Return nothing; show a display, or update those of the same name."""
        self._validate_data(data, metadata)
        _show("update" if update else "display", data, metadata, (transient or {}).get("display_id"))

    def clear_output(self, wait: bool = False) -> None:
        """Return nothing; take away the outputs of this cell, at once or before the next one."""
        OUTLET.show({"kind": "clear", "wait": bool(wait)}, 20)


class Hook(DisplayHook):  # type: ignore[misc]
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
            import base64

            value = base64.b64encode(value).decode()
        if isinstance(value, list):
            value = "".join(map(str, value))
        if isinstance(value, str):
            kept[mime] = value[: WIRE_BYTES // 2]
    header: dict[str, Any] = {"kind": kind, "data": kept}
    image = (metadata or {}).get("image/png")
    if isinstance(image, dict):
        header["metadata"] = {"image/png": {
            k: v for k, v in image.items() if k in ("width", "height") and isinstance(v, int | float)
        }}  # fmt: skip
    if name is not None:
        header["id"] = str(name)[:200]
    OUTLET.show(header, sum(map(len, kept.values())))


class Shell(InteractiveShell):  # type: ignore[misc]
    """Return an IPython shell that writes nothing to disk and to no terminal."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        lines = [str(line)[:20_000] for line in stb][:300]
        header = {
            "kind": "error", "name": str(etype.__name__)[:200], "value": _words(evalue)[:20_000],
            "lines": lines,
        }  # fmt: skip
        OUTLET.show(header, sum(map(len, lines)))

    def enable_gui(self, gui: Any = None) -> None:
        """Return nothing; there is no window to open."""

    def init_virtualenv(self) -> None:
        """Return nothing; the environment is the one that runs."""

    def ask_exit(self) -> None:
        """Return nothing; `exit` in a cell ends nothing, as a later cell may be right."""


def _words(value: Any) -> str:
    try:
        return str(value)
    except BaseException:  # a description that raises must not hide the exception itself
        return "<exception str() failed>"


def _no_input(prompt: Any = "", stream: Any = None) -> str:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def make_shell() -> Shell:
    """Return the shell, warm: figures, results and tracebacks have been made once."""
    config = Config()
    config.HistoryManager.enabled = False  # no database, and no thread that writes to it
    config.HistoryManager.hist_file = ":memory:"
    shell: Shell = Shell.instance(config=config)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")  # type: ignore[assignment]
    try:
        shell.run_cell("%matplotlib inline")
        shell.run_cell("import matplotlib.pyplot as p\n_f, _a = p.subplots()\n_a.plot([1, 2])")
        shell.run_cell("import numpy as np\nprint(np.ones((2, 2)) @ np.ones(2))\nnp.arange(3.0)")
        shell.run_cell("def f():\n    raise NotImplementedError\nf()")
        shell.run_cell("def f(:\n")
        shell.run_cell("from matplotlib import pyplot\npyplot.close('all')")
    finally:
        sys.stdout, sys.stderr = before
    shell.reset(new_session=True)
    return shell


def prepare(seed: int) -> None:
    """Return nothing; in a new child: streams, no input, random numbers of its own."""
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")  # type: ignore[assignment]
    sys.stdin = open(os.devnull)  # noqa: SIM115
    builtins.input = _no_input
    getpass.getpass = _no_input
    sys.argv = [""]
    sys.path.insert(0, "")
    # The children are copies of one process: without this all would draw the same numbers as it.
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
