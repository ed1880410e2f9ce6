"""Training: epochs, batches, steps, and a report now and then. There are no callbacks: reports are yielded.

for report in train(network, training, validation, ...):
    print(report.step, report.loss)
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Images, Labels
from byhand.datasets import Augment, Examples
from byhand.errors import DivergedError, SettingError
from byhand.functions import softmax
from byhand.images import Preprocessing
from byhand.losses import Loss, cross_entropy
from byhand.metrics import Interval, accuracy_interval, confusion
from byhand.network import Network, Workspace, ask
from byhand.optimizers import Optimizer, State
from byhand.refusal import Refusal
from byhand.schedules import Constant, Schedule
from byhand.scratch import Slot
from byhand.threads import side_by_side


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


def train(
    network: Network,
    training: Examples,
    validation: Examples | None = None,
    *,
    optimizer: Optimizer,
    learning_rate: float,
    rng: np.random.Generator,
    schedule: Schedule = Constant(),
    loss: Loss = cross_entropy,
    augment: Augment | None = None,
    prepare: Preprocessing = Preprocessing(),
    epochs: int = 10,
    batch_size: int = 128,
    parts: int = 1,
    patience: int | None = None,
    every: int | None = None,
) -> Iterator[Report]:
    """Train the network, and yield a Report after each `every` steps and at the end of each epoch.

    An epoch goes once through all training examples, in a new order. `augment` changes a batch of images
    before it is learnt from, `prepare` makes inputs of it, `optimizer` takes the step, as long as
    `schedule` says of the peak `learning_rate`. All chance comes from `rng`. A batch is worked on in so many
    `parts`, side by side; with more than one, what is learnt does not depend on the number of cores. What
    that brings says threads.py.

    With `patience`, training stops after that many epochs in a row without a better validation accuracy.
    However it ends (all epochs done, stopped early, `break`, Ctrl-C), the network is left with the
    parameters of the best validation accuracy so far, if one was measured.

    Raises SettingError at once for numbers that make no sense; DivergedError when a loss is not finite.
    """
    check_settings(epochs, batch_size, learning_rate, parts)
    if patience is not None and (patience < 1 or validation is None):
        raise SettingError(f"patience is {patience}; it must be at least 1, and have validation examples")
    if every is not None and every < 1:
        raise SettingError(f"every is {every} steps; it must be at least 1")
    an_epoch = math.ceil(len(training) / batch_size)  # steps

    def reports() -> Iterator[Report]:
        rngs = [rng] if parts == 1 else rng.spawn(parts)
        workspaces = [Workspace(network, chance) for chance in rngs]
        state = optimizer.start(network.theta)
        best, best_accuracy, best_epoch = network.numbers.copy(), -1.0, 0

        def learn(workspace: Workspace, chance: np.random.Generator, which: Labels) -> tuple[float, int]:
            images, labels = _gather(training, which, workspace.inputs)
            if augment is not None:
                images = augment(images, chance)
            return _gradient(network, prepare(images, workspace.inputs), labels, loss, workspace)

        try:
            with side_by_side(parts) as each:
                for epoch in range(1, epochs + 1):
                    tally = _Tally(epochs * an_epoch, epoch)
                    order = rng.permutation(len(training))
                    for start in range(0, len(order), batch_size):
                        began = time.perf_counter()
                        rate = learning_rate * schedule(state.steps, tally.steps)
                        which = order[start : start + batch_size]
                        shares = _shares(which, parts)
                        for value, right in each(learn, workspaces, rngs, shares):
                            tally.add(value, right)
                        _check_finite(tally.loss, state.steps)
                        _step(network, workspaces[: len(shares)], shares, optimizer, state, rate)
                        tally.count(len(which), time.perf_counter() - began)
                        if every and state.steps % every == 0 and state.steps % an_epoch != 0:
                            yield tally.report(state.steps, rate)
                    report = tally.report(state.steps, rate)
                    if validation is not None:
                        scores = evaluate(network, validation, prepare, loss)
                        _check_finite(scores.loss, state.steps)
                        if scores.accuracy > best_accuracy:
                            best_accuracy, best_epoch = scores.accuracy, epoch
                            np.copyto(best, network.numbers)
                        report = replace(
                            report, validation_loss=scores.loss, validation_accuracy=scores.accuracy
                        )
                    yield report
                    if patience and epoch - best_epoch >= patience:
                        return
        finally:
            if best_epoch:
                np.copyto(network.numbers, best)

    return reports()


def check_settings(epochs: int, batch_size: int, learning_rate: float, parts: int = 1) -> None:
    """Raise SettingError for numbers that no training can go by."""
    for name, value in [("epochs", epochs), ("batch size", batch_size), ("parts", parts)]:
        if value < 1:
            raise SettingError(f"{name} is {value}; it must be at least 1")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise SettingError(f"learning rate is {learning_rate}; it must be a finite number above 0")


def _shares(which: Labels, parts: int) -> list[Labels]:
    """The batch in so many parts, as equal as can be and none of them empty."""
    if parts == 1:
        return [which]
    count = len(which)
    ends = [count * part // parts for part in range(parts + 1)]
    return [which[start:end] for start, end in pairwise(ends) if start < end]


def _gather(examples: Examples, which: Labels, slot: Slot) -> tuple[Images, Labels]:
    """Images (B, ...) and labels (B,) of these examples; the images in the slot's memory."""
    shape = (len(which), *examples.images.shape[1:])
    images = slot.buffer("images", shape, np.uint8)
    np.take(examples.images, which, axis=0, out=images, mode="clip")  # "raise" would copy once more
    return images, examples.labels[which]


