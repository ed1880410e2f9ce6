"""Test photographs of handwritten numbers, each with its truth, made from a random generator.

    python -m benchmarks.reading.pictures [--pictures N] [--seed S] [--kinds plain,shadow] -o FOLDER

writes N of them as PNG files beside one truth.json; with --singles pictures of one digit each.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.reading import camera, paper
from benchmarks.reading.layout import Placed, Spacing, written
from benchmarks.reading.strokes import HANDS, MARGIN, SAMPLES, Stroke, stroke

Rng = np.random.Generator
Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]

DIFFICULTIES = (
    "light",
    "shadow",
    "ruled",
    "squared",
    "pencil",
    "felt pen",
    "thin pen",
    "faint ink",
    "blackboard",
    "coloured paper",
    "tilt",
    "perspective",
    "defocus",
    "motion",
    "noise",
    "jpeg",
    "touching",
    "small",
    "large",
    "several lines",
    "desk",
)
"""What can be difficult; each picture has a level of each, from 0 (not at all) to 3."""

KINDS = ("plain", *DIFFICULTIES, "everything")
"""A picture of a kind has that difficulty at level 2 or 3 and now and then others at level 1."""

MILD = (
    "light",
    "shadow",
    "ruled",
    "squared",
    "tilt",
    "perspective",
    "defocus",
    "noise",
    "jpeg",
    "several lines",
)
"""Difficulties that come along at level 1, as in any photograph."""

TOGETHER = {"ruled": {"squared", "blackboard"}, "squared": {"ruled", "blackboard"}, "small": {"large"}}
PENS = ("pencil", "felt pen", "thin pen", "blackboard")


@dataclass(frozen=True, eq=False)
class Picture:
    """A photograph (H, W, 3) uint8 and what is on it.

    `lines` are the numbers, from above; `boxes` has [x, y, w, h] in pixels of each digit, line by line, from
    the left. `kind` is the difficulty that the picture is about, `levels` those that it has.
    """

    name: str
    image: Pixels
    lines: tuple[str, ...]
    boxes: tuple[tuple[tuple[int, int, int, int], ...], ...]
    kind: str
    hand: str
    levels: dict[str, int] = field(default_factory=dict)

    @property
    def truth(self) -> dict[str, Any]:
        """All but the pixels."""
        return {
            "name": self.name,
            "text": "\n".join(self.lines),
            "lines": list(self.lines),
            "boxes": [[list(box) for box in line] for line in self.boxes],
            "kind": self.kind,
            "hand": self.hand,
            "levels": self.levels,
        }


def photographs(
    count: int, seed: int, kinds: Sequence[str] = KINDS, mnist: float = 0.75
) -> Iterator[Picture]:
    """So many photographs, the kinds in turn; a share `mnist` by MNIST's test writers, the others sklearn's.

    Each has a generator of its own, so that picture 17 of a seed is the same however many are made.
    """
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        kind = kinds[number % len(kinds)]
        hand = "mnist" if rng.random() < mnist else "sklearn"
        yield photograph(rng, kind, hand, f"{number:04}-{kind.replace(' ', '-')}")


def photograph(rng: Rng, kind: str, hand: str = "mnist", name: str = "") -> Picture:
    """One photograph of numbers: 1 to 5 lines of 1 to 8 digits."""
    levels = draw_levels(rng, kind)
    shape = _frame(rng)
    count = int(rng.integers(2, 6)) if levels["several lines"] else int(rng.choice([1, 1, 1, 2]))
    numbers = [
        [stroke(hand, int(rng.integers(len(HANDS[hand]().labels)))) for _ in range(rng.integers(1, 9))]
        for _ in range(count)
    ]
    height = _height(rng, levels, numbers, shape)
    placed = written(numbers, height, height * _pen(rng, levels), _spacing(levels), rng)
    scene = Scene(rng, levels, shape, placed, height)
    return Picture(
        name,
        scene.taken(),
        tuple("".join(str(s.label) for s in number) for number in numbers),
        scene.boxes(),
        kind,
        hand,
        {difficulty: level for difficulty, level in levels.items() if level},
    )


def singles(count: int, seed: int, hand: str = "mnist") -> Iterator[Picture]:
    """So many pictures of one digit anywhere, every second one a drawing, the others photographs."""
    for number in range(count):
        rng = np.random.default_rng([seed, 1, number])
        make = drawing if number % 2 == 0 else snapshot
        yield make(rng, stroke(hand, int(rng.integers(len(HANDS[hand]().labels)))), hand, f"{number:04}")


def drawing(rng: Rng, digit: Stroke, hand: str, name: str = "") -> Picture:
    """A digit drawn with a mouse or a finger: flat colours, either polarity, 12 pixels to the page."""
    height, shape = _alone(rng)
    scene = _one(rng, digit, height, shape, dict.fromkeys(DIFFICULTIES, 0))
    dark, light = rng.uniform(0, 90, 3), rng.uniform(165, 255, 3)
    if rng.random() < 0.6:  # black and white, as most people draw
        dark, light = np.zeros(3), np.full(3, 255.0)
    ground, ink = (light, dark) if rng.random() < 0.5 else (dark, light)
    top, left, mask = scene.masks[0]
    image = np.full((*shape, 3), ground, np.float32)
    if rng.random() < 0.25:  # without soft edges
        mask = (mask > 0.5).astype(np.float32)
    part = image[top : top + mask.shape[0], left : left + mask.shape[1]]
    part += (ink - ground) * mask[..., None]
    pixels = np.rint(image).astype(np.uint8)
    return Picture(name, pixels, (str(digit.label),), scene.boxes(), "drawing", hand)


def snapshot(rng: Rng, digit: Stroke, hand: str, name: str = "") -> Picture:
    """A photograph of one digit, on paper or a board."""
    height, shape = _alone(rng)
    levels = draw_levels(rng, "blackboard" if rng.random() < 0.4 else "plain")
    if height < 24:
        levels.update(dict.fromkeys(("defocus", "noise", "jpeg", "ruled", "squared"), 0))
    scene = _one(rng, digit, height, shape, levels)
    known = {difficulty: level for difficulty, level in levels.items() if level}
    return Picture(name, scene.taken(), (str(digit.label),), scene.boxes(), "snapshot", hand, known)


def _alone(rng: Rng) -> tuple[float, tuple[int, int]]:
    """Height of a digit, and rows and columns of a picture that it fits into."""
    height = float(np.exp(rng.uniform(np.log(12), np.log(700))))
    least = max(1.15 * height, 28)
    most = max(1.05 * least, min(1000, 12 * height))
    rows, columns = np.exp(rng.uniform(np.log(least), np.log(most), 2))
    rows, columns = max(rows, columns / 3), max(columns, rows / 3)
    return height, (int(rows), int(columns))


def _one(rng: Rng, digit: Stroke, height: float, shape: tuple[int, int], levels: dict[str, int]) -> "Scene":
    pen = max(1.2, height * np.exp(rng.uniform(np.log(0.03), np.log(0.2))))
    return Scene(rng, levels, shape, written([[digit]], height, pen, Spacing(uneven=0), rng), height)


def enlarged(rng: Rng, index: int, name: str = "") -> Picture:
    """One of sklearn's 8x8 digits enlarged to an ordinary picture by interpolation, dark on light paper."""
    from PIL import Image

    digits = HANDS["sklearn"]()
    side = int(rng.integers(80, 400))
    resample = rng.choice([Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS])
    small = Image.fromarray(np.pad(digits.images[index], 1))
    large = np.asarray(small.resize((side, side), Image.Resampling(resample)))
    image = np.pad(255 - large, int(0.2 * side), constant_values=255)
    rows, columns = np.flatnonzero((image < 128).any(axis=1)), np.flatnonzero((image < 128).any(axis=0))
    box = int(columns[0]), int(rows[0]), int(np.ptp(columns) + 1), int(np.ptp(rows) + 1)
    text = (str(digits.labels[index]),)
    return Picture(name, np.repeat(image[..., None], 3, axis=2), text, ((box,),), "enlarged", "sklearn")


