"""The steps of a training: gather a batch, find the gradient, move the parameters.

Several parts may take them side by side (byhand.processes). Each has some of the hidden units, where the
network is made for it (byhand.units), or else some of each batch's examples.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Images, Labels, zeros
from byhand.datasets import Augment, Examples
from byhand.errors import DivergedError
from byhand.images import Preprocessing
from byhand.losses import Loss
from byhand.network import Network, Workspace
from byhand.optimizers import Optimizer, State
from byhand.processes import share, shared
from byhand.units import UnitsPart, parts_by_units

BUFFER = 1024
"""Numbers that NumPy may buffer: what lies in runs shorter than this, it copies before it works on it.

Its own setting is 8192. But a convolution's rows are some 500 to 1500 numbers long, and to add them as they
are takes half to a third of the time that copying them takes.
"""


@dataclass(frozen=True)
class Rules:
    """What every step goes by; byhand.training.train says what each thing is."""

    training: Examples
    optimizer: Optimizer
    loss: Loss
    augment: Augment | None
    prepare: Preprocessing

    def gather(self, which: Labels, images: Images, rng: np.random.Generator) -> None:
        """Write the images of these examples into `images`, changed by `augment`."""
        self.training.images.take(which, axis=0, out=images, mode="clip")  # "raise" would copy once more
        if self.augment is not None and len(images):
            images[...] = self.augment(images, rng)


class Shown(NamedTuple):
    """What some steps have shown: the sum of their examples' losses, and how many were answered right."""

    loss: float
    right: float


class Part(ABC):
    """One part's share of the steps.

    What several parts write to or read is in memory that they have in common. `copies` are pairs of arrays:
    numbers of the network that is trained, and those that this part works on instead.
    """

    copies: Sequence[tuple[Array, Array]]

    @abstractmethod
    def steps(self, batches: Sequence[Labels], rate: Callable[[int], float]) -> Generator[None, None, Shown]:
        """Take a step with each of these batches of examples, at the rate that there is after so many steps.

        Yields where this part is to wait until all have come so far; all are to wait for each other before
        these steps, too. Returns what they have shown.

        Raises DivergedError when a loss is not finite.
        """

    def adopt(self) -> None:
        """Go on from the numbers that the network has."""
        for whole, own in self.copies:
            np.copyto(own, whole)

    def publish(self) -> None:
        """Give the network the numbers that were learnt."""
        for whole, own in self.copies:
            np.copyto(whole, own)


def parts_of(
    network: Network, rules: Rules, rng: np.random.Generator, count: int, batch_size: int
) -> Sequence[Part]:
    """So many parts of the steps by which a network learns."""
    if count == 1:
        workspace, answered = Workspace(network, rng), zeros((1, 2), np.float64)
        return [_SomeExamples(rules, network, (), [workspace], answered, 0, rng)]
    rngs = rng.spawn(count)
    if units := parts_by_units(network, count, shared):
        images = shared((2, batch_size, *rules.training.images.shape[1:]), np.uint8)
        logits = shared((2, count, batch_size, network.classes), network.dtype)
        return [_SomeUnits(rules, units[i], images, logits, i, rngs[i]) for i in range(count)]
    twin, answered = network.twin(shared), shared((count, 2), np.float64)
    workspaces = [Workspace(twin, rng, shared) for rng in rngs]
    copies = [[(network.numbers, twin.numbers)], *([] for _ in rngs[1:])]  # one part copies for all
    return [_SomeExamples(rules, twin, copies[i], workspaces, answered, i, rngs[i]) for i in range(count)]


class _SomeExamples(Part):
    """Some of each batch's examples, of which it finds the gradient, and of the parameters, which it moves.

    Each part has a workspace, and says in a row of `answered` (parts, 2) what its examples have shown.
    """

    def __init__(
        self,
        rules: Rules,
        network: Network,
        copies: Sequence[tuple[Array, Array]],
        workspaces: Sequence[Workspace],
        answered: NDArray[np.float64],
        part: int,
        rng: np.random.Generator,
    ) -> None:
        self.rules, self.network, self.copies = rules, network, copies
        self.workspace, self.answered = workspaces[part], answered
        self.part, self.parts, self.rng = part, len(workspaces), rng
        mine = share(network.theta.size, self.parts, part)
        self.theta = network.theta[mine]
        self.gradients = [workspace.gradient[mine] for workspace in workspaces]
        self.state = rules.optimizer.start(self.theta)

    def steps(self, batches: Sequence[Labels], rate: Callable[[int], float]) -> Generator[None, None, Shown]:
        """Take a step with each of these batches."""
        shown = np.zeros(2)
        gradient, *others = self.gradients[self.part :] + self.gradients[: self.part]
        for batch in batches:
            x, labels = self._inputs(batch[share(len(batch), self.parts, self.part)])
            yield  # until all parameters have been moved
            self.answered[self.part] = self._gradient(x, labels, len(batch))
            yield  # until all gradients are there
            shown += self.answered.sum(axis=0)
            check_finite(shown[0], self.state.steps)
            for other in others:
                gradient += other
            _move(self.rules.optimizer, self.theta, gradient, self.state, rate(self.state.steps))
            for turn in range(self.parts if self.network.measures else 0):
                if turn == self.part and len(labels):
                    self.network.observe(self.workspace)
                yield
        return Shown(*shown.tolist())

    def _inputs(self, which: Labels) -> tuple[Array, Labels]:
        """Inputs and labels of these examples, if there are any."""
        training, slot = self.rules.training, self.workspace.inputs
        images = slot.buffer("images", (len(which), *training.images.shape[1:]), np.uint8)
        self.rules.gather(which, images, self.rng)
        return self.rules.prepare(images, slot), training.labels[which]

    def _gradient(self, x: Array, labels: Labels, batch: int) -> tuple[float, int]:
        """Leave in the workspace what these examples add to the mean gradient over a batch of so many.

        Returns the sum of their losses, and how many were answered right.
        """
        network, workspace, loss = self.network, self.workspace, self.rules.loss
        if len(labels) == 0:
            workspace.gradient.fill(0)
            return 0.0, 0
        with np.errstate(over="ignore", invalid="ignore"):  # check_finite will say it better
            np.setbufsize(BUFFER)  # until the end of `with`
            logits = network.forward(x, workspace)
            value, dlogits = loss(logits, labels, workspace.loss)
            if len(labels) < batch:
                dlogits *= len(labels) / batch
            network.backward(dlogits, workspace)
        return value * len(labels), _right(logits, labels)


