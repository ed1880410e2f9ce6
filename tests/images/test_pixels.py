"""Drawn digits, and from pixels to numbers."""

import numpy as np
import pytest

from byhand.errors import SettingError
from byhand.images import Preprocessing, drawn_digits


def test_the_drawn_digits_are_those_of_the_article():
    digits = drawn_digits()
    assert list(digits) == [7, 1, 4]
    assert all(image.shape == (28, 28) and image.dtype == np.uint8 for image in digits.values())
    assert {digit: int((image > 0).sum()) // 16 for digit, image in digits.items()} == {7: 7, 1: 5, 4: 10}
    rows = [[0, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0, 0], *[[0, 0, 0, 0, 1, 0, 0]] * 4, [0, 0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(digits[7][::4, ::4], np.array(rows) * 255)


@pytest.mark.parametrize("wrong", [(0.0, 0.0), (float("nan"), 0.0), (1.0, float("inf"))])
def test_preprocessing_refuses_numbers_that_make_no_sense(wrong):
    with pytest.raises(SettingError):
        Preprocessing(*wrong)
