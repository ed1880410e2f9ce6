import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from byhand.images.quantiles import median, percentile


@given(
    values=arrays(np.float32, array_shapes(min_dims=1, max_dims=3), elements=st.floats(-1, 1, width=32)),
    axis=st.integers(0, 2),
)
def test_a_median_is_numpys(values, axis):
    axis %= values.ndim
    found = median(values, axis)
    np.testing.assert_array_equal(found, np.median(values, axis=axis))
    assert found.dtype == values.dtype


@pytest.mark.parametrize("count", [1, 2, 5, 32])
def test_a_median_leaves_its_numbers_in_order(count):
    values = np.arange(count, 0, -1, np.float32)
    median(values, 0)
    np.testing.assert_array_equal(values, np.arange(count, 0, -1))


@given(
    values=arrays(st.sampled_from([np.float32, np.float64, np.uint8]), array_shapes(max_dims=2, max_side=30)),
    percent=st.floats(0, 100),
)
def test_a_percentile_is_numpys_to_the_last_bit(values, percent):
    if values.dtype.kind == "f":
        values = np.nan_to_num(values) % 1000
    assert percentile(values, percent) == float(np.percentile(values, percent))
