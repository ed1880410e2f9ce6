"""Examples for reading other people's hands: digits by every pen, and what is no digit.

To the digits come those of thirty other people (byhand.datasets.optdigits). To all of them as they are come
others: each of them drawn anew (byhand.datasets.pens), some drawn stroke by
stroke in forms that MNIST has hardly any of (byhand.datasets.strokes), and, with one label more than there
are digits, non-digits: those of byhand.datasets.nondigits, and more kinds that are made here. All come from
a generator and the bundled fonts, and are the same on every machine with the same libraries.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.datasets import optdigits
from byhand.datasets.examples import Examples
from byhand.datasets.neighbours import touching_parts
from byhand.datasets.nondigits import KINDS, bundled_fonts, drawn, nondigits
from byhand.datasets.pens import Ink, reinked
from byhand.datasets.strokes import stroke_digits
from byhand.errors import SettingError
from byhand.images import mnist_forms

Rng = np.random.Generator

NONE = 10
"""Label of what is no digit."""

SHARES = {
    "letters": 0.2,
    "words": 0.1,
    "scribbles": 0.04,
    "shapes": 0.1,
    "halves": 0.06,
    "pairs": 0.04,
    "specks": 0.02,
    "turned": 0.04,
    "dashes": 0.02,
    "crowded": 0.08,
    "runes": 0.08,
    "blots": 0.1,
}
"""How many there are of each kind of non-digits, as a share of the digits."""

TIMES = 2
"""Each digit is drawn anew so many times."""

AT_MOST = 1 / 15
"""Of the thirty other people's digits there are so many for each of the data's, so that they do not drown a
small set; MNIST's are enough for all of them."""

OTHERS = 4
"""Each digit of the thirty other people is drawn crisply so many times, then treated as MNIST's are,"""

ENLARGED = 4
"""and so many times it is only enlarged, as somebody would who has such small pictures."""

DRAWN = 0.7
"""Digits drawn stroke by stroke, as a share of the digits."""

PARTS = 0.4
"""Parts of touching digits, as a share of the digits; half of them are digits themselves."""

TURNS = {2: (90, 270), 3: (90, 180, 270), 4: (90, 180, 270), 5: (90, 270), 7: (90, 180, 270)}
"""Degrees by which a digit may be turned so that it is none any more: a 2 by 180 would be a 2 again."""


def for_other_hands(digits: Examples, rng: Rng, small: Examples | None = None) -> Examples:
    """Digits (N, 28, 28) as they are and drawn anew, and non-digits with the label NONE.

    With `small` digits (M, 8, 8) of other people, those are brought into the same form and treated alike, and
    some come enlarged besides.

    Raises SettingError for images that are no digits of 28x28.
    """
    if digits.images.shape[1:] != (28, 28) or int(digits.labels.max()) >= NONE:
        raise SettingError(
            f"examples for reading are made of 28x28 digits with labels from 0 to 9, not of"
            f" {digits.images.shape[1:]} with labels to {digits.labels.max()}; choose mnist"
        )
    if small is not None:
        count = min(len(small), max(1, round(AT_MOST * len(digits))))
        small = small.take(np.linspace(0, len(small) - 1, count).astype(int))
        digits = _joined(digits, optdigits.crisp(small, OTHERS, rng))
    others = [_none(kind, digits, max(1, round(share * len(digits))), rng) for kind, share in SHARES.items()]
    anew = [reinked(digits, rng) for _ in range(TIMES)]
    parts, whose = touching_parts(digits, round(PARTS * len(digits)), NONE, rng)
    stroked, what = stroke_digits(round(DRAWN * len(digits)), rng)
    images = np.concatenate([digits.images, *anew, stroked, parts, *others])
    known = np.concatenate([np.tile(digits.labels, 1 + TIMES), what, whose])
    labels = np.full(len(images), NONE)
    labels[: len(known)] = known
    made = Examples(images, labels)
    return made if small is None else _joined(made, optdigits.enlarged(small, ENLARGED, rng))


