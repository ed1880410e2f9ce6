"""How often the parts that a mark of touching digits could be cut into hold each of its digits.

    python -m benchmarks.reading.touching [--lines N] [--seed S]

The lines are written with MNIST's digits that validate (byhand.datasets.neighbours), so it is known whose
ink is whose. A digit is held by a part with this share of its ink, and of whose own ink this share is the
digit's.
"""

import argparse
import time

import numpy as np

from benchmarks.reading.sheets import table
from byhand.datasets import load
from byhand.datasets.neighbours import likenesses, written_touching
from byhand.images import Mark
from byhand.recipes import split

SHARES = (0.8, 0.85, 0.9, 0.95)


def main() -> None:
    make = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=make)
    parser.add_argument("--lines", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    _, held = split(load("mnist").train)
    rng = np.random.default_rng(arguments.seed)
    best, parts, seconds = [], 0, 0.0
    for _ in range(arguments.lines):
        line, owners, _ = written_touching(held, rng)
        began = time.perf_counter()
        found = [alike for _, alike, _ in likenesses(Mark(0, 0, line / np.float32(255)), owners)]
        seconds += time.perf_counter() - began
        parts += len(found)
        best.append(np.max([np.zeros(len(owners)), *found], axis=0))
    every = np.concatenate(best)
    row = [str(len(every)), *(f"{100 * (every >= share).mean():.1f} %" for share in SHARES)]
    row += [f"{parts / len(every):.1f}", f"{1000 * seconds / arguments.lines:.1f}"]
    print(table(["digits", *(f"{share:.0%}" for share in SHARES), "parts a digit", "ms a line"], [row]))


if __name__ == "__main__":
    main()
