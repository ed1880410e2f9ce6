import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from byhand.datasets import Distort
from byhand.datasets.distortion import resampled, smooth, thickened
from byhand.errors import SettingError

OFF = {"shift": 0, "rotation": 0, "scale": 0, "shear": 0, "thickness": 0, "alpha": 0}
AS_IT_IS = Distort(**OFF)

shapes = st.one_of(
    st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)),
)
pictures = shapes.flatmap(lambda shape: arrays(np.uint8, shape))


class AllTheWay:
    """A source of chance that goes as far as it may, down, to the right, anticlockwise, larger, thicker."""

    def random(self, shape, dtype):
        return np.ones(shape, dtype)


def middle_of_ink(image):
    """Row and column, from the middle of the page, that the ink of an image (H, W) lies around."""
    places = np.indices(image.shape) - (np.array(image.shape).reshape(2, 1, 1) - 1) / 2
    return (places * image).sum(axis=(1, 2)) / image.sum()


def dot(row, column, size=29):
    """Image (1, size, size) of a dot so far from the middle."""
    image = np.zeros((1, size, size), np.uint8)
    image[0, row + size // 2, column + size // 2] = 255
    return image


@given(pictures, st.integers(0, 5))
def test_shape_and_dtype_are_kept_and_the_pictures_given_are_not_touched(images, seed):
    before = images.copy()
    bent = Distort()(images, np.random.default_rng(seed))
    assert bent.shape == images.shape
    assert bent.dtype == np.uint8
    np.testing.assert_array_equal(images, before)
    again = Distort()(images, np.random.default_rng(seed))
    np.testing.assert_array_equal(bent, again)


@given(pictures)
def test_nothing_changes_when_all_is_switched_off(images):
    np.testing.assert_array_equal(AS_IT_IS(images, np.random.default_rng(0)), images)


def test_many_pictures_are_bent_as_well_as_few(small):
    images = small.train.images[:700]  # more than are bent at once
    np.testing.assert_array_equal(AS_IT_IS(images, np.random.default_rng(0)), images)
    assert Distort()(images[:0], np.random.default_rng(0)).shape == (0, 28, 28)


def test_pictures_in_any_memory_layout_are_read_rightly(small):
    images = small.train.images[:6]
    turned = np.ascontiguousarray(images.transpose(2, 1, 0)).transpose(2, 1, 0)
    np.testing.assert_array_equal(
        Distort()(turned, np.random.default_rng(0)), Distort()(images, np.random.default_rng(0))
    )


@pytest.mark.parametrize("name", OFF)
def test_each_setting_alone_changes_each_picture_in_its_own_way(small, name):
    images = np.repeat(small.train.images[:1], 50, axis=0)
    alone = Distort(**OFF | {name: getattr(Distort(), name)})
    bent = alone(images, np.random.default_rng(0))
    assert len(np.unique(bent, axis=0)) == 50


def test_the_ink_stays_on_the_page(small):
    images = small.train.images[:1000]
    bent = Distort()(images, np.random.default_rng(0))
    share = bent.sum(axis=(1, 2)) / images.sum(axis=(1, 2))
    assert 0.95 < share.mean() < 1.05
    assert share.min() > 0.4
    apart = [middle_of_ink(b) - middle_of_ink(a) for a, b in zip(images, bent, strict=True)]
    assert np.abs(np.mean(apart, axis=0)).max() < 0.2
    assert np.abs(apart).max() < 5


@given(st.floats(0, 180), st.integers(-8, 8), st.integers(-8, 8))
def test_a_known_turn_moves_a_dot_where_it_should(degrees, row, column):
    turned = Distort(**OFF | {"rotation": degrees})(dot(row, column), AllTheWay())
    angle = math.radians(degrees)
    right = column * math.cos(angle) + row * math.sin(angle)  # anticlockwise, rows counting down
    down = row * math.cos(angle) - column * math.sin(angle)
    np.testing.assert_allclose(middle_of_ink(turned[0]), [down, right], atol=0.5)


def test_a_quarter_turn_is_exact_up_to_a_grey():
    image = np.random.default_rng(0).integers(0, 256, (1, 7, 7)).astype(np.uint8)
    turned = Distort(**OFF | {"rotation": 90})(image, AllTheWay())
    assert np.abs(turned[0].astype(int) - np.rot90(image[0])).max() <= 1


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"shift": 2}, (-5 + 2, 4 + 2)),
        ({"shift": 1.25}, (-5 + 1.25, 4 + 1.25)),
        ({"scale": 0.5}, (-5 * 1.5, 4 * 1.5)),
        ({"shear": 45}, (-5, 4 - 5)),
        ({"scale": 0.5, "shift": 2}, (-5 * 1.5 + 2, 4 * 1.5 + 2)),
        ({"scale": 0.5, "shear": 45}, (-5 * 1.5, 4 * 1.5 - 5 * 1.5)),
    ],
)
def test_shift_scale_and_shear_move_a_dot_where_they_should(setting, expected):
    moved = Distort(**OFF | setting)(dot(-5, 4), AllTheWay())
    np.testing.assert_allclose(middle_of_ink(moved[0]), expected, atol=0.02)


