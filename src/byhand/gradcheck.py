"""Is every backward the derivative of its forward? Asked of numbers, in float64, without trusting any
formula.

Two questions, of every array a that an output y = f(a) depends on, where J = ∂y/∂a:

- in a random direction v, with random weights u on the outputs: is <v, Jᵀu>, which backward gives, the same
  as <u, Jv>, which central differences of forward give? One number tests all of J at once.
- in single parameters: the same with v along one axis, which tells where an error sits.

Central differences, (f(a + hv) − f(a − hv)) / 2h, are wrong by about h², and by rounding over h: with
h = 10⁻⁵ some 10⁻¹⁰ in all, far below the 10⁻⁶ that is allowed. But a kink of ReLU's may lie within h, and
beside a derivative that is nearly 0 rounding counts. A claim that is wrong is so with every h; so what seems
wrong with one is asked again with the others.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from byhand.arrays import Array, Shape
from byhand.checks import TOLERANCE, Check
from byhand.initial import glorot
from byhand.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2d,
    Parameters,
    ReLU,
    Sigmoid,
    Tanh,
)
from byhand.layers.pooled import PooledConv2d
from byhand.losses import LOSSES, Loss
from byhand.network import Network, Workspace
from byhand.scratch import Slot

BATCHES = (1, 2, 7)
"""Batch sizes that everything is checked with."""

STEPS = (1e-5, 1e-7, 1e-4)
"""h, and a smaller and a larger one for what seems wrong with it."""

SINGLES = 24  # single numbers tried in each array

LAYER_CASES: dict[type[Layer], list[tuple[Layer, Shape]]] = {
    Dense: [(Dense(5, 3), (5,)), (Dense(1, 4), (1,)), (Dense(6, 1), (6,))],
    Sigmoid: [(Sigmoid(), (6,)), (Sigmoid(), (2, 3))],
    Tanh: [(Tanh(), (6,)), (Tanh(), (2, 3))],
    ReLU: [(ReLU(), (6,)), (ReLU(), (2, 3))],
    Dropout: [(Dropout(0.3), (6,)), (Dropout(0.0), (6,))],
    Flatten: [(Flatten(), (2, 3)), (Flatten(), (2, 3, 4))],
    Conv2d: [
        (Conv2d(1, 2, 3), (4, 5)),
        (Conv2d(2, 3, 3), (5, 4, 2)),
        (Conv2d(2, 1, 1), (2, 3, 2)),
        (Conv2d(2, 3, 3, stride=2, padding=1), (6, 5, 2)),
        (Conv2d(1, 2, 2, stride=3, padding=1), (5, 7, 1)),
    ],
    MaxPool2d: [(MaxPool2d(2), (4, 6, 2)), (MaxPool2d(3), (4, 7, 1))],
    AveragePool2d: [(AveragePool2d(2), (4, 6, 2)), (AveragePool2d(3), (4, 7, 1))],
    BatchNorm: [(BatchNorm(3), (3,)), (BatchNorm(2), (3, 4, 2))],
    PooledConv2d: [
        (PooledConv2d(Conv2d(1, 2, 3), MaxPool2d(2)), (6, 7)),
        (PooledConv2d(Conv2d(2, 3, 3, stride=2, padding=1), MaxPool2d(2)), (9, 8, 2)),
        (PooledConv2d(Conv2d(2, 1, 2), MaxPool2d(3)), (5, 7, 2)),
    ],
}
"""For every kind of layer, the layers and input shapes that it is checked with."""

NETWORK_CASES: dict[str, tuple[list[Layer], Shape]] = {
    "6-4": ([Dense(6, 4)], (6,)),
    "6-5-4 sigmoid": ([Flatten(), Dense(6, 5), Sigmoid(), Dense(5, 4)], (2, 3)),
    "6-5-4 tanh": ([Flatten(), Dense(6, 5), Tanh(), Dense(5, 4)], (2, 3)),
    "6-5-4 relu": ([Flatten(), Dense(6, 5), ReLU(), Dense(5, 4)], (2, 3)),
    "convolutional": (
        [
            Conv2d(1, 3, 3, padding=1),
            BatchNorm(3),
            Tanh(),
            AveragePool2d(2),
            Conv2d(3, 2, 2),
            Tanh(),
            Flatten(),
            Dense(12, 4),
        ],
        (6, 8),
    ),
    "convolutional, largest kept": (
        [
            Conv2d(1, 2, 3),
            MaxPool2d(2),
            ReLU(),
            Conv2d(2, 3, 2, stride=2),
            Dropout(0.4),
            Flatten(),
            Dense(6, 4),
        ],
        (6, 10),
    ),
    "sigmoid first, dropout": ([Sigmoid(), Dense(6, 9), Dropout(0.4), Tanh(), Dense(9, 4)], (6,)),
}
"""Whole networks that are checked: the first layer with parameters at the bottom, and not at the bottom."""


def check_gradients(seed: int = 0) -> Iterator[Check]:
    """Check every layer, every loss, and whole networks with every loss; yields each as it is known."""
    rng = np.random.default_rng(seed)
    for kind, cases in LAYER_CASES.items():
        yield from _largest(kind.__name__, [check_layer(*case, b, rng) for case in cases for b in BATCHES])
    for name, loss in LOSSES.items():
        yield from _largest(name, [check_loss(loss, b, rng) for b in BATCHES])
    for name, (layers, shape) in NETWORK_CASES.items():
        for loss_name, loss in LOSSES.items():
            network = Network(layers, shape, np.float64)
            network.initialize(glorot, rng)
            errors = [check_network(network, loss, b, rng) for b in BATCHES]
            yield from _largest(f"{name}, {loss_name}", errors)


def check_layer(layer: Layer, shape: Shape, batch: int, rng: np.random.Generator) -> dict[str, float]:
    """Largest relative errors by x and by each parameter, of a layer on a batch of inputs of this shape."""
    x = _off_kinks(rng, (batch, *shape))
    arrays = {name: rng.standard_normal(size) for name, size in layer.parameters().items()}
    p = Parameters(arrays | {name: np.ones(size) for name, size in layer.statistics().items()})
    dp = Parameters({name: np.empty_like(a) for name, a in arrays.items()})
    slot = Slot(np.float64)

    def forward() -> Array:
        slot.rng = np.random.default_rng(7)  # the same chance each time: this holds dropout's mask
        return layer.forward(x, p, slot).copy()

    u = rng.standard_normal(forward().shape)
    layer.gradients(u, dp, slot)
    dx = layer.backward(u, p, slot).copy()
    return compare(forward, u, {"x": x} | arrays, {"x": dx} | vars(dp), rng)


def check_loss(loss: Loss, batch: int, rng: np.random.Generator) -> dict[str, float]:
    """Largest relative error by the logits, of a loss on a batch of five classes."""
    logits = rng.standard_normal((batch, 5))
    labels = rng.integers(0, 5, batch)
    slot = Slot(np.float64)
    dz = loss(logits, labels, slot)[1].copy()
    return compare(
        lambda: np.array(loss(logits, labels, slot)[0]),
        np.array(1.0),
        {"logits": logits},
        {"logits": dz},
        rng,
    )


def check_network(network: Network, loss: Loss, batch: int, rng: np.random.Generator) -> dict[str, float]:
    """Largest relative errors by theta and by x, of the loss of a whole network in float64."""
    x = _off_kinks(rng, (batch, *network.input_shape))
    labels = rng.integers(0, network.classes, batch)
    workspace = Workspace(network, rng)

    def asked() -> tuple[float, Array]:
        for slot in workspace.slots:
            slot.rng = np.random.default_rng(7)
        return loss(network.forward(x, workspace), labels, workspace.loss)

    _, dlogits = asked()
    network.backward(dlogits, workspace)
    gradients = {"theta": workspace.gradient.copy(), "x": network.input_gradient(dlogits, workspace).copy()}
    parts = {"theta": network.theta, "x": x}
    return compare(lambda: np.array(asked()[0]), np.array(1.0), parts, gradients, rng)


def compare(
    forward: Callable[[], Array],
    u: Array,
    arrays: Mapping[str, Array],
    gradients: Mapping[str, Array],
    rng: np.random.Generator,
) -> dict[str, float]:
    """Largest relative error of each gradient against central differences of <u, forward()>.

    `forward` reads the arrays, which are moved a little in place and put back; gradients[name] is
    claimed to be Jᵀu for arrays[name].
    """

    def error_along(array: Array, gradient: Array, v: Array, h: float) -> float:
        kept = array.copy()
        array += h * v
        above = forward()
        np.copyto(array, kept)
        array -= h * v
        below = forward()
        np.copyto(array, kept)
        measured = np.vdot(u, above - below) / (2 * h)
        claimed = np.vdot(v, gradient)
        # a derivative that happens to be almost 0 is compared with what is usual in this array
        usual = np.linalg.norm(gradient) * np.linalg.norm(v) / np.sqrt(gradient.size)
        scale = max(abs(measured), abs(claimed), usual)
        return float(abs(measured - claimed) / scale) if scale else 0.0

    def least_error_along(array: Array, gradient: Array, v: Array) -> float:
        least = np.inf
        for h in STEPS:
            least = min(least, error_along(array, gradient, v, h))  # if it is nan, it stays ∞
            if least <= TOLERANCE:
                break
        return least

    errors = {}
    for name, array in arrays.items():
        directions = [rng.standard_normal(array.shape) for _ in range(3)]
        for index in rng.choice(array.size, min(SINGLES, array.size), replace=False):
            directions.append(np.zeros(array.shape))
            directions[-1].flat[index] = 1
        errors[name] = float(np.max([least_error_along(array, gradients[name], v) for v in directions]))
    return errors


def _off_kinks(rng: np.random.Generator, shape: Shape) -> Array:
    """Random numbers of either sign, none within 0.1 of zero, where ReLU has no derivative."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.1, 2, shape)


def _largest(subject: str, errors: list[dict[str, float]]) -> Iterator[Check]:
    """Largest error of each array over several checks of one subject."""
    for name in errors[0]:
        yield Check(subject, name, float(np.max([error[name] for error in errors])))
