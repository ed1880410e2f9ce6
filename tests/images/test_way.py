"""The way of a picture: light, ink, rules, tilt, marks, lines."""

import cv2
import numpy as np
import pytest
from helpers import counts, picture

from byhand.images import Mark, follow, prepare, without
from byhand.images.light import EVEN, choose
from byhand.images.lines import in_lines
from byhand.images.rules import find_rules
from byhand.images.unruled import without_rules


def test_the_marks_are_found_line_by_line_from_left_to_right(number):
    way = follow(picture(number))
    assert [len(line) for line in way.lines] == [3, 3]
    for line in way.lines:
        assert [mark.x for mark in line] == sorted(mark.x for mark in line)
    x, y, w, h = way.box(way.lines[0][0])
    assert 100 < x + w / 2 < 240
    assert 100 < y + h / 2 < 240
    assert 85 < h < 120


def test_light_ink_on_dark_is_found_as_well(number):
    greys = 255 - picture(number)
    assert follow(greys).looks[0].light_ink
    assert counts(greys) == [3, 3]


@pytest.mark.parametrize("slope", [(0.6, 0), (0, -0.6), (-0.35, 0.35)])
def test_uneven_light_is_taken_out(number, slope):
    y, x = np.mgrid[-0.5:0.5:600j, -0.5:0.5:900j]
    assert counts(picture(number, 200 * (1 + slope[0] * x + slope[1] * y))) == [3, 3]


def test_a_shadow_with_a_sharp_edge_is_no_ink(number):
    light = np.full(number.shape, 220.0)
    light[:, 300:560] *= 0.6
    assert [len(line) for line in follow(picture(number, light), find=None).lines] == [3, 3]


def test_small_digits_far_from_a_shadow_with_a_soft_edge_are_marks(mnist):
    """Beside a mark as large as the shadow they would be specks."""
    light = np.ones((800, 1100))
    cv2.ellipse(light, (505, 452), (328, 258), 21, 0, 360, 0.51, -1)
    light = cv2.GaussianBlur(light, (0, 0), 7)
    density = np.zeros(light.shape, np.float32)
    for i, image in enumerate(mnist.test.images[:3]):
        density[700:736, 880 + 50 * i : 916 + 50 * i] = cv2.resize(
            image, (36, 36), interpolation=cv2.INTER_AREA
        )
    greys = np.random.default_rng(0).normal(220 * light * (1 - 0.75 * density / 255), 2)
    assert [len(line) for line in follow(greys.clip(0, 255).astype(np.uint8)).lines] == [3]


@pytest.mark.parametrize("dark", [0.2, 0.5, 0.75])
@pytest.mark.parametrize("spacing", [40, 70])
def test_squares_are_taken_away_and_the_strokes_kept(number, dark, spacing):
    lines = np.zeros_like(number)
    lines[::spacing] = lines[1::spacing] = dark
    lines[:, ::spacing] = lines[:, 1::spacing] = dark
    way = follow(picture(1 - (1 - lines) * (1 - number)))
    assert len(way.rules) >= 20
    assert [len(line) for line in way.lines] == [3, 3]
    alone = follow(picture(number))
    for line, plain in zip(way.lines, alone.lines, strict=True):
        for mark, expected in zip(line, plain, strict=True):
            assert abs(mark.h - expected.h) <= 6


def test_squares_so_fine_that_they_cover_half_of_the_paper_are_found():
    lines = np.zeros((900, 1600), np.float32)
    for y in range(8, 900, 16):
        cv2.line(lines, (0, y), (1599, y), 0.1, 2)
    for x in range(8, 1600, 16):
        cv2.line(lines, (x, 0), (x, 899), 0.1, 2)
    noise = np.random.default_rng(0).normal(0, 0.005, lines.shape).astype(np.float32)
    rules = find_rules(cv2.GaussianBlur(lines, (0, 0), 1) + np.abs(noise))
    assert [sum(rule.upright == upright for rule in rules) for upright in (False, True)] == [56, 100]


@pytest.mark.parametrize("lean", [0.22, -0.22])
def test_squares_seen_from_aside_are_taken_away_too(number, lean):
    """The upright lines lean by 12 degrees more than the others do."""
    lines = np.zeros((600, 1200), np.float32)
    for y in range(20, 600, 50):
        cv2.line(lines, (0, y), (1199, round(y + 0.05 * 1200)), 0.4, 2)
    for x in range(-200, 1400, 50):
        cv2.line(lines, (x, 0), (round(x + lean * 600), 599), 0.4, 2)
    ink = np.pad(number, ((0, 0), (150, 150)))
    way = follow(picture(1 - (1 - lines) * (1 - ink)))
    assert [len(line) for line in way.lines] == [3, 3]
    assert way.angle == pytest.approx(np.rad2deg(np.arctan(0.05)), abs=1)


