"""One mark in MNIST's own form: 28x28 greys, as the network knows them from its training.

MNIST was made from black-and-white scans of 128x128 pixels: each digit was fitted into 20x20 pixels
with its aspect kept, which by averaging over areas made the greys, and then put into 28x28 pixels with its
centre of mass in the middle (LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document
recognition, 1998, section III.A). Measured on MNIST's test images: the longer side is 20 pixels in 9,997 of
10,000, the centre of mass lies at (14.0, 14.0) with a standard deviation of 0.29 (they moved by whole
pixels), and an edge is as soft as averaging over one pixel makes it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.images.form import PictureForm
from byhand.images.quantiles import percentile

FINE = 4
"""The work is done on pixels this many times as fine; the last step averages over FINE by FINE of them."""

EDGE = 0.5
"""The edge of a stroke is where the ink is half as strong as inside: there the box is laid."""

STEEPEST = 4.0
"""Edges of a blurred or enlarged mark are made steeper by at most this factor."""

MOST_FAINT = 3
"""A mark is fitted by its edges, but with its faint surroundings it is at most so many times as large: a
shadow has no edge, or a dark core."""

CRISP = 1.4
"""Width of an edge in fine pixels that is crisp enough."""


def mnist_form(ink: NDArray[Any], form: PictureForm | None = None) -> Images:
    """One mark (H, W) of any size, bright ink on 0, in MNIST's own form: (28, 28) uint8. See
    `mnist_forms`."""
    return mnist_forms([ink], form)[0]


def mnist_forms(inks: Sequence[NDArray[Any]], form: PictureForm | None = None) -> Images:
    """Marks (H, W) of any sizes, uint8 or float, bright ink on 0, in MNIST's own form.

    Each array holds one mark, cropped or not; how bright its ink is does not matter. Returns (N, 28, 28)
    uint8, or as large as the form says; a mark without ink becomes an image without ink.
    """
    form = form or PictureForm()
    fine = np.stack([_fine(ink, form) for ink in inks]) if inks else _nothing(0, form)
    size = form.size
    coarse = fine.reshape(-1, size, FINE, size, FINE).mean(axis=(2, 4))
    brightest = np.maximum(coarse.max(axis=(1, 2), keepdims=True), 1e-6)
    return np.rint(coarse * np.minimum(255 / brightest, 255 * 1.5)).astype(np.uint8)


def _nothing(count: int, form: PictureForm) -> NDArray[np.float32]:
    return np.zeros((count, form.size * FINE, form.size * FINE), np.float32)


def _fine(ink: NDArray[Any], form: PictureForm) -> NDArray[np.float32]:
    """One mark on the fine canvas: crisp strokes, neither thin nor thick, its centre of mass in the
    middle."""
    peak = float(ink.max(initial=0))
    if not peak > 0:
        return _nothing(1, form)[0]
    mark = _cropped(ink, peak, form)
    stroke = _crisp(_fitted(mark, form.box * FINE))
    width = stroke_width(stroke)
    change = round(min(max(width, form.thin * FINE), form.thick * FINE) - width)
    if change:  # a thickened mark grows by as much all around, so it starts from a smaller box
        change = max(-form.box * FINE // 3, min(change, form.box * FINE // 2))  # a blot stays a blot
        stroke = _thickened(_crisp(_fitted(mark, form.box * FINE - change)), change)
    return _centred(stroke, form)


def stroke_width(mark: NDArray[np.float32]) -> float:
    """Mean width of the strokes of a mark (H, W) from 0 to 1, in pixels; 0 if there are none.

    A stroke of length l and width w has the area l w and two edges of length l. The length of all edges is
    the sum of the gradient's length over all pixels (the coarea formula), however soft they are.
    """
    edges = _edges(mark)
    return 2 * float(mark.sum()) / edges if edges else 0.0


def _edges(mark: NDArray[np.float32]) -> float:
    down = mark[1:, :-1] - mark[:-1, :-1]
    right = mark[:-1, 1:] - mark[:-1, :-1]
    return float(np.sqrt(down * down + right * right).sum())


def _cropped(ink: NDArray[Any], peak: float, form: PictureForm) -> NDArray[np.float32]:
    """The mark from 0 to 1 with a little room around it, no larger than is of use."""
    import cv2

    rows, columns = np.flatnonzero(ink.max(axis=1) > 0), np.flatnonzero(ink.max(axis=0) > 0)
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    mark = ink.astype(np.float32) / np.float32(peak)
    reduction = max(ink.shape) / (8 * form.box * FINE)
    if reduction > 1:
        height, width = (max(1, round(side / reduction)) for side in ink.shape)
        mark = cv2.resize(mark, (width, height), interpolation=cv2.INTER_AREA)
        mark /= max(float(mark.max()), 1e-6)
    return np.pad(mark, 3)


def _fitted(mark: NDArray[np.float32], box: int) -> NDArray[np.float32]:
    """The mark enlarged or shrunk so that the longer side between its edges is `box` pixels."""
    import cv2

    longer = max(_extent(mark.max(axis=0)), _extent(mark.max(axis=1)), max(mark.shape) / MOST_FAINT)
    height, width = (max(1, round(side * box / longer)) for side in mark.shape)
    how = cv2.INTER_AREA if longer > box else cv2.INTER_CUBIC
    fitted: NDArray[np.float32] = cv2.resize(mark, (width, height), interpolation=how)
    # a stroke thinner than a pixel has lost its darkness to the paper beside it
    inside = fitted[fitted > 0.25 * float(fitted.max())]
    return np.clip(fitted / max(percentile(inside, 80), 1e-6), 0, 1)


def _extent(profile: NDArray[np.float32]) -> float:
    """Distance from where a profile first rises over EDGE to where it last falls under it."""
    inside = np.flatnonzero(profile >= EDGE)
    first, last = int(inside[0]), int(inside[-1])
    before = (EDGE - profile[first - 1]) / (profile[first] - profile[first - 1])
    after = (EDGE - profile[last + 1]) / (profile[last] - profile[last + 1])
    return last - first + 2 - float(before + after)


def _crisp(mark: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mark with its edges made as steep as those of black-and-white scans, within reason.

    On an edge of width e the ink i rises evenly from 0 to 1, so that the mean of 4 i (1 - i) over it
    is 2/3: its sum over all pixels, by the length of the edges, is 2/3 e.
    """
    edges = _edges(mark)
    if not edges:
        return mark
    width = 1.5 * float((4 * mark * (1 - mark)).sum()) / edges
    steeper = min(max(width / CRISP, 1.0), STEEPEST)
    return np.clip((mark - EDGE) * steeper + EDGE, 0, 1)


def _thickened(stroke: NDArray[np.float32], change: int) -> NDArray[np.float32]:
    """Strokes wider by `change` pixels, or narrower if that is negative: a disc of this size moved along
    them."""
    import cv2

    size = abs(change) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    if change > 0:
        return cv2.dilate(np.pad(stroke, size), disc)
    return cv2.erode(stroke, disc, borderType=cv2.BORDER_CONSTANT, borderValue=0)


def _centred(stroke: NDArray[np.float32], form: PictureForm) -> NDArray[np.float32]:
    """The mark on the canvas, moved so that its centre of mass is in the middle of pixel (14, 14)."""
    canvas = _nothing(1, form)[0]
    mass = stroke.sum()
    if not mass > 0:
        return canvas
    starts, parts = [], []
    for axis in (0, 1):
        length = stroke.shape[axis]
        centre = float(stroke.sum(axis=1 - axis) @ (np.arange(length) + 0.5) / mass)
        start = round((form.size // 2 + 0.5) * FINE - centre)
        first, last = max(0, -start), min(length, len(canvas) - start)
        starts.append(slice(start + first, start + last))
        parts.append(slice(first, last))
    canvas[starts[0], starts[1]] = stroke[parts[0], parts[1]]
    return canvas
