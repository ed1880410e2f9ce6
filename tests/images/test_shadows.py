"""Shadows of thin things, such as fingers."""

from itertools import chain

import cv2
import numpy as np
import pytest
from helpers import picture

from byhand.images import follow
from byhand.images.marks import find_marks
from byhand.images.shadows import are_shadows


def photograph(ink, shadow):
    """Lit from the left, so that it is no drawing; a shadow on it."""
    light = np.linspace(240, 200, ink.shape[1]) * (1 - shadow)
    return picture(ink, light)


def finger(x, y, soft, depth=0.32):
    """The shadow of a finger that comes from below, its tip here."""
    shadow = np.zeros((600, 900), np.float32)
    cv2.line(shadow, (x, y), (x + 60, 560), depth, 48, cv2.LINE_AA)
    return cv2.GaussianBlur(shadow, (0, 0), soft)


def boxes(way):
    return [[way.box(mark) for mark in line] for line in way.lines]


@pytest.mark.parametrize("soft", [7, 10])
@pytest.mark.parametrize("x", [60, 700])
def test_the_shadow_of_a_finger_is_no_mark(number, x, soft):
    plain = follow(photograph(number, 0 * number))
    assert [len(line) for line in plain.lines] == [3, 3]
    way = follow(photograph(number, finger(x, 200, soft)))
    assert np.abs(np.subtract(boxes(way), boxes(plain))).max() <= 2


@pytest.mark.parametrize("x", [180, 400, 620])
def test_of_a_digit_in_the_shadow_of_a_finger_the_strokes_stay(number, x):
    plain = follow(photograph(number, 0 * number))
    way = follow(photograph(number, finger(x, 330, 8)))
    assert [len(line) for line in way.lines] == [3, 3]
    for mine, theirs in zip(chain(*boxes(way)), chain(*boxes(plain)), strict=True):
        assert np.abs(np.subtract(mine, theirs)).max() <= 25  # by itself the finger would add 130


@pytest.mark.parametrize("soft", [1, 6])
def test_out_of_focus_all_marks_are_as_soft_and_stay(number, soft):
    blurred = cv2.GaussianBlur(number, (0, 0), soft)
    assert [len(line) for line in follow(photograph(blurred, 0 * number)).lines] == [3, 3]


@pytest.mark.parametrize(("depth", "soft", "shadows"), [(0.5, 6, True), (0.95, 6, False), (0.5, 1, False)])
def test_a_mark_that_is_faint_and_has_soft_edges_is_a_shadow(number, depth, soft, shadows):
    """Not one that is only faint, as by another pen, or only soft."""
    piece = np.zeros_like(number)
    cv2.line(piece, (760, 200), (770, 280), 1, 12)
    piece = cv2.GaussianBlur(piece, (0, 0), soft)
    piece *= depth * 0.8 / piece.max()
    density = np.maximum(0.8 * number, piece)
    ink = (density > 0.25).astype(np.uint8)
    marks = find_marks(density, ink)
    answers = are_shadows(marks, density)
    assert answers.tolist() == [shadows and mark.x > 700 for mark in marks]


@pytest.mark.parametrize("length", [40, 80])
def test_a_piece_of_a_shadow_beside_the_digits_is_in_no_line(number, length):
    piece = np.zeros_like(number)
    cv2.line(piece, (760, 200), (770, 200 + length), 1, 8)
    piece = cv2.GaussianBlur(piece, (0, 0), 6)
    way = follow(photograph(number, 0.38 * piece / piece.max()))
    assert [len(line) for line in way.lines] == [3, 3]
