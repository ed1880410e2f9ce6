"""Which number says best that something is no digit? Ways to be sure, compared on validation examples.

    python -m benchmarks.reading.sureness [MODEL]

The digits are the 10,000 that validate; the non-digits are made of them as those that were learnt were made
of others. For each way the threshold is where 99 % of the digits as they are are kept; the shares are
of non-digits that are then refused, and of the digits drawn anew that are kept. Nothing here is a test image.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.sheets import table
from byhand.datasets import load
from byhand.datasets.hands import for_other_hands
from byhand.functions import softmax
from byhand.model import Model
from byhand.network import ask
from byhand.reading import shipped_model
from byhand.recipes import split

Numbers = NDArray[np.float64]
DIGITS = 10


def energy(z: Numbers) -> Numbers:
    """log Σ e^z of each row (Liu, Wang, Owens, Li: Energy-based out-of-distribution detection, 2020)."""
    most = z.max(axis=1)
    result: Numbers = most + np.log(np.exp(z - most[:, None]).sum(axis=1))
    return result


def margin(numbers: Numbers) -> Numbers:
    """The largest of each row less the second."""
    two = np.sort(numbers, axis=1)[:, -2:]
    return two[:, 1] - two[:, 0]


WAYS: dict[str, Callable[[Numbers], Numbers]] = {
    "largest probability of a digit": lambda z: softmax(z)[:, :DIGITS].max(axis=1),
    "1 − probability of none": lambda z: 1 - softmax(z)[:, DIGITS],
    "largest logit − that of none": lambda z: z[:, :DIGITS].max(axis=1) - z[:, DIGITS],
    "margin of probabilities": lambda z: margin(softmax(z)[:, :DIGITS]),
    "largest logit": lambda z: z[:, :DIGITS].max(axis=1),
    "energy of the digits": lambda z: energy(z[:, :DIGITS]),
    "margin of logits": lambda z: margin(z[:, :DIGITS]),
    "largest probability, none left out": lambda z: softmax(z[:, :DIGITS]).max(axis=1),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", help="a model file (default: the one in the package)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    model = Model.load(arguments.model or shipped_model())
    _, validation = split(load("mnist").train)
    examples = for_other_hands(validation, np.random.default_rng(arguments.seed))
    logits = ask(model.network, examples.images, model.preprocessing).astype(np.float64)
    if model.refusal is not None:
        logits /= model.refusal.temperature
    plain, anew = len(validation), 2 * len(validation)
    rows = []
    for name, way in WAYS.items():
        sure = way(logits)
        row = [name]
        for kept in (0.99, 0.995):
            threshold = np.quantile(sure[:plain], 1 - kept)
            row += [
                f"{100 * np.mean(sure[anew:] < threshold):.1f} %",
                f"{100 * np.mean(sure[plain:anew] >= threshold):.1f} %",
            ]
        rows.append(row)
    head = ["how sure", "refused, 99 % kept", "drawn anew, kept", "refused, 99.5 % kept", "drawn anew, kept"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
