"""Stage 1b, a third way: the sheet is what has an edge all around.

Against a window a sheet is darker than the panes and brighter than the sill; a label has a frame around it.
No one brightness tells those from all that surrounds them, but all around there is an edge.
"""

import numpy as np

from byhand.arrays import Images
from byhand.images.calm import WRITTEN, calm_places, shares
from byhand.images.sheet import Corners

STEPS = (0.025, 0.04, 0.06, 0.1, 0.16)
"""Across three pixels of an edge the brightness changes by more than this share of it."""

LEAST, MOST = 0.03, 0.9
"""Shares of the picture that a sheet may fill."""

CONVEX = 0.93
"""A sheet, with what is written on it, fills at least this share of its convex hull,"""

STRAIGHT = 0.88
"""and of this share of the smallest rectangle around it; a disc fills 0.785."""

COVERED = 0.4
"""Of what lies well within it a smaller share than this is edges."""


def find_bounded_sheet(greys: Images) -> Corners | None:
    """Of the sheets in a small picture in greys (H, W) that have an edge all around the largest, or None."""
    import cv2

    best, largest = None, 0
    for step in STEPS:
        calm = calm_places(greys, step)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(calm, connectivity=4)
        for number in 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] > max(largest, LEAST * greys.size)):
            region = (labels == number).astype(np.uint8)
            [contour, *_], _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            area, hull = cv2.contourArea(contour), cv2.convexHull(contour)
            _, sides, _ = cv2.minAreaRect(contour)
            whole = max(cv2.contourArea(hull), STRAIGHT * sides[0] * sides[1])
            if area > MOST * greys.size or area < CONVEX * whole:
                continue
            _, _, written = shares(calm, hull)
            if WRITTEN < written < COVERED:
                best, largest = hull, stats[number, cv2.CC_STAT_AREA]
    return best
