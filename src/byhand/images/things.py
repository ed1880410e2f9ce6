"""Stage 5a: what lies on a page and is no writing, known by its form: dots, punched holes, slivers."""

import numpy as np
from numpy.typing import NDArray

from byhand.images.marks import Mark, boxes_of, within
from byhand.images.normal import stroke_width

MANY_DOTS = 60
"""Dotted paper has at least so many dots,"""

ALIKE = 2.0
"""none of them longer than so many times the usual one,"""

APART = 2.5
"""most of them so many times as far from the next one as they are long,"""

EVENLY = 1.2
"""and at most so many times as far from the one after that."""

MOST = 0.6
"""Most are more than this share: of dots that lie anywhere it is less than a third."""

SMALL = 1 / 8
"""A punched hole is at most as large as this share of the picture's shorter side,"""

ROUND = 0.85
"""and has at least this share of the pixels in common with an oval of its size."""

FRAMED = 0.2
"""What a frame goes around is at least as high as this share of it;"""

ENCIRCLED, IN_MIDDLE, RING = (0.25, 0.75), 0.2, 0.7
"""a single mark has a share of its height between these, and its middle is no farther from that of the frame
than this share of the frame, which is round or a box: it fills more than this share of its own."""

AS_LONG = 0.8
"""What has at least this share of another's length is about as long: a 1 beside print is as long as a 2."""


def dots(ink: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels of ink (H, W) are the dots of dotted paper; none if it is not dotted."""
    import cv2

    if cv2.connectedComponents(ink, connectivity=8)[0] <= MANY_DOTS:  # a fifth of the time, and mostly all
        return np.zeros(ink.shape, bool)
    _, labels, stats, middles = cv2.connectedComponentsWithStats(ink, connectivity=8)
    stats, middles = stats[1:], middles[1:]
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    longer = sides.max(axis=1)
    usual = float(np.median(longer))
    alike = (longer <= ALIKE * usual) & (longer <= ALIKE * sides.min(axis=1))
    places = middles[alike].astype(np.float32)
    if len(places) < MANY_DOTS:
        return np.zeros(ink.shape, bool)
    some = places[:: max(1, len(places) // 300)]
    squares = np.square(some[:, np.newaxis] - places).sum(axis=2)
    _, nearest, second = np.sqrt(np.partition(squares, 2, axis=1)[:, :3]).T  # the first is the dot itself
    regular = (nearest > APART * usual) & (second < EVENLY * nearest)
    if regular.mean() < MOST:
        return np.zeros(ink.shape, bool)
    return np.concatenate([[False], alike])[labels]


def are_holes(marks: list[Mark], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which marks (N,) of a picture of this shape (H, W) are punched holes; none if all would be."""
    most = SMALL * min(shape) + 2  # of soft edge
    holes = np.array([max(mark.h, mark.w) <= most and is_disc(mark) for mark in marks], bool)
    return holes & (not holes.all())


def is_disc(mark: Mark) -> bool:
    """Whether a mark is a filled oval, about as wide as high."""
    import cv2

    own = (mark.ink > 0.5 * float(mark.ink.max())).astype(np.uint8)
    x, y, w, h = cv2.boundingRect(own)
    if max(w, h) > 1.3 * min(w, h):
        return False
    oval = np.zeros_like(own)
    cv2.ellipse(oval, ((x + (w - 1) / 2, y + (h - 1) / 2), (w, h), 0), 1, -1)
    return float((own & oval).sum()) >= ROUND * float((own | oval).sum())


def are_frames(marks: list[Mark]) -> NDArray[np.bool_]:
    """Which marks (N,) go around several others of some height, or around one in their middle: a box that is
    the only one of a form, a circle around a number."""
    boxes = boxes_of(marks)
    x, y, right, bottom = boxes
    sizes = np.stack([right - x, bottom - y])
    middles = np.stack([x + right, y + bottom]) / 2
    inside = within(boxes)
    share = sizes[1] / sizes[1][:, np.newaxis]
    off = np.abs(middles[:, np.newaxis] - middles[:, :, np.newaxis]) / sizes[:, :, np.newaxis]
    alone = inside & (share > ENCIRCLED[0]) & (share < ENCIRCLED[1]) & (off < IN_MIDDLE).all(axis=0)
    frames: NDArray[np.bool_] = np.count_nonzero(inside & (share > FRAMED), axis=1) > 1
    for place in np.flatnonzero(alone.any(axis=1) & ~frames).tolist():
        frames[place] = _is_ring(marks[place])
    return frames


def _is_ring(mark: Mark) -> bool:
    """Whether what a mark goes around, with it, fills its box as a circle does, or a box."""
    import cv2

    own = (mark.ink > 0).astype(np.uint8)
    contours, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return max(map(cv2.contourArea, contours)) > RING * own.size


def without_slivers(marks: list[Mark]) -> list[Mark]:
    """The marks but for long lines much thinner than the strokes of the others, or twice as long as the
    others are, and not about as long as any of them: edges, creases, hairs, what is underlined."""
    lengths = np.array([max(mark.h, mark.w) for mark in marks])
    long = lengths > 8 * np.array([min(mark.h, mark.w) for mark in marks])
    if not long.any() or long.all():
        return marks
    widths = np.array([stroke_width(mark.ink / float(mark.ink.max())) for mark in marks])
    areas = np.array([mark.h * mark.w for mark in marks])
    others = np.flatnonzero(~long & (areas > 0.2 * np.median(areas[~long])))
    longer = (lengths > 2 * np.median(lengths[others])) & (AS_LONG * lengths > lengths[others].max())
    odd = (widths < 0.55 * np.median(widths[others])) | longer
    return [mark for mark, sliver in zip(marks, long & odd, strict=True) if not sliver]
