"""Digits drawn stroke by stroke."""

import cv2
import numpy as np
import pytest

from byhand.datasets.pens import a_pen, rings
from byhand.datasets.strokes import stroke_digit, stroke_digits
from byhand.reading import load_reader


def test_there_are_as_many_as_asked_in_mnists_form_each_label_in_turn():
    images, labels = stroke_digits(25, np.random.default_rng(0))
    assert images.shape == (25, 28, 28)
    assert images.dtype == np.uint8
    assert (images.max(axis=(1, 2)) > 200).all()
    np.testing.assert_array_equal(labels, np.arange(25) % 10)


def test_the_same_seed_draws_the_same_and_no_two_are_alike():
    images, _ = stroke_digits(60, np.random.default_rng(0))
    again, _ = stroke_digits(60, np.random.default_rng(0))
    np.testing.assert_array_equal(images, again)
    assert len({image.tobytes() for image in images}) == 60


def test_the_reader_reads_nearly_all_of_other_ones():
    images, labels = stroke_digits(400, np.random.default_rng(1000))
    assert (load_reader().predict(images) == labels).mean() > 0.96


@pytest.mark.parametrize("label", range(10))
def test_a_digit_is_drawn_whole_with_margins_and_its_strokes_hang_together(label):
    rng = np.random.default_rng(label)
    pieces = []
    for _ in range(30):
        inside = stroke_digit(label, rng)
        assert set(np.unique(inside)) == {0, 1}
        border = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
        assert not border.any()
        pieces.append(cv2.connectedComponents(inside)[0] - 1)
    assert np.mean(np.array(pieces) == 1) > 0.8  # now and then a bar is put on beside its stem


@pytest.mark.parametrize("label", range(10))
def test_hardly_a_gap_closes_however_broad_the_pen(label):
    """A 3 would become a 9 or an 8, a 5 a 6. A worn pen may wear a hole where strokes cross."""
    rng = np.random.default_rng(label)
    drawn = [stroke_digit(label, rng) for _ in range(60)]
    more = [rings((a_pen(rng)(inside) > 127).astype(np.uint8)) > rings(inside) for inside in drawn]
    assert np.mean(more) < 0.05
    if label in (1, 3, 5):
        assert np.mean([rings(inside) > 0 for inside in drawn]) < 0.15


def test_of_the_two_rings_of_an_8_one_stays_nearly_always():
    rng = np.random.default_rng(0)
    left = [rings((a_pen(rng)(stroke_digit(8, rng)) > 127).astype(np.uint8)) for _ in range(100)]
    assert np.mean(np.array(left) > 0) > 0.95


def test_the_rings_of_a_drawing_are_counted_also_at_its_border():
    eight = np.ones((7, 4), np.uint8)
    eight[1:3, 1:3] = eight[4:6, 1:3] = 0
    assert rings(eight) == 2
    eight[0, 1] = 0
    assert rings(eight) == 1
    assert rings(np.ones((3, 3), np.uint8)) == rings(np.zeros((3, 3), np.uint8)) == 0
