"""What makes a training step fast, and what does not: the step of 784-128-10 in all forms that were tried.

    python benchmarks/step.py [--only step wide parts] [--steps 48] [--rounds 15]

The step is written here once more, as bare operations, so that one thing at a time can be changed. All forms
are first seen to learn the same. Then they take turns, round by round; printed are medians over the rounds,
in microseconds. `step` compares forms of the step, `wide` those of a step with 800 hidden units, also with
distorted images, `parts` says where the time of a step goes. The machine should do nothing else meanwhile.
"""

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from queue import SimpleQueue
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from byhand.datasets import Distort, load
from byhand.initial import he
from byhand.layers import Dense, Flatten, ReLU
from byhand.network import Network
from byhand.optimizers import SGD
from byhand.training import train

TRAINING = load("mnist").train
IMAGES, LABELS = TRAINING.images, TRAINING.labels
MOMENTUM, RATE = np.float32(0.9), np.float32(0.01)
DISTORT = Distort()

Vector = NDArray[np.float32]
Operation = Callable[[], object]


@dataclass(frozen=True)
class Form:
    """A step; as it stands, the package's own."""

    hidden: int = 128
    batch: int = 128
    blas: int = 2  # threads of a matrix product
    parts: int = 1  # shares of the batch, each in a Python thread
    ahead: int = 0  # batches that a second thread prepares at a time
    block: int = 10**9  # parameters that are updated at a time
    sums: bool = False  # bias gradients by a sum, not by a product with ones
    buffers: int = 4  # for inputs, used in turn
    v_itself: bool = False  # momentum keeps v, not μ v
    distort: bool = False


BASE = Form()
STEP = {
    "the package's form": BASE,
    "BLAS with 1 thread": replace(BASE, blas=1),
    "half batches in 2 threads, BLAS with 1": replace(BASE, parts=2, blas=1),
    "batches prepared in a second thread": replace(BASE, ahead=1),
    "the same, 8 at a time": replace(BASE, ahead=8),
    "the same, 8 at a time, BLAS with 1 thread": replace(BASE, ahead=8, blas=1),
    "update in blocks of 8,192": replace(BASE, block=8192),
    "update in blocks of 32,768": replace(BASE, block=32768),
    "v kept, not μ v": replace(BASE, v_itself=True),
    "bias gradients by sums": replace(BASE, sums=True),
    "1 buffer for inputs": replace(BASE, buffers=1),
    "2 buffers in turn": replace(BASE, buffers=2),
    "8 buffers in turn": replace(BASE, buffers=8),
    "batches of 256": replace(BASE, batch=256),
    "batches of 512": replace(BASE, batch=512),
}
BROAD = Form(hidden=800)
BENT = replace(BROAD, distort=True)
WIDE = {
    "whole batches": BROAD,
    "half batches in 2 threads, BLAS with 1": replace(BROAD, parts=2, blas=1),
    "distorted, whole batches": BENT,
    "distorted, half batches in 2 threads, BLAS with 1": replace(BENT, parts=2, blas=1),
    "distorted in a second thread, BLAS with 1": replace(BENT, ahead=1, blas=1),
    "distorted in a second thread, BLAS with 2": replace(BENT, ahead=1),
    "distorted in a second thread, 8 batches at a time, BLAS with 1": replace(BENT, ahead=8, blas=1),
}


class Inputs:
    """Pixels of examples as numbers from 0 to 1, in one of several buffers in turn."""

    def __init__(self, form: Form, size: int, buffers: int) -> None:
        self.form, self.rng = form, np.random.default_rng(0)
        self.pixels = np.empty((size, 28, 28), np.uint8)
        self.buffers = cycle([np.empty((size, 784), np.float32) for _ in range(buffers)])

    def gather(self, which: NDArray[np.int64]) -> None:
        """Take the pixels of these examples."""
        np.take(IMAGES, which, axis=0, out=self.pixels, mode="clip")

    def cast(self) -> None:
        """Write them, distorted if asked for, to the next buffer."""
        pixels = DISTORT(self.pixels, self.rng) if self.form.distort else self.pixels
        self.x = next(self.buffers)
        np.copyto(self.x, pixels.reshape(self.x.shape))

    def scale(self) -> None:
        """From 0..255 to 0..1."""
        np.multiply(self.x, np.float32(1 / 255), out=self.x)

    def __call__(self, which: NDArray[np.int64]) -> Vector:
        """All of it."""
        self.gather(which)
        self.cast()
        self.scale()
        return self.x


