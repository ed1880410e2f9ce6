from dataclasses import replace

import numpy as np
import pytest

from byhand import parity
from byhand.checks import Check
from byhand.layers import LAYERS, AveragePool2d, BatchNorm, Dropout, MaxPool2d
from byhand.losses import LOSSES
from byhand.optimizers import SGD, Adam


def test_byhand_computes_what_pytorch_computes():
    checks = list(parity.check_parity())
    assert [check for check in checks if not check.passed] == []
    with_loss = {name: 3 + len(parameters(name)) for name in parity.NETWORKS}
    assert len(checks) == sum(len(LOSSES) * n + 3 * len(parity.OPTIMIZERS) for n in with_loss.values())


def parameters(name):
    layers, _ = parity.NETWORKS[name]
    return {f"{key}{position}" for position, layer in enumerate(layers) for key in layer.parameters()}


@pytest.mark.parametrize("name", parity.NETWORKS)
def test_every_gradient_and_all_that_comes_of_every_optimizer_is_compared(name):
    compared = {}
    for check in parity.check_parity():
        network, way = check.subject.split(", ")
        if network == name:
            compared.setdefault(way, set()).add(check.quantity)
    gradients = {"logits", "loss", "dx", *(f"d{key}" for key in parameters(name))}
    steps = {"ten losses", "numbers after", "answers after"}
    assert compared == dict.fromkeys(LOSSES, gradients) | dict.fromkeys(parity.OPTIMIZERS, steps)


def test_every_kind_of_layer_without_chance_is_compared():
    compared = {type(layer) for layers, _ in parity.NETWORKS.values() for layer in layers}
    assert compared == set(LAYERS.values()) - {Dropout}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("SGD", SGD(weight_decay=1e-4)),
        ("momentum", SGD(0.9, nesterov=True)),
        ("Nesterov", SGD(0.9)),
        ("Adam", Adam(epsilon=1e-5)),
        ("AdamW", Adam(weight_decay=0.1)),
    ],
)
def test_an_optimizer_that_differs_is_caught(name, wrong, monkeypatch):
    rate = parity.OPTIMIZERS[name][1]
    monkeypatch.setitem(parity.OPTIMIZERS, name, (wrong, rate))
    failed = {check.subject for check in parity.check_parity() if not check.passed}
    assert failed == {f"{network}, {name}" for network in parity.NETWORKS}


@pytest.mark.parametrize(
    ("position", "wrong"),
    [
        (1, BatchNorm(4, momentum=0.11)),
        (1, BatchNorm(4, epsilon=1e-3)),
        (3, AveragePool2d(2)),
        (5, MaxPool2d(2)),
    ],
    ids=str,
)
def test_a_layer_that_differs_is_caught(position, wrong, monkeypatch):
    layers, shape = parity.NETWORKS["convolutional"]
    changed = [*layers[:position], wrong, *layers[position + 1 :]]
    monkeypatch.setitem(parity.NETWORKS, "convolutional", (changed, shape))
    failed = {check.quantity for check in parity.check_parity() if not check.passed}
    assert {"numbers after", "answers after"} <= failed


def test_the_statistics_of_the_variance_are_compared_too(monkeypatch):
    def biased(layer, p, slot):
        p.mean += layer.momentum * (slot.buffer("mean", p.mean.shape) - p.mean)
        p.variance += layer.momentum * (slot.buffer("variance", p.variance.shape) - p.variance)

    monkeypatch.setattr(BatchNorm, "observe", biased)
    failed = {check.quantity for check in parity.check_parity() if not check.passed}
    assert failed == {"numbers after", "answers after"}


def test_an_error_that_is_no_number_does_not_pass():
    check = Check("a", "b", 1e-7)
    assert check.passed
    assert not replace(check, error=np.nan).passed
    assert not replace(check, error=1e-5).passed
