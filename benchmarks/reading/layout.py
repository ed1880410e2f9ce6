"""Where the digits of a page lie: numbers in lines, written by one pen, by a hand that is not quite even."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.strokes import MARGIN, SAMPLES, Stroke

Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Placed:
    """A stroke on the page: `height` of its box in pixels, box's middle (x, y), slant, half width of the pen.

    The pen is in units of the box. `touches` says that it touches the digit before it.
    """

    stroke: Stroke
    line: int
    x: float
    y: float
    height: float
    slant: float
    pen: float
    touches: bool = False


@dataclass(frozen=True)
class Spacing:
    """Distances in shares of the height: between digits, between lines; how uneven the hand is."""

    gap: tuple[float, float] = (0.12, 0.45)
    lines: tuple[float, float] = (1.5, 2.2)
    uneven: float = 0.04
    touching: float = 0.0


def written(
    numbers: list[list[Stroke]], height: float, pen: float, spacing: Spacing, rng: Rng
) -> list[Placed]:
    """The numbers, one a line, of digits about `height` pixels high, drawn by a pen `pen` pixels wide."""
    placed: list[Placed] = []
    pitch = height * rng.uniform(*spacing.lines)
    slant = rng.normal(0, 0.08)
    usual = rng.uniform(*spacing.gap)
    indent = rng.choice([0.0, 0.6]) * height
    for line, strokes in enumerate(numbers):
        slope = rng.normal(0, 0.008)
        x = rng.uniform(0, 1) * indent
        before: _Outline | None = None
        for stroke in strokes:
            size = height * np.exp(rng.normal(0, spacing.uneven * 1.3))
            lean = slant + rng.normal(0, 0.03)
            half = pen / 2 / size
            outline = _Outline.of(stroke, size, half, lean)
            touches = before is not None and rng.random() < spacing.touching
            down = rng.normal(0, spacing.uneven * height) + slope * x
            if before is not None:
                gap = max(usual * rng.uniform(0.75, 1.3), spacing.gap[0]) * height
                gap = -rng.uniform(0.1, 0.6) * min(pen, 0.1 * height) if touches else max(gap, 4.0)
                x, touches = before.until(outline, gap, touches)
            placed.append(
                Placed(stroke, line, x, line * pitch + down - outline.bottom, size, lean, half, touches)
            )
            before = outline.at(x, line * pitch + down - outline.bottom)
    return placed


@dataclass(frozen=True, eq=False)
class _Outline:
    """Leftmost and rightmost ink in each row of pixels, from the middle of the digit's box."""

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    first: float  # the row of left[0], from the middle of the box
    bottom: float
    x: float = 0.0
    y: float = 0.0

    @staticmethod
    def of(stroke: Stroke, size: float, half: float, lean: float) -> "_Outline":
        ink = stroke.drawn(half) > 0
        scale = size / SAMPLES
        rows = np.flatnonzero(ink.any(axis=1))
        middle = SAMPLES / 2 + MARGIN
        # the two sheared edges of each row, put on whole pixels
        y = (rows - middle) * scale
        left = (ink[rows].argmax(axis=1) - middle) * scale - lean * y
        right = (ink.shape[1] - ink[rows, ::-1].argmax(axis=1) - middle) * scale - lean * y
        grid = np.arange(np.floor(y[0]), np.ceil(y[-1]) + 1)
        return _Outline(np.interp(grid, y, left), np.interp(grid, y, right), float(grid[0]), float(y[-1]))

    def at(self, x: float, y: float) -> "_Outline":
        return _Outline(self.left, self.right, self.first, self.bottom, x, y)

    def until(self, other: "_Outline", gap: float, touches: bool) -> tuple[float, bool]:
        """The x of the next digit, at least `gap` from this one in any row; and whether they touch."""
        mine = {round(self.y + self.first + i): self.x + value for i, value in enumerate(self.right)}
        # the next digit stands on the same line
        shift = self.y + self.bottom - other.bottom
        theirs = {round(shift + other.first + i): value for i, value in enumerate(other.left)}
        shared = mine.keys() & theirs.keys()
        nearest = max((mine[row] - theirs[row] for row in shared), default=-np.inf)
        box = self.x + self.right.max() - other.left.min()
        # a digit may lean under its neighbour, but not far
        under = 0.3 * (other.right.max() - other.left.min()) if touches else 0.0
        return max(nearest + gap, float(box) - under), touches and nearest + gap > box - under
