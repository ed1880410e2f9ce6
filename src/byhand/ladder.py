"""The ladder: from the article's network to the default recipe, one change a rung, and what each is worth.

Every rung trains the same 784-128-10 network on the same 50,000 images from the same seeds, and is scored on
the test images. The lowest rungs make the article's mistakes on purpose, with the package's own parts; what
they do otherwise than the package is in this file, and nowhere else.
"""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from byhand.arrays import Array, Labels
from byhand.datasets import Dataset, Examples
from byhand.functions import softmax
from byhand.images import Preprocessing
from byhand.initial import article, glorot
from byhand.losses import cross_entropy, squared_error
from byhand.network import Network, Workspace, ask
from byhand.optimizers import SGD
from byhand.recipes import RECIPES, Recipe, split
from byhand.schedules import Constant
from byhand.scratch import Slot

DRAWS = 10_000
"""Steps of the article's longer run, each on 128 images drawn with replacement."""


def softmax_over_batch(logits: Array) -> Array:
    """The article's softmax: e^(z_nk) over the sum of its column, of the whole batch."""
    return softmax(logits.T).T


def _shortcut(p: Array, labels: Labels, slot: Slot) -> tuple[float, Array]:
    """Squared error, with the diagonal of softmax's Jacobian for the whole: dz = dp p (1 − p)."""
    dp = p.copy()
    dp[np.arange(len(labels)), labels] -= 1
    loss = float(np.vdot(dp, dp)) / len(labels)
    dz: Array = slot.buffer("dz", p.shape)
    np.multiply(2 / len(labels) * dp, p * (1 - p), out=dz)
    return loss, dz


def articles_loss(logits: Array, labels: Labels, slot: Slot) -> tuple[float, Array]:
    """Squared error on softmax over the batch, by its diagonal alone: the article's gradient."""
    return _shortcut(softmax_over_batch(logits), labels, slot)


def diagonal_loss(logits: Array, labels: Labels, slot: Slot) -> tuple[float, Array]:
    """Squared error on softmax over the classes, still by its diagonal alone."""
    return _shortcut(softmax(logits), labels, slot)


@dataclass(frozen=True)
class Rung:
    """One change, on top of those of the rungs below.

    `why` says what was wrong, in one paragraph. `recipe` is trained in whole epochs, or, with `draws`, in so
    many steps on images drawn with replacement. Without `biases` they stay 0.
    """

    name: str
    why: str
    recipe: Recipe
    draws: int | None = DRAWS
    biases: bool = True

    @property
    def paragraph(self) -> str:
        """`why` on one line."""
        return " ".join(self.why.split())


def _rungs() -> Iterator[Rung]:
    """Lowest first."""
    recipe = replace(
        RECIPES["sigmoid"],
        initial=article,
        optimizer=SGD(),
        learning_rate=0.001,
        schedule=Constant(),
        loss=articles_loss,
        augment=None,
        prepare=Preprocessing(scale=1.0),
    )
    yield Rung(
        "the article",
        """
        Its run of 10,000 steps. Softmax divides e^(z_nk) by Σ_n e^(z_nk), over the images of the batch,
        so that what is read in one image depends on the others it is asked with. Asked alone, every image
        gets e^z / e^z = 1 for all ten digits; with the division left out, as the article does for its
        drawn digits, the classes that the division had levelled are no longer level, and a fifth of the
        answers are lost.
        """,
        recipe,
        biases=False,
    )
    recipe = replace(recipe, loss=diagonal_loss)
    yield Rung(
        "softmax over the classes",
        """
        The ten outputs of one image shall be its probabilities: p_nk = e^(z_nk) / Σ_j e^(z_nj), a sum
        over the classes. Now an image is answered the same in any company.
        """,
        recipe,
        biases=False,
    )
    recipe = replace(recipe, prepare=RECIPES["sigmoid"].prepare)
    yield Rung(
        "pixels from 0 to 1",
        """
        Raw pixels go up to 255, so x W is large and the sigmoid flat: σ' = σ (1 − σ) is next to 0 for
        much of what is seen. But dW = xᵀ dy holds the pixels too. Scaled by 1/255 the steps are 255 times
        shorter, and with the article's learning rate almost nothing is learnt: on its own this makes
        things worse.
        """,
        recipe,
        biases=False,
    )
    recipe = replace(recipe, learning_rate=RECIPES["sigmoid"].learning_rate)
    yield Rung(
        "a learning rate that fits",
        """
        θ ← θ − η g with η = 1 for 0.001: what the pixels' scale took from the steps, and more.
        """,
        recipe,
        biases=False,
    )
    recipe = replace(recipe, loss=squared_error)
    yield Rung(
        "the loss's true gradient",
        """
        The article logs (digit read − digit)², as if 9 were further from 0 than 1 is, and descends by
        another loss: Σ_k (p_k − t_k)². Of softmax's Jacobian J = diag(p) − p pᵀ it takes the diagonal,
        p_k (1 − p_k). The true gradient is dz_k = p_k (dp_k − Σ_j dp_j p_j): raising one logit lowers all
        other probabilities.
        """,
        recipe,
        biases=False,
    )
    recipe = replace(recipe, loss=cross_entropy)
    yield Rung(
        "cross-entropy",
        """
        Through softmax the squared error's gradient carries factors p_k (1 − p_k): where the network is
        sure and wrong it learns nothing. With L = −log p_c they cancel to dz = p − t, largest where the
        answer is worst.
        """,
        recipe,
        biases=False,
    )
    yield Rung(
        "biases",
        """
        Without b in y = x W + b, no unit can shift its curve: an empty image gives σ(0) = ½ everywhere.
        """,
        recipe,
    )
    recipe = replace(recipe, initial=glorot)
    yield Rung(
        "initial values",
        """
        ±1/√(I O) is ±0.003 for the first layer: all units start almost alike, near ½, and must first grow
        apart. Glorot's ±√(6/(I + O)), ±0.081, keeps the spread of signals and gradients through the
        layers.
        """,
        recipe,
    )
    yield Rung(
        "whole epochs",
        """
        Drawing with replacement, 1.28 million times from 50,000 images, sees some far more often than
        others. Shuffled and taken in turn each is seen once an epoch. Here the count of steps falls as
        well, from 10,000 to 6 epochs of 391, so that this rung alone reads worse than the one below it.
        """,
        recipe,
        draws=None,
    )
    recipe = replace(recipe, optimizer=RECIPES["sigmoid"].optimizer)
    yield Rung(
        "momentum",
        """
        v ← μ v + g, θ ← θ − η (g + μ v), with μ = 0.9: what consecutive gradients agree on adds up, to
        1/(1 − μ) = 10 times as much, and what they disagree on cancels. At this learning rate the steps
        become too long by it: it helps once there is a schedule.
        """,
        recipe,
        draws=None,
    )
    recipe = replace(recipe, schedule=RECIPES["sigmoid"].schedule)
    yield Rung(
        "the schedule",
        """
        A constant η keeps jumping about the valley's floor. Half a cosine, η ½ (1 + cos π t), after a
        short warm-up, takes long steps first and ever shorter ones at the end.
        """,
        recipe,
        draws=None,
    )
    yield Rung(
        "moved by a pixel",
        """
        By now hardly a training image is misread, but two in a hundred of the others are: the training images
        are being learnt by heart. Moved by up to a pixel each time they are seen, they cannot be. This is the
        default recipe.
        """,
        RECIPES["sigmoid"],
        draws=None,
    )


