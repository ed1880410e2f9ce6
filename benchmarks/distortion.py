"""What distorting a picture costs, on one thread, and where the time goes.

    OPENBLAS_NUM_THREADS=1 python benchmarks/distortion.py [--batch 128] [--rounds 300]

Prints the median over the rounds, in microseconds a picture of MNIST.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from byhand.datasets import Distort, load
from byhand.datasets.distortion import resampled, thickened


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=128, help="pictures at once (default: 128)")
    parser.add_argument("--rounds", type=int, default=300, help="how often each is timed (default: 300)")
    arguments = parser.parse_args()
    images, rng = load("mnist").train.images[: arguments.batch], np.random.default_rng(0)
    B, H, W = images.shape
    by = rng.uniform(-0.3, 0.3, B)
    at = (np.indices((H, W))[:, np.newaxis] + rng.normal(0, 1.5, (2, B, 1, 1))).astype(np.float32)
    whole, flat = Distort(), Distort(alpha=0)

    def microseconds(call: Callable[[], object]) -> float:
        """Median time of a call, for each picture."""
        times = []
        for _ in range(arguments.rounds):
            began = time.perf_counter()
            call()
            times.append(time.perf_counter() - began)
        return statistics.median(times) / B * 1e6

    all_of_it = microseconds(lambda: whole(images, rng))
    without_bending = microseconds(lambda: flat(images, rng))
    edges = microseconds(lambda: thickened(images, by))
    looking = microseconds(lambda: resampled(images, at))
    print(f"| of {B} pictures at once | µs a picture |")
    print("| --- | --- |")
    for name, value in [
        ("thickness", edges),
        ("where each pixel comes from", all_of_it - edges - looking),
        ("of that, what elastic distortion adds", all_of_it - without_bending),
        ("looking there", looking),
        ("all", all_of_it),
    ]:
        print(f"| {name} | {value:.1f} |")


if __name__ == "__main__":
    main()
