"""What is believed of the digits that were seen on a picture, for what else is there.

The network says of one mark what it may be. A picture says more: in a cloud of dust a speck that looks like a
1 is no 1, nor is a letter among letters, nor a stroke among strokes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from byhand.images import Mark, boxes_of, is_disc, within
from byhand.reading.choosing import Chosen

Which = NDArray[np.bool_]
"""Some of the marks (N,)."""

SPECK, TICK = 0.35, 0.5
"""What is smaller than this share of its line's digits is a speck or a point; a stroke, a tick and no 1."""

EDGE, SIDE = 1.75, 1.3
"""A stroke so many times as long as its line's digits is an edge and no 1; so is one that is so many times as
long, if the line begins and ends with such: the sides of boxes."""

LETTER = 0.7
"""A letter is about so wide by its height: what is wider may be several that run together."""

FLAT, LONG = 0.5, 3.0
"""What is refused, less high than this share of the digits, and so many times as wide as high is a dash, or
what is underlined, and does not count against them."""

CREDIBLE = 0.5
"""Where the marks are digits with a smaller mean probability, none is: refused ones count as 0, long ones
more."""

OF_MANY, MANY = 0.8, 4
"""Of so many marks and more, this is asked, for among the letters of a page some look like digits;"""

SURE, NUMBER, LARGELY = 0.95, 4, 0.7
"""but digits as sure as this, so many and half of their line, not most of them ones, make it a number,
whatever else is there, if the mean of the line is at least this. In several lines of nothing else so many do
so together, if not more than this share of them are strokes and rings."""

SHORT = 0.7
"""Strokes alone in their line, shorter than this share of what is read elsewhere, are ticks or edges, and do
not count against the digits."""

SEVERAL = 3
"""So many sure digits beside words are a number, whatever else is there."""

PRINT = 2.0
"""Two sure digits and nothing else in their line are a number if they are so many times as long as what is
refused, which then is print."""

LONELY, UNSURE_LONELY = 2.5, 0.35
"""A stroke at the end of a line is no 1 if it is farther away than the digits are long, and so many times as
far as these are from each other; one that is not sure, if it is farther away than this share of that."""

FAR = 2.0
"""What the border cuts off is no part of the writing if it is so many times as far from each digit as that is
long: a finger that holds the page."""

MOSTLY, HATCHED = 0.8, 8
"""Of so many digits and more, a larger share of ones is no number, but a hatching, a fence, or the lines of a
form."""

BARS = 12
"""A line of more ones than this is a bar code, whatever else is there."""

STEMS = 3
"""A line of more digits than this, most of them ones, beside what is no digit is a word."""

ROUND = 0.85
"""What is less wide than this share of its height may be a 0 in a line of its own, and is no coin."""

AS_LARGE = 1.2
"""A sure stroke that differs from the others' size by less than this factor may be a 1 beside all of them."""

ODD = 1.5
"""A digit alone in its line that is not sure, and so many times as large as several others, is a thing."""

LONE = 3
"""In so many lines and more, a 1 alone in its line is a piece of a broken line."""


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


def disbelieved(
    asked: Asked, refused: Which, cut_off: Sequence[Mark], beside_words: Which | None = None
) -> Which:
    """Which marks are refused, also for what is around them; what the border cuts off counts, too.

    Those that are numbers beside words are believed if they are several, and other lines must be surer.
    """
    beside_words = np.zeros_like(refused) if beside_words is None else beside_words
    refused = refused | _specks(asked, refused)
    edges = _apart(asked, refused) | are_sides(asked, refused) | _short(asked, refused)
    refused |= edges
    dots = _dots(asked, refused)
    refused |= _pieces(asked, refused) | _around(asked) | dots
    refused |= _no_numbers(asked, refused, beside_words)
    if refused.all():
        return refused
    dots |= _flat(asked, refused)
    strokes = asked.are("1")
    if strokes[~refused].all() and (refused & ~dots)[alike(asked.sides, refused, 0.5)].any():
        return np.ones_like(refused)  # of what is no digit
    if np.count_nonzero(~refused) >= HATCHED and strokes[~refused].mean() > MOSTLY:
        return np.ones_like(refused)
    counted = alike(asked.sides, refused, 0.25) & ~dots & ~edges
    lengths = np.array([max(mark.h, mark.w) for mark in cut_off if _near(mark, asked, refused)], int)
    lengths = lengths[lengths > 0.25 * np.median(asked.sides[~refused])]
    length = asked.sides[counted].sum()
    mean = asked.mean(refused, counted) * length / (length + lengths.sum())
    if mean >= (OF_MANY if counted.sum() + len(lengths) >= MANY else CREDIBLE):
        return refused
    written = [
        line for line in set(asked.lines[beside_words].tolist()) if _are_several(asked, beside_words, line)
    ]
    return refused | ~np.isin(asked.lines, [*_numbers(asked, refused, counted), *written])


