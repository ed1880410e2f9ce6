"""The epochs of a training: all examples once, in chance order, step by step; and a report now and then."""

import math
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Labels, zeros
from byhand.network import Network
from byhand.processes import shared, together
from byhand.schedules import Schedule
from byhand.steps import Part, Rules, Shown, parts_of

LONGEST = 32
"""Steps that are taken in one run, if no report comes first."""


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


@dataclass(frozen=True)
class Epochs:
    """What the epochs of a training depend on; byhand.training.train says what each thing is."""

    network: Network
    rules: Rules
    learning_rate: float
    rng: np.random.Generator
    schedule: Schedule
    epochs: int
    batch_size: int
    parts: int
    every: int | None

    @property
    def steps(self) -> int:
        """How many steps make an epoch."""
        return math.ceil(len(self.rules.training) / self.batch_size)

    def reports(self) -> Generator[Report, None, None]:
        """Take all steps, and yield a Report after each `every` of them and at the end of each epoch.

        With each report, and however it ends, the network has the parameters of the last step; what is
        written into it between two reports counts.

        Raises DivergedError when a loss is not finite; PartError as byhand.processes.together does.
        """
        largest = min(self.batch_size, len(self.rules.training))
        parts = parts_of(self.network, self.rules, self.rng, self.parts, largest)
        order = (zeros if len(parts) == 1 else shared)((len(self.rules.training),), np.int64)

        def publish() -> None:
            for part in parts:
                part.publish()

        try:
            learning = [self._learn(part, order, part is parts[0]) for part in parts]
            with closing(together(learning)) as meetings:
                for report in meetings:
                    if report is not None:
                        publish()
                        yield report
                        for part in parts:  # as somebody may have written into the network
                            part.adopt()
        except (Exception, KeyboardInterrupt):  # not GeneratorExit: then nothing was done since the report
            publish()
            raise

    def _learn(self, part: Part, order: NDArray[np.int64], first: bool) -> Iterator[Report | None]:
        """All steps, as far as they are one part's; at each yield it waits until all parts have come so far.

        The first part writes into `order` (N,) how the examples of an epoch follow each other. All yield a
        report when one is due, the same.
        """
        done, total = 0, self.epochs * self.steps

        def rate(step: int) -> float:
            return self.learning_rate * self.schedule(step, total)

        for epoch in range(1, self.epochs + 1):
            tally = _Tally(total, epoch)
            if first:
                order[:] = self.rng.permutation(len(order))
            yield None
            for batches in self._runs(order, done):
                began = time.perf_counter()
                shown = yield from part.steps(batches, rate)
                tally.add(shown, sum(map(len, batches)), time.perf_counter() - began)
                done += len(batches)
                if self._is_due(done):
                    yield tally.report(done, rate(done - 1))
                    yield None  # until whoever was given the report asks for the next

    def _is_due(self, done: int) -> bool:
        """Whether there is to be a report after so many steps."""
        return done % self.steps == 0 or (self.every is not None and done % self.every == 0)

    def _runs(self, order: Labels, done: int) -> Iterator[Sequence[Labels]]:
        """The batches of an epoch in runs, each up to where a report is due; `done` steps were before it."""
        run = []
        for start in range(0, len(order), self.batch_size):
            run.append(order[start : start + self.batch_size])
            done += 1
            if len(run) == LONGEST or self._is_due(done):
                yield run
                run = []


@dataclass
class _Tally:
    """Sums over the examples since the last report."""

    steps: int
    epoch: int
    loss: float = 0.0
    right: float = 0.0
    seen: int = 0
    seconds: float = 0.0

    def add(self, shown: Shown, examples: int, seconds: float) -> None:
        self.loss += shown.loss
        self.right += shown.right
        self.seen += examples
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
        self.loss, self.right, self.seen, self.seconds = 0.0, 0.0, 0, 0.0
        return report
