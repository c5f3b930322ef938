"""A network of dense layers, and the algorithm of backpropagation in one short method."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from bplib.nn.activations import activation
from bplib.nn.checks import Array, as_float, is_integer, require_fit
from bplib.nn.equations import Gradients, Params
from bplib.nn.initializers import initializer
from bplib.nn.layers import Dense
from bplib.nn.outputs import Output
from bplib.nn.outputs import output as output_named
from bplib.nn.training import fit


class Network:
    """Dense layers 1 … L with a cost.  Rows are examples: X is (m, n_0), Y is (m, n_L).

    The type of X decides the type of the arithmetic: float32 if X is float32, else float64.
    A wrong name or shape raises ValueError with what is allowed, arrays without real numbers
    raise TypeError.  Ready-made networks come from `Network.dense`.
    """

    def __init__(self, layers: Sequence[Dense], output: Output) -> None:
        if len(layers) == 0:
            raise ValueError("layers is empty; a network needs at least one Dense layer")
        for below, above in pairwise(layers):
            fits = above.W.shape[1] == below.W.shape[0]
            require_fit(fits, "n_in must be the n_out of the layer below", W=above.W, below=below.W)
        if layers[-1].activation is not output.activation:
            raise ValueError(
                f"the last layer has activation {layers[-1].activation.name!r}, but the output is "
                f"{output.activation.name!r}; they must be the same"
            )
        self.layers = list(layers)
        self.output = output

    @classmethod
    def dense(
        cls,
        sizes: Sequence[int],
        hidden: str = "sigmoid",
        output: str = "softmax",
        cost: str = "cross_entropy",
        init: str = "glorot",
        seed: int | np.random.Generator = 0,
    ) -> Network:
        """Return a network with fresh float64 parameters.

        sizes: n_0 … n_L, at least two positive integers
        hidden: sigmoid, tanh, relu, leaky_relu, elu, linear    init: normal, glorot, he
        (output, cost): (linear, quadratic), (sigmoid, quadratic), (sigmoid, cross_entropy),
        (softmax, cross_entropy)    seed: an integer or a NumPy Generator

        >>> net = Network.dense([784, 30, 10])
        >>> [W.shape for W, b in net.params]
        [(30, 784), (10, 30)]
        """
        sizes = list(sizes) if np.iterable(sizes) else [sizes]
        if len(sizes) < 2 or not all(is_integer(n, 1) for n in sizes):
            raise ValueError(f"sizes is {sizes}; it needs at least two positive integers n_0 … n_L")
        end, phi, draw = output_named(output, cost), activation(hidden), initializer(init)
        phis = [phi] * (len(sizes) - 2) + [end.activation]
        rng = np.random.default_rng(seed)
        return cls(
            [
                Dense(*draw(rng, n_out, n_in), phi)
                for (n_in, n_out), phi in zip(pairwise(sizes), phis, strict=True)
            ],
            end,
        )

    @property
    def sizes(self) -> list[int]:
        """The numbers of units n_0 … n_L."""
        return [self.layers[0].W.shape[1]] + [len(layer.b) for layer in self.layers]

    @property
    def params(self) -> list[tuple[Array, Array]]:
        """(W, b) of layers 1 … L, W[l] (n_l, n_{l-1}) and b[l] (n_l,): the live arrays, no copies.

        Assigning a list of such pairs replaces them by copies of what is assigned.
        """
        return [(layer.W, layer.b) for layer in self.layers]

    @params.setter
    def params(self, params: Params) -> None:
        if len(params) != len(self.layers):
            raise ValueError(
                f"params has {len(params)} pairs (W, b), but there are {len(self.layers)} layers"
            )
        layers = [
            Dense(np.array(W), np.array(b), layer.activation)
            for (W, b), layer in zip(params, self.layers, strict=True)
        ]
        for new, old in zip(layers, self.layers, strict=True):
            require_fit(new.W.shape == old.W.shape, "W must keep its shape", W=new.W, before=old.W)
        self.layers = layers

    def forward(self, X: ArrayLike) -> tuple[list[Array], list[Array]]:
        """Return (Zs, As): Z[1] … Z[L], and A[0] = X, A[1] … A[L]; entry of layer l: (m, n_l)."""
        As, Zs = [self._input(X)], []
        for layer in self.layers_as(As[0].dtype):
            Z, A = layer.forward(As[-1])
            Zs.append(Z)
            As.append(A)
        return Zs, As

    def gradients(self, X: ArrayLike, Y: ArrayLike) -> Gradients:
        """Return (dW, db) of layers 1 … L, shaped like `params`: the algorithm in five steps.

        X: (m, n_0)    Y: (m, n_L).  Sources: 003 the algorithm, 001, 000, 004 summary.
        """
        X, Y = self.batch(X, Y)  # 1. input
        layers = self.layers_as(X.dtype)
        Zs, As = self.forward(X)  # 2. feedforward
        deltas = [self.output.error(Zs[-1], As[-1], Y)]  # 3. output error: BP1
        for layer, above, Z in zip(layers[-2::-1], layers[:0:-1], Zs[-2::-1], strict=True):
            deltas.insert(0, layer.error(above, deltas[0], Z))  # 4. backpropagate: BP2
        return [  # 5. output: BP4 and BP3
            layer.backward(delta, A_prev)
            for layer, delta, A_prev in zip(layers, deltas, As[:-1], strict=True)
        ]

    def cost(self, X: ArrayLike, Y: ArrayLike) -> float:
        """Return C, the mean over the rows of X, (m, n_0), against Y, (m, n_L)."""
        X, Y = self.batch(X, Y)
        Zs, As = self.forward(X)
        return float(self.output.cost(Zs[-1], As[-1], Y))

    def predict(self, X: ArrayLike) -> Array:
        """Return A[L], the output activations, (m, n_L), for X, (m, n_0)."""
        return self.forward(X)[1][-1]

    def accuracy(self, X: ArrayLike, Y: ArrayLike) -> float:
        """Return the share of rows whose largest output is where Y, (m, n_L), is largest.

        A network with one output unit is compared on the sides of ½.
        """
        X, Y = self.batch(X, Y)
        A = self.predict(X)
        if A.shape[1] == 1:
            return float(np.mean((A > 0.5) == (Y > 0.5)))
        return float(np.mean(A.argmax(axis=1) == Y.argmax(axis=1)))

    def train(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        learning_rate: float,
        batch_size: int,
        epochs: int,
        seed: int | np.random.Generator = 0,
        *,
        progress: bool = True,
    ) -> list[float]:
        """Return C over all of X, Y after each epoch of mini-batch gradient descent.

        X: (m, n_0)    Y: (m, n_L)    learning_rate > 0, batch_size ≥ 1, epochs ≥ 0
        Each epoch takes the rows in a new random order (seed) and learns from batches of
        batch_size rows; a last short batch is divided by its own number of rows.  Parameters
        are updated in place; a network of another type than X first takes the type of X.
        progress=False shows no bar.  Ctrl-C keeps what has been learned so far.
        Sources: 003 the mini-batch algorithm, 001 SGD update, 000.
        """
        X, Y = self.batch(X, Y)
        self.layers = self.layers_as(X.dtype)
        return fit(self, X, Y, learning_rate, batch_size, epochs, seed, progress=progress)

    def astype(self, dtype: DTypeLike) -> Network:
        """Return a copy of this network with parameters of that type, float32 or float64."""
        dtype = np.dtype(dtype)
        if dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype is {dtype}; it must be float32 or float64")
        copies = [
            Dense(layer.W.astype(dtype), layer.b.astype(dtype), layer.activation)
            for layer in self.layers
        ]
        return Network(copies, self.output)

    def layers_as(self, dtype: np.dtype[Any]) -> list[Dense]:
        """Return the layers with parameters of that type: the layers themselves if they have it."""
        return [layer.astype(dtype) for layer in self.layers]

    def batch(self, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        """Return X, (m, n_0), and Y, (m, n_L), checked and both in the type of the arithmetic."""
        X, Y = self._input(X), as_float("Y", Y)
        if Y.dtype.kind != "f":
            raise TypeError(f"Y has dtype {Y.dtype}; a network takes real numbers")
        fits = Y.shape == (len(X), self.sizes[-1])
        require_fit(fits, f"Y must be (m, {self.sizes[-1]}) with the m of X", X=X, Y=Y)
        return X, Y.astype(X.dtype, copy=False)

    def _input(self, X: ArrayLike) -> Array:
        X, n = as_float("X", X), self.sizes[0]
        if X.dtype.kind != "f":
            raise TypeError(f"X has dtype {X.dtype}; a network takes real numbers")
        fits = X.ndim == 2 and len(X) > 0 and X.shape[1] == n
        require_fit(fits, f"X must be (m, {n}) with m ≥ 1", X=X)
        return X if X.dtype == np.float32 else X.astype(np.float64, copy=False)
