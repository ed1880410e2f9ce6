"""Pooling: a picture made smaller, each square of it by its largest number or by its mean."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, Shape
from byhand.errors import SettingError
from byhand.layers.base import Layer, Parameters
from byhand.layers.memory import batch_first, rows_first
from byhand.scratch import Slot


@dataclass(frozen=True)
class Pool(Layer):
    """From x (B, H, W, C) to y (B, ⌊H/k⌋, ⌊W/k⌋, C): one number for each square of k by k, k = `size`.

    Rows and columns that fill no whole square are left out. Derived in docs/derivations/pooling.md.
    """

    size: int = 2

    def __post_init__(self) -> None:
        """Refuse sizes that make no sense."""
        if self.size < 1:
            raise SettingError(f"pooling over squares of {self.size}; it must be at least 1")

    def output_shape(self, shape: Shape) -> Shape:
        """(⌊H/k⌋, ⌊W/k⌋, C) for (H, W, C)."""
        if len(shape) != 3 or min(shape[:2]) < self.size:
            raise SettingError(
                f"pooling over squares of {self.size} follows an output of shape {shape}; it needs (rows,"
                " columns, channels), with room for a square"
            )
        return (shape[0] // self.size, shape[1] // self.size, shape[2])

    def squares(self, x: Array) -> Iterator[Array]:
        """Views (H', C, W', B) of x: the first number of every square, the second of every square, ..."""
        k = self.size
        rows = rows_first(x)
        height, _, width, _ = rows.shape
        for i in range(k):
            for j in range(k):
                yield rows[i : height - height % k : k, :, j : width - width % k : k]

    def pooled(self, x: Array, combine: np.ufunc, slot: Slot) -> Array:
        """The numbers of every square combined, two at a time: (H', C, W', B)."""
        slot.x = x
        height, width, channels = self.output_shape(x.shape[1:])
        y: Array = slot.buffer("y", (height, channels, width, len(x)))
        first, *others = self.squares(x)
        np.copyto(y, first)
        for other in others:
            combine(y, other, out=y)
        return y

    def dx(self, slot: Slot) -> Array:
        """Buffer for dx, with zeros where pooling leaves out a part of x."""
        dx = slot.buffer_like("dx", slot.x)
        if slot.x.shape[1] % self.size or slot.x.shape[2] % self.size:
            dx.fill(0)
        return dx


@dataclass(frozen=True)
class MaxPool2d(Pool):
    """y is the largest number of each square.   dx is dy where x was the first largest, else 0."""

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """y = max over the square."""
        slot.y = batch_first(self.pooled(x, np.maximum, slot))
        return slot.y

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """Give each dy to the first number of its square that is y: then nothing is left for the others."""
        dx, y = self.dx(slot), rows_first(slot.y)
        left = slot.buffer("left", y.shape)
        np.copyto(left, rows_first(dy))
        largest = slot.buffer("largest", y.shape, bool)
        *dx_parts, dx_last = self.squares(dx)
        for x_part, dx_part in zip(self.squares(slot.x), dx_parts, strict=False):
            np.equal(x_part, y, out=largest)
            np.multiply(left, largest, out=dx_part)
            left -= dx_part
        np.copyto(dx_last, left)  # where no other was y, the last one is
        return dx


@dataclass(frozen=True)
class AveragePool2d(Pool):
    """y is the mean of each square.   dx = dy / k² all over the square."""

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """y = (1/k²) Σ over the square."""
        y = self.pooled(x, np.add, slot)
        y /= self.size**2
        return batch_first(y)

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """dx = dy / k²."""
        dx, rows = self.dx(slot), rows_first(dy)
        for part in self.squares(dx):
            np.divide(rows, self.size**2, out=part)
        return dx
