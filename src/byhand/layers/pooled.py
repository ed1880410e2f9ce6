"""A convolution and the max pooling after it as one layer: the same numbers, sooner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from byhand.arrays import Array, Shape
from byhand.initial import Initial
from byhand.layers.base import Layer, Parameters
from byhand.layers.convolution import Conv2d, flat_rows, sum_places
from byhand.layers.memory import batch_first
from byhand.layers.pooling import MaxPool2d
from byhand.products import product
from byhand.scratch import Slot

BAND = 2**18
"""Bytes of the convolution's output that are worked on at a time: they stay in the cache of a core."""


@dataclass(frozen=True)
class PooledConv2d(Layer):
    """y = b + the largest of each square of W X: what Conv2d and then MaxPool2d say, which say it plainly.

    Nobody writes this layer down; a network works with it where they stand first (see network.py). There the
    pictures are largest, and more time goes into carrying them to memory and back than into products. With k
    for the pooling's size,

    - the numbers at the first place of all squares lie side by side, then those at the second, and so on:
      each column of a square is a convolution of its own, with every k-th column of the output. So what
      pooling compares are long runs of numbers, not every k-th one;
    - a few rows of squares at a time go from x to their largest, and back from dy to dW, in the cache;
    - what is kept for backward is no picture, but a byte a number that says if it is its square's largest;
    - b, which does not change who that is, is added to the largest alone. (Only if two numbers of a square
      differ by so little that with b they are the same, dy may go to another one than in MaxPool2d.)

    What this brings is in docs/log.md.
    """

    convolution: Conv2d
    pooling: MaxPool2d

    def output_shape(self, shape: Shape) -> Shape:
        """That of the pooling after the convolution."""
        return self.pooling.output_shape(self.convolution.output_shape(shape))

    def parameters(self) -> dict[str, Shape]:
        """The convolution's."""
        return self.convolution.parameters()

    def initialize(self, p: Parameters, initial: Initial, rng: np.random.Generator) -> None:
        """As the convolution does."""
        self.convolution.initialize(p, initial, rng)

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """y = b + max over the square of W X."""
        slot.x = x
        height, width, outputs = self.output_shape(x.shape[1:])
        padded = self.convolution.padded(x, slot)
        for column, looked_at in enumerate(self._columns(width, slot)):
            self.convolution.copy_columns(padded, looked_at, column, self.pooling.size)
        y: Array = slot.buffer("y", (height, outputs, width, len(x)))
        flat = y.reshape(height, outputs, -1)
        for band, looked_at, largest, squares in self._bands(flat, slot):
            product(p.W.reshape(outputs, -1), looked_at, squares)
            places = _places(squares)
            np.maximum(places[0], places[1], out=band)
            for place in places[2:]:
                np.maximum(band, place, out=band)
            for place, is_largest in zip(places[:-1], largest, strict=True):
                np.equal(place, band, out=is_largest)
            np.add(band, p.b[:, np.newaxis], out=band)
        return batch_first(y)

    def gradients(self, dy: Array, dp: Parameters, slot: Slot) -> None:
        """dW and db as Conv2d has them, of dy at the largest of each square and 0 at the others."""
        flat = flat_rows(dy, slot)
        rows, outputs, _ = flat.shape
        k, convolution = self.pooling.size, self.convolution
        kernel = convolution.size * convolution.inputs * convolution.size
        of_places = slot.buffer("dW", (rows, k, k, kernel, outputs))
        done = 0
        for band, looked_at, largest, squares in self._bands(flat, slot):
            _give(band, largest, _places(squares), slot)
            product(looked_at, squares.swapaxes(3, 4), of_places[done : done + len(band)])
            done += len(band)
        total = np.sum(of_places, axis=(0, 1, 2), out=slot.buffer("ΣdW", (kernel, outputs)))
        np.copyto(dp.W.reshape(outputs, -1).T, total)
        sum_places(flat, dp.b, slot)

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """dx as Conv2d has it, of dy at the largest of each square and 0 at the others."""
        flat = flat_rows(dy, slot)
        rows, columns, outputs = self.convolution.output_shape(slot.x.shape[1:])
        whole: Array = batch_first(slot.buffer("whole", (rows, outputs, columns, len(dy))))
        whole.fill(0)
        squares = list(self.pooling.squares(whole))
        largest = self._largest(flat, slot).reshape(-1, *squares[0].shape)
        _give(flat.reshape(squares[0].shape), largest, squares, slot)
        return self.convolution.backward(whole, p, slot)

    def _bands(self, flat: Array, slot: Slot) -> Iterator[tuple[Array, Array, Array, Array]]:
        """Some rows n of `flat` (H', O, W' B) after others, with all that belongs to their squares.

        After the band (n, O, W' B) itself come what the convolution looks at (n, k, k, size C size, W' B),
        by row and column of a square; who is the largest (k² − 1, n, O, W' B); and memory for the
        convolution's output (n, k, k, O, W' B).
        """
        rows, outputs, width = flat.shape
        k = self.pooling.size
        columns = self._columns(width // len(slot.x), slot)
        by_row = self.convolution.rows(columns[0], rows * k)
        step, *steps = by_row.strides
        looked_at = as_strided(
            columns,
            (rows, k, k, *by_row.shape[1:]),
            (k * step, step, columns.strides[0], *steps),
            writeable=False,
        )
        largest = self._largest(flat, slot)
        at_once = max(1, BAND // (k * k * flat[0].nbytes))
        for start in range(0, rows, at_once):
            band = slice(start, min(rows, start + at_once))
            squares = slot.buffer("squares", (band.stop - start, k, k, outputs, width))
            yield flat[band], looked_at[band], largest[:, band], squares

    def _columns(self, width: int, slot: Slot) -> Array:
        """Memory (k, H + 2p, C, size, W', B) for the convolution's columns, by column of a square."""
        shape = self.convolution.columns_shape(slot.x, width)
        return slot.buffer("columns", (self.pooling.size, *shape))

    def _largest(self, flat: Array, slot: Slot) -> Array:
        """Memory (k² − 1, H', O, W' B): is a square's largest number at its first place, its second, ...?"""
        return slot.buffer("largest", (self.pooling.size**2 - 1, *flat.shape), bool)


def _places(squares: Array) -> list[Array]:
    """Views (n, O, W' B) of squares (n, k, k, O, W' B), a place after the other, row by row."""
    k = squares.shape[1]
    return [squares[:, row, column] for row in range(k) for column in range(k)]


def _give(dy: Array, largest: Array, places: Sequence[Array], slot: Slot) -> None:
    """Write dy to the first place where its square's largest number is, and 0 to the others."""
    left = dy
    for i, is_largest in enumerate(largest):
        np.multiply(left, is_largest, out=places[i])
        rest = places[-1] if i == len(largest) - 1 else slot.buffer("left", dy.shape)
        left = np.subtract(left, places[i], out=rest)
