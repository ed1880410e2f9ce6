"""Layers: a file a family, each forward with its hand-derived backward beside it."""

from byhand.layers.activations import ReLU, Sigmoid, Tanh
from byhand.layers.base import Layer, Parameters
from byhand.layers.dense import Dense
from byhand.layers.dropout import Dropout
from byhand.layers.flatten import Flatten

LAYERS: dict[str, type[Layer]] = {
    "Dense": Dense,
    "Dropout": Dropout,
    "Flatten": Flatten,
    "ReLU": ReLU,
    "Sigmoid": Sigmoid,
    "Tanh": Tanh,
}
"""Every kind of layer by the name that it has in a model file."""

__all__ = ["LAYERS", "Dense", "Dropout", "Flatten", "Layer", "Parameters", "ReLU", "Sigmoid", "Tanh"]
