"""Stage 1b: the sheet, if the picture shows a table around it.

A sheet is a region brighter (or darker) than what surrounds it, of straight sides, with something written
on it. What lies around it is replaced by paper, as if the sheet went on: so the table's grain is no ink,
and the sheet's edge is no stroke.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images

Corners = NDArray[np.int32]
"""Of a sheet in a picture, (N, 1, 2), one after the other along its edge."""

Finder = Callable[[Images], Corners | None]
"""From a small picture in greys (H, W) to the corners of its sheet, or None if there is none."""

LOOK = 320
"""The sheet is looked for on a copy whose longer side has this many pixels."""

LEAST, MOST = 0.015, 0.97
"""Shares of the picture that a sheet may fill."""

CONVEX = 0.93
"""A sheet fills at least this share of its convex hull."""

STRAIGHT = 0.8
"""And of the smallest rectangle around it; a disc fills 0.785."""

ROUND, DISC, BLANK = 0.88, 0.75, 0.85
"""What is so round (4 pi area by perimeter squared: 0.785 for a square) is a large bright disc, such as a
coaster, if it fills this share of the rectangle, and if more of it is not written on: or it is a thick 0."""

LONG, MOST_OF_ALL = 2.5, 0.5
"""What is so many times as long as wide, and a smaller share of all that is as bright, is one of the stripes
of light between the shadows of a window's bars."""

LARGE, SQUARE = 0.15, 0.85
"""A dark sheet is larger than this share of the picture, and fills this share of the rectangle around it."""

PAPER = 0.75
"""At least this share of a sheet is not written on; the ring of a 0 is no sheet."""

NOTCH = 9
"""What is written at the edge of a sheet is not so wide."""

NEAR, LIKE_TABLE = 15, 0.35
"""A part of a sheet's hull is table, and not the sheet in a shadow, if it differs from the table so near to
it by less than this share of what the sheet does."""

SHARP = 0.68
"""Across two pixels the brightness changes by at least this share of what it does across ten: a shadow is
softer."""

CONTRAST = 0.1
"""By this share of the brighter side a sheet and what surrounds it differ, along nearly all of its edge."""

BEYOND = 14, 20
"""So many pixels from its edge, too, usually by half of that: or it is a square of squared paper."""


