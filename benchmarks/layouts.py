"""In what order the numbers of pictures should lie in memory: two convolutions in three layouts.

    python benchmarks/layouts.py [--batches 16 32 64 128] [--rounds 15]

They are those of the network of docs/benchmarks.md: from 1 to 16 channels, 28x28 to 24x24 pixels, and from 16
to 32, 12x12 to 8x8, both 5x5. "im2col" copies all that each place looks at, k² copies of the input, and makes
one matrix product of it; (H, C, W, B) with copies for the kernel's columns alone is the package's own Conv2d.
All are first seen to give the same numbers. BLAS has one thread. Printed are medians over the rounds, in
which all take turns, in microseconds an image.
"""

import argparse
import time
from statistics import median

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from byhand.layers import Conv2d, Parameters
from byhand.layers.memory import batch_first, rows_first
from byhand.scratch import Slot

SIZE = 5
CONVOLUTIONS = {"1 to 16 channels, 28x28 to 24x24": (28, 1, 16), "16 to 32, 12x12 to 8x8": (12, 16, 32)}
OPERATIONS = ["forward", "gradients", "backward"]

Floats = NDArray[np.float32]


class BatchFirst:
    """im2col with pictures (B, H, W, C): columns (B H' W', k k C)."""

    def __init__(self, x: Floats, W: Floats, b: Floats, dy: Floats) -> None:
        self.x, self.b, self.dy = x, b, dy.reshape(-1, len(b))
        self.W = np.ascontiguousarray(W.transpose(1, 3, 2, 0)).reshape(-1, len(b))  # (k k C, O)
        B, H, _, C = x.shape
        self.out = H - SIZE + 1
        # the k columns of one row of a square are neighbours in memory: they are copied as one run
        B_, H_, W_, C_ = x.strides
        shape = (B, self.out, self.out, SIZE, SIZE * C)
        self.squares = as_strided(x, shape, (B_, H_, W_, H_, C_), writeable=False)
        self.columns, self.dcolumns = np.empty((2, B * self.out**2, SIZE * SIZE * C), np.float32)
        self.y, self.dx, self.dW = np.empty_like(self.dy), np.empty_like(x), np.empty_like(self.W)
        self.ones = np.ones(len(self.dy), np.float32)

    def forward(self) -> None:
        """Copy, one product, bias."""
        np.copyto(self.columns.reshape(self.squares.shape), self.squares)
        np.matmul(self.columns, self.W, out=self.y)
        self.y += self.b

    def gradients(self) -> None:
        """dW and db from what forward has copied."""
        np.matmul(self.columns.T, self.dy, out=self.dW)
        self.db = self.ones @ self.dy

    def backward(self) -> None:
        """One product, and k² additions of what belongs to each place."""
        np.matmul(self.dy, self.W.T, out=self.dcolumns)
        B, _, _, C = self.x.shape
        by_place = self.dcolumns.reshape(B, self.out, self.out, SIZE, SIZE, C)
        self.dx.fill(0)
        for i in range(SIZE):
            for j in range(SIZE):
                self.dx[:, i : i + self.out, j : j + self.out] += by_place[:, :, :, i, j]

    def results(self) -> list[Floats]:
        """y and dx (B, H, W, C), dW (O, k, C, k), db."""
        B, _, _, C = self.x.shape
        dW = self.dW.reshape(SIZE, SIZE, C, -1).transpose(3, 0, 2, 1)
        return [self.y.reshape(B, self.out, self.out, -1), dW, self.db, self.dx]


class ChannelFirst:
    """im2col with pictures (C, H, W, B): columns (C k k, H' W' B), copied in runs of B or W' B numbers."""

    def __init__(self, x: Floats, W: Floats, b: Floats, dy: Floats) -> None:
        self.x = np.ascontiguousarray(x.transpose(3, 1, 2, 0))
        self.dy = np.ascontiguousarray(dy.transpose(3, 1, 2, 0)).reshape(len(b), -1)
        self.W = np.ascontiguousarray(W.transpose(0, 2, 1, 3)).reshape(len(b), -1)  # (O, C k k)
        self.b = b[:, None]
        C, H, _, B = self.x.shape
        self.out = H - SIZE + 1
        self.shape = (C, SIZE, SIZE, self.out, self.out, B)
        self.columns, self.dcolumns = np.empty((2, C * SIZE**2, self.out**2 * B), np.float32)
        self.y, self.dx, self.dW = np.empty_like(self.dy), np.empty_like(self.x), np.empty_like(self.W)
        self.ones = np.ones(self.dy.shape[1], np.float32)

    def forward(self) -> None:
        """Copy, one product, bias."""
        columns = self.columns.reshape(self.shape)
        for i in range(SIZE):
            for j in range(SIZE):
                columns[:, i, j] = self.x[:, i : i + self.out, j : j + self.out]
        np.matmul(self.W, self.columns, out=self.y)
        self.y += self.b

    def gradients(self) -> None:
        """dW and db from what forward has copied."""
        np.matmul(self.dy, self.columns.T, out=self.dW)
        self.db = self.dy @ self.ones

    def backward(self) -> None:
        """One product, and k² additions."""
        np.matmul(self.W.T, self.dy, out=self.dcolumns)
        by_place = self.dcolumns.reshape(self.shape)
        self.dx.fill(0)
        for i in range(SIZE):
            for j in range(SIZE):
                self.dx[:, i : i + self.out, j : j + self.out] += by_place[:, i, j]

    def results(self) -> list[Floats]:
        """y and dx (B, H, W, C), dW (O, k, C, k), db."""
        C, out = len(self.x), self.out
        y = self.y.reshape(-1, out, out, self.x.shape[3]).transpose(3, 1, 2, 0)
        dW = self.dW.reshape(-1, C, SIZE, SIZE).transpose(0, 2, 1, 3)
        return [y, dW, self.db, self.dx.transpose(3, 1, 2, 0)]


