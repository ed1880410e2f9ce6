"""The functions a network is made of, each beside its derivative.

`f(x)` gives y. `f_backward(dy, y)` gives dx, the gradient of the loss with respect to x, from dy, the
gradient with respect to y: dx = Jᵀ dy, where J = ∂y/∂x. All of them can be written with y alone, so x
need not be kept. `out` is an array to write into, of the shape and dtype of x; without it one is made.
"""

import numpy as np

from byhand.arrays import Array

ZERO = np.zeros((), np.float32)
"""As an array: NumPy would make one of a Python 0 at each call, 3 % of the time that one image takes."""


def sigmoid(x: Array, out: Array | None = None) -> Array:
    """y = 1 / (1 + e⁻ˣ), elementwise, for any x however large."""
    with np.errstate(over="ignore"):  # e⁻ˣ may overflow to ∞, and then 1 / (1 + ∞) = 0 is right
        y = np.exp(np.negative(x, out=out), out=out)
    y += 1
    return np.reciprocal(y, out=y)


def sigmoid_backward(dy: Array, y: Array, out: Array | None = None) -> Array:
    """dx = dy y (1 − y).  Derived in docs/derivations/activations.md#sigmoid."""
    dx = np.subtract(1, y, out=out)
    dx *= y
    dx *= dy
    return dx


def tanh(x: Array, out: Array | None = None) -> Array:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), elementwise."""
    return np.tanh(x, out=out)


def tanh_backward(dy: Array, y: Array, out: Array | None = None) -> Array:
    """dx = dy (1 − y²).  Derived in docs/derivations/activations.md#tanh."""
    dx = np.multiply(y, y, out=out)
    np.subtract(1, dx, out=dx)
    dx *= dy
    return dx


def relu(x: Array, out: Array | None = None) -> Array:
    """y = max(0, x), elementwise."""
    y: Array = np.maximum(x, ZERO, out=out)
    return y


def relu_backward(dy: Array, y: Array, out: Array | None = None) -> Array:
    """dx = dy where y > 0, else 0; at the kink itself 0.  Derived in docs/derivations/activations.md#relu."""
    dx = np.greater(y, 0, out=np.empty_like(y) if out is None else out)
    dx *= dy
    return dx


def softmax(x: Array, out: Array | None = None) -> Array:
    """y_k = e^(x_k) / Σ_j e^(x_j) over the last axis: positive numbers that sum to 1.

    The largest x is taken off first, which changes nothing in the quotient and keeps e^x finite.
    """
    y: Array = np.subtract(x, np.maximum.reduce(x, axis=-1, keepdims=True), out=out)
    np.exp(y, out=y)
    y /= np.add.reduce(y, axis=-1, keepdims=True)
    return y


def softmax_backward(dy: Array, y: Array, out: Array | None = None) -> Array:
    """dx_k = y_k (dy_k − Σ_j dy_j y_j): every output depends on every input.

    J = diag(y) − y yᵀ.  Derived in docs/derivations/softmax.md#jacobian.
    """
    dx = np.multiply(dy, y, out=out)
    total = dx.sum(axis=-1, keepdims=True)
    np.subtract(dy, total, out=dx)
    dx *= y
    return dx


def log_softmax(x: Array, out: Array | None = None) -> Array:
    """y_k = x_k − log Σ_j e^(x_j) over the last axis, without ever taking the logarithm of 0."""
    y: Array = np.subtract(x, np.maximum.reduce(x, axis=-1, keepdims=True), out=out)
    y -= np.log(np.add.reduce(np.exp(y), axis=-1, keepdims=True))
    return y


def log_softmax_backward(dy: Array, y: Array, out: Array | None = None) -> Array:
    """dx_k = dy_k − e^(y_k) Σ_j dy_j.  Derived in docs/derivations/softmax.md#log-softmax."""
    dx = np.exp(y, out=out)
    dx *= dy.sum(axis=-1, keepdims=True)
    return np.subtract(dy, dx, out=dx)
