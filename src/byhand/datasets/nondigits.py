"""What is no digit: letters, scribbles, shapes, pieces of digits, specks, clothes; all in MNIST's own form.

A network that only ever saw digits takes anything for one. These pictures teach it to refuse, and measure
whether it does. What teaches never measures; each part has what the other lacks:

| kind | for fitting | for scoring |
| --- | --- | --- |
| letters | Latin and some others, in half of the fonts | more others, in the other fonts |
| scribbles | smooth curves through points drawn by chance | sums of sines, and zigzags |
| shapes | crosses, polygons, bars, circles, houses, some strokes | ticks, arrows, stars, hearts, spirals |
| halves, pairs | of the digits given: training digits, please | of the digits given: others, please |
| specks | dots, or nothing at all | dust, and the grain of paper |
| clothes | none | Fashion-MNIST's test images, where this machine has them |

Characters that somebody's digit looks like are left out, for nobody could tell: B D G I J O Q S Y Z, a b d
g i j l o q r s t y z, &, ?, and their like in Greek and Cyrillic. So are halves that are digits themselves:
the lower half of 8 is a 0, the right half of 4 is a 1.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.datasets.examples import Examples
from byhand.datasets.pens import Ink
from byhand.datasets.shapes import CANVAS, Part, Rng, curve, shape, waves
from byhand.errors import SettingError
from byhand.images import mnist_forms

CHARACTERS: dict[Part, str] = {
    "fitting": "ACEFHKLMNPRTUVWXcefhkmnpuvwxЖИЛШΔΣ#+=",
    "scoring": "ЩЦЯЫΠΩΨΞ@%*",
}

HALVES = {0: "tb", 2: "b", 3: "b", 4: "tl", 5: "tb"}
"""Halves of each digit that are no digit: t top, b bottom, l left."""

KINDS = ("letters", "scribbles", "shapes", "halves", "pairs", "specks")
"""Kinds of both parts; for scoring there are "clothes" too, where this machine has them."""


def nondigits(
    digits: Examples,
    count: int,
    rng: Rng,
    kinds: Sequence[str] | None = None,
    part: Part = "fitting",
    fonts: Sequence[Path] | None = None,
) -> tuple[Images, NDArray[np.str_]]:
    """So many pictures of what is no digit (count, 28, 28) uint8, and the kind of each (count,).

    The kinds come in turn, by default all that there are. Halves and pairs are made of `digits`, 28x28 in
    MNIST's own form. Without `fonts`, letters are in all that this machine has; `bundled_fonts()` are the
    same everywhere.

    Raises SettingError for a kind that this part does not have.
    """
    makers = _makers(digits, part, fonts)
    names = list(makers) if kinds is None else list(kinds)
    unknown = [name for name in names if name not in makers]
    if unknown or not names:
        raise SettingError(
            f"there are no non-digits {', '.join(unknown) or 'of no kind'} for {part};"
            f" choose from {', '.join(makers)}"
        )
    labels = np.resize(np.array(names), count)
    images = np.empty((count, 28, 28), np.uint8)
    for start in range(0, count, 500):  # not all at once, for they are drawn larger than they end up
        inks = [makers[name](rng) for name in labels[start : start + 500]]
        images[start : start + len(inks)] = mnist_forms(inks)
    return images, labels


def drawn(
    digits: Examples, rng: Rng, kind: str, part: Part = "scoring", fonts: Sequence[Path] | None = None
) -> Ink:
    """One drawing of a kind as it is before it is brought into MNIST's form; see `nondigits`."""
    return _makers(digits, part, fonts)[kind](rng)


def _makers(digits: Examples, part: Part, fonts: Sequence[Path] | None) -> dict[str, Callable[[Rng], Ink]]:
    """What draws each kind of a part."""
    glyphs = _glyphs(part, tuple(all_fonts() if fonts is None else fonts))
    halved = np.flatnonzero(np.isin(digits.labels, list(HALVES)))
    makers: dict[str, Callable[[Rng], Ink]] = {
        "letters": partial(_letter, glyphs),
        "scribbles": curve if part == "fitting" else waves,
        "shapes": partial(shape, part),
        "halves": partial(_half, digits, halved),
        "pairs": partial(_pair, digits.images),
        "specks": _dots if part == "fitting" else _dust,
    }
    if part == "scoring" and (worn := clothes()) is not None:
        makers["clothes"] = lambda rng: worn[rng.integers(len(worn))]
    return makers


# -- letters


def bundled_fonts() -> list[Path]:
    """Fonts that come with matplotlib, and so with this package."""
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    symbols = ("STIXSiz", "STIXNonUni", "cmex", "cmsy", "DejaVuSansDisplay", "DejaVuSerifDisplay")
    return sorted(path for path in folder.glob("*.ttf") if not path.name.startswith(symbols))


def all_fonts() -> list[Path]:
    """The bundled fonts, and those that this machine has besides."""
    from matplotlib.font_manager import findSystemFonts

    bundled = bundled_fonts()
    names = {path.name for path in bundled}
    found = {path.name: path for path in map(Path, sorted(findSystemFonts()))}
    return bundled + [path for name, path in found.items() if name not in names and path.suffix in _SUFFIXES]


_SUFFIXES = {".ttf", ".otf", ".ttc"}


