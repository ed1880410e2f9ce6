"""What could be one digit: whole marks, pieces of marks, and marks or pieces that belong together.

A line of marks is cut into atoms, from left to right: a mark that may be several digits into its pieces, any
other is an atom itself. A segment is a run of neighbouring atoms, with a price for what was cut or joined.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from byhand.arrays import Array
from byhand.images import Cutting, Mark, cutting, is_disc, joined

SURE = 0.97
"""A mark of ordinary width that is read as surely as this is taken as it is."""

WIDE = 1.15
"""A mark wider than this share of its line's height may be several digits, however surely it is read."""

CUT = 0.1
"""What a cut costs, in nats; a join costs as much, and more the farther the marks are apart."""

FIRST_CUT = 1.0
"""What a cut costs where no whole mark is surely a digit: a letter, cut in two, may look like two digits, and
a word, cut often, like many; but one mark alone in its line, where nearly all else is surely digits, will be
digits that touch."""

SHORT = 2.0
"""Wider than so many times its height, one mark alone in its line may be a word."""

NARROW, NEARLY_ALL = 0.95, 0.8
"""A mark narrower than this share of its own height is no two digits: a piece of it is a digit only with this
share of its ink, the rest being a bit of its neighbour;"""

MOSTLY, FULL = 0.6, 0.8
"""but where such a share of the other marks are surely digits it may be two, if both are as high as this
share of its line's height;"""

TELLING = 0.65
"""or if both are as high as this, and surely digits other than 1 and 0, as which any stroke and any ring is
read."""

WIDEST_GAP = 0.25
"""Marks farther apart than this share of their line's height are not one digit."""

WIDEST_PART, WIDEST_WHOLE = 1.5, 1.8
"""Pieces of marks that are together wider than this share of their line's height are not one digit; nor are
whole marks, which may be a 5 whose bar was put beside it.
"""

MOST_ATOMS = 6
"""A segment has at most so many atoms, or is of one or two whole marks."""


@dataclass
class Segment:
    """Atoms first to last of a line of this height as one digit, cut from so many marks; what was joined has
    a price, in nats.

    A bit of a mark is none, or only a `telling` one, which is surely a digit other than 1 and 0.

    `row` is for whoever asks what it is, to note where the answer stands.
    """

    line: int
    first: int
    last: int
    mark: Mark
    height: float
    cuts: int
    price: float
    bit: bool = False
    telling: bool = False
    row: int = -1


@dataclass(frozen=True)
class _Atom:
    """A piece of a line: which of the line's marks it was cut from, and which of its pieces it is."""

    parent: int
    piece: int


