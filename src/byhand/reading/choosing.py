"""Which ink makes one digit: the network's own probabilities decide.

A line of marks is cut into atoms, from left to right: a mark that may be several digits into its pieces,
any other is an atom itself. A segment is a run of neighbouring atoms, and a reading of the line a way to
part the atoms into segments. The best reading is the one whose probabilities have the largest product; it
is found by dynamic programming, since the best reading up to an atom does not depend on what comes after
(Matan, Burges, LeCun, Denker: Multi-digit recognition using a space displacement neural network, 1992;
LeCun et al., 1998, section V).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from byhand.arrays import Array, Images
from byhand.images import Mark, PictureForm, is_disc, joined, mnist_forms, pieces
from byhand.refusal import Refusal

Ask = Callable[[Images], Array]
"""Probabilities (N, K) of images (N, 28, 28)."""

SURE = 0.97
"""A mark of ordinary width that is read as surely as this is taken as it is."""

WIDE = 1.15
"""A mark wider than this share of its line's height may be several digits, however surely it is read."""

CUT = 0.1
"""What a cut costs, in nats; a join costs as much, and more the farther the marks are apart."""

FIRST_CUT = 1.0
"""What a cut costs where no whole mark is surely a digit: a letter, cut in two, may look like two digits."""

HARDLY, LARGELY = 1 / 8, 1 / 2
"""Where a smaller share of more than FEW, or of more than A_PAGE marks, is surely a digit, nothing is cut:
in a cloud of dust, or on a page of print, much could be asked, and nothing would come of it."""

FEW, A_PAGE = 6, 60
"""Marks: so many may be a number of touching digits; more than so many are hardly on a note."""

NO_DIGIT = 1.5
"""What it costs, in nats, to take a segment as large as a digit for none; more if it is larger,"""

WIDEST = 2.0
"""up to so many times a digit's height or width."""

ALIKE = 0.4
"""Digits of a line are alike in size: so much is the logarithm of their height, by the usual one, expected to
vary (a standard deviation)."""

AS_HIGH = 1.5
"""Digits of different lines are of one height, or differ by less than this."""

NARROW, NEARLY_ALL = 0.95, 0.7
"""A mark narrower than this share of its own height is no two digits: a piece of it is a digit only with this
share of its ink, the rest being a bit of its neighbour;"""

NARROW_IN_NUMBER, MOSTLY = 0.75, 0.6
"""the width is this share where such a share of the line's other marks are surely digits;"""

A_BIT = 10.0
"""to take less of it for a digit costs so much, in nats."""

MOST_ATOMS = 6
"""A segment has at most so many atoms."""


@dataclass(frozen=True)
class Chosen:
    """One segment of the best reading: its mark, what the network saw, what it said (K,), its line."""

    mark: Mark
    image: Images
    probabilities: Array
    line: int


@dataclass(frozen=True)
class _Atom:
    """A piece of a line: its mark, and which of the line's marks it was cut from."""

    mark: Mark
    parent: int


@dataclass
class _Segment:
    """Atoms first to last of a line of this height as one digit; the price is in nats. A bit is none."""

    line: int
    first: int
    last: int
    mark: Mark
    height: float
    price: float
    bit: bool = False
    row: int = -1


def choose_segments(
    lines: Sequence[Sequence[Mark]], ask: Ask, refusal: Refusal, form: PictureForm
) -> list[Chosen]:
    """The best reading of each line, from top to bottom and left to right."""
    marks = [mark for line in lines for mark in line]
    if not marks:
        return []
    images = mnist_forms([mark.ink for mark in marks], form)
    probabilities = ask(images)
    sureness = probabilities[:, : refusal.classes].max(axis=1)
    surely = sureness > SURE
    cut = CUT if surely.any() else FIRST_CUT
    may_cut = len(marks) <= FEW or surely.mean() >= (HARDLY if len(marks) <= A_PAGE else LARGELY)
    atoms: list[list[_Atom]] = []
    known: dict[int, int] = {}
    segments: list[_Segment] = []
    position, usual = 0, usual_height(marks, sureness)
    for number, line in enumerate(lines):
        own = probabilities[position : position + len(line)]
        height = usual_height(line, sureness[position : position + len(line)])
        if surely.any() and not surely[position : position + len(line)].any():
            height = _as_elsewhere(line, height, usual)
        known |= {id(mark): position + i for i, mark in enumerate(line)}
        position += len(line)
        row = _atoms(line, own, height, refusal, may_cut)
        atoms.append(row)
        segments += _segments(number, line, row, own, height, refusal, cut)
    new = [segment for segment in segments if id(segment.mark) not in known]
    for place, segment in enumerate(new, len(marks)):
        segment.row = place
    for segment in segments:
        if segment.row < 0:
            segment.row = known[id(segment.mark)]
    if new:
        more = mnist_forms([segment.mark.ink for segment in new], form)
        images = np.concatenate([images, more])
        probabilities = np.concatenate([probabilities, ask(more)])
    chosen = []
    for number, row in enumerate(atoms):
        mine = [segment for segment in segments if segment.line == number]
        chosen += [
            Chosen(segment.mark, images[segment.row], probabilities[segment.row], number)
            for segment in _best(len(row), mine, probabilities, refusal)
        ]
    return chosen


def usual_height(line: Sequence[Mark], sureness: Array) -> float:
    """Height of a line's digits: the median over its marks, those read surely counting more."""
    heights = np.array([mark.h for mark in line], float)
    order = np.argsort(heights)
    weights = (sureness * heights)[order]
    total = np.cumsum(weights)
    return float(heights[order][np.searchsorted(total, total[-1] / 2)])


