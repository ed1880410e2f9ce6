"""Marks on photographed pages."""

import cv2
import numpy as np
import pytest

from byhand.datasets import Examples
from byhand.datasets.photographs import COLUMNS, ROWS, photographed
from byhand.reading import load_reader


@pytest.fixture(scope="module")
def found(small):
    return photographed(small.train, 12, np.random.default_rng(0))


def test_most_of_the_marks_on_a_page_are_found_and_come_in_mnists_form(found):
    images, labels = found
    assert 0.7 * 12 * ROWS * COLUMNS < len(images) <= 12 * ROWS * COLUMNS
    assert images.shape == (len(labels), 28, 28)
    assert images.dtype == np.uint8
    assert (images.max(axis=(1, 2)) > 200).all()


def test_they_are_what_was_written_for_a_reader_reads_most_of_them(found):
    images, labels = found
    assert (load_reader().predict(images) == labels).mean() > 0.9


def test_the_same_seed_takes_the_same_photographs_whatever_the_threads_do(small):
    (one, labels), again, (other, _) = (
        photographed(small.train, 22, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again[0])
    np.testing.assert_array_equal(labels, again[1])
    assert not {image.tobytes() for image in one} & {image.tobytes() for image in other}


def test_what_comes_in_pieces_is_left_out_and_what_is_empty_is_not_waited_for():
    image = np.zeros((28, 28), np.uint8)
    for middle in [(), (6, 22)]:
        for place in middle:
            cv2.circle(image, (place, place), 3, 255, -1)
        marks = Examples(image[np.newaxis], np.array([3]))
        images, labels = photographed(marks, 2, np.random.default_rng(0))
        assert images.shape == (0, 28, 28)
        assert labels.shape == (0,)
