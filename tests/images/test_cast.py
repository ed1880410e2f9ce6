"""Shadows with a straight edge are lifted off, whatever they fall on; other edges are none of theirs."""

import math

import cv2
import numpy as np
import pytest
from helpers import counts

from byhand.images import follow, without_cast_shadows
from byhand.images.cast import cuts_off, find_edge, has_shadows

HEIGHT, WIDTH = 600, 800


def sheet_on_a_table(rng):
    """A sheet with three strokes on a darker table, both with a grain: greys (H, W) as floats."""
    greys = np.full((HEIGHT, WIDTH), 90.0, np.float32)
    cv2.fillPoly(greys, [np.array([(140, 90), (680, 130), (640, 520), (100, 480)], np.int32)], 215)
    for x in (300, 400, 500):
        cv2.line(greys, (x, 250), (x - 20, 340), 60, 8)
    return cv2.GaussianBlur(greys, (0, 0), 0.8) + rng.normal(0, 1.5, greys.shape)


def shadow(angle, offset, left, soft):
    """Light (H, W): all of it on one side of a line so far from the middle, a share on the other."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    away = np.add.outer((np.arange(HEIGHT) - HEIGHT / 2) * s, (np.arange(WIDTH) - WIDTH / 2) * c) - offset
    return left + (1 - left) * (1 + np.tanh(away / (2 * soft))) / 2


def as_picture(greys):
    return greys.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("soft", [0.5, 4])
@pytest.mark.parametrize(
    ("angle", "offset", "left"), [(0, 0, 0.6), (33, 40, 0.8), (100, -30, 0.5), (215, 20, 0.7)]
)
def test_a_shadow_across_a_sheet_and_its_table_is_lifted_off_both(angle, offset, left, soft):
    lit = sheet_on_a_table(np.random.default_rng(0))
    light = shadow(angle, offset, left, soft)
    lifted = next(without_cast_shadows(as_picture(lit * light)))
    wrong = np.abs(lifted / lit - 1)
    assert np.median(wrong[light < 0.5 + left / 2]) < 0.03  # in the shadow,
    assert np.median(wrong[light > 0.5 + left / 2]) < 0.01  # in the light,
    assert np.percentile(wrong[np.abs(light - (1 + left) / 2) < 0.4 * (1 - left)], 90) < 0.15  # between them


@pytest.mark.parametrize("left", [1, 0.95, 0.2])
def test_a_sheets_edges_what_hardly_dims_the_light_and_what_takes_nearly_all_of_it_are_no_shadows(left):
    picture = as_picture(sheet_on_a_table(np.random.default_rng(1)) * shadow(20, 0, left, 1))
    assert find_edge(picture) is None
    assert list(without_cast_shadows(picture)) == []


@pytest.mark.parametrize("length", [0.5, 0.7, 1.0])
def test_an_edge_is_that_of_a_shadow_only_if_it_goes_on_across_all_of_the_picture(length):
    """That of a sheet ends, however little it stands out."""
    greys = np.full((HEIGHT, WIDTH), 150.0) + np.random.default_rng(9).normal(0, 1.5, (HEIGHT, WIDTH))
    greys[: round(length * HEIGHT), WIDTH // 2 :] *= 1.4
    assert (find_edge(as_picture(greys)) is not None) == (length == 1)


def test_strokes_and_rules_do_not_hide_a_shadows_edge():
    greys = sheet_on_a_table(np.random.default_rng(2))
    greys[:, ::40] *= 0.7
    for x in range(100, 700, 60):
        cv2.circle(greys, (x, HEIGHT // 2), 22, 50, 7)
    assert find_edge(as_picture(greys * shadow(90, 0, 0.75, 1))) is not None


def test_two_shadows_are_lifted_one_after_the_other():
    lit = sheet_on_a_table(np.random.default_rng(3))
    both = as_picture(lit * shadow(10, 120, 0.6, 2) * shadow(100, 100, 0.75, 2))
    once, twice = without_cast_shadows(both)
    assert np.median(np.abs(twice / lit - 1)) < 0.03 < np.median(np.abs(once / lit - 1))


def test_a_sheet_that_ends_at_a_shadows_edge_is_cut_off_by_it_and_no_other_is():
    edge = find_edge(as_picture(sheet_on_a_table(np.random.default_rng(4)) * shadow(180, 0, 0.5, 1)))
    left, whole = np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    left[100:500, 120 : WIDTH // 2] = whole[100:500, 120:660] = 1
    assert cuts_off(edge, left)
    assert not cuts_off(edge, whole)


@pytest.mark.parametrize(("left", "cut"), [(0.45, True), (1, False)])
def test_a_way_on_the_part_of_a_sheet_that_is_in_the_light_says_so(left, cut):
    """Then the picture is looked at without the shadow, too: there all three strokes are seen."""
    picture = as_picture(sheet_on_a_table(np.random.default_rng(5)) * shadow(180, -40, left, 1))
    way = follow(picture)
    assert way.sheet
    assert way.cut_off_by_shadow == cut
    assert (way.marks < 3) == cut
    if cut:
        assert counts(next(without_cast_shadows(picture))) == [3]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_a_shadow_whose_edge_is_near_the_border_of_the_picture_is_no_trouble(angle):
    """What lies across it may reach beyond the border, where nothing can be measured."""
    lit = sheet_on_a_table(np.random.default_rng(6))
    half = WIDTH / 2 if angle % 180 == 0 else HEIGHT / 2
    for away in range(0, 44, 2):
        picture = as_picture(lit * shadow(angle, half - away, 0.6, 1))
        for lifted in without_cast_shadows(picture):
            assert lifted.shape == picture.shape


def hand(height, width, left):
    """Light in which a palm and a finger take a share."""
    shade = np.zeros((height, width), np.float32)
    cv2.circle(shade, (width // 2, height // 2), 60, 1, -1)
    cv2.line(shade, (width // 2, height // 2), (width // 2 + 150, height // 2 - 40), 1, 30)
    return 1 - (1 - left) * cv2.GaussianBlur(shade, (0, 0), 3)


def test_shadows_of_any_form_are_noticed_on_paper_and_on_a_sheet_and_light_that_changes_slowly_is_none():
    rng = np.random.default_rng(7)
    paper = np.full((HEIGHT, WIDTH), 215.0) + rng.normal(0, 2, (HEIGHT, WIDTH))
    for x in (200, 300, 400):
        cv2.line(paper, (x, 200), (x - 20, 300), 60, 8)
    slowly = np.linspace(0.5, 1, WIDTH)
    assert not has_shadows(as_picture(paper * slowly))
    assert has_shadows(as_picture(paper * slowly * hand(HEIGHT, WIDTH, 0.6)))
    way = follow(as_picture(sheet_on_a_table(rng)))
    assert way.sheet
    assert not way.shaded
    way = follow(as_picture(sheet_on_a_table(rng) * hand(HEIGHT, WIDTH, 0.7)))
    assert way.sheet
    assert way.shaded


@pytest.mark.parametrize(("inside", "outside"), [(60, 210), (210, 60)])
def test_a_sheet_darker_than_the_table_may_be_a_shadow_and_the_way_says_so(inside, outside):
    greys = np.full((HEIGHT, WIDTH), outside, np.float32)
    greys[100:500, 150:650] = inside
    for x in (300, 400, 500):
        cv2.line(greys, (x, 250), (x - 20, 340), outside, 8)
    way = follow(as_picture(greys + np.random.default_rng(8).normal(0, 1.5, greys.shape)))
    assert way.sheet
    assert way.darker == (inside < outside)