RUNGS = tuple(_rungs())


@dataclass(frozen=True)
class Climbed:
    """How good a rung is: test accuracy for each seed, all images asked together, and each asked alone.

    `network` is the last of those that were trained.
    """

    rung: Rung
    network: Network
    together: tuple[float, ...]
    alone: tuple[float, ...]

    @property
    def test_accuracy(self) -> float:
        """Mean over the seeds."""
        return statistics.fmean(self.together)

    @property
    def alone_accuracy(self) -> float:
        """Mean over the seeds."""
        return statistics.fmean(self.alone)

    @property
    def spread(self) -> float:
        """Standard deviation of the test accuracy over the seeds; 0 for a single one."""
        return statistics.stdev(self.together) if len(self.together) > 1 else 0.0


def climb(
    dataset: Dataset, seeds: int = 3, share: float = 1.0, progress: Callable[[int, int], object] | None = None
) -> Iterator[Climbed]:
    """Train and score every rung, the lowest first.

    With a `share` below 1 only that part of the steps is taken. `progress` is told after each training how
    many are done, of how many.
    """
    training, _ = split(dataset.train)
    labels = dataset.test.labels
    for number, rung in enumerate(RUNGS):
        together, alone = [], []
        for seed in range(seeds):
            network = _trained(rung, training, len(dataset.classes), np.random.default_rng(seed), share)
            logits = ask(network, dataset.test.images, rung.recipe.prepare)
            asked = softmax_over_batch(logits) if rung.recipe.loss is articles_loss else logits
            together.append(float((asked.argmax(axis=1) == labels).mean()))
            alone.append(float((logits.argmax(axis=1) == labels).mean()))
            if progress is not None:
                progress(number * seeds + seed + 1, len(RUNGS) * seeds)
        yield Climbed(rung, network, tuple(together), tuple(alone))


def _trained(rung: Rung, training: Examples, classes: int, rng: np.random.Generator, share: float) -> Network:
    recipe = rung.recipe
    network = recipe.network(training.images.shape[1:], classes, rng)
    if rung.draws is None:
        shorter = recipe.adapted(epochs=max(1, round(share * recipe.epochs)))
        for _ in shorter.train(network, training, None, rng):
            pass
        return network
    workspace, state = Workspace(network, rng), recipe.optimizer.start(network.theta)
    for _ in range(max(1, round(share * rung.draws))):
        which = rng.integers(len(training), size=recipe.batch_size)
        x = recipe.prepare(training.images[which], workspace.inputs)
        _, dlogits = recipe.loss(network.forward(x, workspace), training.labels[which], workspace.loss)
        network.backward(dlogits, workspace)
        if not rung.biases:
            for dp in workspace.dparameters:
                if "b" in vars(dp):
                    dp.b[:] = 0
        recipe.optimizer.step(network.theta, workspace.gradient, state, recipe.learning_rate)
    return network
