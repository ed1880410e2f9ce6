"""Digits drawn stroke by stroke, in forms that schools elsewhere teach and that MNIST's writers hardly used.

A 4 whose stem is short or whose top is open, a 9 with a hook, a 1 with a foot, a 7 with a bar: a network that
has seen a form a dozen times in 50,000 digits reads it as whatever else comes near. Here each digit is a few
strokes, each stroke the points that a pen passes by; what may differ from hand to hand is left to chance.
They are nobody's handwriting, and only added to that of people.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images, Labels
from byhand.datasets.pens import FINE, Ink, in_threads, is_legible, rings, written
from byhand.images import mnist_forms

Rng = np.random.Generator

RINGED = (0, 4, 6, 8, 9)
"""Digits that may have a ring; a gap in any other is never closed."""

Stroke = list[tuple[float, float]]
"""Points (x, y) that a pen passes by, from left to right and from the top down, most between 0 and 1. It
turns a corner where a point comes twice."""

WARP = 0.035
"""How far whole digits are bent, as a share of their height: a standard deviation for each kind of bend,"""

ENDS = 0.035
"""and how far the ends of their strokes are from where they should be."""

HEIGHT = 20 * FINE
"""Pixels that a digit is high."""


def stroke_digits(count: int, rng: Rng) -> tuple[Images, Labels]:
    """So many digits in MNIST's own form (count, 28, 28) uint8, and their labels (count,), in turn 0 to 9."""
    labels = np.arange(count) % 10

    def draw(chance: Rng, here: slice) -> Images:
        return mnist_forms([written(stroke_digit(int(label), chance), chance) for label in labels[here]])

    return in_threads(draw, count, rng), labels


