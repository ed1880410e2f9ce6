"""The way of a picture, from greys to marks in lines; each stage's result is kept, to be looked at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.images.boxes import outlines_of_boxes
from byhand.images.density import Density
from byhand.images.ink import darkness, find_ink
from byhand.images.light import DIFFERENT, Look, choose, paper_of_drawing, taken_out, without_frame
from byhand.images.lines import in_lines, tilt
from byhand.images.marks import Mark, are_strokes, find_marks
from byhand.images.rules import Rule, find_rules, without_rules
from byhand.images.sheet import on_sheet_alone
from byhand.images.things import are_holes, dots, without_slivers

LARGE = 1_600_000
"""Larger pictures are reduced to as many pixels to find the marks."""

SMALL = 300_000
"""Smaller ones are enlarged to as many, at most by MOST_ENLARGED."""

MOST_ENLARGED = 16.0

LEAST_REPEATED = 4
"""A picture whose pixels come in squares of at least this side is one of fewer pixels."""

EDGE = 3
"""What the border cuts off, and is so many times as long as wide, is what is left of an edge or a rule,"""

SOLID = 0.65
"""and what fills more of its box than this is a punched hole, or a finger."""

MOST_CONTACT = 0.3
"""A digit in a picture that is cut close touches the border with less than this share of its longer side."""

CLOSE = 0.7
"""In such a picture marks are at least this share of its width and height."""

MOST_TOUCHING = 8
"""More marks than this along the border are ruled lines."""


@dataclass(frozen=True)
class Way:
    """What each stage made of a picture.

    `scale` is the size of the working copy by that of the picture, `turn` the matrix (2, 3) that brings
    pixels of the upright copy, in which the marks are, back to the picture's own. `looks` are the ways it
    could be looked at; the first is the one that was taken. What the border cuts off, such as a finger, is in
    no line.
    """

    greys: Images
    sheet: bool
    looks: tuple[Look, ...]
    scale: float
    light_out: Density
    rules: tuple[Rule, ...]
    rules_out: Density
    angle: float
    upright: Density
    ink: NDArray[np.uint8]
    lines: tuple[tuple[Mark, ...], ...]
    cut_off: tuple[Mark, ...]
    turn: NDArray[np.float64]

    def box(self, mark: Mark) -> tuple[int, int, int, int]:
        """Box (x, y, w, h) of a mark in the picture's own pixels."""
        x, y = (
            np.array([mark.x, mark.right, mark.right, mark.x]),
            np.array([mark.y, mark.y, mark.bottom, mark.bottom]),
        )
        corners = self.turn @ np.stack([x, y, np.ones(4)])
        size = np.array(self.greys.shape[::-1])[:, None] - 1
        corners = np.clip(corners, 0, size)
        low, high = np.floor(corners.min(axis=1)).astype(int), np.ceil(corners.max(axis=1)).astype(int)
        return int(low[0]), int(low[1]), int(max(1, high[0] - low[0])), int(max(1, high[1] - low[1]))


