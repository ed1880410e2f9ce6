"""The network: layers in a row, and all of their parameters in one flat vector."""

import math
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike

from byhand.arrays import Array, Images, Shape
from byhand.errors import SettingError
from byhand.images import Preprocessing
from byhand.initial import Initial
from byhand.layers import Layer, Parameters
from byhand.scratch import Slot


class Network:
    """Layers one after another, from one example of shape `input_shape` to its logits.

    `theta` (P,) holds every parameter; `parameters` has a named set of views into it for each layer. Write
    into theta, never rebind it. Any number of threads may use one network at once, with a Workspace each.

    Raises SettingError if the layers do not fit together.
    """

    def __init__(self, layers: Iterable[Layer], input_shape: Shape, dtype: DTypeLike = np.float32) -> None:
        self.layers = tuple(layers)
        self.input_shape = tuple(input_shape)
        shape = self.input_shape
        for layer in self.layers:
            shape = layer.output_shape(shape)
        if len(shape) != 1:
            raise SettingError(f"the network's output has shape {shape}; it must end in one number a class")
        self.classes = shape[0]
        shapes = [shape for layer in self.layers for shape in layer.parameters().values()]
        self.theta: Array = np.zeros(sum(map(math.prod, shapes)), dtype)
        self.parameters = self.views(self.theta)

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The type of every number in the network."""
        return self.theta.dtype

    @cached_property
    def first_trained(self) -> int:
        """Position of the first layer with parameters: gradients below it are of no use to anyone."""
        trained = (i for i, layer in enumerate(self.layers) if layer.parameters())
        return next(trained, len(self.layers))

    def views(self, vector: Array) -> list[Parameters]:
        """Views into a vector like theta, for each layer, by name: no copies."""
        views, start = [], 0
        for layer in self.layers:
            named = {}
            for name, shape in layer.parameters().items():
                end = start + math.prod(shape)
                named[name] = vector[start:end].reshape(shape)
                start = end
            views.append(Parameters(named))
        return views

    def initialize(self, initial: Initial, rng: np.random.Generator) -> None:
        """Start all parameters anew from initial values."""
        for layer, p in zip(self.layers, self.parameters, strict=True):
            layer.initialize(p, initial, rng)

    def forward(self, x: Array, workspace: "Workspace") -> Array:
        """Logits (B, K) of inputs (B, *input_shape). They live in the workspace until its next forward."""
        for layer, p, slot in zip(self.layers, self.parameters, workspace.slots, strict=True):
            x = layer.forward(x, p, slot)
        return x

    def backward(self, dlogits: Array, workspace: "Workspace") -> None:
        """Fill workspace.gradient from the gradient (B, K) with respect to the logits of the last forward."""
        dy = dlogits
        for i in reversed(range(self.first_trained, len(self.layers))):
            layer, slot = self.layers[i], workspace.slots[i]
            layer.gradients(dy, workspace.dparameters[i], slot)
            if i > self.first_trained:
                dy = layer.backward(dy, self.parameters[i], slot)

    def input_gradient(self, dlogits: Array, workspace: "Workspace") -> Array:
        """Gradient (B, *input_shape) with respect to the inputs: which pixels would change the answer."""
        dy = dlogits
        for layer, p, slot in zip(
            reversed(self.layers), reversed(self.parameters), reversed(workspace.slots), strict=True
        ):
            dy = layer.backward(dy, p, slot)
        return dy


class Workspace:
    """The scratch of one user of a network: a slot for each layer, and the gradient.

    With a generator the network is training, and dropout draws from it; without one it is only asked.
    """

    def __init__(self, network: Network, rng: np.random.Generator | None = None) -> None:
        self._network = network
        self.slots = [Slot(network.dtype, rng) for _ in network.layers]
        self.inputs = Slot(network.dtype)
        self.loss = Slot(network.dtype)

    @cached_property
    def gradient(self) -> Array:
        """Gradient (P,) of the loss with respect to theta; made when first needed."""
        return np.zeros_like(self._network.theta)

    @cached_property
    def dparameters(self) -> list[Parameters]:
        """Views into the gradient, as network.parameters are into theta."""
        return self._network.views(self.gradient)


def ask(network: Network, images: Images, prepare: Preprocessing, batch_size: int = 500) -> Array:
    """Logits (N, K) of any number of images (N, ...) uint8, a batch at a time, the last partial one too."""
    workspace = Workspace(network)
    logits = np.empty((len(images), network.classes), network.dtype)
    for start in range(0, len(images), batch_size):
        x = prepare(images[start : start + batch_size], workspace.inputs)
        logits[start : start + len(x)] = network.forward(x, workspace)
    return logits
