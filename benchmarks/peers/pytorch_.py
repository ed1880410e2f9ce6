"""PyTorch, eager."""

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
import work
from torch import nn
from torch.nn import functional

from byhand.datasets import load
from byhand.recipes import RECIPES, split

torch.set_num_threads(work.threads())


def dense(how: str, images: int, epochs: int) -> Callable[[int], dict[str, float]]:
    """Epochs of 784-128-10, the batches and the optimizer either plain, as in tutorials, or fast."""
    return _epochs(dense_network(), images, epochs, (784,), work.DENSE_RATE, fast=how == "fast")


def conv(how: str, images: int, epochs: int) -> Callable[[int], dict[str, float]]:
    """Epochs of the convolutional network, arrays laid out as `how` says."""
    layout = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}[how]
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(512, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )
    start = work.start_conv()
    # from (rows, columns, I, O) to (O, I, rows, columns); Flatten counts by channel, then row, then column
    kernels = [start[name].transpose(3, 2, 0, 1) for name in ("K1", "K2")]
    W1 = start["W1"].reshape(4, 4, 32, 128).transpose(3, 2, 0, 1).reshape(128, 512)
    arrays = [kernels[0], start["c1"], kernels[1], start["c2"], W1, start["b1"], start["W2"].T, start["b2"]]
    _set_weights(network, arrays)
    return _epochs(network.to(memory_format=layout), images, epochs, (1, 28, 28), work.CONV_RATE, fast=True)


def dense_network() -> nn.Sequential:
    network = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    start = work.start_dense()
    _set_weights(network, [start["W1"].T, start["b1"], start["W2"].T, start["b2"]])
    return network


def _set_weights(network: nn.Module, values: Iterable[np.ndarray | torch.Tensor]) -> None:
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), values, strict=True):
            parameter.copy_(torch.as_tensor(value))


def _epochs(
    network: nn.Module, images: int, epochs: int, shape: tuple[int, ...], rate: float, fast: bool
) -> Callable[[int], dict[str, float]]:
    """Fast is what was found to be fastest: the fused optimizer, and index_select instead of brackets."""
    digits = work.mnist().front(images)
    x = torch.from_numpy(digits.flat()).reshape(-1, *shape)
    labels = torch.from_numpy(digits.labels.astype(np.int64))
    start = [parameter.detach().clone() for parameter in network.parameters()]

    def plain_batch(batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x[batch], labels[batch]

    def fast_batch(batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.index_select(0, batch), labels.index_select(0, batch)

    gather = fast_batch if fast else plain_batch

    def once(number: int) -> dict[str, float]:
        _set_weights(network, start)
        began = time.perf_counter()
        sgd = torch.optim.SGD(
            network.parameters(), rate, momentum=work.MOMENTUM, nesterov=True, fused=fast or None
        )
        for batch in torch.from_numpy(work.orders(number, images, epochs)).reshape(-1, work.BATCH):
            some, these = gather(batch)
            sgd.zero_grad()
            functional.cross_entropy(network(some), these).backward()
            sgd.step()
        seconds = time.perf_counter() - began
        with torch.no_grad():
            losses = [
                functional.cross_entropy(network(some), these, reduction="sum").item()
                for some, these in zip(x.split(500), labels.split(500), strict=True)
            ]
        return {"seconds": seconds, "loss": sum(losses) / images}

    return once


def ask(how: str) -> Callable[[np.ndarray], np.ndarray]:
    """The network in inference mode."""
    network = dense_network().eval()

    @torch.inference_mode()
    def answer(images: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(images).flatten(1).to(torch.float32).mul_(1 / 255)
        return functional.softmax(network(x), dim=1).numpy()

    return answer


def learn(how: str, images: int | None, epochs: int | None) -> Callable[[int], dict[str, Any]]:
    """A whole training by byhand's recipe `how`, sigmoid or relu, written for PyTorch."""
    recipe, dataset = RECIPES[how].adapted(epochs=epochs), load("mnist")
    training, _ = split(dataset.train)
    training = training.take(np.arange(images or len(training)))
    bounds = [recipe.initial(784, 128).weights, recipe.initial(128, 10).weights]
    pixels = torch.from_numpy(training.images)
    labels = torch.from_numpy(training.labels.astype(np.int64))
    test = torch.from_numpy(dataset.test.images).flatten(1) / 255
    answers = torch.from_numpy(dataset.test.labels.astype(np.int64))

    def once(number: int) -> dict[str, Any]:
        torch.manual_seed(number)
        seconds, curve = 0.0, []
        began = time.perf_counter()
        bend = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[how]()
        network = nn.Sequential(nn.Linear(784, 128), bend, nn.Linear(128, 10))
        for linear, bound in zip((network[0], network[2]), bounds, strict=True):
            nn.init.uniform_(linear.weight, -bound, bound)
            nn.init.zeros_(linear.bias)
        sgd = torch.optim.SGD(
            network.parameters(), recipe.learning_rate, work.MOMENTUM, nesterov=True, fused=True
        )
        steps = recipe.epochs * math.ceil(len(pixels) / recipe.batch_size)
        rates = torch.optim.lr_scheduler.LambdaLR(sgd, lambda step: recipe.schedule(step, steps))
        for _ in range(recipe.epochs):
            for batch in torch.randperm(len(pixels)).split(recipe.batch_size):
                x = _moved(pixels.index_select(0, batch).to(torch.float32).mul_(1 / 255)).flatten(1)
                sgd.zero_grad()
                functional.cross_entropy(network(x), labels.index_select(0, batch)).backward()
                sgd.step()
                rates.step()
            seconds += time.perf_counter() - began
            with torch.no_grad():
                curve.append((seconds, (network(test).argmax(1) == answers).float().mean().item()))
            began = time.perf_counter()
        return {"curve": curve}

    return once


def _moved(x: torch.Tensor) -> torch.Tensor:
    """The whole batch moved by up to a pixel each way, as the recipes do."""
    down, right = torch.randint(0, 3, (2,)).tolist()
    return functional.pad(x, (1, 1, 1, 1))[:, down : down + 28, right : right + 28]
