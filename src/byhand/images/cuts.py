"""Stage 7: places where a mark of several digits could be cut.

Digits touch where one stroke meets another, so a cut from top to bottom that crosses as little ink as
possible is a good guess. It may lean, since writing does. The cheapest way through each place, and from each
notch above to each below, is found by dynamic programming, row by row, as a drop of water would find it that
may also go a little through the ink (Congedo and others, Segmentation of numeric strings, 1995, let drops
fall; that paths of least ink are seams: Avidan, Shamir, Seam carving for content-aware image resizing, 2007).

Several cuts are only proposed here. Which of them are made is decided by what the network reads in the
parts.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from byhand.images.marks import Mark
from byhand.images.quantiles import percentile

CUTS, MORE = 4, 4
"""A mark has so many cuts, and so many more for each time that it is as wide as high,"""

MOST_PIECES = 16
"""but is not cut into more than so many pieces."""

LOOK = 40
"""Cuts are looked for on a copy of this many rows."""

ROWS = (12, 20, 28)
"""For each place in each of these rows the cheapest way through it is a cut that could be made."""

LEAN = 0.2
"""Price of going one column aside, in rows of full ink."""

ENTRY = 6.0
"""Price of going into ink, in rows of it: between two digits, from the notch above to the notch below, a cut
goes into ink once, and through a ring twice."""

MELTED = 0.5
"""Price of a row of ink on the straight way from notch to notch, if that is ink all along: two strokes lie
side by side, and are one."""

PAPER = 0.25
"""So little ink is paper, where notches are looked for."""

MOST = 0.75
"""A cut that costs more than this share of the height is none."""

APART = 0.12
"""Cuts through the same row are at least this share of the height apart."""

LEAST_PIECE = 0.08
"""What is cut off has at least this share of the mark's ink, or of a part of it that is as wide as high."""

ALIKE = 0.024
"""Cuts with less ink between them than this share of a square as high as the mark are one cut."""


Seam = NDArray[np.float32]
"""For each row (H,) a column."""

Steps = NDArray[np.int8]
"""How many columns aside the cheapest way to each place (H, W) was in the row before."""

ASIDE = (-1, 0, 1)
"""Steps from one row to the next."""

Priced = tuple[float, Callable[[], Seam]]
"""A price, and what finds the seam that has it."""


@dataclass(frozen=True)
class Cutting:
    """A mark and the places at which it could be cut, in their order from left to right.

    Cuts may cross. So what lies between two of them is no sum of smaller pieces.
    """

    mark: Mark
    cuts: tuple[Seam, ...]

    @property
    def pieces(self) -> int:
        """Into how many pieces all cuts would part the mark."""
        return len(self.cuts) + 1

    def middle(self, piece: int) -> float:
        """Column in the picture where the middle of a piece is."""
        left = float(self.cuts[piece - 1].mean()) if piece else 0.0
        right = float(self.cuts[piece].mean()) if piece < len(self.cuts) else self.mark.w
        return self.mark.x + (left + right) / 2

    def part(self, first: int, last: int) -> Mark | None:
        """The ink from the first to the last of these pieces; None if it is next to none."""
        if last - first == len(self.cuts):
            return self.mark
        columns = np.arange(self.mark.w)
        inside = np.ones(self.mark.ink.shape, np.bool_)
        if first:
            inside &= columns >= self.cuts[first - 1][:, None]
        if last < len(self.cuts):
            inside &= columns < self.cuts[last][:, None]
        ink = np.where(inside, self.mark.ink, 0)
        used = np.flatnonzero(ink.max(axis=0) > 0.1 * float(self.mark.ink.max()))
        rows = np.flatnonzero(ink.max(axis=1) > 0.1 * float(self.mark.ink.max()))
        if len(used) < 2 or len(rows) < 2:
            return None
        ink = ink[rows[0] : rows[-1] + 1, used[0] : used[-1] + 1]
        return Mark(self.mark.x + int(used[0]), self.mark.y + int(rows[0]), ink)


