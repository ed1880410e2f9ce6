"""Shadows with a straight edge, such as an arm, a phone or a window's frame casts, lifted off a picture.

A camera sees light times what the paper sends back of it. Beyond a shadow's edge there is less light, by
the same factor on the sheet, on its ink and on the table; so the logarithms of the greys fall by the same
step all along the edge, from one border of the picture to another, as they hardly ever do at the edge of a
sheet. (A shadow is a step in the logarithm of the light: Finlayson, Hordley, Lu, Drew: On the removal of
shadows from images, 2006.) How they fall across a soft edge is measured along all of it, and taken back.

Shadows of other forms are only noticed, by the edges that the light has.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.images.density import Density

LOOK = 320
"""Edges are looked for on a copy whose longer side has this many pixels."""

STROKES, SMOOTH = 13, 2.5
"""Side of the median filter, in pixels of that copy, that takes strokes and rules out of it, and the standard
deviation of the Gaussian one after it."""

DARKEST = 8
"""Below this grey nothing is known of the light."""

CANDIDATES = 24
"""So many straight edges are looked at, the longest first."""

LONG = 0.6
"""Of the picture's shorter side; a shadow's edge crosses at least this share of it."""

NEAR, FAR = 5, 11
"""Between these distances from the edge, in pixels of the small copy, the light on either side counts."""

LEAST, MOST = 0.13, 0.8
"""The step of a shadow, in logarithms: to 0.88 and to 0.45 of the light. That of a sheet is often larger."""

SAME, THROUGHOUT = 0.35, 0.8
"""The step differs by less than this share from what it usually is, along so much of the edge."""

PIECES = 8
"""An edge is followed in so many pieces."""

SHADOWS = 2
"""So many are lifted, one after the other."""

WINDOW, WITHIN, STEP, EDGES = 1 / 20, 9, 0.18, 0.015
"""A window of this share of the shorter side sees the light. Where it changes by more than this step within
so many pixels of the small copy there is an edge; where there are shadows more than this share is edges."""

AT_EDGE, ALONG = 0.02, 0.1
"""A shadow cuts a sheet off if its edge is as near as this, a share of the picture's longer side, to such a
share of the sheet's outline."""


@dataclass(frozen=True)
class Edge:
    """The straight edge of a shadow: x cos(angle) + y sin(angle) = offset, in pixels; the lit side is that of
    larger sums."""

    angle: float
    offset: float

    def enlarged(self, times: float) -> "Edge":
        """The same in a picture that is so many times as large."""
        return Edge(self.angle, self.offset * times)


def without_cast_shadows(greys: Images) -> Iterator[Images]:
    """A picture in greys (H, W) uint8 without the plainest shadow that has a straight edge, then without
    another, as far as there are any."""
    for _ in range(SHADOWS):
        edge = find_edge(greys)
        lifted = None if edge is None else _lifted(greys, edge)
        if lifted is None:
            return
        greys = lifted
        yield greys


def find_edge(greys: Images) -> Edge | None:
    """The edge of a shadow across all of a picture in greys (H, W), the most even one; or None."""
    import cv2

    small, reduction = _small(greys)
    light = cv2.GaussianBlur(_light(cv2.medianBlur(small, STROKES)), (0, 0), SMOOTH)
    levels = np.rint(255 * (light - light.min()) / max(1e-6, float(np.ptp(light)))).astype(np.uint8)
    level = LEAST / max(1e-6, float(np.ptp(light))) * 255  # of a step of LEAST
    slope = 8 * level / (SMOOTH * math.sqrt(2 * math.pi))  # where it is steepest, as Sobel's filter counts
    edges = cv2.Canny(levels, 0.4 * slope, 0.8 * slope, L2gradient=True)
    found = cv2.HoughLines(edges, 1, math.pi / 180, round(LONG / 3 * min(small.shape)))
    best, evenest = None, THROUGHOUT
    for offset, angle in found[:CANDIDATES, 0].tolist() if found is not None else []:
        edge, even = _evenness(light, Edge(angle, offset))
        if even > evenest:
            best, evenest = edge, even
    return None if best is None else best.enlarged(1 / reduction)


