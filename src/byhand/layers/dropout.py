"""Dropout: while training, silence some numbers by chance, so that none is relied on alone."""

from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, Shape
from byhand.errors import SettingError
from byhand.layers.base import Layer, Parameters
from byhand.scratch import Slot


@dataclass(frozen=True)
class Dropout(Layer):
    """y = m x / (1 − q) while training, with each m 0 with chance q and 1 otherwise; y = x when asked.

    The division keeps the mean of y at x, so that nothing need be rescaled when the network is asked.
    Srivastava et al., "Dropout", 2014. Derived in docs/derivations/dropout.md.
    """

    chance: float = 0.5

    def __post_init__(self) -> None:
        """Refuse chances that make no sense."""
        if not 0 <= self.chance < 1:
            raise SettingError(f"the chance of dropping is {self.chance}; it must be from 0 to below 1")

    def output_shape(self, shape: Shape) -> Shape:
        """The same."""
        return shape

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """y = m x / (1 − q) while training, x otherwise."""
        if slot.rng is None:
            return x
        chances = slot.buffer("mask", (x.size,))
        slot.rng.random(out=chances, dtype=chances.dtype.type)
        np.greater_equal(chances, self.chance, out=chances)
        chances /= 1 - self.chance
        slot.y = slot.buffer_like("y", x)
        np.multiply(x, slot.buffer_like("mask", x), out=slot.y)
        return slot.y

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """dx = m dy / (1 − q) while training, dy otherwise."""
        if slot.rng is None:
            return dy
        dx: Array = slot.buffer_like("dx", slot.y)
        np.multiply(dy, slot.buffer_like("mask", slot.y), out=dx)
        return dx
