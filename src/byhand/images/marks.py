"""Stage 5: marks, which are pixels of ink that hang together, without specks and frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.images.density import Density
from byhand.images.light import without_frame
from byhand.images.quantiles import percentile

MOST_MARKS = 1000
"""A picture with more marks than this is no number, but print, cloth or grass."""


NEARLY = 0.15
"""What differs from a mark by this share of how it differs from the paper is as dark as the mark."""


PAPER, SPECK = 0.1, 0.12
"""What of a mark is less dark than this share of its darkest is in none of its pieces, and what is shorter
than this share of it is none."""


@dataclass(frozen=True)
class Mark:
    """Ink that belongs together: its box in the picture, and its density (h, w), 0 where other ink is."""

    x: int
    y: int
    ink: Density

    @property
    def w(self) -> int:
        """Columns."""
        return self.ink.shape[1]

    @property
    def h(self) -> int:
        """Rows."""
        return self.ink.shape[0]

    @property
    def right(self) -> int:
        """First column behind it."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """First row below it."""
        return self.y + self.h


def boxes_of(marks: Sequence[Mark]) -> NDArray[np.int64]:
    """Left, top, right and bottom of marks (4, N)."""
    return np.array([(m.x, m.y, m.right, m.bottom) for m in marks], np.int64).reshape(-1, 4).T


def within(boxes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each box (4, N) has each other one in it (N, N)."""
    x, y, right, bottom = boxes
    across = (x[:, np.newaxis] < x) & (right[:, np.newaxis] > right)
    inside: NDArray[np.bool_] = across & (y[:, np.newaxis] < y) & (bottom[:, np.newaxis] > bottom)
    return inside


def find_marks(density: Density, ink: NDArray[np.uint8]) -> list[Mark]:
    """Marks of a picture, in no order: `density` (H, W) where `ink` (H, W) is 1."""
    import cv2

    ink = without_frame(ink)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count <= 1:
        return []
    stats = stats[1:]
    sides = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    large = np.flatnonzero(sides >= smallest(sides, stats[:, cv2.CC_STAT_AREA]))
    marks = []
    for index in large[:MOST_MARKS]:
        x, y, w, h, _ = stats[index]
        own = labels[y : y + h, x : x + w] == index + 1
        # the soft edge of a stroke lies outside its pixels of ink: take in one pixel all around
        top, left = max(0, y - 1), max(0, x - 1)
        part = density[top : y + h + 1, left : x + w + 1]
        reach = np.zeros(part.shape, np.uint8)
        reach[y - top : y - top + h, x - left : x - left + w] = own
        reach = cv2.dilate(reach, np.ones((3, 3), np.uint8))
        marks.append(Mark(int(left), int(top), part * reach))
    return marks


def smallest(sides: NDArray[np.integer], areas: NDArray[np.integer]) -> float:
    """The longer side below which a mark is a speck, given those of all marks.

    Most of the ink is in the marks that matter: the size that a pixel of ink usually belongs to tells
    how large they are, however many specks there are.
    """
    order = np.argsort(sides)
    share = np.cumsum(areas[order]) / areas.sum()
    usual = float(sides[order][np.searchsorted(share, 0.5)])
    return max(4.0, 0.12 * usual)


def are_strokes(marks: list[Mark], greys: Images, ink: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which marks (N,) are strokes: darker in these greys (H, W) than what is on either side of them.

    The edge of a sheet, or of a shadow, is a thin mark too, but one side of it is as dark as itself.
    """
    import cv2

    answers = np.ones(len(marks), bool)
    for position, mark in enumerate(marks):
        own = mark.ink > 0.5 * float(mark.ink.max())
        reach = 2 + int(
            np.clip(own.sum() / max(mark.h, mark.w), 1, 6)
        )  # a little more than the stroke is wide
        top, left = max(0, mark.y - reach), max(0, mark.x - reach)
        part = (slice(top, mark.bottom + reach), slice(left, mark.right + reach))
        inner = np.zeros(greys[part].shape, np.uint8)
        inner[mark.y - top : mark.y - top + mark.h, mark.x - left : mark.x - left + mark.w] = own
        around = cv2.dilate(inner, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > cv2.dilate(
            inner, np.ones((3, 3), np.uint8)
        )
        ring = greys[part][around & (ink[part] == 0)]
        if len(ring) >= 8:
            own_grey = float(np.median(greys[part][inner > 0]))
            as_dark = own_grey + NEARLY * max(0.0, percentile(ring, 75) - own_grey)
            answers[position] = float((ring <= as_dark).mean()) < 0.25
    return answers


def erase(marks: Sequence[Mark], *pictures: NDArray[Any]) -> None:
    """Write 0 in these pictures (H, W) where the marks are."""
    for mark in marks:
        for picture in pictures:
            picture[mark.y : mark.bottom, mark.x : mark.right][mark.ink > 0] = 0


def pieces_of(mark: Mark) -> list[Mark]:
    """What of a mark's ink hangs together, without specks, in no order."""
    import cv2

    dark = (mark.ink > PAPER * float(mark.ink.max(initial=0))).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    pieces = []
    for index in range(1, count):
        x, y, w, h, _ = stats[index].tolist()
        if max(w, h) >= SPECK * max(mark.w, mark.h):
            top, left = max(0, y - 1), max(0, x - 1)
            part = (slice(top, y + h + 1), slice(left, x + w + 1))
            own = cv2.dilate((labels[part] == index).astype(np.uint8), np.ones((3, 3), np.uint8))
            pieces.append(Mark(mark.x + left, mark.y + top, mark.ink[part] * own))
    return pieces


def joined(marks: list[Mark]) -> Mark:
    """Several marks as one."""
    left, top = min(mark.x for mark in marks), min(mark.y for mark in marks)
    right, bottom = max(mark.right for mark in marks), max(mark.bottom for mark in marks)
    ink = np.zeros((bottom - top, right - left), np.float32)
    for mark in marks:
        part = ink[mark.y - top : mark.bottom - top, mark.x - left : mark.right - left]
        np.maximum(part, mark.ink, out=part)
    return Mark(left, top, ink)
