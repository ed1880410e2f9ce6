"""The steps of a training: batch after batch, by one part alone or by several side by side."""

import math
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Images, Labels, zeros
from byhand.datasets import Augment, Examples
from byhand.errors import DivergedError
from byhand.images import Preprocessing
from byhand.losses import Loss
from byhand.network import Network, Workspace
from byhand.optimizers import Optimizer
from byhand.processes import shared, together
from byhand.schedules import Schedule
from byhand.scratch import Slot

BUFFER = 1024
"""Numbers that NumPy may buffer: what lies in runs shorter than this, it copies before it works on it.

Its own setting is 8192. But a convolution's rows are some 500 to 1500 numbers long, and to add them as they
are takes half to a third of the time that copying them takes.
"""


@dataclass(frozen=True)
class Report:
    """How training stands after `step` of `steps` steps, in epoch number `epoch` (counted from 1).

    `loss` and `training_accuracy` are means over the examples since the report before, each as it was
    answered before its step. The validation figures are measured when an epoch ends and are None
    between.
    """

    step: int
    steps: int
    epoch: int
    loss: float
    training_accuracy: float
    learning_rate: float
    samples_per_second: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None


def _gather(examples: Examples, which: Labels, slot: Slot) -> tuple[Images, Labels]:
    """Images (B, ...) and labels (B,) of these examples; the images in the slot's memory."""
    shape = (len(which), *examples.images.shape[1:])
    images = slot.buffer("images", shape, np.uint8)
    np.take(examples.images, which, axis=0, out=images, mode="clip")  # "raise" would copy once more
    return images, examples.labels[which]


def _gradient(
    network: Network, x: Array, labels: Labels, loss: Loss, workspace: Workspace, batch: int
) -> tuple[float, int]:
    """Leave in the workspace what these examples add to the mean gradient over a batch of so many.

    Returns the sum of their losses, and how many were answered right.
    """
    if len(labels) == 0:
        workspace.gradient.fill(0)
        return 0.0, 0
    with np.errstate(over="ignore", invalid="ignore"):  # _learn looks at the loss, and says it better
        np.setbufsize(BUFFER)  # until the end of `with`
        logits = network.forward(x, workspace)
        value, dlogits = loss(logits, labels, workspace.loss)
        if len(labels) < batch:
            dlogits *= len(labels) / batch
        network.backward(dlogits, workspace)
    return value * len(labels), int(np.count_nonzero(logits.argmax(axis=1) == labels))


