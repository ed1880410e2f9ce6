"""Stage 2: the light taken out, and which is ink and which is paper.

A camera sees light times what the paper sends back of it. Where there is no ink, that is the light itself;
so how much of it the ink swallows is 1 - grey / light, the same in the sun and in the shadow. The light
under the ink is found by morphological closing: the darkest of the brightest around each pixel. It fills
whatever is narrower than its window, which is the ink, and leaves the edges of wider things, such as
shadows, where they are (Gonzalez, Woods: Digital Image Processing, 2018, section 9.8).

A window narrower than a stroke does not see that stroke, and one wider than a shadow sees the shadow as
ink. White ink on black is the same after turning the greys round. So several windows are tried both ways,
and the best is the one whose ink has its outline where the picture has its edges. A drawing has no light that
could be uneven: there the paper's grey is known, and comes first.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.images.density import FAINTEST, Density
from byhand.images.ink import darkness
from byhand.images.rules import find_rules

WINDOWS = {1 / 20: 0.94, 1 / 10: 0.98, 1 / 5: 1.0, 1 / 2.5: 0.97}
"""Windows as shares of the picture's shorter side, each with a weight that decides between equals."""

EVEN = math.inf
"""The window of a drawing, whose paper has one grey."""

FLAT = 0.4
"""More than this share of a drawing has one grey, or nearly;"""

WHITE, FLAT_WHITE = 8, 0.2
"""or so much of it is as near as this to white, or to black: a JPEG file leaves its traces, and a digit that
was enlarged without a margin has more soft edge than paper around it."""

LOOK = 320
"""The choice is made on a copy whose longer side has this many pixels."""

DIFFERENT = 24
"""Greys that differ from the paper's by more than this are no paper."""

SHADED, SLOWLY = 0.06, (0.2, 1.5)
"""Where more than this share of a picture is neither paper nor ink, and changes slowly (so many greys over
two pixels of a small copy; where it does not change at all something was filled), it is no drawing: it is a
photograph that has white where there was too much light."""

UNCLEAR = 0.1
"""Below this score a second, finer copy is looked at."""

NEARLY = 0.5
"""A look whose score is less than this share of the best one's is not worth taking."""


@dataclass(frozen=True)
class Look:
    """How a picture is to be looked at: is its ink lighter than its paper, how wide is the window, how sure
    is it; and is only what is dark ink."""

    light_ink: bool
    window: float
    score: float
    dark: bool = False

    def is_like(self, other: "Look") -> bool:
        """Whether both are the same but for how sure they are."""
        return (self.light_ink, self.window, self.dark) == (other.light_ink, other.window, other.dark)