@settings(max_examples=50)
@given(pictures, st.integers(0, 1000), st.floats(0, 6))
def test_resampling_is_bilinear_interpolation_with_paper_outside(images, seed, far):
    B, H, W = images.shape[:3]
    rng = np.random.default_rng(seed)
    at = np.indices((H, W))[:, np.newaxis] + rng.normal(0, far, (2, B, H, W))
    at = at.astype(np.float32)
    expected = np.zeros(images.shape)
    for b, h, w in np.ndindex(B, H, W):
        for row in range(H):
            for column in range(W):
                share = max(0, 1 - abs(at[0, b, h, w] - row)) * max(0, 1 - abs(at[1, b, h, w] - column))
                expected[b, h, w] += share * images[b, row, column]
    # places are rounded to 1/256 of a pixel: half of that both ways, then half a grey
    np.testing.assert_allclose(resampled(images, at), expected, atol=255 / 512 * 2 + 0.51)


def test_a_pixel_outwards_is_the_darkest_neighbour_and_inwards_the_lightest():
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3)).astype(np.uint8)
    framed = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    around = [images, framed[:, :-2, 1:-1], framed[:, 2:, 1:-1], framed[:, 1:-1, :-2], framed[:, 1:-1, 2:]]
    thick = thickened(images, np.array([1.0, -1.0]))
    np.testing.assert_array_equal(thick[0], np.max(around, axis=0)[0])
    np.testing.assert_array_equal(thick[1], np.min(around, axis=0)[1])
    half = thickened(images, np.array([0.5, 0.0]))
    np.testing.assert_allclose(half[0], (images[0] + np.max(around, axis=0)[0].astype(float)) / 2, atol=1)
    np.testing.assert_array_equal(half[1], images[1])


@pytest.mark.parametrize("sigma", [2.0, 4.0, 6.0])
def test_smoothed_noise_is_as_strong_and_as_smooth_as_a_gaussian_makes_it(sigma):
    M = smooth(28, sigma).astype(float)
    apart = np.arange(28)[:, np.newaxis] - np.arange(28)
    # two Gaussians sigma wide, `apart` from each other, multiplied and summed
    expected = np.exp(-(apart**2) / (4 * sigma**2)) / (2 * math.sqrt(math.pi) * sigma)
    np.testing.assert_allclose(M @ M.T, expected, atol=0.05 * expected.max())


def test_elastic_distortion_moves_the_pixels_by_as_much_as_was_published():
    elastic = Distort(**OFF | {"alpha": 34, "sigma": 4})
    ramp = np.broadcast_to(np.arange(0, 232, 8, dtype=np.uint8), (400, 29, 29))
    moved = elastic(ramp, np.random.default_rng(0))[:, 14, 14] / 8.0 - 14
    # noise from -1 to 1 has variance 1/3, of which smoothing leaves 1 in 4 pi sigma^2
    assert np.std(moved) == pytest.approx(34 / math.sqrt(3 * 4 * math.pi * 4**2), rel=0.1)


@pytest.mark.parametrize("name", ["shift", "rotation", "scale", "shear", "thickness", "alpha", "sigma"])
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_numbers_that_make_no_sense_are_refused(name, value):
    with pytest.raises(SettingError, match=f"{name} .* is {value}; it must be"):
        Distort(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("scale", 1), ("shear", 90), ("thickness", 1.1), ("rotation", 181), ("sigma", 101), ("sigma", 0)],
)
def test_numbers_that_go_too_far_are_refused(name, value):
    with pytest.raises(SettingError, match=f"{name} .* is {value}; it must be"):
        Distort(**{name: value})
    assert Distort(alpha=0, sigma=0).sigma == 0
