"""Marks as photographs show them: out of focus, shaken, faint, in grain and noise, and found as any are.

What noise and a soft lens do to a digit is not seen before its ink is found and it is in MNIST's form: a
small ring runs full, a faint stroke thins, an edge frays. So marks are written on pages, the pages are
photographed, and the photographs go the way of any picture (byhand.images.way). What is found is learnt.
"""

import io
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images, Labels
from byhand.datasets.examples import Examples
from byhand.datasets.pens import HABITS, a_hand, a_pen, cropped, inside_of, running
from byhand.images import Density, Mark, follow, mnist_forms
from byhand.threads import cores, side_by_side

Rng = np.random.Generator

ROWS, COLUMNS = 6, 8
"""Marks on a page."""

TOGETHER = 20
"""So many pages are taken by one thread at a time."""

HEIGHT = 15, 60
"""How high the marks of a page are, in pixels of the photograph."""

PITCH = 1.9
"""How far apart they are, by their height."""

SOFT, SOFTER = 0.025, (0.02, 0.075)
"""Width of the blur of a lens, by the height of the marks: its standard deviation from page to page, and what
it is between where the lens is badly out of focus,"""

BADLY = 0.3
"""on this share of the pages."""

SHAKEN, SHAKE = 0.3, (0.05, 0.2)
"""Share of the pages taken by a hand that shook, and how far, by the height of the marks."""

GRAINY = 0.25
"""Share of the pages written with a pencil, whose strokes have grain."""

FAINT, FAINTLY = 0.3, (22.0, 60.0)
"""Share of the pages written faintly, and how much darker than the paper, in greys."""

NOISY, NOISE, NOISIEST = 0.6, 0.22, 22.0
"""Share of the pages with a sensor's noise, its standard deviation by how dark the ink is, at most, and in
greys, at most."""

REVERSED = 0.12
"""Share of the pages that are light on dark."""

SHARPENED = 0.2
"""Share of the pages that the camera has sharpened."""

DEVELOPED, QUALITY = 0.5, (25, 90)
"""Share of the pages that were a JPEG file, and of which quality."""

ASIDE, SMALLEST, LARGEST = 0.25, 0.75, 1.35
"""A mark that was found is the one that was written if it is no farther from there than this share of its
height, and its longer side is from so much to so much of what it was."""


class Written(NamedTuple):
    """Where the middle of a mark is on a page, its longer side, in pixels, and its label."""

    x: float
    y: float
    longer: int
    label: int


def photographed(marks: Examples, pages: int, rng: Rng) -> tuple[Images, Labels]:
    """Marks of these (N, 28, 28), drawn at random, as photographs show them: in MNIST's own form
    (M, 28, 28) uint8, and their labels (M,).

    Each of so many pages has one hand, one pen, one lens and one light, and up to 48 marks, of which most are
    found again.
    """
    shares = [min(TOGETHER, pages - begin) for begin in range(0, pages, TOGETHER)]

    def find(chance: Rng, count: int) -> tuple[Images, list[int]]:
        found = []
        for _ in range(count):
            height = math.exp(chance.uniform(*np.log(HEIGHT)))
            page, written = _page(marks, height, chance)
            found += _found(_taken(page, height, chance), written, height)
        return mnist_forms([mark.ink for mark, _ in found]), [label for _, label in found]

    with side_by_side(cores()) as each:
        images, labels = zip(*each(find, rng.spawn(len(shares)), shares), strict=True)
    return np.concatenate(images), np.concatenate(labels).astype(np.int64)