def _as_elsewhere(line: Sequence[Mark], height: float, usual: float) -> float:
    """Height of a line's digits where none is sure: that of digits elsewhere, if some mark is as high.

    Its own marks may be a word in print, and digits that touch.
    """
    as_high = any(1 / AS_HIGH < mark.h / usual < AS_HIGH for mark in line)
    return usual if as_high else height


def _atoms(
    line: Sequence[Mark], probabilities: Array, height: float, refusal: Refusal, may_cut: bool
) -> list[_Atom]:
    row: list[_Atom] = []
    for parent, mark in enumerate(line):
        sure = float(probabilities[parent, : refusal.classes].max())
        alone = sure >= SURE and mark.w <= WIDE * max(height, mark.h)
        large = mark.h >= 0.5 * height and mark.w >= 0.35 * mark.h
        parts = pieces(mark) if may_cut and large and not alone and not is_disc(mark) else [mark]
        row += [_Atom(part, parent) for part in parts]
    return sorted(row, key=lambda atom: atom.mark.x + atom.mark.right)


def _segments(
    number: int,
    line: Sequence[Mark],
    row: list[_Atom],
    probabilities: Array,
    height: float,
    refusal: Refusal,
    cut: float,
) -> list[_Segment]:
    segments = []
    sure = probabilities[:, : refusal.classes].max(axis=1)
    parts = np.bincount([atom.parent for atom in row], minlength=len(line))
    others = (np.count_nonzero(sure >= SURE) - (sure >= SURE)) / max(1, len(line) - 1)
    narrow = np.where(others >= MOSTLY, NARROW_IN_NUMBER, NARROW)
    for first in range(len(row)):
        for last in range(first, min(first + MOST_ATOMS, len(row))):
            group = row[first : last + 1]
            parents = [atom.parent for atom in group]
            mark, price = _together(line, group, parents, parts, sure, height, cut)
            if mark is not None:
                bit = _is_bit(mark, [line[parent] for parent in set(parents)], narrow[parents[0]])
                segments.append(_Segment(number, first, last, mark, height, price, bit))
    for parent, mark in enumerate(line):  # a mark of more atoms than a segment may have can still be one
        places = [i for i, atom in enumerate(row) if atom.parent == parent]
        if len(places) > MOST_ATOMS and places[-1] - places[0] + 1 == len(places):
            segments.append(_Segment(number, places[0], places[-1], mark, height, 0.0))
    return segments


def _together(
    line: Sequence[Mark],
    group: list[_Atom],
    parents: list[int],
    parts: np.ndarray,
    sure: Array,
    height: float,
    cut: float,
) -> tuple[Mark | None, float]:
    """These atoms as one mark, and the price of that; None if they do not belong together."""
    whole = sorted(set(parents))
    if len(whole) == 1 and len(group) == parts[whole[0]]:
        return line[whole[0]], 0.0
    price = sum(cut for parent in whole if parents.count(parent) < parts[parent])
    if len(group) == 1:
        return group[0].mark, price
    left, right = min(a.mark.x for a in group), max(a.mark.right for a in group)
    if right - left > 1.5 * height:
        return None, 0.0
    if len(whole) > 1:
        complete = [parent for parent in whole if parents.count(parent) == parts[parent]]
        settled = all(sure[p] >= SURE and line[p].h > 0.6 * height for p in complete)
        if settled and len(complete) == len(whole) and not _one_above_another(group):
            return None, 0.0
        for before, after in pairwise(group):
            if before.parent != after.parent:
                gap = max(after.mark.x - before.mark.right, before.mark.x - after.mark.right) / height
                if gap > 0.25:
                    return None, 0.0
                price += CUT + 2 * max(gap, 0.0)
    return joined([atom.mark for atom in group]), price


def _is_bit(piece: Mark, parents: list[Mark], least: float) -> bool:
    """Whether a piece is too little of one mark that is too narrow for two digits: of a smaller share of its
    own height than the `least`."""
    [parent, *others] = parents
    narrow = not others and parent.w < least * parent.h
    return narrow and float(piece.ink.sum()) < NEARLY_ALL * float(parent.ink.sum())


def _one_above_another(group: list[_Atom]) -> bool:
    """Whether neighbouring atoms share most of their columns."""
    for before, after in pairwise(group):
        shared = min(before.mark.right, after.mark.right) - max(before.mark.x, after.mark.x)
        if shared < 0.6 * min(before.mark.w, after.mark.w):
            return False
    return True


def _best(count: int, segments: list[_Segment], probabilities: Array, refusal: Refusal) -> list[_Segment]:
    """The segments of the best reading of so many atoms."""
    cost = np.full(count + 1, np.inf)
    cost[0] = 0.0
    via: list[_Segment | None] = [None] * (count + 1)
    for segment in sorted(segments, key=lambda segment: segment.last):
        p = probabilities[segment.row]
        digit = float(p[: refusal.classes].max())
        none = float(p[refusal.classes :].sum()) if len(p) > refusal.classes else 1 - digit
        size = max(segment.mark.h, segment.mark.w) / segment.height
        unlike = 0.5 * (np.log(size) / ALIKE) ** 2
        size = min(WIDEST, size)
        reading = min(unlike - np.log(max(digit, 1e-9)), NO_DIGIT * size**2 - np.log(max(none, 1e-9)))
        bit = A_BIT if segment.bit and digit >= refusal.threshold else 0.0
        total = cost[segment.first] + segment.price + reading + bit
        if total < cost[segment.last + 1]:
            cost[segment.last + 1] = total
            via[segment.last + 1] = segment
    chosen: list[_Segment] = []
    end = count
    while end > 0:
        segment_here = via[end]
        assert segment_here is not None
        chosen.append(segment_here)
        end = segment_here.first
    return chosen[::-1]
