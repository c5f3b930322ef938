"""The explorers while a notebook is graded: nobody moves a slider, so none is drawn."""

from typing import Any

__all__ = ["Absent", "missing"]

__path__: list[str] = []  # its modules are made by `finder.py`


class Absent:
    """Return a stand-in for any helper: it can be called, asked for parts, and shown as text."""

    def __init__(self, name: str, why: str = "explorers are not drawn while grading") -> None:
        self._name, self._why = name, why

    def __repr__(self) -> str:
        return f"[{self._name}: {self._why}]"

    def __call__(self, *arguments: Any, **options: Any) -> "Absent":
        """Return itself, so that the result can be shown or called again."""
        return self

    def __getattr__(self, name: str) -> "Absent":
        # IPython asks every value for dozens of private methods.
        if name.startswith("_"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}", self._why)


def missing(name: str) -> Any:
    """Return a stand-in for whatever else a notebook asks this module for."""
    if name.startswith("__"):
        raise AttributeError(name)
    return Absent(f"bplib.explore.{name}")