def draw_levels(rng: Rng, kind: str) -> dict[str, int]:
    """A level for each difficulty."""
    levels = dict.fromkeys(DIFFICULTIES, 0)
    if kind == "everything":
        for difficulty in rng.choice(DIFFICULTIES, size=7, replace=False):
            levels[str(difficulty)] = int(rng.integers(1, 3))
    else:
        for difficulty in MILD:
            levels[difficulty] = int(rng.random() < (0.1 if kind == "plain" else 0.3))
        if kind != "plain":
            levels[kind] = int(rng.integers(2, 4))
    for one, others in TOGETHER.items():
        if levels[one] and (one == kind or kind not in others):
            levels.update(dict.fromkeys(others, 0))
    pens = [pen for pen in PENS if levels[pen]]
    for pen in pens:
        if pen != (kind if kind in pens else pens[0]):
            levels[pen] = 0
    if levels["small"] or levels["thin pen"] or levels["faint ink"]:  # a person must still be able to read it
        for soft in ("defocus", "motion", "noise", "jpeg"):
            levels[soft] = min(levels[soft], 1)
    if levels["blackboard"]:
        levels.update(dict.fromkeys(("desk", "coloured paper", "ruled", "squared"), 0))
    return levels


def _frame(rng: Rng) -> tuple[int, int]:
    """Rows and columns of a picture of 0.4 to 1.6 megapixels, upright or lying."""
    pixels = 1e6 * np.exp(rng.uniform(np.log(0.4), np.log(1.6)))
    aspect = rng.choice(
        [3 / 4, 9 / 16, 2 / 3, 1, 4 / 3, 3 / 2, 16 / 9], p=[0.25, 0.1, 0.05, 0.1, 0.3, 0.1, 0.1]
    )
    return int(np.sqrt(pixels * aspect)), int(np.sqrt(pixels / aspect))


