"""The boxes of a form."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.images.boxes import outlines_of_boxes, without_boxes


def form(boxes=3, *, written=True, joined=False, width=3, turn=0.0):
    """A row of boxes of 80 by 100, and what is written in them: outlines and writing, (200, 500) each."""
    outlines, writing = np.zeros((200, 500), np.uint8), np.zeros((200, 500), np.uint8)
    for i in range(boxes):
        x = 50 + i * (80 if joined else 100)
        cv2.rectangle(outlines, (x, 50), (x + 80, 150), 1, width)
        if written:
            cv2.ellipse(writing, (x + 40, 100), (16, 28), 0, 0, 360, 1, 4)
    turning = cv2.getRotationMatrix2D((250, 100), turn, 1)
    return [
        cv2.warpAffine(part, turning, (500, 200), flags=cv2.INTER_NEAREST) for part in (outlines, writing)
    ]


@given(st.integers(2, 4), st.booleans(), st.integers(2, 6), st.floats(-12, 12))
def test_the_boxes_are_found_and_the_writing_is_not(boxes, joined, width, turn):
    outlines, writing = form(boxes, joined=joined, width=width, turn=turn)
    found = outlines_of_boxes(outlines | writing)
    assert found[outlines > 0].mean() > 0.97
    assert not found[writing > 0].any()


def test_a_digit_that_touches_its_box_keeps_most_of_its_ink():
    outlines, writing = form()
    cv2.line(writing, (90, 128), (90, 148), 1, 4)
    found = outlines_of_boxes(outlines | writing)
    assert found[writing > 0].mean() < 0.15


@pytest.mark.parametrize("end", [(112, 185), (146, 96)])  # down, and to the right
def test_a_stroke_across_the_side_of_a_box_stays_whole(end):
    outlines, writing = form(joined=True)
    cv2.line(writing, (110, 100), end, 1, 7)
    ink = outlines | writing
    left = without_boxes(ink.astype(np.float32), ink) > 0.5
    kept = (left & (writing > 0)).astype(np.uint8)
    assert cv2.connectedComponents(kept)[0] == cv2.connectedComponents(writing)[0]
    assert left[(writing == 0) & (outlines > 0)].mean() < 0.03


def test_in_a_row_of_boxes_one_may_be_written_in_and_the_others_empty():
    outlines, writing = form(5, joined=True)
    writing[:, 140:] = 0
    found = outlines_of_boxes(outlines | writing)
    assert found[outlines > 0].mean() > 0.97
    assert not found[writing > 0].any()


def test_rows_of_boxes_of_different_sizes_are_found_each():
    parts = [form(4, joined=True), form(3, joined=True)]
    parts[1] = [cv2.resize(part, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_NEAREST) for part in parts[1]]
    ink = np.zeros((520, 800), np.uint8)
    wanted = ink.copy()
    for top, (outlines, writing) in zip((0, 200), parts, strict=True):
        height, width = outlines.shape
        ink[top : top + height, :width] = outlines | writing
        wanted[top : top + height, :width] = outlines
    found = outlines_of_boxes(ink)
    assert found[wanted > 0].mean() > 0.97
    assert not found[(ink > 0) & (wanted == 0)].any()


def test_two_squares_that_are_written_in_among_many_that_are_not_are_no_form():
    """Squared paper may have squares of several sizes."""
    empty, _ = form(4, joined=True)
    large, writing = (cv2.resize(part, None, fx=1.6, fy=1.6) for part in form(2))
    ink = np.zeros((1320, 800), np.uint8)
    for row in range(5):
        ink[200 * row : 200 * (row + 1), :500] = empty
    ink[1000:, :] = large | writing
    assert not outlines_of_boxes(ink).any()
    assert outlines_of_boxes(ink[1000:].copy()).any()


def test_a_single_box_is_one_if_it_is_no_part_of_anything_larger():
    outlines, writing = form(1)
    found = outlines_of_boxes(outlines | writing)
    assert found[outlines > 0].mean() > 0.97
    assert not found[writing > 0].any()
    cv2.line(outlines, (130, 150), (300, 150), 1, 3)  # the ground that a house stands on
    assert not outlines_of_boxes(outlines | writing).any()


def test_boxes_that_each_stand_alone_around_a_number_may_be_of_any_sizes():
    outlines, writing = np.zeros((600, 700), np.uint8), np.zeros((600, 700), np.uint8)
    for top, digits in [(30, 1), (170, 4), (310, 2), (450, 6)]:
        cv2.rectangle(outlines, (40, top), (40 + 80 * digits, top + 100), 1, 3)
        for i in range(digits):
            cv2.ellipse(writing, (80 + 80 * i, top + 50), (16, 28), 0, 0, 360, 1, 4)
    found = outlines_of_boxes(outlines | writing)
    assert found[outlines > 0].mean() > 0.97
    assert not found[writing > 0].any()


@pytest.mark.parametrize(("side", "is_box"), [(30, False), (60, True)])
def test_a_box_that_stands_alone_is_no_speck(side, is_box):
    ink = np.zeros((300, 300), np.uint8)
    cv2.rectangle(ink, (100, 100), (100 + side, 100 + side), 1, 2)
    cv2.ellipse(ink, (100 + side // 2, 100 + side // 2), (side // 6, side // 4), 0, 0, 360, 1, 2)
    assert outlines_of_boxes(ink).any() == is_box


@pytest.mark.parametrize("boxes", [1, 3, 4])
def test_empty_boxes_are_no_form(boxes):
    outlines, writing = form(boxes, written=False)
    assert not outlines_of_boxes(outlines | writing).any()


def test_squared_paper_that_is_not_quite_even_is_no_form():
    """What is left of a line inside the hull of a square is nothing written."""
    ink = np.zeros((500, 600), np.uint8)
    along = np.arange(600)
    for start in range(20, 600, 80):
        wave = np.rint(start + 3 * np.sin(along / 25)).astype(np.int32)
        cv2.polylines(ink, [np.stack([along, wave], axis=1)], False, 1, 3)
        cv2.polylines(ink, [np.stack([wave, along], axis=1)], False, 1, 3)
    for x, y in [(60, 140), (220, 140), (300, 300)]:
        cv2.ellipse(ink, (x, y), (14, 24), 0, 0, 360, 1, 4)
    assert not outlines_of_boxes(ink).any()


def test_rings_in_rings_are_no_boxes():
    ink = np.zeros((200, 500), np.uint8)
    for x in (100, 250, 400):
        cv2.ellipse(ink, (x, 100), (50, 80), 0, 0, 360, 1, 4)
        cv2.ellipse(ink, (x, 100), (15, 30), 0, 0, 360, 1, 4)
    assert not outlines_of_boxes(ink).any()


def test_a_page_without_ink_has_none():
    assert not outlines_of_boxes(np.zeros((50, 70), np.uint8)).any()


@pytest.mark.parametrize("faint", [0.12, 0.25])
@pytest.mark.parametrize(("dash", "gap"), [(1, 0), (14, 4)])
def test_boxes_are_found_though_they_are_faint_or_dashed(faint, dash, gap):
    density = np.zeros((200, 700), np.float32)
    for column in range(50, 650, dash + gap):
        density[50:52, column : column + dash] = density[150:152, column : column + dash] = faint
    for left in range(50, 651, 100):
        for row in range(50, 150, dash + gap):
            density[row : row + dash, left : left + 2] = faint
    writing = np.zeros_like(density)
    for left in range(50, 650, 100):
        cv2.ellipse(writing, (left + 50, 100), (20, 32), 0, 0, 360, 0.8, 6)
    density = np.maximum(density, writing)
    left = without_boxes(density, (density > 0.3).astype(np.uint8))
    assert np.count_nonzero(np.abs(left - writing) > 0.05) < 30  # some 3,000 before


@pytest.mark.parametrize("cell", [60, 100, 180])
def test_of_digits_on_faint_squares_nothing_is_taken_for_a_line(number, cell):
    squares = np.zeros_like(number)
    squares[::cell] = squares[:, ::cell] = 0.12
    density = np.maximum(squares, 0.8 * number)
    left = without_boxes(density, (density > 0.3).astype(np.uint8))
    assert (left > 0.4)[number > 0.6].mean() > 0.99
