"""From pixels to the numbers that a network computes with."""

import math
from dataclasses import dataclass

from byhand.arrays import Array, Images
from byhand.errors import SettingError
from byhand.scratch import Slot


@dataclass(frozen=True)
class Preprocessing:
    """x = scale · pixel − mean, the same for every pixel. It is kept in the model file."""

    scale: float = 1 / 255
    mean: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if not (math.isfinite(self.scale) and self.scale and math.isfinite(self.mean)):
            raise SettingError(
                f"pixels times {self.scale} less {self.mean}; both must be finite, the first not 0"
            )

    def __call__(self, images: Images, slot: Slot) -> Array:
        """Inputs x, like images (B, ...) uint8 but in the slot's dtype and memory."""
        x = slot.buffer("x", images.shape)
        x[...] = images
        x *= x.dtype.type(self.scale)  # a Python number would cost as much again, where there is one image
        if self.mean:
            x -= self.mean
        return x
