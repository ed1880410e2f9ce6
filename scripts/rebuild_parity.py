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
from safetensors.numpy import save_file

from byhand.initial import pytorch
from byhand.optimizers import SGD, Adam, AdamW, Optimizer
from byhand.parity import ACTIVATIONS, BATCH, CLASSES, INPUTS, OPTIMIZERS, STEPS, make_network

TARGET = Path(__file__).parent.parent / "src/byhand/parity/pytorch.safetensors"

TORCH_ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def torch_cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits, labels)


def torch_squared_error(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    target = torch.nn.functional.one_hot(labels, CLASSES)
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


def leaves(activation: str, theta: np.ndarray) -> dict[str, torch.Tensor]:
    """Parameters of the network as PyTorch tensors that ask for a gradient, in theta's order."""
    network = make_network(activation)
    network.theta[:] = theta
    return {
        f"{name}{position}": torch.tensor(view, requires_grad=True)
        for position, p in enumerate(network.parameters)
        for name, view in vars(p).items()
    }


def forward(activation: str, p: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    hidden = TORCH_ACTIVATIONS[activation](x @ p["W0"] + p["b0"])
    return hidden @ p["W2"] + p["b2"]


def main() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(2026)
    x = rng.standard_normal((STEPS, BATCH, INPUTS))
    labels = rng.integers(0, CLASSES, (STEPS, BATCH))
    stored = {"x": x, "labels": labels}
    for activation in ACTIVATIONS:
        network = make_network(activation)
        network.initialize(pytorch, rng)  # it has biases other than 0
        theta = stored[f"{activation}/theta"] = network.theta.copy()
        for name, loss in TORCH_LOSSES.items():
            p = leaves(activation, theta)
            inputs = torch.tensor(x[0], requires_grad=True)
            logits = forward(activation, p, inputs)
            value = loss(logits, torch.tensor(labels[0]))
            value.backward()
            results = {"logits": logits, "loss": value, "dx": inputs.grad}
            results |= {f"d{key}": tensor.grad for key, tensor in p.items()}
            stored |= {f"{activation}/{name}/{key}": t.detach().numpy() for key, t in results.items()}
        for name, (optimizer, rate) in OPTIMIZERS.items():
            p = leaves(activation, theta)
            steps = torch_optimizer(optimizer, rate, list(p.values()))
            losses = np.empty(STEPS)
            for step in range(STEPS):
                steps.zero_grad()
                value = torch_cross_entropy(
                    forward(activation, p, torch.tensor(x[step])), torch.tensor(labels[step])
                )
                value.backward()
                steps.step()
                losses[step] = value.item()
            stored[f"{activation}/{name}/losses"] = losses
            stored[f"{activation}/{name}/theta"] = np.concatenate(
                [t.detach().numpy().ravel() for t in p.values()]
            )
    save_file(
        stored, TARGET, {"made by": f"PyTorch {torch.__version__} in float64, scripts/rebuild_parity.py"}
    )
    print(f"wrote {TARGET}: {len(stored)} arrays, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
