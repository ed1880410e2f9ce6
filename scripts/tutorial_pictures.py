"""Walk through docs/tutorial.md, say what is not true in it, and draw its pictures anew.

    python scripts/tutorial_pictures.py [--mend]

With --mend, numbers and prints that have changed are also written into the page. Read it again then: what it
says about them may have to change as well. What `byhand article` prints is not run here but kept:
byhand article --json > tests/docs/article.json
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from byhand import Network, Workspace, plots
from byhand.functions import softmax
from byhand.plots.paper import BLUE, ORANGE

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "docs"))

from walking import RECORDED, walk  # noqa: E402
from walking import TUTORIAL as PAGE  # noqa: E402

WIDE = 5.45
"""Inches: 600 pixels, as plots.save writes them."""

Names = dict[str, Any]
"""What the page's blocks have made."""


def digits(names: Names) -> Figure:
    training = names["dataset"].train
    shown = np.array([np.flatnonzero(training.labels == k)[n] for n in range(2) for k in range(10)])
    captions = [str(label) for label in training.labels[shown]]
    figure = plots.sheet(training.images[shown], captions, "Twenty of the 60,000", size=0.5)
    figure.set_size_inches(WIDE, 1.6)
    return figure


def network(names: Names) -> Figure:
    figure = plots.network_diagram(names["network"], names["recipe"].prepare, names["dataset"].test.images[0])
    figure.set_size_inches(6.2, 3.4)
    return figure


def sigmoid(_: Names) -> Figure:
    figure = plots.sigmoid_curve()
    figure.set_size_inches(WIDE, 3.2)
    return figure


def small(names: Names) -> Figure:
    """The network of two pixels, two units and two classes, as it was before the page took a step with it."""
    net = Network(names["small"].layers, (2,), np.float64)
    net.theta[:] = names["small"].theta + 0.5 * names["workspace"].gradient
    workspace = Workspace(net)
    x = names["two_pixels"]
    z = net.forward(x, workspace)
    columns = [x[0], workspace.slots[1].y[0], softmax(z)[0]]
    first, second = net.parameters[0], net.parameters[2]

    figure = Figure(figsize=(WIDE, 3.0), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    for left, W in enumerate([first.W, second.W]):
        for (i, o), weight in np.ndenumerate(W):
            _line(axes, (left, i), (left + 1, o), weight)
    for place, numbers in enumerate(columns):
        for row, number in enumerate(numbers):
            axes.plot(place, row, "o", markersize=44, color="white", markeredgecolor="black")
            axes.text(place, row, f"{number:.4g}", ha="center", va="center", fontsize=10)
    for place, words in enumerate(["pixels", "hidden units", "probabilities"]):
        axes.text(place, -0.5, words, ha="center", va="center", fontsize=10)
    for place, b in [(1, first.b), (2, second.b)]:
        for row, number in enumerate(b):
            words = f"bias {number:g}".replace("-", "−")
            axes.text(place, row + 0.31, words, ha="center", va="center", fontsize=9)
    axes.set(xlim=(-0.3, 2.3), ylim=(1.45, -0.65))
    return figure


def _line(axes: Axes, start: tuple[int, int], end: tuple[int, int], weight: float) -> None:
    """A line with its weight on it, nearer to its start, where lines do not cross."""
    axes.plot(
        *zip(start, end, strict=True),
        color=ORANGE if weight > 0 else BLUE,
        linestyle="-" if weight > 0 else "--",
        linewidth=0.8 + 0.8 * abs(weight),
        zorder=0,
    )
    x, y = (s + 0.33 * (e - s) for s, e in zip(start, end, strict=True))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    axes.text(x, y, f"{weight:g}".replace("-", "−"), ha="center", va="center", fontsize=10, bbox=box)


def downhill(_: Names) -> Figure:
    figure = Figure(figsize=(WIDE, 3.2), layout="constrained")
    axes = figure.subplots()
    w = np.linspace(-0.6, 6.6, 200)
    axes.plot(w, (w - 3) ** 2, color="#777777", linewidth=1.5)
    for rate, style, colour in [(0.25, "o-", BLUE), (0.9, "s--", ORANGE)]:
        path = 3 - 3 * (1 - 2 * rate) ** np.arange(7)
        axes.plot(
            path, (path - 3) ** 2, style, color=colour, markersize=6, linewidth=1.2, label=f"η = {rate}"
        )
    axes.annotate("start", (0, 9), (0.5, 10.5), arrowprops={"arrowstyle": "->"}, fontsize=10)
    axes.set(xlabel="w", ylabel="L = (w − 3)²", ylim=(-0.6, 12))
    axes.grid(alpha=0.3)
    axes.legend(loc="upper center")
    return figure


def curves(names: Names) -> Figure:
    figure = plots.curves([vars(report) for report in names["history"]])
    figure.set_size_inches(6.2, 2.9)
    figure.axes[1].yaxis.set_major_locator(MultipleLocator(0.05))
    return figure


def weights(names: Names) -> Figure:
    figure = plots.weights(names["network"])
    figure.set_size_inches(WIDE, 3.0)
    return figure


def misread(names: Names) -> Figure:
    scores, test = names["scores"], names["dataset"].test
    sureness = scores.probabilities.max(axis=1)
    wrong = np.flatnonzero(scores.answers != scores.labels)
    shown = wrong[np.argsort(-sureness[wrong], kind="stable")][:12]
    captions = [f"{test.labels[i]}, read as {scores.answers[i]}\n{sureness[i]:.1%} sure" for i in shown]
    figure = plots.sheet(test.images[shown], captions, "Misread most surely", across=6, size=0.84)
    figure.set_size_inches(WIDE, 2.55)
    return figure


def seven(names: Names) -> Figure:
    pictures = np.stack([names["seven"], np.roll(names["seven"], (3, -2), axis=(0, 1))])
    probabilities = names["model"].probabilities(pictures)
    captions = [
        f"{where}\nread as {row.argmax()}, {row.max():.0%} sure"
        for where, row in zip(["as drawn", "moved"], probabilities, strict=True)
    ]
    figure = plots.sheet(pictures, captions, "The ideal 7", across=2, size=1.8)
    figure.set_size_inches(5.0, 2.7)
    return figure


def ladder(_: Names) -> Figure:
    rungs = RECORDED["ladder"]
    columns = [[rung[key] for rung in rungs] for key in ("name", "test_accuracy", "alone_accuracy", "spread")]
    figure = plots.ladder_chart(*columns)
    figure.set_size_inches(6.2, 4.6)
    return figure


PICTURES: dict[str, Callable[[Names], Figure]] = {
    "digits": digits,
    "network": network,
    "sigmoid": sigmoid,
    "small": small,
    "downhill": downhill,
    "curves": curves,
    "weights": weights,
    "misread": misread,
    "seven": seven,
    "ladder": ladder,
}
"""What is drawn in docs/pictures/tutorial-NAME.png."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mend", action="store_true", help="write what has changed into the page")
    arguments = parser.parse_args()
    walked = walk(PAGE)
    for place, wrong in walked.wrong.items():
        if wrong is not None:
            print(f"{place}: {wrong}")
    if arguments.mend:
        PAGE.path.write_text(walked.mended(), encoding="utf-8")
    for name, draw in PICTURES.items():
        plots.save(draw(walked.names), ROOT / "docs" / "pictures" / f"tutorial-{name}.png")


if __name__ == "__main__":
    main()
