"""How fast is a training step?  bplib against PyTorch on the CPU, float32, as ratios in one run.

A step is the forward pass, the backward pass and the update of gradient descent, on one batch.
Both train the same model from the same weights (checked: they agree after one step), with their
default numbers of threads, each in its best form: PyTorch as nn.Sequential, CrossEntropyLoss on
class numbers, zero_grad(set_to_none=True) and the fastest of the forms of torch.optim.SGD.
They take turns in short blocks and the median ratio counts, so a busy machine hits both.
The floor is the time of the bare matrix products of that step in NumPy, and nothing else.

    python benchmarks/training.py

The exit status is 1 if a target is missed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bplib.nn import Network, TrainingStep

try:
    import torch
except ImportError:
    sys.exit('PyTorch is missing; install it with: pip install ".[bench]" (or torch==2.13.0)')

MODELS = [([784, 30, 10], 10, 4.0), ([784, 100, 10], 128, 1.0), ([784, 512, 512, 10], 128, 1.0)]
HIDDEN = {"sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU}
SGD_FORMS = [{}, {"foreach": False}, {"foreach": True}, {"fused": True}]
RATE, ROUNDS = 0.01, 25
BLOCK_SECONDS = REST_SECONDS = 0.1
Step = Callable[[], None]


def numpy_step(net: Network, X: np.ndarray, Y: np.ndarray) -> Step:
    """Return a function that trains `net` one step on the batch X, Y."""
    step = TrainingStep(net, len(X))
    return lambda: step(X, Y, RATE)


def torch_step(
    net: Network, hidden: str, X: np.ndarray, Y: np.ndarray, form: dict[str, bool]
) -> tuple[Step, torch.nn.Sequential]:
    """Return a function that trains a copy of `net` in PyTorch one step, and that copy."""
    parts: list[torch.nn.Module] = []
    for W, b in net.params:
        layer = torch.nn.Linear(*W.shape[::-1])
        layer.weight.data, layer.bias.data = torch.tensor(W), torch.tensor(b)
        parts += [layer, HIDDEN[hidden]()]
    model = torch.nn.Sequential(*parts[:-1])
    loss = torch.nn.CrossEntropyLoss()
    inputs, classes = torch.tensor(X), torch.tensor(Y.argmax(axis=1))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, **form)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss(model(inputs), classes).backward()
        optimizer.step()

    return step, model


def products(sizes: list[int], m: int) -> Step:
    """Return a function that does the matrix products of one step and nothing else.

    The arrays lie in memory as those of `TrainingStep`: it is the same work.
    """
    rng = np.random.default_rng(0)
    As = [rng.random((m, n), np.float32) for n in sizes]
    As[1:] = [np.asfortranarray(A) for A in As[1:]]
    Ws = [rng.random((n_out, n_in), np.float32) for n_in, n_out in pairwise(sizes)]
    Zs, dWs = [np.empty_like(A) for A in As], [np.empty_like(W) for W in Ws]

    def run() -> None:
        for i, W in enumerate(Ws):
            np.matmul(As[i], W.T, out=Zs[i + 1])
        for i, W in reversed(list(enumerate(Ws))):
            if i:
                np.matmul(As[i + 1], W, out=Zs[i])
            np.matmul(As[i + 1].T, As[i], out=dWs[i])

    return run


def seconds(step: Step) -> float:
    """Return the median seconds of a step over one block of time.

    A rest comes first: the threads of the library that ran before spin for a while in wait of
    more work, and would slow this one down.  The first tenth of the block wakes its own threads.
    """
    time.sleep(REST_SECONDS)
    taken, now = [], time.perf_counter()
    end = now + BLOCK_SECONDS
    while now < end:
        start = now
        step()
        now = time.perf_counter()
        taken.append(now - start)
    return median(taken[len(taken) // 10 :])


def check_same_model(net: Network, hidden: str, X: np.ndarray, Y: np.ndarray) -> None:
    """Raise AssertionError unless both sides have the same parameters after one step."""
    ours = net.astype(np.float32)
    step, model = torch_step(ours, hidden, X, Y, {})
    step()
    numpy_step(ours, X, Y)()
    theirs = [p.detach().numpy() for p in model.parameters()]
    for a, b in zip([p for pair in ours.params for p in pair], theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def measure(sizes: list[int], m: int, hidden: str) -> tuple[float, float, float, float]:
    """Return microseconds per step of the products, bplib and PyTorch, and PyTorch ÷ bplib."""
    rng = np.random.default_rng(0)
    X = rng.random((m, sizes[0]), np.float32)
    Y = np.eye(sizes[-1], dtype=np.float32)[rng.integers(sizes[-1], size=m)]
    net = Network.dense(sizes, hidden=hidden).astype(np.float32)
    check_same_model(net, hidden, X, Y)
    candidates = [torch_step(net, hidden, X, Y, form)[0] for form in SGD_FORMS]
    theirs = min(candidates, key=lambda step: median(seconds(step) for _ in range(3)))
    ours, floor = numpy_step(net, X, Y), products(sizes, m)
    rounds = [(seconds(floor), seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    micro = [1e6 * median(column) for column in zip(*rounds, strict=True)]
    return micro[0], micro[1], micro[2], median(t / o for _, o, t in rounds)


def main() -> int:
    """Measure, print the table, and return 1 if a target is missed."""
    console = Console()
    versions = f"NumPy {np.__version__}, PyTorch {torch.__version__}"
    table = Table(title=f"Microseconds for one float32 training step ({versions})")
    for name in ("model", "hidden", "batch"):
        table.add_column(name)
    for name in ("products (floor)", "bplib", "PyTorch", "PyTorch ÷ bplib", "target"):
        table.add_column(name, justify="right")
    missed = 0
    jobs = [(*model, hidden) for model in MODELS for hidden in HIDDEN]
    for sizes, m, target, hidden in track(jobs, "measuring", console=console, transient=True):
        floor, ours, theirs, ratio = measure(sizes, m, hidden)
        missed += ratio < target
        table.add_row(
            str(sizes), hidden, str(m), f"{floor:.0f}", f"{ours:.0f}", f"{theirs:.0f}",
            f"{ratio:.2f}", f"≥ {target:g} " + ("met" if ratio >= target else "MISSED"),
        )  # fmt: skip
    console.print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
