"""What several tests use by name."""

import json
import math
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from byhand.datasets import Dataset, Examples
from byhand.images import Mark, follow
from byhand.initial import glorot
from byhand.layers import Dense, Flatten, Layer, Parameters, Sigmoid
from byhand.network import Network
from byhand.optimizers import SGD
from byhand.reading.asked import Asked
from byhand.reading.choosing import Chosen
from byhand.training import train

QUICK = ("--epochs", 1)
"""Options of a training that is over soon."""


def few_examples(count: int, shape: tuple[int, ...] = (4, 3), classes: int = 3, seed: int = 0) -> Examples:
    """Random examples for tests that need no real ones."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, *shape)).astype(np.uint8)
    return Examples(images, rng.integers(0, classes, count))


def make_network(seed=0, shape=(4, 3), classes=3, dtype=np.float32, *between):
    """A small network with one hidden layer."""
    size = math.prod(shape)
    network = Network([Flatten(), Dense(size, 6), Sigmoid(), *between, Dense(6, classes)], shape, dtype)
    network.initialize(glorot, np.random.default_rng(seed))
    return network


def training_of(network, examples, validation=None, seed=0, **settings):
    """A training of a few steps, which begins when it is asked for its first report."""
    settings = {"optimizer": SGD(0.9), "learning_rate": 0.1, "epochs": 2, "batch_size": 8} | settings
    return train(network, examples, validation, rng=np.random.default_rng(seed), **settings)


def trained(*arguments, **settings):
    """All reports of such a training, when it is over."""
    return list(training_of(*arguments, **settings))


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line that a wrong request gets."""
        lines = self.err.splitlines()
        assert len(lines) == 1, f"expected one line, got: {self.err}"
        assert lines[0].startswith("byhand: ")
        assert self.out == ""
        return lines[0]


def random_numbers(layer: Layer, seed: int = 0) -> Parameters:
    """Parameters and statistics of a layer, in float64, all other than they are at first."""
    rng = np.random.default_rng(seed)
    numbers = {name: rng.standard_normal(shape) for name, shape in layer.parameters().items()}
    numbers |= {name: rng.uniform(0.5, 2, shape) for name, shape in layer.statistics().items()}
    return Parameters(numbers)


def save_digit(images: np.ndarray, index: int, path: Path) -> Path:
    """One image as a picture of 100 by 100."""
    Image.fromarray(images[index]).resize((100, 100)).save(path)
    return path


def picture(ink, light=220.0, seed=0):
    """A photograph (H, W) of ink from 0 to 1."""
    noise = np.random.default_rng(seed).normal(0, 2, ink.shape)
    return np.clip(light * (1 - 0.8 * ink) + noise, 0, 255).astype(np.uint8)


SIDEWAYS = np.linspace(240.0, 180.0, 900)
"""Light from the left: what is lit so is a photograph."""


def counts(greys):
    """How many marks each line of a picture has."""
    return [len(line) for line in follow(greys).lines]


def interrupt(process: subprocess.Popen) -> tuple[str, str]:
    """Press Ctrl-C, and once more if nothing comes of it; what the process said on both streams.

    Python itself forgets an exception that comes at certain moments, of an import above all.
    """
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=30)


def asked(*lines):
    """Marks in lines 200 pixels apart: of each its digit ("x" for none), how far from the left, how high, how
    sure, if not 0.99, and how wide, if not half as wide as high."""
    segments, digits, sure, refused = [], "", [], []
    for number, marks in enumerate(lines):
        for digit, x, height, *more in marks:
            surely, width = more[:1], (more[1:] or [max(4, height // 2)])[0]
            mark = Mark(x, 200 * number + 100 - height, np.ones((height, width), np.float32))
            segments.append(Chosen(mark, np.zeros((28, 28), np.uint8), np.zeros(11), number))
            digits += "4" if digit == "x" else digit
            sure.append(0.0 if digit == "x" else surely[0] if surely else 0.99)
            refused.append(digit == "x")
    return Asked(segments, digits, np.array(sure)), np.array(refused)


def row(text, x, height):
    """Marks beside each other from x on."""
    return [(digit, x + height * i, height) for i, digit in enumerate(text)]


def written(mnist: Dataset, count: int = 4, size: int = 140) -> tuple[np.ndarray, str]:
    """A photograph of the first test digits in one line, 420 by 900, and its text."""
    greys = np.random.default_rng(0).normal(225, 2, (420, 900))
    for i, image in enumerate(mnist.test.images[:count]):
        part = greys[250 : 250 + size, 150 + (size + 10) * i : 150 + (size + 10) * i + size]
        part *= 1 - 0.7 * cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC).clip(0, 255) / 255
    return greys.clip(0, 255).astype(np.uint8), "".join(map(str, mnist.test.labels[:count]))


def write_on(greys, mnist, count, size, x, y, ink=0.7):
    """Writes the first test digits on this picture; their text."""
    for i, image in enumerate(mnist.test.images[:count]):
        part = greys[y : y + size, x + size * i : x + size * (i + 1)]
        part *= 1 - ink * cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC).clip(0, 255) / 255
    return "".join(map(str, mnist.test.labels[:count]))


def photograph(greys):
    """A picture (H, W) as a camera sees it: a little soft, and with a little noise."""
    noise = np.random.default_rng(0).normal(0, 2, greys.shape)
    return (cv2.GaussianBlur(greys, (0, 0), 0.7) + noise).clip(0, 255).astype(np.uint8)
