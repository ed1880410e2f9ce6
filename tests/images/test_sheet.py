"""The sheet on a table: what lies around it is no ink, and what is written at its edge is."""

import cv2
import numpy as np
import pytest
from helpers import counts, picture

from byhand.images import closer, follow, follow_sheet
from byhand.images.sheet import _outline, find_sheet


def test_a_broad_stroke_with_wavy_sides_is_no_sheet():
    stroke = np.zeros((320, 320), np.uint8)
    y = np.arange(60, 260)
    sides = [np.stack([160 + side * 30 + 3 * np.sin(y / 18 + side), y], axis=1) for side in (-1, 1)]
    cv2.fillPoly(stroke, [np.rint(np.concatenate([sides[0], sides[1][::-1]])).astype(np.int32)], 190)
    assert find_sheet(cv2.GaussianBlur(stroke, (0, 0), 1.5)) is None


@pytest.mark.parametrize(("soft", "writing", "found"), [(0.6, 4, True), (2.0, 30, True), (3.0, 30, False)])
def test_a_sheet_may_be_nearly_empty_and_out_of_focus_but_not_as_soft_as_a_shadow(soft, writing, found):
    greys = np.random.default_rng(0).normal(70, 6, (240, 320))
    greys[40:200, 70:250] = 200
    greys[100 : 100 + writing, 150 : 150 + writing * 2 // 3] = 60
    sheet = find_sheet(cv2.GaussianBlur(greys, (0, 0), soft).clip(0, 255).astype(np.uint8))
    assert (sheet is not None) == found


def test_on_a_torn_sheet_only_what_is_written_is_a_mark():
    rng = np.random.default_rng(0)
    greys = rng.normal(60, 3, (600, 800)).astype(np.float32)
    y = np.arange(80, 520, 8)
    torn = 640 + 14 * np.sin(y / 23) + rng.normal(0, 6, len(y))
    outline = [(120, 80), *zip(torn.astype(int), y, strict=True), (110, 520)]
    cv2.fillPoly(greys, [np.array(outline, np.int32)], 225)
    for x in (250, 340, 430):
        cv2.ellipse(greys, (x, 300), (30, 50), 0, 0, 320, 70, 9)
    way = follow(cv2.GaussianBlur(greys, (0, 0), 1).clip(0, 255).astype(np.uint8))
    assert way.sheet
    assert [len(line) for line in way.lines] == [3]


@pytest.mark.parametrize(("shade", "whole"), [(150, True), (120, True), (60, False), (75, False)])
@pytest.mark.parametrize("wide", [20, 60])
def test_what_is_as_dark_as_the_table_within_a_sheets_hull_is_table_and_what_is_not_is_the_sheet_in_a_shadow(
    shade, whole, wide
):
    greys = np.full((240, 320), 60, np.uint8)
    greys[32:208, 48:256] = 225
    greys[160:208, 150 : 150 + wide] = shade
    [contour], _ = cv2.findContours(
        (greys > 200).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    outline = _outline(contour, cv2.convexHull(contour), greys)
    assert (cv2.pointPolygonTest(outline, (150 + wide / 2, 185), False) > 0) == whole


def test_what_is_written_within_a_notch_of_its_width_belongs_to_the_sheet():
    greys = np.full((240, 320), 60, np.uint8)
    greys[32:208, 48:256] = 225
    greys[190:208, 150:156] = 60
    [contour], _ = cv2.findContours(
        (greys > 200).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    assert cv2.pointPolygonTest(_outline(contour, cv2.convexHull(contour), greys), (153, 200), False) > 0


def test_a_sheet_from_border_to_border_is_across_and_one_on_a_table_is_not(number):
    greys = np.random.default_rng(0).normal(70, 6, (900, 1300)).clip(0, 255).astype(np.uint8)
    greys[150:750, 200:1100] = picture(number)
    assert not follow(greys).across
    assert follow(greys[:, 250:1050]).across
    assert follow(greys[200:700]).across
    assert not follow(picture(number)).across  # it is all sheet


def test_what_is_written_at_the_edge_of_a_sheet_belongs_to_it():
    greys = np.random.default_rng(0).normal(60, 3, (600, 800)).astype(np.float32)
    greys[80:520, 120:640] = 225
    for x in (250, 340, 601):
        cv2.ellipse(greys, (x, 300), (30, 50), 0, 0, 320, 70, 9)
    way = follow(cv2.GaussianBlur(greys, (0, 0), 1).clip(0, 255).astype(np.uint8))
    assert [len(line) for line in way.lines] == [3]


def test_what_lies_around_the_sheet_is_no_ink(number):
    greys = np.random.default_rng(0).normal(70, 12, (900, 1300)).clip(0, 255).astype(np.uint8)
    greys[150:750, 200:1100] = picture(number)
    assert counts(greys) == [3, 3]


def test_a_sheet_that_a_known_way_is_on_is_not_looked_at_again(number):
    greys = np.random.default_rng(0).normal(70, 6, (900, 1300)).clip(0, 255).astype(np.uint8)
    greys[150:750, 200:1100] = picture(number)
    way = follow_sheet(greys, find_sheet)
    assert way is not None
    assert follow_sheet(greys, find_sheet, [way]) is None

    def find_another(small):
        return np.rint(find_sheet(small) * 0.8 + np.array(small.shape[::-1]) * 0.1).astype(np.int32)

    assert follow_sheet(greys, find_another, [way]) is not None


def test_a_small_sheet_on_a_large_table_is_a_mark_and_seen_closer_a_sheet(number):
    greys = np.random.default_rng(0).normal(70, 6, (1200, 1600)).clip(0, 255).astype(np.uint8)
    greys[400:500, 900:1050] = cv2.resize(picture(number), (150, 100), interpolation=cv2.INTER_AREA)
    way = follow(greys)
    [[mark]] = way.lines
    near = closer(way, mark)
    assert near.sheet
    assert [len(line) for line in near.lines] == [3, 3]
    x, y, w, h = near.box(near.lines[0][0])
    assert 916 < x + w / 2 < 940
    assert 416 < y + h / 2 < 440


def test_a_small_sheet_seen_closer_shows_what_the_greys_were_made_for(number):
    greys = np.random.default_rng(0).normal(70, 6, (1200, 1600)).clip(0, 255).astype(np.uint8)
    greys[400:500, 900:1050] = cv2.resize(picture(number), (150, 100), interpolation=cv2.INTER_AREA)
    way = follow(greys, shows="what has a colour")
    [[mark]] = way.lines
    assert closer(way, mark).shows == "what has a colour"
    greys[400:650, 900:1200] = cv2.resize(picture(number), (300, 250), interpolation=cv2.INTER_AREA)
    near = follow(greys, shows="what has a colour")
    assert near.sheet
    assert near.shows == "what has a colour"


def test_what_is_written_close_to_the_edge_of_a_small_sheet_is_whole(number):
    """On the copy on which sheets are looked for, all that lies between it and the digits is edge."""
    greys = np.random.default_rng(0).normal(70, 6, (1600, 1200)).clip(0, 255).astype(np.uint8)
    rows, columns = (
        slice(np.flatnonzero(ink)[0], np.flatnonzero(ink)[-1])
        for ink in (number.any(axis=1), number.any(axis=0))
    )
    ink = np.pad(cv2.resize(number[rows, columns], (240, 140), interpolation=cv2.INTER_AREA), 9)
    greys[500:658, 700:958] = picture(ink)
    way = follow(greys)
    assert way.sheet
    assert [len(line) for line in way.lines] == [3, 3]
    x, y, _, h = way.box(way.lines[0][0])
    assert x == pytest.approx(709, abs=5)
    assert 505 < y < 525
    assert h > 40


def test_a_long_narrow_sheet_is_looked_at_closer_but_not_again_and_again(number):
    """However close, it is a small part of the square around it."""
    greys = np.random.default_rng(0).normal(70, 6, (1200, 1600)).clip(0, 255).astype(np.uint8)
    row = number[100:240].max(axis=0) > 0.5
    row = np.pad(
        number[90:250, np.flatnonzero(row)[0] - 30 : np.flatnonzero(row)[-1] + 30], [(0, 0), (0, 1200)]
    )
    greys[500:650, 150:1450] = cv2.resize(picture(row), (1300, 150), interpolation=cv2.INTER_AREA)
    way = follow(greys)
    assert way.sheet
    assert [len(line) for line in way.lines] == [3]


def test_a_sheet_that_is_small_however_closely_it_is_looked_at_is_looked_at_closer_once():
    """What is around it is all of the picture, and without its edge it is just too small in that again."""

    def find(greys):
        """A strip that is a little more than a sixth of the picture."""
        height, width = greys.shape
        left, right, top, bottom = width // 40, width - width // 40, height // 2, round(height * 0.68)
        return np.array([[[left, top]], [[right, top]], [[right, bottom]], [[left, bottom]]], np.int32)

    way = follow(np.full((200, 800), 200, np.uint8), find=find)
    assert way.sheet
    assert way.greys.shape == (200, 800)
