"""What each choice in the default recipe is worth: change one thing, train over several seeds, compare.

    python benchmarks/variants.py [--seeds 3] [WORD ...]

Only variants whose names contain one of the words are run, if any are given. The test set is never asked.
"""

import argparse
import statistics
import time
from dataclasses import replace

import numpy as np

from byhand.datasets import Shift, load
from byhand.initial import article, he, pytorch
from byhand.layers import Dense, Dropout, Flatten, Sigmoid
from byhand.losses import squared_error
from byhand.optimizers import SGD, Adam, AdamW
from byhand.recipes import RECIPES, Recipe, split
from byhand.schedules import Constant, Cosine, OneCycle, Step

BASE = RECIPES["sigmoid"]

VARIANTS = {
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0, 1, ... (default: 3)")
    arguments = parser.parse_args()
    training, validation = split(load("mnist").train)

    def accuracy(recipe: Recipe, seed: int) -> float:
        rng = np.random.default_rng(seed)
        network = recipe.network((28, 28), 10, rng)
        reports = list(recipe.train(network, training, validation, rng))
        return 100 * max(report.validation_accuracy or 0.0 for report in reports)

    print("| variant | validation accuracy, mean and standard deviation | seconds |")
    print("| --- | --- | --- |")
    for name, recipe in VARIANTS.items():
        if arguments.words and not any(word in name for word in arguments.words):
            continue
        began = time.perf_counter()
        found = [accuracy(recipe, seed) for seed in range(arguments.seeds)]
        seconds = (time.perf_counter() - began) / arguments.seeds
        spread = statistics.stdev(found) if len(found) > 1 else 0.0
        print(f"| {name} | {statistics.fmean(found):.2f} ± {spread:.2f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
