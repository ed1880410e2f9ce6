"""Refusal: when a network's answer is not sure enough to be one.

A network that knows ten digits finds a digit in everything. Here one more class may say that a mark is none,
its probabilities are made honest by one number, the temperature (Guo, Pleiss, Sun, Weinberger: On
calibration of modern neural networks, 2017), and an answer less probable than the threshold is refused.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Labels
from byhand.errors import SettingError
from byhand.functions import log_softmax, softmax


@dataclass(frozen=True)
class Refusal:
    """Logits are divided by `temperature`; an answer needs at least the probability `threshold`.

    The first `classes` outputs are answers; the others, if there are any, say that there is nothing to
    answer.
    """

    temperature: float = 1.0
    threshold: float = 0.5
    classes: int = 10

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if not (0 < self.temperature < math.inf and 0 <= self.threshold <= 1 and self.classes > 0):
            raise SettingError(
                f"temperature {self.temperature}, threshold {self.threshold}, {self.classes} classes; the"
                " first must be above 0, the second from 0 to 1, the third at least 1"
            )

    def probabilities(self, logits: Array) -> Array:
        """Calibrated probabilities (N, K) of logits (N, K)."""
        return softmax(logits / logits.dtype.type(self.temperature))

    def judge(self, probabilities: Array) -> tuple[NDArray[np.int64], Array, NDArray[np.bool_]]:
        """Best answer (N,), its probability (N,), and whether it is refused (N,), of probabilities (N, K)."""
        answers = probabilities[:, : self.classes]
        labels: NDArray[np.int64] = answers.argmax(axis=1)
        sure = answers.max(axis=1, initial=0)
        return labels, sure, sure < self.threshold


KEPT = 0.99
"""Share of the digits that a fitted threshold keeps."""


def fitted(logits: Array, labels: Labels, classes: int, kept: float = KEPT) -> Refusal:
    """Refusal with temperature and threshold fitted to logits (N, K) that the network did not learn from.

    The temperature is that of the smallest mean cross-entropy over all labels (N,); the threshold keeps at
    least the share `kept` of those below `classes`. Raises SettingError when there are none.
    """
    answers = labels < classes
    if not answers.any():
        raise SettingError("there is no digit to fit a threshold to; give some")
    temperature = _coldest(lambda t: _cross_entropy(logits / logits.dtype.type(t), labels))
    sure = Refusal(temperature, 0.0, classes).judge(
        softmax(logits[answers] / logits.dtype.type(temperature))
    )[1]
    threshold = float(np.quantile(sure, 1 - kept, method="lower"))
    return Refusal(temperature, math.floor(threshold * 1e4) / 1e4, classes)


def _cross_entropy(logits: Array, labels: Labels) -> float:
    return -float(log_softmax(logits)[np.arange(len(labels)), labels].mean(dtype=np.float64))


def _coldest(cost: Callable[[float], float], low: float = 0.05, high: float = 20.0) -> float:
    """Temperature of the smallest cost, to four digits, by golden sections of its logarithm.

    The cross-entropy has one minimum in 1/T, for it is convex there.
    """
    golden = (math.sqrt(5) - 1) / 2
    a, b = math.log(low), math.log(high)
    while b - a > 1e-4:
        c, d = b - golden * (b - a), a + golden * (b - a)
        a, b = (a, d) if cost(math.exp(c)) < cost(math.exp(d)) else (c, b)
    return float(f"{math.exp((a + b) / 2):.4g}")
