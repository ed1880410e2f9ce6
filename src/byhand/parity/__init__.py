"""Does byhand compute what PyTorch computes? Asked in float64 of numbers that PyTorch left behind.

`pytorch.safetensors`, beside this file, holds what PyTorch answered for each of NETWORKS. For each loss:
the logits, the loss and every gradient of one batch. For each optimizer: the losses of the ten first
steps, then all numbers of the network, and what it answers with them when it is asked.
scripts/rebuild_parity.py makes the file anew, from the settings below; nothing else here needs PyTorch.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Labels, Shape
from byhand.checks import Check
from byhand.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Flatten,
    Layer,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Tanh,
)
from byhand.losses import LOSSES, Loss, cross_entropy
from byhand.network import Network, Workspace
from byhand.optimizers import SGD, Adam, AdamW, Optimizer

INPUTS, CLASSES = 20, 10
BATCH, STEPS = 32, 10
ASKED = 4
"""Examples of the first batch whose answers after training are compared."""

NETWORKS: dict[str, tuple[list[Layer], Shape]] = {
    "sigmoid": ([Dense(INPUTS, 16), Sigmoid(), Dense(16, CLASSES)], (INPUTS,)),
    "tanh": ([Dense(INPUTS, 16), Tanh(), Dense(16, CLASSES)], (INPUTS,)),
    "relu": ([Dense(INPUTS, 16), ReLU(), Dense(16, CLASSES)], (INPUTS,)),
    "convolutional": (
        [
            Conv2d(2, 4, 3, stride=2, padding=1),  # (5, 4, 4)
            BatchNorm(4),
            ReLU(),
            MaxPool2d(2),  # (2, 2, 4), the last row left out
            Conv2d(4, 5, 2, padding=1),  # (3, 3, 5)
            AveragePool2d(2),  # (1, 1, 5), a row and a column left out
            Flatten(),
            Dense(5, CLASSES),
        ],
        (10, 8, 2),
    ),
}
"""Every network that is compared, with its input shape."""

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


def check_parity() -> Iterator[Check]:
    """Compare with PyTorch's numbers; yields each comparison as it is made."""
    from safetensors.numpy import load_file

    with as_file(files("byhand.parity") / "pytorch.safetensors") as path:
        expected = load_file(path)
    for name in NETWORKS:
        x, labels = batches(name, expected)
        numbers = expected[f"{name}/numbers"]
        results = {
            loss_name: one_batch(make_network(name, numbers), x[0], labels[0], loss)
            for loss_name, loss in LOSSES.items()
        } | {
            optimizer_name: first_steps(make_network(name, numbers), x, labels, optimizer, rate)
            for optimizer_name, (optimizer, rate) in OPTIMIZERS.items()
        }
        for way, quantities in results.items():
            for quantity, value in quantities.items():
                error = _error(value, expected[f"{name}/{way}/{quantity}"])
                yield Check(f"{name}, {way}", quantity, error)


def batches(name: str, stored: Mapping[str, NDArray[Any]]) -> tuple[Array, Labels]:
    """Inputs (STEPS, B, *shape) and labels (STEPS, B) for the network of this name.

    All networks read the same numbers. Where an example takes more than INPUTS of them, as a picture does,
    a batch holds fewer examples than BATCH.
    """
    x = stored["x"].reshape(STEPS, -1, *NETWORKS[name][1])
    return x, stored["labels"][:, : x.shape[1]]


def make_network(name: str, numbers: Array) -> Network:
    """Network of this name in float64, with these as all of its numbers."""
    network = Network(*NETWORKS[name], np.float64)
    network.numbers[:] = numbers
    return network


def one_batch(network: Network, x: Array, labels: Labels, loss: Loss) -> dict[str, Array]:
    """Logits, loss and every gradient of one training batch, by name."""
    workspace = Workspace(network, np.random.default_rng(0))
    logits = network.forward(x, workspace)
    value, dlogits = loss(logits, labels, workspace.loss)
    network.backward(dlogits, workspace)
    results = {"logits": logits, "loss": np.array(value), "dx": network.input_gradient(dlogits, workspace)}
    for position, dp in enumerate(workspace.dparameters):
        results |= {f"d{name}{position}": gradient for name, gradient in vars(dp).items()}
    return results


def first_steps(
    network: Network, x: Array, labels: Labels, optimizer: Optimizer, rate: float
) -> dict[str, Array]:
    """Losses (STEPS,) of the first steps of training, one batch each, and what the network is after them."""
    workspace, state = Workspace(network, np.random.default_rng(0)), optimizer.start(network.theta)
    losses = np.empty(STEPS)
    for step in range(STEPS):
        logits = network.forward(x[step], workspace)
        losses[step], dlogits = cross_entropy(logits, labels[step], workspace.loss)
        network.backward(dlogits, workspace)
        network.observe(workspace)
        optimizer.step(network.theta, workspace.gradient, state, rate)
    answers = network.forward(x[0, :ASKED], Workspace(network))
    return {"ten losses": losses, "numbers after": network.numbers, "answers after": answers}


def _error(got: Array, expected: Array) -> float:
    """Largest |got − expected|, relative to the largest |expected|; infinite if the shapes differ.

    What is 0 but for rounding, as the gradient of a bias that BatchNorm takes away again, is told by its
    size; then the error is relative to 1e-8.
    """
    if got.shape != expected.shape:
        return np.inf
    return float(np.abs(got - expected).max() / max(np.abs(expected).max(), 1e-8))
