"""Stage 3a: the boxes of a form taken away, and what is written in them kept.

A box is a hole in the ink that fills the smallest rectangle around it. One may belong to a drawing, such as
the door of a house; several of one size with something written in them are a form, and so is one that stands
alone.
"""

import math

import numpy as np
from numpy.typing import NDArray

from byhand.images.density import FAINTEST, Density
from byhand.images.ink import noise
from byhand.images.unruled import bridged

FULL = 0.88
"""The hull of a box fills at least this share of the smallest rectangle around it; an oval, 0.785."""

LEAST = 20
"""Its shorter side has at least so many pixels."""

ALIKE = 1.3
"""The area of each box of a form is at most so many times that of the next smaller one, and the square of it
times that of the smallest."""

WRITTEN = 0.25
"""What is written in one is at least as high as this share of the box."""

EDGE = 0.03
"""So far from its edge, by the shorter side: the line itself is not quite straight."""

ITS_LINE, ALONE = 0.2, 40
"""A box stands alone if it is no more than this share of its length larger outside than inside: nothing hangs
on its line. Its shorter side has at least so many pixels."""

MUCH = 0.2
"""Where a larger share of a picture is darker than its paper, faint boxes are not looked for."""

GAPS = 3, 7
"""Gaps of less than so many pixels in a faint or dashed line are closed."""

ROW = 4, 16
"""Something is written in half of the boxes of one size, and of all that there are, for squared paper has
many more; or in one of so many and more, if there are no more than so many of all sizes."""


def without_boxes(density: Density, ink: NDArray[np.uint8]) -> Density:
    """The density (H, W) without the lines around the boxes of a form; strokes that cross these stay.

    The lines may be fainter than what is ink (H, W), or dashed: the way to look for them counts that finds
    most boxes.
    """
    faint = _faintest(density)
    looks = [(seen, _boxes(seen, gap)) for seen, gap in [(ink, 1), *((faint, gap) for gap in GAPS)]]
    seen, boxes = max(looks, key=lambda look: len(look[1]))
    if not boxes:
        return density
    outlines, width = _outlines(boxes, seen)
    if seen is faint:
        outlines &= _broad(ink, outlines) == 0
    left = np.where(outlines, 0, density)
    down, across = bridged(left, 2 * width + 1), bridged(np.ascontiguousarray(left.T), 2 * width + 1).T
    return np.where(outlines, np.minimum(np.maximum(down, across), density), left)


