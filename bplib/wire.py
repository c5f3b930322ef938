"""Turns the inputs of a case into plain JSON values and back, without pickle.

Inputs are arrays, numbers, lists and tuples of them, activations, costs and the functions of
`bplib.functions` (these three are sent by name).
"""

from typing import Any

import numpy as np

from bplib import nn
from bplib.functions import NamedFunction, function


def encode(value: Any) -> Any:
    """JSON values that `decode` turns back into an equal `value`. Raises TypeError for other types.

    >>> encode([np.array([1.5, 2.0]), nn.activation("tanh"), 3])
    [{'array': [1.5, 2.0]}, {'activation': 'tanh'}, 3]
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":  # row numbers stay row numbers
        return {"integers": value.tolist()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "fb":
        return {"array": value.tolist(), **({} if value.size else {"shape": list(value.shape)})}
    if isinstance(value, nn.Activation):
        return {"activation": value.name}
    if isinstance(value, nn.Cost):
        return {"cost": value.name}
    if isinstance(value, NamedFunction):
        return {"function": value.name}
    if isinstance(value, tuple):
        return {"tuple": [encode(part) for part in value]}
    if isinstance(value, list):
        return [encode(part) for part in value]
    if isinstance(value, dict):
        return {"dict": {name: encode(part) for name, part in value.items()}}
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    array = f" of dtype {value.dtype}" if isinstance(value, np.ndarray) else ""
    raise TypeError(
        f"cannot send a {type(value).__name__}{array}; allowed are arrays of real numbers, "
        "numbers, text, lists, tuples, dicts, activations, costs and named functions"
    )


def decode(value: Any) -> Any:
    """The value that `encode` got, arrays as float64 or int64. Raises ValueError otherwise."""
    if isinstance(value, list):
        return [decode(part) for part in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"array": data}:
            return np.array(data, dtype=np.float64).reshape(value.get("shape", np.shape(data)))
        case {"integers": data}:
            return np.array(data, dtype=np.int64)
        case {"activation": name}:
            return nn.activation(name)
        case {"cost": name}:
            return nn.cost(name)
        case {"function": name}:
            return function(name)
        case {"tuple": parts}:
            return tuple(decode(part) for part in parts)
        case {"dict": parts}:
            return {name: decode(part) for name, part in parts.items()}
    raise ValueError(f"unknown form with the keys {sorted(value)}; see bplib.wire.encode")


def rounded(value: Any, digits: int = 6) -> Any:
    """The same inputs with every array rounded to `digits` decimals, so that keys stay readable."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.round(value, digits) + 0.0  # no negative zeros
    if isinstance(value, (list, tuple)):
        return type(value)(rounded(part, digits) for part in value)
    if isinstance(value, dict):
        return {name: rounded(part, digits) for name, part in value.items()}
    return value
