"""Digits as other pens write them: thin and thick, soft and jagged, in a picture of few pixels.

MNIST's writers had one kind of pen and one scanner. Here the edge of each digit is found, another pen draws
it anew, another medium carries it, and it is brought back into MNIST's own form, as a mark on any picture is.
What that leaves of the pen is what a network should not mind.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.datasets.examples import Examples
from byhand.images import mnist_forms
from byhand.threads import cores, side_by_side

Rng = np.random.Generator

Ink = NDArray[np.uint8]
"""A drawing (H, W) of any size, ink 255 on 0."""

FINE = 4
"""A digit is drawn anew on pixels this many times as fine."""

TOGETHER = 500
"""So many are drawn by one thread at a time."""

FLAGGED = 0.5
"""Share of the ones that get an upstroke, as most people outside America write it; it is rare in MNIST."""

RUNNING = 0.4
"""Share of the pens whose ink runs into sharp corners, as between the upstroke and the stem of a 1."""

CROSSED = 0.25
"""Share of the sevens that get a bar across the stem."""

OPENED = 0.1
"""Share of the digits with a ring that is not quite closed."""

FELT = 0.15
"""Share of the pens that are so broad that small loops run full."""

PRESSED = 0.35
"""Share of the pens whose strokes are broader here and narrower there, as the hand presses,"""

PRESSURE = 0.5
"""by up to this share of their width."""

MOST_WORN = 0.75
"""A pen wears no stroke down by more than this share of its width."""

SLANT, LEANING = (8.0, 18.0), 0.12
"""Standard deviation, in degrees, of how much more one hand leans than another; the second one for this share
of the hands, which lean far."""

STRETCH = 0.15
"""Standard deviation of the logarithm of how much wider one hand writes than another."""


def reinked(examples: Examples, rng: Rng) -> Images:
    """Each digit (N, 28, 28) drawn anew by another pen, in MNIST's own form (N, 28, 28) uint8."""

    def draw(chance: Rng, here: slice) -> Images:
        pairs = zip(examples.images[here], examples.labels[here], strict=True)
        return mnist_forms([drawn_anew(image, int(label), chance) for image, label in pairs])

    return in_threads(draw, len(examples), rng)


def in_threads(draw: Callable[[Rng, slice], Images], count: int, rng: Rng) -> Images:
    """So many images, drawn some at a time by each of the cores' threads; their number changes nothing."""
    places = [slice(*ends) for ends in pairwise([*range(0, count, TOGETHER), count])]
    with side_by_side(cores()) as each:
        return np.concatenate(list(each(draw, rng.spawn(len(places)), places)))


def drawn_anew(image: Images, label: int, rng: Rng) -> Ink:
    """One digit (H, W) as another pen draws it, in a picture of another size."""
    inside = inside_of(image)
    if not inside.any():
        return image
    if habit := HABITS.get(label):
        habit(inside, rng)
    return written(inside, rng)


def written(inside: Ink, rng: Rng) -> Ink:
    """What is 1 here (H, W), by some hand, some pen and in some medium."""
    inside = running(a_hand(rng)(inside), rng)
    return MEDIA[rng.integers(len(MEDIA))](a_pen(rng)(inside), rng)


def inside_of(image: Images) -> Ink:
    """1 within the edge of a digit (H, W), found on pixels FINE times as fine; 0 outside."""
    import cv2

    fine = cv2.resize(image, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_CUBIC)
    fine = np.asarray(cv2.GaussianBlur(fine, (0, 0), 0.4 * FINE), np.uint8)
    return (fine > 127).astype(np.uint8)


def a_hand(rng: Rng) -> Callable[[Ink], Ink]:
    """A hand that leans to the right or to the left, and writes wider or narrower.

    The picture (H, W) grows so that all of it is seen.
    """
    slant = min(40.0, abs(rng.normal(0, SLANT[rng.random() < LEANING])))
    lean, wider = math.tan(math.radians(slant * rng.choice((-1, 1)))), math.exp(rng.normal(0, STRETCH))

    def write(inside: Ink) -> Ink:
        import cv2

        height, width = inside.shape
        across = math.ceil(wider * width + abs(lean) * height)
        shift = (across - wider * width + lean * height) / 2
        matrix = np.array([[wider, -lean, shift], [0, 1, 0]])
        return np.asarray(cv2.warpAffine(inside * 255, matrix, (across, height)) > 127).astype(np.uint8)

    return write


def cropped(ink: Ink) -> Ink:
    """A drawing (H, W) without what is empty around its ink; without ink as it is."""
    rows, columns = np.flatnonzero((ink > 127).any(axis=1)), np.flatnonzero((ink > 127).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink


def running(inside: Ink, rng: Rng) -> Ink:
    """The same (H, W), with ink run into corners where no circle of up to 4 of MNIST's pixels has room.

    Rings stay as many as they are. A circle that is an even number of fine pixels across has none in its
    middle, and takes one away along some edges.
    """
    import cv2

    if rng.random() > RUNNING:
        return inside
    across = int(rng.uniform(1, 4) * FINE)
    circle = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    wide = np.pad(inside, across)  # or corners at the border would count as filled
    full = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, circle)[across:-across, across:-across]
    return np.asarray(full, np.uint8) if rings(full) == rings(inside) else inside


