"""Digits that touch, cut as a reader cuts them: what is a digit after the cut, and what is none.

A reader that finds two digits in one mark asks the network about every part that they could be cut into
(byhand.reading.choosing). Most of those parts were cut wrongly, and a good cut, too, leaves a bit of the
neighbour or takes a bit away. Who draws the digits knows which ink is whose: so the same cuts can be made,
and each part has its label (Matan, Burges, LeCun, Denker: Multi-digit recognition using a space displacement
neural network, 1992, taught theirs on such parts, too).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images, Labels
from byhand.datasets.examples import Examples
from byhand.datasets.pens import TOGETHER, Ink, a_hand, a_pen, cropped, inside_of
from byhand.images import Density, Mark, cutting, mnist_forms
from byhand.threads import cores, side_by_side

Rng = np.random.Generator

OVERLAP = 0.04
"""Touching digits reach into each other by at most this share of their height."""

WHOLE = 0.85
"""A part that has this share of a digit's ink, and as large a share of its own from it, is that digit."""

MIXED = 0.65
"""A part for which one of the two is less than this for every digit is none,"""

FOREIGN = 0.2
"""if it has this share of two digits; of only one, cut short, who knows what it looks like,"""

SLIVER = 0.25
"""unless it has less than this share of it, and is wider than high: any other bit of a stroke may be a 1."""

MOST_PIECES = 6
"""A part has at most so many pieces."""

WIDEST = 1.5
"""A part that is wider than this share of its line's height is not asked about."""

OF_A_LINE = 1
"""So many parts of a line are learnt of each kind of what is none."""


def touching_parts(digits: Examples, count: int, none: int, rng: Rng) -> tuple[Images, Labels]:
    """Parts of touching digits in MNIST's own form (count, 28, 28), and their labels (count,).

    Half of them are digits; the others have the label `none`. `digits` are (N, 28, 28), with labels from 0.
    """
    places = [*range(0, count, TOGETHER), count]

    def make(chance: Rng, begin: int, end: int) -> tuple[Images, Labels]:
        left = {True: (end - begin + 1) // 2, False: (end - begin) // 2}
        inks: list[Density] = []
        labels: list[int] = []
        while any(left.values()):
            for ink, label in _learnt(digits, none, chance):
                if left[label != none]:
                    left[label != none] -= 1
                    inks.append(ink)
                    labels.append(label)
        return mnist_forms(inks), np.array(labels)

    with side_by_side(cores()) as each:
        made = list(each(make, rng.spawn(len(places) - 1), places[:-1], places[1:]))
    images, labels = zip(*made, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def written_touching(digits: Examples, rng: Rng) -> tuple[Ink, list[NDArray[np.bool_]], list[int]]:
    """Two to four digits by one pen, each touching the one before: ink (H, W), whose it is, their labels."""
    chosen = rng.integers(len(digits), size=int(rng.integers(2, 5)))
    hand, pen = a_hand(rng), a_pen(rng)
    drawn = [cropped(pen(hand(inside_of(digits.images[index])))) for index in chosen]
    height = max(len(ink) for ink in drawn)
    places = [0]
    tops = [int(rng.integers(height - len(ink) + 1)) for ink in drawn]
    for position in range(1, len(drawn)):
        gap = _gap(drawn[position - 1], tops[position - 1], drawn[position], tops[position])
        overlap = round(height * rng.uniform(0, OVERLAP))
        places.append(places[-1] + max(gap - overlap, drawn[position - 1].shape[1] // 4))
    width = max(place + ink.shape[1] for place, ink in zip(places, drawn, strict=True))
    line = np.zeros((height, width), np.uint8)
    owners = []
    for ink, place, top in zip(drawn, places, tops, strict=True):
        here = (slice(top, top + len(ink)), slice(place, place + ink.shape[1]))
        np.maximum(line[here], ink, out=line[here])
        owner = np.zeros(line.shape, bool)
        owner[here] = ink > 127
        owners.append(owner)
    return line, owners, [int(digits.labels[index]) for index in chosen]


def _gap(left: Ink, top: int, right: Ink, below: int) -> int:
    """How far to the right of the left one's first column the right one begins, so that they just touch."""
    rows = range(max(top, below), min(top + len(left), below + len(right)))
    reach = []
    for row in rows:
        mine, theirs = np.flatnonzero(left[row - top] > 127), np.flatnonzero(right[row - below] > 127)
        if len(mine) and len(theirs):
            reach.append(int(mine[-1] - theirs[0]))
    return max(reach, default=left.shape[1])


def _learnt(digits: Examples, none: int, rng: Rng) -> list[tuple[Density, int]]:
    """Of the parts of one line each digit once, and a few that are none."""
    line, owners, labels = written_touching(digits, rng)
    parts: dict[int, list[Density]] = {}
    for ink, owner in _parts(Mark(0, 0, line.astype(np.float32) / np.float32(255)), owners):
        parts.setdefault(owner, []).append(ink)
    learnt = [(mine[rng.integers(len(mine))], labels[owner]) for owner, mine in parts.items() if owner >= 0]
    return learnt + [
        (mine[i], none)
        for kind, mine in parts.items()
        if kind < 0
        for i in rng.permutation(len(mine))[:OF_A_LINE]
    ]


PAIR, MIXTURE, SCRAP = -1, -2, -3
"""What is none: two digits that are not cut apart, a digit with a piece of another, a bit of one."""


def _parts(line: Mark, owners: list[NDArray[np.bool_]]) -> Iterator[tuple[Density, int]]:
    """Parts that a line can be cut into, as far as it is sure what they are: whose, or why none."""
    for ink, alike, share in likenesses(line, owners):
        second = np.sort(share)[-2]
        if alike.max() >= WHOLE:
            yield ink, int(alike.argmax())
        elif alike.max() < MIXED and second > FOREIGN:
            yield ink, PAIR if second >= WHOLE else MIXTURE
        elif share.max() < SLIVER and ink.shape[0] < ink.shape[1]:
            yield ink, SCRAP


def likenesses(
    line: Mark, owners: list[NDArray[np.bool_]]
) -> Iterator[tuple[Density, NDArray[np.floating], NDArray[np.floating]]]:
    """Each part that a line can be cut into, how much it is like each digit (D,), and what share of each
    digit's ink it has (D,).

    It is as much like a digit as the smaller of two shares says: of the digit's ink, how much it has, and of
    its own, how much is the digit's.
    """
    cut = cutting(line)
    sizes = np.array([owner.sum() for owner in owners])
    for first in range(cut.pieces if cut.cuts else 0):
        for last in range(first, min(first + MOST_PIECES, cut.pieces)):
            part = cut.part(first, last)
            if part is None:
                continue
            if part.w > WIDEST * line.h:
                break
            ink = part.ink > 0.5
            here = (slice(part.y, part.bottom), slice(part.x, part.right))
            own = np.array([(owner[here] & ink).sum() for owner in owners])
            share = own / np.maximum(sizes, 1)
            yield part.ink, np.minimum(share, own / max(1, ink.sum())), share
