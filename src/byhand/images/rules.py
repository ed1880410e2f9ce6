"""Stage 3: ruled and squared lines found.

A rule is thin, nearly straight and goes on and on. Thin things are what a closing across the rule removes
(the top hat); that they go on is found by letting each pixel vote for the straight lines through it (Hough
transform: Duda, Hart, Use of the Hough transformation to detect lines and curves in pictures, 1972).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from byhand.images.density import Density

LOOK = 700
"""Rules are looked for on a copy whose longer side has this many pixels."""

STEEPEST = 20.0
"""A rule may be tilted by as many degrees."""

SHARE = 0.35
"""A rule goes through at least this share of the picture's width or height."""

CORNER, LIKE, AT_BORDER = 0.08, 0.02, 4
"""In a corner of the picture there may be less of one that has company: it leans as much as one of the
others, and goes on to the border but for so many pixels."""

COMPANY = 3
"""So many rules of one direction say how the fewer of the other lie: on squared paper, across them."""

MANY, SOME = 8, 4
"""So many rules across, or so many in both directions, are those of paper; fewer may be the lines around the
boxes of a form, and so may more upright ones: the sides of a row of boxes."""

LEVEL = 0.03
"""Where the rules lean less, those of the other direction are seen as well without looking twice."""

BENT = 2
"""Where there are rules others may leave a straight line by so many rows, since a lens bends them."""

SEARCHES = (1, SHARE), (BENT, SHARE), (1, CORNER)
"""By how many rows, and on what share of the way, rules are looked for, one search after the other."""

NOISE = 3.3
"""A rule stands out so many times from the noise, which is told by the quarter of the picture where least is
seen: fine squares cover half of it."""

FILLED = 0.6
"""A rule is there on at least this share of its way, from where it begins to where it ends."""


@dataclass(frozen=True)
class Rule:
    """A straight line y = offset + slope x through a picture, or x = offset + slope y if it is upright."""

    offset: float
    slope: float
    upright: bool

    def moved(self, x: int, y: int) -> "Rule":
        """The same, if the picture it is in has so many more columns to the left and rows above."""
        offset = self.offset + (x - self.slope * y if self.upright else y - self.slope * x)
        return Rule(offset, self.slope, self.upright)


