"""The network: layers in a row, and all of their parameters in one flat vector."""

import math
import threading
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike

from byhand.arrays import Array, Images, Shape, zeros
from byhand.errors import SettingError
from byhand.functions import softmax
from byhand.images import Preprocessing
from byhand.initial import Initial
from byhand.layers import Conv2d, Layer, MaxPool2d, Parameters, ReLU
from byhand.layers.pooled import PooledConv2d
from byhand.scratch import Slot
from byhand.threads import cores, side_by_side

_KINDS: tuple[Callable[[Layer], dict[str, Shape]], ...] = (
    lambda layer: layer.parameters(),
    lambda layer: layer.statistics(),
)


class Network:
    """Layers one after another, from one example of shape `input_shape` to its logits.

    `theta` (P,) holds every parameter; it is the front of `numbers`, which goes on with what the layers
    measure beside (running statistics, if any). `parameters` has a named set of views into numbers for each
    layer. Write into them, never rebind them. Any number of threads may use one network at once, with a
    Workspace each. `place` makes the array that numbers is, for who wants it in memory of another kind.

    Raises SettingError if the layers do not fit together.
    """

    def __init__(
        self,
        layers: Iterable[Layer],
        input_shape: Shape,
        dtype: DTypeLike = np.float32,
        place: Callable[[Shape, DTypeLike], Array] = zeros,
    ) -> None:
        self.layers = tuple(layers)
        self.input_shape = tuple(input_shape)
        shape = self.input_shape
        for layer in self.layers:
            shape = layer.output_shape(shape)
        if len(shape) != 1:
            raise SettingError(f"the network's output has shape {shape}; it must end in one number a class")
        self.classes = shape[0]
        learnt, measured = (
            sum(math.prod(shape) for layer in self.layers for shape in kind(layer).values())
            for kind in _KINDS
        )
        self.numbers: Array = place((learnt + measured,), dtype)
        self.theta = self.numbers[:learnt]
        self.parameters = self.views(self.numbers)
        self._asked = threading.local()

    def twin(self, place: Callable[[Shape, DTypeLike], Array] = zeros) -> "Network":
        """The same network with numbers of its own, which begin as these are."""
        twin = Network(self.layers, self.input_shape, self.dtype, place)
        np.copyto(twin.numbers, self.numbers)
        return twin

    def asked(self) -> "Workspace":
        """Workspace of this thread for asking the network, kept from one time to the next."""
        try:
            workspace: Workspace = self._asked.workspace
        except AttributeError:
            workspace = self._asked.workspace = Workspace(self)
        return workspace

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The type of every number in the network."""
        return self.theta.dtype

    @property
    def measures(self) -> bool:
        """Whether there are running statistics, for `observe` to update."""
        return self.numbers.size > self.theta.size

    @cached_property
    def first_trained(self) -> int:
        """Position of the first layer with parameters: gradients below it are of no use to anyone."""
        trained = (i for i, layer in enumerate(self.layers) if layer.parameters())
        return next(trained, len(self.layers))

    def views(self, vector: Array) -> list[Parameters]:
        """Views into a vector like theta or like numbers, for each layer, by name: no copies."""
        named: list[dict[str, Array]] = [{} for _ in self.layers]
        start = 0
        for kind in _KINDS[: 1 if vector.size == self.theta.size else 2]:
            for layer, views in zip(self.layers, named, strict=True):
                for name, shape in kind(layer).items():
                    end = start + math.prod(shape)
                    views[name] = vector[start:end].reshape(shape)
                    start = end
        return [Parameters(views) for views in named]

    def initialize(self, initial: Initial, rng: np.random.Generator) -> None:
        """Start all parameters anew from initial values."""
        for layer, p in zip(self.layers, self.parameters, strict=True):
            layer.initialize(p, initial, rng)

    def halve(self) -> None:
        """Round all numbers to half precision, so that a file of them is half as large.

        It has 11 significant bits and ends at 65504; if a number is larger, all stay as they are. The network
        goes on working in its own type.
        """
        with np.errstate(over="ignore"):
            rounded = self.numbers.astype(np.float16)
        if np.isfinite(rounded).all():
            np.copyto(self.numbers, rounded)

    @property
    def halved(self) -> bool:
        """Whether all numbers are as half precision has them."""
        with np.errstate(over="ignore"):
            return np.array_equal(self.numbers, self.numbers.astype(np.float16))

    def forward(self, x: Array, workspace: "Workspace") -> Array:
        """Logits (B, K) of inputs (B, *input_shape). They live in the workspace until its next forward."""
        for layer, p, slot, _ in workspace.stages:
            x = layer.forward(x, p, slot)
        return x

    def backward(self, dlogits: Array, workspace: "Workspace") -> None:
        """Fill workspace.gradient from the gradient (B, K) with respect to the logits of the last forward."""
        dy = dlogits
        for layer, p, slot, position in reversed(workspace.stages):
            if position < self.first_trained:
                break
            layer.gradients(dy, workspace.dparameters[position], slot)
            if position > self.first_trained:
                dy = layer.backward(dy, p, slot)

    def observe(self, workspace: "Workspace") -> None:
        """Take into the running statistics what the workspace's last training batch has shown."""
        for layer, p, slot, _ in workspace.stages:
            layer.observe(p, slot)

    def input_gradient(self, dlogits: Array, workspace: "Workspace") -> Array:
        """Gradient (B, *input_shape) with respect to the inputs: which pixels would change the answer."""
        dy = dlogits
        for layer, p, slot, _ in reversed(workspace.stages):
            dy = layer.backward(dy, p, slot)
        return dy


