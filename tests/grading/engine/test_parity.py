"""An honest notebook has the outputs that nbgrader's own Execute gives it."""

import base64
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from bplib.grading.engine import Engine
from bplib.grading.engine.outputs import PNG, TEXT

SOLUTIONS = Path(__file__).parents[3] / "solutions"
HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS.*?^### END HIDDEN TESTS\n?", re.S | re.M)

NOTEBOOKS = {
    "streams": [
        "print('one')\nprint('two', end='')", "", "  \n",
        "import sys\nprint('wrong', file=sys.stderr)",
        "for i in range(3): print(i)\nsys.stdout.flush()",
        "sys.stdout.write('x' * 10)", "print('ä → 😀', repr(sys.stdout.isatty()))",
    ],
    "results": [
        "1 + 1", "_ + 1", "Out[1], In[1]", "3;", "None", "import numpy as np\nnp.eye(2)",
        "{'a': [1, 2, (3,)], 'b': {1, 2}}", "class A:\n    def __repr__(self): return 'an A'\nA()",
        "x = 5\nx", "'text'", "...", "1;\n2", "[i ** 2 for i in range(40)]",
    ],
    "displays": [
        "display(1, 'two', [3])", "from IPython.display import display, Image\ndisplay({'a': 1})",
        "class P:\n    _repr_html_ = lambda s: '<b>'\n    __repr__ = lambda s: 'p'\nP()",
        "from IPython.display import Markdown\nMarkdown('*x*')",
    ],
    "updates": [
        "h = display('first', display_id='a')", "h.update('second')", "h.update('third')\nprint(1)",
        "display('fourth', display_id='a')", "display('unknown', display_id='b', update=True)",
    ],
    "clear_output": [
        "from IPython.display import clear_output\nprint(1)\nclear_output()\nprint(2)",
        "print(1)\nclear_output(wait=True)\nprint(2)", "print(1)\nclear_output(wait=True)",
        "for i in range(5):\n    clear_output(wait=True)\n    display(i)",
    ],
    "errors": [
        "1 / 0", "print('before')\nraise ValueError('no such thing')\nprint('after')", "def f(:\n",
        "undefined", "raise KeyError", "assert 1 == 2, 'not equal'", "import nothing_of_that_name",
        "raise NotImplementedError()", "def g():\n    return {}['k']\ng()", "print('still alive')",
        "class E(Exception):\n    pass\nraise E('own')", "input('?')", "import sys\nsys.exit(2)",
        "int('x')", "raise KeyboardInterrupt",
    ],
    "warnings": [
        "import warnings\nwarnings.warn('careful')",
        "import numpy as np\nnp.array([1.0]) / 0", "np.log(np.array([-1.0]))",
    ],
    "magics": [
        "%matplotlib inline", "%%time\npass\nx = 1", "%precision 3\n1 / 3",
        "%%capture out\nprint('hidden')", "out.stdout", "%who_ls int", "%no_such_magic", "x?",
        "%xmode Plain", "1 / 0", "get_ipython().execution_count", "%pwd;",
    ],
    "figures": [
        "import matplotlib.pyplot as plt\nimport numpy as np\nplt.plot([1, 3, 2]);",
        "plt.plot([1, 2])",
        "fig, ax = plt.subplots(figsize=(3, 2))\nax.imshow(np.eye(4))\nplt.show()",
        "fig", "plt.plot([1]); plt.figure(); plt.plot([2]); print('two')",
        "plt.title('closed')\nplt.close()", "%config InlineBackend.figure_format = 'retina'",
        "plt.plot([2, 1]); 7",
    ],
    "names": [
        "__name__", "import __main__\n__main__.__name__", "from dataclasses import dataclass\n"
        "@dataclass\nclass P:\n    x: int\nP(3)",
        "import pickle\npickle.loads(pickle.dumps(P(4)))", "import inspect\n"
        "def f():\n    return 1\nprint(inspect.getsource(f))", "%%writefile own.py\nV = 1",
        "import own\nown.V", "open('own.py').read()",
    ],
    "asynchronous": [
        "import asyncio\nawait asyncio.sleep(0)\n3",
        "async def f():\n    return 4\nawait f()", "print('done')",
    ],
    "threads": [
        "import threading\nt = threading.Thread(target=print, args=('from a thread',))\n"
        "t.start(); t.join()", "2",
    ],
}  # fmt: skip

TIMES = re.compile(r" *[\d.]+ ?(ns|µs|us|ms|s)\b|(CPU|Wall) times?.*")
COLORS = re.compile(r"\x1b\[[\d;]*m")
PLACES = re.compile(r"/\S*ipykernel_\d+/\d+\.py|\b\d{5,}\.py|<ipython-input-[^>]*>|0x[0-9a-f]+")


def plain(text: str) -> str:
    return PLACES.sub("PLACE", TIMES.sub("TIME", COLORS.sub("", text)))


def canonical(outputs: list[Any]) -> list[Any]:
    """Return what must be equal: streams joined by name (a kernel mixes them in any order)."""
    streams: dict[str, str] = {}
    others: list[Any] = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        elif kind == "error":
            others.append((kind, output["ename"], plain(output["evalue"])))
        else:
            data = {k: v for k, v in output["data"].items() if k in (TEXT, PNG)}
            if PNG in data:
                data[PNG] = base64.b64decode(data[PNG])
            if TEXT in data:
                data[TEXT] = plain(data[TEXT])
            sides = output["metadata"].get(PNG, {})
            others.append((kind, output.get("execution_count"), data, sides))
    return [{name: plain(text) for name, text in streams.items()}, *others]


def executed(cells: list[str], folder: Path) -> list[Any]:
    """Return the code cells as nbgrader's Execute leaves them."""
    from nbgrader.preprocessors import Execute

    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "p", "language": "python"}
    before = os.environ.get("NBGRADER_EXECUTION")
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    # Seconds; only a failure waits so long. After the last, outputs would be lost without a word.
    patient = dict.fromkeys(("timeout", "startup_timeout", "iopub_timeout"), 600)
    try:
        done, _ = Execute(**patient).preprocess(notebook, {"metadata": {"path": str(folder)}})
    finally:
        os.environ.pop("NBGRADER_EXECUTION")
        os.environ.update({"NBGRADER_EXECUTION": before} if before else {})
    return [(cell.execution_count, cell.outputs) for cell in done.cells]


def compare(engine: Engine, cells: list[str], folder: Path) -> None:
    with engine.session() as session:
        mine = [session.run_cell(source) for source in cells]
    for source, run, (count, outputs) in zip(cells, mine, executed(cells, folder), strict=True):
        assert run.ended == "", source
        assert run.execution_count == count, source
        assert canonical(run.outputs) == canonical(outputs), source


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_outputs_of_honest_cells(engine: Engine, name: str, tmp_path: Path) -> None:
    compare(engine, NOTEBOOKS[name], tmp_path)


@pytest.mark.parametrize("path", sorted(SOLUTIONS.glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_outputs_of_the_solutions(engine: Engine, path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    sources = [HIDDEN.sub("", c.source) for c in notebook.cells if c.cell_type == "code"]
    # The tutor speaks while a student works; while grading it is silent by design.
    compare(engine, [s for s in sources if not s.startswith("check(")], tmp_path)
