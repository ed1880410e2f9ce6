"""JAX: everything jitted, and compiled before the clock runs."""

import time
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import work
from jax import lax

Arrays = dict[str, jax.Array]


def dense(how: str, images: int, epochs: int) -> Callable[[int], dict[str, float]]:
    """Epochs of 784-128-10: one jitted scan over all batches, or a jitted step for each."""
    return _epochs(dense_logits, work.start_dense(), images, epochs, work.DENSE_RATE, how)


def conv(how: str, images: int, epochs: int) -> Callable[[int], dict[str, float]]:
    """Epochs of the convolutional network, in the same two ways."""
    return _epochs(conv_logits, work.start_conv(), images, epochs, work.CONV_RATE, how)


def dense_logits(p: Arrays, x: jax.Array) -> jax.Array:
    return jax.nn.relu(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]


def conv_logits(p: Arrays, x: jax.Array) -> jax.Array:
    x = x.reshape(-1, 28, 28, 1)
    for K, c in [("K1", "c1"), ("K2", "c2")]:
        x = lax.conv_general_dilated(x, p[K], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + p[c])
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return dense_logits(p, x.reshape(len(x), -1))


Logits = Callable[[Arrays, jax.Array], jax.Array]


def _epochs(
    logits: Logits, start: work.Weights, images: int, epochs: int, rate: float, how: str
) -> Callable[[int], dict[str, float]]:
    digits = work.mnist().front(images)
    x, labels = jnp.asarray(digits.flat()), jnp.asarray(digits.labels.astype(np.int32))

    def loss(p: Arrays, x: jax.Array, labels: jax.Array) -> jax.Array:
        log_p = jax.nn.log_softmax(logits(p, x))
        return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()

    def step(state: tuple[Arrays, Arrays], batch: jax.Array) -> tuple[tuple[Arrays, Arrays], jax.Array]:
        p, v = state
        value, g = jax.value_and_grad(loss)(p, x[batch], labels[batch])
        v = jax.tree.map(lambda v, g: work.MOMENTUM * v + g, v, g)
        p = jax.tree.map(lambda p, g, v: p - rate * (g + work.MOMENTUM * v), p, g, v)
        return (p, v), value

    one_step = jax.jit(step, donate_argnums=0)
    all_steps = jax.jit(partial(lax.scan, step), donate_argnums=0)
    mean_loss = jax.jit(loss)

    def once(number: int) -> dict[str, float]:
        p = {name: jnp.array(array) for name, array in start.items()}
        state = jax.block_until_ready((p, jax.tree.map(jnp.zeros_like, p)))
        began = time.perf_counter()
        batches = work.orders(number, images, epochs).reshape(-1, work.BATCH).astype(np.int32)
        if how == "scan":
            state, _ = all_steps(state, batches)
        else:
            for batch in batches:
                state, _ = one_step(state, batch)
        p, _ = jax.block_until_ready(state)
        seconds = time.perf_counter() - began
        pieces = range(0, images, 8 * work.BATCH)
        losses = [mean_loss(p, x[i : i + 8 * work.BATCH], labels[i : i + 8 * work.BATCH]) for i in pieces]
        counts = [min(8 * work.BATCH, images - i) for i in pieces]
        return {"seconds": seconds, "loss": float(np.average(np.array(losses), weights=counts))}

    return once


def ask(how: str) -> Callable[[np.ndarray], np.ndarray]:
    """One jitted function from pixels to probabilities."""
    p = {name: jnp.asarray(array) for name, array in work.start_dense().items()}

    @jax.jit
    def probabilities(images: jax.Array) -> jax.Array:
        x = images.reshape(-1, 784).astype(jnp.float32) * (1 / 255)
        return jax.nn.softmax(dense_logits(p, x))

    return lambda images: np.asarray(probabilities(images))
