"""Pictures, each a function that draws one matplotlib Figure."""

from byhand.plots.articles import (
    drawn_digits,
    ladder_chart,
    network_diagram,
    sigmoid_curve,
    training_accuracies,
)
from byhand.plots.models import MOST_TILES, augmented, confusion, curves, examples, misread, weights
from byhand.plots.paper import save, sheet

__all__ = [
    "MOST_TILES",
    "augmented",
    "confusion",
    "curves",
    "drawn_digits",
    "examples",
    "ladder_chart",
    "misread",
    "network_diagram",
    "save",
    "sheet",
    "sigmoid_curve",
    "training_accuracies",
    "weights",
]
