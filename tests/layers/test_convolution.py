import numpy as np
import pytest
from helpers import random_numbers
from hypothesis import given, settings
from hypothesis import strategies as st

from byhand.errors import SettingError
from byhand.gradcheck import check_layer
from byhand.initial import he
from byhand.layers import Conv2d, Parameters
from byhand.scratch import Slot


@st.composite
def convolutions(draw):
    """A convolution with the shape of a picture that it fits into."""
    size, stride = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    padding = draw(st.integers(0, size - 1))
    layer = Conv2d(draw(st.integers(1, 3)), draw(st.integers(1, 3)), size, stride, padding)
    sides = st.integers(max(1, size - 2 * padding), 8)
    return layer, (draw(sides), draw(sides), layer.inputs)


def place_by_place(layer, x, p):
    """The definition, number by number."""
    y = np.zeros((len(x), *layer.output_shape(x.shape[1:])))
    for n, h, w, o in np.ndindex(y.shape):
        y[n, h, w, o] = p.b[o]
        for i, c, j in np.ndindex(p.W.shape[1:]):
            row, column = layer.stride * h + i - layer.padding, layer.stride * w + j - layer.padding
            if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                y[n, h, w, o] += p.W[o, i, c, j] * x[n, row, column, c]
    return y


@given(convolutions(), st.integers(1, 3))
def test_a_convolution_is_a_weighted_sum_at_every_place(case, batch):
    layer, shape = case
    x, p = np.random.default_rng(1).standard_normal((batch, *shape)), random_numbers(layer)
    y = layer.forward(x, p, Slot(np.float64))
    np.testing.assert_allclose(y, place_by_place(layer, x, p), atol=1e-12)


@settings(max_examples=40)
@given(convolutions(), st.integers(1, 3))
def test_its_gradients_are_right_for_every_size_stride_and_padding(case, batch):
    errors = check_layer(*case, batch, np.random.default_rng(0))
    assert set(errors) == {"x", "W", "b"}
    assert max(errors.values()) < 1e-6


def test_greys_are_pictures_of_one_channel():
    layer = Conv2d(1, 2, 3, stride=2, padding=1)
    x, p = np.random.default_rng(0).standard_normal((3, 6, 5)), random_numbers(layer)
    grey, colour = Slot(np.float64), Slot(np.float64)
    y = layer.forward(x, p, grey).copy()
    np.testing.assert_array_equal(y, layer.forward(x[..., None], p, colour))
    dx = layer.backward(y, p, grey)
    assert dx.shape == x.shape
    np.testing.assert_array_equal(dx, layer.backward(y, p, colour)[..., 0])


def test_a_kernel_as_large_as_the_picture_is_a_dense_layer():
    layer = Conv2d(2, 3, 4)
    x, p = np.random.default_rng(0).standard_normal((5, 4, 4, 2)), random_numbers(layer)
    W = p.W.transpose(1, 3, 2, 0).reshape(-1, 3)
    y = layer.forward(x, p, Slot(np.float64))
    np.testing.assert_allclose(y.reshape(5, 3), x.reshape(5, -1) @ W + p.b)


def test_a_picture_moved_by_a_stride_gives_an_output_moved_by_one():
    layer = Conv2d(1, 2, 3, stride=2)
    x, p = np.zeros((1, 11, 11)), random_numbers(layer)
    x[0, 2:5, 2:5] = np.random.default_rng(0).standard_normal((3, 3))
    y = layer.forward(x, p, Slot(np.float64)).copy()
    moved = layer.forward(np.roll(x, (4, 2), (1, 2)), p, Slot(np.float64))
    np.testing.assert_allclose(moved, np.roll(y, (2, 1), (1, 2)))


def test_numbers_that_no_place_looks_at_have_no_gradient():
    layer = Conv2d(1, 1, 2, stride=3)  # looks at rows 0, 1, 3, 4 of 6, and not at 2 and 5
    x, p, slot = np.ones((1, 6, 6)), random_numbers(layer), Slot(np.float64)
    dx = layer.backward(np.ones_like(layer.forward(x, p, slot)), p, slot)[0]
    seen = np.isin(np.arange(6), [0, 1, 3, 4])
    np.testing.assert_array_equal(dx != 0, np.outer(seen, seen))


def test_its_initial_bounds_are_of_the_numbers_that_one_place_looks_at():
    layer = Conv2d(8, 100, 5)
    p = Parameters({name: np.zeros(shape) for name, shape in layer.parameters().items()})
    layer.initialize(p, he, np.random.default_rng(0))
    bound = he(8 * 25, 100 * 25).weights
    assert 0.99 * bound < np.abs(p.W).max() <= bound
    assert not p.b.any()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ((0, 1, 3), "inputs"),
        ((1, -2, 3), "outputs"),
        ((1, 1, 0), "size"),
        ((1, 1, 3, 0), "stride"),
        ((1, 1, 3, 1, -1), "padding"),
        ((1, 1, 3, 1, 3), "padding"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(settings, named):
    with pytest.raises(SettingError, match=named):
        Conv2d(*settings)


@pytest.mark.parametrize("shape", [(28,), (28, 28), (28, 28, 3), (2, 28, 28, 2), (2, 28, 2), (28, 2, 2)])
def test_shapes_that_do_not_fit_are_refused(shape):
    with pytest.raises(SettingError):
        Conv2d(2, 4, 3).output_shape(shape)
