"""Training: epochs, batches, steps, and a report now and then. There are no callbacks: reports are yielded.

for report in train(network, training, validation, ...):
    print(report.step, report.loss)
"""

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Labels
from byhand.datasets import Augment, Examples
from byhand.epochs import Epochs, Report
from byhand.errors import DataError, SettingError
from byhand.functions import softmax
from byhand.images import Preprocessing
from byhand.losses import Loss, cross_entropy
from byhand.metrics import Interval, accuracy_interval, confusion
from byhand.network import Network, ask
from byhand.optimizers import Optimizer
from byhand.refusal import Refusal
from byhand.schedules import Constant, Schedule
from byhand.scratch import Slot
from byhand.steps import Rules, check_finite


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
    `schedule` says of the peak `learning_rate`. All chance comes from `rng`.

    Steps are taken in so many `parts`, side by side: on Linux in processes, as far as there are cores
    (steps.py and processes.py say what that brings). With more than one part what is learnt does not depend
    on the number of cores; what `augment` keeps for itself may stay in another process.

    With `patience`, training stops after that many epochs in a row without a better validation accuracy.
    However it ends (all epochs done, stopped early, `break`, Ctrl-C), the network is left with the
    parameters of the best validation accuracy so far, if one was measured.

    Raises at once SettingError for numbers that make no sense, and DataError for labels that are no classes
    of the network; later DivergedError when a loss is not finite, and PartError when a process that works on
    another part ends before its time.
    """
    check_settings(epochs, batch_size, learning_rate, parts)
    if patience is not None and (patience < 1 or validation is None):
        raise SettingError(f"patience is {patience}; it must be at least 1, and have validation examples")
    if every is not None and every < 1:
        raise SettingError(f"every is {every} steps; it must be at least 1")
    _check_labels(training, network)
    if validation is not None:
        _check_labels(validation, network)
    all_epochs = Epochs(
        network=network,
        rules=Rules(training, optimizer, loss, augment, prepare),
        learning_rate=learning_rate,
        rng=rng,
        schedule=schedule,
        epochs=epochs,
        batch_size=batch_size,
        parts=parts,
        every=every,
    )

    def reports() -> Iterator[Report]:
        best, best_accuracy, best_epoch = network.numbers.copy(), -1.0, 0
        try:
            with closing(all_epochs.reports()) as all_reports:
                for report in all_reports:
                    if validation is None or report.step % all_epochs.steps:
                        yield report
                        continue
                    scores = evaluate(network, validation, prepare, loss)
                    check_finite(scores.loss, report.step)
                    if scores.accuracy > best_accuracy:
                        best_accuracy, best_epoch = scores.accuracy, report.epoch
                        np.copyto(best, network.numbers)
                    yield replace(report, validation_loss=scores.loss, validation_accuracy=scores.accuracy)
                    if patience and report.epoch - best_epoch >= patience:
                        return
        finally:
            if best_epoch:
                np.copyto(network.numbers, best)

    return reports()


def _check_labels(examples: Examples, network: Network) -> None:
    """Raise DataError if a label is no class of the network's."""
    least, most = int(examples.labels.min()), int(examples.labels.max())
    if least < 0 or most >= network.classes:
        raise DataError(
            f"there are labels from {least} to {most}, but the network has {network.classes} classes; "
            f"use labels from 0 to {network.classes - 1}, or another network"
        )


def check_settings(epochs: int, batch_size: int, learning_rate: float, parts: int = 1) -> None:
    """Raise SettingError for numbers that no training can go by."""
    for name, value in [("epochs", epochs), ("batch size", batch_size), ("parts", parts)]:
        if value < 1:
            raise SettingError(f"{name} is {value}; it must be at least 1")
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise SettingError(f"learning rate is {learning_rate}; it must be a finite number above 0")


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

    Raises DataError if a label is no class of the network's.
    """
    _check_labels(examples, network)
    with np.errstate(over="ignore", invalid="ignore"):
        logits = ask(network, examples.images, prepare)
        if refusal is not None:
            logits /= logits.dtype.type(refusal.temperature)
        value, _ = loss(logits, examples.labels, Slot(network.dtype))
        probabilities = softmax(logits)
        if refusal is not None:
            probabilities = probabilities[:, : refusal.classes]
        return Evaluation(examples.labels, probabilities, value)
