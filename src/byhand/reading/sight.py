"""What is seen on a picture that is taken in one way or in another, and which of two sights is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array
from byhand.images import Mark, PictureForm, Way, is_disc, mnist_forms, without
from byhand.model import Model
from byhand.reading.asked import SURE, Asked, alike, sides_of
from byhand.reading.belief import CREDIBLE, NUMBER, disbelieved
from byhand.reading.choosing import Chosen, choose_segments
from byhand.reading.stacked import parted
from byhand.reading.words import words_beside
from byhand.refusal import Refusal

MOST_MARKS = 400
"""More marks than this are no numbers on a note, but print or a pattern: they are not even asked about,"""

STANDS_OUT, FEW_STAND_OUT = 2.0, 60
"""but for those so many times as large as the usual one, if they are not more than so many."""

PRIOR, NEIGHBOURS = 0.1, 3
"""Between digits of a line that has so many sure ones for each mark that is refused, what is none is rarer
than in training: its odds count this share."""

CERTAIN = 0.9
"""What is seen in a second way, or beside a thing, has at least this mean; and what has less in the first is
looked at in others."""

FEW_THINGS = 4
"""So many marks that are no digits may be other things than writing, such as a finger,"""

LARGER = 1.5
"""if each is so many times as long as the digits are, or cut off by the border: else it is a letter."""

AGREED = 0.2
"""Two ways see the same mark if its corners are no farther apart than this share of its length."""

PLAIN = "10"
"""Any stroke is a 1, and any ring a 0."""

SHORT_WORD = 3
"""A word of no more marks than this may be digits that were not read."""

CONFIRMED = 0.9
"""One sight confirms another if so many of its digits are the same."""

BESIDE = 1.25
"""Digits of a number are not farther from each other than so many times their length."""

PRICE, WRONG = 0.3, 0.5
"""What a mark that was refused takes off the worth of a sight, and what a wrong digit does, in digits."""


def refusal_of(model: Model) -> Refusal:
    """How sure the model must be; one that does not say so answers what is more probable than not."""
    return model.refusal or Refusal(classes=len(model.classes))


def form_of(model: Model) -> PictureForm:
    """How the model wants its marks."""
    side = model.image_shape[0]
    return model.form or PictureForm(size=side, box=max(4, round(side * 20 / 28)))


@dataclass(frozen=True)
class Reader:
    """A model that looks at pictures."""

    model: Model

    @cached_property
    def refusal(self) -> Refusal:
        """How sure the model must be."""
        return refusal_of(self.model)

    def see(self, way: Way) -> "Sight":
        """What is seen on a picture taken in this way."""
        written = way.lines if way.marks <= MOST_MARKS else _larger_than_print(way.lines)
        form = form_of(self.model)
        plain = [label for label, digit in enumerate(self.model.classes) if digit in PLAIN]
        chosen = choose_segments(
            parted(written, self._sureness), self.model.probabilities, self.refusal, form, plain
        )
        if not chosen:
            return Sight(way, (), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_))
        lines = np.array([segment.line for segment in chosen])
        probabilities = np.array([segment.probabilities for segment in chosen])
        labels, sure, refused = judged_in_lines(self.refusal, probabilities, lines)
        asked = Asked(chosen, [self.model.classes[label] for label in labels], sure)
        words, numbers = words_beside(asked, refused)
        if words.any():
            chosen = [segment for segment, no in zip(chosen, words, strict=True) if not no]
            labels, sure, refused = labels[~words], sure[~words], refused[~words]
            asked = Asked(chosen, [self.model.classes[label] for label in labels], sure)
        refused = disbelieved(asked, refused, way.cut_off, numbers[~words] & words.any())
        return Sight(way, tuple(chosen), labels, sure, refused, int(words.sum()))

    def _sureness(self, marks: Sequence[Mark]) -> Array:
        """How surely each of these marks (N,) is a digit, whichever."""
        images = mnist_forms([mark.ink for mark in marks], form_of(self.model))
        sureness: Array = self.model.probabilities(images)[:, : self.refusal.classes].max(axis=1)
        return sureness

    def is_clear(self, sight: "Sight") -> bool:
        """Whether all is read, on the whole surely, and is no thing; and nothing short was taken for a word,
        which may be digits."""
        surely = sight.clear and bool(sight.sure[~sight.refused].mean() >= CERTAIN)
        return surely and not self.may_be_thing(sight) and not 0 < sight.words <= SHORT_WORD

    def may_be_thing(self, sight: "Sight") -> bool:
        """Whether a single stroke or ring, or what is not sure, is all that is read: a pencil, the rim of a
        coaster, a sheet with a table around it; or any digit alone on a sheet, which may be a patch of light.
        """
        if sight.count != 1 or not sight.clear:
            return False
        if sight.way.sheet:
            return True
        read = ~sight.refused
        return bool(sight.sure[read] < SURE) or any(self._are(sight.labels, digit)[read] for digit in PLAIN)

    def is_stroke(self, sight: "Sight") -> bool:
        """Whether a single stroke is all that is seen."""
        return len(sight.segments) == 1 and bool(self._are(sight.labels, "1").all())

    def better(self, sight: "Sight", second: "Sight", doubtful: bool) -> "Sight":
        """That of two sights of a picture from which more can be read.

        What is sure in the first must be seen in the second, too; and where the first is clear, others that
        are no strokes, which may be edges.
        Where the second way is doubtful, what is seen must be certain; and it must be several digits, where
        the first saw a single one that may be a thing, or a disc, whose rim is a ring to the second. What the
        first saw may be the pieces of a single digit.
        """
        if second.count == 1 and (self.may_be_thing(sight) or sight.has_disc):
            return sight
        if self._certain_alone(second) and not self.is_clear(sight) and second.goes_around(sight):
            return second
        if second.worth <= sight.worth or second.count == 0 < sight.count:
            return sight
        telling = self._telling(sight)
        if telling.any() and not self.may_be_thing(sight) and not second.confirms(sight, telling):
            return sight
        if sight.clear and 0 < telling.sum() >= self._telling(second).sum():
            return sight
        return sight if doubtful and not (self._certain(second) or self._certain_alone(second)) else second

    def see_beside(self, sight: "Sight") -> "Sight":
        """What is read beside a few things that are no digits, such as a finger, or beside a single one that
        may be a 1 or a 0; on a drawing, which has no pencils, that is one.

        It is believed if it is more, certain, and smaller than the things; else all stays as it was.
        """
        if self.is_clear(sight):
            return sight
        read = [segment for segment, no in zip(sight.segments, sight.refused, strict=True) if not no]
        single = self.may_be_thing(sight) and not sight.way.drawing
        things = [segment.mark for segment in read] if single else self._things(sight)
        if not 0 < len(things) + len(sight.way.cut_off) <= FEW_THINGS:
            return sight
        if not single and not _larger(things, read):
            return sight
        beside = self.see(without(sight.way, things))
        if not (self._certain(beside) or self._certain_alone(beside)) or beside.worth <= sight.worth:
            return sight
        return beside if _larger(things, beside.segments) else sight

    def _certain(self, sight: "Sight") -> bool:
        """Whether nearly all that is seen are surely digits, at least two, not most of them ones, and not all
        of them strokes and rings, such as the eyes of a face; beside something else, such as a stamp, there
        must be more, and not most of them strokes and rings."""
        strokes, rings = (self._are(sight.labels, digit) for digit in PLAIN)
        if len(sight.segments) < 2 or strokes.mean() > 0.5 or (strokes | rings).all():
            return False
        many = sight.count >= NUMBER and sight.count >= NEIGHBOURS * np.count_nonzero(sight.refused)
        if many and (strokes | rings)[~sight.refused].mean() <= 0.5:
            return bool(sight.sure[~sight.refused].mean() >= CERTAIN)
        return bool(sight.certainty >= CERTAIN)

    def _certain_alone(self, sight: "Sight") -> bool:
        """Whether all that is seen is surely one digit, and no stroke or ring, which many things have."""
        alone = len(sight.segments) == 1 and sight.certainty >= SURE
        return alone and not any(self._are(sight.labels, digit).any() for digit in PLAIN)

    def _telling(self, sight: "Sight") -> NDArray[np.bool_]:
        """Which marks (N,) were read, but for strokes that stand apart: these may be edges."""
        strokes, sides = self._are(sight.labels, "1"), sides_of(sight.segments)
        marks = [segment.mark for segment in sight.segments]
        lines, told = [segment.line for segment in sight.segments], np.zeros(len(marks), np.bool_)
        read = sorted(np.flatnonzero(~sight.refused), key=lambda i: (lines[i], marks[i].x))
        for order in (read, read[::-1]):
            for i, j in pairwise(order):
                near = max(marks[j].x - marks[i].right, marks[i].x - marks[j].right) < BESIDE * max(
                    sides[[i, j]]
                )
                told[j] |= lines[i] == lines[j] and near and (told[i] or not strokes[i])
        telling: NDArray[np.bool_] = ~sight.refused & (~strokes | told)
        return telling

    def _are(self, labels: NDArray[np.int64], digit: str) -> NDArray[np.bool_]:
        """Which of these labels say this digit: any stroke is a 1, and any ring a 0."""
        return np.array([self.model.classes[label] == digit for label in labels], bool)

    def _things(self, sight: "Sight") -> list[Mark]:
        """Marks a part of which is no digit by itself."""
        if not sight.segments:
            return []
        _, _, alone = self.refusal.judge(np.array([c.probabilities for c in sight.segments]))
        others = [c.mark for c, refused in zip(sight.segments, alone, strict=True) if refused]
        marks = [mark for line in sight.way.lines for mark in line]
        return [mark for mark in marks if any(_has(mark, other) for other in others)]


@dataclass(frozen=True)
class Sight:
    """A picture taken in one way: its segments, and what each is, how surely, and whether it is refused; and
    how many more are words beside larger digits."""

    way: Way
    segments: tuple[Chosen, ...]
    labels: NDArray[np.int64]
    sure: NDArray[np.floating]
    refused: NDArray[np.bool_]
    words: int = 0

    @property
    def worth(self) -> float:
        """How much was read: the probabilities that the digits are right, less something for those that they
        are wrong, and for each mark that is none."""
        right = self.sure[~self.refused]
        return float((right - WRONG * (1 - right)).sum() - PRICE * self.refused.sum())

    @property
    def count(self) -> int:
        """How many digits were read."""
        return int(np.count_nonzero(~self.refused))

    @property
    def certainty(self) -> float:
        """Mean probability of the digits, of long marks more than of short ones; of refused ones 0."""
        return float(np.average(np.where(self.refused, 0, self.sure), weights=sides_of(self.segments)))

    @property
    def has_disc(self) -> bool:
        """Whether all that was seen is a filled disc, such as the sun."""
        return len(self.segments) == 1 and is_disc(self.segments[0].mark)

    def agrees(self, other: "Sight") -> bool:
        """Whether both see surely the same digit, at the same place, and nothing else."""
        if len(self.segments) != 1 or len(other.segments) != 1 or self.labels[0] != other.labels[0]:
            return False
        x, y, w, h = self.way.box(self.segments[0].mark)
        u, v, _, _ = other.way.box(other.segments[0].mark)
        near = abs(x - u) + abs(y - v) < AGREED * max(w, h)
        return near and bool(min(self.certainty, other.certainty) >= SURE)

    def confirms(self, other: "Sight", telling: NDArray[np.bool_]) -> bool:
        """Whether most of those telling digits (N,) of another way that are sure were read here, too, at the
        same place."""
        own, others = np.flatnonzero(~self.refused), np.flatnonzero(telling & (other.sure >= SURE))
        x, y, w, h = np.array([self.way.box(self.segments[i].mark) for i in own]).reshape(-1, 4).T
        same = 0
        for i in others:
            u, v, width, height = other.way.box(other.segments[i].mark)
            across, down = u + width / 2 - x, v + height / 2 - y
            here = (across > 0) & (across < w) & (down > 0) & (down < h)
            same += bool((here & (self.labels[own] == other.labels[i])).any())
        return same >= CONFIRMED * len(others)

    def goes_around(self, other: "Sight") -> bool:
        """Whether all that another way shows, several marks, is where this one has a single mark."""
        if len(self.segments) != 1 or len(other.segments) < 2:
            return False
        x, y, w, h = self.way.box(self.segments[0].mark)
        u, v, width, height = np.array([other.way.box(segment.mark) for segment in other.segments]).T
        room = AGREED * max(w, h) / 2
        across = (u > x - room).all() and (u + width < x + w + room).all()
        return bool(across and (v > y - room).all() and (v + height < y + h + room).all())

    @property
    def clear(self) -> bool:
        """Whether there is something to read, and nothing as large was refused, but for discs."""
        if self.refused.all():
            return False
        large = self.refused & alike(sides_of(self.segments), self.refused, 0.5)
        return all(is_disc(self.segments[i].mark) for i in np.flatnonzero(large).tolist())


def judged_in_lines(
    refusal: Refusal, probabilities: Array, lines: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Array, NDArray[np.bool_]]:
    """Best digit (N,), its probability (N,), and whether it is refused (N,), of marks with these
    probabilities (N, K) in these lines (N,), each from the left.

    Where a line has many sure digits, a mark that is refused between two of its digits is judged once more:
    by Bayes' rule, being none has a smaller prior probability there. It is a digit if it is more probably
    that one than all else.
    """
    labels, sure, refused = refusal.judge(probabilities)
    weights = np.where(np.arange(probabilities.shape[1]) < refusal.classes, 1, PRIOR)
    posterior = probabilities * weights / (probabilities @ weights)[:, np.newaxis]
    in_number = posterior[np.arange(len(labels)), labels]
    rescued = np.zeros_like(refused)
    for line in set(lines[refused].tolist()):
        here = np.flatnonzero(lines == line)
        if np.count_nonzero(sure[here] >= SURE) >= NEIGHBOURS * np.count_nonzero(refused[here]):
            left, mark, right = here[:-2], here[1:-1], here[2:]
            between = refused[mark] & ~refused[left] & ~refused[right]
            rescued[mark] = between & (in_number[mark] > CREDIBLE)
    return labels, np.where(rescued, in_number, sure), refused & ~rescued


def _larger_than_print(lines: Sequence[Sequence[Mark]]) -> list[list[Mark]]:
    """What is written beside or over print, in its lines."""
    usual = float(np.median([max(mark.h, mark.w) for line in lines for mark in line]))
    large = [[mark for mark in line if max(mark.h, mark.w) > STANDS_OUT * usual] for line in lines]
    return [line for line in large if line] if sum(map(len, large)) <= FEW_STAND_OUT else []


def _larger(things: Sequence[Mark], digits: Sequence[Chosen]) -> bool:
    """Whether all things are larger than digits; than none, any is."""
    usual = float(np.median(sides_of(digits))) if digits else 0.0
    return all(max(thing.h, thing.w) >= LARGER * usual for thing in things)


def _has(mark: Mark, part: Mark) -> bool:
    """Whether a mark's box has the middle of a part in it."""
    x, y = (part.x + part.right) / 2, (part.y + part.bottom) / 2
    return mark.x <= x <= mark.right and mark.y <= y <= mark.bottom
