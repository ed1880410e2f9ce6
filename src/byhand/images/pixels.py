"""From pixels to the numbers that a network computes with."""

import math
from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, Images
from byhand.errors import SettingError
from byhand.scratch import Slot


@dataclass(frozen=True)
class Preprocessing:
    """x = scale · pixel − mean, the same for every pixel. It is kept in the model file.

    With `turn`, in degrees, a network that is asked and is not sure sees an image twice more, turned to the
    left and to the right by as much, and the mean of its logits is its answer.
    """

    scale: float = 1 / 255
    mean: float = 0.0
    turn: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if not 0 <= self.turn <= 45:
            raise SettingError(f"images are turned by {self.turn} degrees; it must be from 0 to 45")
        if not (math.isfinite(self.scale) and self.scale and math.isfinite(self.mean)):
            raise SettingError(
                f"pixels times {self.scale} less {self.mean}; both must be finite, the first not 0"
            )

    def __call__(self, images: Images, slot: Slot) -> Array:
        """Inputs x, like images (B, ...) uint8 but in the slot's dtype and memory."""
        x = slot.buffer("x", images.shape)
        x[...] = images
        x *= self.scale
        if self.mean:
            x -= self.mean
        return x

    def other_looks(self, images: Images) -> list[Images]:
        """Images (N, H, W) uint8 as a network is to see them besides."""
        return [turned(images, degrees) for degrees in (self.turn, -self.turn)] if self.turn else []


def turned(images: Images, degrees: float) -> Images:
    """Images (N, H, W) or (N, H, W, C) uint8 turned about their middle; what comes in at the corners is 0."""
    import cv2

    height, width = images.shape[1:3]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    answers = np.empty_like(images)
    for image, answer in zip(images, answers, strict=True):
        cv2.warpAffine(image, matrix, (width, height), dst=answer, flags=cv2.INTER_LINEAR)
    return answers