def follow(greys: Images, look: Look | None = None, whole: bool = False) -> Way:
    """The way of a picture in greys (H, W) uint8, looked at the best way, or at this one.

    With `whole` all of the picture is paper, even if it seems to show a sheet on a table.
    """
    import cv2

    own, times, start = _own_pixels(greys)
    working, scale = _working_copy(own)
    working, margin = _with_margin(working)
    working, sheet = (working, None) if whole else on_sheet_alone(working)
    looks = (look,) if look else tuple(choose(working))
    look = looks[0]
    light_out = taken_out(working, look)
    if sheet is not None:
        light_out[sheet == 0] = 0
    first = find_ink(light_out)
    light_out[(first > 0) & (without_frame(first) == 0)] = 0
    light_out[outlines_of_boxes(first) | dots(first)] = 0
    rules = find_rules(light_out)
    rules_out = without_rules(light_out, rules, darkness(light_out)) if rules else light_out.copy()
    ink = find_ink(rules_out)
    marks = find_marks(rules_out, ink)
    written = are_strokes(marks, 255 - working if look.light_ink else working, ink)
    written &= ~are_holes(marks, ink.shape)
    if not written.all():
        _erase([mark for mark, kept in zip(marks, written, strict=True) if not kept], rules_out)
        ink = find_ink(rules_out)
        marks = find_marks(rules_out, ink)  # beside a large shadow even a digit may have been a speck
    marks, cut_off = _whole(marks, ink)
    if cut_off:
        _erase(cut_off, rules_out, ink)
        marks = [mark for mark in find_marks(rules_out, ink) if not _contact(mark, ink)]

    slope = _tilt_of(rules)
    slope = tilt(marks) if slope is None else slope
    angle = math.degrees(math.atan(slope))
    upright, turn = rules_out, np.eye(2, 3)
    if abs(angle) > 0.7:
        height, width = rules_out.shape
        forth = _turning(width, height, angle)
        size = _turned_size(width, height, angle)
        upright = cv2.warpAffine(rules_out, forth, size, flags=cv2.INTER_LINEAR)
        turn = cv2.invertAffineTransform(forth)
        ink = find_ink(upright)
        marks = find_marks(upright, ink)
    turn[:, 2] -= margin
    turn = turn * times / scale
    turn[:, 2] -= start
    lines = tuple(tuple(line) for line in in_lines(without_slivers(marks)))
    return Way(
        greys,
        sheet is not None,
        looks,
        scale,
        light_out,
        tuple(rules),
        rules_out,
        angle,
        upright,
        ink,
        lines,
        tuple(mark for mark in cut_off if not (_is_edge(mark) or _is_solid(mark))),
        turn,
    )


def without(way: Way, marks: Sequence[Mark]) -> Way:
    """The way with these marks taken away at its end, and what is cut off.

    Beside a large one smaller ones may have been left out, beside a dark one faint ones broken: the ink is
    found anew.
    """
    upright = way.upright.copy()
    _erase(marks, upright)
    ink = find_ink(upright)
    others = find_marks(upright, ink)
    holes = are_holes(others, ink.shape)
    others = [mark for mark, hole in zip(others, holes, strict=True) if not hole]
    lines = tuple(tuple(line) for line in in_lines(without_slivers(others)))
    return replace(way, upright=upright, ink=ink, lines=lines, cut_off=())


def _erase(marks: Sequence[Mark], *pictures: NDArray[Any]) -> None:
    """Write 0 where these marks are."""
    for mark in marks:
        for picture in pictures:
            picture[mark.y : mark.bottom, mark.x : mark.right][mark.ink > 0] = 0


def _whole(marks: Sequence[Mark], ink: NDArray[np.uint8]) -> tuple[list[Mark], list[Mark]]:
    """Which of these marks are whole, and which the border of the picture cuts off.

    Those that it cuts off are whole if it only touches them, and together they fill the picture: it is cut
    close.
    """
    contact = [_contact(mark, ink) for mark in marks]
    close = bool(marks) and all(contact) and _fill(marks, ink.shape)
    most = MOST_CONTACT if close else 0
    pairs = list(zip(marks, contact, strict=True))
    return [mark for mark, length in pairs if length <= most], [
        mark for mark, length in pairs if length > most
    ]


def _fill(marks: Sequence[Mark], shape: tuple[int, ...]) -> bool:
    """Whether marks together are nearly as high and as wide as their picture (H, W)."""
    high = max(mark.bottom for mark in marks) - min(mark.y for mark in marks)
    wide = max(mark.right for mark in marks) - min(mark.x for mark in marks)
    return high > CLOSE * shape[0] and wide > CLOSE * shape[1]


def _contact(mark: Mark, ink: NDArray[np.uint8]) -> float:
    """Length along which a mark lies at the border of the picture (H, W), as a share of its longer side."""
    height, width = ink.shape
    rows, columns = slice(mark.y, mark.bottom), slice(mark.x, mark.right)
    ends = [(mark.x <= 0, ink[rows, 0]), (mark.right >= width, ink[rows, -1])]
    ends += [(mark.y <= 0, ink[0, columns]), (mark.bottom >= height, ink[-1, columns])]
    return float(sum(side.sum() for reached, side in ends if reached)) / max(mark.h, mark.w)


