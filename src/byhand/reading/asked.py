"""The marks of a picture that the network was asked about, with what it says of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from byhand.images import boxes_of
from byhand.images.normal import stroke_width
from byhand.reading.choosing import Chosen

Which = NDArray[np.bool_]
"""Some of the marks (N,)."""

SURE = 0.95
"""A digit that is at least as probable as this is sure."""

LETTER = 0.7
"""A letter is about so wide by its height: what is wider may be several that run together."""


@dataclass(frozen=True)
class Asked:
    """The marks of a picture (N,), with the most likely digit of each and its probability.

    Any stroke is a 1, any angle of strokes a 7, and any ring a 0.
    """

    segments: Sequence[Chosen]
    digits: Sequence[str]
    sure: NDArray[np.floating]

    @cached_property
    def sides(self) -> NDArray[np.int64]:
        """Height or width, whichever is more."""
        return sides_of(self.segments)

    @cached_property
    def heights(self) -> NDArray[np.int64]:
        """Height of each mark: letters may run together, and are no higher for it."""
        return np.array([segment.mark.h for segment in self.segments])

    @cached_property
    def broad(self) -> NDArray[np.floating]:
        """How broad the strokes of each mark are."""
        inks = [segment.mark.ink.astype(np.float32) for segment in self.segments]
        return np.array([stroke_width(np.pad(ink / ink.max(), 1)) for ink in inks])

    @cached_property
    def letters(self) -> NDArray[np.int64]:
        """How many letters each mark is, if it is any."""
        widths = np.array([segment.mark.w for segment in self.segments])
        letters: NDArray[np.int64] = np.maximum(1, np.rint(widths / (LETTER * self.heights))).astype(np.int64)
        return letters

    @cached_property
    def lines(self) -> NDArray[np.int64]:
        """Which line each mark is in."""
        return np.array([segment.line for segment in self.segments])

    def are(self, *digits: str) -> Which:
        """Which marks are most likely one of these digits."""
        return np.isin(list(self.digits), digits)

    def mean(self, refused: Which, which: Which) -> float:
        """Mean probability of some marks; of refused ones 0, and of long ones more than of short ones."""
        value = np.where(refused, 0, self.sure)
        return float(np.average(value[which], weights=self.sides[which]))


def alike(sides: NDArray[np.int64], refused: Which, share: float) -> Which:
    """Which marks are larger than this share of what was taken for digits: not commas, for example."""
    larger: Which = sides > share * np.median(sides[~refused])
    return larger


def sides_of(segments: Sequence[Chosen]) -> NDArray[np.int64]:
    """Height or width of each segment, whichever is more."""
    return np.array([max(segment.mark.h, segment.mark.w) for segment in segments], int)


def usual_side(asked: Asked, refused: Which, least: int) -> NDArray[np.floating]:
    """Usual side of what was taken for digits in the line of each mark (N,); 0 where these are fewer."""
    usual = np.zeros(len(refused))
    for line in set(asked.lines[~refused].tolist()):
        here = asked.lines == line
        if np.count_nonzero(here & ~refused) >= least:
            usual[here] = np.median(asked.sides[here & ~refused])
    return usual


def boxes(asked: Asked) -> NDArray[np.int64]:
    """Left, top, right and bottom of all marks (4, N)."""
    return boxes_of([segment.mark for segment in asked.segments])
