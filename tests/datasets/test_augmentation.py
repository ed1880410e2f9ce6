from itertools import product

import numpy as np
import pytest

from byhand.datasets import Shift


class Drawn:
    """A source of chance that draws what it is told to."""

    def __init__(self, *moves):
        self.moves = moves

    def integers(self, low, high, size, endpoint):
        assert low <= min(self.moves) and max(self.moves) <= high and endpoint
        return np.array(self.moves)


@pytest.mark.parametrize("shape", [(3, 5, 4), (2, 5, 4, 3)])
@pytest.mark.parametrize("moves", list(product(range(-2, 3), repeat=2)))
def test_a_shift_moves_every_picture_and_brings_in_paper(shape, moves):
    images = np.random.default_rng(0).integers(1, 255, shape).astype(np.uint8)
    before = images.copy()
    down, right = moves
    framed = np.pad(images, [(0, 0), (2, 2), (2, 2)] + [(0, 0)] * (len(shape) - 3))
    expected = framed[:, 2 - down : 7 - down, 2 - right : 6 - right]
    np.testing.assert_array_equal(Shift(2)(images, Drawn(*moves)), expected)
    np.testing.assert_array_equal(images, before)


def test_every_move_comes_about_equally_often():
    dot = np.zeros((1, 3, 3), np.uint8)
    dot[0, 1, 1] = 1
    rng = np.random.default_rng(0)
    places = sum(Shift(1)(dot, rng)[0].astype(int) for _ in range(9000))
    assert places.sum() == 9000
    assert np.abs(places - 1000).max() < 120