@dataclass(frozen=True)
class Pieces:
    """A line of marks with digits of this height, and how surely each is a digit (N,).

    `elsewhere` is the share of the marks in other lines that surely are. Unless it `may_cut`, all marks stay
    whole.
    """

    number: int
    marks: Sequence[Mark]
    height: float
    sureness: Array
    elsewhere: float
    may_cut: bool

    @cached_property
    def cuttings(self) -> list[Cutting]:
        """Where each mark could be cut."""
        return [
            cutting(mark) if self._may_be_several(mark, float(sure)) else Cutting(mark, ())
            for mark, sure in zip(self.marks, self.sureness, strict=True)
        ]

    @cached_property
    def atoms(self) -> list[_Atom]:
        """All pieces, from left to right."""
        return [
            _Atom(parent, piece)
            for _, parent, piece in sorted(
                (cut.middle(piece), parent, piece)
                for parent, cut in enumerate(self.cuttings)
                for piece in range(cut.pieces)
            )
        ]

    def segments(self) -> list[Segment]:
        """All runs of atoms that could be one digit."""
        segments = []
        for first in range(len(self.atoms)):
            for last in range(first, min(first + MOST_ATOMS, len(self.atoms))):
                group = self.atoms[first : last + 1]
                mark, cuts, price = self._together(group)
                if mark is not None:
                    bit = self._is_bit(mark, group)
                    telling = bit and self._are_high(mark, group, TELLING)
                    segments.append(
                        Segment(self.number, first, last, mark, self.height, cuts, price, bit, telling)
                    )
        for first, last in self._of_many_atoms():
            mark, cuts, price = self._together(self.atoms[first : last + 1])
            if mark is not None:
                segments.append(Segment(self.number, first, last, mark, self.height, cuts, price))
        return segments

    def _of_many_atoms(self) -> Iterator[tuple[int, int]]:
        """First and last atom of each mark, and of each two, that has more atoms than a segment may have."""
        for parent in range(len(self.marks)):
            for parents in ((parent,), (parent, parent + 1)):
                places = [place for place, atom in enumerate(self.atoms) if atom.parent in parents]
                if len(places) > MOST_ATOMS and places[-1] - places[0] + 1 == len(places):
                    yield places[0], places[-1]

    def _may_be_several(self, mark: Mark, sure: float) -> bool:
        """Whether a mark may be more than one digit."""
        alone = sure >= SURE and mark.w <= WIDE * max(self.height, mark.h)
        large = mark.h >= 0.5 * self.height and mark.w >= 0.35 * mark.h
        return self.may_cut and large and not alone and not is_disc(mark)

    @cached_property
    def cut(self) -> float:
        """What a cut costs here, in nats."""
        short = self.marks[0].w < SHORT * self.marks[0].h
        alone = len(self.marks) == 1 and (self.elsewhere >= NEARLY_ALL or (short and self.elsewhere > 0))
        return CUT if (self.sureness > SURE).any() or alone else FIRST_CUT

    def _others(self, parent: int) -> float:
        """Share of the line's other marks that surely are digits; of other lines' if there are none."""
        others = [sure >= SURE for place, sure in enumerate(self.sureness) if place != parent]
        return sum(others) / len(others) if others else self.elsewhere

    def _together(self, group: Sequence[_Atom]) -> tuple[Mark | None, int, float]:
        """These atoms as one mark, from how many it is cut, and the price of joining them; None if they do
        not belong together."""
        pieces: dict[int, list[int]] = {}
        for atom in group:
            pieces.setdefault(atom.parent, []).append(atom.piece)
        whole = [parent for parent, own in pieces.items() if len(own) == self.cuttings[parent].pieces]
        if len(pieces) == len(whole) == 1:
            return self.marks[whole[0]], 0, 0.0
        parts = [self.cuttings[parent].part(own[0], own[-1]) for parent, own in pieces.items()]
        marks = [part for part in parts if part is not None]
        cuts = len(pieces) - len(whole)
        if len(marks) < len(parts):
            return None, cuts, 0.0
        across = max(mark.right for mark in marks) - min(mark.x for mark in marks)
        widest = WIDEST_WHOLE if len(whole) == len(pieces) else WIDEST_PART
        if len(group) > 1 and across > widest * self.height:
            return None, cuts, 0.0
        settled = all(self.sureness[p] >= SURE and self.marks[p].h > 0.6 * self.height for p in whole)
        if 1 < len(marks) == len(whole) and settled and not _one_above_another(marks):
            return None, cuts, 0.0
        gaps = [max(b.x - a.right, a.x - b.right, 0) / self.height for a, b in pairwise(marks)]
        if max(gaps, default=0) > WIDEST_GAP:
            return None, cuts, 0.0
        return joined(marks), cuts, sum(CUT + 2 * gap for gap in gaps)

    def _is_bit(self, piece: Mark, group: Sequence[_Atom]) -> bool:
        """Whether a piece is too little of one mark that is too narrow for two digits."""
        parent = group[0].parent
        mark = self.marks[parent]
        if any(atom.parent != parent for atom in group):
            return False
        if mark.w >= NARROW * mark.h:
            return False
        if float(piece.ink.sum()) >= NEARLY_ALL * float(mark.ink.sum()):
            return False
        return self._others(parent) < MOSTLY or not self._are_high(piece, group, FULL)

    def _are_high(self, piece: Mark, group: Sequence[_Atom], share: float) -> bool:
        """Whether a piece, and what its mark has to the left or to the right of it, is as high as this share
        of a digit's height."""
        if piece.h < share * self.height:
            return False
        cut = self.cuttings[group[0].parent]
        first, last = group[0].piece, group[-1].piece
        rests = [cut.part(0, first - 1) if first else None]
        rests += [cut.part(last + 1, cut.pieces - 1) if last + 1 < cut.pieces else None]
        return any(rest is not None and rest.h >= share * self.height for rest in rests)


def _one_above_another(marks: Sequence[Mark]) -> bool:
    """Whether neighbouring marks share most of their columns."""
    for before, after in pairwise(marks):
        shared = min(before.right, after.right) - max(before.x, after.x)
        if shared < 0.6 * min(before.w, after.w):
            return False
    return True
