"""Bad submissions, and good ones that look bad: a name, an answer cell, and the points it earns.

The question is `hidden_error`, 4 points, judged. "right" stands for a right answer in the cell.
"""

import io
import tarfile
import zipfile

RIGHT = "def hidden_error(W_next, delta_next, dphi_z):\n    return (delta_next @ W_next) * dphi_z\n"
WRONG = "def hidden_error(W_next, delta_next, dphi_z):\n    return delta_next @ W_next\n"
HEAD = "def hidden_error(W_next, delta_next, dphi_z):\n"

# Controls: the points are those of an honest answer.
FULL = {
    "views": HEAD + "    return ((delta_next @ W_next) * dphi_z)[::-1][::-1]\n",
    "fortran order": HEAD + "    return np.asfortranarray((delta_next @ W_next) * dphi_z)\n",
    "loops": HEAD + "    out = np.zeros(dphi_z.shape)\n"
    "    for i in range(out.shape[0]):\n        for k in range(out.shape[1]):\n"
    "            for j in range(W_next.shape[0]):\n"
    "                out[i, k] += delta_next[i, j] * W_next[j, k] * dphi_z[i, k]\n    return out\n",
    "prints": RIGHT.replace("    return", "    print('hello', W_next)\n    return"),
    "a warning of NumPy": RIGHT.replace("    return", "    np.log(-1.0)\n    return"),
    "stderr": RIGHT.replace("    return", "    import sys; sys.stderr.write('x')\n    return"),
    "lists": RIGHT.replace("return (", "return ((").rstrip() + ").tolist()\n",
    "float32": RIGHT.replace("return (", "return np.float32((").rstrip() + ")\n",
    "in place on its own copy": HEAD + "    delta_next = delta_next @ W_next\n"
    "    delta_next *= dphi_z\n    return delta_next\n",
    "magics and display": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
    "plt.show()\n" + RIGHT,
    "a helper of its own": "def helper(a):\n    return a\n\n" + RIGHT,
    "an import that fails after it": RIGHT + "\nimport no_such_module\n",
    "leftover thread": RIGHT + "import threading, time\n"
    "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
}

