"""Stage 5b: what the border of a picture cuts off: a finger, an envelope's flap, the rest of a word; and
what is left of the edge of a sheet."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from byhand.images.density import Density
from byhand.images.marks import Mark, erase

Found = tuple[NDArray[np.uint8], list[Mark]]
"""Ink (H, W), and the marks in it."""

EDGE = 3
"""What the border cuts off, and is so many times as long as wide, is what is left of an edge or a rule,"""

SOLID = 0.65
"""and what fills more of its box than this is a punched hole, or a finger."""

MOST_CONTACT = 0.3
"""A digit in a picture that is cut close touches the border with less than this share of its longer side."""

ALONG = 0.5
"""What lies at the edge of a sheet with this share of its longer side is what is left of that edge, or a
frame."""

EDGE_OF_SHEET = 1 / 160
"""It lies there where it is not farther from it than this share of the picture's longer side."""

CLOSE = 0.7
"""In such a picture marks are at least this share of its width and height."""


def without_cut_off(
    density: Density, ink: NDArray[np.uint8], marks: list[Mark], find: Callable[[], Found]
) -> tuple[NDArray[np.uint8], list[Mark], list[Mark]]:
    """Ink (H, W), marks that are whole, and those that the border of the picture cuts off.

    Those that it only touches are whole if all are touched and together fill the picture: it is cut close; so
    is one that is alone, and neither an edge nor solid.
    What is cut off is erased in the density, and ink and marks are found anew: beside a large one, smaller
    ones may have been left out, and beside a dark one faint ones.
    """
    lengths = np.array([_contact(mark, ink) for mark in marks])
    alone = len(marks) == 1 and not (_is_edge(marks[0]) or _is_solid(marks[0]))
    close = bool(marks) and bool(lengths.all()) and _fill(marks, ink.shape)
    whole = lengths <= (MOST_CONTACT if alone or close else 0)
    if whole.all():
        return ink, marks, []
    cut_off = [mark for mark, kept in zip(marks, whole, strict=True) if not kept]
    erase(cut_off, density)
    ink, marks = find()
    marks = [mark for mark in marks if not _contact(mark, ink)]
    return ink, marks, [mark for mark in cut_off if not (_is_edge(mark) or _is_solid(mark))]


def are_along_edge(marks: list[Mark], sheet: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which marks (N,) lie along the edge of the sheet, which is where this (H, W) is not 0."""
    import cv2

    side = 2 * round(EDGE_OF_SHEET * max(sheet.shape)) + 1
    inner = cv2.erode(sheet, np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    along = np.zeros(len(marks), bool)
    for position, mark in enumerate(marks):
        at_edge = (mark.ink > 0) & (inner[mark.y : mark.bottom, mark.x : mark.right] == 0)
        along[position] = at_edge.any(axis=int(mark.h >= mark.w)).sum() >= ALONG * max(mark.h, mark.w)
    return along


def _fill(marks: list[Mark], shape: tuple[int, ...]) -> bool:
    """Whether marks together are nearly as high and as wide as their picture (H, W)."""
    high = max(mark.bottom for mark in marks) - min(mark.y for mark in marks)
    wide = max(mark.right for mark in marks) - min(mark.x for mark in marks)
    return high > CLOSE * shape[0] and wide > CLOSE * shape[1]


def _contact(mark: Mark, ink: NDArray[np.uint8]) -> float:
    """Length along which a mark lies at the border of the picture (H, W), as a share of its longer side."""
    height, width = ink.shape
    rows, columns = slice(mark.y, mark.bottom), slice(mark.x, mark.right)
    ends = [(mark.x <= 0, ink[rows, 0]), (mark.right >= width, ink[rows, -1])]
    ends += [(mark.y <= 0, ink[0, columns]), (mark.bottom >= height, ink[-1, columns])]
    return float(sum(side.sum() for reached, side in ends if reached)) / max(mark.h, mark.w)


def _is_edge(mark: Mark) -> bool:
    """Whether what the border cuts off is so long that it is an edge, a pencil, or what is left of a rule."""
    import cv2

    _, sides, _ = cv2.minAreaRect(np.argwhere(mark.ink > 0).astype(np.float32))
    return max(sides) > EDGE * min(sides)


def _is_solid(mark: Mark) -> bool:
    """Whether what the border cuts off is no stroke, but a hole or a finger."""
    own = mark.ink > 0.5 * float(mark.ink.max())
    return float(own[own.any(axis=1)][:, own.any(axis=0)].mean()) > SOLID
