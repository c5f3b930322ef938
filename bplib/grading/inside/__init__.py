"""What a notebook finds as `bplib` while it is graded.

`bplib.tutor` and `bplib.explore` only say that nothing is checked or drawn now; `bplib.data` and
`bplib.functions` are the real ones, with the digits already in memory; there is nothing else. The
package's folder may be unreadable by then, so everything is imported before the walls go up.
"""

import sys
from types import ModuleType

import bplib.data
import bplib.functions
from bplib.grading.inside import explore, package, tutor
from bplib.grading.inside.finder import ExplorerFinder

__all__ = ["install", "prepare"]

_DATA = bplib.data
# Kept here: the jail's step takes hidden modules out of the namespaces of their packages.
_PACKAGE = package
_MODULES: dict[str, ModuleType] = {
    "tutor": tutor,
    "explore": explore,
    "data": _DATA,
    "functions": bplib.functions,
}


def prepare() -> None:
    """Return nothing; in the zygote: read the digits, so that no child has to."""
    _DATA.digits()


def install() -> None:
    """Return nothing; in the child: `bplib` is now the stand-in, and only that."""
    for name in [name for name in sys.modules if name == "bplib" or name.startswith("bplib.")]:
        del sys.modules[name]
    _enter("bplib", _PACKAGE)
    for name, module in _MODULES.items():
        _enter(f"bplib.{name}", module)
        setattr(_PACKAGE, name, module)
    for module in (_MODULES["tutor"], _MODULES["explore"]):
        # Only now: whoever asks these modules for a name before is no notebook.
        vars(module)["__getattr__"] = module.missing
    for module in (_PACKAGE, _MODULES["tutor"], _MODULES["explore"]):
        # %autoreload would try to read their files, which are hidden, and complain at length.
        vars(module).pop("__file__", None)
    sys.meta_path.insert(0, ExplorerFinder)


def _enter(name: str, module: ModuleType) -> None:
    module.__name__ = name
    sys.modules[name] = module
