"""Batch normalization: every channel brought to mean 0 and variance 1, then to what is learnt."""

from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, Shape
from byhand.errors import SettingError
from byhand.initial import Initial
from byhand.layers.base import Layer, Parameters
from byhand.scratch import Slot


@dataclass(frozen=True)
class BatchNorm(Layer):
    """y = γ (x − μ) / √(σ² + ε) + β, for each channel (last axis) of x (B, ..., C); γ, β, μ, σ² (C,).

    While training, μ and σ² are the mean and variance over the batch and all places. When asked, they are
    running means of what training saw, mean ← (1 − m) mean + m μ and the same for the variance, where the
    running one is of N − 1 instead of N numbers; m is `momentum`. The batch is the part of it that a
    workspace holds, where training works on it in parts.

    Ioffe and Szegedy, "Batch normalization", 2015, algorithms 1 and 2.
    Derived in docs/derivations/batch-normalization.md.
    """

    channels: int
    momentum: float = 0.1
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if self.channels < 1:
            raise SettingError(f"normalization of {self.channels} channels; it must be at least 1")
        if not (0 < self.momentum <= 1 and self.epsilon > 0):
            raise SettingError(
                f"normalization with momentum {self.momentum} and epsilon {self.epsilon}; the first must be"
                " above 0 and at most 1, the second above 0"
            )

    def output_shape(self, shape: Shape) -> Shape:
        """The same."""
        if shape[-1:] != (self.channels,):
            raise SettingError(
                f"normalization of {self.channels} channels follows an output of shape {shape}; make them"
                " agree"
            )
        return shape

    def parameters(self) -> dict[str, Shape]:
        """γ (C,) and β (C,)."""
        return {"gamma": (self.channels,), "beta": (self.channels,)}

    def statistics(self) -> dict[str, Shape]:
        """Running mean (C,) and variance (C,)."""
        return {"mean": (self.channels,), "variance": (self.channels,)}

    def initialize(self, p: Parameters, initial: Initial, rng: np.random.Generator) -> None:
        """Begin with y = x, for an x that has mean 0 and variance 1."""
        p.gamma.fill(1)
        p.beta.fill(0)
        p.mean.fill(0)
        p.variance.fill(1)

    def forward(self, x: Array, p: Parameters, slot: Slot) -> Array:
        """x̂ = (x − μ) / √(σ² + ε),   y = γ x̂ + β."""
        mean, variance = slot.buffer("mean", p.mean.shape), slot.buffer("variance", p.variance.shape)
        normal = slot.buffer_like("normal", x)
        if slot.rng is None:
            mean[:], variance[:] = p.mean, p.variance
            np.subtract(x, mean, out=normal)
        else:
            count = x.size // self.channels
            np.divide(_sum(x), count, out=mean)
            np.subtract(x, mean, out=normal)
            np.divide(_sum_of_products(normal, normal), count, out=variance)
        normal /= np.sqrt(variance + self.epsilon)
        y = slot.buffer_like("y", x)
        np.multiply(normal, p.gamma, out=y)
        y += p.beta
        slot.y = y
        return y

    def gradients(self, dy: Array, dp: Parameters, slot: Slot) -> None:
        """dγ = Σ dy x̂,   dβ = Σ dy, over the batch and all places."""
        dp.gamma[:] = _sum_of_products(dy, slot.buffer_like("normal", slot.y))
        dp.beta[:] = _sum(dy)

    def backward(self, dy: Array, p: Parameters, slot: Slot) -> Array:
        """dx = γ / √(σ² + ε) (dy − (1/N) Σ dy − x̂ (1/N) Σ dy x̂) while training; the sums are 0 when asked."""
        normal = slot.buffer_like("normal", slot.y)
        dx: Array = slot.buffer_like("dx", slot.y)
        scale = p.gamma / np.sqrt(slot.buffer("variance", p.variance.shape) + self.epsilon)
        if slot.rng is None:
            np.multiply(dy, scale, out=dx)
            return dx
        count = dy.size // self.channels
        np.multiply(normal, _sum_of_products(dy, normal) / -count, out=dx)
        dx += dy
        dx -= _sum(dy) / count
        dx *= scale
        return dx

    def observe(self, p: Parameters, slot: Slot) -> None:
        """Move the running mean and variance towards the batch's."""
        count = slot.y.size // self.channels
        unbiased = count / max(1, count - 1)
        for running, name, factor in [(p.mean, "mean", 1.0), (p.variance, "variance", unbiased)]:
            batch = factor * slot.buffer(name, running.shape)
            running[:] = (1 - self.momentum) * running + self.momentum * batch


def _sum(x: Array) -> Array:
    """Sum (C,) over all axes but the last."""
    total: Array = x.sum(axis=tuple(range(x.ndim - 1)))
    return total


def _sum_of_products(x: Array, y: Array) -> Array:
    """Sum (C,) of x y over all axes but the last."""
    places = "bhw"[: x.ndim - 1]
    total: Array = np.einsum(f"{places}c,{places}c->c", x, y)
    return total
