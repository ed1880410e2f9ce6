"""Stage 1b: the copy of a picture that is worked on: neither too large nor too small, with room around it."""

import math

import numpy as np

from byhand.arrays import Images
from byhand.images.light import DIFFERENT, paper_of_drawing

LARGE = 1_600_000
"""Larger pictures are reduced to as many pixels to find the marks."""

SMALL = 300_000
"""Smaller ones are enlarged to as many, at most by MOST_ENLARGED."""

MOST_ENLARGED = 16.0

LEAST_REPEATED = 4
"""A picture whose pixels come in squares of at least this side is one of fewer pixels."""

MOST_TOUCHING = 8
"""More marks than this along the border are ruled lines."""


def own_pixels(greys: Images) -> tuple[Images, int, tuple[int, int]]:
    """A picture that was enlarged by repeating its pixels, as it was before: no pen draws an edge of steps.

    Returns how many times it was enlarged, too, and how much of the first pixel (x, y) is cut off.
    """
    few = greys[:: max(1, len(greys) // 16)]  # says of nearly every picture that it was not
    if math.gcd(*np.diff(_changes(few.T)).tolist()) < LEAST_REPEATED:
        return greys, 1, (0, 0)
    across, down = _changes(greys.T), _changes(greys)
    times = math.gcd(*np.diff(across).tolist(), *np.diff(down).tolist())
    if times < LEAST_REPEATED:
        return greys, 1, (0, 0)
    x, y = -across[0] % times, -down[0] % times
    rows, columns = (
        np.arange(-cut, side, times).clip(0) for cut, side in zip((y, x), greys.shape, strict=True)
    )
    return greys[np.ix_(rows, columns)], times, (x, y)


def _changes(greys: Images) -> list[int]:
    """Rows that differ from the row above."""
    return (np.flatnonzero((greys[1:] != greys[:-1]).any(axis=1)) + 1).tolist()


def working_copy(greys: Images) -> tuple[Images, float]:
    """A picture (H, W) of a size to work on, and its size by that of the picture."""
    import cv2

    pixels = greys.shape[0] * greys.shape[1]
    scale = 1.0
    if pixels > LARGE:
        scale = math.sqrt(LARGE / pixels)
    elif pixels < SMALL:
        scale = min(math.sqrt(SMALL / pixels), MOST_ENLARGED)
    if scale == 1:
        return greys, scale
    height, width = (max(1, round(side * scale)) for side in greys.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(greys, (width, height), interpolation=how).astype(np.uint8), scale


def with_margin(greys: Images) -> tuple[Images, int]:
    """A drawing with more of its paper around it, if its ink touches the border, and how much; otherwise 0.

    On a drawing the ink may touch the border, on a photograph it is what lies around the sheet that does.
    Where many marks touch it, they are ruled lines.
    """
    paper = paper_of_drawing(greys)
    if paper is None:
        return greys, 0
    border = np.concatenate([greys[0], greys[1:, -1], greys[-1, -2::-1], greys[-2:0:-1, 0]])
    touched = np.abs(border.astype(int) - paper) > DIFFERENT
    if not 0 < np.count_nonzero(np.diff(touched.astype(int), prepend=0) > 0) <= MOST_TOUCHING:
        return greys, 0
    margin = max(8, max(greys.shape) // 8)
    return np.pad(greys, margin, constant_values=paper), margin