def _are_several(asked: Asked, numbers: Which, line: int) -> bool:
    """Whether there are several of these numbers' digits in a line, not all of them strokes and rings."""
    here = numbers & (asked.lines == line)
    return here.sum() >= SEVERAL and not bool(asked.are("1", "0")[here].all())


def _numbers(asked: Asked, refused: Which, counted: Which) -> list[int]:
    """Lines that are numbers, on a picture that as a whole is not credible."""
    sure = counted & ~refused & (asked.sure >= SURE)
    strokes = asked.are("1")
    numbers, whole = [], []
    of_whole = np.zeros_like(refused)
    for line in set(asked.lines.tolist()):
        here = counted & (asked.lines == line)
        sure_here = here & sure
        if not sure_here.any():
            continue
        digits = strokes[sure_here].mean() <= 0.5
        most = sure_here.sum() >= max(NUMBER, here.sum() / 2)
        if digits and most and asked.mean(refused, here) >= LARGELY:
            numbers.append(line)
        if (sure_here == here).all():
            whole.append(line)
            of_whole |= here & digits & (here.sum() > 1)
    of_numbers = of_whole | np.isin(asked.lines, numbers)
    if of_numbers.sum() >= NUMBER and asked.are("1", "0")[of_numbers].mean() <= LARGELY:
        return numbers + whole
    if refused.any() and of_whole.any():
        large = of_whole & (asked.sides > PRINT * np.median(asked.sides[refused]))
        numbers += [line for line in whole if large[asked.lines == line].all()]
    return numbers


def alike(sides: NDArray[np.int64], refused: Which, share: float) -> Which:
    """Which marks are larger than this share of what was taken for digits: not commas, for example."""
    larger: Which = sides > share * np.median(sides[~refused])
    return larger


def sides_of(segments: Sequence[Chosen]) -> NDArray[np.int64]:
    """Height or width of each segment, whichever is more."""
    return np.array([max(segment.mark.h, segment.mark.w) for segment in segments], int)


def _near(mark: Mark, asked: Asked, refused: Which) -> bool:
    """Whether a mark may belong to the same writing as the digits: one of them is not far from it."""
    x, y, right, bottom = boxes(asked)
    apart = np.maximum(
        np.maximum(x - mark.right, mark.x - right), np.maximum(y - mark.bottom, mark.y - bottom)
    )
    return bool((apart < FAR * asked.sides)[~refused].any())


def _specks(asked: Asked, refused: Which) -> Which:
    """Which marks are much smaller than what was taken for digits in their line."""
    least = np.where(asked.are("1"), TICK, SPECK)
    specks: Which = asked.sides < least * _usual(asked, refused, 1)
    return specks


def are_sides(asked: Asked, refused: Which) -> Which:
    """Which marks are strokes much longer than the digits in their line, if these are several: edges; or the
    sides of the boxes that these are written in."""
    strokes = asked.are("1") & ~refused
    usual = _usual(asked, refused | strokes, 2)
    sides: Which = strokes & (usual > 0) & (asked.sides > SIDE * usual)
    long: Which = sides & (asked.sides > EDGE * usual)
    for line in set(asked.lines[sides].tolist()):
        here = np.flatnonzero((asked.lines == line) & ~refused)
        if sides[here[0]] and sides[here[-1]]:
            long[here] |= sides[here]
    return long


