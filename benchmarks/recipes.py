"""Measure the recipes: accuracy over several seeds, time and memory, each in a process of its own.

    python benchmarks/recipes.py [--seeds 5] [RECIPE ...]

Runs `byhand train --recipe NAME --seed S --json` as a person would, one after another. The time of
the training is the command's own; wall time and peak memory are those of the whole process.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from byhand.recipes import RECIPES


def train(recipe: str, seed: int) -> dict[str, float]:
    """Run one training; its figures."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "byhand", "train", "--recipe", recipe, "--seed", str(seed), "--json"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        result = json.load(process.stdout)
        _, status, usage = os.wait4(process.pid, 0)  # unlike wait(), it tells this child's own peak
        wall = time.perf_counter() - began
        assert status == 0
        assert Path(folder, result["model"]).exists()
    kilobyte = 1 if sys.platform == "darwin" else 1024
    return {
        "validation": 100 * result["validation_accuracy"],
        "test": 100 * result["test_accuracy"],
        "train_seconds": result["train_seconds"],
        "wall_seconds": wall,
        "megabytes": usage.ru_maxrss * kilobyte / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipes", nargs="*", default=list(RECIPES), metavar="RECIPE")
    parser.add_argument("--seeds", type=int, default=5, help="seeds 0, 1, ... (default: 5)")
    arguments = parser.parse_args()
    for recipe in arguments.recipes:
        runs = []
        for seed in range(arguments.seeds):
            runs.append(train(recipe, seed))
            print(
                recipe,
                f"seed {seed}:",
                {name: round(value, 2) for name, value in runs[-1].items()},
                flush=True,
            )
        for name in runs[0]:
            values = [run[name] for run in runs]
            print(
                f"{recipe:10} {name:14} mean {statistics.fmean(values):7.2f}"
                f"  from {min(values):7.2f} to {max(values):7.2f}"
            )


if __name__ == "__main__":
    main()
