"""Flatten: a picture's rows, one after the other."""

import math
from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, Shape
from byhand.layers.base import Layer, Parameters
from byhand.scratch import Slot


@dataclass(frozen=True)
class Flatten(Layer):
    """x (B, H, W, ...) to y (B, H·W·...): the same numbers under another shape.

    In the same memory too, unless x lies there in another order (see memory.py).
    """

    def output_shape(self, shape: Shape) -> Shape:
        """(H·W·...,) for (H, W, ...)."""
        return (math.prod(shape),)

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """Lay each example out in one row."""
        slot.x = x
        if not x.flags.c_contiguous:
            x = slot.buffer("y", x.shape)
            np.copyto(x, slot.x)
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """Give the gradient the shape of x again, and its order in memory."""
        dx = dy.reshape(slot.x.shape)
        if not slot.x.flags.c_contiguous:
            dx = slot.buffer_like("dx", slot.x)
            np.copyto(dx, dy.reshape(dx.shape))
        return dx