def _height(rng: Rng, levels: dict[str, int], numbers: list[list[Stroke]], shape: tuple[int, int]) -> float:
    """Height of the digits in pixels."""
    longest = max(map(len, numbers))
    most = min(0.85 * shape[1] / (0.95 * longest + 0.3), 0.85 * shape[0] / (1.9 * len(numbers) - 0.6))
    if levels["small"]:
        return float(min(most, rng.uniform(20, 30) if levels["small"] > 1 else rng.uniform(28, 40)))
    if levels["large"]:
        return float(min(most, 0.6 * min(shape)))
    return float(min(most, np.exp(rng.uniform(np.log(45), np.log(200)))))


def _pen(rng: Rng, levels: dict[str, int]) -> float:
    """Width of the stroke as a share of the height."""
    if levels["felt pen"]:
        return float(rng.uniform(0.12, 0.17))
    if levels["thin pen"]:
        return float(rng.uniform(0.035, 0.05))
    if levels["blackboard"]:
        return float(rng.uniform(0.07, 0.13))
    if levels["pencil"]:
        return float(rng.uniform(0.04, 0.075))
    return float(rng.uniform(0.055, 0.11))


def _spacing(levels: dict[str, int]) -> Spacing:
    touching = (0.0, 0.1, 0.3, 0.5)[levels["touching"]]
    return Spacing(touching=touching, gap=(0.05, 0.12) if levels["touching"] else (0.12, 0.45))


STRANGE = ("letters", "scribbles", "shapes", "specks", "clothes", "blank")
"""What is on pictures without a digit."""


def strangers(count: int, seed: int) -> Iterator[Picture]:
    """So many pictures without a digit, the kinds in turn: drawings of what is none, photographs of paper."""
    from byhand.datasets import load
    from byhand.datasets.nondigits import clothes, drawn

    digits = load("mnist").test
    kinds = [kind for kind in STRANGE if kind != "clothes" or clothes() is not None]
    for number in range(count):
        rng = np.random.default_rng([seed, 2, number])
        kind = kinds[number % len(kinds)]
        if kind == "blank":
            levels = draw_levels(rng, "plain")
            image = Scene(rng, levels, _frame(rng), [], 80).taken()
        else:
            image = _pasted(rng, drawn(digits, rng, kind))
        yield Picture(f"{number:04}-{kind}", image, (), (), kind, "")


def _pasted(rng: Rng, ink: Pixels) -> Pixels:
    """A drawing somewhere on plain paper, enlarged."""
    from PIL import Image

    longer = int(np.exp(rng.uniform(np.log(24), np.log(500))))
    large = Image.fromarray(ink).resize(
        tuple(max(1, round(side * longer / max(ink.shape))) for side in ink.shape[::-1]),
        Image.Resampling.BICUBIC,
    )
    rows, columns = (int(side * rng.uniform(1.2, 3)) for side in large.size[::-1])
    image = np.full((rows, columns), 255, np.uint8)
    top, left = rng.integers(rows - large.height + 1), rng.integers(columns - large.width + 1)
    image[top : top + large.height, left : left + large.width] -= np.asarray(large)
    image = image if rng.random() < 0.5 else 255 - image
    return np.repeat(image[..., None], 3, axis=2)


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


def main() -> None:
    from PIL import Image

    make = partial(argparse.ArgumentParser, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser = make(description=__doc__)
    parser.add_argument("--pictures", type=int, default=len(KINDS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--singles", action="store_true", help="one digit anywhere, instead of numbers")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    truths = []
    if arguments.singles:
        made = singles(arguments.pictures, arguments.seed)
    else:
        made = photographs(arguments.pictures, arguments.seed, arguments.kinds.split(","))
    for picture in made:
        Image.fromarray(picture.image).save(arguments.output / f"{picture.name}.png")
        truths.append(picture.truth | {"file": f"{picture.name}.png"})
    (arguments.output / "truth.json").write_text(json.dumps(truths, indent=1))


if __name__ == "__main__":
    main()
