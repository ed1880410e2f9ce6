"""Stage 7: places where a mark of several digits could be cut.

Digits touch where one stroke meets another, so a cut from top to bottom that crosses as little ink as
possible is a good guess. It may lean, since writing does. The cheapest way through each place is found by
dynamic programming, row by row, as a drop of water would find it that may also go a little through the ink
(Congedo and others, Segmentation of numeric strings, 1995, let drops fall; that paths of least ink are
seams: Avidan, Shamir, Seam carving for content-aware image resizing, 2007).

Several cuts are only proposed here. Which of them are made is decided by what the network reads in the
parts.
"""

import numpy as np
from numpy.typing import NDArray

from byhand.images.marks import Mark

LOOK = 40
"""Cuts are looked for on a copy of this many rows."""

LEAN = 0.08
"""Price of going one column aside, in rows of full ink."""

MOST_INK = 0.6
"""A cut through more ink than this share of the height is none."""


def pieces(mark: Mark, most: int = 8) -> list[Mark]:
    """The parts of a mark between the cuts that could be made, from left to right; at most so many."""
    cuts = find_cuts(mark)[: most - 1]
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


def find_cuts(mark: Mark) -> list[NDArray[np.float32]]:
    """Cuts of a mark, the cheapest first: for each row (h,) the first column right of the cut."""
    import cv2

    scale = LOOK / mark.h
    height, width = LOOK, max(3, round(mark.w * scale))
    small = cv2.resize(
        mark.ink, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    ink = np.clip(small / max(float(np.percentile(small, 98)), 1e-6), 0, 1)
    down = _cheapest(ink)
    up = _cheapest(ink[::-1])[::-1]
    middle = height // 2
    through = down[middle] + up[middle] - ink[middle]

    apart = max(3, round(0.12 * height))
    filled = np.flatnonzero(ink.max(axis=0) > 0.3)
    if len(filled) < 2 * apart:
        return []
    allowed = np.zeros(width, bool)
    allowed[filled[0] + apart : filled[-1] + 1 - apart] = True
    cuts = []
    price = np.where(allowed & (through < MOST_INK * height), through, np.inf)
    while np.isfinite(price).any():
        place = int(price.argmin())
        seam = np.concatenate([_back(down[: middle + 1], place)[:-1], _back(up[middle:][::-1], place)[::-1]])
        rows = np.minimum((np.arange(mark.h) * scale).astype(int), height - 1)
        cuts.append((seam[rows] / scale).astype(np.float32))
        price[max(0, place - apart) : place + apart + 1] = np.inf
    return cuts


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
