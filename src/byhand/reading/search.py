"""A picture looked at in one way after the other, for as long as that may show more."""

from collections.abc import Iterator

from byhand.images import Way, has_same_marks
from byhand.reading.others import Other
from byhand.reading.sight import Reader, Sight

ENOUGH = 60
"""Where so many digits were read that is enough: a page full of them takes seconds."""

MANY_MARKS = 20
"""More marks than this take a second if they are letters, so the same ones are asked about once."""

TOO_MANY = 600
"""Where so many marks were asked about, in all ways together, that is enough, too: it is a page of print."""

FOUND = 4
"""To find so many marks takes as long as to ask about one."""


class Search:
    """The best sight of a picture so far, in `sight`."""

    def __init__(self, reader: Reader, first: Way) -> None:
        """Begin with a first way."""
        self.reader = reader
        self.first = first
        self.sight = reader.see(first)
        self._marks = _asked(self.sight)
        self._seen: list[Sight] = []

    def through(self, others: Iterator[Other], anyhow: bool = False) -> None:
        """Look in other ways until all is read clearly, or in all of them."""
        while (anyhow or not self.reader.is_clear(self.sight)) and not self._is_enough:
            other = next(others, None)
            if other is None:
                break
            if not self._is_known(other.way):
                self._look(other)

    @property
    def _is_enough(self) -> bool:
        return self.sight.count >= ENOUGH or self._marks >= TOO_MANY

    def _is_known(self, way: Way) -> bool:
        """Whether so many marks as the first way has, and the same, need not be asked about once more."""
        return way.marks > MANY_MARKS and has_same_marks(way, self.first)

    def _look(self, other: Other) -> None:
        """Look in this way, too."""
        sight, second = self.sight, self.reader.see(other.way)
        doubtful = other.doubtful or self.reader.may_be_thing(sight)
        doubtful |= (
            self.reader.is_stroke(second) and not sight.way.sheet
        )  # which a broad stroke may have been
        doubtful = doubtful and not any(second.agrees(before) for before in self._seen)
        self.sight = self.reader.better(sight, second, doubtful)
        self._marks += _asked(second)
        self._seen.append(second)


def _asked(sight: Sight) -> int:
    """How many marks were asked about, or might have been in the time that it took to find them."""
    return max(len(sight.segments), sight.way.marks // FOUND)
