"""What several tests share: a small data set, a model trained on it, and the command line in use."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # two tests at a time, each with a core of its own

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from helpers import Said
from hypothesis import HealthCheck, settings

from byhand.cli import run
from byhand.datasets import Dataset, Examples, load, write_idx
from byhand.images import PictureForm
from byhand.initial import pytorch
from byhand.layers import Dense, Flatten
from byhand.model import Model
from byhand.network import Network
from byhand.recipes import RECIPES, provenance, split
from byhand.refusal import Refusal

settings.register_profile("byhand", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("byhand")  # a machine that is slow for a moment is no failure


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load("mnist")


@pytest.fixture(scope="session")
def small(mnist) -> Dataset:
    """The first 3,000 training and 500 test images of MNIST."""
    few = np.arange(3000)
    return Dataset("small", mnist.train.take(few), mnist.test.take(few[:500]), mnist.classes)


@pytest.fixture(scope="session")
def small_folder(small, tmp_path_factory) -> Path:
    """The small data set as a folder of IDX files."""
    return _in_a_folder(tmp_path_factory.mktemp("small"), small.train, small.test)


@pytest.fixture(scope="session")
def few_folder(small, tmp_path_factory) -> Path:
    """A sixth of it, for recipes that take long over each image."""
    return _in_a_folder(tmp_path_factory.mktemp("few"), small.train.take(np.arange(500)), small.test)


def _in_a_folder(folder: Path, train: Examples, test: Examples) -> Path:
    for part, examples in [("train", train), ("t10k", test)]:
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", examples.images)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", examples.labels)
    return folder


@pytest.fixture(scope="session")
def model(small) -> Model:
    """A model trained on the small data set for three epochs."""
    recipe = RECIPES["sigmoid"].adapted(epochs=3)
    rng = np.random.default_rng(0)
    training, validation = split(small.train)
    network = recipe.network((28, 28), 10, rng)
    history = tuple(asdict(report) for report in recipe.train(network, training, validation, rng, every=10))
    return Model(network, small.classes, recipe.prepare, history, provenance("sigmoid", small, 0))


@pytest.fixture(scope="session")
def model_file(model, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    model.save(path)
    return path


@pytest.fixture
def byhand(capfd, tmp_path, monkeypatch) -> Callable[..., Said]:
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Said:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Said(status, captured.out, captured.err)

    return call


@pytest.fixture
def byhand_process(tmp_path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start a command in a process of its own, in an empty folder; it ends with the test at the latest.

    It hears Ctrl-C even if the tests run in the background of a shell, which lets its processes ignore it.
    No coverage is measured in it: a Ctrl-C between taking and giving back a lock of coverage's own hangs it.
    """
    started = []
    without_coverage = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}

    def hear() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def start(*arguments: object, **settings) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "byhand", *map(str, arguments)],
            cwd=tmp_path,
            env=settings.pop("env", without_coverage) | {"COLUMNS": "100"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **{"preexec_fn": hear, **settings},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def reader(small):
    """A model with eleven classes, ten of which are answers."""
    network = Network([Flatten(), Dense(784, 11)], (28, 28))
    network.initialize(pytorch, np.random.default_rng(0))
    form, refusal = PictureForm(thin=1.5), Refusal(2.5, 0.75, 10)
    return Model(network, (*small.classes, "none"), form=form, refusal=refusal)
