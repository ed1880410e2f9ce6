"""Where a mark of several digits could be cut."""

import cv2
import numpy as np
import pytest
from helpers import picture

from byhand.images import Mark, cutting, follow
from byhand.images.cuts import MOST_PIECES, _melted, find_cuts


def test_two_digits_that_touch_can_be_cut_between_them(mnist):
    two, one = mnist.test.images[1], mnist.test.images[2]
    ink = np.zeros((140, 230), np.float32)
    ink[:, :140] = cv2.resize(two, (140, 140)) / 255
    ink[:, 60:200] = np.maximum(ink[:, 60:200], cv2.resize(one, (140, 140)) / 255)
    [[mark]] = follow(picture(np.pad(ink, 60))).lines
    assert 2 <= cutting(mark).pieces <= MOST_PIECES


def test_the_pieces_of_a_mark_have_all_of_its_ink_and_from_left_to_right(mnist):
    for left, right in mnist.test.images[:20].reshape(10, 2, 28, 28):
        ink = cv2.resize(np.hstack([left[:, :24], right[:, 4:]]), None, fx=4, fy=4).astype(np.float32)
        mark = Mark(5, 7, ink)
        cut = cutting(mark)
        for piece in range(1, cut.pieces):
            left_part, right_part = cut.part(0, piece - 1), cut.part(piece, cut.pieces - 1)
            both = left_part.ink.sum() + right_part.ink.sum()
            assert both == pytest.approx(ink.sum(), rel=0.02)
        assert cut.part(0, cut.pieces - 1) is mark
        assert all(cut.part(piece, piece) is not None for piece in range(cut.pieces))
        middles = [cut.middle(piece) for piece in range(cut.pieces)]
        assert middles[0] > 5 and middles == sorted(middles) and middles[-1] < 5 + mark.w


def test_two_rings_that_touch_are_cut_from_notch_to_notch_not_through_a_ring():
    """An 8 and a 0 side by side touch with more ink than a ring has in it: but a ring would be cut twice."""
    ink = np.zeros((120, 200), np.float32)
    for x in (60, 145):
        cv2.ellipse(ink, (x, 60), (36, 52), 0, 0, 360, 1, 14)
    cv2.rectangle(ink, (96, 46), (109, 74), 1, -1)  # where they have grown together
    first = next(find_cuts(Mark(0, 0, ink)))
    assert 96 < first.min() <= first.max() < 110


def test_digits_that_touch_along_a_stroke_can_be_cut_along_it():
    """A 9 whose stem the bowl of a 4 has grown together with: a way across the bowl would be shorter."""
    nine, four = np.zeros((120, 150), np.float32), np.zeros((120, 150), np.float32)
    cv2.ellipse(nine, (34, 32), (26, 24), 0, 0, 360, 1, 12)
    cv2.line(nine, (60, 20), (52, 112), 1, 12)
    cv2.polylines(four, [np.array([(76, 34), (69, 50), (70, 78), (128, 78)], np.int32)], False, 1, 12)
    cv2.line(four, (104, 22), (102, 112), 1, 12)
    mark = Mark(0, 0, np.maximum(nine, four))
    columns = np.arange(150)
    lost = [
        float(nine[columns >= cut[:, None]].sum() + four[columns < cut[:, None]].sum())
        for cut in cutting(mark).cuts
    ]
    assert min(lost) < 0.03 * mark.ink.sum()


def test_strokes_that_lie_side_by_side_and_are_one_can_be_parted():
    """The stem of a 9 along the left side of a 0: twice across the ring of the 0 there is less ink."""
    nine, nought = np.zeros((120, 120), np.float32), np.zeros((120, 120), np.float32)
    cv2.ellipse(nine, (28, 34), (20, 22), 0, 0, 360, 1, 13)
    cv2.line(nine, (46, 36), (30, 112), 1, 13)
    cv2.ellipse(nought, (68, 60), (24, 54), 14, 0, 360, 1, 13)
    mark = Mark(0, 0, np.maximum(nine, nought))
    columns = np.arange(120)
    lost = [
        float((nine > nought)[columns >= cut[:, None]].sum() + (nought > nine)[columns < cut[:, None]].sum())
        for cut in cutting(mark).cuts
    ]
    assert min(lost) < 0.02 * mark.ink.sum()


def test_the_straight_way_from_notch_to_notch_is_no_cut_where_there_is_paper():
    ink = np.ones((40, 30), np.float32)
    assert _melted(ink, (5, 12), (34, 18)) is not None
    ink[20:24, 10:20] = 0
    assert _melted(ink, (5, 12), (34, 18)) is None
    assert _melted(ink, (34, 12), (5, 18)) is None  # nor if the lower notch is higher


def test_cuts_are_proposed_where_there_is_a_choice_and_nowhere_else(mnist):
    """A stroke is one piece however thick; no two cuts part a mark in the same way."""
    assert cutting(Mark(0, 0, np.ones((100, 12), np.float32))).pieces == 1
    two = cv2.resize(mnist.test.images[1], (140, 140)).astype(np.float32)
    cuts = list(find_cuts(Mark(0, 0, two)))
    sides = [two[np.arange(140) < cut[:, None]].sum() / two.sum() for cut in cuts]
    assert all(0.02 < side < 0.98 for side in sides)
    assert len(cuts) >= 2


def test_a_cut_goes_straight_down_where_there_is_room_and_not_along_a_stroke():
    ink = np.zeros((80, 120), np.float32)
    ink[:, 10:20] = ink[:, 90:100] = ink[32:48, 20:50] = 1
    cut = next(find_cuts(Mark(0, 0, ink)))
    assert 50 <= cut.min() <= cut.max() <= 90
    assert np.ptp(cut) == 0