def _gradient(
    network: Network, x: Array, labels: Labels, loss: Loss, workspace: Workspace
) -> tuple[float, int]:
    """Leave in the workspace the mean gradient over these examples.

    Returns the sum of their losses, and how many were answered right.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # the caller looks at the loss, and says it better
        logits = network.forward(x, workspace)
        value, dlogits = loss(logits, labels, workspace.loss)
        network.backward(dlogits, workspace)
    return value * len(labels), int(np.count_nonzero(logits.argmax(axis=1) == labels))


def _step(
    network: Network,
    workspaces: Sequence[Workspace],
    shares: Sequence[Labels],
    optimizer: Optimizer,
    state: State,
    rate: float,
) -> None:
    """Take one step by the mean of the parts' gradients, each weighed by its share of the batch."""
    gradient = workspaces[0].gradient
    if len(shares) > 1:
        batch = sum(map(len, shares))
        for workspace, share in zip(workspaces, shares, strict=True):
            workspace.gradient *= len(share) / batch
            if workspace is not workspaces[0]:
                gradient += workspace.gradient
    with np.errstate(over="ignore", invalid="ignore"):
        optimizer.step(network.theta, gradient, state, rate)
    for workspace in workspaces:
        network.observe(workspace)


def _check_finite(loss: float, step: int) -> None:
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
    right: int = 0
    seen: int = 0
    seconds: float = 0.0

    def add(self, loss: float, right: int) -> None:
        self.loss += loss
        self.right += right

    def count(self, seen: int, seconds: float) -> None:
        self.seen += seen
        self.seconds += seconds

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
        self.loss, self.right, self.seen, self.seconds = 0.0, 0, 0, 0.0
        return report


@dataclass(frozen=True)
class Evaluation:
    """What a network answered: probabilities (N, K) beside the true labels (N,), and its mean loss."""

    labels: Labels
    probabilities: Array
    loss: float

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """Most probable class of each example, (N,)."""
        answers: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return answers

    @cached_property
    def right(self) -> int:
        """How many answers are right."""
        return int(np.count_nonzero(self.answers == self.labels))

    @property
    def accuracy(self) -> float:
        """Share of right answers, from 0 to 1."""
        return self.right / len(self.labels)

    @property
    def interval(self) -> Interval:
        """Where the accuracy lies with 95 % confidence."""
        return accuracy_interval(self.right, len(self.labels))

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """Counts (K, K): row i, column j, how many of class i were answered j."""
        return confusion(self.labels, self.answers, self.probabilities.shape[1])


def evaluate(
    network: Network,
    examples: Examples,
    prepare: Preprocessing,
    loss: Loss = cross_entropy,
    refusal: Refusal | None = None,
) -> Evaluation:
    """Ask the network about all examples, the last partial batch too; nothing is learnt.

    With a refusal the probabilities are calibrated, and only those of answers are given: what they lack to 1
    is the probability that there is nothing to answer.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        logits = ask(network, examples.images, prepare)
        if refusal is not None:
            logits /= logits.dtype.type(refusal.temperature)
        value, _ = loss(logits, examples.labels, Slot(network.dtype))
        probabilities = softmax(logits)
        if refusal is not None:
            probabilities = probabilities[:, : refusal.classes]
        return Evaluation(examples.labels, probabilities, value)
