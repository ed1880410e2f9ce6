from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from byhand.arrays import CACHE_LINE
from byhand.errors import SettingError
from byhand.images import Preprocessing
from byhand.initial import glorot
from byhand.layers import AveragePool2d, Conv2d, Dense, Dropout, Flatten, MaxPool2d, ReLU, Sigmoid, Tanh
from byhand.network import Network, Workspace, ask
from byhand.optimizers import SGD


def make(dtype=np.float64):
    network = Network([Flatten(), Dense(12, 8), Tanh(), Dense(8, 3)], (4, 3), dtype)
    network.initialize(glorot, np.random.default_rng(0))
    return network


def test_every_parameter_is_a_view_into_theta():
    network = make()
    views = [view for p in network.parameters for view in vars(p).values()]
    assert all(np.shares_memory(view, network.theta) for view in views)
    assert sum(view.size for view in views) == network.theta.size == 12 * 8 + 8 + 8 * 3 + 3
    network.theta[:] = np.arange(network.theta.size)
    np.testing.assert_array_equal(np.concatenate([view.ravel() for view in views]), network.theta)


def test_gradients_are_views_into_the_workspaces_gradient_even_after_training_steps():
    network = make()
    workspace = Workspace(network)
    for _ in range(3):
        network.forward(np.ones((2, 4, 3)), workspace)
        network.backward(np.ones((2, 3)), workspace)
    views = [view for p in workspace.dparameters for view in vars(p).values()]
    assert all(np.shares_memory(view, workspace.gradient) for view in views)
    assert (workspace.gradient != 0).any()


def test_parameters_gradient_moments_and_scratch_begin_where_a_cache_line_begins():
    network = make()
    workspace = Workspace(network)
    state = SGD(0.9).start(network.theta)
    kept = [network.theta, workspace.gradient, state.first, state.second, state.scratch]
    kept += [workspace.inputs.buffer("x", (size, 7)) for size in (3, 5, 8)]
    assert [array.ctypes.data % CACHE_LINE for array in kept] == [0] * len(kept)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_keep_the_networks_dtype_throughout(dtype):
    network = make(dtype)
    workspace = Workspace(network)
    logits = network.forward(np.ones((2, 4, 3), dtype), workspace)
    network.backward(logits, workspace)
    assert logits.dtype == workspace.gradient.dtype == network.theta.dtype == dtype


def test_the_gradient_below_the_first_trained_layer_is_never_computed():
    @dataclass(frozen=True)
    class Untouchable(Tanh):
        def backward(self, dy, p, slot):
            raise AssertionError("nobody needs this")

    network = Network([Untouchable(), Dense(3, 2)], (3,), np.float64)
    workspace = Workspace(network)
    network.backward(network.forward(np.ones((2, 3)), workspace), workspace)


def test_two_threads_get_the_answers_that_one_gets():
    network = make()
    inputs = [np.random.default_rng(i).standard_normal((50, 4, 3)) for i in range(8)]
    alone = [network.forward(x, Workspace(network)).copy() for x in inputs]

    def many(i):
        workspace = Workspace(network)
        return [network.forward(inputs[i], workspace).copy() for _ in range(100)]

    with ThreadPoolExecutor(8) as pool:
        for expected, got in zip(alone, pool.map(many, range(8)), strict=True):
            assert all((result == expected).all() for result in got)


def test_asking_during_training_changes_no_gradient():
    network = make()
    training, asking = Workspace(network), Workspace(network)
    x, dlogits = np.ones((2, 4, 3)), np.ones((2, 3))
    network.forward(x, training)
    network.backward(dlogits, training)
    expected = training.gradient.copy()
    network.forward(x, training)
    network.forward(-5 * x, asking)
    network.backward(dlogits, training)
    np.testing.assert_array_equal(training.gradient, expected)