def cutting(mark: Mark) -> Cutting:
    """Where a mark could be cut, into at most MOST_PIECES, none of which is next to nothing."""
    most = min(MOST_PIECES - 1, CUTS + round(MORE * mark.w / mark.h))
    known = Cutting(mark, ())
    for cut in sorted(islice(find_cuts(mark), most), key=lambda cut: float(cut.mean())):
        more = Cutting(mark, (*known.cuts, cut))
        if more.part(more.pieces - 2, more.pieces - 2) and more.part(more.pieces - 1, more.pieces - 1):
            known = more
    return known


def find_cuts(mark: Mark) -> Iterator[Seam]:
    """Cuts of a mark, the cheapest first: for each row (h,) the first column right of the cut."""
    import cv2

    scale = LOOK / mark.h
    width = max(3, round(mark.w * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(mark.ink, (width, LOOK), interpolation=how)
    ink = np.clip(small / max(percentile(small, 98), 1e-6), 0, 1)
    total = float(ink.sum())
    sides: list[NDArray[np.bool_]] = []
    rows = np.minimum((np.arange(mark.h) * scale).astype(int), LOOK - 1)
    for seam in _seams(ink):
        left = np.arange(width) < seam[:, None]
        piece = float(ink[left].sum())
        if min(piece, total - piece) < LEAST_PIECE * total * min(1, LOOK / width):
            continue
        if all(ink[left ^ other].sum() >= ALIKE * LOOK**2 for other in sides):
            sides.append(left)
            yield (seam[rows] / scale).astype(np.float32)


def _seams(ink: NDArray[np.float32]) -> Iterator[Seam]:
    """The cheapest ways from the top of the ink (H, W) to its bottom, the cheapest first."""
    ways = [*_through_rows(ink), *_between_notches(ink)]
    return (seam() for _, seam in sorted(ways, key=lambda way: way[0]))


def _through_rows(ink: NDArray[np.float32]) -> Iterator[Priced]:
    """The cheapest ways through the places of some rows that are apart."""
    (down, above), (up, below) = (_cheapest(way, _anywhere(way)) for way in (ink, ink[::-1]))
    apart = round(APART * len(ink))
    for row in ROWS:
        back = len(ink) - 1 - row
        through = down[row] + up[back] - (1 + ENTRY) * ink[row]  # both have come into this pixel's ink
        price = np.where(through < MOST * len(ink), through, np.inf)
        while np.isfinite(price).any():
            place = int(price.argmin())
            yield float(price[place]), partial(_through, above[: row + 1], below[: back + 1], place)
            price[max(0, place - apart) : place + apart + 1] = np.inf


def _anywhere(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Prices (H, W) to begin at: anywhere in the first row."""
    begin = np.full_like(ink, np.inf)
    begin[0] = (1 + ENTRY) * ink[0]
    return begin


def _through(above: Steps, below: Steps, place: int) -> Seam:
    """The cheapest way through a place, from the steps that lead to it from either end."""
    return np.concatenate([_back(above, place)[:-1], _back(below, place)[::-1]])


def _between_notches(ink: NDArray[np.float32]) -> Iterator[Priced]:
    """The cheapest way from each notch at the top of the ink to each that is near at its bottom.

    Where digits touch along a stroke, a way across another stroke is cheaper, but it ends in no notch.
    """
    height, reach = len(ink), len(ink) // 2
    tops, bottoms = _notches(ink), [(height - 1 - row, place) for row, place in _notches(ink[::-1])]
    if not tops or not bottoms:
        return
    around = np.array([place for _, place in tops])[:, np.newaxis] + np.arange(2 * reach + 1)
    near = np.pad(ink, ((0, 0), (reach, reach)))[:, around]  # (H, tops, columns up to `reach` on either side)
    begin = np.full_like(near, np.inf)
    for number, (top, _) in enumerate(tops):
        begin[top, number, reach] = 0
    prices, steps = _cheapest(near, begin)
    ends = [end for _, end in bottoms]  # from left to right: a flat mark may have thousands
    for number, (top, start) in enumerate(tops):
        for bottom, end in bottoms[bisect_left(ends, start - reach) : bisect_right(ends, start + reach)]:
            if (melted := _melted(ink, (top, start), (bottom, end))) is not None:
                yield melted
            place = end - start + reach
            if (price := float(prices[bottom, number, place])) < MOST * height:
                way = steps[top : bottom + 1, number]
                yield price, partial(_from_notch, way, place, start - reach, top, height)


def _melted(ink: NDArray[np.float32], top: tuple[int, int], bottom: tuple[int, int]) -> Priced | None:
    """The straight way from a notch to one below it, if that is ink all along."""
    rows = np.arange(top[0], bottom[0] + 1)
    if len(rows) < 3:
        return None
    columns = np.linspace(top[1], bottom[1], len(rows))
    along = ink[rows, np.rint(columns).astype(int)][1:-1]
    price = ENTRY + MELTED * float(along.sum())
    if along.min() <= PAPER or price >= MOST * len(ink):
        return None
    return price, lambda: np.pad(columns.astype(np.float32), (rows[0], len(ink) - 1 - rows[-1]), mode="edge")


def _from_notch(steps: Steps, place: int, left: int, top: int, height: int) -> Seam:
    """The cheapest way from a notch in row `top` to a place below it; `left` is the column of place 0."""
    way = _back(steps, place) + np.float32(left)
    return np.pad(way, (top, height - top - len(way)), mode="edge")


def _notches(ink: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Row and column of the lowest paper in each notch at the top of the ink."""
    dark = ink > PAPER
    depth = np.where(dark.any(axis=0), dark.argmax(axis=0), len(ink))
    starts = np.append(0, np.flatnonzero(np.diff(depth)) + 1)
    middles = (starts + np.append(starts[1:], len(depth)) - 1) // 2
    level = depth[starts]
    lowest = 1 + np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:]))
    return [(int(level[i]) - 1, int(middles[i])) for i in lowest]


