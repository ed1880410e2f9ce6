"""The convolution: the same small dense layer, looking at every place of a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from byhand.arrays import Array, Shape
from byhand.errors import SettingError
from byhand.initial import Initial
from byhand.layers.base import Layer, Parameters
from byhand.layers.memory import batch_first, rows_first
from byhand.products import product
from byhand.scratch import Slot


@dataclass(frozen=True)
class Conv2d(Layer):
    """y[n, h, w, o] = b[o] + Σ_ijc W[o, i, c, j] x[n, s h + i − p, s w + j − p, c],  x being 0 outside.

    x (B, H, W, C), or greys (B, H, W) for one channel; W (O, k, C, k), b (O,), y (B, H', W', O) with
    H' = ⌊(H + 2p − k) / s⌋ + 1 and W' alike, for k = `size`, s = `stride`, p = `padding`. As in all of the
    field's libraries the kernel is not mirrored. W lies in the order (row, channel, column), in which the
    products below read it.

    The textbook copies all that a place looks at into a column, k² copies of x, to make one matrix product
    of it. Here x is copied once for each *column* of the kernel, k copies; the k rows that an output row
    looks at then are neighbours in memory, and the product reads them where they are. Both layouts are
    measured in docs/log.md. Derived in docs/derivations/convolution.md.
    """

    inputs: int
    outputs: int
    size: int
    stride: int = 1
    padding: int = 0

    def __post_init__(self) -> None:
        """Refuse sizes that make no sense."""
        for name in ("inputs", "outputs", "size", "stride"):
            if getattr(self, name) < 1:
                raise SettingError(f"a convolution's {name} is {getattr(self, name)}; it must be at least 1")
        if not 0 <= self.padding < self.size:
            raise SettingError(
                f"a convolution's padding is {self.padding}; it must be from 0 to below its size, {self.size}"
            )

    def output_shape(self, shape: Shape) -> Shape:
        """(H', W', O) for (H, W, C), or for (H, W) if there is one channel."""
        channels = shape[2:] or (1,)
        if len(shape) not in (2, 3) or channels != (self.inputs,):
            raise SettingError(
                f"a convolution of {self.inputs} channels follows an output of shape {shape}; it needs"
                f" (rows, columns, {self.inputs})"
            )
        height, width = ((n + 2 * self.padding - self.size) // self.stride + 1 for n in shape[:2])
        if height < 1 or width < 1:
            raise SettingError(f"a convolution of size {self.size} does not fit into pictures of {shape}")
        return (height, width, self.outputs)

    def parameters(self) -> dict[str, Shape]:
        """W (O, k, C, k) and b (O,)."""
        return {"W": (self.outputs, self.size, self.inputs, self.size), "b": (self.outputs,)}

    def initialize(self, p: Parameters, initial: Initial, rng: np.random.Generator) -> None:
        """Draw W and b uniformly within the bounds of `initial`, for as many inputs as one place has."""
        places = self.size**2
        bounds = initial(self.inputs * places, self.outputs * places)
        p.W[:] = rng.uniform(-bounds.weights, bounds.weights, p.W.shape)
        p.b[:] = rng.uniform(-bounds.biases, bounds.biases, p.b.shape)

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """y[h] = W X[h] + b for each output row h, where X[h] (k C k, W' B) is all that the row looks at."""
        slot.x = x
        height, width, _ = self.output_shape(x.shape[1:])
        columns = slot.buffer("columns", self.columns_shape(x, width))
        self.copy_columns(self.padded(x, slot), columns)
        y: Array = slot.buffer("y", (height, self.outputs, width, len(x)))
        flat = y.reshape(height, self.outputs, -1)
        product(p.W.reshape(self.outputs, -1), self.rows(columns, height), flat)
        flat += p.b[:, None]
        return batch_first(y)

    def gradients(self, dy: Array, dp: Parameters, slot: Slot) -> None:
        """dW = Σ_h dy[h] X[h]ᵀ,   db = Σ dy over all examples, rows and columns.

        X[h] dy[h]ᵀ, which is its transpose, is the same work for the processor in two thirds of the time.
        """
        flat = flat_rows(dy, slot)
        height = len(flat)
        columns = slot.buffer("columns", self.columns_shape(slot.x, dy.shape[2]))
        of_rows = slot.buffer("dW", (height, self.size * self.inputs * self.size, self.outputs))
        product(self.rows(columns, height), flat.transpose(0, 2, 1), of_rows)
        total = np.sum(of_rows, axis=0, out=slot.buffer("ΣdW", of_rows.shape[1:]))
        np.copyto(dp.W.reshape(self.outputs, -1).T, total)  # to sum into .T itself takes three times as long
        sum_places(flat, dp.b, slot)

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """dx[r] = Σ_i W[i]ᵀ dy[h] over the kernel's rows i and output rows h with s h + i = r.

        As W[i]ᵀ dy[h] is about the columns of x, their k copies are then added where they came from, while
        they are in the cache. Rows r, r + s, r + 2s, ... meet the same rows of the kernel; for these, W[i]ᵀ
        stand side by side from the last i to the first, in the order of the rows h that they meet, so that
        the sum is one product.
        """
        size, stride = self.size, self.stride
        flat = flat_rows(dy, slot)
        height, _, places = flat.shape
        width, batch = dy.shape[2], len(dy)
        dx: Array = slot.buffer("dx", self.padded_shape(slot.x))
        dx.fill(0)
        dcolumns = slot.buffer("dcolumns", (self.inputs, size, width, batch))
        dy_rows = flat.reshape(height * self.outputs, places)
        for first in range(stride):
            kernel_rows = p.W[:, first::stride][:, ::-1]  # (O, m, C, k)
            m = kernel_rows.shape[1]
            W = slot.buffer("Wt", (self.inputs * size, m * self.outputs))
            np.copyto(W.reshape(self.inputs, size, m, self.outputs), kernel_rows.transpose(2, 3, 1, 0))
            for r in range(first, len(dx), stride):
                last = r // stride  # the output row that the kernel's first of these rows belongs to
                low, high = max(0, last - m + 1), min(height, last + 1)
                if low >= high:
                    continue
                start = m - 1 - last + low
                part = W[:, start * self.outputs : (start + high - low) * self.outputs]
                product(part, dy_rows[low * self.outputs : high * self.outputs], dcolumns.reshape(-1, places))
                for j in range(size):
                    dx[r, :, j : j + stride * width : stride] += dcolumns[:, j]
        return batch_first(self.inner(dx)).reshape(slot.x.shape)

    def padded_shape(self, x: Array) -> Shape:
        """(H + 2p, C, W + 2p, B)."""
        batch, height, width = x.shape[:3]
        return (height + 2 * self.padding, self.inputs, width + 2 * self.padding, batch)

    def padded(self, x: Array, slot: Slot) -> Array:
        """x with its edge of zeros (H + 2p, C, W + 2p, B)."""
        if self.padding == 0:
            return rows_first(x)
        padded = slot.buffer("padded", self.padded_shape(x))
        padded.fill(0)
        self.inner(padded)[:] = rows_first(x)
        return padded

    def inner(self, padded: Array) -> Array:
        """View (H, C, W, B) without the edge."""
        rows, _, columns, _ = padded.shape
        return padded[self.padding : rows - self.padding, :, self.padding : columns - self.padding]

    def columns_shape(self, x: Array, width: int) -> Shape:
        """(H + 2p, C, k, W', B)."""
        rows, channels, _, batch = self.padded_shape(x)
        return (rows, channels, self.size, width, batch)

    def copy_columns(self, padded: Array, columns: Array, first: int = 0, every: int = 1) -> None:
        """Copy what output columns `first`, `first + every`, ... look at, for each column j of the kernel.

        columns[r, c, j, w] = padded[r, c, s (first + every w) + j].
        """
        step = self.stride * every
        for j in range(self.size):
            start = self.stride * first + j
            columns[:, :, j] = padded[:, :, start : start + step * columns.shape[3] : step]

    def rows(self, columns: Array, height: int) -> Array:
        """View (H', k C k, W' B) of the columns: for each output row, the k rows of x that it looks at.

        The blocks of neighbouring output rows overlap; no number is copied.
        """
        _, channels, size, width, batch = columns.shape
        row, number = columns.strides[0], columns.itemsize
        return as_strided(
            columns,
            (height, size * channels * size, width * batch),
            (row * self.stride, width * batch * number, number),
            writeable=False,
        )


def flat_rows(dy: Array, slot: Slot) -> Array:
    """dy (B, H', W', O) as (H', O, W' B), copied only if it does not lie so."""
    rows = rows_first(dy)
    if not rows.flags.c_contiguous:
        ordered = slot.buffer("dy", rows.shape)
        np.copyto(ordered, rows)
        rows = ordered
    return rows.reshape(*rows.shape[:2], -1)


def sum_places(flat: Array, db: Array, slot: Slot) -> None:
    """db (O,) = Σ dy over all rows and places of `flat` (H', O, W' B)."""
    ones = slot.buffer("ones", (flat.shape[2],))
    ones.fill(1)
    np.sum(np.matmul(flat, ones, out=slot.buffer("db", flat.shape[:2])), axis=0, out=db)
