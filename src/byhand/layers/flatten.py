"""Flatten: a picture's rows, one after the other."""

import math
from dataclasses import dataclass

from byhand.arrays import Array, Shape
from byhand.layers.base import Layer, Parameters
from byhand.scratch import Slot


@dataclass(frozen=True)
class Flatten(Layer):
    """x (B, H, W, ...) to y (B, H·W·...): the same numbers in the same memory under another shape."""

    def output_shape(self, shape: Shape) -> Shape:
        """(H·W·...,) for (H, W, ...)."""
        return (math.prod(shape),)

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """Lay each example out in one row."""
        slot.x = x
        return x.reshape(len(x), -1)

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """Give the gradient the shape of x again."""
        return dy.reshape(slot.x.shape)