def taken_out(greys: Images, look: Look) -> Density:
    """Density of the ink of a picture in greys (H, W)."""
    import cv2

    if look.light_ink:
        greys = 255 - greys
    if look.window == EVEN:
        return _density(greys, np.full_like(greys, _usual(greys)[0]))
    window = max(3, round(look.window * min(greys.shape)))
    reduction = max(1, min(4, window // 16))
    height, width = (max(1, side // reduction) for side in greys.shape)
    small = cv2.resize(cv2.blur(greys, (3, 3)), (width, height), interpolation=cv2.INTER_AREA)
    light = cv2.resize(_closed(small, window / reduction), greys.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return _density(greys, light)


def choose(greys: Images, drawn: bool = True) -> list[Look]:
    """Ways to look at a picture in greys (H, W): the best, then those that are nearly as good.

    Unless it may be `drawn` it is no drawing, whatever it looks like.
    """
    import cv2

    for finer in (1, 2):  # fine squares are seen only on a finer copy
        reduction = finer * LOOK / max(greys.shape)
        small = greys
        if reduction < 1:
            height, width = (max(1, round(side * reduction)) for side in greys.shape)
            small = cv2.resize(greys, (width, height), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), 0.7)
        both = [(False, small), (True, 255 - small)]
        ruled = np.maximum(*[_ruled(turned) for _, turned in both])
        looks: list[Look] = []
        for light_ink, turned in both:
            likely = _likely(light_ink, small)
            if likely <= NEARLY * max((look.score for look in looks), default=0):
                continue  # no score is above 1
            edges = _Edges.of(turned, ruled)
            looks += [
                Look(light_ink, window, weight * likely * _score(turned, window, edges))
                for window, weight in WINDOWS.items()
            ]
        looks.sort(key=lambda look: -look.score)
        if looks[0].score > UNCLEAR:
            break
    if drawn and (paper := paper_of_drawing(greys)) is not None:
        lighter = float(greys[np.abs(greys.astype(int) - paper) > DIFFERENT].mean()) > paper
        drawing = Look(lighter, EVEN, looks[0].score)
        if darkness(
            taken_out(greys, drawing)
        ):  # paper that is white for too much light has a grain elsewhere
            looks.insert(0, drawing)
    best, *others = looks
    return [best, *(look for look in others if look.score > NEARLY * best.score)]


def paper_of_drawing(greys: Images) -> int | None:
    """The paper's grey of a drawing (H, W); None if it is none, or if nothing is drawn on it.

    A drawing has one grey more than all others, and half of its border has it; and it has no shadows.
    """
    paper, share = _usual(greys)
    if (
        share < (FLAT if _coloured(paper) else FLAT_WHITE)
        or not (np.abs(greys.astype(int) - paper) > DIFFERENT).any()
    ):
        return None
    border = np.concatenate([greys[0], greys[-1], greys[:, 0], greys[:, -1]]).astype(int)
    if (np.abs(border - paper) <= DIFFERENT).mean() <= 0.4 or _is_shaded(greys, paper):
        return None
    return paper


def _is_shaded(greys: Images, paper: int) -> bool:
    """Whether much of a picture is neither paper nor ink nor the edge of ink, but changes slowly."""
    import cv2

    reduction = min(1.0, LOOK / max(greys.shape))
    small = cv2.resize(greys, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
    different = np.abs(small.astype(int) - paper)
    between = (different > WHITE) & (different < 0.75 * np.percentile(different, 99.5))
    steep = _steepness(np.asarray(small, np.uint8))
    return float((between & (steep > SLOWLY[0]) & (steep < SLOWLY[1])).mean()) > SHADED


def _steepness(greys: Images) -> Density:
    """By how many greys a picture (H, W) changes over two pixels."""
    import cv2

    down = cv2.Sobel(greys, cv2.CV_32F, 0, 1, scale=0.25)
    right = cv2.Sobel(greys, cv2.CV_32F, 1, 0, scale=0.25)
    return np.asarray(cv2.magnitude(down, right), np.float32)


def _usual(greys: Images) -> tuple[int, float]:
    """The most frequent grey, and the share of pixels (H, W) that have it or nearly."""
    counts = np.bincount(greys[:: max(1, len(greys) // 200)].ravel(), minlength=256)
    grey = int(counts.argmax())
    reach = 1 if _coloured(grey) else WHITE
    return grey, float(counts[max(0, grey - reach) : grey + reach + 1].sum() / counts.sum())


def _coloured(paper: int) -> bool:
    """Whether paper of this grey is neither white nor black."""
    return WHITE < paper < 255 - WHITE


def _closed(greys: Images, window: float) -> Images:
    import cv2

    side = max(3, round(window)) | 1
    return cv2.morphologyEx(greys, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)).astype(np.uint8)


def _density(greys: Images, light: Images) -> Density:
    """1 - grey / light. Where it is nearly dark nothing can be known, and nothing is claimed."""
    density = greys.astype(np.float32)
    density /= np.maximum(light, 16)
    np.subtract(1, density, out=density)
    return np.maximum(density, 0, out=density)


def _likely(light_ink: bool, greys: Images) -> float:
    """How likely it is beforehand that the ink is light, or dark: light ink needs a dark ground to be seen
    on."""
    return float(np.clip((180 - np.median(greys)) / 60, 0.2, 1)) if light_ink else 1.0


def _ruled(greys: Images) -> NDArray[np.uint8]:
    """Where the ruled lines are, 1 in a band of 5 pixels (H, W)."""
    import cv2

    height, width = greys.shape
    ruled = np.zeros((height, width), np.uint8)
    for rule in find_rules(_density(greys, _closed(greys, 0.1 * min(greys.shape)))):
        ends = [(0.0, rule.offset), (width, rule.offset + rule.slope * width)]
        if rule.upright:
            ends = [(rule.offset, 0.0), (rule.offset + rule.slope * height, height)]
        start, end = [(round(x), round(y)) for x, y in ends]
        cv2.line(ruled, start, end, 1, 5)
    return ruled


@dataclass(frozen=True)
class _Edges:
    """A picture's edges, which outlines of ink are held against: how steep they are (H, W), where ruled lines
    are, and where nothing counts, which is at those and around the paper."""

    steep: Density
    ruled: NDArray[np.bool_]
    uncounted: NDArray[np.bool_]

    @classmethod
    def of(cls, greys: Images, ruled: NDArray[np.uint8]) -> "_Edges":
        """The edges of greys (H, W)."""
        dark = (greys < 0.6 * np.percentile(greys, 90)).astype(np.uint8)
        uncounted = (ruled | _outline(frame(dark), 7)) > 0
        return cls(_steepness(greys), ruled > 0, uncounted)


def _score(greys: Images, window: float, there: _Edges) -> float:
    """How well the ink's outline and the picture's edges agree, from 0 to 1.

    Edges at ruled lines do not count, and those around the paper only a little.
    """
    light = _closed(greys, window * min(greys.shape))
    density = _density(greys, light)
    seen = density[density > FAINTEST]
    if len(seen) < 5:
        return 0.0
    # of a grain all around the paper is most of what is seen, but not of what is dark
    threshold = max(FAINTEST, 0.4 * float(np.percentile(seen, 90)), 0.4 * darkness(density))
    ink = without_frame((density > threshold).astype(np.uint8))
    edges = there.steep / np.maximum(light, 32)
    edges -= 3 * np.percentile(edges[::3], 25)  # noise has a quarter below this third
    np.maximum(edges, 0, out=edges)
    edges[there.ruled] = 0
    everything = float(np.square(edges).sum())
    edges[there.uncounted] = 0
    on_outline = edges[(_outline(ink, 3) > 0) & ~there.uncounted]
    if not len(on_outline) or not edges.any():
        return 0.0
    counted = float(np.square(edges).sum())
    found = float(np.square(on_outline).sum()) / counted * np.sqrt(counted / everything)
    true = float((on_outline > threshold / 8).mean())
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]]).mean()
    return float(found * true**2 * (1 - border) * (1 - ink.mean()) ** 2)


def _outline(region: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    import cv2

    square = np.ones((width, width), np.uint8)
    inner = cv2.erode(region, square, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    outline: NDArray[np.uint8] = cv2.dilate(region, square) - inner
    return outline


def without_frame(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink 0 or 1 (H, W) without what lies along the picture's border: the table beside the paper."""
    import cv2

    around = frame(ink)
    if not around.any():
        return ink
    side = _thin(ink)
    around = cv2.dilate(around, np.ones((side, side), np.uint8))
    rest = ink & (1 - around)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    touching = cv2.dilate(around, np.ones((3, 3), np.uint8)) & rest
    contact = np.bincount(labels[touching > 0], minlength=count)
    slivers = contact > 0.2 * stats[:, cv2.CC_STAT_AREA]  # what is left of the frame's soft edge
    slivers[0] = False
    return np.where(slivers[labels], 0, rest).astype(np.uint8)


def frame(ink: NDArray[np.uint8], contact: float = 0.08) -> NDArray[np.uint8]:
    """Pixels (H, W) of thick dark things that lie along the border.

    A mark that is cut off by the border touches it with the width of a stroke, and ruled lines do so many
    times; a frame touches it with its length. What counts is the longest contact, as a share of all the
    border.
    """
    import cv2

    ends = np.concatenate([ink[0], ink[1:, -1], ink[-1, -2::-1], ink[-2:0:-1, 0]])
    if ends.mean() < contact:
        return np.zeros_like(ink)
    side = _thin(ink)
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    count, labels = cv2.connectedComponents(thick, connectivity=8)
    around = np.concatenate([labels[0], labels[1:, -1], labels[-1, -2::-1], labels[-2:0:-1, 0]])
    starts = np.flatnonzero(np.diff(around, prepend=-1))
    longest = np.zeros(count, np.int64)
    np.maximum.at(longest, around[starts], np.diff(starts, append=len(around)))
    along = longest > contact * len(around)
    along[0] = False
    return along[labels].astype(np.uint8)


def _thin(ink: NDArray[np.uint8]) -> int:
    """Side of a square that no ruled line fills."""
    return max(3, max(ink.shape) // 64) | 1
