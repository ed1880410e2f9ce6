"""Scribbles and shapes, drawn line by line: some to learn from, others to score with.

What teaches never measures (byhand.datasets.nondigits): smooth curves and sums of sines are different
scribbles, and each shape is for one of the two parts alone.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from byhand.datasets.pens import Ink

Part = Literal["fitting", "scoring"]
"""What examples are for: to learn from, or to score with."""

Rng = np.random.Generator

Points = NDArray[np.float64]
"""Corners of a line (N, 2), x and y, the drawing reaching from -1 to 1."""

CANVAS = 72
"""Rows and columns of a drawing."""


def _inked(lines: Sequence[Points], rng: Rng) -> Ink:
    """Lines as a pen of any width draws them."""
    import cv2

    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    width = int(rng.integers(2, 9))
    reach = CANVAS / 2 - 7
    corners = [np.rint((line * reach + CANVAS / 2) * 16).astype(np.int32) for line in lines]
    cv2.polylines(canvas, corners, False, 255, width, cv2.LINE_AA, shift=4)
    return canvas


def _placed(lines: Sequence[Points], rng: Rng, turn: float = 0.15) -> Ink:
    """Lines, turned and stretched as if by hand, within the canvas."""
    angle, stretch = rng.normal(0, turn), rng.uniform(0.75, 1.0, 2)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * stretch
    shaken = [line @ matrix.T + rng.normal(0, 0.03, line.shape) * (len(line) < 12) for line in lines]
    furthest = max(1.0, float(np.abs(np.concatenate(shaken)).max()))
    return _inked([line / furthest for line in shaken], rng)


def curve(rng: Rng) -> Ink:
    """A smooth line through 7 to 15 points: too many turns for any digit."""
    count = int(rng.integers(7, 16))
    points = rng.uniform(-1, 1, (count, 2))
    t = np.linspace(0, count - 1, 12 * count)
    at = np.minimum(t.astype(np.int64), count - 2)
    part = (t - at)[:, None]
    before, here = points[np.maximum(at - 1, 0)], points[at]
    there, after = points[at + 1], points[np.minimum(at + 2, count - 1)]
    # Catmull and Rom, "A class of local interpolating splines", 1974
    bend = part * (there - before + part * (2 * before - 5 * here + 4 * there - after))
    line = here + 0.5 * (bend + part**3 * (3 * (here - there) + after - before))
    return _placed([line], rng)


def waves(rng: Rng) -> Ink:
    """A zigzag, or a line whose x and y are sums of three sines."""
    if rng.random() < 0.4:
        count = int(rng.integers(6, 16))
        x = np.linspace(-1, 1, count) + rng.normal(0, 0.06, count)
        y = np.where(np.arange(count) % 2, 1, -1) * rng.uniform(0.3, 1, count)
        return _placed([np.c_[x, y]], rng, turn=3.0)
    t = np.linspace(0, 2 * np.pi, 160)[:, None, None]
    waves = np.sin(rng.uniform(1.5, 6, (2, 3)) * t + rng.uniform(0, 2 * np.pi, (2, 3)))
    line = (waves * rng.uniform(0.3, 1, (2, 3))).sum(axis=2)
    return _placed([line / np.abs(line).max()], rng)


def shape(part: Part, rng: Rng) -> Ink:
    """One of the shapes of a part."""
    shapes = _SHAPES[part]
    lines, turn = shapes[rng.integers(len(shapes))](rng)
    return _placed(lines, rng, turn)


def _line(*corners: tuple[float, float]) -> Points:
    points: Points = np.array(corners, np.float64)
    return points


def _ring(size: float = 1.0, x: float = 0.0, y: float = 0.0) -> Points:
    t = np.linspace(0, 2 * np.pi, 40)
    points: Points = np.c_[x + size * np.cos(t), y + size * np.sin(t)]
    return points


def _cross(rng: Rng) -> tuple[list[Points], float]:
    return [_line((-1, -1), (1, 1)), _line((-1, 1), (1, -1))], 0.5


def _triangle(rng: Rng) -> tuple[list[Points], float]:
    peak = rng.uniform(-0.6, 0.6)
    return [_line((-1, 0.9), (peak, -1), (1, 0.9), (-1, 0.9))], 3.0


def _bars(rng: Rng) -> tuple[list[Points], float]:
    """Two to four parallel lines; one alone could be a 1."""
    return [_line((-1, y), (1, y)) for y in np.linspace(-1, 1, int(rng.integers(2, 5)))], 3.0


def _circled(rng: Rng) -> tuple[list[Points], float]:
    """A circle around a dot, a cross, a face or a smaller circle; but not a stroke, as some 0 have."""
    inside = [
        [_ring(0.08)],
        [_line((-0.7, -0.7), (0.7, 0.7)), _line((-0.7, 0.7), (0.7, -0.7))],
        [_ring(0.06, -0.35, -0.3), _ring(0.06, 0.35, -0.3), _line((-0.45, 0.3), (0, 0.5), (0.45, 0.3))],
        [_ring(0.5)],
    ]
    return [_ring(), *inside[rng.integers(len(inside))]], 0.2


def _house(rng: Rng) -> tuple[list[Points], float]:
    walls = _line((-0.8, 0), (-0.8, 1), (0.8, 1), (0.8, 0), (-0.8, 0), (0, -1), (0.8, 0))
    return [walls, _line((-0.8, 0), (0.8, 1))][: int(rng.integers(1, 3))], 0.1


def _polygon(rng: Rng) -> tuple[list[Points], float]:
    """Five to nine corners around a middle, near it and far from it: a kite, a leaf, a splash."""
    turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 10))))
    corners = rng.uniform(0.3, 1, len(turns))[:, None] * np.c_[np.cos(turns), np.sin(turns)]
    return [np.r_[corners, corners[:1]]], 3.0


def _regular(rng: Rng) -> tuple[list[Points], float]:
    """A square, a pentagon or a hexagon, as wide as high: a 0 has no corners."""
    corners = int(rng.integers(4, 7))
    turns = np.pi * (2 * np.arange(corners + 1) + 1) / corners + np.pi / 2
    return [np.c_[np.cos(turns), np.sin(turns)]], 0.15


def _cloud(rng: Rng) -> tuple[list[Points], float]:
    """A ring of six to nine bows: outwards as a cloud's or a flower's, or inwards."""
    bows, deep = int(rng.integers(6, 10)), rng.uniform(0.2, 0.45) * rng.choice((-1, 1))
    t = np.linspace(0, 2 * np.pi, 90)
    radius = 1 + deep * np.abs(np.sin(bows * t / 2))
    return [np.c_[radius * np.cos(t), rng.uniform(0.6, 1) * radius * np.sin(t)] / radius.max()], 0.3


def _coil(rng: Rng) -> tuple[list[Points], float]:
    """Three to five loops, one beside the other."""
    loops = int(rng.integers(3, 6))
    t = np.linspace(0, 2 * np.pi * loops, 30 * loops)
    line = np.c_[t * rng.uniform(0.12, 0.25) + np.sin(t), rng.uniform(1, 2) * np.cos(t)]
    line -= (line.max(axis=0) + line.min(axis=0)) / 2
    return [line / np.abs(line).max()], rng.choice((0.2, 3.0))


def _strokes(rng: Rng) -> tuple[list[Points], float]:
    """Three to six straight and bent strokes, anywhere."""
    lines = []
    for _ in range(rng.integers(3, 7)):
        begin, end = rng.uniform(-1, 1, (2, 2))
        t = np.linspace(0, 1, 12)[:, None]
        bow = rng.normal(0, 0.6) * np.array([begin[1] - end[1], end[0] - begin[0]])
        lines.append(begin + t * (end - begin) + 4 * t * (1 - t) * bow * (rng.random() < 0.5))
    return lines, 0.5


def _tick(rng: Rng) -> tuple[list[Points], float]:
    return [_line((-1, rng.uniform(-0.1, 0.4)), (-0.4, 0.9), (1, -0.9))], 0.1


def _arrow(rng: Rng) -> tuple[list[Points], float]:
    """Arrows to the left, right, and below; one that points up is a person's 1."""
    size = rng.uniform(0.35, 0.7)
    arrow = [_line((-1, 0), (1, 0)), _line((1 - size, -size), (1, 0), (1 - size, size))]
    down, left = np.array([[0, 1], [1, 0]]), np.array([[-1, 0], [0, 1]])
    way = [np.eye(2), down, left][rng.integers(3)]
    return [line @ way for line in arrow], 0.25


def _star(rng: Rng) -> tuple[list[Points], float]:
    turns = np.arange(6) * 4 * np.pi / 5
    return [np.c_[np.sin(turns), -np.cos(turns)]], 0.3


def _heart(rng: Rng) -> tuple[list[Points], float]:
    t = np.linspace(0, 2 * np.pi, 60)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return [np.c_[np.sin(t) ** 3, -y / 17]], 0.2


def _spiral(rng: Rng) -> tuple[list[Points], float]:
    t = np.linspace(0.3, rng.uniform(2.2, 4) * 2 * np.pi, 160)
    return [np.c_[t * np.cos(t), t * np.sin(t)] / t[-1]], 3.0


_Draw = Callable[[Rng], tuple[list[Points], float]]
_SHAPES: dict[Part, list[_Draw]] = {
    "fitting": [
        *(_cross, _triangle, _bars, _circled, _house, _regular, _cloud, _coil),
        *(_polygon, _polygon, _strokes, _strokes),
    ],
    "scoring": [_tick, _arrow, _star, _heart, _spiral],
}
