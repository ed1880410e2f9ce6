"""Which marks are words, in print or in other writing, beside handwritten digits: the labels of a form."""

import numpy as np
from numpy.typing import NDArray

from byhand.reading.asked import SURE, Asked, Which, boxes
from byhand.reading.belief import SEVERAL
from byhand.reading.strokes import are_sides

Marks = NDArray[np.int64]
"""Some of the marks, by their numbers."""

Pairs = list[tuple[Marks, Marks]]
"""Digits, and what is beside them."""

LETTERS, HIGHER, ROOM = 4, 1.3, 0.25
"""Where so many letters are refused, digits that are so many times as high are written beside them, if there
is room on both sides of them, this share of their height;"""

FEW_LETTERS, MUCH_HIGHER = 2, 1.6
"""where only so many are, those that are so many times as high."""

WIDE_ROOM, FEW = 0.6, 2
"""Several digits may be as low as the letters, if there is so much room; and so many, if they are nearly as
high as the highest letter (see LOW)."""

LISTED, ALIGNED, LIST_ROOM = 2, 0.5, 0.4
"""In so many lines and more, numbers that begin one below the other to this share of their height are a list;
there they may have fewer digits, less room, and what is before them may look like digits."""

FLAT = 3.0
"""What is refused, and so many times as wide as high, is no letter."""

LOW = 0.8
"""One of the digits may be so much less high; what is all of it less high is a word sooner."""


def words_beside(asked: Asked, refused: Which) -> tuple[Which, Which]:
    """Which marks are words beside digits: what is refused, and less high than those digits, and what is as
    low in the same line; letters with wide room between; and the sides of boxes around the digits. And which
    are those digits."""
    sides = are_sides(asked, refused)
    letters = int(asked.letters[refused].sum())
    if letters < FEW_LETTERS:
        return np.zeros_like(refused), np.zeros_like(refused)
    usual = float(np.median(asked.heights[refused]))
    numbers = _high(asked, refused, sides, (HIGHER if letters >= LETTERS else MUCH_HIGHER) * usual)
    words = np.zeros_like(refused)
    if numbers.any():
        words = ~numbers & (asked.heights < np.median(asked.heights[numbers]) / HIGHER)
        words &= np.isin(asked.lines, asked.lines[words & refused])
    flat = refused & (FLAT * asked.heights < asked.sides)  # what is left of a line under a number
    beside = ~sides & ~flat
    lines = [np.flatnonzero(beside & (asked.lines == line)) for line in set(asked.lines[beside].tolist())]
    for number, word in [*_with_wide_room(asked, refused, lines), *_listed(asked, refused, lines)]:
        numbers[number] = words[word] = True
    return words | (sides & np.isin(asked.lines, asked.lines[numbers])), numbers


def _high(asked: Asked, refused: Which, sides: Which, high: float) -> Which:
    """Which marks are digits next to each other in a line, sure on the whole, so high, with room around them.

    A single one, and strokes and rings alone, only count where there are others as high.
    """
    numbers, alone = np.zeros_like(refused), np.zeros_like(refused)
    left, top, right, bottom = boxes(asked)
    digits = ~refused & ~sides & (asked.heights > LOW * high)
    for line in set(asked.lines[digits].tolist()):
        own = digits & (asked.lines == line)
        level = (top < np.median(bottom[own])) & (bottom > np.median(top[own]))  # not above or below
        here = np.flatnonzero((asked.lines == line) & ~sides & (own | level))
        for run in _runs(here, own[here[1:]] != own[here[:-1]]):
            height = float(np.median(asked.heights[run]))
            rest = np.setdiff1d(here, run)
            gaps = np.maximum(left[rest] - right[run].max(), left[run].min() - right[rest])
            room = ROOM * min(height, MUCH_HIGHER * high)
            has_room = bool((gaps > room).all())
            if own[run[0]] and has_room and height > high and asked.sure[run].mean() >= SURE:
                (alone if len(run) == 1 or asked.are("1", "0")[run].all() else numbers)[run] = True
    if numbers.any():
        numbers |= alone & (asked.heights > np.median(asked.heights[numbers]) / HIGHER)
    return numbers


def _with_wide_room(asked: Asked, refused: Which, lines: list[Marks]) -> Pairs:
    """Several digits, and what is before or behind them with wide room between, if that is letters."""
    both_sides = [_apart(asked, refused, way, WIDE_ROOM) for line in lines for way in (line, line[::-1])]
    longest = [pairs[0] for pairs in both_sides if pairs]
    return [
        (run, beside)
        for run, beside in longest
        if len(run) >= (FEW if _is_high(asked, run, beside) else SEVERAL)
        and not asked.are("1", "0")[run].all()
        and asked.letters[beside].sum() >= FEW_LETTERS
        and _is_word(asked, refused, beside, run)
    ]


def _is_high(asked: Asked, digits: Marks, beside: Marks) -> bool:
    """Whether digits are nearly as high as the highest mark beside them."""
    return bool(np.median(asked.heights[digits]) >= LOW * asked.heights[beside].max())


def _apart(asked: Asked, refused: Which, here: Marks, room: float) -> Pairs:
    """Sure digits at the end of a line, and what is before them with so much room between: first as many
    digits as there are. The line may be given the other way round."""
    left, _, right, _ = boxes(asked)
    gaps = np.maximum(left[here[1:]] - right[here[:-1]], left[here[:-1]] - right[here[1:]])
    places = np.flatnonzero(gaps > room * np.median(asked.heights[here])) + 1
    parted = [(here[place:], here[:place]) for place in places.tolist()]
    return [
        (run, beside) for run, beside in parted if not refused[run].any() and asked.sure[run].mean() >= SURE
    ]


def _is_word(asked: Asked, refused: Which, beside: Marks, digits: Marks) -> bool:
    """Whether half of the letters of what might be a word beside digits are refused, or some of them, and it
    is less high."""
    letters = asked.letters[beside]
    low = np.median(asked.heights[beside]) < LOW * np.median(asked.heights[digits])
    return bool(letters[refused[beside]].sum() >= (1 if low else letters.sum() / 2))


def _listed(asked: Asked, refused: Which, lines: list[Marks]) -> Pairs:
    """Digits, and what is before them, that begin one below the other in several lines, where most of these
    begin with words: a list. They may be few, then, but not all of them strokes and rings."""
    apart = [_apart(asked, refused, line, LIST_ROOM) for line in lines]
    after_words = [[run for run, beside in pairs if _is_word(asked, refused, beside, run)] for pairs in apart]
    runs = [some[0] for some in after_words if some]
    if len(runs) < LISTED:
        return []
    left, *_ = boxes(asked)
    start = float(np.median([left[run[0]] for run in runs]))
    near = ALIGNED * float(np.median(asked.heights[np.concatenate(runs)]))
    runs = [run for run in runs if abs(left[run[0]] - start) < near]
    aligned = [[pair for pair in pairs if abs(left[pair[0][0]] - start) < near] for pairs in apart]
    listed = [some[0] for some in aligned if some]
    enough = len(runs) >= LISTED and 2 * len(runs) > len(listed)
    return listed if enough and not asked.are("1", "0")[np.concatenate(runs)].all() else []


def _runs(marks: Marks, ends: Which) -> list[Marks]:
    """These marks in runs that end where it is said so of each but the last."""
    return np.split(marks, np.flatnonzero(ends) + 1)