class Package:
    """The package's Conv2d, with pictures (H, C, W, B)."""

    def __init__(self, x: Floats, W: Floats, b: Floats, dy: Floats) -> None:
        self.x = batch_first(np.ascontiguousarray(rows_first(x)))
        self.dy = batch_first(np.ascontiguousarray(rows_first(dy)))
        self.p = Parameters({"W": W, "b": b})
        self.dp = Parameters({"W": np.empty_like(W), "b": np.empty_like(b)})
        self.layer, self.slot = Conv2d(x.shape[3], len(b), SIZE), Slot(np.float32)

    def forward(self) -> None:
        """Conv2d.forward."""
        self.y = self.layer.forward(self.x, self.p, self.slot)

    def gradients(self) -> None:
        """Conv2d.gradients."""
        self.layer.gradients(self.dy, self.dp, self.slot)

    def backward(self) -> None:
        """Conv2d.backward."""
        self.dx = self.layer.backward(self.dy, self.p, self.slot)

    def results(self) -> list[Floats]:
        """y and dx (B, H, W, C), dW (O, k, C, k), db."""
        return [self.y, self.dp.W, self.dp.b, self.dx]


LAYOUTS = {
    "(B, H, W, C), im2col": BatchFirst,
    "(C, H, W, B), im2col": ChannelFirst,
    "(H, C, W, B), copies for the kernel's columns": Package,
}


def prepared(convolution: tuple[int, int, int], B: int) -> list[BatchFirst | ChannelFirst | Package]:
    """One of each layout, all with the same numbers; ends the program if they do not answer the same."""
    side, inputs, outputs = convolution
    rng, out = np.random.default_rng(0), side - SIZE + 1

    def floats(*shape: int) -> Floats:
        return rng.uniform(-1, 1, shape).astype(np.float32)

    numbers = floats(B, side, side, inputs), floats(outputs, SIZE, inputs, SIZE), floats(outputs)
    dy = floats(B, out, out, outputs)
    made = [layout(*numbers, dy) for layout in LAYOUTS.values()]
    for one in made:
        for operation in OPERATIONS:
            getattr(one, operation)()
        for found, first in zip(one.results(), made[0].results(), strict=True):
            if not np.abs(found - first).max() < 1e-5 * np.abs(first).max():
                raise SystemExit(f"{type(one).__name__} differs from {type(made[0]).__name__}")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, nargs="+", default=[16, 32, 64, 128], metavar="B")
    parser.add_argument("--rounds", type=int, default=15, help="rounds (default: 15)")
    arguments = parser.parse_args()
    most = max(arguments.batches)
    with threadpool_limits(1, user_api="blas"):
        for title, convolution in CONVOLUTIONS.items():
            made = {B: prepared(convolution, B) for B in arguments.batches}
            times: dict[tuple[int, str, str], list[float]] = {}
            for _ in range(arguments.rounds):
                for B, layouts in made.items():
                    for layout, one in zip(LAYOUTS, layouts, strict=True):
                        sums = dict.fromkeys(OPERATIONS, 0.0)
                        repeats = max(1, most // B)  # as many images for each batch size
                        for _ in range(repeats):
                            for operation in OPERATIONS:
                                began = time.perf_counter()
                                getattr(one, operation)()
                                sums[operation] += time.perf_counter() - began
                        sums["without dx"] = sums["forward"] + sums["gradients"]
                        sums["all"] = sum(sums[operation] for operation in OPERATIONS)
                        for name, seconds in sums.items():
                            times.setdefault((B, layout, name), []).append(seconds / repeats / B * 1e6)
            print(f"| {title} | batch | forward | dW, db | both | dx | all |\n" + "| --- " * 7 + "|")
            for layout in LAYOUTS:
                for B in arguments.batches:
                    names = ["forward", "gradients", "without dx", "backward", "all"]
                    found = [f"{median(times[B, layout, name]):.1f}" for name in names]
                    print(f"| {layout} | {B} | " + " | ".join(found) + " |")
            print()


if __name__ == "__main__":
    main()
