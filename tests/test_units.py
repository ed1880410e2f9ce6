import numpy as np
import pytest
from helpers import few_examples
from hypothesis import given
from hypothesis import strategies as st

from byhand.arrays import zeros
from byhand.datasets import Examples, Shift
from byhand.initial import glorot
from byhand.layers import BatchNorm, Conv2d, Dense, Dropout, Flatten, ReLU, Sigmoid, Tanh
from byhand.losses import LOSSES
from byhand.network import Network, Workspace
from byhand.optimizers import SGD, AdamW
from byhand.training import train
from byhand.units import parts_by_units


def network_of(layers, shape=(4, 3), seed=0):
    network = Network(layers, shape, np.float64)
    network.initialize(glorot, np.random.default_rng(seed))
    return network


def hidden(units, *between):
    return network_of([Flatten(), Dense(12, units), *between, Dense(units, 3)])


def adopted(network, count):
    """The parts, with the network's numbers."""
    parts = parts_by_units(network, count, zeros)
    for part in parts:
        for whole, own in part.copies:
            np.copyto(own, whole)
    return parts


layers_between = st.lists(st.sampled_from([ReLU(), Sigmoid(), Tanh(), Dropout(0.2)]), max_size=3)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5), layers_between)
def test_the_logits_are_the_sum_of_what_the_parts_say(units, count, batch, between):
    network = hidden(max(units, count), *between)
    network.parameters[-1].b[:] = [1, 2, 3]
    x = np.random.default_rng(1).normal(size=(batch, 4, 3))
    said = [part.network.forward(x, Workspace(part.network)) for part in adopted(network, count)]
    assert len(said) == count
    np.testing.assert_allclose(sum(said), network.forward(x, Workspace(network)), rtol=1e-9, atol=1e-12)


@given(st.integers(1, 9), st.integers(1, 9))
def test_each_number_of_the_network_is_copied_from_and_to_one_part(units, count):
    network = hidden(max(units, count), Sigmoid())
    parts = adopted(network, count)
    before = network.theta.copy()
    network.theta[:] = 0
    for part in parts:
        for whole, own in part.copies:
            np.add(whole, own, out=whole)
    np.testing.assert_array_equal(network.theta, before)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", [SGD(0.9, nesterov=True, weight_decay=0.1), AdamW(weight_decay=0.1)])
def test_parts_of_the_units_learn_what_one_part_learns(optimizer, loss):
    learnt = []
    for count in (1, 3):
        network = hidden(7, Sigmoid(), Tanh())
        rng = np.random.default_rng(0)
        settings = {"optimizer": optimizer, "learning_rate": 0.1, "loss": LOSSES[loss], "parts": count}
        reports = list(train(network, few_examples(61), rng=rng, epochs=3, batch_size=16, **settings))
        learnt.append((network.theta, [report.loss for report in reports]))
    np.testing.assert_allclose(learnt[1][0], learnt[0][0], rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(learnt[1][1], learnt[0][1], rtol=1e-8)


def test_each_image_of_a_batch_is_distorted_by_one_part(monkeypatch):
    monkeypatch.setattr("byhand.processes.cores", lambda: 1)  # in turn, so that all is seen from here
    seen = []

    def augment(images, rng):
        seen.extend(images[:, 0, 0])
        return Shift(1)(images, rng)

    images = np.zeros((50, 4, 3), np.uint8)
    images[:, 0, 0] = np.arange(50)
    examples = Examples(images, np.arange(50) % 3)
    settings = {"optimizer": SGD(), "learning_rate": 0.1, "batch_size": 16, "parts": 2}
    for _ in train(hidden(6), examples, rng=np.random.default_rng(0), augment=augment, epochs=2, **settings):
        assert sorted(seen) == list(range(50))
        seen.clear()


@pytest.mark.parametrize(
    "network",
    [
        hidden(2, Sigmoid()),  # fewer units than parts
        hidden(6, BatchNorm(6)),  # looks at a whole batch, and keeps statistics
        hidden(6, Sigmoid(), Dense(6, 6), Sigmoid()),
        network_of([Flatten(), Dense(12, 3)]),
        network_of([Flatten(), Dropout(0.5), Dense(12, 6), Dense(6, 3)]),  # parts would not drop the same
        network_of([Conv2d(1, 2, 3), Flatten(), Dense(4, 6), Dense(6, 3)]),
        network_of([Flatten()]),
    ],
)
def test_other_networks_have_no_such_parts(network):
    assert parts_by_units(network, 3, zeros) == []
