"""What lies on a page and is no writing: dots, punched holes, slivers."""

import cv2
import numpy as np
import pytest
from helpers import picture

from byhand.images import Mark, follow
from byhand.images.things import dots, without_slivers


def photograph(ink):
    """Lit from the left, so that it is no drawing."""
    return picture(ink, np.linspace(240, 180, ink.shape[1]))


def counts(ink):
    return [len(line) for line in follow(photograph(ink)).lines]


@pytest.mark.parametrize("apart", [20, 34])
@pytest.mark.parametrize("dark", [0.3, 0.8])
@pytest.mark.parametrize("far", [0.0, 0.3])
def test_the_dots_of_dotted_paper_are_no_marks(number, apart, dark, far):
    """Seen straight, or from aside: the farther, the nearer to each other."""
    ink = number.copy()
    for row in np.arange(apart / 2, 600, apart):
        for column in np.arange(apart / 2, 900, apart):
            nearer = 1 - far * row / 600
            cv2.circle(ink, (round(450 + nearer * (column - 450)), round(row * nearer)), 2, dark, -1)
    assert counts(np.maximum(ink, number)) == [3, 3]


@pytest.mark.parametrize("seed", range(5))
def test_dust_is_no_dotted_paper(seed):
    ink = np.zeros((600, 900), np.uint8)
    for x, y in np.random.default_rng(seed).integers(5, (895, 595), (300, 2)):
        cv2.circle(ink, (int(x), int(y)), 2, 1, -1)
    assert not dots(ink).any()


@pytest.mark.parametrize("size", [12, 20])
@pytest.mark.parametrize("x", [0, 8, 30])
def test_punched_holes_are_no_marks_whole_or_cut_off(number, size, x):
    ink = number.copy()
    for y in (90, 250, 410, 570):
        cv2.circle(ink, (x, y), size, 0.9, -1)
    way = follow(photograph(ink))
    assert [len(line) for line in way.lines] == [3, 3]
    assert way.cut_off == ()


@pytest.mark.parametrize(("size", "marks"), [(35, 0), (50, 1)])
def test_a_punched_hole_is_at_most_an_eighth_of_the_picture(number, size, marks):
    ink = number.copy()
    cv2.circle(ink, (800, 300), size, 0.9, -1)
    assert sum(counts(ink)) == 6 + marks


def test_a_box_around_a_number_is_no_mark_though_it_is_the_only_one(number):
    ink = np.zeros((600, 900), np.float32)
    ink[200:400, 300:600] = cv2.resize(number, (300, 200), interpolation=cv2.INTER_AREA).clip(0, 1)
    cv2.rectangle(ink, (330, 218), (570, 292), 0.8, 2)
    assert counts(ink) == [3, 3]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("turn", [0, 10])
def test_a_circle_around_a_number_is_no_mark(number, count, turn):
    ink = np.zeros((600, 900), np.float32)
    digits = cv2.resize(number[90:250, 90 : 90 + 160 * count], (80 * count, 80)).clip(0, 1)
    ink[260:340, 450 - 40 * count : 450 + 40 * count] = digits
    alone = counts(ink)
    high = 75 if count == 1 else 110
    cv2.ellipse(ink, (450, 300), (35 + 35 * count, high), turn, 0, 360, 0.9, 7)
    assert counts(ink) == alone


def test_a_mark_beside_the_middle_of_a_ring_makes_no_frame_of_it():
    ink = np.zeros((600, 900), np.float32)
    cv2.ellipse(ink, (450, 300), (120, 110), 0, 0, 360, 0.9, 9)
    cv2.ellipse(ink, (520, 300), (20, 35), 0, 0, 300, 0.9, 9)
    assert sum(counts(ink)) == 2


def test_a_0_with_a_dot_in_it_and_a_fish_stay_whole():
    zero = np.zeros((600, 900), np.float32)
    cv2.ellipse(zero, (450, 300), (70, 100), 0, 0, 360, 0.9, 14)
    cv2.circle(zero, (450, 300), 14, 0.9, -1)
    assert counts(zero) in ([1], [2])
    fish = np.zeros((600, 900), np.float32)
    cv2.ellipse(fish, (400, 300), (140, 80), 0, 0, 360, 0.9, 9)
    cv2.polylines(fish, [np.array([(530, 300), (640, 210), (630, 390), (530, 300)])], False, 0.9, 9)
    cv2.ellipse(fish, (430, 300), (22, 50), 0, -80, 80, 0.9, 9)
    assert sum(counts(fish)) == 2


def test_a_round_patch_alone_is_a_mark():
    """There is something, and it is no digit; that is for the network to say."""
    ink = np.zeros((600, 900), np.float32)
    cv2.circle(ink, (450, 300), 20, 0.9, -1)
    assert counts(ink) == [1]


def test_a_line_much_thinner_than_the_strokes_of_the_only_digit_is_no_one(number):
    ink = np.zeros_like(number)
    ink[:, 300:600] = cv2.resize(number[90:250, 90:250], (300, 600), interpolation=cv2.INTER_CUBIC)
    cv2.line(ink, (750, 150), (752, 400), 0.8, 3)
    assert counts(ink.clip(0, 1)) == [1]


@pytest.mark.parametrize(("height", "kept"), [(90, True), (130, False)])
def test_a_1_beside_print_is_no_sliver_if_another_digit_is_as_long(height, kept):
    """Print is most of a form, and less than half as high."""
    bow = np.zeros((90, 60), np.float32)
    cv2.ellipse(bow, (30, 45), (25, 40), 0, 0, 320, 1, 9)
    letter = np.zeros((30, 20), np.float32)
    cv2.ellipse(letter, (10, 15), (7, 12), 0, 0, 320, 1, 4)
    one = np.zeros((height, 11), np.float32)
    one[:, 1:10] = 1
    marks = [Mark(300, 100, bow), Mark(400, 100, one), *(Mark(25 * i, 150, letter) for i in range(7))]
    assert any(mark.ink is one for mark in without_slivers(marks)) == kept


def test_beside_what_the_border_cuts_off_smaller_marks_are_no_specks(number):
    ink = np.zeros((900, 1200), np.float32)
    ink[560:860, 600:1050] = cv2.resize(number, (450, 300), interpolation=cv2.INTER_AREA)
    ink[450:810, 150:510] = cv2.resize(number[90:250, 90:250], (360, 360), interpolation=cv2.INTER_CUBIC)
    ink = ink.clip(0, 1)
    alone = counts(ink)
    assert sum(alone) == 7
    cv2.polylines(ink, [np.array([(30, 0), (600, 220), (1170, 0)])], False, 0.7, 9)
    assert counts(ink) == alone
