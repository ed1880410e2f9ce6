"""The dense layer: every output is a weighted sum of all inputs."""

from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, Shape, ones
from byhand.errors import SettingError
from byhand.initial import Initial
from byhand.layers.base import Layer, Parameters
from byhand.products import product
from byhand.scratch import Slot


@dataclass(frozen=True)
class Dense(Layer):
    """y = x W + b.    x (B, I), W (I, O), b (O,), y (B, O).

    Derived in docs/derivations/dense.md.
    """

    inputs: int
    outputs: int

    def __post_init__(self) -> None:
        """Refuse sizes that make no sense."""
        if self.inputs < 1 or self.outputs < 1:
            raise SettingError(f"a dense layer of {self.inputs} by {self.outputs}; both must be at least 1")

    def output_shape(self, shape: Shape) -> Shape:
        """(O,) for (I,)."""
        if shape != (self.inputs,):
            raise SettingError(
                f"a dense layer of {self.inputs} inputs follows an output of shape {shape}; make them agree"
            )
        return (self.outputs,)

    def parameters(self) -> dict[str, Shape]:
        """W (I, O) and b (O,)."""
        return {"W": (self.inputs, self.outputs), "b": (self.outputs,)}

    def initialize(self, p: Parameters, initial: Initial, rng: np.random.Generator) -> None:
        """Draw W and b uniformly within the bounds of `initial`."""
        bounds = initial(self.inputs, self.outputs)
        p.W[:] = rng.uniform(-bounds.weights, bounds.weights, p.W.shape)
        p.b[:] = rng.uniform(-bounds.biases, bounds.biases, p.b.shape)

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """y = x W + b."""
        slot.x = x
        y = product(x, p.W, slot.buffer("y", (len(x), self.outputs)))
        y += p.b[None]  # as a batch of one: to one example it is then added without broadcasting
        return y

    def gradients(self, dy: Array, dp: Parameters, slot: Slot) -> None:
        """dW = xᵀ dy,   db = Σ_B dy."""
        product(slot.x.T, dy, dp.W)
        np.matmul(ones(len(dy), dy.dtype), dy, out=dp.b)  # a sum, as a product: products are what is fast

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """dx = dy Wᵀ."""
        return product(dy, p.W.T, slot.buffer("dx", slot.x.shape))