@dataclass(frozen=True)
class Steps:
    """What the steps of a training depend on; byhand.training.train says what each thing is."""

    network: Network
    training: Examples
    optimizer: Optimizer
    learning_rate: float
    rng: np.random.Generator
    schedule: Schedule
    loss: Loss
    augment: Augment | None
    prepare: Preprocessing
    epochs: int
    batch_size: int
    parts: int
    every: int | None

    @property
    def an_epoch(self) -> int:
        """How many steps make an epoch."""
        return math.ceil(len(self.training) / self.batch_size)

    def reports(self) -> Generator[Report, None, None]:
        """Take all steps, and yield a Report after each `every` of them and at the end of each epoch.

        With each report, and however it ends, the network has the parameters of the last step; what is
        written into it between two reports counts. Several parts work on a twin of it, whose numbers they
        have in common.

        Raises DivergedError when a loss is not finite; PartError as byhand.processes.together does.
        """
        network = self.network if self.parts == 1 else self.network.twin(shared)
        table = _Table(network, self)
        try:
            with closing(together([self._learn(table, part) for part in range(self.parts)])) as meetings:
                for report in meetings:
                    if report is not None:
                        np.copyto(self.network.numbers, network.numbers)
                        yield report
                        np.copyto(network.numbers, self.network.numbers)  # where somebody wrote into them
        except (Exception, KeyboardInterrupt):  # not GeneratorExit: then nothing was done since the report
            np.copyto(self.network.numbers, network.numbers)
            raise

    def _learn(self, table: "_Table", part: int) -> Iterator[Report | None]:
        """All steps, as far as they are one part's; at each yield it waits until all parts have come so far.

        A part has a share of each batch, of which it finds the gradient, and a share of the parameters, which
        it moves by the sum of all gradients. It yields a report when one is due, the same for all parts.
        """
        network, workspace, order = table.network, table.workspaces[part], table.order
        parameters = _share(network.theta.size, self.parts, part)
        theta, state = network.theta[parameters], self.optimizer.start(network.theta[parameters])
        gradient, *others = (table.gradients[i][parameters] for i in _first(part, self.parts))
        for epoch in range(1, self.epochs + 1):
            tally = _Tally(self.epochs * self.an_epoch, epoch)
            if part == 0:
                order[:] = self.rng.permutation(len(order))
            yield None
            for start in range(0, len(order), self.batch_size):
                began = time.perf_counter()
                batch = order[start : start + self.batch_size]
                rate = self.learning_rate * self.schedule(state.steps, tally.steps)
                x, labels = self._inputs(
                    batch[_share(len(batch), self.parts, part)], workspace, table.rngs[part]
                )
                yield None  # until all parameters have been moved
                table.answered[part] = _gradient(network, x, labels, self.loss, workspace, len(batch))
                yield None  # until all gradients are there
                tally.add(len(batch), *table.answered.sum(axis=0).tolist())
                check_finite(tally.loss, state.steps)
                for other in others:
                    gradient += other
                with np.errstate(over="ignore", invalid="ignore"):
                    self.optimizer.step(theta, gradient, state, rate)
                for turn in range(self.parts if network.measures else 0):
                    if turn == part and len(labels):
                        network.observe(workspace)
                    yield None
                tally.seconds += time.perf_counter() - began
                if state.steps % self.an_epoch == 0 or (self.every and state.steps % self.every == 0):
                    yield tally.report(state.steps, rate)
                    yield None  # until whoever was given the report asks for the next

    def _inputs(self, which: Labels, workspace: Workspace, rng: np.random.Generator) -> tuple[Array, Labels]:
        """Inputs and labels of these examples, if there are any, their images changed by `augment`."""
        images, labels = _gather(self.training, which, workspace.inputs)
        if self.augment is not None and len(images):
            images = self.augment(images, rng)
        return self.prepare(images, workspace.inputs), labels


class _Table:
    """What the parts of a training have in common: they see what each of them writes here.

    `order` (N,) are the examples of an epoch as they are learnt from; `answered` (parts, 2) the sum of the
    losses and the number of right answers, of each part's share of a batch.
    """

    def __init__(self, network: Network, steps: Steps) -> None:
        place = zeros if steps.parts == 1 else shared
        self.network = network
        self.rngs = [steps.rng] if steps.parts == 1 else steps.rng.spawn(steps.parts)
        self.workspaces = [Workspace(network, rng, place) for rng in self.rngs]
        self.gradients = [workspace.gradient for workspace in self.workspaces]
        self.order: NDArray[np.int64] = place((len(steps.training),), np.int64)
        self.answered: NDArray[np.float64] = place((steps.parts, 2), np.float64)


def _share(count: int, parts: int, part: int) -> slice:
    """Which of so many numbers or examples are this part's: parts as equal as can be, some of them empty."""
    return slice(count * part // parts, count * (part + 1) // parts)


def _first(part: int, parts: int) -> list[int]:
    """All parts, this one first."""
    return [part, *(other for other in range(parts) if other != part)]


def check_finite(loss: float, step: int) -> None:
    """Raise DivergedError if the loss is not a finite number."""
    if not math.isfinite(loss):
        raise DivergedError(
            f"the loss became {loss} at step {step}; try a smaller learning rate, or a longer warm-up"
        )


@dataclass
class _Tally:
    """Sums over the examples since the last report."""

    steps: int
    epoch: int
    loss: float = 0.0
    right: float = 0.0
    seen: int = 0
    seconds: float = 0.0

    def add(self, seen: int, loss: float, right: float) -> None:
        self.seen += seen
        self.loss += loss
        self.right += right

    def report(self, step: int, rate: float) -> Report:
        """Report of the sums, which begin anew."""
        report = Report(
            step=step,
            steps=self.steps,
            epoch=self.epoch,
            loss=self.loss / self.seen,
            training_accuracy=self.right / self.seen,
            learning_rate=rate,
            samples_per_second=self.seen / self.seconds,
        )
        self.loss, self.right, self.seen, self.seconds = 0.0, 0.0, 0, 0.0
        return report
