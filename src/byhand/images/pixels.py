"""From pixels to the numbers that a network computes with."""

from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, Images
from byhand.scratch import Slot


@dataclass(frozen=True)
class Preprocessing:
    """x = scale · pixel − mean, the same for every pixel. It is kept in the model file."""

    scale: float = 1 / 255
    mean: float = 0.0

    def __call__(self, images: Images, slot: Slot) -> Array:
        """Inputs x, like images (B, ...) uint8 but in the slot's dtype and memory."""
        x = slot.buffer("x", images.shape)
        np.copyto(x, images)
        x *= self.scale
        if self.mean:
            x -= self.mean
        return x