@pytest.mark.parametrize("lean", [0.25, 0.28, -0.25, -0.28])
def test_lines_that_lean_are_found_by_what_is_across_them(lean):
    """Of those that lean by 15 degrees few are rules by themselves."""
    lines = np.random.default_rng(0).normal(0, 0.02, (600, 1200)).astype(np.float32)
    for y in range(20, 600, 50):
        cv2.line(lines, (0, y), (1199, round(y + 0.05 * 1200)), 0.4, 2)
    for x in range(-200, 1400, 50):
        cv2.line(lines, (x, 0), (round(x + lean * 600), 599), 0.4, 2)
    for density in (lines, np.ascontiguousarray(lines.T)):
        rules = find_rules(density.clip(0, 1))
        steep = [rule for rule in rules if abs(rule.slope - lean) < 0.05]
        assert len(rules) - len(steep) >= 10
        assert len(steep) >= 15


def test_in_the_boxes_of_a_form_only_the_writing_is_ink(number):
    boxes = np.zeros_like(number)
    for i in range(6):
        x, y = 80 + 220 * (i % 3), 90 + 220 * (i // 3)
        cv2.rectangle(boxes, (x, y), (x + 180, y + 165), 0.8, 3)
    way = follow(picture(np.maximum(boxes, number)))
    assert [len(line) for line in way.lines] == [3, 3]
    assert max(mark.h for line in way.lines for mark in line) < 120


def test_without_the_largest_mark_smaller_ones_are_seen(number):
    ink = np.zeros((900, 900), np.float32)
    ink[:60, :600] = cv2.resize(number[90:250], (600, 60), interpolation=cv2.INTER_AREA)
    ink = np.roll(ink, (700, 100), axis=(0, 1))
    cv2.line(ink, (100, 100), (450, 500), 0.8, 8)
    cv2.line(ink, (450, 500), (800, 100), 0.8, 8)
    way = follow(picture(ink))
    [[flap]] = way.lines
    assert [len(line) for line in without(way, [flap]).lines] == [3]


def test_paper_that_is_white_for_too_much_light_is_no_drawing():
    """A quarter of it is, and all else is darker and darker to the side."""
    greys = 255 * (1 - np.linspace(-0.1, 0.3, 900)[None].clip(0)) + np.random.default_rng(0).normal(
        0, 6, (700, 900)
    )
    cv2.ellipse(greys, (430, 350), (90, 160), 0, 0, 320, 70, 40)
    way = follow(cv2.GaussianBlur(greys, (0, 0), 1).clip(0, 255).astype(np.uint8))
    assert not way.drawing
    assert way.marks == 1


def test_rules_that_a_lens_bends_are_taken_away():
    y, x = np.mgrid[:760, :1000].astype(np.float32)
    across, down = (x - 500) / 500, (y - 380) / 500
    bent = down * (1 + 0.03 * (across**2 + down**2)) * 500 + 4035
    ruled = np.where(np.abs(bent % 70 - 35) < 1.3, np.float32(0.45), 0)
    ink = cv2.GaussianBlur(ruled, (0, 0), 0.8)
    ink += np.random.default_rng(0).normal(0, 0.01, ink.shape).astype(np.float32)
    left = without_rules(ink, find_rules(ink))
    assert left[ruled > 0].mean() < 0.15 * ink[ruled > 0].mean()


def mark(x, y, width, height):
    return Mark(x, y, np.ones((height, width), np.float32))


def test_what_reaches_across_several_lines_does_not_hold_them_together():
    rows = [[mark(100 + 40 * i, y, 30, 50) for i in range(4)] for y in (100, 180, 260)]
    edge = mark(20, 90, 12, 240)
    assert in_lines([edge, *(one for row in rows for one in row)]) == [*rows[:2], [edge], rows[2]]


def test_the_bar_of_a_5_is_no_line_of_its_own_beside_small_print():
    """Else tall digits would reach across two lines, and each be in one of its own."""
    print_ = [mark(150 + 25 * i, 281, 20, 20) for i in range(4)]
    five, bar = mark(267, 268, 50, 53), mark(291, 255, 39, 19)
    others = [mark(x, 255, 55, 63) for x in (340, 400, 460)]
    assert in_lines([*print_, five, bar, *others]) == [[*print_, five, bar, *others]]


def test_a_tall_digit_stays_in_its_line():
    row = [mark(100 + 40 * i, 100, 30, 50) for i in range(4)]
    tall = mark(20, 60, 30, 120)
    assert in_lines([*row, tall]) == [[tall, *row]]


@pytest.mark.parametrize("degrees", [-4, 3, 4])
def test_lines_that_fall_or_rise_a_little_are_lines(degrees):
    """As where the rules of the paper were turned level, and the writing does not keep to them."""
    drop = np.tan(np.radians(degrees))
    rows = [
        [Mark(x, y + round(drop * x), np.ones((50, 30), np.float32)) for x in range(0, 700, 60)]
        for y in (100, 170, 240)
    ]
    assert in_lines([mark for row in rows for mark in row]) == rows


@pytest.mark.parametrize("angle", [-12, -5, 6, 14])
def test_tilted_writing_is_put_upright_and_boxes_stay_where_the_ink_is(number, angle):
    turning = cv2.getRotationMatrix2D((450, 300), angle, 0.8)
    ink = cv2.warpAffine(number, turning, (900, 600))
    way = follow(picture(ink))
    assert [len(line) for line in way.lines] == [3, 3]
    assert way.angle == pytest.approx(-angle, abs=2.5)
    for line in way.lines:
        for mark in line:
            x, y, w, h = way.box(mark)
            assert ink[y : y + h, x : x + w].max() > 0.9


@pytest.mark.parametrize("shape", [(900, 3), (3, 900), (400, 20)])
def test_a_strip_is_not_turned_for_turned_it_would_be_many_times_as_large(shape):
    """A strip of noise took more than a gigabyte."""
    for seed in range(3):
        way = follow(np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8))
        assert way.upright.size <= 4 * way.rules_out.size


