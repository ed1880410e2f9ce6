"""Layers: a file a family, each forward with its hand-derived backward beside it."""

from byhand.layers.activations import ReLU, Sigmoid, Tanh
from byhand.layers.base import Layer, Parameters
from byhand.layers.convolution import Conv2d
from byhand.layers.dense import Dense
from byhand.layers.dropout import Dropout
from byhand.layers.flatten import Flatten
from byhand.layers.normalization import BatchNorm
from byhand.layers.pooling import AveragePool2d, MaxPool2d

LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (
        AveragePool2d,
        BatchNorm,
        Conv2d,
        Dense,
        Dropout,
        Flatten,
        MaxPool2d,
        ReLU,
        Sigmoid,
        Tanh,
    )
}
"""Every kind of layer by the name that it has in a model file."""

__all__ = [
    "LAYERS",
    "AveragePool2d",
    "BatchNorm",
    "Conv2d",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "MaxPool2d",
    "Parameters",
    "ReLU",
    "Sigmoid",
    "Tanh",
]
