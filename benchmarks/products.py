"""The matrix products of training steps, whole and in the pieces of byhand.products, on all cores at once.

    python benchmarks/products.py

Each core has a process of its own with its own matrices, as the parts of a training have, and both ways take
turns. Where OpenBLAS copies small products, too, both are the same.
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

from byhand.arrays import Array, Shape, zeros
from byhand.processes import together
from byhand.products import product
from byhand.threads import cores

ROUNDS, TIMES = 30, 20

PRODUCTS: dict[str, tuple[Shape, Shape, str]] = {
    "784-128-10: x W": ((64, 784), (784, 128), ""),
    "784-128-10: xᵀ dy": ((784, 64), (64, 128), "a"),
    "784-800-10: x W": ((64, 784), (784, 800), ""),
    "784-800-10: xᵀ dy": ((784, 64), (64, 800), "a"),
    "conv 16 to 32: W X": ((32, 400), (8, 400, 512), ""),
    "conv 16 to 32: X dyᵀ": ((8, 400, 512), (8, 512, 32), "b"),
    "conv 16 to 32: Wᵀ dy, one row": ((80, 160), (160, 512), ""),
}
"""Shapes of both factors for half a batch of 128, and which of them lies in memory column by column."""


def matrix(shape: Shape, by_columns: bool) -> Array:
    """Random numbers of this shape in float32."""
    *stack, rows, columns = shape
    lies = zeros((*stack, columns, rows) if by_columns else shape, np.float32)
    lies[...] = np.random.default_rng(0).standard_normal(lies.shape)
    return lies.swapaxes(-1, -2) if by_columns else lies


def measured(a: Array, b: Array) -> Iterator[tuple[float, float]]:
    """Seconds of the whole product and of its pieces, round by round, all parts at the same time."""
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = zeros((*stack, a.shape[-2], b.shape[-1]), np.float32)
    ways: list[Callable[[], Array]] = [lambda: np.matmul(a, b, out=out), lambda: product(a, b, out)]
    for _ in range(ROUNDS):
        seconds = []
        for way in ways:
            way()
            began = time.perf_counter()
            for _ in range(TIMES):
                way()
            seconds.append((time.perf_counter() - began) / TIMES)
        yield seconds[0], seconds[1]


def main() -> None:
    print("| product | whole, µs | in pieces, µs | pieces / whole | GFLOP/s of a core |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, (left, right, by_columns) in PRODUCTS.items():
        a, b = matrix(left, "a" in by_columns), matrix(right, "b" in by_columns)
        rounds = list(together([measured(a, b) for _ in range(cores())]))
        whole, pieces = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(piece / all_ for all_, piece in rounds)
        stack = np.broadcast_shapes(left[:-2], right[:-2])
        speed = 2 * math.prod((*stack, *left[-2:], right[-1])) / pieces / 1e9
        print(f"| {name} | {whole * 1e6:.0f} | {pieces * 1e6:.0f} | {ratio:.2f} | {speed:.0f} |")


if __name__ == "__main__":
    main()
