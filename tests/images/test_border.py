"""What the border of a picture cuts off, and what it only touches."""

import cv2
import numpy as np
from helpers import SIDEWAYS, counts, picture

from byhand.images import follow


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
