"""MNIST for the scripts beside this one: inputs (N, 784) float32 from 0 to 1, labels (N,)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import work


def load(part):
    digits = work.mnist(part)
    return digits.flat(), digits.labels.astype("int64")