def _cheapest(ink: NDArray[np.float32], begin: NDArray[np.float32]) -> tuple[NDArray[np.float32], Steps]:
    """Price of the cheapest way from above to each pixel of ink (H, ..., W), its own ink included, and the
    step that it came by. At the prices `begin` a way may begin there."""
    width = ink.shape[-1]
    from_aside = [(..., slice(1 + aside, 1 + aside + width)) for aside in ASIDE]
    ends = [(0, 0)] * (ink.ndim - 1) + [(1, 1)]  # beyond them nothing can be
    wide, prices = np.pad(ink, ends), np.pad(begin, ends, constant_values=np.inf)
    costs = ENTRY * np.maximum(0, np.stack([ink[1:] - wide[:-1][places] for places in from_aside]))
    for way, aside in enumerate(ASIDE):
        costs[way] += LEAN * abs(aside)
    steps = np.zeros(ink.shape, np.int8)
    for row in range(1, len(ink)):
        ways = costs[:, row - 1] + np.stack([prices[row - 1][places] for places in from_aside])
        steps[row] = ways.argmin(axis=0) + ASIDE[0]
        here = prices[row, ..., 1:-1]
        np.minimum(here, ink[row] + ways.min(axis=0), out=here)
    return prices[..., 1:-1], steps


def _back(steps: Steps, place: int) -> Seam:
    """Columns of the way that came by these steps (H, W) from the first row to `place` in the last."""
    columns = [place]
    for row in range(len(steps) - 1, 0, -1):
        columns.append(columns[-1] + int(steps[row, columns[-1]]))
    return np.array(columns[::-1], np.float32)
