"""Ask PyTorch for the numbers that `byhand check` compares with, and store them in the package.

Run from the checkout, with byhand installed, after `pip install torch==2.13.0`:

    python scripts/rebuild_parity.py

This is the only file of the project that uses PyTorch. It draws a batch for each step and initial
values for each network from a seeded generator, lets PyTorch compute in float64 on one thread, and
writes src/byhand/parity/pytorch.safetensors.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from torch.nn import functional

from byhand.initial import pytorch
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
from byhand.network import Network
from byhand.optimizers import SGD, Adam, AdamW, Optimizer
from byhand.parity import ASKED, BATCH, CLASSES, INPUTS, NETWORKS, OPTIMIZERS, STEPS, batches, make_network

TARGET = Path(__file__).parent.parent / "src/byhand/parity/pytorch.safetensors"

Tensors = dict[str, torch.Tensor]


def torch_cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(logits, labels)


def torch_squared_error(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    target = functional.one_hot(labels, CLASSES)
    return ((torch.softmax(logits, 1) - target) ** 2).sum(1).mean()


TORCH_LOSSES = {"cross-entropy": torch_cross_entropy, "squared-error": torch_squared_error}


def torch_optimizer(
    optimizer: Optimizer, rate: float, parameters: list[torch.Tensor]
) -> torch.optim.Optimizer:
    """PyTorch's optimizer with the same settings."""
    if isinstance(optimizer, SGD):
        return torch.optim.SGD(
            parameters,
            rate,
            momentum=optimizer.momentum,
            nesterov=optimizer.nesterov,
            weight_decay=optimizer.weight_decay,
        )
    assert isinstance(optimizer, Adam | AdamW)
    kind = torch.optim.Adam if isinstance(optimizer, Adam) else torch.optim.AdamW
    return kind(
        parameters,
        rate,
        betas=(optimizer.beta1, optimizer.beta2),
        eps=optimizer.epsilon,
        weight_decay=optimizer.weight_decay,
    )


def torch_layer(layer: Layer, x: torch.Tensor, p: Tensors, training: bool) -> torch.Tensor:
    """What PyTorch answers for a layer, in byhand's order of axes: channels last, W (O, k, C, k)."""
    match layer:
        case Dense():
            y = x @ p["W"] + p["b"]
        case Flatten():
            y = x.flatten(1)
        case Sigmoid() | Tanh() | ReLU():
            y = {Sigmoid: torch.sigmoid, Tanh: torch.tanh, ReLU: torch.relu}[type(layer)](x)
        case _:
            y = torch_picture_layer(layer, x.movedim(-1, 1), p, training).movedim(1, -1)
    return y


def torch_picture_layer(layer: Layer, x: torch.Tensor, p: Tensors, training: bool) -> torch.Tensor:
    """What PyTorch answers for a layer, in its own order of axes: channels second, W (O, C, k, k)."""
    match layer:
        case Conv2d():
            y = functional.conv2d(x, p["W"].transpose(1, 2), p["b"], layer.stride, layer.padding)
        case MaxPool2d():
            y = functional.max_pool2d(x, layer.size)
        case AveragePool2d():
            y = functional.avg_pool2d(x, layer.size)
        case BatchNorm():
            statistics = p["mean"], p["variance"]  # moved in place
            learnt = p["gamma"], p["beta"]
            y = functional.batch_norm(x, *statistics, *learnt, training, layer.momentum, layer.epsilon)
        case _:
            raise TypeError(f"{layer} has no counterpart here yet")
    return y


class Peer:
    """A network as PyTorch computes it, with the same numbers to begin with."""

    def __init__(self, network: Network) -> None:
        self.layers = network.layers
        self.tensors: list[Tensors] = [
            {
                name: torch.tensor(view, requires_grad=name in layer.parameters())
                for name, view in vars(p).items()
            }
            for layer, p in zip(network.layers, network.parameters, strict=True)
        ]

    def answer(self, x: torch.Tensor, training: bool = True) -> torch.Tensor:
        """Logits."""
        for layer, p in zip(self.layers, self.tensors, strict=True):
            x = torch_layer(layer, x, p, training)
        return x

    @property
    def parameters(self) -> Tensors:
        """What is learnt, in theta's order, named by parameter and position."""
        return self._named(True)

    @property
    def numbers(self) -> np.ndarray:
        """All numbers in byhand's order: first what is learnt, then what is measured."""
        named = self._named(True) | self._named(False)
        return np.concatenate([tensor.detach().numpy().ravel() for tensor in named.values()])

    def _named(self, learnt: bool) -> Tensors:
        return {
            f"{name}{position}": tensor
            for position, p in enumerate(self.tensors)
            for name, tensor in p.items()
            if tensor.requires_grad is learnt
        }


def main() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(2026)
    stored = {
        "x": rng.standard_normal((STEPS, BATCH, INPUTS)),
        "labels": rng.integers(0, CLASSES, (STEPS, BATCH)),
    }
    for name in NETWORKS:
        network = Network(*NETWORKS[name], np.float64)
        network.initialize(pytorch, rng)  # it has biases other than 0
        numbers = stored[f"{name}/numbers"] = network.numbers.copy()
        x, labels = map(torch.tensor, batches(name, stored))
        for loss_name, loss in TORCH_LOSSES.items():
            peer = Peer(make_network(name, numbers))
            inputs = x[0].clone().requires_grad_()
            logits = peer.answer(inputs)
            value = loss(logits, labels[0])
            value.backward()
            results = {"logits": logits, "loss": value, "dx": inputs.grad}
            results |= {f"d{key}": tensor.grad for key, tensor in peer.parameters.items()}
            stored |= {f"{name}/{loss_name}/{key}": t.detach().numpy() for key, t in results.items()}
        for optimizer_name, (optimizer, rate) in OPTIMIZERS.items():
            peer = Peer(make_network(name, numbers))
            steps = torch_optimizer(optimizer, rate, list(peer.parameters.values()))
            losses = np.empty(STEPS)
            for step in range(STEPS):
                steps.zero_grad()
                value = torch_cross_entropy(peer.answer(x[step]), labels[step])
                value.backward()
                steps.step()
                losses[step] = value.item()
            answers = peer.answer(x[0, :ASKED], training=False)
            key = f"{name}/{optimizer_name}"
            stored[f"{key}/ten losses"] = losses
            stored[f"{key}/numbers after"] = peer.numbers
            stored[f"{key}/answers after"] = answers.detach().numpy()
    stored = {key: np.asarray(array, order="C") for key, array in stored.items()}
    made_by = {"made by": f"PyTorch {torch.__version__} in float64, scripts/rebuild_parity.py"}
    TARGET.write_bytes(save(stored, made_by))
    print(f"wrote {TARGET}: {len(stored)} arrays, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