def views(vector: Vector, hidden: int) -> tuple[Vector, ...]:
    """W1, b1, W2, b2 in a vector like theta."""
    W1, b1, W2, b2 = np.split(vector, np.cumsum([784 * hidden, hidden, hidden * 10]))
    return W1.reshape(784, hidden), b1, W2.reshape(hidden, 10), b2


class Part:
    """A share of the batch: its buffers, and what is done with them up to the gradient."""

    which: NDArray[np.int64]

    def __init__(self, form: Form, theta: Vector) -> None:
        share = form.batch // form.parts
        self.form, self.theta, self.gradient = form, theta, np.zeros_like(theta)
        self.inputs = Inputs(form, share, form.buffers)
        self.prepared: Vector | None = None  # the inputs, if another thread made them
        self.h, self.dh = np.empty((2, share, form.hidden), np.float32)
        self.z, self.dz = np.empty((2, share, 10), np.float32)
        self.rows, self.ones = np.arange(share), np.ones(share, np.float32)
        self.operations = self._operations()

    def _operations(self) -> dict[str, Operation]:
        inputs, h, dh, z, dz = self.inputs, self.h, self.dh, self.z, self.dz
        W1, b1, W2, b2 = views(self.theta, self.form.hidden)
        dW1, db1, dW2, db2 = views(self.gradient, self.form.hidden)

        def x() -> Vector:
            return inputs.x if self.prepared is None else self.prepared

        def bias_and_relu() -> None:
            np.add(h, b1, out=h)
            np.maximum(h, 0, out=h)

        def loss() -> None:
            np.add(z, b2, out=z)
            labels = LABELS[self.which]
            np.subtract(z, np.maximum.reduce(z, axis=1, keepdims=True), out=dz)
            np.subtract(dz, np.log(np.add.reduce(np.exp(dz), axis=1, keepdims=True)), out=dz)
            self.loss = -float(dz[self.rows, labels].sum())
            self.right = int(np.count_nonzero(z.argmax(axis=1) == labels))
            np.exp(dz, out=dz)
            dz[self.rows, labels] -= 1
            np.divide(dz, self.form.batch, out=dz)

        def relu_backward() -> None:
            slope = np.greater(h, 0, out=h)
            np.multiply(dh, slope, out=dh)

        def bias_gradient(dy: Vector, db: Vector) -> Operation:
            if self.form.sums:
                return lambda: np.add.reduce(dy, axis=0, out=db)
            return lambda: np.matmul(self.ones, dy, out=db)

        return {
            "gather": lambda: inputs.gather(self.which),
            "cast": inputs.cast,
            "scale": inputs.scale,
            "x @ W1": lambda: np.matmul(x(), W1, out=h),
            "bias, ReLU": bias_and_relu,
            "h @ W2": lambda: np.matmul(h, W2, out=z),
            "bias, softmax, loss, right answers": loss,
            "hᵀ @ dz": lambda: np.matmul(h.T, dz, out=dW2),
            "db2": bias_gradient(dz, db2),
            "dz @ W2ᵀ": lambda: np.matmul(dz, W2.T, out=dh),
            "ReLU backward": relu_backward,
            "xᵀ @ dh": lambda: np.matmul(x().T, dh, out=dW1),
            "db1": bias_gradient(dh, db1),
        }

    def learn(self, which: NDArray[np.int64], prepared: Vector | None = None) -> None:
        """Leave the gradient over these examples in self.gradient."""
        self.which, self.prepared = which, prepared
        for operation in list(self.operations.values())[0 if prepared is None else 3 :]:
            operation()


class Pair:
    """A second thread that does f(1) while this one does f(0): handed over by locks, the quickest way."""

    def __init__(self) -> None:
        self.begin, self.done = threading.Lock(), threading.Lock()
        self.begin.acquire()
        self.done.acquire()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            self.begin.acquire()
            self.f(1)
            self.done.release()

    def __call__(self, f: Callable[[int], object]) -> None:
        """Do both, and wait for the other."""
        self.f = f
        self.begin.release()
        f(0)
        self.done.acquire()


