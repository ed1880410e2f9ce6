"""What each choice in a recipe is worth: change one thing, train over several seeds, compare.

    python benchmarks/variants.py [--recipe sigmoid] [--seeds 3] [WORD ...]

Only variants whose names contain one of the words are run, if any are given. The test set is never asked.
"""

import argparse
import statistics
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np

from byhand.arrays import Array, Labels, Shape
from byhand.datasets import Shift, load
from byhand.initial import article, he, pytorch
from byhand.layers import BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer, MaxPool2d, ReLU, Sigmoid
from byhand.losses import Loss, cross_entropy, squared_error
from byhand.optimizers import SGD, Adam, AdamW
from byhand.recipes import HANDS, RECIPES, Recipe, split
from byhand.schedules import Constant, Cosine, OneCycle, Step
from byhand.scratch import Slot

BASE = RECIPES["sigmoid"]


def smoothed(share: float) -> Loss:
    """Cross-entropy; its gradient takes this share of the right answer and gives it to all classes alike.

    Szegedy and others, Rethinking the inception architecture for computer vision, 2016, section 7. The loss
    that is reported is that of the right answers alone.
    """

    def loss(logits: Array, labels: Labels, slot: Slot) -> tuple[float, Array]:
        value, dz = cross_entropy(logits, labels, slot)
        examples, classes = dz.shape
        dz -= share / classes / examples
        dz[np.arange(examples), labels] += share / examples
        return value, dz

    return loss


SIGMOID = {
    "default": BASE,
    "4 epochs": replace(BASE, epochs=4),
    "8 epochs": replace(BASE, epochs=8),
    "10 epochs": replace(BASE, epochs=10),
    "rate 0.5": replace(BASE, learning_rate=0.5),
    "rate 2.0": replace(BASE, learning_rate=2.0),
    "no momentum, rate 2.0": replace(BASE, optimizer=SGD(), learning_rate=2.0),
    "momentum 0.95, rate 0.5": replace(BASE, optimizer=SGD(0.95, nesterov=True), learning_rate=0.5),
    "momentum without Nesterov": replace(BASE, optimizer=SGD(0.9)),
    "weight decay 1e-5": replace(BASE, optimizer=SGD(0.9, nesterov=True, weight_decay=1e-5)),
    "Adam, rate 0.003": replace(BASE, optimizer=Adam(), learning_rate=0.003),
    "AdamW, rate 0.01": replace(BASE, optimizer=AdamW(weight_decay=0.01), learning_rate=0.01),
    "batches of 64": replace(BASE, batch_size=64),
    "batches of 256": replace(BASE, batch_size=256),
    "constant rate": replace(BASE, schedule=Constant(warmup=200)),
    "rate in three steps": replace(BASE, schedule=Step(warmup=200)),
    "one cycle": replace(BASE, schedule=OneCycle()),
    "no warm-up": replace(BASE, schedule=Cosine()),
    "initial values: article": replace(BASE, initial=article),
    "initial values: he": replace(BASE, initial=he),
    "initial values: pytorch": replace(BASE, initial=pytorch),
    "squared error": replace(BASE, loss=squared_error),
    "dropout 0.1": replace(
        BASE, layers=lambda _, k: [Flatten(), Dense(784, 128), Sigmoid(), Dropout(0.1), Dense(128, k)]
    ),
    "not moved": replace(BASE, augment=None),
    "moved by up to two pixels": replace(BASE, augment=Shift(2)),
}


def elastic(epochs: int = 60, rate: float = 0.1, **distortion: float) -> Recipe:
    """The elastic recipe, shorter, and with these of its distortions otherwise."""
    bent = replace(HANDS, **distortion)
    return replace(RECIPES["elastic"], epochs=epochs, learning_rate=rate, augment=bent)


STRONGER = {"rotation": 15, "scale": 0.15, "shear": 12, "alpha": 36, "thickness": 0.3}
PUBLISHED = {"rotation": 10, "scale": 0.1, "shear": 8, "alpha": 28, "thickness": 0.3}

ELASTIC = {
    "gentle": elastic(),
    "gentle, 150 epochs": elastic(150),
    "gentle, labels smoothed by 0.05": replace(elastic(), loss=smoothed(0.05)),
    "gentle, labels smoothed by 0.1": replace(elastic(), loss=smoothed(0.1)),
    "gentle, rate 0.2, alpha 8": elastic(rate=0.2, alpha=8),
    "gentle, alpha 28, thickness 0": elastic(alpha=28, thickness=0),
    "Distort's defaults": elastic(**PUBLISHED),
    "Distort's defaults, batches of 256": replace(elastic(**PUBLISHED), batch_size=256),
    "as far as published for hundreds of epochs": elastic(**STRONGER),
    "the recipe": RECIPES["elastic"],
}


