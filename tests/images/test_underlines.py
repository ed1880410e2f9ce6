"""Lines under numbers and under single digits."""

import cv2
import numpy as np
import pytest
from helpers import picture

import byhand
from byhand.images import follow
from byhand.images.marks import find_marks
from byhand.images.underlines import lines_under, without_underlines


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


def on_a_form(mnist, tilt, touching, pen=4):
    """A photograph of 2 4 and a last digit over a line, on which some of them stand; and their text."""
    ink = np.zeros((500, 900), np.float32)
    chosen = [np.flatnonzero(mnist.test.labels == label)[1] for label in (2, 4, 7)]
    for place, index in enumerate(chosen):
        digit = cv2.resize(mnist.test.images[index], (140, 140), interpolation=cv2.INTER_CUBIC).clip(0, 255)
        end = 140 - int((digit > 127).any(axis=1)[::-1].argmax())
        x = 180 + 130 * place
        level = 300 + tilt * (x + 70 - 150) / 600
        top = round(level - end + (6 if place in touching else -30))
        np.maximum(ink[top : top + 140, x : x + 140], digit / 255, out=ink[top : top + 140, x : x + 140])
    cv2.line(ink, (150, 300), (750, 300 + tilt), 0.8, pen, cv2.LINE_AA)
    return picture(ink, np.linspace(240, 200, 900)), "247"


@pytest.mark.parametrize("tilt", [-25, 0, 25])
@pytest.mark.parametrize("touching", [(2,), (0,), (1, 2), (0, 1, 2)])
def test_a_digit_that_stands_on_the_line_of_a_form_is_whole(mnist, tilt, touching):
    """The line had been a frame around the other digits, or with the digit one mark that is none."""
    greys, text = on_a_form(mnist, tilt, touching)
    assert byhand.read(greys)[0].lines == (text,)


def standing(draw):
    """The lines under what is drawn on a line from (50, 200) to (450, 200)."""
    ink = np.zeros((300, 500), np.uint8)
    cv2.line(ink, (50, 200), (450, 200), 1, 4)
    draw(ink)
    return lines_under(find_marks(ink.astype(np.float32), ink)), ink


def test_the_line_is_found_without_what_stands_on_it_or_crosses_it():
    def seven_and_bow(ink):
        cv2.line(ink, (150, 100), (130, 260), 1, 10)  # crosses it
        cv2.ellipse(ink, (300, 150), (30, 52), 0, 0, 360, 1, 10)

    [line], ink = standing(seven_and_bow)
    cleared = ink.copy()
    cleared[line.y : line.bottom, line.x : line.right][line.ink > 0] = 0
    assert not cleared[195:206, 200:262].any()
    assert cleared[195:206, 132:146].any(axis=1).all()  # the stroke that crosses it is not broken
    assert len(find_marks(cleared.astype(np.float32), cleared)) == 2


@pytest.mark.parametrize(
    "draw",
    [
        lambda ink: None,  # nothing on it
        lambda ink: cv2.ellipse(ink, (250, 255), (30, 52), 0, 0, 360, 1, 10),  # what hangs below it
        lambda ink: cv2.rectangle(ink, (50, 60), (450, 200), 1, 4),  # a box
        lambda ink: [cv2.line(ink, (x, 60), (x, 200), 1, 10) for x in range(60, 450, 15)],  # a comb
    ],
)
def test_what_else_has_a_line_at_its_lower_end_stays_whole(draw):
    assert standing(draw)[0] == []


def test_a_wave_on_which_something_stands_is_no_line():
    ink = np.zeros((300, 500), np.uint8)
    x = np.arange(50, 451, 5)
    wave = np.stack([x, 200 + 12 * np.sin(x / 25)], axis=1).astype(np.int32)
    cv2.polylines(ink, [wave], False, 1, 4)
    cv2.ellipse(ink, (300, 150), (30, 52), 0, 0, 360, 1, 10)
    assert lines_under(find_marks(ink.astype(np.float32), ink)) == []
