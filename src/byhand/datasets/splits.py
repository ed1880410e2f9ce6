"""Holding examples out of training, each class in proportion."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Labels
from byhand.errors import SettingError

Indices = NDArray[np.integer[Any]]


def stratified_split(labels: Labels, held_out: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Indices to keep (N - held_out,) and indices held out (held_out,), each in ascending order.

    Together they are every index once. Which examples of a class are held out is drawn from `rng`;
    how many is its share of `held_out`, rounded down or up so that the total is exact.

    Raises SettingError unless 1 <= held_out <= N - 1.
    """
    if not 1 <= held_out < len(labels):
        raise SettingError(
            f"cannot hold out {held_out:,} of {len(labels):,} examples; choose from 1 to {len(labels) - 1:,}"
        )
    classes, counts = np.unique(labels, return_counts=True)
    held = np.zeros(len(labels), dtype=bool)
    for label, share in zip(classes, _shares(counts, held_out), strict=True):
        held[rng.choice(np.flatnonzero(labels == label), size=share, replace=False)] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def _shares(counts: Indices, total: int) -> Indices:
    """Whole numbers that sum to `total`, in proportion to `counts`.

    By largest remainder: every exact share is rounded down, then the shares that lost most get one
    more each, the first of equals first. Integers throughout, so that no rounding decides.
    """
    shares, lost = np.divmod(counts * total, counts.sum())
    missing = total - shares.sum()
    shares[np.argsort(-lost, stable=True)[:missing]] += 1
    return shares