def on_sheet_alone(greys: Images, find: Finder) -> tuple[Images, NDArray[np.uint8] | None]:
    """The picture in greys (H, W) with paper all around, and where the sheet is (H, W); None if it is all
    sheet."""
    import cv2

    height, width = greys.shape
    reduction = min(1.0, LOOK / max(height, width))
    size = max(1, round(width * reduction)), max(1, round(height * reduction))
    small = cv2.resize(greys, size, interpolation=cv2.INTER_AREA)
    outline = find(small)
    if outline is None:
        return greys, None
    inside = np.zeros(small.shape, np.uint8)
    cv2.fillPoly(inside, [outline], 1)
    inside = cv2.erode(inside, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    fill = cv2.resize(_continued(small, inside), (width, height), interpolation=cv2.INTER_LINEAR)
    where = cv2.resize(inside, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.where(where > 0, greys, fill).astype(np.uint8), where


def is_darker(greys: Images, sheet: NDArray[np.uint8]) -> bool:
    """Whether a sheet (H, W) is usually darker than what is around it in a picture in greys, of any size."""
    import cv2

    size = (100, 100)
    small = cv2.resize(greys, size, interpolation=cv2.INTER_AREA)
    inside = cv2.resize(sheet, size, interpolation=cv2.INTER_NEAREST) > 0
    return bool(inside.any() and not inside.all() and np.median(small[inside]) < np.median(small[~inside]))


def find_sheet(greys: Images) -> Corners | None:
    """Corners (N, 1, 2) of the sheet in a small picture in greys (H, W), or None if there is none."""
    import cv2

    smooth = cv2.GaussianBlur(greys, (0, 0), 1.5)
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    best, largest = None, 0.0
    for bright in (True, False):
        for share in (1.0, 0.8, 1.2):
            region = (smooth > share * otsu) == bright
            region = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
            contours, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            for contour in contours:
                area = float(cv2.contourArea(contour))
                if area > largest and LEAST * greys.size < area < MOST * greys.size:
                    hull = cv2.convexHull(contour)
                    filled = cv2.fillConvexPoly(np.zeros_like(greys), hull, 1)
                    paper = float(region[filled > 0].mean())
                    stripe = _is_long(contour) and area < MOST_OF_ALL * region.sum()
                    if paper > PAPER and not stripe and _is_sheet(greys, contour, hull, area, paper, bright):
                        best, largest = _outline(contour, hull, greys), area
    return best


def _outline(contour: Corners, hull: Corners, greys: Images) -> Corners:
    """The outline of a sheet in greys (H, W) without the notches that something written at its edge leaves,
    or a shadow across it.

    What is torn or bent, and so not straight, stays as it is: in the hull there would be table.
    """
    import cv2

    filled = cv2.drawContours(np.zeros_like(greys), [contour], 0, 1, cv2.FILLED)
    filled = np.pad(filled, NOTCH)
    filled = cv2.morphologyEx(filled, cv2.MORPH_CLOSE, np.ones((NOTCH, NOTCH), np.uint8))
    filled = filled[NOTCH:-NOTCH, NOTCH:-NOTCH]
    whole = cv2.fillConvexPoly(np.zeros_like(greys), hull, 1)
    table = 1 - cv2.dilate(whole, np.ones((7, 7), np.uint8))
    left = cv2.morphologyEx(whole & (1 - filled), cv2.MORPH_OPEN, np.ones((NOTCH, NOTCH), np.uint8))
    count, parts = cv2.connectedComponents(left, connectivity=4)
    for part in (parts == number for number in range(1, count)):
        near = cv2.dilate(part.astype(np.uint8), np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8))
        around = [greys[(near & region) > 0] for region in (filled, table)]
        if all(map(len, around)):
            here, sheet, beyond = (float(np.median(own)) for own in (greys[part], *around))
            filled[part] = abs(here - beyond) > LIKE_TABLE * abs(sheet - beyond)
    contours, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline: Corners = max(contours, key=cv2.contourArea)
    return outline


def _is_long(contour: Corners) -> bool:
    import cv2

    _, sides, _ = cv2.minAreaRect(contour)
    return max(sides) > LONG * min(sides)


def _is_sheet(
    greys: Images, contour: Corners, hull: Corners, area: float, paper: float, bright: bool
) -> bool:
    import cv2

    _, sides, _ = cv2.minAreaRect(contour)
    if not bright and (area < LARGE * greys.size or area < SQUARE * sides[0] * sides[1]):
        return False  # it may as well be a thick 0
    roundness = 4 * math.pi * cv2.contourArea(hull) / cv2.arcLength(hull, True) ** 2
    disc = bright and area > LARGE * greys.size and roundness > ROUND and paper > BLANK
    straight = DISC if disc else STRAIGHT
    if area < CONVEX * cv2.contourArea(hull) or area < straight * sides[0] * sides[1] or min(sides) < 24:
        return False
    filled = np.zeros(greys.shape, np.uint8)
    cv2.fillConvexPoly(filled, hull, 1)
    edge = cv2.dilate(filled, np.ones((3, 3), np.uint8)) - filled
    edge[:3], edge[-3:], edge[:, :3], edge[:, -3:] = 0, 0, 0, 0
    if edge.sum() < 20:
        return False
    # brightness on both sides of each place of the edge that is not the picture's own, near it and farther
    steps = []
    for near, far in ((1, 3), (5, 9), BEYOND):
        inside = _shrunk(filled, near) - _shrunk(filled, far)
        outside = (1 - _shrunk(filled, -far)) ^ (1 - _shrunk(filled, -near))
        values = greys.astype(np.float32)
        reach = 2 * far + 3
        here, there = _spread(values, inside, reach)[edge > 0], _spread(values, outside, reach)[edge > 0]
        step = (here - there) if bright else (there - here)
        steps.append(step / np.maximum(np.maximum(here, there), 1))
    close, farther, beyond = steps
    if min((step > CONTRAST).mean() for step in (close, farther)) < 0.85:
        return False
    if np.median(close) < SHARP * np.median(farther) or np.median(beyond) < CONTRAST / 2:
        return False
    # something is written on it, and is not its soft or wavy edge
    inner = _shrunk(filled, int(np.clip(min(sides) / 6, 4, 10)))
    ground = cv2.morphologyEx(
        greys, cv2.MORPH_CLOSE if bright else cv2.MORPH_OPEN, np.ones((31, 31), np.uint8)
    )
    ink = np.abs(ground.astype(np.float32) - greys) > 0.12 * np.maximum(ground, greys)
    share = float(ink[inner > 0].mean()) if inner.any() else 0.0
    return 0.0002 < share < 0.4


def _shrunk(region: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    """A region smaller by so many pixels all around, or larger if that is negative; not at the picture's
    border."""
    import cv2

    square = np.ones((2 * abs(pixels) + 1, 2 * abs(pixels) + 1), np.uint8)
    if pixels < 0:
        return cv2.dilate(region, square).astype(np.uint8)
    return cv2.erode(region, square, borderType=cv2.BORDER_CONSTANT, borderValue=1).astype(np.uint8)


def _spread(values: NDArray[np.float32], where: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Mean of the values (H, W) over the places near each pixel where they count."""
    import cv2

    counted = where.astype(np.float32)
    total: NDArray[np.float32] = cv2.blur(values * counted, (side, side))
    return total / np.maximum(cv2.blur(counted, (side, side)), 1e-6)


def _continued(greys: Images, inside: NDArray[np.uint8]) -> Images:
    """The sheet's paper (H, W) continued beyond its edge, from near the edge first."""
    import cv2

    paper = cv2.medianBlur(greys, 11).astype(np.float32)
    known = cv2.erode(inside, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    known = known if known.any() else inside
    filled = np.where(known > 0, paper, 0)
    for side in (9, 21, 45, 95, 201, 2 * max(greys.shape) + 1):
        near = cv2.blur(known.astype(np.float32), (side, side), borderType=cv2.BORDER_CONSTANT)
        new = (known == 0) & (near > 1e-4)
        filled[new] = _spread(filled, known, side)[new]
        known = np.where(new, 1, known).astype(np.uint8)
    return np.rint(cv2.blur(filled, (5, 5))).clip(0, 255).astype(np.uint8)
