"""Lines under numbers and under single digits."""

import cv2
import numpy as np
import pytest
from helpers import picture

import byhand
from byhand.images import follow
from byhand.images.marks import find_marks
from byhand.images.underlines import without_underlines


@pytest.fixture
def nine(mnist):
    """A 9, 200 pixels high, ink 1 on 0 (600, 700)."""
    ink = np.zeros((600, 700), np.float32)
    image = mnist.test.images[np.flatnonzero(mnist.test.labels == 9)[1]]
    ink[100:380, 200:480] = cv2.resize(image, (280, 280), interpolation=cv2.INTER_CUBIC) / 255
    return np.clip(ink, 0, 1)


def underlined(ink, down, tilt, left=220, right=470, pen=16):
    drawn = ink.copy()
    cv2.line(drawn, (left, down), (right, down + tilt), 1, pen, cv2.LINE_AA)
    return picture(drawn, np.linspace(240, 200, ink.shape[1]))


@pytest.mark.parametrize("tilt", [-30, 0, 30])
@pytest.mark.parametrize("down", [412, 450])
def test_a_line_under_a_digit_is_no_part_of_it(nine, down, tilt):
    assert [len(line) for line in follow(underlined(nine, down, tilt)).lines] == [1]
    [reading] = byhand.read(underlined(nine, down, tilt))
    assert reading.lines == ("9",)


def test_two_lines_are_none_either(nine):
    drawn = nine.copy()
    cv2.line(drawn, (220, 400), (470, 395), 1, 12, cv2.LINE_AA)
    assert [len(line) for line in follow(underlined(drawn, 440, -5)).lines] == [1]


@pytest.mark.parametrize(
    "how",
    [
        {"down": 60},  # above it, as the bar of a 5 is
        {"down": 390, "left": 30, "right": 160},  # beside it
        {"down": 390, "left": 300, "right": 380},  # shorter: a foot
        {"down": 410, "left": 340, "right": 620},  # only under a part of it
        {"down": 450, "left": 120, "right": 600, "pen": 66},  # too broad for a line
        {"down": 570},  # too far below
    ],
)
def test_what_is_not_just_under_a_digit_is_no_such_line(nine, how):
    greys = underlined(nine, tilt=0, **how)
    ink = (greys < 120).astype(np.uint8)
    marks = find_marks(ink.astype(np.float32), ink)
    assert len(without_underlines(marks)) == len(marks) == 2


def test_the_bar_of_a_5_under_the_digit_above_stays():
    ink = np.zeros((500, 300), np.uint8)
    cv2.circle(ink, (150, 100), 60, 1, 10)
    cv2.line(ink, (90, 220), (220, 215), 1, 10)
    cv2.polylines(ink, [np.array([(90, 240), (85, 300), (200, 340), (180, 420), (80, 430)])], False, 1, 10)
    marks = find_marks(ink.astype(np.float32), ink)
    assert len(without_underlines(marks)) == len(marks) == 3


def test_a_wave_under_a_digit_is_no_straight_line(nine):
    drawn = nine.copy()
    cv2.polylines(drawn, [np.array([(230, 430), (290, 480), (350, 430), (410, 480)])], False, 1, 14)
    marks = find_marks(drawn, (drawn > 0.5).astype(np.uint8))
    assert len(without_underlines(marks)) == len(marks) == 2