def _is_edge(mark: Mark) -> bool:
    """Whether what the border cuts off is so long that it is an edge, or what is left of a rule."""
    return max(mark.h, mark.w) > EDGE * min(mark.h, mark.w)


def _is_solid(mark: Mark) -> bool:
    """Whether what the border cuts off is no stroke, but a hole or a finger."""
    own = mark.ink > 0.5 * float(mark.ink.max())
    return float(own[own.any(axis=1)][:, own.any(axis=0)].mean()) > SOLID


def _tilt_of(rules: list[Rule]) -> float | None:
    """Slope of the ruled lines, pixels down for one to the right; None if there are fewer than two.

    Upright ones only count without others: seen from aside, squares are not square.
    """
    for slopes in ([r.slope for r in rules if not r.upright], [-r.slope for r in rules if r.upright]):
        if len(slopes) >= 2:
            return float(np.median(slopes))
    return None


def _own_pixels(greys: Images) -> tuple[Images, int, tuple[int, int]]:
    """A picture that was enlarged by repeating its pixels, as it was before: no pen draws an edge of steps.

    Returns how many times it was enlarged, too, and how much of the first pixel (x, y) is cut off.
    """
    few = greys[:: max(1, len(greys) // 16)]  # says of nearly every picture that it was not
    if math.gcd(*np.diff(_changes(few.T)).tolist()) < LEAST_REPEATED:
        return greys, 1, (0, 0)
    across, down = _changes(greys.T), _changes(greys)
    times = math.gcd(*np.diff(across).tolist(), *np.diff(down).tolist())
    if times < LEAST_REPEATED:
        return greys, 1, (0, 0)
    x, y = -across[0] % times, -down[0] % times
    rows, columns = (
        np.arange(-cut, side, times).clip(0) for cut, side in zip((y, x), greys.shape, strict=True)
    )
    return greys[np.ix_(rows, columns)], times, (x, y)


def _changes(greys: Images) -> list[int]:
    """Rows that differ from the row above."""
    return (np.flatnonzero((greys[1:] != greys[:-1]).any(axis=1)) + 1).tolist()


def _working_copy(greys: Images) -> tuple[Images, float]:
    import cv2

    pixels = greys.shape[0] * greys.shape[1]
    scale = 1.0
    if pixels > LARGE:
        scale = math.sqrt(LARGE / pixels)
    elif pixels < SMALL:
        scale = min(math.sqrt(SMALL / pixels), MOST_ENLARGED)
    if scale == 1:
        return greys, scale
    height, width = (max(1, round(side * scale)) for side in greys.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(greys, (width, height), interpolation=how).astype(np.uint8), scale


def _with_margin(greys: Images) -> tuple[Images, int]:
    """A drawing with more of its paper around it, if its ink touches the border, and how much; otherwise 0.

    On a drawing the ink may touch the border, on a photograph it is what lies around the sheet that does.
    Where many marks touch it, they are ruled lines.
    """
    paper = paper_of_drawing(greys)
    if paper is None:
        return greys, 0
    border = np.concatenate([greys[0], greys[1:, -1], greys[-1, -2::-1], greys[-2:0:-1, 0]])
    touched = np.abs(border.astype(int) - paper) > DIFFERENT
    if not 0 < np.count_nonzero(np.diff(touched.astype(int), prepend=0) > 0) <= MOST_TOUCHING:
        return greys, 0
    margin = max(8, max(greys.shape) // 8)
    return np.pad(greys, margin, constant_values=paper), margin


def _turned_size(width: int, height: int, angle: float) -> tuple[int, int]:
    c, s = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    return math.ceil(width * c + height * s), math.ceil(width * s + height * c)


def _turning(width: int, height: int, angle: float) -> NDArray[np.float64]:
    """Matrix (2, 3) that turns a picture upright about its middle, and moves it so that all of it is seen."""
    import cv2

    matrix: NDArray[np.float64] = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    new_width, new_height = _turned_size(width, height, angle)
    matrix[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    return matrix
