"""Digits that touch one of the line below: a mark that reaches across lines is parted between them.

It is turned on its side, so that the lines stand beside each other, and cut as digits beside each other are
(byhand.images.cuts). Whether it is one tall digit or several the network's probabilities decide.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from byhand.arrays import Array
from byhand.images import Mark, find_cuts, in_lines, middle_of, pieces_of, usual_height
from byhand.reading.choosing import ALIKE
from byhand.reading.segments import WIDE

Sureness = Callable[[Sequence[Mark]], Array]
"""Of each of N marks how surely it is a digit (N,)."""

TALL, MOST_TALL = 1.4, 12
"""A mark that is so many times as high as others may reach across lines; more than so many are no writing."""

FRAGMENT = 0.4
"""What is less high than this share of most of the ink is no digit, but may be a piece of one."""

LEAST, AMID = 0.6, 0.25
"""It does if it has the middles of two lines in it, of marks at least as high as this share of others, and is
cut between these, away from both by no less than this share of the way from one to the other."""

CUTS = 6
"""So many ways to cut are tried, the cheapest first."""

GAIN = 1.0
"""So many nats at least must be won."""

UNKNOWN = 1.0
"""What is so wide that it may be several digits costs no more than so many nats."""

ROUNDS = 3
"""So many times over what was parted is parted again: a mark may reach across several lines."""


def parted(lines: Sequence[Sequence[Mark]], sureness: Sureness) -> Sequence[Sequence[Mark]]:
    """Marks in lines, those that reach across several parted between them where that is likelier."""
    for _ in range(ROUNDS):
        marks = [mark for line in lines for mark in line]
        if not marks:
            break
        usual = usual_height(marks)
        height = float(np.median([mark.h for mark in marks if mark.h > FRAGMENT * usual]))
        tall = [mark for mark in marks if mark.h > TALL * height]
        if not 0 < len(tall) <= MOST_TALL:
            break
        kept = [mark for mark in marks if mark.h <= TALL * height]
        middles = [middle_of(line) for line in in_lines([mark for mark in kept if mark.h > LEAST * height])]
        new = [part for mark in tall for part in _parted(mark, height, middles, sureness)]
        if len(new) == len(tall):
            break
        lines = in_lines([*kept, *new])
    return lines


def _parted(mark: Mark, height: float, middles: Sequence[float], sureness: Sureness) -> list[Mark]:
    """The parts of a mark between lines with these middles, or the mark itself if that is likelier."""
    ways = [[mark], *_ways(mark, [middle for middle in middles if mark.y < middle < mark.bottom])]
    if len(ways) == 1:
        return ways[0]
    costs = [_cost(way, height, sureness) for way in ways]
    best = int(np.argmin(costs))
    return ways[best] if costs[best] < costs[0] - GAIN else ways[0]


def _ways(mark: Mark, middles: Sequence[float]) -> list[list[Mark]]:
    """Ways to part a mark between lines with these middles, each what is above and below."""
    ways = []
    for upper, lower in pairwise(middles):
        room = AMID * (lower - upper)
        on_its_side = Mark(mark.y, mark.x, mark.ink.T)
        found = 0
        for cut in find_cuts(on_its_side):
            if upper + room < mark.y + float(cut.mean()) < lower - room and found < CUTS:
                above = np.arange(mark.h)[:, np.newaxis] < cut
                parts = [
                    pieces_of(Mark(mark.x, mark.y, np.where(side, mark.ink, 0))) for side in (above, ~above)
                ]
                if all(parts):
                    ways.append([*parts[0], *parts[1]])
                    found += 1
    return ways


def _cost(marks: Sequence[Mark], height: float, sureness: Sureness) -> float:
    """How unlikely it is that these are digits of such a height, in nats a mark."""
    unlikely = -np.log(np.maximum(sureness(marks), 1e-9))
    wide = np.array([mark.w > WIDE * mark.h for mark in marks])
    unlike = 0.5 * (np.log([mark.h / height for mark in marks]) / ALIKE) ** 2
    return float(np.mean(unlike + np.where(wide, np.minimum(unlikely, UNKNOWN), unlikely)))
