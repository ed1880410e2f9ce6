import inspect
from dataclasses import dataclass

import numpy as np
import pytest

import byhand.layers
from byhand.gradcheck import BATCHES, LAYER_CASES, check_gradients, check_layer, check_loss, check_network
from byhand.initial import glorot
from byhand.layers import (
    LAYERS,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2d,
    ReLU,
    Sigmoid,
)
from byhand.layers.pooled import PooledConv2d
from byhand.losses import LOSSES, cross_entropy, squared_error
from byhand.network import Network

RNG_SEED = 3


def every_final_layer(kind=Layer):
    for sub in kind.__subclasses__():
        if sub.__module__.startswith("byhand.") and not inspect.isabstract(sub):
            yield sub
        yield from every_final_layer(sub)


def test_every_gradient_is_right():
    checks = list(check_gradients())
    assert [check for check in checks if not check.passed] == []
    assert max(check.error for check in checks) < 1e-7


@pytest.mark.parametrize("seed", [7, 20])  # by central differences with one h alone both were wrong
def test_a_kink_within_h_or_a_derivative_of_nearly_0_is_no_error(seed):
    assert [check for check in check_gradients(seed) if not check.passed] == []


def test_no_layer_is_without_a_check_or_a_name():
    final = set(every_final_layer())
    inner = {PooledConv2d}  # what a network makes of two others, and nobody writes down
    assert final == set(LAYER_CASES) == set(LAYERS.values()) | inner
    assert {kind.__name__ for kind in final - inner} <= set(byhand.layers.__all__)


def test_every_parameter_of_every_layer_is_checked():
    subjects = {(check.subject, check.quantity) for check in check_gradients()}
    for kind, cases in LAYER_CASES.items():
        for name in ["x", *cases[0][0].parameters()]:
            assert (kind.__name__, name) in subjects
    assert {(name, "logits") for name in LOSSES} <= subjects


def test_the_checks_are_the_same_each_time():
    assert list(check_gradients()) == list(check_gradients())


@dataclass(frozen=True)
class WrongBias(Dense):
    def gradients(self, dy, dp, slot):
        super().gradients(dy, dp, slot)
        dp.b[0] *= 1.001


@dataclass(frozen=True)
class WrongWeights(Dense):
    def gradients(self, dy, dp, slot):
        super().gradients(dy, dp, slot)
        dp.W /= len(dy) + 1


@dataclass(frozen=True)
class WrongInput(Dense):
    def backward(self, dy, p, slot):
        return super().backward(dy, p, slot) + 1e-4


@dataclass(frozen=True)
class WrongSigmoid(Sigmoid):
    def backward(self, dy, p, slot):
        return dy * slot.y


@dataclass(frozen=True)
class WrongReLU(ReLU):
    def backward(self, dy, p, slot):
        return dy


@dataclass(frozen=True)
class WrongDropout(Dropout):
    def backward(self, dy, p, slot):
        return dy


@dataclass(frozen=True)
class MirroredConv2d(Conv2d):
    def gradients(self, dy, dp, slot):
        super().gradients(dy, dp, slot)
        dp.W[:] = dp.W[:, ::-1].copy()


@dataclass(frozen=True)
class SharingMaxPool2d(MaxPool2d):
    def backward(self, dy, p, slot):
        return dy.repeat(self.size, axis=1).repeat(self.size, axis=2)


@dataclass(frozen=True)
class ForgetfulBatchNorm(BatchNorm):
    """As if the mean and the variance did not depend on x."""

    def backward(self, dy, p, slot):
        return dy * p.gamma / np.sqrt(slot.buffer("variance", p.variance.shape) + self.epsilon)


@pytest.mark.parametrize(
    ("layer", "shape", "quantity"),
    [
        (WrongBias(5, 3), (5,), "b"),
        (WrongWeights(5, 3), (5,), "W"),
        (WrongInput(5, 3), (5,), "x"),
        (WrongSigmoid(), (6,), "x"),
        (WrongReLU(), (6,), "x"),
        (WrongDropout(0.5), (6,), "x"),
        (MirroredConv2d(1, 2, 3), (5, 5, 1), "W"),
        (SharingMaxPool2d(2), (4, 6, 1), "x"),
        (ForgetfulBatchNorm(3), (3,), "x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_wrong_backward_is_caught(layer, shape, quantity):
    errors = check_layer(layer, shape, 4, np.random.default_rng(RNG_SEED))
    assert errors[quantity] > 1e-5
    assert all(error < 1e-6 for name, error in errors.items() if name != quantity)


def article_shortcut(logits, labels, slot):
    """Squared error with the diagonal of softmax's Jacobian alone, as the article has it."""
    loss, _ = squared_error(logits, labels, slot)
    p = slot.buffer("p", logits.shape)
    target = np.eye(logits.shape[1])[labels]
    dz = slot.buffer("dz", logits.shape)
    dz[:] = 2 * (p - target) / len(labels) * p * (1 - p)
    return loss, dz


def test_the_articles_shortcut_is_caught():
    assert check_loss(article_shortcut, 4, np.random.default_rng(RNG_SEED))["logits"] > 1e-2


@pytest.mark.parametrize("batch", BATCHES)
def test_a_loss_that_forgets_the_mean_over_the_batch_is_caught(batch):
    def forgetful(logits, labels, slot):
        loss, dz = cross_entropy(logits, labels, slot)
        dz *= len(labels)
        return loss, dz

    error = check_loss(forgetful, batch, np.random.default_rng(RNG_SEED))["logits"]
    assert error > 0.1 if batch > 1 else error < 1e-6


def test_a_layer_that_is_wrong_within_a_network_is_caught():
    network = Network([Flatten(), Dense(6, 5), WrongSigmoid(), Dense(5, 4)], (2, 3), np.float64)
    network.initialize(glorot, np.random.default_rng(0))
    errors = check_network(network, cross_entropy, 3, np.random.default_rng(RNG_SEED))
    assert errors["theta"] > 1e-3
    assert errors["x"] > 1e-3


def test_checking_leaves_the_parameters_as_they_were():
    network = Network([Dense(6, 4)], (6,), np.float64)
    network.initialize(glorot, np.random.default_rng(0))
    before = network.theta.copy()
    check_network(network, cross_entropy, 3, np.random.default_rng(RNG_SEED))
    np.testing.assert_array_equal(network.theta, before)
