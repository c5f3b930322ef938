"""Mutants of a right solution: the same text with one small mistake, one for each place.

The mistakes are those that people make in this code: an operator, a transpose, an axis, a term, a
sign, a constant or an index that is off by one, two indices swapped, a call forgotten, one
argument taken for another, a loop that ends early. Standard library `ast` does it: general
mutation tools know nothing of axes and transposes, and want a test suite instead of a judge.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

from bplib.authoring.proof.changes import Change, changes


@dataclass(frozen=True)
class Mutant:
    """A changed solution.

    kind: the kind of change ("operator"); was, becomes: the line before and after it, which
    together name the mutant in the list of equivalent ones; source: the whole text.
    """

    kind: str
    was: str
    becomes: str
    source: str

    @property
    def name(self) -> str:
        """The change in one line: "db = delta.sum(axis=0) → db = delta.sum(axis=1)"."""
        return f"{self.was} → {self.becomes}"


class _Put(ast.NodeTransformer):
    """Puts one node in the place of another; no new node stands for a deleted statement."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def mutants(source: str) -> list[Mutant]:
    """All mutants of the source text of a function, in the order of their places, each once.

    Docstrings, comments, annotations and defaults are left out, since no case reaches them.
    Raises SyntaxError if the source is not Python.
    """
    tree = plain(source)
    before = ast.unparse(tree)
    seen = {before}
    found: dict[str, Mutant] = {}
    for node, (kind, new) in _all_changes(tree):
        after = _changed(tree, node, new)
        if after in seen:
            continue
        seen.add(after)
        was, becomes = _difference(before, after)
        mutant = Mutant(kind, was, becomes, after)
        repeats = 2
        while mutant.name in found:  # the same line twice in one solution
            mutant = Mutant(kind, was, f"{becomes} ({repeats})", after)
            repeats += 1
        found[mutant.name] = mutant
    return list(found.values())


def _all_changes(tree: ast.Module) -> Iterator[tuple[ast.AST, Change]]:
    """Every node with each of its changes; then every parameter with each that it is taken for."""
    for node in ast.walk(tree):
        for change in changes(node):
            yield node, change
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            names = [argument.arg for argument in function.args.args]
            for node in ast.walk(function):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    for other in names if node.id in names else ():
                        if other != node.id:
                            yield node, ("wrong variable", ast.Name(other, ast.Load()))


def plain(source: str) -> ast.Module:
    """The tree of a source text without docstrings, annotations and defaults."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            node.args.defaults, node.returns = [], None
            for argument in node.args.args:
                argument.annotation = None
    return tree


def _changed(tree: ast.Module, node: ast.AST, new: ast.AST) -> str:
    """The source text of the tree with `new` in the place of `node`."""
    memo: dict[int, object] = {}
    copied = copy.deepcopy(tree, memo)
    old = memo[id(node)]
    assert isinstance(old, ast.AST)
    return ast.unparse(ast.fix_missing_locations(_Put(old, copy.deepcopy(new)).visit(copied)))


def _difference(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, joined; `ast.unparse` writes one line for each simple statement."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return _joined(old), _joined(new)


def _joined(lines: list[str]) -> str:
    return "; ".join(line.strip() for line in lines)