class Steps:
    """Steps of one form."""

    def __init__(self, form: Form) -> None:
        rng = np.random.default_rng(0)
        self.form = form
        self.theta = (0.03 * rng.standard_normal(795 * form.hidden + 10)).astype(np.float32)
        self.v, self.scratch = np.zeros_like(self.theta), np.empty_like(self.theta)
        self.parts = [Part(form, self.theta) for _ in range(form.parts)]
        batches = rng.permutation(len(IMAGES))[: len(IMAGES) // form.batch * form.batch]
        self.batches = cycle(batches.reshape(-1, form.batch))
        self.pair = Pair() if form.parts == 2 else None

    def update(self, low: int = 0, high: int | None = None) -> None:
        """SGD with Nesterov's momentum for theta[low:high]."""
        high = high or len(self.theta)
        for start in range(low, high, self.form.block):
            here = slice(start, min(high, start + self.form.block))
            g, *others = (part.gradient[here] for part in self.parts)
            for other in others:
                g += other
            v = self.v[here]
            if self.form.v_itself:
                v *= MOMENTUM
                v += g
                g += np.multiply(v, MOMENTUM, out=self.scratch[here])
            else:
                v += g
                v *= MOMENTUM
                g += v
            g *= RATE
            self.theta[here] -= g

    def __call__(self, steps: int) -> None:
        """Take so many steps."""
        if self.form.ahead:
            for which, x in self.prepared(steps):
                self.parts[0].learn(which, x)
                self.update()
        elif self.pair:
            middle, end = self.form.batch // 2, len(self.theta)
            for _ in range(steps):
                shares = np.split(next(self.batches), [middle])
                self.pair(lambda k, shares=shares: self.parts[k].learn(shares[k]))
                self.pair(lambda k: self.update((0, end // 2)[k], (end // 2, end)[k]))
        else:
            for _ in range(steps):
                self.parts[0].learn(next(self.batches))
                self.update()

    def prepared(self, steps: int) -> Iterator[tuple[NDArray[np.int64], Vector]]:
        """Batches with their inputs, which a second thread prepares, two loads ahead."""
        ahead, batch = self.form.ahead, self.form.batch
        inputs = Inputs(self.form, ahead * batch, buffers=4)
        full: SimpleQueue[Any] = SimpleQueue()
        free: SimpleQueue[None] = SimpleQueue()

        def prepare() -> None:
            for _ in range(0, steps, ahead):
                free.get()
                which = np.concatenate([next(self.batches) for _ in range(ahead)])
                full.put((which, inputs(which)))

        for _ in range(2):
            free.put(None)
        thread = threading.Thread(target=prepare)
        thread.start()
        for _ in range(0, steps, ahead):
            which, x = full.get()
            for start in range(0, ahead * batch, batch):
                yield which[start : start + batch], x[start : start + batch]
            free.put(None)
        thread.join()


class Package:
    """Steps of byhand's own training loop."""

    def __init__(self, form: Form, steps: int) -> None:
        rng = np.random.default_rng(0)
        network = Network([Flatten(), Dense(784, form.hidden), ReLU(), Dense(form.hidden, 10)], (28, 28))
        network.initialize(he, rng)
        self.reports = train(
            network,
            TRAINING.take(np.arange(len(IMAGES) // (steps * form.batch) * steps * form.batch)),
            optimizer=SGD(float(MOMENTUM), nesterov=True),
            learning_rate=float(RATE),
            rng=rng,
            augment=DISTORT if form.distort else None,
            batch_size=form.batch,
            parts=form.parts,
            epochs=10**6,
            every=steps,
        )

    def __call__(self, steps: int) -> None:
        """Go on to the next report."""
        next(self.reports)


def agree(forms: dict[str, Form], steps: int = 24) -> None:
    """End the program if forms with the same network and batch do not learn the same."""
    seen: dict[tuple[int, int], Vector] = {}
    for name, form in forms.items():
        taken = Steps(replace(form, distort=False))
        taken(steps)
        first = seen.setdefault((form.hidden, form.batch), taken.theta)
        apart = np.abs(taken.theta - first).max()
        if not apart < 1e-5:
            raise SystemExit(f"{name}: theta is {apart:.1e} from the first form's after {steps} steps")


def settle() -> None:
    """Wait until BLAS's own threads sleep: after a product they go on looking for work, and hold a core."""
    used = 1.0
    while used > 0.001:
        before = time.process_time()
        time.sleep(0.02)
        used = time.process_time() - before


def measured(
    runs: dict[str, tuple[int, Callable[[int], object]]], steps: int, rounds: int
) -> dict[str, list[float]]:
    """Microseconds a step of each, round by round, in turn; each with its number of BLAS threads."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):  # the first is for warming up
        for threads in (1, 2):
            settle()
            for name, (blas, run) in runs.items():
                if blas == threads:
                    with threadpool_limits(blas, user_api="blas"):
                        run(8)
                        began = time.perf_counter()
                        run(steps)
                        if number:
                            times[name].append((time.perf_counter() - began) / steps * 1e6)
    return times


def compare(forms: dict[str, Form], steps: int, rounds: int) -> None:
    """Print how long each form takes for a step and an image, and the ratio to the first, pair by pair."""
    agree(forms)
    runs: dict[str, tuple[int, Callable[[int], object]]] = {
        name: (form.blas, Steps(form)) for name, form in forms.items()
    }
    first = next(iter(forms.values()))
    batches = {name: form.batch for name, form in forms.items()}
    for name, form in [("byhand.train", first), ("byhand.train, parts=2", replace(first, parts=2, blas=1))]:
        runs[name], batches[name] = (form.blas, Package(form, steps)), form.batch
    times = measured(runs, steps, rounds)
    base = times[next(iter(forms))]
    print("| form | µs a step | µs an image | of the first form's time an image |")
    print("| --- | --- | --- | --- |")
    for name, found in times.items():
        share = median(a / b for a, b in zip(found, base, strict=True)) * first.batch / batches[name]
        step = median(found)
        print(f"| {name} | {step:.0f} | {step / batches[name]:.2f} | {share:.2f} |")
    print()


def timed(taken: Steps, within: dict[str, list[float]]) -> Callable[[int], None]:
    """Steps that note, each time, the mean microseconds of each of their operations."""
    part = taken.parts[0]
    operations = {**part.operations, "update": taken.update}

    def run(count: int) -> None:
        sums = dict.fromkeys(operations, 0.0)
        for _ in range(count):
            part.which = next(taken.batches)
            began = time.perf_counter()
            for name, operation in operations.items():
                operation()
                ended = time.perf_counter()
                sums[name] += ended - began
                began = ended
        for name, total in sums.items():
            within.setdefault(name, []).append(total / count * 1e6)

    return run


def where(steps: int, rounds: int) -> None:
    """Print what each operation of the package's form takes in the step, and the products by themselves."""
    four, one = Steps(BASE), Steps(replace(BASE, buffers=1))
    within: list[dict[str, list[float]]] = [{}, {}]
    products = [operation for name, operation in four.parts[0].operations.items() if "@" in name]

    def bare(count: int) -> None:
        for _ in range(count):
            for operation in products:
                operation()

    halves = Steps(replace(BASE, parts=2, blas=1))
    halves(1)
    four(1)
    shares = [[part.operations[name] for name in part.operations if "@" in name] for part in halves.parts]

    def bare_halves(count: int) -> None:
        for _ in range(count):
            halves.pair(lambda k: [operation() for operation in shares[k]])

    def nothing(count: int) -> None:
        for _ in range(count):
            halves.pair(bool)

    times = measured(
        {
            "the step": (2, four),
            "the step, each operation timed": (2, timed(four, within[0])),
            "the same with 1 buffer for inputs": (2, timed(one, within[1])),
            "its products alone, in a loop": (2, bare),
            "its products alone, BLAS with 1 thread": (1, bare),
            "products of half batches in 2 threads": (1, bare_halves),
            "nothing, handed to a second thread and awaited": (1, nothing),
        },
        steps,
        rounds,
    )
    print("| operation, within the step | µs | with 1 buffer for inputs |")
    print("| --- | --- | --- |")
    for name in within[0]:
        print(f"| {name} | " + " | ".join(f"{median(found[name]):.1f}" for found in within) + " |")
    print("\n| | µs |\n| --- | --- |")
    for name, found in times.items():
        print(f"| {name} | {median(found):.0f} |")
    ratio = median(
        a / b for a, b in zip(times["the step"], times["its products alone, in a loop"], strict=True)
    )
    print(f"\nThe step takes {ratio:.2f} times its products alone.\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ["step", "wide", "parts"]
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="PART")
    parser.add_argument("--steps", type=int, default=48, help="steps a round (default: 48)")
    parser.add_argument("--rounds", type=int, default=15, help="rounds (default: 15)")
    arguments = parser.parse_args()
    if "step" in arguments.only:
        compare(STEP, arguments.steps, arguments.rounds)
    if "wide" in arguments.only:
        compare(WIDE, arguments.steps // 3, arguments.rounds)
    if "parts" in arguments.only:
        where(arguments.steps, arguments.rounds)


if __name__ == "__main__":
    main()
