"""Activations: what bends the straight lines between the dense layers, number by number.

The formulas stand in functions.py; a layer only says where their results are kept. None has parameters
and none changes a shape. Derived in docs/derivations/activations.md.
"""

from abc import abstractmethod
from dataclasses import dataclass

from byhand.arrays import Array, Shape
from byhand.functions import relu, relu_backward, sigmoid, sigmoid_backward, tanh, tanh_backward
from byhand.layers.base import Layer, Parameters
from byhand.scratch import Slot


@dataclass(frozen=True)
class Activation(Layer):
    """y = f(x), elementwise."""

    @staticmethod
    @abstractmethod
    def function(x: Array, out: Array) -> Array:
        """Write f(x) into out."""

    @staticmethod
    @abstractmethod
    def derivative(dy: Array, y: Array, out: Array) -> Array:
        """Write dy f'(x) into out, with f'(x) expressed by y = f(x)."""

    def output_shape(self, shape: Shape) -> Shape:
        """The same."""
        return shape

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """y = f(x)."""
        slot.y = self.function(x, slot.buffer_like("y", x))
        return slot.y

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """dx = dy f'(x)."""
        return self.derivative(dy, slot.y, slot.buffer_like("dx", slot.y))


@dataclass(frozen=True)
class Sigmoid(Activation):
    """y = 1 / (1 + e⁻ˣ),   dx = dy y (1 − y)."""

    function = staticmethod(sigmoid)
    derivative = staticmethod(sigmoid_backward)


@dataclass(frozen=True)
class Tanh(Activation):
    """y = tanh x,   dx = dy (1 − y²)."""

    function = staticmethod(tanh)
    derivative = staticmethod(tanh_backward)


@dataclass(frozen=True)
class ReLU(Activation):
    """y = max(0, x),   dx = dy where y > 0, else 0."""

    function = staticmethod(relu)
    derivative = staticmethod(relu_backward)
