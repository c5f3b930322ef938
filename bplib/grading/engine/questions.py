"""A question's inputs on their way to the child: arrays, numbers, lists, activations and costs.

The judge's side encodes, the child decodes. Functions of `bplib.functions` go by name, for a
notebook may import them itself. Activations and costs stay outside: the child gets a stand-in, and
the judge answers its calls (`helpers.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bplib.functions import FUNCTIONS, NamedFunction
from bplib.grading.engine.arrays import REAL, Unpacker, pack

__all__ = ["decode", "encode"]


def encode(inputs: Mapping[str, Any]) -> tuple[list[Any], bytes, list[Any]]:
    """Return the inputs as a JSON tree, the bytes of their arrays, and the objects left outside.

    Raises `TypeError` for an input of any other type.
    """
    chunks: list[bytes] = []
    outside: list[Any] = []
    tree = [_encode(value, chunks, outside) for value in inputs.values()]
    return tree, b"".join(chunks), outside


def _encode(value: Any, chunks: list[bytes], outside: list[Any]) -> Any:
    if isinstance(value, np.ndarray):
        description, raw = pack(value)
        chunks.append(raw)
        return {"array": description}
    if isinstance(value, np.generic):
        description, raw = pack(np.asarray(value))
        chunks.append(raw)
        return {"scalar": description}
    if isinstance(value, bool | int | float | str) or value is None:
        return {"plain": value}
    if isinstance(value, list | tuple):
        name = "list" if isinstance(value, list) else "tuple"
        return {name: [_encode(part, chunks, outside) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[name, _encode(part, chunks, outside)] for name, part in value.items()]}
    if isinstance(value, NamedFunction) and FUNCTIONS.get(value.name) is value:
        return {"function": value.name}
    # An nn.Activation or nn.Cost; told by what they can do, so that this works without bplib.nn.
    for kind, method in (("activation", "derivative"), ("cost", "gradient")):
        if callable(value) and callable(getattr(value, method, None)):
            outside.append(value)
            return {kind: [len(outside) - 1, value.name]}
    raise TypeError(
        f"cannot put a {type(value).__name__} into a question; allowed are arrays, numbers, text, "
        "lists, tuples, dicts, activations, costs and the functions of bplib.functions"
    )


def decode(tree: list[Any], payload: bytes, stand_in: Callable[[str, int, str], Any]) -> list[Any]:
    """Return the arguments; `stand_in(kind, index, name)` makes those that stay outside."""
    source = Unpacker(payload, REAL)
    return [_decode(node, source, stand_in) for node in tree]


def _decode(node: Any, source: Unpacker, stand_in: Callable[[str, int, str], Any]) -> Any:
    ((kind, value),) = node.items()
    match kind:
        case "array":
            return source.take(*value)
        case "scalar":
            return source.take(*value)[()]
        case "plain":
            return value
        case "function":
            return FUNCTIONS[value]
        case "list":
            return [_decode(part, source, stand_in) for part in value]
        case "tuple":
            return tuple(_decode(part, source, stand_in) for part in value)
        case "dict":
            return {name: _decode(part, source, stand_in) for name, part in value}
    return stand_in(kind, *value)