def _short(asked: Asked, refused: Which) -> Which:
    """Which marks are strokes in a line of nothing else that is read, shorter than what is read elsewhere."""
    short, strokes = np.zeros_like(refused), asked.are("1")
    for line in set(asked.lines[strokes & ~refused].tolist()):
        here = ~refused & (asked.lines == line)
        others = ~refused & ~here
        if strokes[here].all() and others.any():
            short |= here & (np.median(asked.sides[here]) < SHORT * np.median(asked.sides[others]))
    return short


def _usual(asked: Asked, refused: Which, least: int) -> NDArray[np.floating]:
    """Usual side of what was taken for digits in the line of each mark (N,); 0 where these are fewer."""
    usual = np.zeros(len(refused))
    for line in set(asked.lines[~refused].tolist()):
        here = asked.lines == line
        if np.count_nonzero(here & ~refused) >= least:
            usual[here] = np.median(asked.sides[here & ~refused])
    return usual


def _pieces(asked: Asked, refused: Which) -> Which:
    """Which marks are pieces of a line one above the other: ones, each of them the only digit of its line; or
    things such as coins, where all are round rings, each in a line of its own."""
    digits = np.array([np.count_nonzero((asked.lines == line) & ~refused) for line in asked.lines])
    lone: Which = asked.are("1") & ~refused & (digits == 1)
    round_ = np.array([segment.mark.w >= ROUND * segment.mark.h for segment in asked.segments])
    rings: Which = asked.are("0") & ~refused & (digits == 1) & round_
    if np.count_nonzero(rings) > 1 and (rings | refused).all():
        return rings
    return lone if np.count_nonzero(lone) >= LONE else np.zeros_like(lone)


def _apart(asked: Asked, refused: Which) -> Which:
    """Which marks are strokes at the end of a line, far from the digits in it: the side of a box, an edge."""
    apart, strokes = np.zeros_like(refused), asked.are("1")
    left, _, right, _ = boxes(asked)
    for line in set(asked.lines[~refused & strokes].tolist()):
        here = np.flatnonzero(~refused & (asked.lines == line))
        here = here[np.argsort(left[here])]
        gaps = left[here[1:]] - right[here[:-1]]
        for marks, between in [(here, gaps), (here[::-1], gaps[::-1])]:
            for i in range(int(np.argmin(strokes[marks]))):  # before the first that is no stroke
                rest, others = marks[i + 1 :], between[i + 1 :]
                if len(rest) < 2:
                    break
                ones = marks[: i + 1]
                if _are_alike(asked, ones, rest):
                    break
                near = 1 if (asked.sure[ones] >= SURE).any() else UNSURE_LONELY
                if between[i] > max(near * np.median(asked.sides[rest]), LONELY * np.median(others)):
                    apart[ones] = True
    return apart


def _are_alike(asked: Asked, ones: NDArray[np.int64], digits: NDArray[np.int64]) -> bool:
    """Whether several strokes are surely ones, as large as the digits, and may be a number beside them."""
    size = asked.sides[ones] / np.median(asked.sides[digits])
    alike = (size > 1 / AS_LARGE) & (size < AS_LARGE)
    return len(ones) > 1 and bool((alike & (asked.sure[ones] >= SURE)).all())


def _around(asked: Asked) -> Which:
    """Which marks are rings around other marks, such as a face around its eyes."""
    around: Which = asked.are("0") & within(boxes(asked)).any(axis=1)
    return around


def _dots(asked: Asked, refused: Which) -> Which:
    """Which marks are filled ovals that are refused, or in lines of nothing else: dots, magnets, eyes."""
    discs = np.array([is_disc(segment.mark) for segment in asked.segments])
    none = discs & refused
    for line in set(asked.lines[discs & ~refused].tolist()):
        here = ~refused & (asked.lines == line)
        if discs[here].all():
            none |= here
    return none


