"""The article's figures: its function, its network, its training, its drawn digits; and the ladder."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, PercentFormatter

from byhand.arrays import Array, Images
from byhand.functions import sigmoid, sigmoid_backward, softmax
from byhand.images import Preprocessing
from byhand.network import Network, Workspace
from byhand.plots.paper import BLUE, ORANGE, sheet

GREY = "#777777"

UNIT = 50
"""The hidden unit whose weights the diagram shows: one near the middle, no better than the others."""


def sigmoid_curve() -> Figure:
    """The sigmoid and its derivative."""
    x = np.linspace(-10, 10, 401)
    y = sigmoid(x)
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(x, y, color=BLUE, linewidth=2, label="σ(x) = 1 / (1 + e⁻ˣ)")
    axes.plot(
        x,
        sigmoid_backward(np.ones_like(y), y),
        color=ORANGE,
        linestyle="--",
        linewidth=2,
        label="σ′ = σ (1 − σ)",
    )
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_xlabel("x")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")
    axes.set_title("The sigmoid: steep in the middle, flat far out")
    return figure


def network_diagram(network: Network, prepare: Preprocessing, image: Images) -> Figure:
    """The article's network at work on an image (28, 28), to scale: every number is a square of one size.

    The lines are the weights of one hidden unit, UNIT: from the pixels to it, and from it to the digits.
    """
    workspace = Workspace(network)
    logits = network.forward(prepare(image[np.newaxis], workspace.inputs), workspace)
    hidden, outputs = workspace.slots[2].y, softmax(logits)[0]
    to_unit, from_unit = network.parameters[1].W[:, UNIT], network.parameters[3].W[UNIT]

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    pixels = _squares(axes, image / 255, left=0, top=0)
    units = _squares(axes, hidden.reshape(16, 8), left=40, top=6)
    digits = _squares(axes, outputs.reshape(10, 1), left=61, top=9)
    strongest = np.argsort(-np.abs(to_unit))[:90]
    _lines(axes, pixels[strongest], units[UNIT], to_unit[strongest])
    _lines(axes, digits, units[UNIT], from_unit)
    for number in sorted({0, 9, int(outputs.argmax())}):  # all ten would overlap
        y = digits[number, 1]
        axes.text(63, y, f"{number}", va="center", fontsize=9)
        axes.text(65, y, f"{outputs[number]:.0%}", va="center", fontsize=9, color=GREY)
    for x, y, words in [
        (14, 29, "784 pixels"),
        (44, 23, "128 hidden units\nsigmoid(x W₁ + b₁)"),
        (62, 20, "10 digits\nsoftmax(h W₂ + b₂)"),
    ]:
        axes.text(x, y, words, ha="center", va="top", fontsize=10)
    words = "the weights of one hidden unit, orange above 0, blue below; of 784 pixels the 90 strongest"
    axes.text(35, -1, words, ha="center", va="bottom", fontsize=9)
    axes.set(xlim=(-1, 71), ylim=(32, -3), aspect="equal")
    return figure


def _squares(axes: Axes, values: Array, left: float, top: float) -> Array:
    """Draw numbers from 0 (white) to 1 (black) as squares of size 1; their middles (N, 2)."""
    rows, columns = np.indices(values.shape)
    x, y = left + columns.ravel(), top + rows.ravel()
    squares = PatchCollection([Rectangle((a, b), 1, 1) for a, b in zip(x, y, strict=True)], linewidth=0.3)
    squares.set(array=values.ravel(), cmap="gray_r", clim=(0, 1), edgecolor="#aaaaaa")
    axes.add_collection(squares)
    return np.stack([x + 0.5, y + 0.5], axis=1)


def _lines(axes: Axes, starts: Array, end: Array, weights: Array) -> None:
    """Draw lines from many points to one, orange for weights above 0, as wide as these are large."""
    widths = 0.2 + np.abs(weights) / np.abs(weights).max()
    colours = [ORANGE if weight > 0 else BLUE for weight in weights]
    axes.add_collection(
        LineCollection([(a, end) for a in starts], colors=colours, linewidths=widths, alpha=0.6)
    )


def training_accuracies(batches: Sequence[float], validation: Sequence[float]) -> Figure:
    """Accuracy of each batch, smoothed over a hundred, and on the validation images, from 0 to 1."""
    every = -(-len(batches) // len(validation))  # batches between two validations, the first after one
    window = min(100, len(batches))
    smooth = np.convolve(batches, np.full(window, 1 / window), mode="valid")
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(batches, ".", color=ORANGE, markersize=1.5, alpha=0.25)
    axes.plot(
        np.arange(len(smooth)) + window / 2, smooth, "--", color=ORANGE, label="batches, mean of a hundred"
    )
    axes.plot(np.arange(len(validation)) * every, validation, color=BLUE, linewidth=2, label="validation")
    axes.set(xlabel="iteration", ylim=(0, 1), title=f"The article's training, {len(batches):,} iterations")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    return figure


def drawn_digits(images: Images, read: Mapping[str, Sequence[int]]) -> Figure:
    """The drawn digits (D, 28, 28), and under each what every network, by its name, reads in it."""
    captions = [
        "\n".join(f"{network}: {digits[i]}" for network, digits in read.items()) for i in range(len(images))
    ]
    return sheet(images, captions, "What is read in the drawn digits", across=len(images), size=1.9)


def ladder_chart(
    names: Sequence[str], together: Sequence[float], alone: Sequence[float], spread: Sequence[float]
) -> Figure:
    """Wrong answers on each rung, in per cent on a logarithmic scale: asked together, and each alone."""
    wrong, wrong_alone = 100 * (1 - np.array(together)), 100 * (1 - np.array(alone))
    places = np.arange(len(names))
    figure = Figure(figsize=(7, 0.9 + 0.36 * len(names)), layout="constrained")
    axes = figure.subplots()
    axes.barh(places, wrong, color=BLUE, height=0.6, label="asked together")
    axes.errorbar(wrong, places, xerr=100 * np.array(spread), fmt="none", ecolor="black", elinewidth=1)
    differ = wrong_alone != wrong
    axes.plot(wrong_alone[differ], places[differ], "D", color=ORANGE, markersize=6, label="each asked alone")
    for place, value in enumerate(wrong):
        at, words = value + 100 * spread[place], f"{value:.2f} %"
        if differ[place]:
            at, words = max(at, wrong_alone[place]), f"{words}, alone {wrong_alone[place]:.2f} %"
        axes.text(1.08 * at, place, words, va="center", fontsize=9)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(1, 400)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    axes.set_xlabel("test images misread")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower right")
    axes.set_title("The ladder: one change a rung")
    return figure
