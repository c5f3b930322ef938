"""Says where an answer that runs over layers goes wrong first, counted from the output down."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
# What one layer of an answer is made of, and the step that makes it; None stands for the top layer.
STEPS = {
    "Z": "the weighted input",
    "A": "the activation",
    "delta": "the hidden error (BP2)",
    "db": "the bias gradient (BP3)",
    "dW": "the weight gradient (BP4)",
}
TOP = "the output error (BP1)"
UPSIDE_DOWN = "The layers are right, but in reverse order: the list has to begin with layer 1"
GRADIENTS = "its gradients (BP3, BP4), which are zero or missing"
PART = re.compile(r"(\w+)\[(\d+)\]")
UPWARD = {"Z", "A"}


def story(names: Sequence[str], wrong: Collection[str], absent: Collection[str] = ()) -> str:
    """Where the first wrong step is, and what is right all the same; empty if nothing can be said.

    names: of all arrays of the answer, in the order of the computation. wrong: those that are.
    absent: those that came back as zeros, or not at all.

    >>> story(["db[2]", "dW[2]", "db[1]", "dW[1]"], ["db[1]", "dW[1]"])
    'Counted from the output down, layer 1 is off first: the hidden error (BP2). Layer 2 is right.'
    >>> story(["dW", "db"], ["db"])
    'Only `db` is off; `dW` is right.'
    """
    bad = [name for name in names if name in wrong]
    if not bad or len(names) == 1:
        return ""
    if not all(PART.fullmatch(name) for name in names):
        good = [name for name in names if name not in wrong]
        if not good or len(bad) > 1:
            return ""
        return f"Only `{bad[0]}` is off; {listed(good)} right."
    steps = all(_split(name)[0] in STEPS for name in names)
    first = _first(names, first_step(names, wrong, absent)) if steps else ""
    return " ".join(part for part in (first, _scope(names, bad)) if part)


def quoted(names: Sequence[str]) -> str:
    """The names as code, in a list: "`a`, `b` and `c`". There must be one at least."""
    *rest, last = [f"`{name}`" for name in names]
    return f"{', '.join(rest)} and {last}" if rest else last


def listed(names: Sequence[str]) -> str:
    """The same with the verb: "`a` is", "`a` and `b` are"."""
    return f"{quoted(names)} {_be(names)}"


def first_step(
    names: Sequence[str], wrong: Collection[str], absent: Collection[str] = ()
) -> tuple[int, str]:
    """The layer that is wrong first, in the order of the names, and the step that makes it.

    Where both gradients of a layer are wrong, they were made from a wrong error, unless both are in
    `absent`: then they were not made at all.
    Raises ValueError if no name in `wrong` is that of a part of a layer.
    """
    bad = [name for name in names if name in wrong and PART.fullmatch(name)]
    if not bad:
        raise ValueError(f"no layer is wrong: {list(wrong)} of {list(names)}")
    kind, layer = _split(bad[0])
    there = [name for name in bad if _split(name)[1] == layer]
    kinds = {_split(name)[0] for name in there}
    top = layer == max(_split(name)[1] for name in names)
    if {"dW", "db"} <= kinds and all(name in absent for name in there):
        return layer, GRADIENTS
    if {"dW", "db"} <= kinds or kinds == {"delta"}:
        return layer, TOP if top else STEPS["delta"]
    return layer, STEPS.get(kind, "")


def turned(parts: Mapping[str, T]) -> dict[str, T]:
    """The parts of an answer under the names of the same parts if the layers are counted backward.

    Empty for the answer of one layer, and for one that is not made of the parts of layers.

    >>> turned({"delta[3]": "a", "delta[2]": "b", "delta[1]": "c"})
    {'delta[1]': 'a', 'delta[2]': 'b', 'delta[3]': 'c'}
    """
    if not all(PART.fullmatch(name) for name in parts):
        return {}
    split = {name: _split(name) for name in parts}
    layers = {layer for _, layer in split.values()}
    if len(layers) < 2:
        return {}
    ends = min(layers) + max(layers)
    return {f"{split[name][0]}[{ends - split[name][1]}]": part for name, part in parts.items()}


def _split(name: str) -> tuple[str, int]:
    match = PART.fullmatch(name)
    assert match is not None  # `story` and `first_step` pass no other names
    return match[1], int(match[2])


def _first(names: Sequence[str], first: tuple[int, str]) -> str:
    layer, step = first
    upward = {_split(name)[0] for name in names} <= UPWARD
    if layer == max(_split(name)[1] for name in names) and step == TOP:
        step += ", or the forward pass before it"
    way = "the input up" if upward else "the output down"
    return f"Counted from {way}, layer {layer} is off first" + (f": {step}." if step else ".")


def _scope(names: Sequence[str], bad: Sequence[str]) -> str:
    """What the wrong arrays have in common, or which layers are right."""
    kinds = dict.fromkeys(_split(name)[0] for name in names)
    wrong_kinds = {_split(name)[0] for name in bad}
    right_kinds = [kind for kind in kinds if kind not in wrong_kinds]
    if right_kinds:
        return f"Every {quoted(right_kinds)} is right."
    wrong_layers = {_split(name)[1] for name in bad}
    right = sorted({_split(name)[1] for name in names} - wrong_layers)
    if not right:
        return ""
    return f"Layer{'s' * (len(right) > 1)} {', '.join(map(str, right))} {_be(right)} right."


def _be(things: Sequence[object]) -> str:
    return "are" if len(things) > 1 else "is"
