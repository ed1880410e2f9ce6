"""Scratch: arrays that are made once and used again at every step."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from byhand.arrays import Array, Shape, zeros


class Slot:
    """The scratch of one layer: its buffers, and what its backward needs of its forward.

    `x` and `y` are for a forward to leave its input and output in; what else a layer must remember, it
    leaves in a named buffer and asks for it again by the same name and shape. `rng` is the source of
    chance while training and None when the network is only asked.
    """

    x: Array
    y: Array

    def __init__(self, dtype: DTypeLike, rng: np.random.Generator | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self.rng = rng
        self._flat: dict[str, NDArray[Any]] = {}
        self._views: dict[tuple[str, Shape], NDArray[Any]] = {}

    def buffer(self, name: str, shape: Shape, dtype: DTypeLike | None = None) -> NDArray[Any]:
        """Array of this name and shape, with whatever was last written to it.

        A smaller shape is the front of the same memory, so that a last partial batch needs none of its
        own. The dtype is the slot's unless one is given.
        """
        view = self._views.get((name, shape))
        if view is None:
            size = math.prod(shape)
            flat = self._flat.get(name)
            if flat is None or flat.size < size:
                flat = self._flat[name] = zeros((size,), dtype or self.dtype)
                self._views = {key: kept for key, kept in self._views.items() if key[0] != name}
            view = self._views[name, shape] = flat[:size].reshape(shape)
        return view

    def buffer_like(self, name: str, x: NDArray[Any]) -> NDArray[Any]:
        """Array of x's shape whose numbers lie in memory in the same order as x's.

        Work on two arrays number by number is fast only if both are walked through as they lie.
        """
        if x.flags.c_contiguous:
            return self.buffer(name, x.shape)
        order = sorted(range(x.ndim), key=lambda axis: -x.strides[axis])
        flat = self.buffer(name, tuple(x.shape[axis] for axis in order))
        return flat.transpose(np.argsort(order))
