"""Stage 6: tilt, and lines of text from top to bottom, each from left to right."""

import math
from collections.abc import Sequence
from statistics import fmean, median

import numpy as np

from byhand.images.marks import Mark

MOST = 300
"""So many marks are enough to tell the tilt."""


STEEPEST = 20
"""Writing is turned upright up to so many degrees."""


DRIFT, SEVERAL, A_PAGE = 5, 6, 100
"""Lines may still fall or rise by so many degrees where the rules of the paper were turned level; so many
marks tell, and of more than this, as of print, it is not asked."""

FEW, GIANT, LEAST = 4, 2.2, 4
"""So many marks may be giants, which are so many times as high as others are; of those there are so many."""


def tilt(marks: list[Mark]) -> float:
    """Slope of the writing in pixels down for one to the right.

    Each two marks of similar height that may be neighbours on a line vote for every slope that would put
    them on one, as strongly as it does; the slope with the most votes wins. A little is taken off for
    steepness: few marks say little, and most writing is upright.
    """
    if len(marks) < 3:
        return 0.0
    x = np.array([mark.x + mark.right for mark in marks]) / 2
    y = np.array([mark.y + mark.bottom for mark in marks]) / 2
    height = np.array([mark.h for mark in marks])
    order = np.argsort(x)[:MOST]
    x, y, height = x[order], y[order], height[order]
    one, other = np.triu_indices(len(x), 1)
    taller = np.maximum(height[one], height[other])
    across, down = x[other] - x[one], y[other] - y[one]
    near = (np.minimum(height[one], height[other]) > 0.55 * taller) & (across > 0.3 * taller)
    near &= (across < 6 * taller) & (taller > 0.5 * np.median(height))
    if near.sum() < 3:
        return 0.0
    across, down, taller = across[near], down[near], taller[near]
    slopes = np.tan(np.deg2rad(np.arange(-STEEPEST, STEEPEST + 0.25, 0.5)))
    beside = (down - slopes[:, None] * across) / (0.15 * taller)
    votes = (np.exp(-(beside**2)) / (1 + np.abs(across / taller - 1.5))).sum(axis=1)
    votes *= 1 - 0.3 * np.abs(slopes) / slopes.max()
    return float(slopes[votes.argmax()])


def in_lines(marks: list[Mark]) -> list[list[Mark]]:
    """Marks in lines from top to bottom, each from left to right.

    One that reaches across several lines, such as the edge of a table, is in a line of its own, for it would
    hold them together.
    """
    giants = _giants(marks)
    lines = _lined_up(_but(marks, giants)) if giants else []
    across = [giant for giant in giants if _reaches_across(giant, lines)]
    return sorted([*_lined_up(_but(marks, across)), *([giant] for giant in across)], key=middle_of)


def _lined_up(marks: list[Mark]) -> list[list[Mark]]:
    """Marks in lines, each from left to right, level ones or those of a slope of which there are fewer."""
    lines = _with_slope(marks, 0.0)
    large = _large(marks)
    slope = tilt(large) if SEVERAL <= len(large) <= A_PAGE else 0.0
    if 0 < abs(slope) <= math.tan(math.radians(DRIFT)):
        lines = min(lines, _with_slope(marks, slope), key=len)
    return lines


def _large(marks: list[Mark]) -> list[Mark]:
    """Marks that found lines."""
    usual = usual_height(marks) if marks else 0.0
    return [mark for mark in marks if mark.h >= 0.55 * usual]


def _with_slope(marks: list[Mark], slope: float) -> list[list[Mark]]:
    """Marks in lines that fall by so many pixels for one to the right.

    Large marks found the lines: one joins the line whose middle is within half a height of its own.
    Small ones, such as the bar of a 5, go to the line that they lie in or next to.
    """
    if not marks:
        return []
    usual, large = usual_height(marks), _large(marks)

    def level(mark: Mark) -> float:
        """How far down its middle is, if the lines did not fall."""
        return (mark.y + mark.bottom - slope * (mark.x + mark.right)) / 2

    small = [mark for mark in marks if mark.h < 0.55 * usual]
    lines: list[list[Mark]] = []
    known: list[tuple[list[float], list[int]]] = []  # how far down each line's marks are, and how high
    middles: list[float] = []  # of each line, and its height: a page of print has many lines of many marks
    heights: list[float] = []
    for mark in sorted(large, key=level):
        down = level(mark)
        away = np.abs(np.array(middles) - down) / np.maximum(heights, mark.h)
        if not lines or away.min() >= 0.5:
            lines.append([mark])
            known.append(([down], [mark.h]))
            middles.append(down)
            heights.append(mark.h)
            continue
        best = int(away.argmin())
        lines[best].append(mark)
        known[best][0].append(down)
        known[best][1].append(mark.h)
        middles[best], heights[best] = fmean(known[best][0]), median(known[best][1])
    for mark in small:
        middle = (mark.y + mark.bottom) / 2
        gaps = [
            max(min(m.y for m in line) - middle, middle - max(m.bottom for m in line), 0.0)
            + 0.1 * min(max(m.x - mark.right, mark.x - m.right, 0) for m in line)
            for line in lines
        ]
        nearest = int(np.argmin(gaps))
        if gaps[nearest] < 0.3 * usual:
            lines[nearest].append(mark)
    return [sorted(line, key=lambda mark: mark.x + mark.right) for line in lines]


def middle_of(line: Sequence[Mark]) -> float:
    """How far down the middle of a line is."""
    return float(np.mean([mark.y + mark.bottom for mark in line])) / 2


def _reaches_across(giant: Mark, lines: list[list[Mark]]) -> bool:
    """Whether a mark reaches over the middles of several lines.

    Where lines have several marks a single one is none: it may be the bar of a 5 that is not joined to it.
    """
    least = min(2, max(map(len, lines)))
    return sum(giant.y < middle_of(line) < giant.bottom for line in lines if len(line) >= least) > 1


def _but(marks: list[Mark], these: list[Mark]) -> list[Mark]:
    """The marks without these."""
    return [mark for mark in marks if not any(mark is this for this in these)]


def _giants(marks: list[Mark]) -> list[Mark]:
    """The few marks, if any, that are much taller than all others."""
    tallest = sorted(marks, key=lambda mark: -mark.h)
    for count in range(1, min(FEW, len(marks) - LEAST) + 1):
        others = tallest[count:]
        usual = usual_height(others)
        like = sum(mark.h >= 0.55 * usual for mark in others)
        if like >= LEAST and tallest[count - 1].h > GIANT * usual >= others[0].h:
            return tallest[:count]
    return []


def usual_height(marks: Sequence[Mark]) -> float:
    """Half of all that the marks cover is covered by marks of at least this height: specks cover little, and
    so does a long line."""
    marks = sorted(marks, key=lambda mark: mark.h)
    covered = np.cumsum([mark.h * mark.w for mark in marks])
    return float(marks[int(np.searchsorted(covered, covered[-1] / 2))].h)
