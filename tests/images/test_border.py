"""What the border of a picture cuts off, and what it only touches."""

import cv2
import numpy as np
from helpers import SIDEWAYS, counts, picture

from byhand.images import Mark, follow
from byhand.images.border import without_cut_off


def test_what_the_border_cuts_off_is_in_no_line_but_kept_apart(number):
    ink = number.copy()
    cv2.ellipse(ink, (0, 330), (80, 40), 0, 0, 360, 0.7, 8)
    way = follow(picture(ink, SIDEWAYS))
    assert [len(line) for line in way.lines] == [3, 3]
    [letter] = way.cut_off
    assert 60 < letter.w < 100


def test_a_finger_at_the_border_is_nothing(number):
    ink = number.copy()
    cv2.ellipse(ink, (0, 330), (80, 40), 0, 0, 360, 0.7, -1)
    way = follow(picture(ink, SIDEWAYS))
    assert [len(line) for line in way.lines] == [3, 3]
    assert way.cut_off == ()


def test_faint_digits_are_found_beside_a_dark_finger_at_the_border(number):
    """What is ink is told by the darkest; when that is gone, by what is left."""
    ink = 0.15 * number
    cv2.ellipse(ink, (0, 330), (80, 40), 0, 0, 360, 0.8, -1)
    assert counts(picture(ink, SIDEWAYS)) == [3, 3]


def test_what_is_left_of_an_edge_along_the_border_is_nothing(number):
    ink = number.copy()
    ink[100:190, :8] = 0.7
    way = follow(picture(ink, SIDEWAYS))
    assert [len(line) for line in way.lines] == [3, 3]
    assert way.cut_off == ()


def test_a_digit_alone_that_the_border_touches_is_a_mark_and_a_pencil_and_a_magnet_are_none(mnist):
    three = cv2.resize(mnist.test.images[18], (300, 300), interpolation=cv2.INTER_CUBIC).clip(0, 255) / 255
    three = three[:, : np.flatnonzero(three.max(axis=0) > 0.9)[-1]]
    ink = np.pad(three, [(150, 150), (200, 0)]).astype(np.float32)
    assert counts(picture(ink, SIDEWAYS[: ink.shape[1]])) == [1]
    pencil = np.zeros_like(ink)
    cv2.line(pencil, (200, 240), (600, 400), 1.0, 25)
    magnet = np.zeros_like(ink)
    cv2.rectangle(magnet, (ink.shape[1] - 90, 200), (ink.shape[1] - 20, 300), 1.0, -1)
    cv2.rectangle(magnet, (ink.shape[1] - 90, 240), (ink.shape[1], 260), 1.0, -1)
    for thing in (pencil, magnet):
        assert counts(picture(thing, SIDEWAYS[: ink.shape[1]])) == []


def test_a_digit_in_a_picture_that_is_cut_close_is_a_mark(mnist):
    image = mnist.test.images[0][6:-1]  # a 7
    rows, columns = np.flatnonzero(image.max(axis=1) > 99), np.flatnonzero(image.max(axis=0) > 99)
    close = image[rows[0] : rows[-1] + 1, columns[0] - 3 : columns[-1] + 4]
    ink = cv2.resize(close, None, fx=20, fy=20, interpolation=cv2.INTER_CUBIC).clip(0, 255) / 255
    assert counts(picture(ink, np.linspace(240, 180, ink.shape[1]))) == [1]


def test_a_shadow_from_border_to_border_is_no_mark():
    light = np.linspace(200, 240, 800) + np.zeros((500, 1))
    light[:, 330:390] *= 0.6
    greys = np.random.default_rng(0).normal(cv2.GaussianBlur(light, (0, 0), 4), 2)
    assert follow(greys.clip(0, 255).astype(np.uint8)).lines == ()


def test_what_touches_the_border_once_the_rest_is_erased_is_no_mark_either():
    """A speck beside a finger; without it, ink of its own."""
    finger, digit, speck = (np.ones(shape, np.float32) for shape in [(40, 30), (20, 9), (5, 5)])
    marks = [Mark(0, 30, finger), Mark(60, 40, digit)]
    ink = np.zeros((100, 100), np.uint8)
    ink[30:70, :30] = ink[40:60, 60:69] = 1
    density = ink.astype(np.float32)
    found = np.zeros_like(ink)
    found[40:60, 60:69] = found[:5, 20:25] = 1
    anew = found, [Mark(60, 40, digit), Mark(20, 0, speck)]
    _, whole, _ = without_cut_off(density, ink, marks, lambda: anew)
    assert [(mark.x, mark.y) for mark in whole] == [(60, 40)]
