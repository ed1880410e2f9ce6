"""Digits of other people as pen strokes: small grey images become distances, which any pen draws at any size.

An image of 28x28 (or 8x8) enlarged as it is looks like an image enlarged. So its edge is found smoothly, and
two distances are kept for each place: to that edge, and to the stroke's spine. A pen of any width then
draws the same stroke anew, crisp at the resolution of the picture.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float32]

SAMPLES = 160
"""Samples of a field along a digit's box."""

MARGIN = 40
"""Samples around the box, so that broad pens fit."""

RINGS = {0: (1,), 1: (0,), 2: (0, 1), 3: (0,), 4: (0, 1), 5: (0,), 6: (1,), 7: (0,), 8: (2,), 9: (1,)}
"""Rings that a digit has, closed all around. A 5 with two of them is no 5 any more, whoever wrote it."""

LEAST_HOLE = 25
"""Samples of the smallest hole that is a ring's."""


@dataclass(frozen=True, eq=False)
class Hand:
    """Digits (N, H, W) uint8, ink bright, with labels (N,); `box` pixels is what they were fitted to."""

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.integer]
    box: int


@dataclass(frozen=True, eq=False)
class Stroke:
    """A digit without its pen.

    `edge` and `spine` (S, S), S = SAMPLES + 2 MARGIN, are distances in units of the digit's box: to the edge
    of the ink (positive inside) and to the middle of the stroke. `radius` is the typical half width.
    """

    label: int
    edge: Field
    spine: Field
    radius: float

    def drawn(self, pen: float) -> Field:
        """Distance into the ink (S, S), positive inside, of a pen of half width `pen` (units of the box).

        A thinner pen wears the stroke off evenly, but never through its spine; a broader one widens it,
        though not by so much that a ring closes or comes to be: nobody writes with a pen that makes an 8 of
        a 5. Then it is taken as near to the pen of the image as it must be.
        """
        return _drawn(self, pen)


@lru_cache(maxsize=64)
def _drawn(stroke: Stroke, pen: float) -> Field:
    """What `Stroke.drawn` gives: asked for once to place a digit, and once more to draw it."""
    rings = rings_of(stroke.edge > 0)
    for way in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        width = pen + way * (stroke.radius - pen)
        depth: Field = np.maximum(stroke.edge + (width - stroke.radius), width - stroke.spine)
        if rings_of(depth > 0) == rings:
            return depth
    return stroke.edge


def rings_of(inside: NDArray[np.bool_]) -> int:
    """Holes in what is inside (H, W)."""
    around, _ = ndimage.label(~inside)
    return int((np.bincount(around.ravel())[1:] > LEAST_HOLE).sum()) - 1


@cache
def mnist_test() -> Hand:
    """MNIST's 10,000 test digits."""
    from byhand.datasets import load

    test = load("mnist").test
    return Hand("mnist", test.images, test.labels, 20)


@cache
def sklearn_digits() -> Hand:
    """The 1,797 digits of scikit-learn's load_digits, 8x8, by other writers."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.clip(digits.images * (255 / 16), 0, 255).astype(np.uint8)
    return Hand("sklearn", images, digits.target, 8)


HANDS = {"mnist": mnist_test, "sklearn": sklearn_digits}


@cache
def stroke(hand: str, index: int) -> Stroke:
    """The stroke of one digit."""
    digits = HANDS[hand]()
    return trace(digits.images[index], int(digits.labels[index]), digits.box)


def trace(image: NDArray[np.uint8], label: int, box: int) -> Stroke:
    """The stroke of an image (H, W) uint8 whose digit was fitted into `box` pixels."""
    scale = SAMPLES / box
    ink = np.pad(image.astype(np.float32) / max(1, int(image.max())), 3)
    rows, columns = np.nonzero(ink > 0.25)
    middle = (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
    size = SAMPLES + 2 * MARGIN
    grid = (np.arange(size, dtype=np.float32) - (size - 1) / 2) / scale
    where = np.meshgrid(middle[0] + grid, middle[1] + grid, indexing="ij")
    smooth = ndimage.map_coordinates(ink, where, order=3, mode="constant")
    inside = _inked(ndimage.gaussian_filter(smooth, 0.42 * SAMPLES / 20), label, coarse=box < 20)
    edge = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    edge = ndimage.gaussian_filter(edge.astype(np.float32), 2.5)
    middle_line = thin(inside)
    spine = ndimage.distance_transform_edt(~middle_line).astype(np.float32)
    spine = ndimage.gaussian_filter(spine, 1.5)
    radius = float(np.median(edge[middle_line]))
    return Stroke(label, edge / SAMPLES, spine / SAMPLES, radius / SAMPLES)


def _inked(smooth: Field, label: int, coarse: bool) -> NDArray[np.bool_]:
    """Where the ink is, without specks: in one piece, and with the rings that such a digit has.

    Of the levels of grey at which the digit is of one piece, that with a number of rings nearest to one it
    may have, and of those the most usual. In coarse images what is within a small ring is almost as dark as
    the ink, and so is the gap in a 5.
    """
    full = float(np.quantile(smooth[smooth > 0.1], 0.9))
    best, best_score = smooth > 0.45 * full, (-1, -10, 0.0)
    levels = (0.25, 0.31, 0.38, 0.45, 0.52, 0.58, 0.64) + ((0.7, 0.76, 0.82) if coarse else ())
    for level in levels:
        inside = smooth > level * full
        pieces, _ = ndimage.label(inside)
        sizes = np.bincount(pieces.ravel())[1:]
        large = sizes > 0.03 * sizes.max()
        inside = np.r_[False, large][pieces]
        rings = rings_of(inside)
        wrong = min(abs(rings - usual) for usual in RINGS[label])
        score = int(large.sum() == 1), -wrong, -abs(level - 0.45)
        if score > best_score:
            best, best_score = inside, score
    return best


def thin(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines one sample wide in the middle of what is inside (H, W), connected as it is.

    Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", 1984.
    """
    left = np.pad(inside, 1).copy()
    changed = True
    while changed:
        changed = False
        for second in (False, True):
            # the eight neighbours, clockwise from above
            p = [
                np.roll(left, shift, (0, 1))
                for shift in [(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)]
            ]
            count = sum(q.astype(np.int8) for q in p)
            turns = sum((~a & b).astype(np.int8) for a, b in zip(p, [*p[1:], p[0]], strict=True))
            up, right, down, west = p[0], p[2], p[4], p[6]
            if second:
                open_side = ~(up & right & west) & ~(up & down & west)
            else:
                open_side = ~(up & right & down) & ~(right & down & west)
            gone = left & (count >= 2) & (count <= 6) & (turns == 1) & open_side
            if gone.any():
                left &= ~gone
                changed = True
    return left[1:-1, 1:-1]
