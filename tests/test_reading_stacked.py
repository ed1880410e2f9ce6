"""Digits that touch one of the line below are parted from it, with probabilities that are made up."""

import cv2
import numpy as np
import pytest
from helpers import written

from byhand.images import Mark
from byhand.reading import read
from byhand.reading.stacked import parted


def ring(x, y):
    """A ring 60 pixels wide and 80 high."""
    ink = np.zeros((80, 60), np.float32)
    cv2.ellipse(ink, (30, 40), (25, 35), 0, 0, 360, 1, 9)
    return Mark(x, y, ink)


def tower(x, y, *asides):
    """Rings one below the other as one mark, each as far aside as is said."""
    ink = np.zeros((10 + 75 * len(asides), 60 + max(asides)), np.float32)
    for row, aside in enumerate(asides):
        cv2.ellipse(ink, (30 + aside, 42 + 75 * row), (25, 38), 0, 0, 360, 1, 9)
    return Mark(x, y, ink)


def rings_are_digits(marks):
    """Sure of what is as high as a ring."""
    return np.array([0.99 if 0.8 < mark.h / 80 < 1.3 else 0.01 for mark in marks])


def rows(count):
    """So many lines of three rings, 75 pixels apart."""
    return [[ring(x, 75 * row) for x in (100, 180, 260)] for row in range(count)]


@pytest.mark.parametrize("rounds", [2, 3])
@pytest.mark.parametrize("aside", [0, 25])
def test_rings_that_touch_those_below_are_parted_and_stand_in_their_lines(rounds, aside):
    lines = rows(rounds)
    lines[0].append(tower(340, 0, *[aside * row for row in range(rounds)]))
    made = parted(lines, rings_are_digits)
    assert [len(line) for line in made] == [4] * rounds
    assert sum(mark.ink.sum() for line in made for mark in line) == pytest.approx(
        sum(mark.ink.sum() for line in lines for mark in line), rel=0.02
    )
    for line in made:
        assert [mark.x for mark in line] == sorted(mark.x for mark in line)


def test_a_tall_mark_that_is_surely_a_digit_is_one():
    lines = rows(2)
    lines[0].append(tower(340, 0, 0, 0))
    assert (
        parted(lines, lambda marks: np.full(len(marks), 0.99)) is not lines
    )  # two of that height are likelier,
    sure = {True: 0.9999, False: 0.02}
    assert parted(lines, lambda marks: np.array([sure[mark.h > 120] for mark in marks])) is lines


@pytest.mark.parametrize(("sure", "is_parted"), [(0.15, False), (0.25, True)])
def test_a_mark_is_parted_if_that_is_likelier_by_far(sure, is_parted):
    lines = rows(2)
    lines[0].append(tower(340, 0, 0, 0))
    made = parted(lines, lambda marks: np.array([0.25 if mark.h > 120 else sure for mark in marks]))
    assert (made is not lines) == is_parted


def test_parts_may_be_several_digits_which_nobody_has_asked_about_yet():
    lines = rows(2)
    both = np.zeros((160, 115), np.float32)
    both[:, :60] = tower(340, 0, 0, 0).ink
    for y in (0, 80):
        both[y : y + 80, 55:] = np.maximum(both[y : y + 80, 55:], ring(395, y).ink)
    lines[0].append(Mark(340, 0, both))

    def sureness(marks):
        """Of a pair side by side nothing is sure."""
        return np.array([0.1 if mark.h > 120 else 0.01 if mark.w > 80 else 0.99 for mark in marks])

    assert [len(line) for line in parted(lines, sureness)] == [4, 4]


@pytest.mark.parametrize("beside", [rows(1), [[ring(100, 0)], [ring(500, 400)]]])
def test_what_reaches_across_one_line_only_is_left_as_it_is(beside):
    lines = [*beside, [tower(340, 0, 0, 0)]]
    assert parted(lines, rings_are_digits) is lines


@pytest.mark.parametrize("down", [100, 101])
def test_two_numbers_of_which_digits_touch_those_below_are_read(mnist, down):
    greys, text = written(mnist, 4)
    [reading] = read([np.minimum(greys, np.roll(greys, -down, axis=0))])
    assert reading.text.split() == [text, text]
