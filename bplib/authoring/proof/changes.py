"""What one small mistake makes of one node of a syntax tree.

`changes(node)` yields pairs (kind, new node). Left alone is what does not change values:
`np.array`, `list`, `float` and so on, since answers are read from arrays, lists and numbers alike.
"""

import ast
from collections.abc import Callable, Iterator
from typing import TypeVar

Change = tuple[str, ast.AST]
N = TypeVar("N", bound=ast.AST)

SWAPS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
RELATIVES = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "argmax": "argmin",
    "argmin": "argmax",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "sin": "cos",
    "cos": "sin",
    "any": "all",
    "all": "any",
    "real": "imag",
    "imag": "real",
    "prod": "sum",
    "std": "var",
    "var": "std",
    "sinh": "cosh",
    "cosh": "sinh",
    "log1p": "log",
    "expm1": "exp",
    "floor": "ceil",
    "ceil": "floor",
}
# Functions of which a forgotten, or an additional, minus sign in the argument is another function.
ODD_OR_NEITHER = {"exp", "expm1", "exp2", "log1p", "tanh", "sinh", "sqrt", "relu", "sigmoid"}
# Calls that turn a value into another type and leave it what it is.
CONVERSIONS = {"array", "asarray", "float", "int", "bool", "list", "tuple", "float64", "iter"}


def changes(node: ast.AST) -> Iterator[Change]:
    """All changes of this node itself; its children are nodes of their own."""
    for kind, rule in RULES:
        if isinstance(node, kind):
            yield from rule(node)


def _operator(node: ast.BinOp) -> Iterator[Change]:
    for other in SWAPS.get(type(node.op), ()):
        yield "operator", ast.BinOp(node.left, other(), node.right)
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield "swapped operands", ast.BinOp(node.right, node.op, node.left)
    yield "dropped term or factor", node.left
    yield "dropped term or factor", node.right
    if isinstance(node.op, ast.MatMult):
        for left, right in ((_turned(node.left), node.right), (node.left, _turned(node.right))):
            yield "transpose", ast.BinOp(left, node.op, right)


def _turned(value: ast.expr) -> ast.expr:
    """The transpose of what is a matrix by its name (a capital letter); else the value itself."""
    if isinstance(value, ast.Name) and value.id[0].isupper():
        return ast.Attribute(value, "T", ast.Load())
    return value


def _step(node: ast.AugAssign) -> Iterator[Change]:
    for other in SWAPS.get(type(node.op), ()):
        yield "operator", ast.AugAssign(node.target, other(), node.value)
    yield "overwrites", ast.Assign([node.target], node.value, lineno=0)
    yield "dropped statement", ast.Pass()


def _sign(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.USub | ast.Not | ast.Invert):
        yield "negation", node.operand


def _negated(value: ast.expr) -> Iterator[ast.expr]:
    """The value with the other sign; of a tuple each part in turn; nothing if it is no number."""
    if isinstance(value, ast.Tuple):
        for index, part in enumerate(value.elts):
            for new in _negated(part):
                parts = [*value.elts[:index], new, *value.elts[index + 1 :]]
                yield ast.Tuple(parts, ast.Load())
    elif isinstance(value, ast.Call) and _called(value) in ("zeros", "zeros_like", "empty"):
        return  # minus zero is zero
    elif isinstance(value, ast.Name | ast.BinOp | ast.Call | ast.Subscript | ast.Attribute):
        yield ast.UnaryOp(ast.USub(), value)


def _assigned(node: ast.Assign) -> Iterator[Change]:
    for value in _negated(node.value):
        yield "negation", ast.Assign(node.targets, value, lineno=0)
    yield "dropped statement", ast.Pass()


def _returned(node: ast.Return) -> Iterator[Change]:
    for value in _negated(node.value) if node.value else ():
        yield "negation", ast.Return(value)
    if isinstance(node.value, ast.Tuple):
        for parts in _neighbors_swapped(node.value.elts):
            yield "swapped results", ast.Return(ast.Tuple(parts, ast.Load()))


def _neighbors_swapped(parts: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """The list with two neighbors swapped, for each pair of neighbors."""
    for index in range(len(parts) - 1):
        yield [*parts[:index], parts[index + 1], parts[index], *parts[index + 2 :]]


def _statement(node: ast.Expr | ast.Break | ast.Continue) -> Iterator[Change]:
    yield "dropped statement", ast.Pass()


def _transpose(node: ast.Attribute) -> Iterator[Change]:
    if node.attr == "T":
        yield "transpose", node.value
    elif node.attr in RELATIVES:
        yield "relative", ast.Attribute(node.value, RELATIVES[node.attr], ast.Load())


def _name(node: ast.Name) -> Iterator[Change]:
    if node.id in ("max", "min", "any", "all") and isinstance(node.ctx, ast.Load):
        yield "relative", ast.Name(RELATIVES[node.id], ast.Load())


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _call(node: ast.Call) -> Iterator[Change]:
    yield from _keywords(node)
    if _called(node) == "range":
        yield from _range(node)
    elif _called(node) not in CONVERSIONS:
        method = isinstance(node.func, ast.Attribute) and not _is_module(node.func.value)
        if method and not (node.args and _called(node) == "derivative"):
            assert isinstance(node.func, ast.Attribute)
            yield "dropped call", node.func.value
        elif node.args and not isinstance(node.args[0], ast.GeneratorExp | ast.Starred):
            yield "dropped call", node.args[0]
    if _called(node) in ODD_OR_NEITHER and node.args:
        yield (
            "negation",
            ast.Call(
                node.func, [ast.UnaryOp(ast.USub(), node.args[0]), *node.args[1:]], node.keywords
            ),
        )
    for args in _neighbors_swapped(node.args) if _called(node) != "range" else ():
        yield "swapped arguments", ast.Call(node.func, args, node.keywords)


def _is_module(value: ast.expr) -> bool:
    """True for `np`, `np.linalg` and `np.random`: the argument is what a call there works on."""
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, ast.Name) and value.id in ("np", "math")


