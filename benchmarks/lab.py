"""A JupyterLab of its own in a temporary folder, and Debian's Chromium to look at it.

Nothing of the user's settings is read or written, and both end with the `with` block.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 300  # seconds; a busy machine is slow, and only a failure waits so long
# The kernel is attached and idle; what is asked of it earlier is lost.
READY = """() => {
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
  return !!panel
    && panel.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset?.status === 'idle'
    && panel.querySelector('.jp-Toolbar').innerText.includes('Python 3');
}"""


def browser_path() -> str:
    """Return the path of an installed Chromium; exits with a hint if there is none."""
    chosen = os.environ.get("CHROMIUM")
    found = chosen or next((p for p in map(shutil.which, BROWSERS) if p), None)
    if not found:
        sys.exit("no Chromium found; install it (on Debian: apt-get install chromium) or set "
                 "CHROMIUM to its path")  # fmt: skip
    return found


def write_notebook(path: Path, source: str) -> None:
    """Write a notebook with one code cell, for the kernel `python3`."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    cell = nbformat.v4.new_code_cell(source)
    nb = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(nb, path)


@contextmanager
def jupyterlab(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the address and the token of a JupyterLab that serves `root`/work."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "spaces",
        "IPYTHONDIR": "ipython",
    }  # fmt: skip
    env = os.environ | {name: str(root / folder) for name, folder in folders.items()}
    news = root / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
    token = secrets.token_hex(16)
    (root / "work").mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ServerApp.port=0",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root / 'work'}",
    ]  # fmt: skip
    with (root / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            url = address(root / "run", server)
            if not url:
                said = (root / "lab.log").read_text()[-2000:]
                sys.exit(f"JupyterLab does not run (status {server.returncode}):\n{said}")
            yield url, token
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def end_kernels(url: str, token: str) -> None:
    """End all sessions of the server, so that no kernel of a closed page goes on running."""
    headers = {"Authorization": f"token {token}"}

    def ask(path: str, method: str) -> bytes:
        request = urllib.request.Request(f"{url}/api/{path}", headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())

    for session in json.loads(ask("sessions", "GET")):
        ask(f"sessions/{session['id']}", "DELETE")


def address(runtime: Path, server: subprocess.Popen[bytes]) -> str:
    """Return where a server listens, as soon as it does; "" if it has ended.

    It chooses the port itself, at the last moment, and says so in `runtime`: while it starts,
    another program could take one that was found free for it.
    """
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        for said in runtime.glob("jpserver-*.json"):
            with suppress(ValueError, OSError):  # half written, or not listening yet
                port = json.loads(said.read_text())["port"]
                socket.create_connection(("127.0.0.1", port)).close()
                return f"http://127.0.0.1:{port}"
        time.sleep(0.1)
    return ""
