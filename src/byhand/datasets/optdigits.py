"""Digits by thirty other people, to learn from: 8x8 pixels with 17 greys, brought into MNIST's own form.

The training half of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998). Its test
half, by thirteen others, is scikit-learn's load_digits, which is to be read, not learnt, and is not here.
"""

from collections.abc import Callable

import numpy as np

from byhand.arrays import Images
from byhand.datasets.catalogue import EMBEDDED
from byhand.datasets.examples import Examples
from byhand.datasets.idx import read_idx
from byhand.datasets.pens import FINE, Ink, in_threads, rings, within
from byhand.errors import DataError
from byhand.images import mnist_forms

Rng = np.random.Generator

SMALL = 8
"""Pixels along a side of these digits, which fill the image's height."""

GREYS = 16
"""Ink where all 4x4 pixels of the bitmap that a pixel comes from were black."""

WORN = 0.6
"""A stroke in so few pixels looks broad: the pen that draws it again takes up to this share of it away."""

RINGS = {0: (1,), 6: (1,), 8: (2,), 9: (1,), 4: (0, 1), 2: (0, 1)}
"""How many rings a digit has, if it may have any."""

LEVELS = (0.25, 0.85)
"""Where between paper and ink an edge may be: in so few pixels a small ring is nearly as dark as ink."""

TRIES = 10
"""So many levels are tried; the first that leaves the digit in one piece with its rings is taken."""


def digits() -> Examples:
    """All 3,823: images (N, 8, 8) uint8 from 0 (paper) to 255 (ink), labels (N,) uint8 from 0 to 9."""
    images = read_idx(EMBEDDED / "optdigits-images-idx3-ubyte.gz")
    labels = read_idx(EMBEDDED / "optdigits-labels-idx1-ubyte.gz")
    return Examples((images.astype(np.uint16) * 255 // GREYS).astype(np.uint8), labels)


def crisp(small: Examples, times: int, rng: Rng) -> Examples:
    """Each digit (N, 8, 8) drawn so many times as MNIST's are, in its own form: (times N, 28, 28) uint8.

    The edge of its strokes is found smoothly, at another grey and with another pen each time. Raises
    DataError for images of another size.
    """
    return _in_mnists_form(_crisp, small, times, rng)


def enlarged(small: Examples, times: int, rng: Rng) -> Examples:
    """Each digit (N, 8, 8) as it looks after it was enlarged in one of the usual ways; else as `crisp`."""
    return _in_mnists_form(lambda image, _, chance: _enlarged(image, chance), small, times, rng)


def _in_mnists_form(
    draw: Callable[[Images, int, Rng], Ink], small: Examples, times: int, rng: Rng
) -> Examples:
    if small.images.shape[1:] != (SMALL, SMALL):
        raise DataError(f"the small digits have the shape {small.images.shape[1:]}, not {(SMALL, SMALL)}")
    many = small.take(np.tile(np.arange(len(small)), times))

    def forms(chance: Rng, here: slice) -> Images:
        pairs = zip(many.images[here], many.labels[here], strict=True)
        return mnist_forms([draw(image, int(label), chance) for image, label in pairs])

    return Examples(in_threads(forms, len(many), rng), many.labels)


def _enlarged(image: Images, rng: Rng) -> Ink:
    """The image (8, 8) with a margin, three to sixteen times as large, in one of the usual ways."""
    import cv2

    hows = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
    times, how = int(rng.integers(3, 17)), hows[rng.integers(len(hows))]
    return np.asarray(cv2.resize(np.pad(image, 2), None, fx=times, fy=times, interpolation=how), np.uint8)


def _crisp(image: Images, label: int, rng: Rng) -> Ink:
    """The digit's strokes (H, W), ink 255, with FINE pixels to one of MNIST's.

    Of several greys at which their edge could be, one that leaves it in one piece with its rings.
    """
    import cv2

    times = FINE * 20 // SMALL
    wide = np.pad(image, 2).astype(np.float32)
    fine = cv2.resize(wide, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    fine = cv2.GaussianBlur(fine, (0, 0), rng.uniform(0.1, 0.3) * times)
    full = float(np.quantile(fine[fine > 0.1 * float(fine.max())], 0.9))
    tries = [(fine > level * full).astype(np.uint8) for level in rng.uniform(*LEVELS, TRIES)]
    wanted = RINGS.get(label, (0,))
    whole = [inside for inside in tries if cv2.connectedComponents(inside)[0] == 2]  # beside the paper
    inside = min(whole or tries, key=lambda inside: rings(inside) not in wanted)
    return np.asarray(np.clip(within(inside, rng.uniform(0, WORN)) + 0.5, 0, 1) * 255, np.uint8)