def shallow(
    epochs: int = 15,
    rate: float = 0.1,
    channels: tuple[int, int] = (16, 32),
    hidden: int = 128,
    dropout: float = 0.0,
    normal: bool = False,
    **distortion: float,
) -> Recipe:
    """A network with two convolutions of 5x5, shorter trained, and with these distortions otherwise."""

    def layers(_: Shape, classes: int) -> list[Layer]:
        made: list[Layer] = []
        for inputs, outputs in pairwise((1, *channels)):
            made += [
                Conv2d(inputs, outputs, 5),
                *([BatchNorm(outputs)] if normal else []),
                MaxPool2d(2),
                ReLU(),
            ]
        made += [Flatten(), Dense(16 * channels[1], hidden), ReLU(), Dropout(dropout), Dense(hidden, classes)]
        return made

    return replace(
        RECIPES["conv"],
        layers=layers,
        epochs=epochs,
        learning_rate=rate,
        augment=replace(HANDS, **distortion),
    )


TWO = shallow(25, channels=(32, 64), hidden=256, dropout=0.5)
SHORT = replace(RECIPES["conv"], epochs=12)

CONV = {
    "16 and 32 channels, rate 0.1": shallow(),
    "16 and 32 channels, rate 0.1, 40 epochs": shallow(40),
    "16 and 32 channels, rate 0.1, labels smoothed by 0.05": replace(shallow(), loss=smoothed(0.05)),
    "16 and 32 channels, rate 0.1, labels smoothed by 0.1": replace(shallow(), loss=smoothed(0.1)),
    "16 and 32 channels, rate 0.05": shallow(rate=0.05),
    "16 and 32 channels, rate 0.05, alpha 8": shallow(rate=0.05, alpha=8),
    "16 and 32 channels, rate 0.05, one cycle": replace(shallow(rate=0.05), schedule=OneCycle()),
    "16 and 32 channels, rate 0.1, normalized": shallow(normal=True),
    "16 and 32 channels, rate 0.05, 30 epochs, Distort's defaults": shallow(30, 0.05, **PUBLISHED),
    "20 and 40 channels, 256 hidden, dropout 0.3, batches of 256": replace(
        shallow(channels=(20, 40), hidden=256, dropout=0.3), batch_size=256
    ),
    "two convolutions, labels smoothed by 0.05": replace(TWO, loss=smoothed(0.05)),
    "two convolutions": TWO,
    "two convolutions, 48 and 96 channels": shallow(25, channels=(48, 96), hidden=256, dropout=0.5),
    "the recipe": RECIPES["conv"],
    "the recipe, 12 epochs": SHORT,
    "the recipe, 12 epochs, rate 0.05": replace(SHORT, learning_rate=0.05),
    "the recipe, 12 epochs, weight decay 5e-4": replace(SHORT, optimizer=SGD(0.9, True, 5e-4)),
    "the recipe, 12 epochs, alpha 20": replace(SHORT, augment=replace(HANDS, alpha=20)),
}

VARIANTS = {"sigmoid": SIGMOID, "elastic": ELASTIC, "conv": CONV}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--recipe", choices=VARIANTS, default="sigmoid")
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0, 1, ... (default: 3)")
    arguments = parser.parse_args()
    training, validation = split(load("mnist").train)

    def measured(recipe: Recipe, seed: int) -> tuple[float, float]:
        """Best validation accuracy in per cent, and the validation loss in the end."""
        rng = np.random.default_rng(seed)
        network = recipe.network((28, 28), 10, rng)
        reports = list(recipe.train(network, training, validation, rng))
        best = max(report.validation_accuracy or 0.0 for report in reports)
        return 100 * best, reports[-1].validation_loss or 0.0

    print("| variant | validation accuracy, mean and standard deviation | loss | seconds |")
    print("| --- | --- | --- | --- |")
    for name, recipe in VARIANTS[arguments.recipe].items():
        if arguments.words and not any(word in name for word in arguments.words):
            continue
        began = time.perf_counter()
        found, losses = zip(*(measured(recipe, seed) for seed in range(arguments.seeds)), strict=True)
        seconds = (time.perf_counter() - began) / arguments.seeds
        spread, loss = statistics.stdev(found) if len(found) > 1 else 0.0, statistics.fmean(losses)
        print(
            f"| {name} | {statistics.fmean(found):.2f} ± {spread:.2f} | {loss:.4f} | {seconds:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
