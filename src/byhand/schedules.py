"""Schedules: how the learning rate changes while training goes on.

A schedule turns a step number into a share of the peak learning rate. It knows nothing of how long the
training is: it is told, so that the same schedule serves any number of epochs.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from byhand.errors import SettingError


@dataclass(frozen=True)
class Schedule(ABC):
    """Share of the peak learning rate at each step; it rises linearly during the first `warmup` steps."""

    warmup: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if self.warmup < 0:
            raise SettingError(f"warm-up is {self.warmup} steps; it must be 0 or more")

    def __call__(self, step: int, steps: int) -> float:
        """Share of the peak, from 0 to 1, at `step` (counted from 0) of `steps`."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        return self.share((step - self.warmup) / max(1, steps - self.warmup))

    @abstractmethod
    def share(self, done: float) -> float:
        """Share of the peak when the part `done`, in [0, 1), of the time after the warm-up is over."""


@dataclass(frozen=True)
class Constant(Schedule):
    """The peak throughout."""

    def share(self, done: float) -> float:
        """1, always."""
        return 1.0


@dataclass(frozen=True)
class Step(Schedule):
    """The peak, multiplied by `factor` each time that another of `stages` equal parts is over."""

    stages: int = 3
    factor: float = 0.1

    def share(self, done: float) -> float:
        """factorⁿ after n parts."""
        return self.factor ** int(done * self.stages)


@dataclass(frozen=True)
class Cosine(Schedule):
    """From the peak to zero along half a cosine: ½ (1 + cos π done).

    Loshchilov and Hutter, "SGDR", 2017, eq. 5, without restarts.
    """

    def share(self, done: float) -> float:
        """½ (1 + cos π done)."""
        return (1 + math.cos(math.pi * done)) / 2


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from `start` to the peak during the part `rise` of the time, then down to zero, by half cosines.

    After Smith and Topin, "Super-convergence", 2018.
    """

    start: float = 0.04
    rise: float = 0.3

    def share(self, done: float) -> float:
        """Half a cosine up, then half a cosine down."""
        if done < self.rise:
            return self.start + (1 - self.start) * (1 - math.cos(math.pi * done / self.rise)) / 2
        return (1 + math.cos(math.pi * (done - self.rise) / (1 - self.rise))) / 2
