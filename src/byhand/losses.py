"""Losses: how wrong the network is, and which way its logits should move.

Every loss takes logits z (B, K), labels (B,) integers from 0 to K - 1, and a slot for scratch, and
gives the loss (a float, the mean over the batch) and its gradient dz (B, K) with respect to the logits.
dz lives in the slot until the loss is next asked for.
"""

from collections.abc import Callable

import numpy as np

from byhand.arrays import Array, Labels
from byhand.functions import log_softmax, softmax, softmax_backward
from byhand.scratch import Slot

Loss = Callable[[Array, Labels, Slot], tuple[float, Array]]


def cross_entropy(logits: Array, labels: Labels, slot: Slot) -> tuple[float, Array]:
    """L = −(1/B) Σ_n log p_nc,  dz = (p − t) / B,  where p = softmax(z), c the label, t 1 there and else 0.

    Softmax and logarithm are taken as one, so that their derivatives cancel to this simple form and no
    probability of 0 meets a logarithm. Derived in docs/derivations/cross-entropy.md.
    """
    z = _class_by_class(logits, slot)
    dz = log_softmax(z, out=z)
    rows = np.arange(len(labels))
    loss = -float(dz[rows, labels].sum()) / len(labels)
    np.exp(dz, out=dz)
    dz[rows, labels] -= 1
    dz /= len(labels)
    return loss, dz


def squared_error(logits: Array, labels: Labels, slot: Slot) -> tuple[float, Array]:
    """L = (1/B) Σ_n Σ_k (p_nk − t_nk)²,  dp = 2 (p − t) / B,  dz = Jᵀ dp, where p = softmax(z).

    J is softmax's whole Jacobian, not its diagonal alone. Derived in docs/derivations/squared-error.md.
    """
    z = _class_by_class(logits, slot)
    p = softmax(z, out=z)
    dp = slot.buffer_like("dp", p)
    np.copyto(dp, p)
    dp[np.arange(len(labels)), labels] -= 1
    loss = float(np.vdot(dp, dp)) / len(labels)
    dp *= 2 / len(labels)
    return loss, softmax_backward(dp, p, out=slot.buffer_like("dz", p))


def _class_by_class(logits: Array, slot: Slot) -> Array:
    """Copy (B, K) in which the numbers of one class are neighbours in memory, not those of one example.

    Softmax goes over the classes of each example, and many short rows cost more than their numbers do: the
    largest of 10 logits for each of 128 examples takes 13 µs row by row, 2 µs as whole columns compared.
    """
    z = slot.buffer("z", logits.shape[::-1]).T
    np.copyto(z, logits)
    return z


LOSSES: dict[str, Loss] = {"cross-entropy": cross_entropy, "squared-error": squared_error}
