"""Which marks are words, in print or in other writing, beside handwritten digits: the labels of a form."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from byhand.reading.belief import SURE, Asked, Which, are_sides, boxes

Marks = NDArray[np.int64]
"""Some of the marks, by their numbers."""

LETTERS, HIGHER, ROOM = 4, 1.3, 0.25
"""Where so many letters are refused, digits that are so many times as high are written beside them, if there
is room on both sides of them, this share of their height;"""

FEW_LETTERS, MUCH_HIGHER = 2, 1.6
"""where only so many are, those that are so many times as high."""

SEVERAL, WIDE_ROOM = 3, 0.6
"""So many digits may be as low as the letters, if there is so much room."""

LOW = 0.8
"""One of the digits may be so much less high."""


def are_words(asked: Asked, refused: Which) -> Which:
    """Which marks are words beside digits: what is refused, and less high than those digits, and what is as
    low in the same line; letters with wide room between; and the sides of boxes around the digits."""
    sides = are_sides(asked, refused)
    letters = int(asked.letters[refused].sum())
    if letters < FEW_LETTERS:
        return np.zeros_like(refused)
    usual = float(np.median(asked.heights[refused]))
    numbers = _high(asked, refused, sides, (HIGHER if letters >= LETTERS else MUCH_HIGHER) * usual)
    words = ~numbers & (
        asked.heights < np.median(asked.heights[numbers]) / HIGHER if numbers.any() else False
    )
    words &= np.isin(asked.lines, asked.lines[words & refused])
    for line in set(asked.lines[~refused].tolist()):
        for number, word in _apart(asked, refused, np.flatnonzero((asked.lines == line) & ~sides)):
            numbers[number] = words[word] = True
    return words | (sides & np.isin(asked.lines, asked.lines[numbers]))


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
            has_room = bool((gaps > ROOM * height).all())
            if own[run[0]] and has_room and height > high and asked.sure[run].mean() >= SURE:
                (alone if len(run) == 1 or asked.are("1", "0")[run].all() else numbers)[run] = True
    if numbers.any():
        numbers |= alone & (asked.heights > np.median(asked.heights[numbers]) / HIGHER)
    return numbers


def _apart(asked: Asked, refused: Which, here: Marks) -> Iterator[tuple[Marks, Marks]]:
    """Several digits of a line with wide room around, and what is before or behind them, if that is letters
    for the most part."""
    left, _, right, _ = boxes(asked)
    wide = left[here[1:]] - right[here[:-1]] > WIDE_ROOM * np.median(asked.heights[here])
    for run in _runs(here, wide):
        sure = not refused[run].any() and asked.sure[run].mean() >= SURE
        if len(run) < SEVERAL or not sure or asked.are("1", "0")[run].all():
            continue
        for beside in (here[here < run[0]], here[here > run[-1]]):
            letters = asked.letters[beside]
            if letters.sum() >= LETTERS and letters[refused[beside]].sum() > letters.sum() / 2:
                yield run, beside


def _runs(marks: Marks, ends: Which) -> list[Marks]:
    """These marks in runs that end where it is said so of each but the last."""
    return np.split(marks, np.flatnonzero(ends) + 1)
