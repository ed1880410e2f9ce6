"""Digits drawn stroke by stroke."""

import cv2
import numpy as np
import pytest

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
