import numpy as np
import pytest
from helpers import random_numbers
from hypothesis import given
from hypothesis import strategies as st

from byhand.errors import SettingError
from byhand.initial import glorot
from byhand.layers import BatchNorm, Conv2d, Dense, Flatten
from byhand.network import Network, Workspace
from byhand.scratch import Slot


def training():
    return Slot(np.float64, np.random.default_rng(0))


def some(*shape, seed=1):
    """Numbers with another mean and spread in every channel."""
    x = np.random.default_rng(seed).standard_normal(shape)
    return 3 + np.arange(shape[-1]) + x * (2 + np.arange(shape[-1]))


@given(st.lists(st.integers(1, 4), max_size=2), st.integers(3, 6), st.integers(1, 4))
def test_in_training_every_channel_comes_out_with_mean_beta_and_deviation_gamma(places, batch, channels):
    layer, x = BatchNorm(channels), some(batch, *places, channels)
    p = random_numbers(layer)
    y = layer.forward(x, p, training()).reshape(-1, channels)
    np.testing.assert_allclose(y.mean(axis=0), p.beta, atol=1e-12)
    variance = x.reshape(-1, channels).var(axis=0)
    np.testing.assert_allclose(y.std(axis=0), np.abs(p.gamma) * np.sqrt(variance / (variance + 1e-5)))


def test_a_batch_of_one_number_a_channel_comes_out_as_beta_and_breaks_nothing():
    layer, slot = BatchNorm(3), training()
    p = random_numbers(layer)
    np.testing.assert_array_equal(layer.forward(some(1, 3), p, slot), [p.beta])
    np.testing.assert_array_equal(layer.backward(np.ones((1, 3)), p, slot), np.zeros((1, 3)))
    layer.observe(p, slot)
    assert np.isfinite([p.mean, p.variance]).all()


def test_in_float32_a_large_mean_does_not_drown_the_variance():
    x = (100 + np.random.default_rng(0).standard_normal((64, 28, 28, 2))).astype(np.float32)
    layer, slot = BatchNorm(2), Slot(np.float32, np.random.default_rng(0))
    layer.forward(x, random_numbers(layer), slot)
    np.testing.assert_allclose(slot.buffer("variance", (2,)), x.var(axis=(0, 1, 2), dtype=float), rtol=1e-4)


def test_running_statistics_move_towards_those_of_the_batch_the_variance_without_bias():
    layer, x, slot = BatchNorm(2, momentum=0.25), some(5, 3, 4, 2), training()
    p = random_numbers(layer)
    mean, variance = p.mean.copy(), p.variance.copy()
    layer.forward(x, p, slot)
    layer.observe(p, slot)
    np.testing.assert_allclose(p.mean, 0.75 * mean + 0.25 * x.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(p.variance, 0.75 * variance + 0.25 * x.var(axis=(0, 1, 2), ddof=1))


def test_training_alone_changes_no_statistics_before_they_are_observed():
    layer, slot = BatchNorm(2), training()
    p = random_numbers(layer)
    before = {name: array.copy() for name, array in vars(p).items()}
    y = layer.forward(some(5, 2), p, slot)
    layer.backward(y, p, slot)
    for name, array in vars(p).items():
        np.testing.assert_array_equal(array, before[name])


def test_asked_it_uses_the_running_statistics_and_leaves_them_alone():
    layer, x, slot = BatchNorm(3), some(5, 2, 3), Slot(np.float64)
    p = random_numbers(layer)
    before = p.mean.copy(), p.variance.copy()
    y = layer.forward(x, p, slot)
    scale = p.gamma / np.sqrt(p.variance + 1e-5)
    np.testing.assert_allclose(y, (x - p.mean) * scale + p.beta)
    dy = some(5, 2, 3, seed=2)
    np.testing.assert_allclose(layer.backward(dy, p, slot), dy * scale)
    np.testing.assert_array_equal([p.mean, p.variance], before)


def test_asked_an_answer_does_not_depend_on_the_other_examples():
    layer, x = BatchNorm(3), some(5, 3)
    p = random_numbers(layer)
    whole = layer.forward(x, p, Slot(np.float64))
    np.testing.assert_array_equal(layer.forward(x[2:3], p, Slot(np.float64)), whole[2:3])


def test_at_first_it_changes_nothing_that_has_mean_0_and_variance_1():
    network = Network([BatchNorm(4)], (4,), np.float64)
    network.initialize(glorot, np.random.default_rng(0))
    x = some(5, 4)
    np.testing.assert_allclose(network.forward(x, Workspace(network)), x, rtol=1e-5)


def test_a_bias_before_it_is_of_no_use():
    network = Network([Conv2d(1, 3, 3), BatchNorm(3), Flatten(), Dense(48, 2)], (6, 6), np.float64)
    network.initialize(glorot, np.random.default_rng(0))
    workspace, x = Workspace(network, np.random.default_rng(0)), some(5, 6, 6)
    before = network.forward(x, workspace).copy()
    network.backward(np.random.default_rng(0).standard_normal((5, 2)), workspace)
    np.testing.assert_allclose(workspace.dparameters[0].b, 0, atol=1e-12)
    network.parameters[0].b += [1, 2, 3]
    np.testing.assert_allclose(network.forward(x, workspace), before)


def test_statistics_stand_behind_theta_where_no_optimizer_reaches_them():
    network = Network([BatchNorm(4), Dense(4, 3)], (4,), np.float64)
    assert network.theta.size == 8 + 15
    assert network.numbers.size == network.theta.size + 8
    network.theta.fill(5)
    assert not network.parameters[0].mean.any()
    network.parameters[0].variance.fill(7)
    np.testing.assert_array_equal(network.numbers[-4:], np.full(4, 7))
    assert set(vars(Workspace(network).dparameters[0])) == {"gamma", "beta"}


@pytest.mark.parametrize(
    "settings", [(0,), (3, 0.0), (3, 1.5), (3, -0.1), (3, 0.1, 0.0), (3, 0.1, -1e-5), (3, float("nan"))]
)
def test_numbers_that_make_no_sense_are_refused(settings):
    with pytest.raises(SettingError):
        BatchNorm(*settings)


@pytest.mark.parametrize("shape", [(), (4,), (3, 4)])
def test_shapes_that_do_not_fit_are_refused(shape):
    with pytest.raises(SettingError, match="3 channels"):
        BatchNorm(3).output_shape(shape)
