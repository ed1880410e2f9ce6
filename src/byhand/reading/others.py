"""Other ways to take a picture that is not read clearly at first.

Each doubts something that the first took for granted.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from byhand.images import (
    Loaded,
    Mark,
    Way,
    by_colour,
    closer,
    find_any_sheet,
    find_bounded_sheet,
    find_calm_sheet,
    find_calmer_place,
    follow,
    follow_sheet,
    is_ink_coloured,
    without_cast_shadows,
)
from byhand.images.light import WINDOWS, Look
from byhand.images.sheet import Finder
from byhand.reading.choosing import A_PAGE

MOST_LOOKS = 2
"""A picture that is not read clearly is looked at in so many ways, if others promise anything."""

FEW_SHEETS, SMALL = 2, 0.1
"""So many marks may be small sheets on a large table: as long as their shorter side is a smaller share of the
picture's longer one, for a larger sheet had been seen."""

FILLING, CLOSE = 0.5, 100_000
"""A mark longer than this share of the picture's shorter side may be a digit with broad strokes; in a picture
with fewer pixels than this several marks together may be one."""

BY_COLOUR = "what has no colour", "what has a colour"
"""What is shown by each of the greys that byhand.images.by_colour makes."""

FINE = 1 / 40
"""A window of this share of the picture's shorter side sees strokes that are not broad, and the light between
and within shadows."""


class Other(NamedTuple):
    """Another way to take a picture, and whether it is to be doubted."""

    way: Way
    doubtful: bool


def hidden_from(way: Way, loaded: Loaded) -> Iterator[Other]:
    """Ways to take a picture that may show more than was read, however clearly: what is written in a shadow;
    all of a sheet of which a part in the light was found; or, where a sheet reaches from border to border,
    all of the picture.
    """
    if not way.drawing and (way.shaded or way.darker):
        find = find_any_sheet if way.sheet and not way.darker else None
        yield Other(follow(way.greys, Look(way.looks[0].light_ink, FINE, 0.0), find), True)
        yield from _dark_ink(way, find)
        colours = loaded.colours
        if colours is not None and is_ink_coloured(colours, way.paper):
            yield Other(follow(by_colour(colours)[1], shows=BY_COLOUR[1]), True)
    if way.cut_off_by_shadow:
        yield from islice(_lit(way), 1)
    if way.across or way.darker:
        yield _all_of_it(way)


def others_of(way: Way, loaded: Loaded) -> Iterator[Other]:
    """Other ways to take the picture that was loaded: there is more noise than was measured; or it is no
    sheet on a table, but light and shadow; or it is one that has an edge all around, or is calmer than the
    table; or the ink has no colour, or all else has none; or what is faint by the ink is the edge of light
    and shadow; or a shadow is lifted off; or the next look is nearly as good, or one at what is narrow,
    between shadows such as a window's bars make, or at broad strokes; or a mark is a small sheet.

    A drawing is rightly taken as one, for its paper is known; another look takes what is filled for light,
    and what is left of it are edges that look like strokes. But it may be a program's window with a canvas.
    """
    if not way.drawing:
        yield Other(follow(way.greys, stronger=True), not way.smoothing)
    if way.sheet and not (way.across or way.darker):
        yield _all_of_it(way)
    known = [way]
    for find, doubtful in [(find_bounded_sheet, not way.drawing), (find_calm_sheet, way.drawing)]:
        if sheet := follow_sheet(way.greys, find, known):
            known.append(sheet)
            yield Other(sheet, doubtful)
    colours = None if way.drawing else loaded.colours
    for greys, shows in () if colours is None else zip(by_colour(colours), BY_COLOUR, strict=True):
        yield Other(follow(greys, shows=shows), True)
    if not (way.drawing or way.darker or (way.shaded and not way.sheet)):
        yield from _dark_ink(way, None)
    yield from islice(_lit(way), int(way.cut_off_by_shadow), None)
    for look in way.looks[1:MOST_LOOKS]:
        yield Other(follow(way.greys, look), way.drawing)
    marks = [mark for line in way.lines for mark in line]
    for look in () if way.drawing else _windows(way, marks):
        if (seen := follow(way.greys, look)).marks <= A_PAGE:
            yield Other(seen, True)
    if place := follow_sheet(way.greys, find_calmer_place, known):
        yield Other(place, True)
    for mark in marks if len(marks) <= FEW_SHEETS else []:
        if min(way.box(mark)[2:]) < SMALL * max(way.greys.shape) and (near := closer(way, mark)).sheet:
            yield Other(near, way.drawing)


def _all_of_it(way: Way) -> Other:
    """A picture without the sheet that was found.

    Its edges would be ones, so that is doubtful, but where there is a single mark: a broad stroke of chalk,
    itself taken for the sheet.
    """
    whole = follow(way.greys, find=None)
    return Other(whole, whole.marks > 1)


def _dark_ink(way: Way, find: Finder | None) -> Iterator[Other]:
    """A look at what is dark alone, through the narrowest window; not at a page of print."""
    dark = Look(way.looks[0].light_ink, min(WINDOWS), 0.0, dark=True)
    if (seen := follow(way.greys, dark, find)).marks <= A_PAGE:
        yield Other(seen, True)


def _lit(way: Way) -> Iterator[Other]:
    """Ways to take a picture without the shadows on it that have a straight edge; a drawing has none."""
    for number, greys in enumerate(() if way.drawing else without_cast_shadows(way.greys), 1):
        yield Other(follow(greys, shows=f"shadows lifted off: {number}"), True)


def _windows(way: Way, marks: Sequence[Mark]) -> Iterator[Look]:
    """Other windows for a picture with these marks: the narrowest, both ways, and wider ones for broad
    strokes, if a mark is large or the picture small."""
    looks = [Look(light_ink, min(WINDOWS), 0.0) for light_ink in (False, True)]
    longest = max((max(way.box(mark)[2:]) for mark in marks), default=0)
    if way.greys.size < CLOSE or longest > FILLING * min(way.greys.shape):
        looks += [Look(way.looks[0].light_ink, window, 0.0) for window in sorted(WINDOWS)[1:]]
    for look in looks:
        if not any(look.is_like(taken) for taken in way.looks[:MOST_LOOKS]):
            yield look
