"""Which library for the image operations: what `byhand read` does most, by each of three.

    python -m benchmarks.reading.libraries [--rounds 5]      # pip install scikit-image, to have the third

Milliseconds on a picture of one megapixel, the least of some rounds that take turns; importing it in a fresh
process; and its megabytes on the disk, without what it needs itself. One that is not installed is left out.
"""

import argparse
import importlib.metadata
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.sheets import table

Pixels = NDArray[np.uint8]
Operations = dict[str, Callable[[], object]]

WINDOW = 51
"""Side of the square of a closing, in pixels."""

ANGLE = 7.0
"""Degrees by which the picture is turned."""


def pictures() -> tuple[Pixels, Pixels]:
    """A grey picture of one megapixel with 200 strokes, and where its ink is (1000, 1000)."""
    rng = np.random.default_rng(0)
    ink = np.zeros((1000, 1000), np.uint8)
    for y, x in rng.integers(0, 960, (200, 2)):
        ink[y : y + 40, x : x + 6] = 1
    return (230 - 150 * ink + rng.integers(0, 8, ink.shape)).astype(np.uint8), ink


def opencv(greys: Pixels, ink: Pixels) -> tuple[str, str, Operations]:
    """OpenCV, headless."""
    import cv2

    matrix = cv2.getRotationMatrix2D((500, 500), ANGLE, 1)
    square = np.ones((WINDOW, WINDOW), np.uint8)
    return (
        "opencv-python-headless",
        "cv2",
        {
            "closing": lambda: cv2.morphologyEx(greys, cv2.MORPH_CLOSE, square),
            "components": lambda: cv2.connectedComponentsWithStats(ink, connectivity=8),
            "turning": lambda: cv2.warpAffine(greys, matrix, (1000, 1000)),
            "halving": lambda: cv2.resize(greys, (500, 500), interpolation=cv2.INTER_AREA),
            "distances": lambda: cv2.distanceTransform(ink, cv2.DIST_L2, 5),
        },
    )


def ndimage(greys: Pixels, ink: Pixels) -> tuple[str, str, Operations]:
    """scipy.ndimage."""
    from scipy import ndimage

    around = np.ones((3, 3), np.uint8)
    return (
        "scipy",
        "scipy.ndimage",
        {
            "closing": lambda: ndimage.grey_closing(greys, size=(WINDOW, WINDOW)),
            "components": lambda: ndimage.find_objects(ndimage.label(ink, around)[0]),
            "turning": lambda: ndimage.rotate(greys, ANGLE, reshape=False, order=1),
            "halving": lambda: ndimage.zoom(greys, 0.5, order=1),
            "distances": lambda: ndimage.distance_transform_edt(ink),
        },
    )


def skimage(greys: Pixels, ink: Pixels) -> tuple[str, str, Operations]:
    """scikit-image."""
    from skimage import measure, morphology, transform

    square = morphology.footprint_rectangle((WINDOW, WINDOW))
    return (
        "scikit-image",
        "skimage.morphology, skimage.measure, skimage.transform",
        {
            "closing": lambda: morphology.closing(greys, square),
            "components": lambda: [region.bbox for region in measure.regionprops(measure.label(ink))],
            "turning": lambda: transform.rotate(greys, ANGLE, order=1),
            "halving": lambda: transform.resize(greys, (500, 500), anti_aliasing=True),
            "distances": lambda: morphology.medial_axis(ink, return_distance=True),
        },
    )


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def importing(module: str) -> float:
    code = f"import time, numpy; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    done = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(3)]
    return 1000 * min(float(run.stdout) for run in done)


def megabytes(distribution: str) -> float:
    files = importlib.metadata.files(distribution) or []
    return sum(file.size or 0 for file in files) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    libraries = []
    for library in (opencv, ndimage, skimage):
        try:
            libraries.append(library(*pictures()))
        except ImportError as error:
            print(f"{library.__name__} is left out: {error}", file=sys.stderr)
    names = list(libraries[0][2])
    rounds = [
        [[milliseconds(operations[name]) for name in names] for _, _, operations in libraries]
        for _ in range(arguments.rounds)
    ]
    least = np.min(rounds, axis=0)
    rows = [
        [
            distribution,
            *(f"{ms:.1f}" for ms in row),
            f"{importing(module):.0f}",
            f"{megabytes(distribution):.0f}",
        ]
        for (distribution, module, _), row in zip(libraries, least, strict=True)
    ]
    print(table(["library", *names, "import", "MB"], rows))


if __name__ == "__main__":
    main()