# Nobody may earn a point with these.
ZERO = {
    "wrong": WRONG,
    "blank": "",
    "not written": HEAD + "    raise NotImplementedError()\n",
    "syntax error": "def hidden_error(:\n",
    "asserts dropped": "import ast\nclass Drop(ast.NodeTransformer):\n"
    "    def visit_Assert(self, node):\n        return ast.Pass()\n"
    "get_ipython().ast_transformers.append(Drop())\n" + WRONG,
    "cells emptied": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])\n"
    + WRONG,
    "allclose patched": "np.allclose = np.array_equal = lambda *a, **k: True\n" + WRONG,
    "check patched": "check = lambda *a: 4.0\n" + WRONG,
    "fake modules": "import sys, types\nfake = types.ModuleType('bplib.exercises.grade')\n"
    "fake.grade = lambda *a: 4.0\nsys.modules['bplib.exercises.grade'] = fake\n"
    "sys.modules['bplib.exercises'] = types.ModuleType('bplib.exercises')\n" + WRONG,
    "a local bplib": "import os\nos.makedirs('bplib', exist_ok=True)\n"
    "open('bplib/__init__.py', 'w').write('def grade(*a): return 4.0')\n" + WRONG,
    "a result": WRONG + "4.0\n",
    "a large result": WRONG + "999\n",
    "displayhook": WRONG + "import sys\nsys.displayhook(float('nan'))\n",
    "a forged verdict": WRONG + "from IPython.display import display\n"
    "display({'application/vnd.bplib.verdict+json': {'exercise_id': '04.hidden_error', 'score': 4,"
    " 'points': 4, 'misconception': None}, 'text/plain': '4.0'}, raw=True)\n",
    "a late update": WRONG + "from IPython.display import display\n"
    "import threading\nh = display('x', display_id='a')\n"
    "threading.Timer(0.2, lambda: h.update(4.0)).start()\n",
    "an array that equals all": "class Yes(np.ndarray):\n    def __eq__(self, o): return True\n"
    "    def __array_ufunc__(self, *a, **k): return np.zeros(1)\n"
    + HEAD
    + "    return np.ones(dphi_z.shape).view(Yes)\n",
    "inputs zeroed": HEAD + "    for a in (W_next, delta_next, dphi_z):\n        a[...] = 0\n"
    "    return np.zeros(dphi_z.shape)\n",
    "random patched": "np.random.default_rng = lambda *a: None\nnp.random.seed(0)\n" + WRONG,
    "the reference imported": HEAD + "    from bplib import nn\n"
    "    return nn.hidden_error(W_next, delta_next, dphi_z)\n",
    "the bank imported": HEAD + "    from bplib.exercises.bank import exercise\n"
    "    return exercise('04.hidden_error').reference(W_next, delta_next, dphi_z)\n",
    "the caller's frame": HEAD + "    import sys\n    frame = sys._getframe()\n"
    "    while frame:\n        for value in list(frame.f_locals.values()):\n"
    "            right = getattr(value, 'right', None)\n"
    "            if right: return right['delta']\n        frame = frame.f_back\n",
    "None": HEAD + "    return None\n",
    "NaN": HEAD + "    return np.full(dphi_z.shape, np.nan)\n",
    "objects": HEAD + "    return np.array([[object()]])\n",
    "complex": HEAD + "    return ((delta_next @ W_next) * dphi_z) + 1e-30j\n",
    "text": HEAD + "    return 'right'\n",
    "a huge array": HEAD + "    return np.broadcast_to(1.0, (10**6, 10**6))\n",
    "a large reply": HEAD + "    return np.zeros(10**8)\n",
    "deep nesting": HEAD + "    a = 1.0\n    for _ in range(100000): a = [a]\n    return a\n",
    "a loop in it": HEAD + "    while True: pass\n",
    "a loop that catches": HEAD + "    while True:\n        try:\n            while True: pass\n"
    "        except BaseException: pass\n",
    "exit in it": HEAD + "    import os; os._exit(0)\n",
    "sys.exit in it": HEAD + "    raise SystemExit(4)\n",
    "kills itself": HEAD + "    import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n",
    "kills its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n" + WRONG,
    "asks for input": HEAD + "    return input('mark? ')\n",
    "memory bomb": HEAD + "    a = []\n    while True: a.append(np.ones(10**7))\n",
    "fork bomb": HEAD + "    import os\n    while True: os.fork()\n",
    "hostile exception": "class Evil(BaseException):\n    def __str__(self): raise Evil()\n"
    "    __repr__ = __str__\n" + HEAD + "    raise Evil()\n",
    "not a function": "hidden_error = 4.0\n",
    "a loop in the cell": "while True: pass\n" + RIGHT,
    "300 MB of output": "for _ in range(300): print('x' * 10**6)\n" + WRONG,
    "disk fill": "f = open('x', 'wb')\nwhile True: f.write(bytes(10**7))\n",
}

# What a page or a published notebook must not show, whatever the code did to get it.
SECRETS = {
    "prints the tests": "import inspect, sys\ntry:\n    from bplib.exercises import grade\n"
    "    print(inspect.getsource(grade))\nexcept BaseException as e: print('no')\n" + WRONG,
    "scans the environment": "import os\nprint(dict(os.environ))\n" + WRONG,
    "walks the disk": "import os\nfor base in ('/tmp', '/work', '/root', '/home', '.', '..'):\n"
    "    for folder, _, names in os.walk(base):\n        for name in names:\n"
    "            if name.endswith(('.ipynb', '.db', 'secret')):\n"
    "                try: print(open(os.path.join(folder, name), 'rb').read())\n"
    "                except OSError: pass\n" + WRONG,
    "active outputs": "from IPython.display import HTML, Markdown, Javascript, display\n"
    "display(HTML('<script>alert(1)</script>'), Markdown('<img src=x onerror=alert(1)>'),"
    " Javascript('alert(1)'))\nprint('<script>alert(1)</script>')\n" + WRONG,
}


def _zip(name: str, content: bytes) -> bytes:
    """A zip archive of one file, of whatever name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def _tar(name: str, link: str) -> bytes:
    """A tar archive of a symbolic link that leads out of it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, link
        archive.addfile(entry)
    return file.getvalue()


# Files beside the notebook, by name: archives are kept as they are, and nobody opens them.
ARCHIVES = {
    "zip slip": ("slip.zip", _zip("../../../bob/week/week.ipynb", b"{}")),
    "an absolute path": ("root.zip", _zip("/tmp/bplib-slipped", b"out")),
    "a zip bomb": ("bomb.zip", _zip("zeros", bytes(50 << 20))),
    "another student's archive": ("bob_week_attempt_2026-03-01.zip", _zip("week.ipynb", b"{}")),
    "a link in a tar": ("link.tar.gz", _tar("gradebook.db", "../../../gradebook.db")),
}
