"""Initial values: how far from zero the weights of a layer may start.

All four are uniform on (−bound, bound). They differ in the bound, a formula in the number of inputs (I) and
outputs (O) of the layer; what each is good for is how the variance of the signal passes through it.
"""

import math
from collections.abc import Callable
from typing import NamedTuple


class Bounds(NamedTuple):
    """The values start uniformly within ± these."""

    weights: float
    biases: float


Initial = Callable[[int, int], Bounds]
"""From the number of inputs and of outputs of a layer to its bounds."""


def article(inputs: int, outputs: int) -> Bounds:
    """±1 / √(I O), as the article has it: so small that the outputs hardly depend on the inputs at first."""
    return Bounds(1 / math.sqrt(inputs * outputs), 0.0)


def glorot(inputs: int, outputs: int) -> Bounds:
    """±√(6 / (I + O)): keeps the variance of signals and gradients alike through sigmoid and tanh.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010, eq. 16.
    """
    return Bounds(math.sqrt(6 / (inputs + outputs)), 0.0)


def he(inputs: int, outputs: int) -> Bounds:
    """±√(6 / I), of variance 2 / I: twice as much as for a linear layer, since ReLU silences half of it.

    He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015, eq. 10.
    """
    return Bounds(math.sqrt(6 / inputs), 0.0)


def pytorch(inputs: int, outputs: int) -> Bounds:
    """±1 / √I for weights and biases, what torch.nn.Linear starts from."""
    return Bounds(1 / math.sqrt(inputs), 1 / math.sqrt(inputs))


INITIALS: dict[str, Initial] = {"article": article, "glorot": glorot, "he": he, "pytorch": pytorch}