def _page(marks: Examples, height: float, rng: Rng) -> tuple[Density, list[Written]]:
    """Share of ink at each pixel of a page (H, W) with marks about so high, and where they are."""
    import cv2

    pitch = round(PITCH * height) + 6
    page = np.zeros(((ROWS + 1) * pitch, (COLUMNS + 1) * pitch), np.float32)
    hand, pen, written = a_hand(rng), a_pen(rng), []
    for place, index in enumerate(rng.integers(len(marks), size=ROWS * COLUMNS)):
        label, inside = int(marks.labels[index]), inside_of(marks.images[index])
        if not inside.any():
            continue
        if habit := HABITS.get(label):
            habit(inside, rng)
        ink = cropped(pen(running(hand(inside), rng)))
        scale = height * math.exp(rng.normal(0, 0.08)) / max(ink.shape[0], 0.8 * ink.shape[1])
        h, w = (max(1, round(side * scale)) for side in ink.shape)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        row, column = divmod(place, COLUMNS)
        x, y = (round((at + 1) * pitch + rng.normal(0, 0.04) * height) for at in (column, row))
        here = slice(y - h // 2, y - h // 2 + h), slice(x - w // 2, x - w // 2 + w)
        page[here] = np.maximum(page[here], cv2.resize(ink, (w, h), interpolation=how) / np.float32(255))
        written.append(Written(x, y, max(h, w), label))
    return page, written


def _taken(page: Density, height: float, rng: Rng) -> Images:
    """A photograph (H, W) of a page with so much ink (H, W), in greys."""
    import cv2

    if rng.random() < GRAINY:
        grain = _grain(page.shape, rng.uniform(0.5, 1.3), rng)
        page = page * np.clip(rng.uniform(0.6, 1) + rng.uniform(0.1, 0.4) * grain, 0, 1)
    soft = rng.uniform(*SOFTER) if rng.random() < BADLY else abs(rng.normal(0, SOFT))
    page = cv2.GaussianBlur(page, (0, 0), 0.45 + soft * height)
    if rng.random() < SHAKEN:
        page = cv2.filter2D(page, -1, _shake(rng.uniform(*SHAKE) * height, rng.uniform(0, math.pi)))
    paper = rng.uniform(110, 240)
    dark = rng.uniform(*FAINTLY) if rng.random() < FAINT else rng.uniform(50, 0.85 * paper)
    corners = 1 + rng.uniform(0, 0.2) * rng.uniform(-1, 1, (3, 3)).astype(np.float32)
    light = cv2.resize(corners, page.shape[::-1], interpolation=cv2.INTER_CUBIC)
    seen = (paper - dark * page) * light
    if rng.random() < REVERSED:
        seen = 255 - seen
    if rng.random() < SHARPENED:
        seen += rng.uniform(0.3, 1) * (seen - cv2.GaussianBlur(seen, (0, 0), 1.2))
    if rng.random() < NOISY:
        lumps = rng.uniform(0.4, 0.9) if rng.random() < 0.5 else 0.0
        seen += min(rng.uniform(0, NOISE) * dark, NOISIEST) * _grain(page.shape, lumps, rng)
    greys = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    return _developed(greys, int(rng.integers(*QUALITY))) if rng.random() < DEVELOPED else greys


def _grain(shape: tuple[int, ...], width: float, rng: Rng) -> NDArray[np.float32]:
    """Normal noise (H, W) of standard deviation 1, smoothed by a Gaussian filter of this width."""
    import cv2

    noise = rng.standard_normal(shape, np.float32)
    if not width:
        return noise
    smooth = cv2.GaussianBlur(noise, (0, 0), width)
    return np.asarray(smooth / smooth.std(), np.float32)


def _shake(length: float, angle: float) -> NDArray[np.float32]:
    """What a point becomes while the camera moves: a line of this length, in pixels, whose sum is 1."""
    import cv2

    fine, side = 8, 2 * math.ceil(length / 2) + 3
    way = np.array([math.cos(angle), math.sin(angle)]) * length / 2
    middle = side / 2
    begin, end = (np.rint((middle + sign * way) * fine).astype(int) for sign in (-1, 1))
    line = np.zeros((side * fine, side * fine), np.uint8)
    cv2.line(line, begin.tolist(), end.tolist(), 255, fine)
    kernel = cv2.resize(line, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _developed(greys: Images, quality: int) -> Images:
    """A photograph (H, W) after it was a JPEG file of this quality."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(greys).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def _found(greys: Images, written: list[Written], height: float) -> list[tuple[Mark, int]]:
    """The marks that are found on a photograph and are surely those that were written, and their labels.

    One that came in pieces, or with something beside it, is left out: who knows what it looks like.
    """
    way = follow(greys)
    marks = [mark for line in way.lines for mark in line]
    boxes = np.array([way.box(mark) for mark in marks]).reshape(-1, 4)
    middles, longer = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:].max(axis=1)
    found = []
    for x, y, side, label in written:
        away = np.abs(middles - (x, y)).max(axis=1)
        near = np.flatnonzero(away < PITCH / 2 * height)
        if len(near) != 1 or away[near[0]] > ASIDE * height:
            continue
        if SMALLEST * side - 2 < longer[near[0]] < LARGEST * side + 4:
            found.append((marks[near[0]], label))
    return found
