"""byhand: what a user runs, byhand.training.train() and Model.probabilities()."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import work

from byhand.arrays import zeros
from byhand.datasets import Examples, load
from byhand.images import Preprocessing
from byhand.layers import Conv2d, Dense, Flatten, MaxPool2d, ReLU
from byhand.model import Model
from byhand.network import Network
from byhand.optimizers import SGD
from byhand.recipes import RECIPES, split
from byhand.training import evaluate, train

if TYPE_CHECKING:  # older packages, for old_new.py, have it elsewhere
    from byhand.epochs import Report

NESTEROV = SGD(work.MOMENTUM, nesterov=True)


def dense(how: str, images: int, epochs: int) -> Callable[[int], dict[str, float]]:
    """Epochs of 784-128-10, in `how` parts."""
    return _epochs(dense_network(), work.start_dense(), images, epochs, work.DENSE_RATE, int(how))


def conv(how: str, images: int, epochs: int) -> Callable[[int], dict[str, float]]:
    """Epochs of conv 5x5x16, pool, conv 5x5x32, pool, 512-128-10, in `how` parts."""
    return _epochs(conv_network(), work.start_conv(), images, epochs, work.CONV_RATE, int(how))


def dense_network() -> Network:
    return Network([Flatten(), Dense(784, 128), ReLU(), Dense(128, 10)], (28, 28))


def conv_network() -> Network:
    layers = [Conv2d(1, 16, 5), ReLU(), MaxPool2d(2), Conv2d(16, 32, 5), ReLU(), MaxPool2d(2)]
    return Network([*layers, Flatten(), Dense(512, 128), ReLU(), Dense(128, 10)], (28, 28))


def set_weights(network: Network, start: work.Weights) -> None:
    """Write the start's arrays into the layers that have parameters, in their order."""
    arrays = iter(start.values())
    for p in network.parameters:
        for view in vars(p).values():
            array = next(arrays)
            # kernels lie here as (O, rows, I, columns)
            view[...] = array.transpose(3, 0, 2, 1) if array.ndim == 4 else array


def _epochs(
    network: Network, start: work.Weights, images: int, epochs: int, rate: float, parts: int
) -> Callable[[int], dict[str, float]]:
    digits = work.mnist().front(images)
    examples = Examples(digits.images, digits.labels)

    def once(number: int) -> dict[str, float]:
        set_weights(network, start)
        began = time.perf_counter()
        for _ in steps(network, examples, number, rate, parts, epochs=epochs):
            pass
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "loss": evaluate(network, examples, Preprocessing()).loss}

    return once


def steps(
    network: Network,
    examples: Examples,
    number: int,
    rate: float,
    parts: int = 1,
    every: int | None = None,
    epochs: int = 1,
) -> "Iterator[Report]":
    """A training, and a report after `every` of its steps."""
    return train(
        network,
        examples,
        optimizer=NESTEROV,
        learning_rate=rate,
        rng=np.random.default_rng(1 + number),
        epochs=epochs,
        batch_size=work.BATCH,
        parts=parts,
        every=every,
    )


def share(how: str, images: int, stretch: int) -> Callable[[int], dict[str, float]]:
    """An epoch of 784-128-10, and after each `stretch` of steps as many times its bare matrix products.

    Both in `how` parts, each with a share of the hidden units. After the epoch come as many times the
    products of the whole step as NumPy takes them, shared out over as many BLAS threads.
    """
    from threadpoolctl import threadpool_limits

    from byhand.processes import together

    network, start, parts = dense_network(), work.start_dense(), int(how)
    digits = work.mnist().front(images)
    examples = Examples(digits.images, digits.labels)
    x, units = digits.front(work.BATCH).flat(), len(start["b1"]) // parts
    whole = _bare_products(x, start["W1"], start["W2"])

    def once(number: int) -> dict[str, float]:
        set_weights(network, start)
        done, seconds = 0, {"step": 0.0, "products": 0.0, "whole": 0.0}
        with closing(together([_stretches(x, start, units, stretch) for _ in range(parts)])) as products:
            next(products)
            reports = steps(network, examples, number, work.DENSE_RATE, parts, every=stretch)
            before = next(reports)  # the first stretch makes the buffers
            while True:
                began = time.perf_counter()
                report = next(reports, None)
                between = time.perf_counter()
                if report is None:
                    break
                if report.step - before.step == stretch:
                    next(products), next(products)
                    seconds["products"] += time.perf_counter() - between
                    seconds["step"] += between - began
                    done += stretch
                before = report
        with threadpool_limits(parts, user_api="blas"):
            whole()  # wakes the threads
            began = time.perf_counter()
            for _ in range(done):
                whole()
            seconds["whole"] = time.perf_counter() - began
        return {name: 1e6 * of / done for name, of in seconds.items()}

    return once


