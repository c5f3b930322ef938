"""What is mutated: the solution of each exercise as it stands in its master, or in the bank."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bplib.exercises.exercise import Exercise, Function

LOOPS = "loops"


@dataclass(frozen=True)
class Subject:
    """A right solution.

    exercise_id: whose; origin: "master" or the name of the bank's style; call: its name;
    source: its text; helpers: text of what it uses of earlier cells.
    """

    exercise_id: str
    origin: str
    call: str
    source: str
    helpers: str = ""

    def function(self, source: str = "") -> Function:
        """The compiled function, of another source text if one is given.

        Raises whatever the text raises at the top level.
        """
        scope: dict[str, Any] = {"np": np, "__name__": "solution"}
        for text in (self.helpers, source or self.source):
            exec(compile(text, f"<{self.exercise_id}: {self.origin}>", "exec"), scope)
        return scope[self.call]  # type: ignore[no-any-return]


def subjects(exercise: Exercise, master: Path | None) -> list[Subject]:
    """The master's solution, if there is one, and two styles of the bank, if they are other texts.

    These are the first style and the one with loops, in which there are indices to get wrong.
    master: the unit's text master, or None.
    """
    found = [s for s in (_from_master(exercise, master) if master else None,) if s]
    for name in dict.fromkeys((next(iter(exercise.styles)), LOOPS)):
        style = exercise.styles.get(name)
        if style and not any(_shape(subject.source) == _shape(style.source) for subject in found):
            found.append(Subject(exercise.id, style.name, exercise.name, style.source))
    return found


def master_of(root: Path, unit: str) -> Path | None:
    """The master of a unit by its number in the course folder, or None if it is not there."""
    masters = [
        p for p in sorted((root / "source").glob(f"{unit}-*/*.py")) if p.stem == p.parent.name
    ]
    return masters[0] if masters else None


def _shape(source: str) -> str:
    """The text without comments, docstrings and blank lines."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree)


def _from_master(exercise: Exercise, master: Path) -> Subject | None:
    """The last solution cell above the exercise's check that defines its function."""
    # Workers need subjects too, but no masters; jupytext would cost each of them two seconds.
    import jupytext

    from bplib.exercises.bank import CHECK

    above: list[str] = []
    for cell in jupytext.read(master, fmt="py:percent").cells:
        if cell.cell_type != "code":
            continue
        match = CHECK.search(cell.source)
        if match and match["id"] == exercise.id:
            return _subject(exercise, above)
        above.append(cell.source)
    return None


def _subject(exercise: Exercise, cells: list[str]) -> Subject | None:
    """The subject in the last cell that defines the function, with what it needs of others."""
    for index in reversed(range(len(cells))):
        statements = ast.parse(cells[index]).body
        if any(isinstance(s, ast.FunctionDef) and s.name == exercise.name for s in statements):
            functions = [s for s in statements if isinstance(s, ast.FunctionDef)]
            source = "\n\n".join(ast.unparse(function) for function in functions)
            earlier = [s for cell in cells[:index] for s in ast.parse(cell).body]
            return Subject(exercise.id, "master", exercise.name, source, _needed(source, earlier))
    return None


def _needed(source: str, earlier: list[ast.stmt]) -> str:
    """The text of the earlier definitions that a source uses, and of what those use."""
    defined: dict[str, ast.stmt] = {}
    for statement in earlier:
        for name in _binds(statement):
            defined[name] = statement
    wanted, open_names = [], _uses(ast.parse(source))
    seen: set[str] = set()
    while open_names:
        name = open_names.pop()
        if name in seen or name not in defined:
            continue
        seen.add(name)
        if defined[name] not in wanted:
            wanted.append(defined[name])
            open_names |= _uses(defined[name])
    return "\n".join(ast.unparse(s) for s in earlier if s in wanted)


def _binds(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top level gives a value."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in statement.names]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    stored = [n for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    return [n.id for n in stored]


def _uses(tree: ast.AST) -> set[str]:
    """The names that a function or a statement reads and does not bind itself."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {node.id for node in names if isinstance(node.ctx, ast.Load)} - own