def stroke_digit(label: int, rng: Rng) -> Ink:
    """One digit in strokes of one width: 1 within them, 0 outside (H, W)."""
    import cv2

    strokes = [_followed(np.array(stroke, float), rng) for stroke in DIGITS[label](rng)]
    bend = rng.normal(0, WARP, (6, 2))
    size = HEIGHT * np.array([rng.uniform(0.5, 0.85), 1.0])
    strokes = [(stroke + _bends(stroke) @ bend) * size for stroke in strokes]
    width = int(rng.integers(FINE, 3 * FINE))
    points = np.concatenate(strokes)
    low = points.min(axis=0) - width
    across, down = np.ceil(points.max(axis=0) + width - low).astype(int)
    lines = [np.rint((stroke - low) * 16).astype(np.int32) for stroke in strokes]  # in sixteenths of a pixel

    def drawn(width: int) -> Ink:
        return np.asarray(cv2.polylines(np.zeros((down, across), np.uint8), lines, False, 1, width, shift=4))

    known = rings(drawn(FINE if label in RINGED else 1))  # the thinnest pen closes a hair's gap in a ring
    while width > FINE and not is_legible(drawn(width + FINE // 2), known):  # some paper is left in each gap
        width -= 1
    return drawn(width)


def _followed(points: NDArray[np.floating], rng: Rng) -> NDArray[np.floating]:
    """The line that a pen draws past these points (N, 2), with ends that are a little off.

    Each corner is cut at a quarter of both sides, three times over: what remains is nearly a quadratic
    B-spline (Chaikin, An algorithm for high speed curve generation, 1974).
    """
    points[[0, -1]] += rng.normal(0, ENDS, (2, 2))
    for _ in range(3):
        before, after = points[:-1], points[1:]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1)
        points = np.concatenate([points[:1], cut.reshape(-1, 2), points[-1:]])
    return points


def _bends(points: NDArray[np.floating]) -> NDArray[np.floating]:
    """What a bend of the whole digit may depend on (N, 6): strokes that meet still meet after it."""
    x, y = 2 * points.T - 1
    return np.stack([x, y, x * y, x * x, y * y, np.sin(np.pi * y)], axis=1)


def _often(rng: Rng, share: float) -> bool:
    return bool(rng.random() < share)


def _zero(rng: Rng) -> list[Stroke]:
    """An oval that begins somewhere at the top, and stops before or after its beginning."""
    begin = rng.normal(-1.7, 0.4)  # radians; y points down, so that is at the top
    angles = np.linspace(begin, begin - 2 * np.pi - rng.normal(0.1, 0.2), 14)
    return [[(0.5 + 0.5 * np.cos(a), 0.5 + 0.5 * np.sin(a)) for a in angles]]


def _one(rng: Rng) -> list[Stroke]:
    """A stem; an upstroke before it, straight or bowed; a foot."""
    u = rng.uniform
    stem = 0.5 + rng.normal(0, 0.04)
    strokes: list[Stroke] = [[(0.5, 0), (stem, 1)]]
    if _often(rng, 0.8):
        reach = u(0.15, 0.65)
        x, y = 0.5 - reach, u(0.4 * reach, 0.6)  # a long one that lies would make a 7
        strokes = [
            [(x, y), ((x + 0.5) / 2 + u(-0.03, 0.1), y / 2 + u(-0.02, 0.08)), (0.5, 0), (0.5, 0), (stem, 1)]
        ]
        if _often(rng, 0.5):
            strokes.append([(stem - u(0.15, 0.5), 1), (stem + u(0.15, 0.5), 1 + rng.normal(0, 0.02))])
    return strokes


def _two(rng: Rng) -> list[Stroke]:
    """A bow, a neck, and a base: a corner, or a loop."""
    u = rng.uniform
    bow = [(u(0, 0.12), u(0.12, 0.35)), (0.15, 0.0), (0.8, -0.06), (u(0.85, 1), 0.35), (u(0.5, 0.7), 0.65)]
    if _often(rng, 0.35):
        base = [(0.2, 1.0), (-0.05, 1.05), (-0.05, u(0.78, 0.88)), (0.3, u(0.82, 0.95)), (0.6, 1.02)]
    else:
        base = [(0.0, 1.0), (0.0, 1.0), (0.45, 1 + u(-0.08, 0.02))]
    return [bow + base + [(u(0.85, 1.05), 1 + u(-0.1, 0.05))]]


def _three(rng: Rng) -> list[Stroke]:
    """A round or a flat top, a corner or a loop, a belly."""
    u = rng.uniform
    y = u(0.4, 0.5)
    waist = (u(0.3, 0.55), y)
    top = [(u(0, 0.15), u(0.08, 0.2)), (0.25, -0.05), (0.9, -0.05), (0.9, 0.35)]
    if _often(rng, 0.3):
        top = [(u(0, 0.15), u(-0.02, 0.05)), (0.85, 0.0), (0.85, 0.0)]
    turn = [waist, waist] if _often(rng, 0.7) else [(0.4, y), (0.3, y + 0.06), (0.5, y + 0.03)]
    return [
        [
            *top,
            *turn,
            (0.95, y),
            (u(0.95, 1.05), 0.8),
            (0.6, 1.05),
            (0.15, 1.02),
            (u(-0.05, 0.1), u(0.8, 0.95)),
        ]
    ]


def _four(rng: Rng) -> list[Stroke]:
    """A stroke down to a bar, in a corner, a bend or a bowl, and a stem: tall, short, or from the top."""
    u = rng.uniform
    stem, bar = u(0.55, 0.9), u(0.5, 0.78)
    closed = _often(rng, 0.25)
    top = u(-0.05, 0.05) if closed else u(-0.05, 0.9) * bar
    begin = (stem if closed else u(0.05, 0.65) * stem, 0.0)
    corner = (u(-0.02, 0.1), bar)
    kind = rng.random()
    if kind < 0.45:
        turn = [corner, corner]
    elif kind < 0.7:
        turn = [corner]
    else:
        turn = [(corner[0], 0.6 * bar), (corner[0], bar + 0.04), (0.5 * stem, bar + 0.04)]
    end = (min(1.1, stem + u(0.02, 0.5)), bar + rng.normal(-0.02, 0.06))
    foot = (stem - u(-0.03, 0.2), u(0.95, 1.05))
    return [[begin, *turn, end], [(stem + u(-0.02, 0.08), top), foot]]


def _five(rng: Rng) -> list[Stroke]:
    """A bar, in one go with the rest or put on afterwards, then now and then beside the rest; a neck and a
    belly."""
    u = rng.uniform
    neck, y = (u(0.1, 0.25), 0.0), u(0.36, 0.5)
    bar = (u(0.65, 1.05), u(-0.1, 0.06))
    waist = (u(0.0, 0.18), y)
    corner = [waist] * (1 if _often(rng, 0.3) else 2)
    belly = [
        (0.6, y - 0.12),
        (u(0.9, 1.05), 0.5),
        (u(0.85, 1), 0.95),
        (0.45, 1.04),
        (u(-0.1, 0.1), u(0.82, 1.0)),
    ]
    if _often(rng, 0.5):
        return [[bar, neck, *([neck] if _often(rng, 0.7) else []), *corner, *belly]]
    begin, end = (neck[0] + u(-0.04, 0.08), u(-0.04, 0.06)), bar
    if _often(rng, 0.3):
        gap, longer = u(0.1, 0.3), u(0, 0.4)
        begin, end = (begin[0] + gap, begin[1]), (bar[0] + gap + longer, bar[1])
    return [[neck, *corner, *belly], [begin, end]]


def _six(rng: Rng) -> list[Stroke]:
    """A stem, bowed or straight, and a ring that closes at the stem, inside or beyond it."""
    u = rng.uniform
    y = u(0.45, 0.62)
    stem = [(u(0.45, 0.95), u(-0.03, 0.05)), (u(0.05, 0.35), u(0.2, 0.35)), (-0.02, 0.75)]
    ring = [
        (0.1, 1.05),
        (0.9, 1.05),
        (u(0.85, 1), y + 0.12),
        (0.6, y - 0.06),
        (0.25, y),
        (u(-0.05, 0.2), y + u(0.1, 0.3)),
    ]
    return [stem + ring]


def _seven(rng: Rng) -> list[Stroke]:
    """A bar, with a hook or not, a corner or a bend, a stem, straight or bowed; a bar across the stem."""
    u = rng.uniform
    right, foot = (u(0.8, 1.0), u(-0.03, 0.05)), (u(0.1, 0.6), 1.0)
    hook = (
        [(0.02, u(0.12, 0.4)), (0.02, 0.03), (0.02, 0.03)] if _often(rng, 0.25) else [(0.0, u(-0.03, 0.08))]
    )
    wave = [(0.3, -0.06), (0.6, 0.1)] if _often(rng, 0.2) else []
    middle = ((right[0] + foot[0]) / 2 + u(-0.18, 0.03), u(0.4, 0.6))
    corner = [right] if _often(rng, 0.15) else [right, right]
    strokes: list[Stroke] = [[*hook, *wave, *corner, middle, foot]]
    if _often(rng, 0.45):
        x, y = middle[0] + u(-0.03, 0.1), u(0.42, 0.6)
        strokes.append([(x - u(0.15, 0.4), y + u(-0.04, 0.08)), (x + u(0.15, 0.4), y + u(-0.08, 0.04))])
    return strokes


def _eight(rng: Rng) -> list[Stroke]:
    """Two rings in one go, or one upon the other."""
    u = rng.uniform
    y = u(0.4, 0.52)
    if _often(rng, 0.25):
        rings = []
        for middle, half, wide in (
            ((y + 0.02) / 2, (y + 0.06) / 2, u(0.32, 0.45)),
            ((1 + y) / 2, (1.04 - y) / 2, 0.5),
        ):
            begin = rng.uniform(-np.pi, np.pi)
            angles = np.linspace(begin, begin - 2 * np.pi, 12)
            rings.append([(0.5 + wide * np.cos(a), middle + half * np.sin(a)) for a in angles])
        return rings
    end = (u(0.6, 0.95), u(0.05, 0.25))
    first = (u(0.65, 0.95), u(0.05, 0.25))
    down = [(0.65, -0.05), (0.1, -0.05), (0.1, y - 0.1), (0.5, y), (1.0, y + 0.12), (1.0, 1.02)]
    up = [(0.0, 1.02), (0.0, y + 0.15), (0.45, y), (0.85, y - 0.12)]
    return [[first, *down, *up, end]]


def _nine(rng: Rng) -> list[Stroke]:
    """A ring, closed or not quite, and a stem, in one go or put to it: straight, bowed, or with a hook."""
    u = rng.uniform
    if _often(rng, 0.25):
        return _swinging_nine(rng)
    y, right = u(0.38, 0.58), u(0.8, 0.95)
    begin = (right - u(-0.03, 0.15), u(0.0, 0.15))
    ring = [begin, (0.6, -0.06), (0.05, -0.05), (0.0, y - 0.08), (0.3, y + 0.05)]
    kind = rng.random()
    if kind < 0.35:
        stem = [(right, 0.2), (right - u(-0.03, 0.25), 1.0)]
    elif kind < 0.6:
        stem = [(right + 0.03, 0.5), (u(0.5, 0.75), 0.85), (u(0.2, 0.5), 1.02)]
    else:
        stem = [
            (right + 0.05, 0.75),
            (u(0.6, 0.85), 1.04),
            (u(0.25, 0.4), 1.04),
            (u(-0.05, 0.2), u(0.8, 0.95)),
        ]
    if _often(rng, 0.3):
        return [
            [*ring, (u(0.5, 0.9) * right, y - u(-0.04, 0.06))],
            [(right + u(-0.04, 0.04), u(-0.05, 0.1)), *stem],
        ]
    end = (right + 0.02, u(0.0, 0.2))
    return [[*ring, (0.75, y), end, end, *stem]]


def _swinging_nine(rng: Rng) -> list[Stroke]:
    """A small ring at the top left, from which the stem swings out to the right and far back, as in an S."""
    u = rng.uniform
    y, right = u(0.26, 0.42), u(0.5, 0.75)
    begin = (right, u(0.05, 0.5) * y)
    ring = [
        (0.7 * right, -0.05),
        (0.05, -0.05),
        (0.0, y),
        (0.4 * right, y + 0.06),
        (right, 0.9 * y),
        begin,
        begin,
    ]
    out = [(right + 0.02, y + u(0.0, 0.1)), (u(0.85, 1.05), y + u(0.12, 0.25)), (u(0.85, 1.0), u(0.85, 1.0))]
    return [[*ring, begin, *out, (0.5, u(0.98, 1.04)), (u(-0.1, 0.25), u(0.85, 1.05))]]


DIGITS: tuple[Callable[[Rng], list[Stroke]], ...] = (
    _zero,
    _one,
    _two,
    _three,
    _four,
    _five,
    _six,
    _seven,
    _eight,
    _nine,
)
"""How each digit is drawn."""
