"""Does byhand compute what PyTorch computes? Asked in float64 of numbers that PyTorch left behind.

`pytorch.safetensors`, beside this file, holds what PyTorch answered: for each activation the logits,
the loss and every gradient of one batch; for each optimizer the losses of the ten first steps and the
parameters after them. scripts/rebuild_parity.py makes it anew, from the settings below; nothing else
here needs PyTorch.
"""

from collections.abc import Iterator
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array
from byhand.checks import Check
from byhand.layers import Dense, Layer, ReLU, Sigmoid, Tanh
from byhand.losses import LOSSES, Loss, cross_entropy
from byhand.network import Network, Workspace
from byhand.optimizers import SGD, Adam, AdamW, Optimizer

INPUTS, HIDDEN, CLASSES = 20, 16, 10
BATCH, STEPS = 32, 10

ACTIVATIONS: dict[str, Layer] = {"sigmoid": Sigmoid(), "tanh": Tanh(), "relu": ReLU()}

OPTIMIZERS: dict[str, tuple[Optimizer, float]] = {
    "SGD": (SGD(), 0.5),
    "SGD with weight decay": (SGD(weight_decay=0.01), 0.5),
    "momentum": (SGD(momentum=0.9), 0.1),
    "Nesterov": (SGD(momentum=0.9, nesterov=True), 0.1),
    "Adam": (Adam(), 0.01),
    "Adam with weight decay": (Adam(weight_decay=0.01), 0.01),
    "AdamW": (AdamW(weight_decay=0.1), 0.01),
}
"""Every optimizer that is compared, with its learning rate."""


def make_network(activation: str) -> Network:
    """Network that is compared, in float64, its parameters still 0."""
    layers = [Dense(INPUTS, HIDDEN), ACTIVATIONS[activation], Dense(HIDDEN, CLASSES)]
    return Network(layers, (INPUTS,), np.float64)


def check_parity() -> Iterator[Check]:
    """Compare with PyTorch's numbers; yields each comparison as it is made."""
    from safetensors.numpy import load_file

    with as_file(files("byhand.parity") / "pytorch.safetensors") as path:
        expected = load_file(path)
    x, labels = expected["x"], expected["labels"]
    for activation in ACTIVATIONS:
        theta = expected[f"{activation}/theta"]
        for name, loss in LOSSES.items():
            got = one_batch(activation, theta, x[0], labels[0], loss)
            for quantity, value in got.items():
                yield Check(
                    f"{activation}, {name}",
                    quantity,
                    _error(value, expected[f"{activation}/{name}/{quantity}"]),
                )
        for name, (optimizer, rate) in OPTIMIZERS.items():
            losses, after = first_steps(activation, theta, x, labels, optimizer, rate)
            key = f"{activation}/{name}"
            yield Check(f"{activation}, {name}", "ten losses", _error(losses, expected[f"{key}/losses"]))
            yield Check(f"{activation}, {name}", "theta after", _error(after, expected[f"{key}/theta"]))


def one_batch(
    activation: str, theta: Array, x: Array, labels: NDArray[np.int64], loss: Loss
) -> dict[str, Array]:
    """Logits, loss and every gradient of one batch, by name."""
    network = make_network(activation)
    network.theta[:] = theta
    workspace = Workspace(network)
    logits = network.forward(x, workspace)
    value, dlogits = loss(logits, labels, workspace.loss)
    network.backward(dlogits, workspace)
    results = {"logits": logits, "loss": np.array(value), "dx": network.input_gradient(dlogits, workspace)}
    for position, dp in enumerate(workspace.dparameters):
        results |= {f"d{name}{position}": gradient for name, gradient in vars(dp).items()}
    return results


def first_steps(
    activation: str, theta: Array, x: Array, labels: NDArray[np.int64], optimizer: Optimizer, rate: float
) -> tuple[Array, Array]:
    """Losses (STEPS,) of the first steps of training, one batch each, and the parameters after them."""
    network = make_network(activation)
    network.theta[:] = theta
    workspace, state = Workspace(network), optimizer.start(network.theta)
    losses = np.empty(STEPS)
    for step in range(STEPS):
        logits = network.forward(x[step], workspace)
        losses[step], dlogits = cross_entropy(logits, labels[step], workspace.loss)
        network.backward(dlogits, workspace)
        optimizer.step(network.theta, workspace.gradient, state, rate)
    return losses, network.theta


def _error(got: Array, expected: Array) -> float:
    """Largest |got − expected|, relative to the largest |expected|; infinite if the shapes differ."""
    if got.shape != expected.shape:
        return np.inf
    return float(np.abs(got - expected).max() / np.abs(expected).max())
