"""MNIST's own form: MNIST's images enlarged and brought back are what they were."""

import time

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.errors import SettingError
from byhand.images import PictureForm, mnist_form, mnist_forms
from byhand.images.normal import stroke_width


@pytest.fixture(scope="module")
def some(mnist):
    return mnist.test.images[:300]


def enlarged(images, times):
    return [cv2.resize(image, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC) for image in images]


def softness(images):
    """Median width of the edges in pixels, as byhand.images.normal measures it."""
    widths = []
    for image in images:
        ink = image / 255
        edges = np.hypot(np.diff(ink, axis=0)[:, :-1], np.diff(ink, axis=1)[:-1]).sum()
        widths.append(1.5 * (4 * ink * (1 - ink)).sum() / edges)
    return np.median(widths)


@pytest.mark.parametrize("times", [1, 2, 3, 7, 10])
def test_enlarged_images_come_back_as_they_were(some, times):
    back = mnist_forms(enlarged(some, times))
    assert back.shape == (300, 28, 28)
    assert back.dtype == np.uint8
    # MNIST was centred by whole pixels: that alone makes a difference of up to half a pixel
    assert np.abs(back.astype(int) - some).mean() < 10
    assert abs(softness(back) - softness(some)) < 0.15
    assert abs(back.mean() / some.mean() - 1) < 0.06


def test_the_longer_side_is_20_pixels_and_the_centre_of_mass_in_the_middle(some):
    for image in mnist_forms(enlarged(some, 4)):
        sides = [np.ptp(np.flatnonzero((image > 127).any(axis=axis))) + 1 for axis in (0, 1)]
        assert 19 <= max(sides) <= 21
        total = image.sum(dtype=float)
        assert abs((image.sum(axis=1) @ np.arange(28)) / total - 14) < 0.3
        assert abs((image.sum(axis=0) @ np.arange(28)) / total - 14) < 0.3


@pytest.mark.parametrize(("pen", "width"), [(2, 1.7), (6, None), (60, 4.2)])
def test_thin_pens_are_thickened_and_thick_ones_thinned(pen, width):
    ink = np.zeros((300, 300), np.uint8)
    cv2.line(ink, (150, 50), (150, 250), 255, pen)
    cv2.line(ink, (80, 90), (220, 90), 255, pen)
    found = stroke_width(mnist_form(ink) / np.float32(255))
    assert found == pytest.approx(width, abs=0.6) if width else 1.2 < found < 4.5


@given(
    st.integers(1, 200),
    st.integers(1, 200),
    st.sampled_from([np.uint8, np.float32, np.float64]),
    st.integers(0, 2**32 - 1),
)
def test_any_mark_becomes_an_image(height, width, kind, seed):
    ink = (np.random.default_rng(seed).random((height, width)) < 0.1).astype(kind)
    image = mnist_form(ink)
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.any() == ink.any()


def test_brightness_and_room_around_a_mark_do_not_matter(some):
    big = enlarged(some[:20], 5)
    np.testing.assert_allclose(
        mnist_forms([np.pad(image, 40) for image in big]).astype(int), mnist_forms(big), atol=12
    )
    faint = [image.astype(np.float32) / 1000 for image in big]
    np.testing.assert_allclose(mnist_forms(faint).astype(int), mnist_forms(big), atol=2)


def test_no_marks_make_no_images():
    assert mnist_forms([]).shape == (0, 28, 28)
    assert not mnist_form(np.zeros((5, 5), np.uint8)).any()


def test_the_form_may_be_larger():
    assert mnist_form(np.ones((9, 9), np.uint8), PictureForm(size=40, box=30)).shape == (40, 40)


@pytest.mark.parametrize("wrong", [{"version": 99}, {"box": 30}, {"box": 0}, {"thin": 5.0}, {"thick": 1e400}])
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingError):
        PictureForm(**wrong)


def test_a_shadow_with_a_dark_core_is_brought_into_form_as_quickly_as_any_mark():
    """It is fitted by its core, and then so large that no disc may thin it."""
    shadow = np.full((700, 900), 0.45, np.float32)
    shadow[330:370, 430:470] = 1
    began = time.perf_counter()
    image = mnist_form(shadow)
    assert time.perf_counter() - began < 0.5
    assert image.shape == (28, 28)
    assert image.max() > 200
