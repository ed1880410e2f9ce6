"""What every layer is: three formulas, and no numbers of its own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from byhand.arrays import Array, Shape
from byhand.initial import Initial
from byhand.scratch import Slot


class Parameters:
    """The arrays of one layer by name, p.W, p.b: views into a flat vector of all of the network's."""

    def __init__(self, views: Mapping[str, Array]) -> None:
        self.__dict__.update(views)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Array: ...


@dataclass(frozen=True)
class Layer(ABC):
    """One step of the way from pixels to logits. x is what comes in, y what goes out.

    A layer is stateless: parameters, gradients and scratch are handed to it, so one layer can serve several
    threads at once. `forward` leaves in the slot what the others need. Arrays are (B, ...), batch first;
    how their numbers lie in memory is a layer's own affair (see memory.py).
    """

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Shape of y for x of this shape, B left out of both; SettingError if x cannot have it."""

    def parameters(self) -> dict[str, Shape]:
        """Shapes of the parameters by name."""
        return {}

    def statistics(self) -> dict[str, Shape]:
        """Shapes of what is kept beside the parameters, by name: measured in training, not learnt."""
        return {}

    def initialize(self, p: Parameters, initial: Initial, rng: np.random.Generator) -> None:
        """Write initial values into p."""

    @abstractmethod
    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """Return y, in the slot's memory. With slot.rng set the network is training, else it is asked."""

    def gradients(self, dy: Array, dp: Parameters, slot: Slot) -> None:
        """Write into dp the gradients with respect to the parameters."""

    @abstractmethod
    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """Return dx, in the slot's memory. Training leaves out the first layer's: nobody needs it."""

    def observe(self, p: Parameters, slot: Slot) -> None:
        """Take into the statistics, which are in p, what the last training batch has shown."""
