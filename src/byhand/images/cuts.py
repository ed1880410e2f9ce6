"""Stage 7: places where a mark of several digits could be cut.

Digits touch where one stroke meets another, so a cut from top to bottom that crosses as little ink as
possible is a good guess. It may lean, since writing does. The cheapest way through each place is found by
dynamic programming, row by row, as a drop of water would find it that may also go a little through the ink
(Congedo and others, Segmentation of numeric strings, 1995, let drops fall; that paths of least ink are
seams: Avidan, Shamir, Seam carving for content-aware image resizing, 2007).

Several cuts are only proposed here. Which of them are made is decided by what the network reads in the
parts.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from byhand.images.marks import Mark

PIECES = 4
"""A mark is cut into about so many for each time that it is as wide as high,"""

MOST_PIECES = 16
"""but not into more than so many."""

LOOK = 40
"""Cuts are looked for on a copy of this many rows."""

ROWS = (12, 20, 28)
"""For each place in each of these rows the cheapest way through it is a cut that could be made."""

LEAN = 0.2
"""Price of going one column aside, in rows of full ink."""

MOST_INK = 0.6
"""A cut through more ink than this share of the height is none."""

APART = 0.12
"""Cuts through the same row are at least this share of the height apart."""

LEAST_PIECE = 0.03
"""What is cut off has at least this share of the mark's ink."""

ALIKE = 0.024
"""Cuts with less ink between them than this share of a square as high as the mark are one cut."""


def pieces(mark: Mark) -> list[Mark]:
    """The parts of a mark between the cuts that could be made, from left to right; at most MOST_PIECES."""
    most = min(MOST_PIECES - 1, 2 + round(PIECES * mark.w / mark.h))
    cuts = list(islice(find_cuts(mark), most))
    if not cuts:
        return [mark]
    cuts.sort(key=lambda cut: float(cut.mean()))
    columns = np.arange(mark.w)
    which = np.zeros(mark.ink.shape, np.int64)
    for cut in cuts:
        which += columns >= cut[:, None]
    parts = []
    for number in range(len(cuts) + 1):
        ink = np.where(which == number, mark.ink, 0)
        used = np.flatnonzero(ink.max(axis=0) > 0.1 * float(mark.ink.max()))
        rows = np.flatnonzero(ink.max(axis=1) > 0.1 * float(mark.ink.max()))
        if len(used) < 2 or len(rows) < 2:
            continue
        ink = ink[rows[0] : rows[-1] + 1, used[0] : used[-1] + 1]
        parts.append(Mark(mark.x + int(used[0]), mark.y + int(rows[0]), ink))
    return parts


def find_cuts(mark: Mark) -> Iterator[NDArray[np.float32]]:
    """Cuts of a mark, the cheapest first: for each row (h,) the first column right of the cut."""
    import cv2

    scale = LOOK / mark.h
    width = max(3, round(mark.w * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(mark.ink, (width, LOOK), interpolation=how)
    ink = np.clip(small / max(float(np.percentile(small, 98)), 1e-6), 0, 1)
    total = float(ink.sum())
    sides: list[NDArray[np.bool_]] = []
    rows = np.minimum((np.arange(mark.h) * scale).astype(int), LOOK - 1)
    for seam in _seams(ink):
        left = np.arange(width) < seam[:, None]
        piece = float(ink[left].sum())
        if min(piece, total - piece) < LEAST_PIECE * total:
            continue
        if all(ink[left ^ other].sum() >= ALIKE * LOOK**2 for other in sides):
            sides.append(left)
            yield (seam[rows] / scale).astype(np.float32)


def _seams(ink: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """The cheapest ways (H,) from the top of the ink (H, W) to its bottom, the cheapest first."""
    height = len(ink)
    down, up = _cheapest(ink), _cheapest(ink[::-1])[::-1]
    apart = round(APART * height)
    found: list[tuple[float, int, int]] = []
    for row in ROWS:
        through = down[row] + up[row] - ink[row]
        price = np.where(through < MOST_INK * height, through, np.inf)
        while np.isfinite(price).any():
            place = int(price.argmin())
            found.append((float(price[place]), row, place))
            price[max(0, place - apart) : place + apart + 1] = np.inf
    for _, row, place in sorted(found, key=lambda priced: priced[0]):
        yield np.concatenate([_back(down[: row + 1], place)[:-1], _back(up[row:][::-1], place)[::-1]])


def _cheapest(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Ink on the cheapest way from the first row to each pixel, the pixel's own included."""
    total = ink.copy()
    side = np.full(1, np.inf, np.float32)
    for row in range(1, len(ink)):
        above = total[row - 1]
        left = np.concatenate([side, above[:-1]]) + LEAN
        right = np.concatenate([above[1:], side]) + LEAN
        total[row] += np.minimum(above, np.minimum(left, right))
    return total


def _back(total: NDArray[np.float32], place: int) -> NDArray[np.float32]:
    """Columns of the cheapest way from the first row to `place` in the last."""
    columns = np.empty(len(total), np.float32)
    columns[-1] = place
    for row in range(len(total) - 2, -1, -1):
        first = max(0, place - 1)
        around = total[row, first : place + 2] + LEAN * np.abs(
            np.arange(first, min(place + 2, total.shape[1])) - place
        )
        place = first + int(around.argmin())
        columns[row] = place
    return columns
