"""Which strokes are no ones, by where they are and how large: edges, the sides of boxes, ticks."""

import numpy as np
from numpy.typing import NDArray

from byhand.reading.asked import SURE, Asked, Which, boxes, usual_side

EDGE, SIDE = 1.75, 1.3
"""A stroke so many times as long as its line's digits is an edge and no 1; so is one that is so many times as
long, if the line begins and ends with such: the sides of boxes."""

SHORT = 0.7
"""Strokes alone in their line, shorter than this share of what is read elsewhere, are ticks or edges, and do
not count against the digits."""

LONELY, UNSURE_LONELY = 2.5, 0.35
"""A stroke at the end of a line is no 1 if it is farther away than the digits are long, and so many times as
far as these are from each other; one that is not sure, if it is farther away than this share of that."""

AS_LARGE = 1.2
"""A sure stroke that differs from the others' size by less than this factor may be a 1 beside all of them."""

ALONE = 1.3
"""One that is alone at the end of a line may differ by so much, if it is as broad as the others' strokes but
for the factor above."""


def are_sides(asked: Asked, refused: Which) -> Which:
    """Which marks are strokes much longer than the digits in their line, if these are several: edges; or the
    sides of the boxes that these are written in."""
    strokes = asked.are("1") & ~refused
    usual = usual_side(asked, refused | strokes, 2)
    sides: Which = strokes & (usual > 0) & (asked.sides > SIDE * usual)
    long: Which = sides & (asked.sides > EDGE * usual)
    for line in set(asked.lines[sides].tolist()):
        here = np.flatnonzero((asked.lines == line) & ~refused)
        if sides[here[0]] and sides[here[-1]]:
            long[here] |= sides[here]
    return long


def are_short(asked: Asked, refused: Which) -> Which:
    """Which marks are strokes in a line of nothing else that is read, shorter than what is read elsewhere."""
    short, strokes = np.zeros_like(refused), asked.are("1")
    for line in set(asked.lines[strokes & ~refused].tolist()):
        here = ~refused & (asked.lines == line)
        others = ~refused & ~here
        if strokes[here].all() and others.any():
            short |= here & (np.median(asked.sides[here]) < SHORT * np.median(asked.sides[others]))
    return short


def are_apart(asked: Asked, refused: Which) -> Which:
    """Which marks are strokes at the end of a line, far from the digits in it: the side of a box, an edge."""
    apart, strokes = np.zeros_like(refused), asked.are("1")
    left, _, right, _ = boxes(asked)
    for line in set(asked.lines[~refused & strokes].tolist()):
        here = np.flatnonzero(~refused & (asked.lines == line))
        here = here[np.argsort(left[here])]
        gaps = left[here[1:]] - right[here[:-1]]
        for marks, between in [(here, gaps), (here[::-1], gaps[::-1])]:
            for i in range(int(np.argmin(strokes[marks]))):  # before the first that is no stroke
                rest, others = marks[i + 1 :], between[i + 1 :]
                if len(rest) < 2:
                    break
                ones = marks[: i + 1]
                if _are_alike(asked, ones, rest):
                    break
                near = 1 if (asked.sure[ones] >= SURE).any() else UNSURE_LONELY
                if between[i] > max(near * np.median(asked.sides[rest]), LONELY * np.median(others)):
                    apart[ones] = True
    return apart


def _are_alike(asked: Asked, ones: NDArray[np.int64], digits: NDArray[np.int64]) -> bool:
    """Whether strokes are surely ones, as large as the digits, and may be a number beside them; a single one,
    if it was drawn with the same pen."""
    size = asked.sides[ones] / np.median(asked.sides[digits])
    alike = (size > 1 / AS_LARGE) & (size < AS_LARGE)
    if len(ones) == 1:
        broad = asked.broad[ones] / np.median(asked.broad[digits])
        alike = (size > 1 / ALONE) & (size < ALONE) & (broad > 1 / AS_LARGE) & (broad < AS_LARGE)
    return bool((alike & (asked.sure[ones] >= SURE)).all())
