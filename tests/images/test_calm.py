"""A sheet that is as bright as what it lies on, and calmer."""

import cv2
import numpy as np
import pytest
from helpers import picture

from byhand.images import follow
from byhand.images.calm import find_any_sheet, find_calm_sheet, find_calmer_place
from byhand.images.sheet import find_sheet

SHEET = np.array([[70, 40], [290, 52], [282, 205], [62, 196]], np.int32)


def carpet(height, width):
    return np.random.default_rng(0).normal(150, 45, (height, width)).clip(0, 255)


def cloth(height, width):
    y, x = np.mgrid[:height, :width]
    return 240.0 - 60 * (x // 6 % 2) - 60 * (y // 6 % 2)


def keyboard(height, width):
    keys = np.full((height, width), 40.0)
    for y in range(0, height, 15):
        for x in range(5 * (y // 15 % 3), width, 15):
            keys[y : y + 11, x : x + 11] = 190
            keys[y + 3 : y + 8, x + 4 : x + 5] = 60
    return keys


GROUNDS = [carpet, cloth, keyboard]


def on(ground, *, written=True):
    """A sheet of the ground's mean brightness on it, (240, 320)."""
    greys = ground(240, 320)
    cv2.fillPoly(greys, [SHEET], round(float(greys.mean())))
    if written:
        for x in (120, 160, 200):
            cv2.ellipse(greys, (x, 120), (10, 18), 0, 0, 320, 40, 3)
    return cv2.GaussianBlur(greys, (0, 0), 0.6).astype(np.uint8)


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_sheet_as_bright_as_a_restless_ground_is_found(ground):
    greys = on(ground)
    assert find_sheet(greys) is None
    hull = find_any_sheet(greys)
    found, true = (cv2.fillPoly(np.zeros(greys.shape, np.uint8), [corners], 1) for corners in (hull, SHEET))
    assert (found & true).sum() > 0.9 * (found | true).sum()


@pytest.mark.parametrize("ground", GROUNDS)
def test_where_nothing_is_written_there_is_no_sheet(ground):
    assert find_calm_sheet(on(ground, written=False)) is None


def test_a_page_that_fills_the_picture_is_no_sheet_on_a_ground(number):
    page = cv2.resize(picture(number), (320, 213), interpolation=cv2.INTER_AREA)
    assert find_any_sheet(page) is None
    assert find_calm_sheet(page) is None


def test_ground_alone_is_no_sheet():
    for ground in GROUNDS:
        assert find_calm_sheet(ground(240, 320).astype(np.uint8)) is None


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_lies_around_such_a_sheet_is_no_ink(ground, number):
    greys = cv2.resize(ground(240, 320), (1280, 960), interpolation=cv2.INTER_NEAREST)
    paper = picture(number, np.full(number.shape, greys.mean()))
    greys[180 : 180 + len(paper), 200 : 200 + paper.shape[1]] = paper
    way = follow(greys.clip(0, 255).astype(np.uint8))
    assert way.sheet
    assert [len(line) for line in way.lines] == [3, 3]


def flowers(height, width):
    cloth = np.full((height, width), 200.0)
    for y in range(10, height, 26):
        for x in range(10 + 12 * (y // 26 % 2), width, 30):
            cv2.circle(cloth, (x, y), 5, 90, 2)
    return cloth


def test_between_flowers_there_is_room_but_less_than_on_a_sheet():
    greys = on(flowers)
    hull = find_calmer_place(greys)
    found, true = (cv2.fillPoly(np.zeros(greys.shape, np.uint8), [corners], 1) for corners in (hull, SHEET))
    assert (found & true).sum() > 0.9 * (found | true).sum()
    assert find_calmer_place(flowers(240, 320).astype(np.uint8)) is None
