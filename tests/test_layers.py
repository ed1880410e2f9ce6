import numpy as np
import pytest

from byhand.errors import SettingError
from byhand.initial import INITIALS, glorot
from byhand.layers import LAYERS, Dense, Dropout, Flatten, Parameters, ReLU, Sigmoid, Tanh
from byhand.scratch import Slot

NONE = Parameters({})


def dense_with(inputs=4, outputs=3, initial=glorot):
    layer = Dense(inputs, outputs)
    p = Parameters({name: np.zeros(shape) for name, shape in layer.parameters().items()})
    layer.initialize(p, initial, np.random.default_rng(0))
    return layer, p


def test_dense_is_a_weighted_sum_plus_a_bias():
    layer, p = dense_with()
    p.b[:] = [1, 2, 3]
    x = np.random.default_rng(1).standard_normal((5, 4))
    expected = [[sum(x[i, k] * p.W[k, j] for k in range(4)) + p.b[j] for j in range(3)] for i in range(5)]
    np.testing.assert_allclose(layer.forward(x, p, Slot(np.float64)), expected)


@pytest.mark.parametrize(
    ("layer", "function"),
    [(Sigmoid(), lambda x: 1 / (1 + np.exp(-x))), (Tanh(), np.tanh), (ReLU(), lambda x: np.maximum(x, 0))],
)
def test_an_activation_applies_its_function_to_each_number(layer, function):
    x = np.random.default_rng(0).standard_normal((3, 2, 4))
    np.testing.assert_allclose(layer.forward(x, NONE, Slot(np.float64)), function(x))


def test_flatten_shows_the_same_memory_in_rows():
    x = np.arange(24.0).reshape(2, 3, 4)
    slot = Slot(np.float64)
    y = Flatten().forward(x, NONE, slot)
    assert y.shape == (2, 12)
    assert np.shares_memory(x, y)
    np.testing.assert_array_equal(Flatten().backward(y, NONE, slot), x)


def test_flatten_takes_a_batch_of_no_images():
    assert Flatten().forward(np.zeros((0, 3, 4)), NONE, Slot(np.float64)).shape == (0, 12)


def test_dropout_does_nothing_when_the_network_is_asked():
    x = np.ones((3, 4))
    assert Dropout(0.5).forward(x, NONE, Slot(np.float64)) is x
    assert Dropout(0.5).backward(x, NONE, Slot(np.float64)) is x


def test_dropout_silences_its_share_and_keeps_the_mean():
    y = Dropout(0.3).forward(np.ones((100, 1000)), NONE, Slot(np.float64, np.random.default_rng(0)))
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)


def test_dropout_sends_gradients_back_only_where_numbers_went_forward():
    slot = Slot(np.float64, np.random.default_rng(0))
    y = Dropout(0.5).forward(np.ones((4, 6)), NONE, slot)
    np.testing.assert_array_equal(Dropout(0.5).backward(np.ones((4, 6)), NONE, slot), y)


def test_dropout_draws_anew_at_each_step():
    slot = Slot(np.float64, np.random.default_rng(0))
    first = Dropout(0.5).forward(np.ones((4, 60)), NONE, slot).copy()
    assert (Dropout(0.5).forward(np.ones((4, 60)), NONE, slot) != first).any()


@pytest.mark.parametrize("kind", [Sigmoid(), Tanh(), ReLU(), Dropout(0.5)])
def test_layers_write_into_the_same_memory_at_each_step(kind):
    slot = Slot(np.float64, np.random.default_rng(0))
    x = np.ones((4, 3))
    y = kind.forward(x, NONE, slot)
    dx = kind.backward(x, NONE, slot)
    assert kind.forward(x, NONE, slot) is y
    assert kind.backward(x, NONE, slot) is dx


def test_a_smaller_batch_uses_the_front_of_the_same_memory():
    layer, p = dense_with()
    slot = Slot(np.float64)
    whole = layer.forward(np.ones((8, 4)), p, slot)
    part = layer.forward(np.ones((3, 4)), p, slot)
    assert part.shape == (3, 3)
    assert part.__array_interface__["data"][0] == whole.__array_interface__["data"][0]


def test_a_larger_batch_gets_larger_memory():
    slot = Slot(np.float64)
    slot.buffer("y", (2, 3))[:] = 1
    assert slot.buffer("y", (20, 3)).shape == (20, 3)
    assert slot.buffer("y", (2, 3)).base is slot.buffer("y", (20, 3)).base


def test_a_buffer_keeps_what_was_written_to_it():
    slot = Slot(np.float32)
    slot.buffer("mask", (2, 3))[:] = 7
    np.testing.assert_array_equal(slot.buffer("mask", (2, 3)), np.full((2, 3), 7))
    assert slot.buffer("other", (2, 3), np.uint8).dtype == np.uint8


@pytest.mark.parametrize("initial", INITIALS.values(), ids=INITIALS)
def test_initial_values_fill_their_bounds_and_no_more(initial):
    _, p = dense_with(200, 100, initial)
    bounds = initial(200, 100)
    assert 0.99 * bounds.weights < np.abs(p.W).max() <= bounds.weights
    assert np.abs(p.b).max() <= bounds.biases
    assert p.W.std() == pytest.approx(bounds.weights / np.sqrt(3), rel=0.02)


def test_initial_bounds_follow_their_formulas():
    assert INITIALS["article"](784, 128) == (1 / np.sqrt(784 * 128), 0)
    assert INITIALS["glorot"](784, 128) == (np.sqrt(6 / 912), 0)
    assert INITIALS["he"](784, 128) == (np.sqrt(6 / 784), 0)
    assert INITIALS["pytorch"](784, 128) == (1 / 28, 1 / 28)


@pytest.mark.parametrize(
    "wrong", [lambda: Dense(0, 3), lambda: Dense(3, -1), lambda: Dropout(1.0), lambda: Dropout(-0.1)]
)
def test_sizes_and_chances_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingError):
        wrong()


def test_a_dense_layer_refuses_inputs_of_another_shape():
    with pytest.raises(SettingError, match="784 inputs"):
        Dense(784, 10).output_shape((28, 28))


def test_layers_are_known_by_their_own_names():
    assert all(name == kind.__name__ for name, kind in LAYERS.items())