class Workspace:
    """The scratch of one user of a network: slots for inputs, layers and loss, and the gradient.

    With a generator the network is training, and dropout draws from it; without one it is only asked. `place`
    makes the array of the gradient. `stages` are the layers with their parameters and slots, in the order in
    which they work.
    """

    def __init__(
        self,
        network: Network,
        rng: np.random.Generator | None = None,
        place: Callable[[Shape, DTypeLike], Array] = zeros,
    ) -> None:
        self._network = network
        self._place = place
        self.slots = [Slot(network.dtype, rng) for _ in network.layers]
        self.stages = _pooled_at_once(_pooled_first(_stages(network, self.slots)))
        self.inputs = Slot(network.dtype)
        self.loss = Slot(network.dtype)

    @cached_property
    def gradient(self) -> Array:
        """Gradient (P,) of the loss with respect to theta; made when first needed."""
        return self._place(self._network.theta.shape, self._network.dtype)

    @cached_property
    def dparameters(self) -> list[Parameters]:
        """Views into the gradient, as network.parameters are into theta."""
        return self._network.views(self.gradient)


Stage = tuple[Layer, Parameters, Slot, int]
"""A layer at work, with its parameters and its scratch, and the position that the parameters have."""


def _stages(network: Network, slots: Iterable[Slot]) -> list[Stage]:
    """The layers as they are written."""
    return list(zip(network.layers, network.parameters, slots, range(len(network.layers)), strict=True))


def _pooled_first(stages: list[Stage]) -> list[Stage]:
    """The same stages, but each ReLU with a max pooling right after it comes after that.

    ReLU never turns the order of two numbers round, so the largest of a square stays the largest: logits and
    gradients are the same bit for bit (where all are negative, whoever is taken has the gradient 0). But ReLU
    then has 1/k² of the numbers to go through; what that brings is in docs/log.md.
    """
    for i in range(len(stages) - 1):
        if isinstance(stages[i][0], ReLU) and isinstance(stages[i + 1][0], MaxPool2d):
            stages[i], stages[i + 1] = stages[i + 1], stages[i]
    return stages


def _pooled_at_once(stages: list[Stage]) -> list[Stage]:
    """The same stages, but a convolution that comes first and a max pooling right after it are one.

    Further up it would not pay: there is less to pool, and dx is needed, too.
    """
    match stages:
        case [(Conv2d() as convolution, p, slot, position), (MaxPool2d() as pooling, *_), *others]:
            if pooling.size > 1:
                return [(PooledConv2d(convolution, pooling), p, slot, position), *others]
    return stages


SURE = 0.99
"""An image of which one class is at least so probable at first sight is looked at once."""


def ask(network: Network, images: Images, prepare: Preprocessing, batch_size: int = 250) -> Array:
    """Logits (N, K) of any number of images (N, ...) uint8, in batches, the last partial one too.

    Where `prepare` has them seen several times, they are the mean over all looks, but for an image that is
    SURE at the first: there others change no answer, and take twice its time.
    """
    if len(images) == 0:
        return np.zeros((0, network.classes), network.dtype)
    if len(images) <= batch_size:
        return _answers(network, images, prepare)
    batches = (images[start : start + batch_size] for start in range(0, len(images), batch_size))
    with side_by_side(cores()) as each:
        return np.concatenate(list(each(lambda batch: _answers(network, batch, prepare), batches)))


def _answers(network: Network, images: Images, prepare: Preprocessing) -> Array:
    """Logits (N, K) of one batch."""
    workspace = network.asked()
    logits = network.forward(prepare(images, workspace.inputs), workspace).copy()
    if prepare.turn and (unsure := softmax(logits).max(axis=1) < SURE).any():
        looks = prepare.other_looks(images[unsure])
        more = [network.forward(prepare(look, workspace.inputs), workspace).copy() for look in looks]
        logits[unsure] = np.mean([logits[unsure], *more], axis=0)
    return logits
