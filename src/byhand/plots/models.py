"""Pictures of a model: how it learnt, what it confuses, what its weights look like, what it misreads."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from byhand.datasets import Augment, Dataset, Examples
from byhand.layers import Conv2d, Dense
from byhand.network import Network
from byhand.plots.paper import BLUE, ORANGE, sheet, tiles
from byhand.training import Evaluation

MOST_TILES = 60


def curves(history: Iterable[Mapping[str, Any]]) -> Figure:
    """Loss and accuracy, training and validation, over the steps of a training."""
    reports = list(history)
    validated = [report for report in reports if report["validation_loss"] is not None]
    figure = Figure(figsize=(10, 4), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    for axes, training, validation in [
        (loss, "loss", "validation_loss"),
        (accuracy, "training_accuracy", "validation_accuracy"),
    ]:
        axes.plot(
            [report["step"] for report in reports],
            [report[training] for report in reports],
            color=ORANGE,
            linestyle="--",
            linewidth=1.2,
            label="training",
        )
        axes.plot(
            [report["step"] for report in validated],
            [report[validation] for report in validated],
            color=BLUE,
            marker="o",
            label="validation",
        )
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend()
    loss.set_title("loss")
    loss.set_yscale("log")
    accuracy.set_title("accuracy")
    lowest = min([0.9, *(report["validation_accuracy"] for report in validated)])
    accuracy.set_ylim(max(0.0, lowest - 0.05), 1.005)
    accuracy.yaxis.set_major_formatter(PercentFormatter(1))
    return figure


def confusion(evaluation: Evaluation, classes: Sequence[str]) -> Figure:
    """What is taken for what: the wrong answers are coloured, the right ones only counted."""
    matrix = evaluation.confusion
    wrong = matrix * ~np.eye(len(classes), dtype=bool)
    side = 2.5 + 0.55 * len(classes)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(1, wrong.max()) * 1.4)
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            right = row == column
            axes.text(
                column,
                row,
                f"{count}",
                ha="center",
                va="center",
                fontsize=9,
                color="#777777" if right else "black",
            )
    axes.set_xticks(range(len(classes)), classes, rotation=0 if max(map(len, classes)) < 3 else 60)
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xlabel("what was read")
    axes.set_ylabel("what it is")
    wrongs = len(evaluation.labels) - evaluation.right
    axes.set_title(f"{wrongs:,} of {len(evaluation.labels):,} misread: {evaluation.accuracy:.2%} right")
    return figure


def weights(network: Network) -> Figure:
    """Weights from the pixels to each unit of the first layer, as images: red above 0, blue below.

    Those of a convolution are from the pixels around a place.
    """
    kinds = (Dense, Conv2d)
    position = next(i for i, layer in enumerate(network.layers) if isinstance(layer, kinds))
    W = network.parameters[position].W
    if isinstance(network.layers[position], Conv2d):
        images = np.moveaxis(W, 2, 3)  # (O, k, C, k) there
    else:
        images = W.T[:256].reshape(-1, *network.input_shape)
    if images.ndim == 4:
        images = images.mean(axis=3)  # colours together
    title = "what each hidden unit looks for: ink on red, no ink on blue"
    largest = np.abs(images).max(axis=(1, 2), keepdims=True) + np.finfo(images.dtype).tiny  # never 0
    return tiles(images / largest, [""] * len(images), title, across=16, cmap="RdBu_r", vmin=-1, vmax=1)


def misread(examples: Examples, evaluation: Evaluation, classes: Sequence[str]) -> Figure:
    """Misread test images, the surest first: what it is, what was read, and how surely."""
    sureness = evaluation.probabilities.max(axis=1)
    wrong = np.flatnonzero(evaluation.answers != evaluation.labels)
    shown = wrong[np.argsort(-sureness[wrong], kind="stable")][:MOST_TILES]
    captions = [
        f"{classes[examples.labels[i]]}, read as {classes[evaluation.answers[i]]}\n{sureness[i]:.0%} sure"
        for i in shown
    ]
    title = f"{len(wrong)} of {len(examples)} images are misread"
    if len(shown) < len(wrong):
        title += f"; the {len(shown)} read most surely"
    return sheet(examples.images[shown], captions, title)


def examples(dataset: Dataset, rng: np.random.Generator) -> Figure:
    """Ten training images of each class (fewer if it has fewer), picked by chance."""
    labels = dataset.train.labels
    of_each = [np.flatnonzero(labels == k) for k in range(len(dataset.classes))]
    shown = np.concatenate([rng.choice(some, min(10, len(some)), replace=False) for some in of_each])
    captions = [dataset.classes[labels[i]] for i in shown]
    return sheet(dataset.train.images[shown], captions, f"{dataset.name}: {len(labels):,} training images")


def augmented(dataset: Dataset, augment: Augment, rng: np.random.Generator, each: int = 9) -> Figure:
    """A training image of each class, picked by chance, and `each` changed copies to the right of it."""
    labels = dataset.train.labels
    of_each = [np.flatnonzero(labels == k) for k in range(len(dataset.classes))]
    picked = [rng.choice(some) for some in of_each if len(some)]
    shown = np.repeat(dataset.train.images[picked], 1 + each, axis=0)
    copies = np.arange(len(shown)) % (1 + each) > 0
    shown[copies] = augment(shown[copies], rng)
    captions = [text for i in picked for text in [dataset.classes[labels[i]], *[""] * each]]
    title = f"{dataset.name}: training images on the left, changed by chance to the right of them"
    return sheet(shown, captions, title, across=1 + each)