def test_the_size_of_the_picture_does_not_matter(number):
    greys = picture(number)
    for scale in (0.25, 0.5, 2.5):
        assert counts(cv2.resize(greys, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)) == [3, 3]


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 3), (28, 28), (2000, 10)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_has_no_marks(size, value):
    assert follow(np.full(size, value, np.uint8)).lines == ()


def test_the_best_look_comes_first(number):
    looks = choose(picture(number))
    assert [look.score for look in looks] == sorted((look.score for look in looks), reverse=True)
    assert not looks[0].light_ink


def test_a_digit_alone_is_prepared_the_same_in_either_polarity_and_any_size(mnist):
    for image in mnist.test.images[:8]:
        large = cv2.resize(image, (280, 280), interpolation=cv2.INTER_CUBIC)
        expected = prepare(large).astype(int)
        assert np.abs(prepare(255 - large) - expected).mean() < 15
        assert np.abs(prepare(np.pad(large, 100)) - expected).mean() < 15
        assert np.abs(prepare(image) - expected).mean() < 12
        assert np.abs(image - expected).mean() < 20


@pytest.mark.parametrize("how", [cv2.INTER_LINEAR, cv2.INTER_CUBIC])
def test_a_digit_that_fills_its_picture_is_one_mark(mnist, how):
    """Enlarged from 8x8 pixels without a margin; there is more soft edge than paper."""
    for image in mnist.test.images[:5]:
        small = cv2.resize(image[4:24, 4:24], (8, 8), interpolation=cv2.INTER_AREA)
        large = cv2.resize(small, (160, 160), interpolation=how)
        for greys in (large, 255 - large):
            way = follow(greys)
            [[mark, *_]] = way.lines
            assert way.box(mark)[3] > 110


@pytest.mark.parametrize(("times", "cut"), [(4, (0, 0)), (11, (3, 7)), (20, (19, 0))])
def test_pixels_that_were_repeated_are_one_pixel_again_and_boxes_stay_in_place(number, times, cut):
    small = picture(number[::3, ::3])
    repeated = np.kron(small, np.ones((times, times), np.uint8))[cut[0] :, cut[1] :]
    way = follow(repeated)
    own = follow(small)
    assert [len(line) for line in way.lines] == [len(line) for line in own.lines]
    for mark, same in zip(way.lines[0], own.lines[0], strict=True):
        assert np.array_equal(mark.ink, same.ink)
        there, here = np.array(way.box(mark)), np.array(own.box(same)) * times - (cut[1], cut[0], 0, 0)
        assert np.abs(there - here).max() <= 2 * times


@pytest.mark.parametrize("index", [3, 4, 6, 18])
def test_a_digit_so_thick_that_it_fills_half_of_a_photograph_is_found(mnist, index):
    """Then the usual density is not that of paper, and what varies about it is no grain."""
    large = cv2.resize(mnist.test.images[index][4:24, 4:24], (300, 300), interpolation=cv2.INTER_CUBIC)
    ink = cv2.dilate((large > 100).astype(np.uint8), np.ones((31, 31), np.uint8)).astype(float)
    greys = picture(0.5 * np.pad(ink, 20), np.linspace(240, 200, 340))
    assert ink.mean() > 0.3
    [[mark]] = follow(greys).lines
    assert mark.h > 280


def test_white_where_there_was_too_much_light_is_no_drawings_paper(number):
    """Beside it the paper is grey, and grey is not ink; a drawing in the same white is one."""
    bright = np.minimum(255, np.linspace(340, 120, 900))
    overexposed = np.clip((1 - 0.8 * number) * bright, 0, 255).astype(np.uint8)
    assert choose(overexposed)[0].window != EVEN
    assert counts(overexposed) == [3, 3]
    drawn = (255 * (1 - number)).astype(np.uint8)
    assert choose(drawn)[0].window == EVEN


def test_a_line_that_falls_goes_on_by_the_middle_of_its_marks_not_by_the_first():
    marks = [Mark(60 * i, down, np.ones((40, 25), np.float32)) for i, down in enumerate((0, 10, 19, 28))]
    assert [len(line) for line in in_lines(marks)] == [4]