def _joined(*parts: Examples) -> Examples:
    return Examples(
        np.concatenate([part.images for part in parts]), np.concatenate([part.labels for part in parts])
    )


def _none(kind: str, digits: Examples, count: int, rng: Rng) -> Images:
    """So many non-digits of a kind."""
    if kind in KINDS:
        return nondigits(digits, count, rng, [kind], fonts=bundled_fonts())[0]
    draw: dict[str, Callable[[], Ink]] = {
        "words": lambda: _word(digits, rng),
        "turned": lambda: _turned(digits, rng),
        "dashes": lambda: _dash(rng),
        "crowded": lambda: _crowded(digits.images, rng),
        "runes": lambda: _rune(rng),
        "blots": lambda: _blot(rng),
    }
    return _formed([draw[kind]() for _ in range(count)])


def _formed(inks: list[Ink]) -> Images:
    """Drawings in MNIST's own form; some at a time, for in between they are large."""
    ends = [*range(0, len(inks), 500), len(inks)]
    return np.concatenate([mnist_forms(inks[start:end]) for start, end in pairwise(ends)])


def _word(digits: Examples, rng: Rng) -> Ink:
    """Two or three letters that touch, as in a word in longhand."""
    letters = [
        _cropped(drawn(digits, rng, "letters", "fitting", bundled_fonts())) for _ in range(rng.integers(2, 4))
    ]
    height, width = max(map(len, letters)), sum(letter.shape[1] for letter in letters)
    word = np.zeros((height, width), np.uint8)
    place = 0
    for letter in letters:
        there = word[height - len(letter) :, place : place + letter.shape[1]]
        np.maximum(there, letter, out=there)
        place += letter.shape[1] - int(rng.integers(1, 6))
    return word


def _turned(digits: Examples, rng: Rng) -> Ink:
    """A digit lying on its side or standing on its head."""
    import cv2

    which = np.flatnonzero(np.isin(digits.labels, list(TURNS)))
    if not len(which):
        return np.zeros((28, 28), np.uint8)
    index = which[rng.integers(len(which))]
    turns = TURNS[int(digits.labels[index])]
    angle = turns[rng.integers(len(turns))] + rng.normal(0, 6)
    fine = cv2.resize(digits.images[index], (84, 84), interpolation=cv2.INTER_CUBIC)
    matrix = cv2.getRotationMatrix2D((41.5, 41.5), angle, 1)
    return np.asarray(cv2.warpAffine(fine, matrix, (84, 84), flags=cv2.INTER_LINEAR), np.uint8)


def _dash(rng: Rng) -> Ink:
    """A stroke that lies: a minus, or what is left of a ruled line."""
    import cv2

    dash = np.zeros((72, 72), np.uint8)
    left, right = rng.integers(30, 43, 2)
    cv2.line(dash, (8, int(left)), (63, int(right)), 255, int(rng.integers(2, 13)), cv2.LINE_AA)
    return dash


def _rune(rng: Rng) -> Ink:
    """Four to six strokes between the places of a grid, as in the letters of some made-up script."""
    import cv2

    rune = np.zeros((88, 88), np.uint8)
    places = np.stack(np.meshgrid([20, 44, 68], [12, 33, 55, 76]), axis=2).reshape(-1, 2)
    points = places + rng.normal(0, 2.5, places.shape)
    width, at = int(rng.integers(3, 11)), int(rng.integers(len(points)))
    visited = [at]
    for _ in range(rng.integers(4, 7)):
        if rng.random() < 0.4:  # a branch
            at = visited[rng.integers(len(visited))]
        before, at = at, int(rng.choice([place for place in range(len(points)) if place != at]))
        visited.append(at)
        middle = (points[before] + points[at]) / 2
        if rng.random() < 0.3:  # a bow
            middle += rng.normal(0, 0.3) * (points[at] - points[before])[::-1] * (1, -1)
        t = np.linspace(0, 1, 10)[:, np.newaxis]
        bow = (1 - t) ** 2 * points[before] + 2 * t * (1 - t) * (
            2 * middle - (points[before] + points[at]) / 2
        )
        line = np.rint(bow + t**2 * points[at]).astype(np.int32)
        cv2.polylines(rune, [line], False, 255, width, cv2.LINE_AA)
    return rune


