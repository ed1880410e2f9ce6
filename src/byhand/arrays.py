"""The types of the arrays that travel through the package, and where those that stay begin in memory.

Letters for shapes, used everywhere: B batch, N all examples, I inputs, O outputs, K classes,
H rows, W columns, C channels, P parameters.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating[Any]]
"""Numbers that are computed with: float32, or float64 when asked."""

Images = NDArray[np.uint8]
"""Pictures as they come: (N, H, W) or (N, H, W, C), 0 paper to 255 ink."""

Labels = NDArray[np.integer[Any]]
"""Class numbers (N,), from 0 to K - 1; never one-hot."""

Shape = tuple[int, ...]

CACHE_LINE = 64
"""Bytes that a processor moves at a time; as many as it computes with at a time, where it has AVX-512."""


def zeros(shape: Shape, dtype: DTypeLike) -> NDArray[Any]:
    """An array of zeros that begins where a cache line begins.

    NumPy's own begin 16 bytes into one. Then every other operation of the processor touches two lines instead
    of one: a training step of the dense network takes a sixth more time on a processor with AVX-512.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    room = np.zeros(size + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    return room[start : start + size].view(dtype).reshape(shape)


@lru_cache(maxsize=16)
def ones(count: int, dtype: DTypeLike) -> NDArray[Any]:
    """So many ones (count,), the same array each time: nobody may write to it."""
    array = zeros((count,), dtype)
    array.fill(1)
    array.flags.writeable = False
    return array
