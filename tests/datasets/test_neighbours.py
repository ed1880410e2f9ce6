from itertools import pairwise

import cv2
import numpy as np
import pytest

from byhand.datasets.neighbours import touching_parts, written_touching

NONE = 10


@pytest.fixture(scope="module")
def digits(small):
    return small.train.take(np.arange(400))


@pytest.fixture(scope="module")
def parts(digits):
    return touching_parts(digits, 201, NONE, np.random.default_rng(0))


def test_half_of_the_parts_are_digits_and_half_are_none(parts):
    images, labels = parts
    assert images.shape == (201, 28, 28)
    assert (labels == NONE).sum() == 100
    assert set(labels) == set(range(11))


def test_the_same_seed_gives_the_same_parts_whatever_the_threads_do(digits, parts):
    again = touching_parts(digits, 201, NONE, np.random.default_rng(0))
    for one, other in zip(parts, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_parts_that_are_digits_look_like_them_and_the_others_are_less_sure(parts, model):
    """To a network that never saw any part."""
    images, labels = parts
    whole = labels != NONE
    assert (model.predict(images[whole]) == labels[whole]).mean() > 0.6
    sure = model.probabilities(images).max(axis=1)
    assert sure[whole].mean() > sure[~whole].mean() + 0.03


def test_each_digit_of_a_line_touches_the_one_before(digits):
    touching = []
    for seed in range(40):
        line, owners, labels = written_touching(digits, np.random.default_rng(seed))
        assert len(owners) == len(labels) >= 2
        np.testing.assert_array_equal(np.any(owners, axis=0), line > 127)
        for before, after in pairwise(owners):
            assert np.flatnonzero(before.any(axis=0))[0] < np.flatnonzero(after.any(axis=0))[0]
            reach = cv2.dilate(before.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            touching.append((reach & after).any())
    assert np.mean(touching) > 0.95
