"""What holds for every layer, however its numbers lie in memory and whatever was there before."""

import tracemalloc
from itertools import permutations

import numpy as np
import pytest
from helpers import random_numbers

from byhand.gradcheck import LAYER_CASES
from byhand.initial import glorot
from byhand.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Parameters,
    ReLU,
)
from byhand.losses import cross_entropy
from byhand.network import Network, Workspace
from byhand.scratch import Slot

CASES = [pytest.param(*case, id=str(case)) for cases in LAYER_CASES.values() for case in cases]
layers = pytest.mark.parametrize(("layer", "shape"), CASES)


def numbers(*shape, seed=1):
    return np.random.default_rng(seed).standard_normal(shape)


def all_of(layer, x, dy, slot):
    """Copies of y, dx and the gradients with respect to the parameters; dy as it is, or drawn for y."""
    slot.rng = np.random.default_rng(7)
    p = random_numbers(layer)
    dp = Parameters({name: np.full(shape, np.nan) for name, shape in layer.parameters().items()})
    y = layer.forward(x, p, slot)
    results = {"y": y.copy()}
    dy = dy(y)
    layer.gradients(dy, dp, slot)
    return results | {"dx": layer.backward(dy, p, slot).copy()} | vars(dp)


def in_memory_order(x, order):
    """A copy of x whose axes lie in memory in this order."""
    return x.transpose(order).copy().transpose(np.argsort(order))


@layers
def test_a_layer_gives_the_same_in_whatever_order_x_and_dy_lie_in_memory(layer, shape):
    if isinstance(layer, Dropout):
        layer = Dropout(0.0)  # where chance strikes does follow the order
    x = numbers(3, *shape)
    expected = all_of(layer, x, lambda y: numbers(*y.shape), Slot(np.float64))
    for order in permutations(range(x.ndim)):
        for dy_order in permutations(range(expected["y"].ndim)):
            found = all_of(
                layer,
                in_memory_order(x, order),
                lambda y, order=dy_order: in_memory_order(numbers(*y.shape), order),
                Slot(np.float64),
            )
            for name, array in expected.items():
                np.testing.assert_allclose(found[name], array, rtol=1e-12, atol=1e-12, err_msg=name)


@layers
def test_a_layer_gives_the_same_for_a_part_of_a_larger_array(layer, shape):
    x = numbers(3, *(2 * side for side in shape))[:, *(slice(side) for side in shape)]
    if isinstance(layer, Dropout):
        layer = Dropout(0.0)
    expected = all_of(layer, x.copy(), lambda y: numbers(*y.shape), Slot(np.float64))
    found = all_of(layer, x, lambda y: numbers(*y.shape), Slot(np.float64))
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-12, atol=1e-12, err_msg=name)


@layers
@pytest.mark.parametrize("order", ["batch first", "batch last"])
def test_a_batch_after_others_gives_what_it_gives_alone(layer, shape, order):
    slot = Slot(np.float64)
    for step, batch in enumerate([5, 2, 5, 1, 7]):
        x = numbers(batch, *shape, seed=step)
        if order == "batch last":
            x = in_memory_order(x, [*range(1, x.ndim), 0])
        found = all_of(layer, x, lambda y: numbers(*y.shape), slot)
        alone = all_of(layer, x, lambda y: numbers(*y.shape), Slot(np.float64))
        for name, array in alone.items():
            np.testing.assert_array_equal(found[name], array, err_msg=name)


@layers
def test_a_layer_leaves_its_inputs_alone(layer, shape):
    x, slot = numbers(3, *shape), Slot(np.float64, np.random.default_rng(0))
    p, kept = random_numbers(layer), x.copy()
    y = layer.forward(x, p, slot)
    dy = numbers(*y.shape)
    kept_y, kept_dy = y.copy(), dy.copy()
    layer.gradients(dy, Parameters({n: np.empty(s) for n, s in layer.parameters().items()}), slot)
    layer.backward(dy, p, slot)
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(y, kept_y)
    np.testing.assert_array_equal(dy, kept_dy)


@layers
def test_a_layer_keeps_the_type_of_its_numbers(layer, shape):
    slot = Slot(np.float32, np.random.default_rng(0))
    x = numbers(3, *shape).astype(np.float32)
    p = Parameters({n: array.astype(np.float32) for n, array in vars(random_numbers(layer)).items()})
    y = layer.forward(x, p, slot)
    assert y.dtype == layer.backward(y, p, slot).dtype == np.float32
    assert y.shape == (3, *layer.output_shape(shape))


def test_an_array_like_another_lies_in_memory_as_the_other_does():
    for order in permutations(range(3)):
        x = in_memory_order(numbers(2, 3, 4), order)
        like = Slot(np.float64).buffer_like("like", x)
        assert (like.shape, like.strides) == (x.shape, x.strides)


@pytest.mark.parametrize("size", [1, 2])
def test_an_array_like_another_is_found_again_with_what_was_written_to_it(size):
    slot = Slot(np.float64)
    for order in permutations(range(4)):
        x = in_memory_order(numbers(size, 3, 1, 4), order)
        written = slot.buffer_like("like", x)
        written[...] = x
        np.testing.assert_array_equal(slot.buffer_like("like", x), x)
        np.testing.assert_array_equal(slot.buffer_like("like", written), x)


def convolutional():
    layers = [
        Conv2d(1, 8, 5, padding=2),
        BatchNorm(8),
        ReLU(),
        MaxPool2d(2),
        Conv2d(8, 12, 3, stride=2, padding=1),
        ReLU(),
        Dropout(0.2),
        AveragePool2d(2),
        Flatten(),
        Dense(108, 10),
    ]
    network = Network(layers, (28, 28))
    network.initialize(glorot, np.random.default_rng(0))
    return network


def test_a_training_step_of_a_convolutional_network_takes_no_new_memory():
    network = convolutional()
    workspace = Workspace(network, np.random.default_rng(0))
    x, labels = numbers(64, 28, 28).astype(np.float32), np.arange(64) % 10

    def step(batch):
        _, dlogits = cross_entropy(network.forward(x[:batch], workspace), labels[:batch], workspace.loss)
        network.backward(dlogits, workspace)
        network.observe(workspace)

    step(64)
    step(37)  # the last batch of an epoch
    tracemalloc.start()
    step(64)
    step(37)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    step(64)
    step(37)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now - before < 4_000
    # NumPy changes types 8,192 numbers at a time; the batch of images is 200,704 bytes
    assert peak - before < 150_000