def test_ask_answers_for_every_image_whatever_the_batch_size():
    network = make()
    images = np.random.default_rng(0).integers(0, 256, (23, 4, 3)).astype(np.uint8)
    whole = network.forward(images / 255, Workspace(network))
    for batch_size in (1, 7, 23, 500):
        np.testing.assert_allclose(ask(network, images, Preprocessing(), batch_size), whole, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    images=arrays(np.float32, (3, 7, 6, 2), elements=st.sampled_from([-2.0, -1.0, -0.5, 0.5, 1.0])),
    seed=st.integers(0, 99),
    size=st.integers(1, 3),
)
def test_relu_after_the_max_pooling_that_follows_it_changes_no_bit(images, seed, size):
    """However many numbers of a square are equal, or below 0."""
    rng = np.random.default_rng(seed)
    layers = [Conv2d(2, 2, 1), ReLU(), MaxPool2d(size), Flatten()]
    shape = (7, 6, 2)
    for layer in layers:
        shape = layer.output_shape(shape)
    network = Network([*layers, Dense(*shape, 3)], (7, 6, 2))
    network.theta[:] = rng.integers(-2, 3, network.theta.size)
    workspace = Workspace(network)
    logits = network.forward(images, workspace)
    dlogits = rng.integers(-2, 3, logits.shape).astype(np.float32)
    network.backward(dlogits, workspace)

    textbook = Workspace(network)
    textbook.stages = list(zip(network.layers, network.parameters, textbook.slots, range(5), strict=True))
    np.testing.assert_array_equal(network.forward(images, textbook), logits)
    network.backward(dlogits, textbook)
    np.testing.assert_array_equal(textbook.gradient, workspace.gradient)
    np.testing.assert_array_equal(
        network.input_gradient(dlogits, textbook), network.input_gradient(dlogits, workspace)
    )


def test_relu_comes_after_the_max_pooling_that_follows_it_and_after_no_other_layer():
    layers = [ReLU(), AveragePool2d(2), ReLU(), MaxPool2d(2), Sigmoid(), MaxPool2d(2), Flatten(), ReLU()]
    network = Network(layers, (8, 8, 1))
    assert kinds(network) == "ReLU AveragePool2d MaxPool2d ReLU Sigmoid MaxPool2d Flatten ReLU"


def kinds(network):
    """Names of what works, in order."""
    return " ".join(type(layer).__name__ for layer, *_ in Workspace(network).stages)


def test_a_convolution_at_the_beginning_and_its_pooling_work_as_one():
    layers = [Conv2d(1, 2, 3), ReLU(), MaxPool2d(2), Conv2d(2, 2, 3), MaxPool2d(2), Flatten()]
    assert kinds(Network(layers, (14, 14))) == "PooledConv2d ReLU Conv2d MaxPool2d Flatten"
    assert kinds(Network(layers[3:], (14, 14, 2))) == "PooledConv2d Flatten"
    for pool in (MaxPool2d(1), AveragePool2d(2)):
        network = Network([Conv2d(1, 2, 3), pool, Flatten()], (14, 14))
        assert kinds(network) == f"Conv2d {type(pool).__name__} Flatten"


def test_dropout_works_only_in_a_workspace_that_trains():
    network = Network([Dense(3, 50), Dropout(0.5), ReLU(), Dense(50, 2)], (3,), np.float64)
    network.initialize(glorot, np.random.default_rng(0))
    x = np.ones((1, 3))
    asked = network.forward(x, Workspace(network)).copy()
    np.testing.assert_array_equal(network.forward(x, Workspace(network)), asked)
    assert (network.forward(x, Workspace(network, np.random.default_rng(0))) != asked).any()


def test_inputs_of_a_million_give_finite_answers():
    network = Network([Dense(3, 4), Sigmoid(), Dense(4, 2)], (3,))
    network.initialize(glorot, np.random.default_rng(0))
    assert np.isfinite(network.forward(np.array([[1e6, -1e6, 1e6]], np.float32), Workspace(network))).all()


@pytest.mark.parametrize(
    "layers",
    [[Dense(784, 10)], [Flatten(), Dense(783, 10)], [Flatten(), Dense(784, 5), Dense(6, 10)], [Sigmoid()]],
)
def test_layers_that_do_not_fit_together_are_refused(layers):
    with pytest.raises(SettingError):
        Network(layers, (28, 28))


def test_preprocessing_scales_and_shifts_every_pixel():
    images = np.array([[[0, 255]]], np.uint8)
    workspace = Workspace(make())
    np.testing.assert_allclose(Preprocessing(1 / 255, 0.5)(images, workspace.inputs), [[[-0.5, 0.5]]])