def a_pen(rng: Rng) -> Callable[[Ink], Ink]:
    """A pen whose strokes are worn down to a share of their width, or wider all around, or broader here and
    narrower there; their edges are one fine pixel soft."""
    worn = rng.random() < 0.5
    broadest = 2.0 if rng.random() < FELT / 0.5 else 1.3
    by = rng.uniform(0, 0.7) if worn else rng.uniform(0, broadest * FINE)
    pressure = _pressure(rng) if rng.random() < PRESSED else None

    def draw(inside: Ink) -> Ink:
        pressed = 0.0 if pressure is None else pressure(inside.shape)
        known = rings(inside)
        for share in (1, 0.75, 0.5, 0.25, 0):
            if worn:
                edge = within(inside, np.minimum(by + share * pressed, MOST_WORN))
            else:
                edge = within(inside, share * pressed) + share * by
            if (worn and pressure is None) or is_legible((edge > 0).astype(np.uint8), known):
                break
        return np.asarray(np.clip(edge + 0.5, 0, 1) * 255, np.uint8)

    return draw


def _pressure(rng: Rng) -> Callable[[tuple[int, ...]], NDArray[np.float32]]:
    """How hard a hand presses at each place of a picture (H, W): the share of its width that a stroke lacks,
    or, where it is negative, has besides."""
    corners = rng.uniform(-PRESSURE, PRESSURE, (3, 3)).astype(np.float32)

    def press(shape: tuple[int, ...]) -> NDArray[np.float32]:
        import cv2

        return np.asarray(cv2.resize(corners, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)

    return press


def within(inside: Ink, worn: float | NDArray[np.floating] = 0) -> NDArray[np.float32]:
    """How far inside the edge of what is 1 (H, W) each place is, in fine pixels; outside it is negative.

    `worn` is the share of its width that a stroke has lost, everywhere or at each place (H, W); where it is
    thin already it loses less, or it would break.
    """
    import cv2

    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    edge = depth - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    if np.any(worn):
        edge -= worn * cv2.dilate(depth, np.ones((2 * FINE + 1, 2 * FINE + 1), np.uint8))
    return np.asarray(edge, np.float32)


def is_legible(inside: Ink, known: int) -> bool:
    """Whether a digit with so many rings is still one: a loop may run full, but not both of an 8, and no gap
    closes, which would make an 8 or a 9 of a 3."""
    return known // 2 <= rings(inside) <= known


def rings(inside: Ink) -> int:
    """How many holes there are in what is 1 (H, W)."""
    import cv2

    paper = cv2.copyMakeBorder(1 - inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    return int(cv2.connectedComponents(paper, connectivity=4)[0]) - 2  # its surroundings, and what is inside


# -- habits: how people elsewhere write


def _flag(inside: Ink, rng: Rng) -> None:
    """An upstroke from the left to the top of a 1; sometimes a foot."""
    if rng.random() > FLAGGED:
        return
    rows = np.flatnonzero(inside.any(axis=1))
    height = len(rows)
    top, bottom = rows[min(FINE // 2, height - 1)], rows[-min(FINE // 2, height)]  # rows that have ink
    tip = float(np.flatnonzero(inside[top]).mean())
    length, angle = height * rng.uniform(0.2, 0.7), rng.uniform(0.3, 0.95)  # radians from upright
    end = tip - length * np.sin(angle), top + length * np.cos(angle)
    width = _stroke(inside)
    _line(inside, (tip, top), end, width)
    if rng.random() < 0.35:
        middle, reach = float(np.flatnonzero(inside[bottom]).mean()), height * rng.uniform(0.12, 0.3)
        _line(inside, (middle - reach, bottom), (middle + reach, bottom), width)


def _bar(inside: Ink, rng: Rng) -> None:
    """A bar across the stem of a 7."""
    if rng.random() > CROSSED:
        return
    rows = np.flatnonzero(inside.any(axis=1))
    height = len(rows)
    row = rows[int(height * rng.uniform(0.42, 0.62))]
    middle, reach = float(np.flatnonzero(inside[row]).mean()), height * rng.uniform(0.14, 0.28)
    rise = height * rng.normal(0, 0.03)
    _line(inside, (middle - reach, row + rise), (middle + reach, row - rise), _stroke(inside))


def _gap(inside: Ink, rng: Rng) -> None:
    """A ring that was not closed: a gap in it, mostly at the top, as seen from its middle."""
    import cv2

    if rng.random() > OPENED:
        return
    count, _, sizes, middles = cv2.connectedComponentsWithStats(1 - inside, connectivity=4)
    rings = [hole for hole in range(1, count) if not _at_the_edge(sizes[hole], inside.shape)]
    if not rings:
        return
    x, y = middles[rings[rng.integers(len(rings))]]
    angle, half = rng.normal(-np.pi / 2, 0.6), rng.uniform(0.05, 0.25)  # radians
    far = 2.0 * max(inside.shape)
    wedge = [(x, y)] + [(x + far * np.cos(a), y + far * np.sin(a)) for a in (angle - half, angle + half)]
    opened = inside.copy()
    cv2.fillPoly(opened, [np.rint(wedge).astype(np.int32)], 0)
    if cv2.connectedComponents(opened)[0] == 2:  # in one piece, beside the paper
        np.copyto(inside, opened)


def _at_the_edge(box: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether a box, (x, y, w, h) and what else, reaches the edge of a picture (H, W)."""
    x, y, w, h = (int(side) for side in box[:4])
    return x == 0 or y == 0 or x + w == shape[1] or y + h == shape[0]


HABITS: dict[int, Callable[[Ink, Rng], None]] = {0: _gap, 1: _flag, 6: _gap, 7: _bar, 8: _gap, 9: _gap}


def _stroke(inside: Ink) -> int:
    """Usual width of the strokes, in fine pixels."""
    import cv2

    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    ridge = (depth > 0) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)))
    return max(2, round(2 * float(np.median(depth[ridge]))) - 1)


def _line(inside: Ink, begin: tuple[float, float], end: tuple[float, float], width: int) -> None:
    import cv2

    corners = [(round(x), round(y)) for x, y in (begin, end)]
    cv2.line(inside, corners[0], corners[1], 1, width)


# -- media: what carries the ink


def _crisp(ink: Ink, rng: Rng) -> Ink:
    return ink


def _blurred(ink: Ink, rng: Rng) -> Ink:
    """Out of focus, by up to one and a half of MNIST's pixels."""
    import cv2

    return np.asarray(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.2, 1.5) * FINE), np.uint8)


def _jagged(ink: Ink, rng: Rng) -> Ink:
    """Black and white, 16 to 80 pixels high."""
    small = _shrunk(ink, rng.uniform(16, 80), rng)
    return np.where(small > rng.uniform(90, 165), 255, 0).astype(np.uint8) if small.max() > 165 else small


def _few_pixels(ink: Ink, rng: Rng) -> Ink:
    """A picture of 8 to 16 pixels and 17 greys, with a margin.

    Who writes for so few pixels writes with a broad pen, or nothing would be left of a stroke.
    """
    import cv2

    pixels = int(8 + 9 * rng.random() ** 3)  # the fewer, the harder: more of those
    broader = np.ones((1 + int(rng.uniform(0, 0.8) * len(ink) / pixels),) * 2, np.uint8)
    small = _shrunk(np.asarray(cv2.dilate(ink, broader), np.uint8), float(pixels), rng)
    return np.pad((np.rint(small * (16 / 255)) * (255 / 16)).astype(np.uint8), 1)


def _coarse(ink: Ink, rng: Rng) -> Ink:
    """A picture of few pixels, enlarged in one of the usual ways."""
    import cv2

    small = _few_pixels(ink, rng)
    hows = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
    times = int(rng.integers(3, 9))
    how = hows[rng.integers(len(hows))]
    return np.asarray(cv2.resize(small, None, fx=times, fy=times, interpolation=how), np.uint8)


def _retraced(ink: Ink, rng: Rng) -> Ink:
    """A picture of few pixels, enlarged smoothly, whose edge another pen followed: corners become round."""
    import cv2

    coarse = _few_pixels(ink, rng)
    times = max(2, round(80 / max(coarse.shape)))
    how = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[rng.integers(2)]
    smooth = cv2.resize(coarse, None, fx=times, fy=times, interpolation=how)
    smooth = cv2.GaussianBlur(smooth, (0, 0), times * rng.uniform(0.1, 0.4))
    inside = (smooth > rng.uniform(0.25, 0.65) * smooth.max()).astype(np.uint8)
    return a_pen(rng)(inside) if inside.any() else coarse


MEDIA = (_crisp, _blurred, _jagged, _coarse, _coarse, _retraced, _retraced, _retraced)


def _shrunk(ink: Ink, size: float, rng: Rng) -> Ink:
    """The digit with its longer side `size` pixels long, which do not begin where it begins."""
    import cv2

    rows, columns = np.flatnonzero(ink.max(axis=1) > 127), np.flatnonzero(ink.max(axis=0) > 127)
    if not len(rows):
        return ink
    digit = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    pixel = max(digit.shape) / size
    before, after = (np.ceil(rng.random((2, 2)) * pixel * (rng.random() < 0.5))).astype(int)
    digit = np.pad(digit, np.stack([before, after], axis=1))
    height, width = (max(1, round(side / pixel)) for side in digit.shape)
    how = cv2.INTER_AREA if pixel > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(digit, (width, height), interpolation=how), np.uint8)