def find_rules(density: Density, broad: bool = False) -> list[Rule]:
    """Rules of a picture's paper, in the pixels of this density (H, W).

    Those of large squares are too `broad` to be thin; they are looked for on a smaller copy, and must be
    several in both directions, for a stroke of a large digit may be as long as one.
    """
    across, upright = _rules_on_copy(density, LOOK)
    if broad and max(len(across), len(upright)) < COMPANY:
        found = _rules_on_copy(density, LOOK // 2)
        if min(map(len, found)) >= COMPANY:
            across, upright = found
    return across + upright


def _rules_on_copy(density: Density, side: int) -> tuple[list[Rule], list[Rule]]:
    """Rules across and upright ones, found on a copy whose longer side has so many pixels."""
    import cv2

    reduction = max(1.0, max(density.shape) / side)
    height, width = (max(1, round(length / reduction)) for length in density.shape)
    small = cv2.resize(density, (width, height), interpolation=cv2.INTER_AREA)
    turned = np.ascontiguousarray(small.T)
    across, upright = _find(small, False), _find(turned, True)
    fewer_across = len(across) < len(upright)
    slope = _slope(upright if fewer_across else across)
    if abs(slope) > LEVEL:
        # where one direction falls by a slope to the right, what is across it moves by as much to the left
        if fewer_across:
            across = max(across, _find(small, False, -slope), key=len)
        else:
            upright = max(upright, _find(turned, True, -slope), key=len)
    across, upright = (
        [Rule(rule.offset * reduction, rule.slope, rule.upright) for rule in rules]
        for rules in (across, upright)
    )
    return across, upright


def are_of_paper(rules: list[Rule]) -> bool:
    """Whether so many rules are those of ruled or squared paper, and no form."""
    upright = sum(rule.upright for rule in rules)
    across = len(rules) - upright
    return across >= MANY or min(across, upright) >= SOME


def _slope(rules: list[Rule]) -> float:
    """Usual slope of rules of one direction; 0 if there are too few to tell."""
    return float(np.median([rule.slope for rule in rules])) if len(rules) >= COMPANY else 0.0


def _part(slope: float) -> Density:
    """Part of a rule, 25 pixels long and 3 wide, whose mean is taken.

    Noise averages out along a rule, and marks are short.
    """
    places = np.arange(25)
    course = np.rint(slope * (places - 12)).astype(int)
    part = np.zeros((2 * int(np.abs(course).max()) + 3, 25), np.float32)
    for shift in (-1, 0, 1):
        part[len(part) // 2 + course + shift, places] = 1 / 75
    return part


def _find(density: Density, upright: bool, slope: float = 0.0) -> list[Rule]:
    """Rules from left to right; they are seen best that have about this slope."""
    height, width = density.shape
    points = _ridges(density, slope) if min(height, width) >= 40 else np.zeros(density.shape, np.uint8)
    if points.mean() > 0.25:
        return []
    rules: list[Rule] = []
    taken = np.zeros((height, width), np.uint8)
    for rows, share in SEARCHES:
        in_corners = share < SHARE
        if (rows, share) != SEARCHES[0] and len(rules) < COMPANY:
            break
        for rho, theta in _lines(points & ~taken if in_corners else points, rows, share):
            rule = Rule(float(rho / np.sin(theta)), float(-np.cos(theta) / np.sin(theta)), upright)
            if in_corners and min(abs(rule.slope - other.slope) for other in rules) > LIKE:
                continue
            x, y = _course(rule, points.shape)
            if len(x) < share * width or taken[y, x].mean() > 0.3:
                continue
            there = np.flatnonzero(np.any([points[y + shift, x] for shift in (-2, -1, 0, 1, 2)], axis=0))
            if len(there) < max(share * width, 1) or len(there) < FILLED * (there[-1] - there[0] + 1):
                continue
            if in_corners and min(there[0], len(x) - 1 - there[-1]) > AT_BORDER:
                continue
            rules.append(rule)
            for shift in (-2, -1, 0, 1, 2):
                taken[y + shift, x] = 1
    return rules


def _ridges(density: Density, slope: float) -> NDArray[np.uint8]:
    """Pixels (H, W) in the middle of something thin that goes on by this slope, 0 or 1."""
    import cv2

    thin = density - cv2.morphologyEx(density, cv2.MORPH_OPEN, np.ones((9, 1), np.uint8))
    along = cv2.filter2D(thin, -1, _part(slope))
    floor = max(0.02, NOISE * float(np.percentile(along[::3], 25)))
    ridge: NDArray[np.bool_] = (along > floor) & (along >= cv2.dilate(along, np.ones((5, 1), np.uint8)))
    return ridge.astype(np.uint8)


def _course(rule: Rule, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of a rule within a picture (H, W), at least two rows from its border."""
    height, width = shape
    columns = np.arange(width)
    rows = np.rint(rule.offset + rule.slope * columns).astype(int)
    inside = (rows >= -1) & (rows <= height)
    return columns[inside], np.clip(rows[inside], 2, height - 3)


def _lines(points: NDArray[np.uint8], rows: int, share: float) -> list[tuple[float, float]]:
    """Lines (rho, theta) that this share of the width votes for, the most first; those that leave a straight
    line by so many rows, too."""
    import cv2

    steepest = np.deg2rad(STEEPEST)
    lines = cv2.HoughLines(
        points,
        rows,
        np.deg2rad(0.25),
        int(share * points.shape[1]),
        min_theta=np.pi / 2 - steepest,
        max_theta=np.pi / 2 + steepest,
    )
    return [] if lines is None else lines[:400, 0].tolist()
