"""A sheet that has an edge all around."""

import cv2
import numpy as np
import pytest

from byhand.images import find_bounded_sheet
from byhand.images.sheet import find_sheet

SHEET = np.array([[70, 50], [250, 58], [246, 170], [66, 164]], np.int32)


def label(greys):
    """With a frame, on a jar of something dark and restless, its lid as bright as the label."""
    greys[:] = cv2.GaussianBlur(np.random.default_rng(0).normal(90, 500, greys.shape), (0, 0), 9).clip(0, 160)
    greys[:40] = 215
    outer = np.rint((SHEET - SHEET.mean(axis=0)) * 1.15 + SHEET.mean(axis=0)).astype(np.int32)
    cv2.fillPoly(greys, [outer], 230)
    cv2.polylines(greys, [SHEET], True, 60, 5)


def window(greys):
    """Darker than the panes behind it and brighter than the sill."""
    greys[:130], greys[130:] = 250, 60
    greys[:, 150:160] = 200
    cv2.fillPoly(greys, [SHEET], 130)


def screen(greys):
    """The canvas of a program, with a margin of tools."""
    greys[:] = 210
    for y in range(60, 160, 20):
        cv2.rectangle(greys, (20, y), (32, y + 12), 90, -1)
    cv2.fillPoly(greys, [SHEET], 255)


def on(ground, *, written=True):
    """The sheet on such a ground (240, 320)."""
    greys = np.zeros((240, 320))
    ground(greys)
    if written:
        for x in (120, 160, 200):
            cv2.ellipse(greys, (x, 110), (10, 18), 0, 0, 320, 40, 3)
    return cv2.GaussianBlur(greys, (0, 0), 0.7).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("ground", [label, window, screen])
def test_a_sheet_is_found_though_no_brightness_tells_it_from_all_around_it(ground):
    greys = on(ground)
    hull = find_bounded_sheet(greys)
    found, true = (cv2.fillPoly(np.zeros(greys.shape, np.uint8), [corners], 1) for corners in (hull, SHEET))
    assert (found & true).sum() > 0.8 * (found | true).sum()


def test_against_a_window_the_sheet_is_not_found_by_its_brightness():
    assert find_sheet(on(window)) is None


@pytest.mark.parametrize("ground", [label, window, screen])
def test_where_nothing_is_written_there_is_no_sheet(ground):
    assert find_bounded_sheet(on(ground, written=False)) is None


def test_a_page_that_fills_the_picture_has_no_edge():
    greys = np.full((240, 320), 220, np.uint8)
    cv2.ellipse(greys, (160, 120), (20, 36), 0, 0, 320, 40, 5)
    assert find_bounded_sheet(greys) is None


def test_a_ring_is_no_sheet():
    greys = np.full((240, 320), 220, np.uint8)
    cv2.ellipse(greys, (160, 120), (80, 100), 0, 0, 360, 40, 12)
    cv2.circle(greys, (160, 120), 6, 40, -1)
    assert find_bounded_sheet(greys) is None