@cache
def _glyphs(part: Part, fonts: tuple[Path, ...]) -> list[Ink]:
    """Each character of this part in each of its fonts, where the font has it.

    Whether a font fits or scores is decided by its name; if all went to one side, they serve both.
    """
    mine = [path for path in fonts if _belongs(path, part)] or list(fonts)
    return [glyph for path in mine for glyph in _rendered(path, CHARACTERS[part])]


def _belongs(font: Path, part: Part) -> bool:
    even = hashlib.sha256(font.name.encode()).digest()[0] % 2 == 0
    return even == (part == "fitting")


def _rendered(path: Path, characters: str) -> list[Ink]:
    """Glyphs of a font; none if it cannot be read."""
    from PIL import Image, ImageDraw, ImageFont

    try:
        font = ImageFont.truetype(str(path), 56)
        nothing = font.getmask("\uffff").getbbox(), bytes(font.getmask("\uffff"))
        glyphs = []
        for character in characters:
            mask = font.getmask(character)
            if mask.getbbox() is None or (mask.getbbox(), bytes(mask)) == nothing:
                continue
            left, top, right, bottom = font.getbbox(character)
            glyph = Image.new("L", (round(right - left) + 16, round(bottom - top) + 16))
            ImageDraw.Draw(glyph).text((8 - left, 8 - top), character, fill=255, font=font)
            glyphs.append(np.asarray(glyph))
    except (OSError, ValueError):  # what FreeType cannot read, or has no outlines
        return []
    return glyphs


def _letter(glyphs: list[Ink], rng: Rng) -> Ink:
    """A letter, leaning, turned a little, its strokes thinner or thicker."""
    import cv2

    glyph = glyphs[rng.integers(len(glyphs))]
    height, width = glyph.shape
    lean, turn, narrow = rng.normal(0, 0.15), rng.normal(0, 0.1), rng.uniform(0.75, 1.2)
    matrix = np.array([[narrow, lean + turn, 0], [-turn, 1, 0]])
    middle = np.array([width / 2, height / 2])
    matrix[:, 2] = CANVAS / 2 - matrix[:, :2] @ middle
    moved = cv2.warpAffine(glyph, matrix, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR)
    change = int(rng.integers(-2, 5))
    if change:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(change) + 1, abs(change) + 1))
        changed = cv2.dilate(moved, disc) if change > 0 else cv2.erode(moved, disc)
        moved = changed if changed.max() > 127 else moved
    return np.asarray(moved, np.uint8)


# -- pieces of digits


def _half(digits: Examples, which: NDArray[np.int64], rng: Rng) -> Ink:
    """The top, bottom or left half of a digit, where that is no digit itself."""
    if not len(which):
        return np.zeros((28, 28), np.uint8)
    index = which[rng.integers(len(which))]
    image: Ink = digits.images[index]
    sides = HALVES[int(digits.labels[index])]
    side = sides[rng.integers(len(sides))]
    ink = image > 127
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return image
    share = rng.uniform(0.42, 0.58)
    row = round(rows[0] + share * (rows[-1] - rows[0]))
    column = round(columns[0] + share * (columns[-1] - columns[0]))
    halves: dict[str, Ink] = {"t": image[:row], "b": image[row:], "l": image[:, :column]}
    return halves[side]


def _pair(images: Images, rng: Rng) -> Ink:
    """Two digits side by side, touching."""
    left, right = images[rng.integers(len(images), size=2)]
    pair = np.zeros((28, 56), np.uint8)
    pair[:, :28] = left
    ends = 27 - (left[:, ::-1] > 127).argmax(axis=1)[(left > 127).any(axis=1)]
    begins = (right > 127).argmax(axis=1)[(right > 127).any(axis=1)]
    by = int(ends.max(initial=14) - begins.min(initial=14)) + int(rng.integers(-2, 2))
    by = min(max(by, 0), 28)
    np.maximum(pair[:, by : by + 28], right, out=pair[:, by : by + 28])
    return pair


# -- specks and clothes


def _dots(rng: Rng) -> Ink:
    """Nothing, or 2 to 7 dots."""
    import cv2

    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    if rng.random() < 0.05:
        return canvas
    for _ in range(rng.integers(2, 8)):
        x, y = rng.integers(8, CANVAS - 8, 2)
        cv2.circle(canvas, (int(x), int(y)), int(rng.integers(1, 6)), 255, -1, cv2.LINE_AA)
    return canvas


def _dust(rng: Rng) -> Ink:
    """Many specks of all sizes: the darkest of a random texture."""
    import cv2

    noise = rng.standard_normal((CANVAS, CANVAS), np.float32)
    texture = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.8, 4))
    darkest = np.quantile(texture[::2, ::2], rng.uniform(0.8, 0.97))
    return np.where(texture > darkest, 255, 0).astype(np.uint8)


@cache
def clothes() -> Images | None:
    """Fashion-MNIST's test images, if they are on this machine; nothing is fetched."""
    from byhand.datasets import available, load

    there = next(entry for entry in available() if entry.name == "fashion-mnist").folder
    if there is not None:
        return load("fashion-mnist").test.images
    debian = Path("/usr/share/datasets/fashion-mnist")  # Debian's package dataset-fashion-mnist
    return load(debian).test.images if debian.is_dir() else None