def _stretches(x: np.ndarray, start: work.Weights, units: int, stretch: int) -> Iterator[None]:
    """The five products of a step with so many units, and nothing else: a stretch whenever asked twice."""
    products = _bare_products(x, start["W1"][:, :units], start["W2"][:units])
    while True:
        for _ in range(stretch):
            products()
        yield  # until all parts are done
        yield  # until they are asked for again


def _bare_products(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> Callable[[], None]:
    """The five products of a step with these inputs and weights, each into memory that is there."""
    x, W1, W2 = map(_as_byhand_keeps_it, (x, W1, W2))
    h, dh = (zeros((len(x), len(W2)), np.float32) for _ in range(2))
    z, dW1, dW2 = (zeros(shape, np.float32) for shape in [(len(x), 10), W1.shape, W2.shape])
    dz = _as_byhand_keeps_it(np.random.default_rng(0).uniform(-1e-3, 1e-3, z.shape))

    def products() -> None:
        np.matmul(x, W1, out=h)
        np.matmul(h, W2, out=z)
        np.matmul(h.T, dz, out=dW2)
        np.matmul(dz, W2.T, out=dh)
        np.matmul(x.T, dh, out=dW1)

    return products


def _as_byhand_keeps_it(values: np.ndarray) -> np.ndarray:
    """A float32 copy that begins where a cache line begins."""
    copy = zeros(values.shape, np.float32)
    copy[...] = values
    return copy


def ask(how: str) -> Callable[[np.ndarray], np.ndarray]:
    """A model that was saved and loaded again."""
    network = dense_network()
    set_weights(network, work.start_dense())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        Model(network, tuple("0123456789")).save(path)
        return Model.load(path).probabilities


def recipes(how: str) -> Callable[[int], dict[str, float]]:
    """Name and epochs of each recipe that learns from a data set's examples as they are."""
    return lambda _: {name: recipe.epochs for name, recipe in RECIPES.items() if recipe.make is None}


def learn(how: str, images: int | None, epochs: int | None) -> Callable[[int], dict[str, Any]]:
    """A whole training by the recipe `how`: after each epoch the seconds so far, and the test accuracy.

    The accuracy is measured while the clock stands.
    """
    recipe, dataset = RECIPES[how].adapted(epochs=epochs), load("mnist")
    training, _ = split(dataset.train)
    training = training.take(np.arange(images or len(training)))
    test = dataset.test.take(np.arange(images or len(dataset.test)))

    def once(number: int) -> dict[str, Any]:
        rng = np.random.default_rng(1 + number)  # the warm-up is round -1
        seconds, curve = 0.0, []
        began = time.perf_counter()
        network = recipe.network((28, 28), 10, rng)
        for _ in recipe.train(network, training, None, rng):
            seconds += time.perf_counter() - began
            curve.append((seconds, evaluate(network, test, recipe.prepare).accuracy))
            began = time.perf_counter()
        seconds += time.perf_counter() - began  # what is done once the last epoch is over
        curve[-1] = (seconds, evaluate(network, test, recipe.prepare).accuracy)
        return {"curve": curve}

    return once
