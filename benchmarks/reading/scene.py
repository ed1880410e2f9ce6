"""A page under its light before the camera."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.reading import camera, paper
from benchmarks.reading.layout import Placed
from benchmarks.reading.strokes import MARGIN, SAMPLES

Rng = np.random.Generator
Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]


class Scene:
    """A page under its light before the camera, computed for each pixel of the picture."""

    def __init__(
        self, rng: Rng, levels: dict[str, int], shape: tuple[int, int], placed: list[Placed], height: float
    ) -> None:
        self.rng, self.levels, self.shape, self.placed, self.height = rng, levels, shape, placed, height
        self.block = (
            _block(placed) if placed else np.array([(0, 0), (400, 0), (400, 300), (0, 300)], np.float64)
        )
        centre = self.block.mean(axis=0)
        degrees = _signed(rng, (1.0, 4, 9, 15), levels["tilt"])
        span = float(np.ptp(self.block, axis=0).max())
        pinch = abs(_signed(rng, (0.0, 0.08, 0.2, 0.35), levels["perspective"])) / max(span, 1.0)
        about = np.eye(3)
        about[:2, 2] = -centre
        matrix = camera.view(rng, degrees, pinch) @ about
        self.matrix = camera.placed(matrix, self.block, shape, rng, 1.0)
        corners = camera.project(self.matrix, self.block)
        self.zoom = float(
            np.ptp(corners, axis=0).max() / np.ptp(camera.project(matrix, self.block), axis=0).max()
        )
        self.masks = [self._mask(digit) for digit in placed]

    def _mask(self, digit: Placed) -> tuple[int, int, Field]:
        """Top row, left column and coverage (h, w) of one digit in the picture."""
        reach = digit.height * (0.5 + MARGIN / SAMPLES)
        across = reach * (1 + abs(digit.slant))
        corners = np.array([(digit.x + a * across, digit.y + b * reach) for a in (-1, 1) for b in (-1, 1)])
        found = camera.project(self.matrix, corners)
        low = np.maximum(np.floor(found.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(found.max(axis=0)).astype(int) + 2, (self.shape[1], self.shape[0]))
        u, v = camera.page_coordinates(self.matrix, np.arange(low[1], high[1]), np.arange(low[0], high[0]))
        scale = SAMPLES / digit.height
        middle = (SAMPLES - 1) / 2 + MARGIN
        y = v - digit.y
        x = u - digit.x + digit.slant * y
        depth = ndimage.map_coordinates(
            digit.stroke.drawn(digit.pen), [y * scale + middle, x * scale + middle], order=1, mode="nearest"
        )
        softness = 1.2 if not self.levels["felt pen"] else 1.8
        pixels = depth * digit.height * self.zoom  # distance in pixels of the picture
        return int(low[1]), int(low[0]), np.clip(pixels / softness + 0.5, 0, 1).astype(np.float32)

    def boxes(self) -> tuple[tuple[tuple[int, int, int, int], ...], ...]:
        """[x, y, w, h] of each digit's ink, line by line."""
        lines: list[list[tuple[int, int, int, int]]] = [
            [] for _ in range(1 + max(p.line for p in self.placed))
        ]
        for digit, (top, left, mask) in zip(self.placed, self.masks, strict=True):
            rows, columns = np.flatnonzero((mask > 0.5).any(axis=1)), np.flatnonzero((mask > 0.5).any(axis=0))
            lines[digit.line].append(
                (
                    int(left + columns[0]),
                    int(top + rows[0]),
                    int(columns[-1] - columns[0] + 1),
                    int(rows[-1] - rows[0] + 1),
                )
            )
        return tuple(map(tuple, lines))

    def taken(self) -> Pixels:
        """The photograph (H, W, 3) uint8."""
        rng, levels, shape = self.rng, self.levels, self.shape
        board = bool(levels["blackboard"])
        surface = self._surface(board)
        ink = self._ink(board)
        colour = paper.choose(rng, paper.INKS[self._pen_kind()])
        picture = surface + (colour - surface) * ink[..., None]
        if levels["desk"]:
            picture = self._on_a_desk(picture)
        strength = (0.06, 0.2, 0.4, 0.58)[levels["light"]]
        light = paper.light(rng, shape, strength)
        if levels["shadow"]:
            light = light * paper.shadow(rng, shape, (0, 0.2, 0.4, 0.58)[levels["shadow"]])
        picture = picture * (light * rng.uniform(0.85, 1.0))[..., None]
        warmth = 1 + rng.normal(0, 0.012, 3).astype(np.float32)
        return self._through_the_lens(np.clip(picture * warmth, 0, 255))

    def _surface(self, board: bool) -> Field:
        """Colour of the paper or board (H, W, 3), its printed lines with it."""
        rng, levels = self.rng, self.levels
        kind = "board" if board else "coloured" if levels["coloured paper"] else "white"
        surface = paper.choose(rng, paper.PAPERS[kind]) + paper.grain(rng, self.shape, board)[..., None]
        if levels["ruled"] or levels["squared"]:
            level = max(levels["ruled"], levels["squared"])
            squared = bool(levels["squared"])
            u, v = camera.page_coordinates(self.matrix, np.arange(self.shape[0]), np.arange(self.shape[1]))
            spacing = self.height * (rng.uniform(0.45, 1.1) if squared else rng.uniform(1.1, 2.0))
            width = max(0.8, self.height * rng.uniform(0.008, 0.02)) / self.zoom
            lines = paper.rules(
                u, v, spacing, width, squared, (rng.uniform(0, spacing), rng.uniform(0, spacing))
            )
            colour = paper.choose(rng, [(120, 150, 200), (140, 140, 150), (150, 180, 170), (190, 150, 160)])
            share = (0, 0.35, 0.6, 0.85)[level]
            surface = surface + (colour - surface) * (share * lines)[..., None]
        return surface

    def _pen_kind(self) -> str:
        levels = self.levels
        if levels["blackboard"]:
            return "chalk"
        return "pencil" if levels["pencil"] else "felt pen" if levels["felt pen"] else "ball pen"

    def _ink(self, board: bool) -> Field:
        """How much of the ink's colour each pixel has (H, W)."""
        rng, levels = self.rng, self.levels
        ink = np.zeros(self.shape, np.float32)
        for top, left, mask in self.masks:
            part = ink[top : top + mask.shape[0], left : left + mask.shape[1]]
            np.maximum(part, mask * rng.uniform(0.9, 1.0), out=part)
        pressure = 1 - 0.08 * np.abs(paper.cloud(rng, self.shape, 0.3 * self.height))
        if levels["pencil"] or board:
            rough = (0, 0.08, 0.13, 0.18)[max(levels["pencil"], levels["blackboard"])]
            fine = paper.cloud(rng, self.shape, 2.0)
            pressure = pressure * np.clip(0.95 - rough + rough * fine, 0.25, 1)
        if levels["pencil"]:
            pressure = pressure * 0.85
        if levels["faint ink"]:
            pressure = pressure * (1, 0.7, 0.5, 0.36)[levels["faint ink"]]
        return np.asarray(ink * np.clip(pressure, 0, 1), np.float32)

    def _on_a_desk(self, picture: Field) -> Field:
        """The sheet ends around the writing, and the table shows."""
        rng = self.rng
        u, v = camera.page_coordinates(self.matrix, np.arange(self.shape[0]), np.arange(self.shape[1]))
        low, high = self.block.min(axis=0), self.block.max(axis=0)
        room = rng.uniform(0.3, 1.5, 4) * self.height
        inside = np.minimum.reduce(
            [u - low[0] + room[0], v - low[1] + room[1], high[0] + room[2] - u, high[1] + room[3] - v]
        )
        sheet = np.clip(inside + 0.5, 0, 1)[..., None]
        below = paper.desk(rng, self.shape)
        dark = (
            1 - 0.4 * np.exp(np.clip(inside / (0.2 * self.height), -30, 0))[..., None]
        )  # the sheet's shadow
        return np.asarray(below * dark * (1 - sheet) + picture * sheet, np.float32)

    def _through_the_lens(self, picture: Field) -> Pixels:
        rng, levels = self.rng, self.levels
        seen = self.height * self.zoom
        picture = camera.defocused(picture, max(0.5, (0.006, 0.014, 0.026, 0.038)[levels["defocus"]] * seen))
        if levels["motion"]:
            picture = camera.shaken(
                picture, (0, 0.04, 0.07, 0.1)[levels["motion"]] * seen, rng.uniform(0, 180)
            )
        pixels = camera.sensor(rng, picture, (1.2, 3.5, 8, 14)[levels["noise"]])
        return camera.developed(pixels, int((92, 70, 42, 22)[levels["jpeg"]] + rng.integers(-4, 5)))


def _block(placed: list[Placed]) -> NDArray[np.float64]:
    """Corners (4, 2) of all that is written, in the page's pixels."""
    reach = [(p.x, p.y, 0.5 * p.height * (1 + abs(p.slant))) for p in placed]
    low = min(x - r for x, _, r in reach), min(y - r for _, y, r in reach)
    high = max(x + r for x, _, r in reach), max(y + r for _, y, r in reach)
    return np.array([low, (high[0], low[1]), high, (low[0], high[1])], np.float64)


def _signed(rng: Rng, most: tuple[float, ...], level: int) -> float:
    """A number of either sign between what the level before and this level allow."""
    least = most[level - 1] if level else 0.0
    return float(rng.choice([-1, 1]) * rng.uniform(least, most[level]))