def outlines_of_boxes(ink: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels of ink (H, W) belong to the lines around the boxes of a form; none if there is no form."""
    return _outlines(_boxes(ink), ink)[0]


def _faintest(density: Density) -> NDArray[np.uint8]:
    """Whatever is darker (H, W) than the grain of the paper, if that is not too much."""
    import cv2

    faint = (density > max(FAINTEST, 4 * noise(density))).view(np.uint8)
    return faint if cv2.countNonZero(faint) < MUCH * faint.size else np.zeros_like(faint)


def _boxes(ink: NDArray[np.uint8], gap: int = 1) -> list[NDArray[np.int32]]:
    """Outlines (N, 1, 2) of the boxes of a form, where gaps of less than so many pixels are closed in the
    ink (H, W)."""
    import cv2

    closed = ink if gap == 1 else cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    contours, tree = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    # what is written in a box may touch its side, and dent the hole, but not its hull
    holes = [cv2.convexHull(contours[i]) for i in range(len(contours)) if tree[0, i, 3] >= 0]
    holes = [hole for hole in holes if _is_box(hole)]
    few = len(holes) <= ROW[1]
    groups = _of_one_size(holes) if few or 2 * _written(holes, ink) >= len(holes) else []
    forms = [_are_a_form(alike, few, ink) for alike in groups]
    return [
        box
        for alike, form in zip(groups, forms, strict=True)
        for box in alike
        if form or (few and _is_written_in(box, ink) and _is_alone(box, ink))
    ]


def _outlines(boxes: list[NDArray[np.int32]], ink: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], int]:
    """Which pixels of ink (H, W) belong to the lines around these boxes, and how wide those are at most, in
    pixels."""
    import cv2

    outlines = np.zeros(ink.shape, np.uint8)
    if not boxes:
        return outlines > 0, 0
    cv2.polylines(outlines, boxes, True, 1)
    # the lines are as wide as what hangs together with their inner edge
    _, labels = cv2.connectedComponents(ink, connectivity=8)
    edge = cv2.dilate(outlines, np.ones((3, 3), np.uint8))
    lines = np.isin(labels, np.unique(labels[(edge > 0) & (ink > 0)])) & (ink > 0)
    depth = cv2.distanceTransform(lines.astype(np.uint8), cv2.DIST_L2, 3)
    width = 2 * float(np.percentile(depth[cv2.dilate(edge, np.ones((5, 5), np.uint8)) & lines > 0], 90))
    reach = 2 * math.ceil(width + 1) + 1
    near = cv2.dilate(outlines, np.ones((reach, reach), np.uint8))
    return lines & (near > 0), reach


def _broad(ink: NDArray[np.uint8], outlines: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """What of the ink (H, W) is broader than these outlines are: a digit that lies on one."""
    import cv2

    across = cv2.distanceTransform(outlines.astype(np.uint8), cv2.DIST_L2, 3)
    ridge = outlines & (across >= cv2.dilate(across, np.ones((3, 3), np.uint8)))
    side = 2 * math.ceil(float(np.median(across[ridge]))) + 1
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), np.uint8)


def _of_one_size(holes: list[NDArray[np.int32]]) -> list[list[NDArray[np.int32]]]:
    """The holes, the smallest first, parted wherever one is too large to be alike with those before."""
    import cv2

    parted: list[list[NDArray[np.int32]]] = []
    first = before = 0.0
    for hole in sorted(holes, key=cv2.contourArea):
        area = cv2.contourArea(hole)
        if area > ALIKE * before or area > ALIKE**2 * first:
            parted.append([])
            first = area
        parted[-1].append(hole)
        before = area
    return parted


def _are_a_form(boxes: list[NDArray[np.int32]], few: bool, ink: NDArray[np.uint8]) -> bool:
    """Whether there are several boxes, and something is written in half of them; or in one, if the picture
    has few."""
    enough = 1 if few and len(boxes) >= ROW[0] else len(boxes) / 2
    return len(boxes) > 1 and _written(boxes, ink) >= enough


def _is_alone(box: NDArray[np.int32], ink: NDArray[np.uint8]) -> bool:
    """Whether what is around a large box is nothing but its own line, and no wall of a house."""
    import cv2

    *_, w, h = cv2.boundingRect(box)
    if min(w, h) < ALONE:
        return False
    _, labels = cv2.connectedComponents(ink, connectivity=8)
    outline = cv2.polylines(np.zeros(ink.shape, np.uint8), [box], True, 1, 3)
    around = np.isin(labels, np.unique(labels[(outline > 0) & (ink > 0)])) & (ink > 0)
    *_, width, height = cv2.boundingRect(around.astype(np.uint8))
    return max(width - w, height - h) < ITS_LINE * max(w, h)


def _written(boxes: list[NDArray[np.int32]], ink: NDArray[np.uint8]) -> int:
    """In how many boxes something is written."""
    return sum(_is_written_in(box, ink) for box in boxes)


def _is_box(contour: NDArray[np.int32]) -> bool:
    """Whether the hull (N, 1, 2) of a hole fills the smallest rectangle around it, and is no speck."""
    import cv2

    _, sides, _ = cv2.minAreaRect(contour)
    return min(sides) >= LEAST and cv2.contourArea(contour) >= FULL * sides[0] * sides[1]


def _is_written_in(contour: NDArray[np.int32], ink: NDArray[np.uint8]) -> bool:
    """Whether there is a mark of some height inside a hole of the ink."""
    import cv2

    x, y, w, h = cv2.boundingRect(contour)
    inside = np.zeros((h, w), np.uint8)
    cv2.fillPoly(inside, [contour - (x, y)], 1)
    side = 2 * math.ceil(EDGE * min(h, w)) + 1
    inside = cv2.erode(inside, np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    rows = np.flatnonzero((inside & ink[y : y + h, x : x + w]).any(axis=1))
    return len(rows) >= WRITTEN * h
