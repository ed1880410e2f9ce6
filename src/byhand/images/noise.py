"""Stage 1c: a sensor's noise, smoothed until no grain of it can be taken for ink."""

import math

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images

LEFT = 2.4
"""Standard deviation of the noise that may be left, in greys."""

LEAST, MOST = 1.0, 2.0
"""The narrowest Gaussian filter and the widest, in pixels: a wider one takes thin strokes with it."""

NEEDED = 0.5
"""Where a filter of less than this would do, none is needed."""

QUARTILE = 0.3186
"""A quarter of all normal deviates is smaller than this."""

ROWS = 150
"""The noise is measured in so many rows of the picture."""


def smoothing(greys: Images) -> float:
    """How wide a Gaussian filter a picture (H, W) needs for its noise, in pixels; 0 for most.

    A filter of width s leaves 1 / (2 s √π) of the standard deviation of white noise. Noise that a camera or a
    JPEG file has smoothed already is that of a picture with half as many rows and columns.
    """
    fine, coarse = noise_of(greys), noise_of(greys[::2, ::2])
    grains = max(fine, 2 * math.sqrt(max(0.0, coarse**2 - fine**2)))
    width = grains / LEFT / (2 * math.sqrt(math.pi))
    return 0.0 if width < NEEDED else min(max(width, LEAST), MOST)


def smoothed(greys: Images, width: float) -> Images:
    """A picture (H, W) after a Gaussian filter of this width; of 0 as it is."""
    import cv2

    return cv2.GaussianBlur(greys, (0, 0), width).astype(np.uint8) if width else greys


def noise_of(greys: Images) -> float:
    """Standard deviation of what differs from pixel to pixel in a picture (H, W), in greys.

    Of second differences in both directions, which neither paper nor slow shadows have, and edges hardly
    (Immerkær: Fast noise variance estimation, 1996); not their mean but their lower quartile, for on a page
    of print most of them are edges.
    """
    if min(greys.shape) < 3:
        return 0.0
    rows = np.linspace(0, len(greys) - 3, min(ROWS, len(greys) - 2)).astype(int)
    above, row, below = (greys[rows + place].astype(np.int16) for place in range(3))
    down = above - 2 * row + below
    both = down[:, :-2] - 2 * down[:, 1:-1] + down[:, 2:]
    return _lower_quartile(np.abs(both)) / QUARTILE / 6


def _lower_quartile(values: NDArray[np.int16]) -> float:
    """What a quarter of these values is below, each spread evenly over the unit around it: those of a little
    noise are few integers."""
    counts = np.bincount(values.ravel())
    below = np.cumsum(counts)
    value = int(np.searchsorted(below, below[-1] / 4))
    share = (below[-1] / 4 - (below[value] - counts[value])) / counts[value]
    return float(value - 0.5 + share) if value else float(share / 2)
