"""The work that every library is given: the same images, batches, start, rate and number of threads.

Everything follows from seeds, so that every process makes the same by itself; that they did, the loss at the
end of each round shows.
"""

import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILES = Path(__file__).parent.parent / "src" / "byhand" / "datasets" / "files"

BATCH = 128
MOMENTUM = 0.9  # Nesterov's
DENSE_RATE = 0.05  # constant
CONV_RATE = 0.01  # lower: at 0.05 the losses of the libraries drift apart within 50 steps, why is open

Weights = dict[str, NDArray[np.float32]]


def threads() -> int:
    """Cores that this process may use: each library is given as many threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Digits:
    """Images (N, 28, 28) uint8 and their labels (N,) uint8."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def front(self, count: int) -> "Digits":
        """The first `count` of them."""
        return Digits(self.images[:count], self.labels[:count])

    def flat(self) -> NDArray[np.float32]:
        """Inputs (N, 784) float32 from 0 to 1."""
        return self.images.reshape(-1, 784).astype(np.float32) / np.float32(255)


def mnist(part: str = "train") -> Digits:
    """MNIST's images and labels, of `part` train or t10k, from the IDX files in the package."""
    images = gzip.decompress((FILES / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((FILES / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    return Digits(
        np.frombuffer(bytearray(images), np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(bytearray(labels), np.uint8, offset=8),
    )


def orders(round_number: int, count: int, epochs: int) -> NDArray[np.int64]:
    """In which order (epochs, count) the examples are learnt from in this round: as train() draws it."""
    rng = np.random.default_rng(1 + round_number)
    return np.array([rng.permutation(count) for _ in range(epochs)])


def start_dense() -> Weights:
    """Initial weights of 784-128-10: W (I, O), b (O,)."""
    rng = np.random.default_rng(0)
    return {"W1": _he(rng, 784, 128), "b1": _zeros(128), "W2": _he(rng, 128, 10), "b2": _zeros(10)}


def start_conv() -> Weights:
    """Initial weights of conv 5x5x16, pool, conv 5x5x32, pool, 512-128-10: K (rows, columns, I, O).

    The 512 inputs of W1 are counted by row, then column, then channel.
    """
    rng = np.random.default_rng(0)
    return {
        "K1": _he(rng, 5, 5, 1, 16),
        "c1": _zeros(16),
        "K2": _he(rng, 5, 5, 16, 32),
        "c2": _zeros(32),
        "W1": _he(rng, 512, 128),
        "b1": _zeros(128),
        "W2": _he(rng, 128, 10),
        "b2": _zeros(10),
    }


def _he(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    bound = np.sqrt(6 / np.prod(shape[:-1]))
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def _zeros(count: int) -> NDArray[np.float32]:
    return np.zeros(count, np.float32)
