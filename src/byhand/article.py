"""The published article, literally, to be read beside it: its functions, its loop, its mistakes.

This file shares no code with the rest of the package, on purpose: what is mended elsewhere stays broken
here, so that the article's numbers come out. Functions and variables have the article's names and do its
arithmetic. Every mistake is marked MISTAKE where it stands.

Two things differ. What the article keeps in global variables, its weights and NumPy's random state, is
passed in: a RandomState of one's own draws the very numbers that np.random.seed promises. And the split,
which the article leaves to chance, gets a seed, so that a run can be repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from byhand.datasets import Dataset, load
from byhand.errors import DataError, SettingError

Array = NDArray[Any]
Progress = Callable[[int, int], object]
"""Is told after every iteration how many are done, and of how many."""
Trained = tuple[Array, Array, list[float], list[float], list[float]]
"""l1, l2, accuracies, losses, val_accuracies."""


# Split the data


def split(random: RandomState) -> tuple[Array, Array]:
    """Which 50,000 of the 60,000 images are learnt from, and which 10,000 validate."""
    rand = np.arange(60000)
    random.shuffle(rand)  # MISTAKE 1: before the seed is set, so that no two runs of the article agree
    train_no = rand[:50000]
    val_no = np.setdiff1d(rand, train_no)
    return train_no, val_no


# Initialize the weights


def init(x: int, y: int, random: RandomState) -> Array:
    """Weights from x inputs to y outputs."""
    # MISTAKE 2: divided by √(x y), the root of the number of weights. √x, the root of the number of terms in
    # a sum, would keep the sum's spread; so it is √y times too small: 11 times in l1, 3 times in l2.
    layer: Array = random.uniform(-1.0, 1.0, size=(x, y)) / np.sqrt(x * y)
    return layer.astype(np.float32)


# Activation functions


def sigmoid(x: Array) -> Array:
    """Squeeze any number into 0 to 1: 1 / (1 + e⁻ˣ)."""
    # MISTAKE 3: x is a sum over raw pixels, 0 to 255, and far too large: in the long run a quarter of all x
    # lies beyond ±10, where the curve is flat and next to nothing is learnt, and some reach −40. Below −88
    # e⁻ˣ overflows float32 and is ∞. As 1 / ∞ = 0 is right even so, there is nothing to warn of.
    with np.errstate(over="ignore"):
        y: Array = 1 / (np.exp(-x) + 1)
    return y


def d_sigmoid(x: Array) -> Array:
    """Derivative of the sigmoid."""
    # Overflow can be worse here. Below −44 the square is ∞ and the quotient 0, which is right. Below −88 it
    # is ∞ / ∞, which is no number, and would leave no number in the weights. On MNIST x stays short of both.
    with np.errstate(over="ignore", invalid="ignore"):
        dy: Array = (np.exp(-x)) / ((np.exp(-x) + 1) ** 2)
    return dy


def softmax(x: Array) -> Array:
    """Make logits (images, classes) into what should be the probabilities of the classes."""
    # MISTAKE 4: axis 0 runs over the images, not over the classes. So it is not the ten outputs for an image
    # that sum to 1, but the outputs for a class, over the batch: what is read in an image depends on its
    # neighbours, and no target can be met, as the dozen images of a class in a batch share a single 1.
    exp_element = np.exp(x - x.max())
    y: Array = exp_element / np.sum(exp_element, axis=0)
    return y


def d_softmax(x: Array) -> Array:
    """What should be the derivative of the softmax."""
    # MISTAKE 5: y (1 − y) is the diagonal of the Jacobian, what an output owes to its own logit. To every
    # other logit in its sum it owes −yᵢ yⱼ, and those are left out.
    exp_element = np.exp(x - x.max())
    dy: Array = exp_element / np.sum(exp_element, axis=0) * (1 - exp_element / np.sum(exp_element, axis=0))
    return dy


# Forward and backward pass


def forward_backward_pass(x: Array, y: Array, l1: Array, l2: Array) -> tuple[Array, Array, Array]:
    """Outputs for a batch, and what to take off l1 and l2, meant to make (out − targets)² smaller."""
    targets = np.zeros((len(y), 10), np.float32)
    targets[range(targets.shape[0]), y] = 1

    x_l1 = x.dot(l1)  # MISTAKE 6: no biases, neither here nor in x_l2: a unit cannot shift its curve
    x_sigmoid = sigmoid(x_l1)
    x_l2 = x_sigmoid.dot(l2)
    out = softmax(x_l2)

    error = 2 * (out - targets) / out.shape[0] * d_softmax(x_l2)
    update_l2 = x_sigmoid.T @ error

    error = ((l2).dot(error.T)).T * d_sigmoid(x_l1)
    update_l1 = x.T @ error

    return out, update_l1, update_l2


# Training loop


def train(data: Dataset, epochs: int, split_seed: int, validate_every: int, progress: Progress) -> Trained:
    """Go through the article from its split to the end of its loop."""
    X, Y = data.train.images, data.train.labels
    train_no, val_no = split(RandomState(split_seed))
    X_train, X_val = X[train_no, :, :], X[val_no, :, :].reshape((-1, 28 * 28))
    Y_train, Y_val = Y[train_no], Y[val_no]

    random = RandomState(42)
    l1 = init(28 * 28, 128, random)
    l2 = init(128, 10, random)

    lr = 0.001
    batch = 128
    losses, accuracies, val_accuracies = [], [], []

    for i in range(epochs):  # MISTAKE 7: these are steps; an epoch, all 50,000 images, would be 391 of them
        # MISTAKE 8: drawn with replacement; after 391 steps 37 % of the images have not been seen once
        sample = random.randint(0, X_train.shape[0], size=(batch))
        x = X_train[sample].reshape((-1, 28 * 28))
        y = Y_train[sample]

        out, update_l1, update_l2 = forward_backward_pass(x, y, l1, l2)

        category = np.argmax(out, axis=1)
        accuracies.append((category == y).mean().item())

        # MISTAKE 9: the difference of class numbers, as if 9 were further from 0 than 1 is. The loss that is
        # learnt by, (out − targets)², is never looked at.
        losses.append(((category - y) ** 2).mean().item())

        l1 = l1 - lr * update_l1
        l2 = l2 - lr * update_l2

        if i % validate_every == 0:  # MISTAKE 10: 10,000 images asked about for every 2,560 learnt from
            val_out = np.argmax(softmax(sigmoid(X_val.dot(l1)).dot(l2)), axis=1)
            val_accuracies.append((val_out == Y_val).mean().item())
        progress(i + 1, epochs)
    # MISTAKE 11: of 10 steps and 7 % right: "It is clear from the output that the model has learnt how to
    # predict". Whoever answers 1 to everything has 11 % right.
    return l1, l2, accuracies, losses, val_accuracies


def together(x: Array, l1: Array, l2: Array) -> Array:
    """Outputs for images (N, 784) that are asked about in one batch, as the article tests."""
    out: Array = softmax(sigmoid(x.dot(l1)).dot(l2))
    return out


def alone(x: Array, l1: Array, l2: Array) -> Array:
    """Outputs for images (N, 784), each asked about by itself, as the article does with its drawn digits.

    MISTAKE 12: there it leaves the softmax out, which makes it another classifier than the one tested. It
    has to: in a batch of one every e^x is divided by itself, all ten outputs are 1, and argmax says 0.
    Without the softmax no row of the result depends on another, so that many can be asked at once.
    """
    x_l2: Array = sigmoid(x.dot(l1)).dot(l2)
    return x_l2


# The notebook that the article was inspired by, mnist_from_scratch.ipynb of geohot/ai-notebooks: ReLU, and
# softmax over the classes with its true derivative. It too has mistakes 2, 6 and 8, and raw pixels.


def forward(x: Array, l1: Array, l2: Array) -> Array:
    """Logits (N, 10). Without biases, ink k times as dark only makes them all k times as large."""
    x_l2: Array = np.maximum(x.dot(l1), 0).dot(l2)
    return x_l2


def forward_backward(x: Array, y: Array, l1: Array, l2: Array) -> tuple[float, Array, Array, Array]:
    """Loss, logits, and the gradients of l1 and l2."""
    targets = np.zeros((len(y), 10), np.float32)
    targets[range(len(y)), y] = 1

    x_relu = np.maximum(x.dot(l1), 0)
    x_l2 = x_relu.dot(l2)
    top = x_l2.max(axis=1, keepdims=True)
    x_lsm = x_l2 - (top + np.log(np.exp(x_l2 - top).sum(axis=1, keepdims=True)))
    loss = (-targets * x_lsm).mean().item()  # over the classes too: a tenth of the loss that is descended

    dx_l2 = (np.exp(x_lsm) - targets) / len(y)
    d_l2 = x_relu.T.dot(dx_l2)
    d_l1 = x.T.dot((x_relu > 0) * dx_l2.dot(l2.T))
    return loss, x_l2, d_l1, d_l2


def train_notebook(data: Dataset, iterations: int, _seed: int, _every: int, progress: Progress) -> Trained:
    """Go through the notebook: all 60,000 images, no split, no validation."""
    X, Y = data.train.images, data.train.labels
    random = RandomState(1337)
    l1 = init(28 * 28, 128, random)
    l2 = init(128, 10, random)
    losses, accuracies = [], []
    for i in range(iterations):
        sample = random.randint(0, X.shape[0], size=128)
        loss, x_l2, d_l1, d_l2 = forward_backward(X[sample].reshape((-1, 28 * 28)), Y[sample], l1, l2)
        accuracies.append((np.argmax(x_l2, axis=1) == Y[sample]).mean().item())
        losses.append(loss)
        l1 = l1 - 0.001 * d_l1
        l2 = l2 - 0.001 * d_l2
        progress(i + 1, iterations)
    return l1, l2, accuracies, losses, []


# Test, and the ideal digits

SEVEN = "0000000 0011100 0000100 0000100 0000100 0000100 0000000"
ONE = "0000000 0001000 0001000 0001000 0001000 0001000 0000000"
FOUR = "0000000 0010100 0010100 0011110 0000100 0000100 0000000"  # the notebook's


def drawn(squares: str, ink: int) -> Array:
    """A drawing of 7 by 7 squares, given row by row, as one image (1, 784): a square is 4 by 4 pixels."""
    m = [[ink * int(x) for x in row] for row in squares.split()]
    return np.concatenate([np.concatenate([[x] * 4 for x in y] * 4) for y in m]).reshape(1, -1)


@dataclass(frozen=True)
class Published:
    """What the author printed: how many iterations, the test accuracy, what was read in the drawn digits."""

    iterations: int
    test_accuracy: float
    seven: int | None = None
    one: int | None = None
    four: int | None = None


@dataclass(frozen=True)
class Run:
    """What a run gives here, beside what was published.

    Accuracies are from 0 to 1. `accuracies` and `losses` are those of each iteration's batch before it is
    learnt from; `val_accuracies` begin after the first and go on every `validate_every`, the notebook has
    none. How `alone_accuracy` is asked for, `alone` says.
    """

    name: str
    published: Published
    iterations: int
    test_accuracy: float
    alone_accuracy: float
    seven: int
    one: int
    four: int
    accuracies: tuple[float, ...]
    losses: tuple[float, ...]
    val_accuracies: tuple[float, ...]


RUNS = {
    "as-printed": (train, together, alone, Published(10, 0.0735, seven=6, one=6)),
    "repository": (train, together, alone, Published(10_000, 0.8367, seven=7, one=1)),
    "notebook": (train_notebook, forward, forward, Published(1_000, 0.9635, four=4)),
}
"""How each is trained, asked about many images and about one, and what was published of it."""


def run(
    name: str,
    iterations: int | None = None,
    split_seed: int = 0,
    data: Dataset | None = None,
    progress: Progress | None = None,
    validate_every: int = 20,
) -> Run:
    """Do one of RUNS again: the article as printed, as its repository has it, or the notebook before it.

    `data` is MNIST unless given. Validation takes more time than learning, and no weight depends on it: a
    larger `validate_every` saves it. The notebook has no use for `split_seed` and `validate_every`.

    Raises SettingError for an unknown name or a number that makes no sense, DataError for data that the
    article's code cannot take; all before anything is trained.
    """
    if name not in RUNS:
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), RUNS, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise SettingError(f"the article has no run {name!r}; {guess}choose from {', '.join(RUNS)}")
    learn, ask_together, ask_alone, published = RUNS[name]
    iterations = published.iterations if iterations is None else iterations
    for what, number in [("iterations", iterations), ("validate_every", validate_every)]:
        if number < 1:
            raise SettingError(f"{what} is {number}; it must be at least 1")
    if not 0 <= split_seed < 2**32:
        raise SettingError(f"split_seed is {split_seed}; it must be from 0 to {2**32 - 1}")
    data = load("mnist") if data is None else data
    shape, classes = data.train.images.shape, len(data.classes)
    if shape != (60000, 28, 28) or classes != 10:
        raise DataError(
            f"{data.name} has training images of the shape {shape} and {classes} classes; "
            "the article's code takes (60000, 28, 28) and 10, as in mnist or fashion-mnist"
        )

    l1, l2, accuracies, losses, val_accuracies = learn(
        data, iterations, split_seed, validate_every, progress or (lambda *_: None)
    )
    X_test, Y_test = data.test.images.reshape((-1, 28 * 28)), data.test.labels
    test_out = np.argmax(ask_together(X_test, l1, l2), axis=1)
    alone_out = np.argmax(ask_alone(X_test, l1, l2), axis=1)
    # MISTAKE 13: ink of 10, where all that was learnt from has ink of up to 255.
    # MISTAKE 14: below the drawn 1 the article prints "Ground truth: 7".
    seven, one, four = (
        np.argmax(ask_alone(drawn(squares, ink), l1, l2), axis=1).item()
        for squares, ink in [(SEVEN, 10), (ONE, 10), (FOUR, 1)]
    )
    return Run(
        name=name,
        published=published,
        iterations=iterations,
        test_accuracy=(test_out == Y_test).mean().item(),
        alone_accuracy=(alone_out == Y_test).mean().item(),
        seven=seven,
        one=one,
        four=four,
        accuracies=tuple(accuracies),
        losses=tuple(losses),
        val_accuracies=tuple(val_accuracies),
    )
