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

from benchmarks.reading.layout import Spacing, written
from benchmarks.reading.scene import Scene
from benchmarks.reading.strokes import HANDS, Stroke, stroke

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


def _one(rng: Rng, digit: Stroke, height: float, shape: tuple[int, int], levels: dict[str, int]) -> Scene:
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
