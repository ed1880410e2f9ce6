"""Stage 1b, another way: the sheet is what is calm on a restless ground.

A sheet as bright as the table is not found by its brightness (byhand.images.sheet). But a carpet, a cloth
with squares or a keyboard has edges everywhere, and paper has few: those of what is written on it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.images.sheet import Corners, find_sheet

STEPS = (0.06, 0.12)
"""Up to this share of the brightness next to it the brightness of calm places changes within three pixels."""

SQUARES, CONVEX = (9, 21), 0.95
"""Sides of squares of which calm places are made: what is smaller, such as a key, belongs to the ground. And
the share of its convex hull that a sheet fills, at least."""

LARGE_SQUARES, HARDLY_CONVEX = (41,), 0.8
"""The same where there is more room between what makes the ground restless, such as the flowers of a cloth.
Large squares do not come near to what is written."""

JOINED = 17
"""What is written, ruled or printed between calm places belongs to the sheet, if it is narrower than this."""

LEAST, MOST = 0.03, 0.97
"""Shares of the picture that a sheet may fill."""

STRAIGHT = 0.84
"""The hull fills this share of the smallest rectangle around it, as far as can be told."""

CALMER, HARDLY_CALMER = 0.2, 0.12
"""The share of calm places on the sheet is higher by at least this than beside it;"""

MUCH_CALMER = 0.4
"""by this, if it is not to be doubted."""

WRITTEN = 0.001
"""And well within the sheet a larger share than this is not calm: there is something on it."""


def find_any_sheet(greys: Images) -> Corners | None:
    """A sheet in a small picture (H, W) that is brighter, darker or much calmer than the ground, or None."""
    brighter = find_sheet(greys)
    return _find(greys, SQUARES, CONVEX, MUCH_CALMER) if brighter is None else brighter


def find_calm_sheet(greys: Images) -> Corners | None:
    """The calm sheet in a small picture in greys (H, W), or None if there is none."""
    return _find(greys, SQUARES, CONVEX, CALMER)


def find_calmer_place(greys: Images) -> Corners | None:
    """What may be a sheet in a small picture in greys (H, W), or only where little is written on one."""
    return _find(greys, LARGE_SQUARES, HARDLY_CONVEX, HARDLY_CALMER)


def _find(greys: Images, squares: Sequence[int], convex: float, calmer: float) -> Corners | None:
    """The calmest region made of such squares that is so convex, and so much calmer than its surroundings."""
    best, calmest = None, 0.0
    for step in STEPS:
        calm = calm_places(greys, step)
        for side in squares:
            hull = _largest(calm, side, convex)
            if hull is None:
                continue
            on_sheet, beside, written = shares(calm, hull)
            if on_sheet > beside + calmer and written > WRITTEN and on_sheet > calmest:
                best, calmest = hull, on_sheet
    return best


def calm_places(greys: Images, step: float) -> NDArray[np.uint8]:
    """Where nothing is seen (H, W), 0 or 1."""
    import cv2

    smooth = cv2.GaussianBlur(greys, (0, 0), 0.8).astype(np.float32)
    near = np.ones((3, 3), np.uint8)
    change = cv2.dilate(smooth, near) - cv2.erode(smooth, near)
    calm: NDArray[np.uint8] = (
        change < step * np.maximum(cv2.dilate(smooth, np.ones((9, 9), np.uint8)), 32)
    ).astype(np.uint8)
    return calm


def _largest(calm: NDArray[np.uint8], side: int, convex: float) -> Corners | None:
    """Convex hull of the largest calm region, if it may be a sheet."""
    import cv2

    square = np.ones((side, side), np.uint8)
    made = cv2.morphologyEx(calm, cv2.MORPH_OPEN, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    made = cv2.copyMakeBorder(made, JOINED, JOINED, JOINED, JOINED, cv2.BORDER_CONSTANT, value=0)
    made = cv2.morphologyEx(made, cv2.MORPH_CLOSE, np.ones((JOINED, JOINED), np.uint8))[
        JOINED:-JOINED, JOINED:-JOINED
    ]
    contours, _ = cv2.findContours(made, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    contour = max(contours, key=cv2.contourArea)
    area, hull = cv2.contourArea(contour), cv2.convexHull(contour)
    _, sides, _ = cv2.minAreaRect(contour)
    whole = max(cv2.contourArea(hull), STRAIGHT * sides[0] * sides[1])
    return hull if LEAST * calm.size < area < MOST * calm.size and area >= convex * whole else None


def shares(calm: NDArray[np.uint8], hull: Corners) -> tuple[float, float, float]:
    """Shares of what is calm within the hull and around it, and of what is not, well within it."""
    import cv2

    inside = cv2.fillConvexPoly(np.zeros_like(calm), hull, 1)
    inner = cv2.erode(inside, np.ones((13, 13), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    if inside.all() or not inner.any():
        return 0.0, 0.0, 0.0
    return calm[inside > 0].mean(), calm[inside == 0].mean(), 1 - calm[inner > 0].mean()