class _SomeUnits(Part):
    """Some of the hidden units, which work on all examples of each batch.

    Of the `images` (2, B, ...) of a batch each part gathers some; of the `logits` (2, parts, B, K) each has a
    summand. There are two of each, for batches in turn: where one part has begun to write the next, another
    may still be reading the last.
    """

    def __init__(
        self,
        rules: Rules,
        units: UnitsPart,
        images: Images,
        logits: Array,
        part: int,
        rng: np.random.Generator,
    ) -> None:
        self.rules, self.network, self.copies = rules, units.network, units.copies
        self.images, self.logits = images, logits
        self.part, self.parts, self.rng = part, logits.shape[1], rng
        self.workspace = Workspace(self.network, rng)
        self.state = rules.optimizer.start(self.network.theta)
        self.adopt()

    def steps(self, batches: Sequence[Labels], rate: Callable[[int], float]) -> Generator[None, None, Shown]:
        """Take a step with each of these batches.

        Whatever can be done for all of them is not done in a step: there, between two large products, a call
        of NumPy's takes two to four times as long as among its like.
        """
        labels = [self.rules.training.labels[batch] for batch in batches]
        answers = self.workspace.loss.buffer("logits", (len(batches), *self.logits.shape[2:]))
        self._gather(batches[0], self.images[0])
        yield  # until all images are there
        loss = 0.0
        for number, batch in enumerate(batches):
            turn = number % 2
            summands = self.logits[turn, :, : len(batch)]
            summands[self.part] = self._forward(self.images[turn, : len(batch)])
            for following in batches[number + 1 : number + 2]:
                self._gather(following, self.images[1 - turn])
            yield  # until all summands are there, and the next images
            logits = np.add.reduce(summands, axis=0, out=answers[number, : len(batch)])
            loss += self._learn(logits, labels[number], rate(self.state.steps)) * len(batch)
        return Shown(loss, sum(map(_right, answers, labels)))

    def _gather(self, batch: Labels, images: Images) -> None:
        """Write this part's share of a batch's images where they belong."""
        mine = share(len(batch), self.parts, self.part)
        self.rules.gather(batch[mine], images[mine], self.rng)

    def _forward(self, images: Images) -> Array:
        """This part's summand of the logits."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.network.forward(self.rules.prepare(images, self.workspace.inputs), self.workspace)

    def _learn(self, logits: Array, labels: Labels, rate: float) -> float:
        """Move the parameters by what the logits of the last batch show. Returns its mean loss."""
        with np.errstate(over="ignore", invalid="ignore"):
            loss, dlogits = self.rules.loss(logits, labels, self.workspace.loss)
            check_finite(loss, self.state.steps)
            self.network.backward(dlogits, self.workspace)
            if self.part:  # the logits have one bias, the first part's
                self.workspace.dparameters[-1].b.fill(0)
            self.rules.optimizer.step(self.network.theta, self.workspace.gradient, self.state, rate)
        return loss


def _move(optimizer: Optimizer, theta: Array, gradient: Array, state: State, rate: float) -> None:
    """Change the parameters, and no word of what is too large: the next loss will tell."""
    with np.errstate(over="ignore", invalid="ignore"):
        optimizer.step(theta, gradient, state, rate)


def _right(logits: Array, labels: Labels) -> int:
    """How many are answered right; of more logits (B, K) than there are labels, the first."""
    return int(np.count_nonzero(logits[: len(labels)].argmax(axis=1) == labels))


def check_finite(loss: float, step: int) -> None:
    """Raise DivergedError if the loss is not a finite number."""
    if not math.isfinite(loss):
        raise DivergedError(
            f"the loss became {loss} at step {step}; try a smaller learning rate, or a longer warm-up"
        )
