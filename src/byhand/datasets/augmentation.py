"""Augmentation: pictures changed by chance as they are learnt from, so that no two epochs see the same."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from byhand.arrays import Images

Augment = Callable[[Images, np.random.Generator], Images]
"""From a batch of images to a changed one; it may write into the batch."""


@dataclass(frozen=True)
class Shift:
    """The whole batch moved by up to `most` pixels each way, paper (0) coming in at the edges.

    One draw a batch serves as well as one a picture, since batches are mixed anew each epoch, and costs
    little.
    """

    most: int = 1

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Moved copy of images (B, H, W) or (B, H, W, C)."""
        down, right = rng.integers(-self.most, self.most, size=2, endpoint=True)
        by = down * images[0, 0].size + right * images[0, 0, 0].size
        moved = np.empty_like(images)
        # the batch as one long line of pixels moves in one copy; paper then covers what crossed an edge
        line, end = images.ravel(), images.size
        moved.ravel()[max(by, 0) : end + min(by, 0)] = line[max(-by, 0) : end - max(by, 0)]
        for axis, distance in [(1, down), (2, right)]:
            edge = slice(0, distance) if distance > 0 else slice(images.shape[axis] + distance, None)
            moved[(slice(None),) * axis + (edge,)] = 0
        return moved
