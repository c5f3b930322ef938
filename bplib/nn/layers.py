"""A dense layer: its forward pass and its backward pass, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bplib.nn.activations import Activation
from bplib.nn.checks import Array, as_float, require_fit
from bplib.nn.equations import bias_gradient, hidden_error, weight_gradient, weighted_input_batch


@dataclass(eq=False)
class Dense:
    """A layer in which every unit is connected to every unit below.

    W: (n_out, n_in)    b: (n_out,)    activation: φ
    The layer remembers nothing between calls: what `backward` needs, it is given.
    Raises ValueError if W and b do not fit together, TypeError if they hold no numbers.
    """

    W: Array
    b: Array
    activation: Activation

    def __post_init__(self) -> None:
        self.W, self.b = as_float("W", self.W), as_float("b", self.b)
        fits = self.W.ndim == 2 and self.W.size > 0 and self.b.shape == self.W.shape[:1]
        require_fit(fits, "W must be (n_out, n_in) and b (n_out,)", W=self.W, b=self.b)

    def forward(self, A_prev: Array) -> tuple[Array, Array]:
        """Return Z = A_prev @ W.T + b and A = φ(Z), both (m, n_out), from A_prev, (m, n_in)."""
        Z = weighted_input_batch(self.W, self.b, A_prev)
        return Z, self.activation(Z)

    def error(self, above: Dense, delta_next: Array, Z: Array) -> Array:
        """Return delta of this layer, (m, n_out), from that of the layer above (BP2).

        above: the next layer, W (n_next, n_out)    delta_next: (m, n_next)    Z: (m, n_out)
        """
        return hidden_error(above.W, delta_next, self.activation.derivative(Z))

    def backward(self, delta: Array, A_prev: Array) -> tuple[Array, Array]:
        """Return dW, (n_out, n_in), and db, (n_out,), from this layer's delta (BP4, BP3).

        delta: (m, n_out)    A_prev: (m, n_in)
        """
        return weight_gradient(delta, A_prev), bias_gradient(delta)

    def astype(self, dtype: np.dtype) -> Dense:
        """Return this layer in that floating type; itself if it has it already."""
        if self.W.dtype == dtype and self.b.dtype == dtype:
            return self
        return Dense(self.W.astype(dtype), self.b.astype(dtype), self.activation)