def _keywords(node: ast.Call) -> Iterator[Change]:
    for index, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:index], *node.keywords[index + 1 :]]
        if keyword.arg == "keepdims":
            yield "keepdims", ast.Call(node.func, node.args, rest)
        elif keyword.arg == "axis":
            yield "axis", ast.Call(node.func, node.args, rest)
            for axis in (0, 1):
                if ast.unparse(keyword.value) not in (str(axis), str(axis - 2)):
                    new = ast.keyword("axis", ast.Constant(axis))
                    yield "axis", ast.Call(node.func, node.args, [*rest, new])
        elif keyword.arg not in ("strict", "dtype"):
            yield "dropped argument", ast.Call(node.func, node.args, rest)


def _shifted(value: ast.expr, by: int) -> ast.expr:
    """The expression ±1, written as a person would."""
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        return ast.Constant(value.value + by)
    return ast.BinOp(value, ast.Add() if by > 0 else ast.Sub(), ast.Constant(1))


def _range(node: ast.Call) -> Iterator[Change]:
    ends = [ast.Constant(0), *node.args] if len(node.args) == 1 else node.args
    for index, by in ((0, 1), (0, -1), (1, 1), (1, -1)):
        args = list(ends)
        args[index] = _shifted(args[index], by)
        yield "range off by one", ast.Call(node.func, args, [])


def _subscript(node: ast.Subscript) -> Iterator[Change]:
    index = node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    found: list[tuple[str, list[ast.expr]]] = [
        ("index off by one", [*parts[:at], _shifted(part, by), *parts[at + 1 :]])
        for at, part in enumerate(parts)
        if isinstance(part, ast.Name)
        for by in (1, -1)
    ]
    if len(parts) > 1 and not any(isinstance(part, ast.Constant) for part in parts):
        found += [("swapped indices", swapped) for swapped in _neighbors_swapped(parts)]
    for kind, new in found:
        made = ast.Tuple(new, ast.Load()) if isinstance(index, ast.Tuple) else new[0]
        yield kind, ast.Subscript(node.value, made, node.ctx)


def _slice(node: ast.Slice) -> Iterator[Change]:
    for lower in _moved(node.lower):
        yield "slice", ast.Slice(lower, node.upper, node.step)
    for upper in _moved(node.upper):
        yield "slice", ast.Slice(node.lower, upper, node.step)
    if node.step is not None:
        yield "slice", ast.Slice(node.lower, node.upper, None)


def _moved(bound: ast.expr | None) -> list[ast.expr | None]:
    """No bound, and one off by one; numbers are changed as constants."""
    if bound is None:
        return []
    shifted = [] if isinstance(bound, ast.Constant) else [_shifted(bound, by) for by in (1, -1)]
    return [None, *shifted]


def _constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int | float):
        yield "constant", ast.Constant(value + 1)
        yield "constant", ast.Constant(value - 1)
    elif isinstance(value, str) and "->" in value:
        inputs, _, output = value.partition("->")
        first, comma, others = inputs.partition(",")
        yield "einsum", ast.Constant(f"{inputs}->{output[::-1]}")
        yield "einsum", ast.Constant(f"{first[::-1]}{comma}{others}->{output}")


def _comparison(node: ast.Compare) -> Iterator[Change]:
    for other in COMPARISONS.get(type(node.ops[0]), ()):
        yield "comparison", ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


def _either(node: ast.BoolOp) -> Iterator[Change]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "condition", ast.BoolOp(other, node.values)
    for index in range(len(node.values)):
        rest = [*node.values[:index], *node.values[index + 1 :]]
        yield "condition", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _choice(node: ast.IfExp) -> Iterator[Change]:
    yield "condition", node.body
    yield "condition", node.orelse


def _branch(node: ast.If | ast.While) -> Iterator[Change]:
    answers = (True, False) if isinstance(node, ast.If) else (False,)
    for answer in answers:
        yield "condition", type(node)(ast.Constant(answer), node.body, node.orelse)


def _loop(node: ast.For) -> Iterator[Change]:
    body = [*node.body, ast.Break()]
    yield "loop ends early", ast.For(node.target, node.iter, body, node.orelse, lineno=0)


def _comprehension(node: ast.comprehension) -> Iterator[Change]:
    if node.ifs:
        yield "condition", ast.comprehension(node.target, node.iter, [], node.is_async)


Rule = tuple[type[ast.AST] | tuple[type[ast.AST], ...], Callable[..., Iterator[Change]]]
RULES: tuple[Rule, ...] = (
    (ast.BinOp, _operator),
    (ast.AugAssign, _step),
    (ast.UnaryOp, _sign),
    (ast.Assign, _assigned),
    (ast.Return, _returned),
    ((ast.Expr, ast.Break, ast.Continue), _statement),
    (ast.Attribute, _transpose),
    (ast.Name, _name),
    (ast.Call, _call),
    (ast.Subscript, _subscript),
    (ast.Slice, _slice),
    (ast.Constant, _constant),
    (ast.Compare, _comparison),
    (ast.BoolOp, _either),
    (ast.IfExp, _choice),
    ((ast.If, ast.While), _branch),
    (ast.For, _loop),
    (ast.comprehension, _comprehension),
)
