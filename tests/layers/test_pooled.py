import tracemalloc

import numpy as np
import pytest
from helpers import random_numbers
from hypothesis import given, settings
from hypothesis import strategies as st

from byhand.gradcheck import check_layer
from byhand.layers import Conv2d, MaxPool2d, Parameters, pooled
from byhand.layers.pooled import PooledConv2d
from byhand.scratch import Slot


@st.composite
def cases(draw):
    """A convolution, a pooling, and the shape of a picture that they fit into; how much is done at a time."""
    size, stride, k = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(2, 3))
    padding = draw(st.integers(0, size - 1))
    layer = Conv2d(draw(st.integers(1, 3)), draw(st.integers(1, 3)), size, stride, padding)
    sides = st.integers(max(1, size + (k - 1) * stride - 2 * padding), 12)
    return PooledConv2d(layer, MaxPool2d(k)), (draw(sides), draw(sides), layer.inputs)


def results(layer, x, p, dy):
    """y, the gradients, and dx; a layer or several."""
    layers = layer if isinstance(layer, list) else [layer]
    slots = [Slot(x.dtype) for _ in layers]
    dp = Parameters({name: np.full(view.shape, np.nan, x.dtype) for name, view in vars(p).items()})
    for one, slot in zip(layers, slots, strict=True):
        x = one.forward(x, p, slot)
    y = x.copy()
    for one, slot in reversed(list(zip(layers, slots, strict=True))):
        one.gradients(dy, dp, slot)
        dy = one.backward(dy, p, slot)
    return {"y": y, "dx": dy} | vars(dp)


@settings(max_examples=60)
@given(cases(), st.integers(1, 3), st.sampled_from([1, 2000, pooled.BAND]), st.integers(0, 99))
def test_it_does_what_a_convolution_and_a_max_pooling_do_to_the_last_bit(case, batch, band, seed):
    """Of whole numbers, which add up exactly in any order, and of which many are equally large."""
    layer, shape = case
    rng = np.random.default_rng(seed)
    x = rng.integers(-1, 2, (batch, *shape)).astype(np.float32)
    numbers = {name: rng.integers(-1, 2, size) for name, size in layer.parameters().items()}
    p = Parameters({name: array.astype(np.float32) for name, array in numbers.items()})
    dy = rng.integers(-3, 4, (batch, *layer.output_shape(shape))).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooled, "BAND", band)
        found = results(layer, x, p, dy)
    expected = results([layer.convolution, layer.pooling], x, p, dy)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


@settings(max_examples=40)
@given(cases(), st.integers(1, 3))
def test_its_gradients_are_right_for_every_size_stride_and_padding(case, batch):
    errors = check_layer(*case, batch, np.random.default_rng(0))
    assert set(errors) == {"x", "W", "b"}
    assert max(errors.values()) < 1e-6


def test_the_convolutions_output_is_never_in_memory_as_a_whole():
    layer, slot = PooledConv2d(Conv2d(1, 16, 5), MaxPool2d(2)), Slot(np.float32)
    x, numbers = np.ones((64, 28, 28), np.float32), random_numbers(layer)
    p = Parameters({name: array.astype(np.float32) for name, array in vars(numbers).items()})
    output = 64 * 24 * 24 * 16 * 4  # bytes
    tracemalloc.start()
    try:
        layer.forward(x, p, slot)
        assert tracemalloc.get_traced_memory()[1] < output
    finally:
        tracemalloc.stop()
