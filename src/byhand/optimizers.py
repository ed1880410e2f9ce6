"""Optimizers: from the gradient to the next parameters, as equations on flat vectors.

Every optimizer here is a handful of numbers and one equation. `start` makes the vectors that it keeps
between steps, its state; `step` changes the parameters theta and the state in place. All vectors are
(P,), of one dtype. `g` is the gradient of the loss with respect to theta.

Derived and explained in docs/derivations/optimizers.md.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from byhand.arrays import Array, zeros
from byhand.errors import SettingError

TOO_SMALL = 1e-30
"""A moment below this moves no parameter: float32 tells 1 from 1 + 1e-7, and Adam adds 1e-8."""


@dataclass
class State:
    """What an optimizer keeps between steps: how many there were, and vectors like theta."""

    steps: int
    first: Array  # running sum times μ (SGD) or mean (Adam) of g: the first moment
    second: Array  # running mean of g² (Adam): the second moment
    scratch: Array

    def clean(self) -> None:
        """Now and then, set to 0 what has become too small to move any parameter.

        Where the gradient is 0, as it is for pixels at the edge, each step makes the sums smaller by a
        factor, until they are denormal numbers. With those a processor computes many times more slowly:
        after some thousand steps, momentum's update took 174 µs and not 106.
        """
        if self.steps % 64 == 0:
            for sums in (self.first, self.second):
                sums[np.abs(sums, out=self.scratch) < TOO_SMALL] = 0


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule for the next parameters."""

    def start(self, theta: Array) -> State:
        """State before the first step, for parameters like theta."""
        return State(0, *(zeros(theta.shape, theta.dtype) for _ in range(3)))

    @abstractmethod
    def step(self, theta: Array, g: Array, state: State, rate: float) -> None:
        """Take one step with the learning rate `rate`: theta and state change in place, g may too."""


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum μ if it is not 0.

    g ← g + λ θ        (weight decay λ)
    v ← μ v + g
    θ ← θ − η v        or, with Nesterov's look ahead,  θ ← θ − η (g + μ v)

    The learning rate η stands outside v, as in PyTorch; Sutskever et al. 2013, eq. 1-4, have it inside, and
    with Nesterov's look ahead our θ is their θ + μv, the place that they look at.
    """

    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        _check("momentum", self.momentum, below=1)
        _check("weight decay", self.weight_decay)

    def step(self, theta: Array, g: Array, state: State, rate: float) -> None:
        """Move theta against the (summed) gradient."""
        v = state.first  # kept as μ v: one pass over memory less than with v itself
        if self.weight_decay:
            g += np.multiply(theta, self.weight_decay, out=state.scratch)
        v += g
        if not self.nesterov:
            np.copyto(g, v)
        v *= self.momentum
        if self.nesterov:
            g += v
        g *= rate
        theta -= g
        state.steps += 1
        state.clean()


@dataclass(frozen=True)
class Adaptive(Optimizer):
    """What Adam and AdamW have in common: each parameter has a step of its own size.

    m ← β₁ m + (1 − β₁) g                   running mean of g
    s ← β₂ s + (1 − β₂) g²                  running mean of g²
    m̂ = m / (1 − β₁ᵗ),  ŝ = s / (1 − β₂ᵗ)   both began at 0: mended for that at step t
    θ ← θ − η m̂ / (√ŝ + ε)

    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        _check("beta1", self.beta1, below=1)
        _check("beta2", self.beta2, below=1)
        _check("epsilon", self.epsilon)
        _check("weight decay", self.weight_decay)

    @abstractmethod
    def decay(self, theta: Array, g: Array, scratch: Array, rate: float) -> None:
        """Apply weight decay λ to g or to theta, in place."""

    def step(self, theta: Array, g: Array, state: State, rate: float) -> None:
        """Move theta against the mean gradient, measured by its usual size."""
        m, s, scratch = state.first, state.second, state.scratch
        state.steps += 1
        if self.weight_decay:
            self.decay(theta, g, scratch, rate)
        m *= self.beta1
        m += np.multiply(g, 1 - self.beta1, out=scratch)
        s *= self.beta2
        np.multiply(g, g, out=scratch)
        scratch *= 1 - self.beta2
        s += scratch
        np.sqrt(s, out=scratch)
        scratch /= math.sqrt(1 - self.beta2**state.steps)
        scratch += self.epsilon
        np.divide(m, scratch, out=scratch)
        scratch *= rate / (1 - self.beta1**state.steps)
        theta -= scratch
        state.clean()


@dataclass(frozen=True)
class Adam(Adaptive):
    """Adam, its weight decay a part of the gradient, so that it is rescaled with it: g ← g + λ θ."""

    def decay(self, theta: Array, g: Array, scratch: Array, rate: float) -> None:
        """g ← g + λ θ."""
        g += np.multiply(theta, self.weight_decay, out=scratch)


@dataclass(frozen=True)
class AdamW(Adaptive):
    """Adam with decoupled weight decay, which shrinks θ itself: θ ← θ − η λ θ.

    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2; as in
    PyTorch, λ is here multiplied by the learning rate, in the paper by the schedule alone.
    """

    weight_decay: float = 0.01

    def decay(self, theta: Array, g: Array, scratch: Array, rate: float) -> None:
        """θ ← θ − η λ θ."""
        theta *= 1 - rate * self.weight_decay


def _check(name: str, value: float, below: float = math.inf) -> None:
    if not 0 <= value < below:
        limit = "0 or more" if below == math.inf else f"from 0 to below {below}"
        raise SettingError(f"{name} is {value}; it must be {limit}")
