import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.errors import SettingError
from byhand.layers import AveragePool2d, MaxPool2d, Parameters
from byhand.scratch import Slot

NONE = Parameters({})
POOLS = pytest.mark.parametrize("pool", [MaxPool2d, AveragePool2d])


@st.composite
def pictures(draw):
    """Size of a square, and pictures with few different numbers, so that ties are common."""
    size = draw(st.integers(1, 4))
    sides = st.integers(size, 9)
    shape = (draw(st.integers(1, 3)), draw(sides), draw(sides), draw(st.integers(1, 3)))
    return size, np.random.default_rng(draw(st.integers(0, 99))).integers(-2, 3, shape).astype(float)


def squares(x, size):
    """Place of each y in (B, H', W', C), with the square of x that it is made of."""
    batch, height, width, channels = x.shape
    for n, h, w, c in np.ndindex(batch, height // size, width // size, channels):
        rows, columns = slice(h * size, (h + 1) * size), slice(w * size, (w + 1) * size)
        yield (n, h, w, c), (n, rows, columns, c)


@given(pictures())
def test_the_largest_of_each_square_goes_on_and_the_first_such_gets_the_gradient(case):
    size, x = case
    slot = Slot(np.float64)
    y = MaxPool2d(size).forward(x, NONE, slot)
    dy = np.random.default_rng(0).standard_normal(y.shape)
    expected_y, expected_dx = np.empty(y.shape), np.zeros(x.shape)
    for place, square in squares(x, size):
        expected_y[place] = x[square].max()
        row, column = np.unravel_index(x[square].argmax(), (size, size))  # argmax gives the first
        expected_dx[square][row, column] = dy[place]
    np.testing.assert_array_equal(y, expected_y)
    np.testing.assert_array_equal(MaxPool2d(size).backward(dy, NONE, slot), expected_dx)


@given(pictures())
def test_the_mean_of_each_square_goes_on_and_all_of_it_shares_the_gradient(case):
    size, x = case
    slot = Slot(np.float64)
    y = AveragePool2d(size).forward(x, NONE, slot)
    dy = np.random.default_rng(0).standard_normal(y.shape)
    expected_y, expected_dx = np.empty(y.shape), np.zeros(x.shape)
    for place, square in squares(x, size):
        expected_y[place] = x[square].mean()
        expected_dx[square] = dy[place] / size**2
    np.testing.assert_allclose(y, expected_y, atol=1e-15)
    np.testing.assert_array_equal(AveragePool2d(size).backward(dy, NONE, slot), expected_dx)


@POOLS
def test_rows_and_columns_that_fill_no_square_get_no_gradient_at_any_step(pool):
    slot = Slot(np.float64)
    for _ in range(2):
        y = pool(3).forward(np.ones((2, 7, 8, 1)), NONE, slot)
        assert y.shape == (2, 2, 2, 1)
        dx = pool(3).backward(np.ones_like(y), NONE, slot)
        assert not dx[:, 6:].any()
        assert not dx[:, :, 6:].any()
        assert dx[:, :6, :6].sum() == pytest.approx(y.size)
        dx.fill(7)  # whatever happens to the memory between two steps


@POOLS
def test_sizes_that_make_no_sense_are_refused(pool):
    with pytest.raises(SettingError, match="at least 1"):
        pool(0)


@POOLS
@pytest.mark.parametrize("shape", [(8,), (8, 8), (2, 8, 1), (8, 2, 1), (1, 8, 8, 1)])
def test_shapes_that_do_not_fit_are_refused(pool, shape):
    with pytest.raises(SettingError, match="room for a square"):
        pool(3).output_shape(shape)
