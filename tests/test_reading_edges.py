"""Edges, creases and the sides of boxes look like strokes, and are no ones."""

import numpy as np
import pytest
from helpers import asked, row

from byhand.reading.belief import disbelieved


def believed(*lines):
    """What is believed of marks in lines."""
    marks, refused = asked(*(sorted(line, key=lambda mark: mark[1]) for line in lines))
    refused = disbelieved(marks, refused, ())
    return ["".join(np.array(list(marks.digits))[~refused & (marks.lines == n)]) for n in range(len(lines))]


@pytest.mark.parametrize(
    ("x", "height", "sure", "width", "gone"),
    [
        (-120, 60, 0.99, 10, True),  # far before the number, or behind it
        (240, 60, 0.99, 10, True),
        (-70, 60, 0.99, 10, False),
        (175, 60, 0.99, 10, False),
        (-120, 60, 0.99, 30, False),  # so far, but of the same pen
        (240, 75, 0.99, 30, False),
        (240, 85, 0.99, 30, True),  # and another size
        (240, 60, 0.9, 30, True),  # and not sure
        (-70, 60, 0.8, 30, True),  # not so far, and not sure
        (-45, 60, 0.8, 30, False),
        (160, 120, 0.99, 60, True),  # twice as long as the digits
        (160, 90, 0.99, 45, False),
    ],
)
def test_a_stroke_at_the_end_of_a_number_is_a_1_if_it_is_near_enough_sure_enough_and_not_too_long(
    x, height, sure, width, gone
):
    number = [(digit, 35 * i, 60) for i, digit in enumerate("2047")]
    [text] = believed([*number, ("1", x, height, sure, width)])
    assert text.strip("1") == "2047"
    assert ("1" not in text) == gone


@pytest.mark.parametrize(
    ("strokes", "gone"),
    [
        ((-40, 160), True),
        ((-40, 20, 90, 160), True),  # a box for each digit
        ((-40,), False),  # one 1 may be taller
        ((20, 90), False),  # a number begins and ends with other digits
    ],
)
def test_strokes_higher_than_the_digits_are_sides_of_boxes_where_a_line_begins_and_ends_with_them(
    strokes, gone
):
    number = [(digit, 35 * i, 60) for i, digit in enumerate("2047")]
    [text] = believed([*number, *(("1", x, 84) for x in strokes)])
    assert text == "2047" if gone else text.count("1") == len(strokes)


@pytest.mark.parametrize(("height", "width", "gone"), [(12, 180, False), (40, 180, True), (12, 30, True)])
def test_what_is_underlined_does_not_count_against_the_digits(height, width, gone):
    number = [(digit, 60 * i, 60) for i, digit in enumerate("204")]
    lines = [("x", 0, height, 0, width), ("x", 5, height, 0, width)]
    assert believed([*number, *lines]) == ["" if gone else "204"]


def test_digits_far_from_each_other_all_count():
    assert believed([("1", 0, 60), ("3", 200, 60), ("1", 400, 60), ("7", 600, 60)]) == ["1317"]


@pytest.mark.parametrize(("x", "gone"), [(100, False), (-60, False), (-120, True), (250, False), (420, True)])
@pytest.mark.parametrize("stroke", [(60, 0.9), (80, 0.99), (45, 0.99)])
def test_a_stroke_alone_in_its_line_is_a_1_if_it_stands_above_or_below_a_number(stroke, x, gone):
    assert believed([("1", x, *stroke)], row("2047", 0, 60)) == ["" if gone else "1", "2047"]


@pytest.mark.parametrize("height", [52, 60, 70])
def test_it_is_one_anywhere_if_it_is_sure_and_as_long_as_the_digits_are(height):
    assert believed([("1", 420, height)], row("2047", 0, 60)) == ["1", "2047"]


def test_where_no_number_is_sure_a_stroke_may_stand_anywhere():
    assert believed([("1", 400, 60)], [("7", 0, 60)]) == ["1", "7"]


@pytest.mark.parametrize(("sure", "text"), [((0.7, 0.7), ""), ((0.7,), "1"), ((0.7, 0.99), "11")])
def test_strokes_are_a_number_beside_a_sure_one_if_one_of_them_is_sure(sure, text):
    strokes = [("1", 60 * i, 60, probability) for i, probability in enumerate(sure)]
    assert believed(strokes, row("2047", 0, 60)) == [text, "2047"]


@pytest.mark.parametrize(("height", "text"), [(38, ""), (48, "11")])
def test_strokes_in_a_line_of_their_own_must_be_nearly_as_long_as_the_digits_elsewhere(height, text):
    assert believed(row("11", 60, height), row("2047", 0, 60)) == [text, "2047"]


def test_short_strokes_do_not_count_against_the_digits():
    """Joints of tiles beside a price with its currency; with them it would not be credible."""
    joints = [("1", 0, 35), ("1", 300, 84), ("1", 600, 47), ("1", 700, 35)]
    assert believed(joints, [("6", 0, 135), ("2", 140, 135), ("x", 300, 80)]) == ["", "62"]
