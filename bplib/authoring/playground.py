"""A notebook with every explorer, for someone who only wants to play."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat

from bplib.authoring.masters import KERNEL, write_notebook
from bplib.explore import EXPLORERS


def playground() -> Any:
    """The notebook: one explorer after the other, in the order of the lessons."""
    cells = [
        nbformat.v4.new_markdown_cell(
            "# Explorers\n\nRun all cells (menu *Run*), then move the sliders (by keyboard: arrow "
            "keys; a list is opened with Space first). Each explorer asks a "
            "question first: guess, then reveal. *Reset* leads back to the start.",
            id="title",
        )
    ]
    for name in EXPLORERS:
        source = f"from bplib.explore import {name}\n\n{name}()"
        cells.append(nbformat.v4.new_code_cell(source, id=name))
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def play(path: Path, voila: bool = False) -> None:
    """Write the notebook to `path` and open it: in JupyterLab, or as a page with Voilà.

    Raises ValueError if Voilà is asked for and not installed. Returns when the server is stopped.
    """
    write_notebook(playground(), path)
    if not voila:
        subprocess.run([sys.executable, "-m", "jupyterlab", str(path)], check=False)
        return
    try:
        import voila as _  # noqa: F401
    except ImportError:
        raise ValueError("Voilà is not installed: pip install 'bplib[dashboard]'") from None
    subprocess.run([sys.executable, "-m", "voila", str(path)], check=False)