def has_shadows(greys: Images, sheet: NDArray[np.uint8] | None = None) -> bool:
    """Whether the light on a picture in greys (H, W), or on the sheet there (H, W), has edges of any form.

    The light is what closing leaves, which fills in strokes; it changes slowly but for shadows and things.
    """
    import cv2

    small, _ = _small(greys)
    side = max(3, round(WINDOW * min(small.shape))) | 1
    light = cv2.morphologyEx(cv2.medianBlur(small, 5), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    steps = cv2.morphologyEx(_light(light), cv2.MORPH_GRADIENT, np.ones((WITHIN, WITHIN), np.uint8))
    where = np.ones(small.shape, np.uint8)
    if sheet is not None:
        where = cv2.resize(sheet, small.shape[::-1], interpolation=cv2.INTER_NEAREST)
    square = np.ones((2 * WITHIN - 1, 2 * WITHIN - 1), np.uint8)
    where = cv2.erode(where, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return bool((steps[where > 0] > STEP).sum() > EDGES * max(1, where.sum()))


def cuts_off(edge: Edge, sheet: NDArray[np.uint8]) -> bool:
    """Whether a sheet (H, W) ends where a shadow with this edge begins, in the same pixels."""
    import cv2

    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    x, y = max(outlines, key=len)[:, 0].T
    away = np.abs(x * math.cos(edge.angle) + y * math.sin(edge.angle) - edge.offset)
    return bool((away < AT_EDGE * max(sheet.shape)).mean() > ALONG)


def _small(greys: Images) -> tuple[Images, float]:
    """A picture (H, W) on the copy that is looked at, and its size by that of the picture."""
    import cv2

    reduction = min(1.0, LOOK / max(greys.shape))
    small = cv2.resize(greys, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), reduction


def _light(greys: Images) -> Density:
    """Logarithms of greys (H, W)."""
    return np.log(np.maximum(greys, DARKEST).astype(np.float32))


def _evenness(light: Density, edge: Edge) -> tuple[Edge, float]:
    """An edge, turned so that its lit side is where it should be, and along what share of it the step in the
    light (H, W) is the usual one; 0 where that is none of a shadow."""
    _, strip = _strip(light, edge, FAR)
    if len(strip) < LONG * min(light.shape):
        return edge, 0.0
    sides = FAR - NEAR + 1
    steps = strip[:, -sides:].mean(axis=1) - strip[:, :sides].mean(axis=1)
    step = float(np.median(steps))
    if step < 0:
        edge, step, steps = Edge(edge.angle + math.pi, -edge.offset), -step, -steps
    if not LEAST < step < MOST:
        return edge, 0.0
    return edge, float((np.abs(steps - step) < SAME * step).mean())


def _strip(light: Density, edge: Edge, reach: int) -> tuple[NDArray[np.floating], Density]:
    """Places along an edge (N,) and the light (H, W) across it there (N, 2 reach + 1), from the dark side to
    the lit one, where all of that is within the picture."""
    import cv2

    height, width = light.shape
    c, s = math.cos(edge.angle), math.sin(edge.angle)
    length = math.hypot(height, width)
    along = np.arange(-length, length, dtype=np.float32)
    across = edge.offset + np.arange(-reach, reach + 1, dtype=np.float32)
    x, y = np.subtract.outer(-along * s, -across * c), np.add.outer(along * c, across * s)
    whole = ((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)).all(axis=1)
    strip = (
        cv2.remap(light, x[whole], y[whole], cv2.INTER_LINEAR) if whole.any() else np.zeros((0, x.shape[1]))
    )
    return along[whole], strip.astype(np.float32)


def _fall(strip: Density) -> NDArray[np.floating]:
    """How the light falls from the lit side of an edge, where it is 0, to the dark one (2 reach + 1,), of the
    light along it (N, 2 reach + 1)."""
    lit = strip[:, 3 * strip.shape[1] // 4 :].mean(axis=1, keepdims=True)
    usual = np.median(strip - lit, axis=0)
    return np.minimum.accumulate(np.minimum(usual, 0)[::-1])[::-1]


def _lifted(greys: Images, edge: Edge) -> Images | None:
    """A picture in greys (H, W) with the light beyond a shadow's edge as it is on this side; None where the
    edge is too near to the border."""
    light = _light(greys)
    reach = max(FAR, round(FAR * max(greys.shape) / LOOK))
    along, strip = _strip(light, edge, reach)
    if len(along) < PIECES:
        return None
    edge = _followed(edge, along, strip)
    along, strip = _strip(light, edge, reach)
    if len(along) < PIECES:
        return None
    fall = _fall(strip)
    height, width = greys.shape
    distance = np.add.outer(
        np.arange(height, dtype=np.float32) * math.sin(edge.angle) - edge.offset,
        np.arange(width, dtype=np.float32) * math.cos(edge.angle),
    )
    places = np.rint(distance + reach).clip(0, 2 * reach).astype(np.intp)
    return np.rint(greys * np.exp(-fall)[places]).clip(0, 255).astype(np.uint8)


def _followed(edge: Edge, along: NDArray[np.floating], strip: Density) -> Edge:
    """An edge known from a small copy as it is in the picture, by the light (N, 2 reach + 1) at these places
    (N,) along it: the line through where the light has fallen by half in each piece of it (Theil and Sen's,
    the median of the slopes)."""
    half, reach = _fall(strip)[0] / 2, strip.shape[1] // 2
    pieces = np.array_split(np.arange(len(strip)), PIECES)
    middles = np.array([along[piece].mean() for piece in pieces])
    crossings = np.array([np.abs(_fall(strip[piece]) - half).argmin() - reach for piece in pieces])
    one, other = np.triu_indices(PIECES, 1)
    slope = float(np.median((crossings[one] - crossings[other]) / (middles[one] - middles[other])))
    start = float(np.median(crossings - slope * middles))
    return Edge(edge.angle - math.atan(slope), (edge.offset + start) * math.cos(math.atan(slope)))
