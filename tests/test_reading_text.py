"""The text of what was read."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.images import Mark
from byhand.reading import Digit
from byhand.reading.text import in_text


def lines_of(*lines):
    """Digits and their marks, of lines of (label, gap before it in heights); a "?" is refused."""
    digits, marks = [], []
    for line, row in enumerate(lines):
        x = 0
        for label, gap, *height in row:
            x += round(100 * gap)
            marks.append(Mark(x, 300 * line, np.ones((*(height or [100]), 60), np.float32)))
            digits.append(Digit((x, 300 * line, 60, 100), label.replace("?", "8"), 0.9, label == "?", line))
            x += 60
    return digits, marks


@given(
    row=st.lists(st.tuples(st.sampled_from("0123456789"), st.floats(0, 4)), min_size=1),
)
def test_a_space_stands_where_a_gap_is_wider_than_two_heights_and_nowhere_within_seven_tenths(row):
    [text], digits = in_text(*lines_of(row))
    gaps = [round(100 * gap) for _, gap in row[1:]]
    expected = re.escape(row[0][0]) + "".join(
        (" " if gap > 200 else "" if gap <= 70 else " ?") + label
        for gap, (label, _) in zip(gaps, row[1:], strict=True)
    )
    assert re.fullmatch(expected, text)
    assert [digit.line for digit in digits] == [0] * len(row)


@pytest.mark.parametrize(
    ("gaps", "text"),
    [
        ([0.2, 1.3, 0.3], "12 34"),
        ([1.3], "1 2"),
        ([1.2], "12"),
        ([0.6, 1.3, 0.7], "12 34"),
        ([0.7, 1.3, 0.8], "1234"),  # digits written as far apart as in the boxes of a form
        ([1.9, 1.9], "123"),
        ([1.9, 2.1], "12 3"),
        ([0.1, 0.8, 0.12], "12 34"),  # in the cells of a table
        ([0.2, 0.8, 0.2], "1234"),
        ([0.1, 0.8], "123"),  # one other gap tells little
        ([0.0, 1.1, 0.0, 1.5, 1.7], "12 34 5 6"),  # most of them are spaces
    ],
)
def test_a_narrower_gap_is_a_space_if_it_is_much_wider_than_the_lines_others(gaps, text):
    row = [(label, gap) for label, gap in zip("123456", [0, *gaps], strict=False)]
    assert in_text(*lines_of(row))[0] == [text]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ([("1", 0), ("?", 0.2), ("7", 0.2)], "1?7"),
        ([("1", 0), ("7", 0.2), ("?", 3)], "17"),
        ([("?", 0), ("?", 0.1), ("1", 3), ("7", 0.2)], "17"),
        ([("1", 0), ("?", 3), ("7", 3)], "1 7"),
        ([("1", 0), ("?", 1.5), ("7", 1.5)], "1?7"),
        ([("1", 0), ("?", 1.5, 30), ("7", 1.5)], "1 7"),
        ([("1", 0), ("?", 0.2, 200), ("7", 0.2)], "17"),
        ([("1", 0), ("?", 0.2, 65), ("7", 0.2)], "1?7"),
        ([("1", 0), ("7", 0.2), ("?", 0.2, 65)], "17"),  # a unit
        ([("1", 0), ("7", 0.2), ("?", 0.2, 80)], "17?"),
        ([("1", 0), ("7", 0.2), ("?", 0.2, 65), ("?", 0.2, 70)], "17"),
    ],
)
def test_a_refused_mark_is_a_question_mark_in_a_number_and_apart_from_all_it_is_nothing(row, text):
    assert in_text(*lines_of(row))[0] == [text]


def test_lines_without_a_digit_have_no_text_and_no_number():
    texts, digits = in_text(*lines_of([("?", 0)], [("1", 0), ("2", 3)], [("?", 0)], [("3", 0)]))
    assert texts == ["1 2", "3"]
    assert [digit.line for digit in digits] == [-1, 0, 0, -1, 1]
