"""The text of what was read: the numbers of each line, from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from byhand.images import Mark

SPACES = ((2.0, 0.0), (1.25, 2.0), (0.7, 5.0))
"""A gap between two marks is a space between numbers if it is wider than so many times the height of their
line's digits, and than so many times the line's usual gap. Within a number gaps are hardly ever wider than
1.1, and where digits are written so far apart the others are nearly as wide (docs/log.md)."""

ALIKE, AT_END = (0.6, 1.6), 0.75
"""A refused mark between so many times the height of the digits is a place where a digit may have been; at
the end of the line from so many on, for behind a number there may be a unit."""


@dataclass(frozen=True)
class Digit:
    """One mark as it was read.

    `box` is (x, y, w, h) in the pixels of the picture as it is to be seen, upright; `probability` is that of
    `label`; a mark that is `refused` is probably no digit; `line` counts from 0 at the top.
    """

    box: tuple[int, int, int, int]
    label: str
    probability: float
    refused: bool
    line: int


def in_text(digits: Sequence[Digit], marks: Sequence[Mark]) -> tuple[list[str], list[Digit]]:
    """Text of each line that has a digit in it; the digits, with the lines numbered as in the text.

    Numbers that stand apart in a line have a space between. `marks` are the digits', upright, and tell how
    far that is.
    """
    texts: list[str] = []
    numbered = []
    for line in sorted({digit.line for digit in digits}):
        mine = [(digit, mark) for digit, mark in zip(digits, marks, strict=True) if digit.line == line]
        heights = [mark.h for digit, mark in mine if not digit.refused]
        number = len(texts) if heights else -1
        numbered += [replace(digit, line=number) for digit, _ in mine]
        if heights:
            texts.append(_text(mine, float(np.median(heights))))
    return texts, numbered


def _text(line: Sequence[tuple[Digit, Mark]], height: float) -> str:
    """Text of one line, whose digits have this height."""
    low, high = ALIKE
    shown = [(digit, mark) for digit, mark in line if not digit.refused or low < mark.h / height < high]
    while shown[-1][0].refused and shown[-1][1].h < AT_END * height:
        shown.pop()
    gaps = [(after.x - before.right) / height for (_, before), (_, after) in pairwise(shown)]
    numbers = [[shown[0]]]
    for place, after in enumerate(shown[1:]):
        if _is_space(gaps[place], gaps[:place] + gaps[place + 1 :]):
            numbers.append([])
        numbers[-1].append(after)
    return " ".join(
        "".join("?" if digit.refused else digit.label for digit, _ in number)
        for number in numbers
        if not all(digit.refused for digit, _ in number)
    )


def _is_space(gap: float, others: Sequence[float]) -> bool:
    """Whether a gap is between two numbers, where the others of its line are as wide as these.

    Many of them may be spaces, too. Fewer than two do not tell how wide a narrow space may be.
    """
    usual = float(np.percentile(others, 25)) if others else 0.0
    return any(gap > width and gap > times * usual for width, times in SPACES[: 3 if len(others) > 1 else 2])
