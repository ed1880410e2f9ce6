"""Drawn digits, and from pixels to numbers."""

import numpy as np
import pytest

from byhand.errors import SettingError
from byhand.functions import softmax
from byhand.images import Preprocessing, drawn_digits
from byhand.images.pixels import turned
from byhand.initial import glorot
from byhand.layers import Dense, Flatten
from byhand.network import SURE, Network, ask


def test_the_drawn_digits_are_those_of_the_article():
    digits = drawn_digits()
    assert list(digits) == [7, 1, 4]
    assert all(image.shape == (28, 28) and image.dtype == np.uint8 for image in digits.values())
    assert {digit: int((image > 0).sum()) // 16 for digit, image in digits.items()} == {7: 7, 1: 5, 4: 10}
    rows = [[0, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0, 0], *[[0, 0, 0, 0, 1, 0, 0]] * 4, [0, 0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(digits[7][::4, ::4], np.array(rows) * 255)


@pytest.mark.parametrize(
    "wrong", [(0.0, 0.0), (float("nan"), 0.0), (1.0, float("inf")), (1.0, 0.0, -1.0), (1.0, 0.0, 90.0)]
)
def test_preprocessing_refuses_numbers_that_make_no_sense(wrong):
    with pytest.raises(SettingError):
        Preprocessing(*wrong)


@pytest.mark.parametrize("shape", [(3, 28, 28), (2, 9, 12, 3), (1, 8, 8, 1)])
def test_turned_by_a_quarter_is_turned_as_numpy_does_and_there_and_back_is_nearly_the_same(shape):
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    if shape[1] == shape[2]:
        np.testing.assert_array_equal(turned(images, 90), np.rot90(images, axes=(1, 2)))
    np.testing.assert_array_equal(turned(images, 0), images)
    smooth = np.full_like(images, 100)
    middle = (slice(None), slice(3, -3), slice(3, -3))
    np.testing.assert_allclose(turned(turned(smooth, 8), -8)[middle], 100, atol=1)


def test_a_network_that_is_to_look_three_times_answers_the_mean_of_its_logits():
    rng = np.random.default_rng(0)
    network = Network([Flatten(), Dense(64, 3)], (8, 8))
    network.initialize(glorot, rng)
    images = rng.integers(0, 256, (300, 8, 8)).astype(np.uint8)
    once, often = Preprocessing(), Preprocessing(turn=10)
    looks = [ask(network, turned(images, degrees), once) for degrees in (0, 10, -10)]
    np.testing.assert_allclose(ask(network, images, often), np.mean(looks, axis=0), rtol=1e-5)


def test_an_image_that_is_sure_at_first_sight_is_looked_at_once():
    rng = np.random.default_rng(0)
    network = Network([Flatten(), Dense(64, 3)], (8, 8))
    network.initialize(glorot, rng)
    network.theta *= 8
    images = rng.integers(0, 256, (300, 8, 8)).astype(np.uint8)
    once, often = (ask(network, images, prepare) for prepare in (Preprocessing(), Preprocessing(turn=10)))
    sure = softmax(once).max(axis=1) >= SURE
    assert 30 < sure.sum() < 270
    np.testing.assert_array_equal((once == often).all(axis=1), sure)