def _flat(asked: Asked, refused: Which) -> Which:
    """Which of what is refused is flat by the height of the digits: what is underlined, a dash."""
    widths = np.array([segment.mark.w for segment in asked.segments])
    low = asked.heights < FLAT * float(np.median(asked.heights[~refused]))
    flat: Which = refused & low & (widths > LONG * asked.heights)
    return flat


def _no_numbers(asked: Asked, refused: Which, beside_words: Which) -> Which:
    """Which marks are in lines that are no numbers beside others that are.

    Such a line is not credible by itself, or has but strokes beside what is no digit, or mostly strokes, as a
    word has, or so many of them that it is a bar code. Or it is less than half as large as the others and has
    but rings or but strokes: holes, ticks. Or it is less than half as large as a line of sure digits, and has
    something that is no digit: print. Or it is more than twice as large as the others and has but strokes and
    angles: edges. Or it has but strokes, several of which none is sure, or all to the left or to the right of
    what is, unless it is sure and as large: edges, too. Or it has many, half of them guesses, beside a line
    of sure digits: a spiral binding. Where there are numbers beside words it must be more than credible: it
    may be a heading.
    """
    sides, lines = asked.sides, asked.lines
    unsure = refused | (asked.sure < SURE)
    sure_lines = [line for line in set(lines.tolist()) if _is_sure(asked, unsure, lines == line)]
    largest = max((float(np.median(sides[lines == line])) for line in sure_lines), default=0.0)
    beside = _beside(asked, np.isin(lines, sure_lines))
    none = np.zeros_like(refused)
    for line in set(lines[~refused].tolist()):
        here = lines == line
        read, others = here & ~refused, ~here & ~refused
        if not others.any():
            return none
        side = float(np.median(sides[read]))
        size = side / float(np.median(sides[others]))
        similar = here & (sides > 0.5 * side)
        letters = bool(refused[similar].any())
        strokes, rings, edges = (bool(asked.are(*kind)[read].all()) for kind in ("1", "0", "17"))
        marks = size < TICK and (strokes or rings)
        ones = float(asked.are("1")[read].mean())
        edge = beside[read].all() and not (1 / AS_LARGE < size < AS_LARGE and not unsure[read].any())
        bars = read.sum() > BARS and ones > MOSTLY
        stems = letters and read.sum() > STEMS and ones > 0.5
        print_ = letters and side < TICK * largest
        among_words = beside_words.any() and not beside_words[here].any() and read.sum() > 1
        guessed = bool(sure_lines) and read.sum() >= MANY and np.median(asked.sure[read]) < OF_MANY
        odd = read.sum() == 1 and unsure[read].all() and size > ODD and others.sum() >= NUMBER
        if (
            marks
            or bars
            or stems
            or print_
            or odd
            or guessed
            or (edges and size > 1 / TICK)
            or (strokes and (letters or edge or (read.sum() > 1 and unsure[read].all())))
            or asked.mean(refused, similar) < (OF_MANY if among_words else CREDIBLE)
        ):
            none |= read
    return none


def _beside(asked: Asked, these: Which) -> Which:
    """Which marks have none of these above or below, nor nearer than their length to either side."""
    if not these.any():
        return these
    left, _, right, _ = boxes(asked)
    room = float(np.median(asked.sides[these]))
    start, end = left[these] - room, right[these] + room
    beside: Which = ~((left[:, None] < end) & (right[:, None] > start)).any(axis=1)
    return beside


def _is_sure(asked: Asked, unsure: Which, here: Which) -> bool:
    """Whether a line has several sure digits, not all of them strokes, and nothing else."""
    return here.sum() > 1 and not unsure[here].any() and not bool(asked.are("1")[here].all())


def boxes(asked: Asked) -> NDArray[np.int64]:
    """Left, top, right and bottom of all marks (4, N)."""
    return boxes_of([segment.mark for segment in asked.segments])
