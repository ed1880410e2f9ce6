"""Stage 5a: lines under a number, or under a single digit, by the same pen or a form's."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from byhand.images.marks import Mark

FLAT, STRAIGHT = 2.5, 5.0
"""A line is so many times as wide as high, and so many times as long as broad, along its own direction."""

BROAD = 0.3
"""The line is less broad than this share of the height of what is underlined,"""

NEAR, OVER = 0.8, 0.15
"""which is nearer above it than this share of its height, or reaches into it by less than that."""

COVERED, BEYOND = 0.9, 0.25
"""The line is at least this share as wide as what is underlined, which reaches beyond it, on either side, by
less than this share of its height."""

WIDE, ALONE, THIN = 1.5, 0.4, 0.12
"""A line that touches what stands on it makes one mark with that, which is so many times as wide as high;
over this share of its width there is only the line, less broad than this share of the mark's height."""

EVEN, HANGING = 0.5, 0.2
"""Such a line bends by no more than this share of its breadth, or a pixel; and of all other ink of the mark
no more than this share hangs below it."""


def without_underlines(marks: list[Mark]) -> list[Mark]:
    """The marks but for lines under others, to which these are nearer than what is below is.

    So the bar of a 5, which lies below what is written above, stays; and so does a minus.
    """
    straight = {id(mark) for mark in marks if mark.w > FLAT * mark.h and _is_straight(mark)}
    others = [mark for mark in marks if id(mark) not in straight]
    return [mark for mark in marks if id(mark) not in straight or not _is_underline(mark, others)]


def lines_under(marks: Sequence[Mark]) -> list[Mark]:
    """Lines that are parts of these marks, for what stands on them touches them: a form's, for example."""
    return [replace(mark, ink=mark.ink * line) for mark in marks if (line := _line_under(mark)) is not None]


def _line_under(mark: Mark) -> NDArray[np.bool_] | None:
    """Where in a mark (h, w) the line is on which all the rest stands; None if there is none.

    Where a stroke goes on below the line, it crosses it, and the line is not there.
    """
    if mark.w < WIDE * mark.h:
        return None
    own = mark.ink > 0
    first, last = own.argmax(axis=0), mark.h - 1 - own[::-1].argmax(axis=0)
    extent = np.where(own.any(axis=0), last - first + 1, mark.h)
    broad = float(np.percentile(extent, 20))
    alone = np.flatnonzero(extent <= 1.5 * broad + 1)
    if len(alone) < ALONE * mark.w or broad > THIN * mark.h:
        return None
    middles = (first + last)[alone] / 2
    slope, start = np.polyfit(alone, middles, 1)
    bent = float(np.percentile(np.abs(middles - start - slope * alone), 90))
    below = np.arange(mark.h)[:, np.newaxis] - start - slope * np.arange(mark.w)
    line = np.abs(below) <= broad / 2 + 1.5
    rest = own & ~line
    hanging = rest & (below > 0)
    if bent > max(1.0, EVEN * broad) or hanging.sum() > HANGING * rest.sum() or rest.sum() < broad * mark.h:
        return None
    near = np.abs(below) <= broad / 2 + 3.5
    crossed = (near & hanging).any(axis=0) & (near & rest & (below < 0)).any(axis=0)
    return own & line & ~crossed


def _is_straight(mark: Mark) -> bool:
    """Whether a mark is a stroke without a bend."""
    import cv2

    points = cv2.findNonZero((mark.ink > 0.5 * float(mark.ink.max())).astype(np.uint8))
    sides = cv2.minAreaRect(points)[1]
    return max(sides) + 1 > STRAIGHT * (min(sides) + 1)


def _is_underline(line: Mark, others: Sequence[Mark]) -> bool:
    """Whether a straight line is under others, none of which reaches far beyond it."""
    columns = np.flatnonzero(line.ink.any(axis=0))
    weights = line.ink[:, columns].sum(axis=0)
    middles = (np.arange(line.h) @ line.ink[:, columns]) / weights
    slope, start = np.polyfit(columns, middles, 1)
    broad = float(np.median(weights))
    above, below, nearest = [], [np.inf], np.inf
    for mark in others:
        middle = (mark.x + mark.right) / 2
        if line.x <= middle <= line.right:
            level = line.y + start + slope * (middle - line.x)
            gap = level - mark.bottom
            if -OVER * mark.h < gap < NEAR * mark.h and broad < BROAD * mark.h:
                above.append(mark)
                nearest = min(nearest, gap)
            elif mark.y + OVER * mark.h > level:
                below.append(mark.y - level)
    if not above or min(below) < nearest:
        return False
    left, right = min(mark.x for mark in above), max(mark.right for mark in above)
    reach = BEYOND * max(mark.h for mark in above)
    inside = line.x - reach < left and right < line.right + reach
    return inside and line.w > COVERED * (right - left)