def _blot(rng: Rng) -> Ink:
    """A filled patch, darker here and lighter there: with a wavy outline, or a pile of boxes."""
    import cv2

    blot = np.zeros((72, 72), np.uint8)
    for outline in [_wavy(rng)] if rng.random() < 0.5 else _pile(rng):
        cv2.fillPoly(blot, [np.rint(outline * 30 + 36).astype(np.int32)], 255, cv2.LINE_AA)
    texture = cv2.GaussianBlur(rng.standard_normal((72, 72), np.float32), (0, 0), rng.uniform(1, 8))
    texture = 1 - rng.uniform(0, 0.9) * np.clip(0.5 + texture / (4 * texture.std()), 0, 1)
    return np.asarray(blot * texture, np.uint8)


def _wavy(rng: Rng) -> NDArray[np.floating]:
    """Outline (80, 2) around the middle, within 1 of it."""
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    waves = np.arange(1, 7)[:, np.newaxis]
    heights = rng.normal(0, 0.45, (6, 1)) / waves
    radius = np.exp((heights * np.sin(waves * angle + rng.uniform(0, 2 * np.pi, (6, 1)))).sum(axis=0))
    circle = np.c_[np.cos(angle), np.sin(angle)]
    outline: NDArray[np.floating] = circle * (radius / radius.max())[:, np.newaxis]
    outline *= rng.uniform((0.65, 0.45), 1)  # an upright narrow one would be a thick 1
    return outline


def _pile(rng: Rng) -> list[NDArray[np.floating]]:
    """Two or three boxes of (4, 2) corners that all cover the middle, broader than any pen's strokes."""
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    boxes = []
    for _ in range(rng.integers(2, 4)):
        half = rng.uniform((0.35, 0.25), (0.9, 0.6))
        angle = rng.normal(0, 0.15)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        slant = 1 + corners[:, ::-1] * rng.uniform(-0.3, 0.3, 2)  # as cut for a coat or a boot
        boxes.append(np.clip(corners * half * slant @ turn + rng.uniform(-0.8, 0.8, 2) * half, -1, 1))
    return boxes


def _crowded(images: Images, rng: Rng) -> Ink:
    """A digit with a piece of its neighbour, as a wrong cut leaves it."""
    whole, other = (_cropped(image) for image in images[rng.integers(len(images), size=2)])
    on_the_right = rng.random() < 0.5
    piece = _piece(other, rng) if on_the_right else _piece(other[:, ::-1], rng)[:, ::-1]
    gap = int(rng.integers(-2, 3))
    crowd = np.zeros((28, whole.shape[1] + piece.shape[1] + 4), np.uint8)
    top, beside = ((28 - len(part)) // 2 for part in (whole, piece))
    left, place = (1, whole.shape[1] + gap + 1) if on_the_right else (piece.shape[1] + gap + 1, 1)
    crowd[top : top + len(whole), left : left + whole.shape[1]] = whole
    there = crowd[beside : beside + len(piece), place : place + piece.shape[1]]
    np.maximum(there, piece[:, : there.shape[1]], out=there)
    return crowd


def _piece(digit: Ink, rng: Rng) -> Ink:
    """The left of a digit, at least a quarter of its ink: less could be a speck beside a digit."""
    share = np.cumsum(digit.sum(axis=0, dtype=np.int64)) / digit.sum(dtype=np.int64)
    return digit[:, : 1 + int(np.searchsorted(share, rng.uniform(0.25, 0.85)))]


def _cropped(image: Ink) -> Ink:
    rows, columns = np.flatnonzero(image.max(axis=1) > 80), np.flatnonzero(image.max(axis=0) > 80)
    return (
        image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        if len(rows)
        else np.full((28, 4), 255, np.uint8)
    )
