"""The step of 784-128-10 as bare operations, in every form that was tried; step.py compares them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import zeros
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
    """A step; as it stands, the package's own by one part."""

    hidden: int = 128
    batch: int = 128
    blas: int = 2  # threads of a matrix product
    parts: int = 1  # shares of the batch, each in a Python thread
    ahead: int = 0  # batches that a second thread prepares at a time
    block: int = 10**9  # parameters that are updated at a time
    sums: bool = False  # bias gradients by a sum, not by a product with ones
    buffers: int = 1  # for inputs, used in turn
    v_itself: bool = False  # momentum keeps v, not μ v
    distort: bool = False
    numpys_own: bool = False  # arrays begin where NumPy's begin, not where a cache line does
    by_example: bool = False  # softmax over logits as they come, the ten of an example side by side

    def array(self, *shape: int) -> Any:
        """Float32 zeros of this shape."""
        return np.zeros(shape, np.float32) if self.numpys_own else zeros(shape, np.float32)


class Inputs:
    """Pixels of examples as numbers from 0 to 1, in one of several buffers in turn."""

    def __init__(self, form: Form, size: int, buffers: int) -> None:
        self.form, self.rng = form, np.random.default_rng(0)
        self.pixels = np.empty((size, 28, 28), np.uint8)
        self.buffers = cycle([form.array(size, 784) for _ in range(buffers)])

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
        self.form, self.theta, self.gradient = form, theta, form.array(len(theta))
        self.inputs = Inputs(form, share, form.buffers)
        self.prepared: Vector | None = None  # the inputs, if another thread made them
        self.h, self.dh = form.array(share, form.hidden), form.array(share, form.hidden)
        self.z = form.array(share, 10)
        self.dz = form.array(share, 10) if form.by_example else form.array(10, share).T
        self.rows, self.ones = np.arange(share), form.array(share) + 1
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
            if not self.form.by_example:
                np.copyto(dz, z)
            logits = z if self.form.by_example else dz
            np.subtract(logits, np.maximum.reduce(logits, axis=1, keepdims=True), out=dz)
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
        parameters = 795 * form.hidden + 10
        self.theta, self.v, self.scratch = (form.array(parameters) for _ in range(3))
        self.theta[:] = 0.03 * rng.standard_normal(parameters)
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
