"""Finds every module below `bplib.explore`, as a stand-in."""

from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from bplib.grading.inside.explore import Absent

__all__ = ["ExplorerFinder"]


class _Loader:
    """Return what makes a module whose every name is an `Absent`."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType:
        module = ModuleType(spec.name)

        def missing(name: str) -> Absent:
            if name.startswith("__"):
                raise AttributeError(name)
            return Absent(f"{spec.name}.{name}")

        vars(module)["__getattr__"] = missing
        return module

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Return nothing; there is nothing to run."""


class ExplorerFinder:
    """Return an entry of `sys.meta_path`."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the stand-in for a module below `bplib.explore`, None outside of bplib.

        Raises `ModuleNotFoundError` for any other module of bplib, wherever it may be installed.
        """
        if not name.startswith("bplib."):
            return None
        if not name.startswith("bplib.explore."):
            raise ModuleNotFoundError(f"No module named {name!r} while grading", name=name)
        return ModuleSpec(name, _Loader(), is_package=True)  # type: ignore[arg-type]
