"""A network in parts that have some of its hidden units each, where there is one layer of them.

Its logits are then a sum over the hidden units, and a bias:

    z = Σ_j h_j W₂[j] + b₂,      h_j = f(x W₁[:, j] + b₁[j])

So some of the units with their weights are a network of their own, which is given all of x and gives its part
of the sum. To learn, it needs nothing of the others but z: its gradients follow from dz and its own numbers.
Two such parts of 784-128-10 tell each other 10 numbers an image, 1280 a batch. Parts that have some of the
images each would exchange 101,770 numbers of their gradients in each step, and as many parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from numpy.typing import DTypeLike

from byhand.arrays import Array, Shape
from byhand.layers import Dense, Dropout, Flatten, Layer
from byhand.layers.activations import Activation
from byhand.network import Network
from byhand.processes import share

Place = Callable[[Shape, DTypeLike], Array]
"""What makes the array that a network's numbers are in."""


@dataclass(frozen=True)
class UnitsPart:
    """Some hidden units of a network, as a network of their own.

    `copies` are pairs of views of what both have, the whole network's first. The bias of the logits is the
    first part's alone; in the others it is to stay 0, and is not among the copies.
    """

    network: Network
    copies: list[tuple[Array, Array]]


def parts_by_units(network: Network, count: int, place: Place) -> list[UnitsPart]:
    """So many parts of the network with some of its hidden units each; none if it has no such parts.

    It has if it is a dense layer, whatever works on each number by itself, and another dense layer.
    """
    match network.layers:
        case [Dense() as below, *between, Dense() as above]:
            before: list[Layer] = []
        case [Flatten() as flatten, Dense() as below, *between, Dense() as above]:
            before = [flatten]
        case _:
            return []
    if below.outputs < count or not all(isinstance(layer, Activation | Dropout) for layer in between):
        return []

    def part(units: slice) -> UnitsPart:
        size = units.stop - units.start
        layers = [*before, replace(below, outputs=size), *between, replace(above, inputs=size)]
        network_part = Network(layers, network.input_shape, network.dtype, place)
        p, q = network.parameters[len(before)], network.parameters[-1]
        own_p, own_q = network_part.parameters[len(before)], network_part.parameters[-1]
        copies = [(p.W[:, units], own_p.W), (p.b[units], own_p.b), (q.W[units], own_q.W)]
        if units.start == 0:
            copies.append((q.b, own_q.b))
        return UnitsPart(network_part, copies)

    return [part(share(below.outputs, count, i)) for i in range(count)]
