"""Metrics: how good the answers are, and how sure one can be of that."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Labels


class Interval(NamedTuple):
    """Where the true accuracy lies with 95 % confidence."""

    low: float
    high: float


class ClassScores(NamedTuple):
    """One number a class, each (K,) float64 in [0, 1]; 0 where there is nothing to divide by."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]


def accuracy_interval(right: int, count: int) -> Interval:
    """95 % interval of an accuracy of `right` of `count` answers.

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927. Unlike ± 1.96
    standard errors it stays within 0 and 1 and does not collapse when every answer is right.
    """
    z = 1.959963984540054  # 97.5 % of a normal distribution lies below it
    p, q = right / count, z * z / count
    middle = (p + q / 2) / (1 + q)
    half = z / (1 + q) * math.sqrt(p * (1 - p) / count + q / (4 * count))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def confusion(labels: Labels, answers: Labels, classes: int) -> NDArray[np.int64]:
    """Counts (K, K): in row i and column j, how many of class i were taken for class j."""
    pairs = labels.astype(np.int64) * classes + answers
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def class_scores(matrix: NDArray[np.int64]) -> ClassScores:
    """Precision, recall and F1 of each class from a confusion matrix (K, K)."""
    right = np.diag(matrix).astype(np.float64)

    def over(total: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.divide(right, total, out=np.zeros_like(right), where=total > 0)

    answered, present = matrix.sum(axis=0).astype(np.float64), matrix.sum(axis=1).astype(np.float64)
    return ClassScores(over(answered), over(present), over((answered + present) / 2))


def calibration_error(probabilities: Array, labels: Labels, bins: int = 15) -> float:
    """Expected calibration error: how far "90 % sure" is from being right 90 % of the time.

    The answers are sorted into `bins` equal ranges of their probability; the result is the mean over
    all answers of |share that is right − mean probability| of their range. Guo et al., "On calibration
    of modern neural networks", 2017, eq. 3.

    probabilities (N, K), labels (N,).
    """
    sureness = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    which = np.minimum((sureness * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(which, weights=right - sureness.astype(np.float64), minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


class McNemar(NamedTuple):
    """How two models differ on the same examples, and how likely so great a difference is by chance."""

    repaired: int  # wrong before, right after
    spoilt: int  # right before, wrong after
    p: float


def mcnemar(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test, two-sided, of answers that were right or not, (N,) each, on the same examples.

    Only examples on which the two differ say anything. If neither model were better, each of those n would
    go either way like a coin: p = min(1, 2 Σ_{i ≤ k} (n over i) / 2ⁿ), k the smaller of the two counts.
    McNemar, "Note on the sampling error of the difference between correlated proportions", 1947; exact
    with the binomial distribution rather than with χ².
    """
    repaired = int(np.count_nonzero(~before & after))
    spoilt = int(np.count_nonzero(before & ~after))
    n = repaired + spoilt
    tail = sum(math.comb(n, i) for i in range(min(repaired, spoilt) + 1))
    # whole numbers as long as may be: 2ⁿ is beyond floats from n = 1024 on
    return McNemar(repaired, spoilt, min(1.0, tail * 2 / 2**n))
