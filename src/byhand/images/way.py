"""The way of a picture, from greys to marks in lines; each stage's result is kept, to be looked at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images, Shape
from byhand.images.border import Found, are_along_edge, without_cut_off
from byhand.images.boxes import without_boxes
from byhand.images.calm import find_any_sheet
from byhand.images.cast import cuts_off, find_edge, has_shadows
from byhand.images.copies import own_pixels, with_margin, working_copy
from byhand.images.density import Density
from byhand.images.ink import find_ink
from byhand.images.light import EVEN, Look, choose, taken_out, without_frame
from byhand.images.lines import in_lines, tilt
from byhand.images.marks import Mark, are_strokes, erase, find_marks
from byhand.images.noise import LEAST, smoothed, smoothing
from byhand.images.rules import Rule, are_of_paper, find_rules
from byhand.images.shadows import are_shadows
from byhand.images.sheet import Corners, Finder, is_darker, on_sheet_alone
from byhand.images.things import are_frames, are_holes, dots, without_slivers
from byhand.images.underlines import lines_under, without_underlines
from byhand.images.unruled import without_rules

SMALL_SHEET = 1 / 6
"""A sheet in a box that is a smaller share of the picture is looked at closer: on the small copy that sheets
are looked for on, what is written near its edge lies on the edge."""

MOST_TURNED = 4.0
"""A picture that would be so many times as large when it is turned upright is a strip, and stays as it is: it
would have no room for tilted writing."""

STRONGER = 2.0
"""Noise that is smoothed more than its measure asks for is smoothed by a filter so many times as wide, and by
the narrowest one if it asks for none."""

SAME_BOX = 0.1
"""Two marks are one if their boxes differ by no more than this share of the longer side."""

SAME = 0.98
"""Two sheets are one if they have more than this share of all that either covers in common."""


@dataclass(frozen=True)
class Way:
    """What each stage made of a picture.

    `smoothing` is the width of the filter that takes a sensor's noise out, in pixels of the working copy, 0
    where none was needed. `paper` is where the sheet is in the working copy of the whole picture, if that
    shows one on a table. `shows` says what the greys were made for, empty where they are the picture's own.
    `scale` is the size of the working copy, of the whole or of what is around a small sheet, by that of the
    picture, `turn` the matrix (2, 3) that brings pixels of the upright copy, in which the marks are, back to
    the picture's own. `looks` are the ways it could be looked at; the first is the one that was taken. What
    the border cuts off, such as a finger, is in no line.
    """

    greys: Images
    smoothing: float
    paper: NDArray[np.uint8] | None
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
    shows: str = ""

    @property
    def marks(self) -> int:
        """How many marks there are in the lines."""
        return sum(map(len, self.lines))

    @property
    def sheet(self) -> bool:
        """Whether the picture shows a sheet on a table."""
        return self.paper is not None

    @property
    def across(self) -> bool:
        """Whether that sheet reaches from one border of the picture to the other: it may be a part of one, in
        the light or beyond a fold."""
        if self.paper is None:
            return False
        top, bottom, left, right = (end.any() for end in (*self.paper[[0, -1]], *self.paper[:, [0, -1]].T))
        return bool((top and bottom) or (left and right))

    @property
    def darker(self) -> bool:
        """Whether that sheet is darker than what is around it: it may be the shadow of a phone."""
        return self.paper is not None and is_darker(self.greys, self.paper)

    @cached_property
    def cut_off_by_shadow(self) -> bool:
        """Whether that sheet ends where a shadow begins: it may be the part of one that is in the light."""
        edge = None if self.paper is None else find_edge(self.greys)
        if edge is None or self.paper is None:
            return False
        return cuts_off(edge.enlarged(self.paper.shape[0] / self.greys.shape[0]), self.paper)

    @cached_property
    def shaded(self) -> bool:
        """Whether there are shadows with edges on it, or on the sheet, that hide what is written in them."""
        return has_shadows(self.greys, self.paper)

    @property
    def drawing(self) -> bool:
        """Whether it was taken as a drawing, whose paper has one grey; around a sheet it was only made so."""
        return self.looks[0].window == EVEN and not self.sheet

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


def follow(
    greys: Images,
    look: Look | None = None,
    find: Finder | None = find_any_sheet,
    stronger: bool = False,
    closer: bool = True,
    shows: str = "",
) -> Way:
    """The way of a picture in greys (H, W) uint8, looked at the best way, or at this one.

    `find` finds the sheet, if the picture shows one on a table; without it all of the picture is paper. A
    small sheet is looked at `closer`. A sensor's noise is smoothed, or `stronger` than its measure asks for.
    """
    import cv2

    own, times, start = own_pixels(greys)
    working, scale = working_copy(own)
    filtered = smoothing(working)
    if stronger:
        filtered = max(LEAST, STRONGER * filtered)
    working = smoothed(working, filtered)
    working, sheet = on_sheet_alone(working, find) if find else (working, None)
    if sheet is not None and find:
        x, y, w, h = (round(side * times / scale) for side in cv2.boundingRect(sheet))
        if closer and w * h < SMALL_SHEET * greys.size:
            box = x - start[0], y - start[1], w, h
            near = _closer(greys, box, max(w, h) // 4, look, _large_ones_of(find))
            if near.sheet:
                return replace(near, paper=sheet, shows=shows)
    drawn = not filtered  # a drawing has no noise, and must not become one without it
    working, margin = with_margin(working) if sheet is None and drawn else (working, 0)
    looks = (look,) if look else tuple(choose(working, drawn))
    look = looks[0]
    light_out = taken_out(working, look)
    if sheet is not None:
        light_out[sheet == 0] = 0
    first = find_ink(light_out, look.dark)
    light_out[(first > 0) & (without_frame(first) == 0)] = 0
    light_out[dots(first)] = 0
    paper = _paper(working.shape, sheet)
    rules = find_rules(light_out[paper], broad=True)
    if not are_of_paper(rules) and (boxes_out := without_boxes(light_out, first)) is not light_out:
        light_out = boxes_out
        rules = find_rules(light_out[paper], broad=True)
    rules_out = light_out.copy()
    if rules:
        rules_out[paper] = without_rules(light_out[paper], rules)

    def written() -> Found:
        return _written(rules_out, 255 - working if look.light_ink else working, sheet, look.dark)

    ink, marks, cut_off = without_cut_off(rules_out, *written(), written)

    angle = _angle(rules, marks, rules_out.shape)
    upright, turn = rules_out, np.eye(2, 3)
    if abs(angle) > 0.7:
        height, width = rules_out.shape
        forth = _turning(width, height, angle)
        size = _turned_size(width, height, angle)
        upright = cv2.warpAffine(rules_out, forth, size, flags=cv2.INTER_LINEAR)
        turn = cv2.invertAffineTransform(forth)
        ink = find_ink(upright, look.dark)
        marks = find_marks(upright, ink)
    turn[:, 2] -= margin
    turn = turn * times / scale
    turn[:, 2] -= start
    lines = tuple(tuple(line) for line in in_lines(without_underlines(without_slivers(marks))))
    return Way(
        greys,
        filtered,
        sheet,
        looks,
        scale,
        light_out,
        tuple(rule.moved(paper[1].start, paper[0].start) for rule in rules),
        rules_out,
        angle,
        upright,
        ink,
        lines,
        tuple(cut_off),
        turn,
        shows,
    )


def _paper(shape: Shape, sheet: NDArray[np.uint8] | None) -> tuple[slice, slice]:
    """Rows and columns of a picture of this shape (H, W) in which rules are long: all, or those of the square
    around a sheet. (On a narrow sheet a digit is as high as that.)"""
    import cv2

    if sheet is None:
        return slice(0, shape[0]), slice(0, shape[1])
    x, y, w, h = cv2.boundingRect(sheet)
    side = max(w, h)
    left, top = max(0, x + (w - side) // 2), max(0, y + (h - side) // 2)
    return slice(top, min(shape[0], top + side)), slice(left, min(shape[1], left + side))


def _written(density: Density, greys: Images, sheet: NDArray[np.uint8] | None, dark: bool) -> Found:
    """Ink (H, W) and marks of what is written; all else is erased in the density.

    Marks are found anew after each erasing: beside a large shadow even a digit may have been a speck.
    """
    ink = find_ink(density, dark)
    marks = find_marks(density, ink)
    if lines := lines_under(marks):
        erase(lines, density)
        ink = find_ink(density, dark)
        marks = find_marks(density, ink)
    written = are_strokes(marks, greys, ink)
    written &= ~are_holes(marks, ink.shape) & ~are_frames(marks) & ~are_shadows(marks, density)
    if sheet is not None:
        written &= ~are_along_edge(marks, sheet)
    if not written.all():
        erase([mark for mark, kept in zip(marks, written, strict=True) if not kept], density)
        ink = find_ink(density, dark)
        marks = find_marks(density, ink)
    return ink, marks


def has_same_marks(way: Way, other: Way) -> bool:
    """Whether two ways of a picture lead to the same marks, but for a little of their ink."""
    boxes, others = (
        np.array(sorted(one.box(mark) for line in one.lines for mark in line), int) for one in (way, other)
    )
    if boxes.shape != others.shape:
        return False
    return bool((np.abs(boxes - others) <= SAME_BOX * boxes[:, 2:].max(axis=1, keepdims=True)).all())


def follow_sheet(greys: Images, find: Finder, known: Sequence[Way] = ()) -> Way | None:
    """The way of a picture on the sheet that is found; None, before most of the work is done, if none is, or
    one that one of the known ways is on."""
    working, _ = working_copy(own_pixels(greys)[0])
    working = smoothed(working, smoothing(working))
    _, sheet = on_sheet_alone(working, find)
    if sheet is None or any(_is_same(sheet, way.paper) for way in known):
        return None
    return follow(greys, find=find)


def _is_same(sheet: NDArray[np.uint8], other: NDArray[np.uint8] | None) -> bool:
    """Whether two sheets (H, W) cover the same of a picture, but for some pixels at the edge."""
    return other is not None and float((sheet & other).sum()) > SAME * float((sheet | other).sum())


def without(way: Way, marks: Sequence[Mark]) -> Way:
    """The way with these marks taken away at its end, and what is cut off.

    Beside a large one smaller ones may have been left out, beside a dark one faint ones broken: the ink is
    found anew.
    """
    upright = way.upright.copy()
    erase(marks, upright)
    ink = find_ink(upright, way.looks[0].dark)
    others = find_marks(upright, ink)
    holes = are_holes(others, ink.shape)
    others = [mark for mark, hole in zip(others, holes, strict=True) if not hole]
    lines = tuple(tuple(line) for line in in_lines(without_underlines(without_slivers(others))))
    return replace(way, upright=upright, ink=ink, lines=lines, cut_off=())


def closer(way: Way, mark: Mark) -> Way:
    """The way of a mark with what is around it: a sheet that is very small is a mark, and here a sheet."""
    box = way.box(mark)
    return replace(_closer(way.greys, box, max(box[2:]) // 2, None, find_any_sheet), shows=way.shows)


def _closer(
    greys: Images, box: tuple[int, int, int, int], margin: int, look: Look | None, find: Finder
) -> Way:
    """The way of what is in a box and so many pixels around it, with the whole picture's greys, and boxes in
    its pixels."""
    x, y, w, h = box
    height, width = greys.shape
    left, top = max(0, x - margin), max(0, y - margin)
    around = greys[top : min(height, y + h + margin), left : min(width, x + w + margin)]
    near = follow(around, look, find, closer=False)
    turn = near.turn.copy()
    turn[:, 2] += left, top
    return replace(near, greys=greys, turn=turn)


def _large_ones_of(find: Finder) -> Finder:
    """The same, but finds only sheets that need not be looked at closer."""
    import cv2

    def find_large(greys: Images) -> Corners | None:
        corners = find(greys)
        if corners is None:
            return None
        _, _, w, h = cv2.boundingRect(corners)
        return corners if w * h >= SMALL_SHEET * greys.size else None

    return find_large


def _angle(rules: list[Rule], marks: list[Mark], shape: Shape) -> float:
    """By how many degrees a picture (H, W) with these rules, or marks, is to be turned upright."""
    slope = _tilt_of(rules)
    angle = math.degrees(math.atan(tilt(marks) if slope is None else slope))
    width, height = _turned_size(shape[1], shape[0], angle)
    return angle if width * height <= MOST_TURNED * shape[0] * shape[1] else 0.0


def _tilt_of(rules: list[Rule]) -> float | None:
    """Slope of the ruled lines, pixels down for one to the right; None if there are fewer than two.

    Upright ones only count without others: seen from aside, squares are not square.
    """
    for slopes in ([r.slope for r in rules if not r.upright], [-r.slope for r in rules if r.upright]):
        if len(slopes) >= 2:
            return float(np.median(slopes))
    return None


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
