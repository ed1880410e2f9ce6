"""Pictures of a model: how it learnt, what it confuses, what its weights look like, what it misreads.

Every function draws one matplotlib Figure. Figures are made directly, without pyplot, so that nothing
global is touched and no window is opened. Lines differ in dashes and in colours that everyone can tell
apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from byhand.arrays import Images
from byhand.datasets import Dataset, Examples
from byhand.files import written_whole
from byhand.layers import Dense
from byhand.network import Network
from byhand.training import Evaluation

BLUE, ORANGE = "#0072b2", "#d55e00"  # of Okabe and Ito's palette for every kind of sight

MOST_TILES = 60


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, whole or not at all; OutputError when that fails."""
    with written_whole(path) as beside:
        figure.savefig(beside, format="png", dpi=110)


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
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
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
    """Weights from the pixels to each unit of the first dense layer, as images: red above 0, blue below."""
    position = next(i for i, layer in enumerate(network.layers) if isinstance(layer, Dense))
    columns = network.parameters[position].W.T[:256]
    images = columns.reshape(len(columns), *network.input_shape)
    if images.ndim == 4:
        images = images.mean(axis=3)  # colours together
    title = "what each hidden unit looks for: ink on red, no ink on blue"
    figure, tiles = _grid(len(images), across=16, title=title, room=0.0)
    for tile, image in zip(tiles, images, strict=True):
        largest = np.abs(image).max()
        tile.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
    return figure


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


def sheet(images: Images, captions: Sequence[str], title: str) -> Figure:
    """Images (N, H, W) or (N, H, W, C) with a caption under each."""
    figure, tiles = _grid(
        len(images),
        across=10,
        title=title,
        room=0.45 if any("\n" in caption for caption in captions) else 0.3,
    )
    for tile, image, caption in zip(tiles, images, captions, strict=True):
        tile.imshow(image, cmap="gray_r", vmin=0, vmax=255)
        tile.set_xlabel(caption, fontsize=8)
    return figure


def _grid(count: int, across: int, title: str, room: float) -> tuple[Figure, list[Any]]:
    """A figure with `count` tiles for images, and `room` inches for a caption under each."""
    across = max(1, min(across, count))
    down = max(1, -(-count // across))
    figure = Figure(figsize=(max(5.0, across * 0.95), 0.5 + down * (0.95 + room)), layout="constrained")
    figure.suptitle(title)
    tiles = list(figure.subplots(down, across, squeeze=False).flat)
    for tile in tiles:
        tile.set_xticks([])
        tile.set_yticks([])
        tile.spines[:].set_color("#cccccc")
    for unused in tiles[count:]:
        unused.set_visible(False)
    return figure, tiles[:count]
