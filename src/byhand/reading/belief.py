"""What is believed of the digits that were seen on a picture, for what else is there.

The network says of one mark what it may be. A picture says more: in a cloud of dust a speck that looks like a
1 is no 1, nor is a letter among letters, nor a stroke among strokes.
"""

from collections.abc import Sequence

import numpy as np

from byhand.images import Mark, is_disc, within
from byhand.reading.asked import SURE, Asked, Which, alike, boxes, usual_side
from byhand.reading.strokes import AS_LARGE, are_apart, are_short, are_sides

SPECK, TICK = 0.35, 0.5
"""What is smaller than this share of its line's digits is a speck or a point; a stroke, a tick and no 1."""

FLAT, LONG = 0.5, 3.0
"""What is refused, less high than this share of the digits, and so many times as wide as high is a dash, or
what is underlined, and does not count against them."""

CREDIBLE = 0.5
"""Where the marks are digits with a smaller mean probability, none is: refused ones count as 0, long ones
more."""

OF_MANY, MANY = 0.8, 4
"""Of so many marks and more, this is asked, for among the letters of a page some look like digits;"""

NUMBER, LARGELY = 4, 0.7
"""but so many sure digits, half of their line, not most of them ones, make it a number, whatever else is
there, if the mean of the line is at least this. In several lines of nothing else so many do so together, if
not more than this share of them are strokes and rings."""

SEVERAL = 3
"""So many sure digits beside words are a number, whatever else is there."""

PRINT = 2.0
"""Two sure digits and nothing else in their line are a number if they are so many times as long as what is
refused, which then is print."""

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

ODD = 1.5
"""A digit alone in its line that is not sure, and so many times as large as several others, is a thing."""

LONE = 3
"""In so many lines and more, a 1 alone in its line is a piece of a broken line."""


def disbelieved(
    asked: Asked, refused: Which, cut_off: Sequence[Mark], beside_words: Which | None = None
) -> Which:
    """Which marks are refused, also for what is around them; what the border cuts off counts, too.

    Those that are numbers beside words are believed if they are several, and other lines must be surer.
    """
    beside_words = np.zeros_like(refused) if beside_words is None else beside_words
    refused = refused | _specks(asked, refused)
    edges = are_apart(asked, refused) | are_sides(asked, refused) | are_short(asked, refused)
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
    specks: Which = asked.sides < least * usual_side(asked, refused, 1)
    return specks


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
