"""Stage 3: ruled and squared lines taken away, and the strokes that cross them kept.

Each rule is followed along its course, and its own ink is taken out the way the light was: ink over a rule
lets through what the rule lets through, times what the ink lets through. What is darker than its rule was a
stroke, and is made whole. Where rules are as dark as the ink nothing of a crossing stroke is left: it is put
back wherever ink lies on both sides.
"""

import numpy as np
from numpy.typing import NDArray

from byhand.images.density import Density
from byhand.images.ink import darkness
from byhand.images.quantiles import median
from byhand.images.rules import Rule

HIDDEN = 0.33
"""Where less than this share of strokes is left between what is above and below a rule, they were hidden by
it."""

CLEARLY = 1.2
"""A stroke is seen to go on over a rule where it is so many times as dark as the rule is there."""

DARK, WHOLE = 0.15, 0.55
"""What is darker than this and is seen on a smaller share of its way is no rule, but a row of letters."""

BLOCK = 32
"""How dark a rule is at a place is told by the median over as many pixels along it."""


def without_rules(density: Density, rules: list[Rule]) -> Density:
    """Density (H, W) without these rules."""
    clean, around, left = _erased(density, rules, hidden=False)
    ink = darkness(clean)
    across = around > 0.5 * ink
    if ink and across.any() and np.median(left[across] / around[across]) < HIDDEN:
        clean, _, _ = _erased(density, rules, hidden=True)
    return clean


def _erased(density: Density, rules: list[Rule], hidden: bool) -> tuple[Density, Density, Density]:
    """The density (H, W) without these rules, how dark it is next to them, on the lighter side, and how dark
    what is left of them is in between, before strokes are made whole: also where they may be hidden."""
    clean, crossings = density.copy(), [np.zeros((2, 0), np.float32)]
    for upright in (False, True):
        own = [rule for rule in rules if rule.upright == upright]
        if own:
            clean = np.ascontiguousarray(clean.T) if upright else clean
            crossings += [_erase(clean, rule, hidden, _room(rule, own, clean.shape)) for rule in own]
            clean = np.ascontiguousarray(clean.T) if upright else clean
    around, left = np.concatenate(crossings, axis=1)
    return clean, around, left


def _room(rule: Rule, rules: list[Rule], shape: tuple[int, ...]) -> int:
    """Rows on either side of a rule that are looked at: as many as it can be thick, and no other rule is
    in."""
    middle = shape[1] / 2
    here = rule.offset + rule.slope * middle
    apart = [abs(other.offset + other.slope * middle - here) for other in rules if other is not rule]
    nearest = min((distance for distance in apart if distance > 5), default=np.inf)
    return int(np.clip(nearest / 3.5, 4, max(8, max(shape) / 90)))


def bridged(density: Density, size: int) -> Density:
    """The density (H, W) with gaps of fewer rows than `size` filled, where ink lies above and below them."""
    import cv2

    grey = np.rint(density * 255).clip(0, 255).astype(np.uint8)
    filled = grey.copy()
    for line in _slanted(size):
        np.maximum(filled, cv2.morphologyEx(grey, cv2.MORPH_CLOSE, line), out=filled)
    return filled * np.float32(1 / 255)


def _erase(density: Density, rule: Rule, hidden: bool, reach: int) -> Density:
    """Take one rule from left to right out of the density, in place.

    Returns how dark it is beside the rule, on the lighter side, and how dark what is left is (2, at most W).
    A row of letters that looked like a rule from afar is left as it is.
    """
    height, width = density.shape
    columns = np.arange(width)
    course = rule.offset + rule.slope * columns
    course = course + _wander(density, course, reach)
    rows = np.rint(course).astype(int) + np.arange(-2 * reach, 2 * reach + 1)[:, None]
    inside = (rows >= 0) & (rows < height)
    rows = np.clip(rows, 0, height - 1)
    strip = density[rows, columns]

    profile = _along(strip)
    middle = 2 * reach
    ground = np.minimum(median(profile[: reach // 2 + 1], axis=0), median(profile[-reach // 2 :], axis=0))
    raised = np.maximum(profile - ground, 0)
    seen = raised[:, inside[middle]]
    typical = median(seen if seen.size else raised, axis=1)
    peak = float(typical[middle - 2 : middle + 3].max())
    on_course = (strip[middle - 1 : middle + 2].max(axis=0) - ground)[inside[middle]]
    if peak > DARK and len(on_course) and (on_course > 0.5 * peak).mean() < WHOLE:
        return np.zeros((2, 0), np.float32)
    wide = typical > 0.2 * peak
    top, bottom = middle, middle
    while top > middle - reach and wide[top - 1]:
        top -= 1
    while bottom < middle + reach and wide[bottom + 1]:
        bottom += 1
    band = slice(max(0, top - 2), bottom + 3)
    # the course may be a pixel off here and there: what is typical beside a row is typical of it as well
    beside = np.maximum(typical, np.maximum(np.roll(typical, 1), np.roll(typical, -1)))
    own = np.clip(raised, 0.9 * typical[:, None], 1.3 * beside[:, None] + 0.02)[band]
    without = 1 - (1 - strip[band]) / (1 - np.minimum(own, 0.9))
    left = strip.copy()
    left[band] = np.maximum(without, 0)
    left[band] = np.where(own > 0.3 * peak, left[band], np.minimum(left[band], strip[band]))
    above, below = left[band.start - 2 : band.start].max(axis=0), left[band.stop : band.stop + 2].max(axis=0)
    crossing = np.stack([np.minimum(above, below), median(left[top : bottom + 1], axis=0)])
    stroke = strip[band] if hidden else np.where(strip[band] > CLEARLY * own + 0.02, strip[band], 0)
    if stroke.any():
        size = (bottom - top + 4) | 1
        left[band] = np.maximum(left[band], np.minimum(bridged(left, size)[band], stroke))
    band_inside = inside[band]
    target = rows[band], np.broadcast_to(columns, rows[band].shape)
    density[target[0][band_inside], target[1][band_inside]] = left[band][band_inside]
    return crossing[:, inside[top : bottom + 1].all(axis=0)]


def _wander(density: Density, course: NDArray[np.floating], reach: int) -> NDArray[np.floating]:
    """By how much a rule lies beside its straight course, for each column: paper bends.

    Each block along the rule says where its darkest row is; a parabola goes through what most of them say,
    for where strokes cross the darkest row may be another.
    """
    height, width = density.shape
    rows = np.rint(course).astype(int) + np.arange(-reach, reach + 1)[:, None]
    inside = (rows[reach] >= 0) & (rows[reach] < height)
    count = width // BLOCK
    if count < 4:
        return np.zeros(width)
    strip = density[np.clip(rows, 0, height - 1), np.arange(width)][:, : count * BLOCK]
    profile = median(strip.reshape(2 * reach + 1, count, BLOCK), axis=2)
    raised = np.maximum(profile - np.percentile(profile, 15, axis=0), 0)
    peaks = raised.max(axis=0)
    seen = (peaks > 0.02) & inside[: count * BLOCK].reshape(count, BLOCK).all(axis=1)
    if seen.sum() < 4:
        return np.zeros(width)
    usual = np.median(peaks[seen])
    near = np.maximum(raised - 0.5 * peaks, 0)
    shift = (near * np.arange(-reach, reach + 1)[:, None]).sum(axis=0) / np.maximum(near.sum(axis=0), 1e-9)
    places = (np.arange(count) + 0.5) * BLOCK / width - 0.5
    weights = seen * np.exp(-(((peaks - usual) / (0.5 * usual)) ** 2))
    curve = np.zeros(3)
    for _ in range(4):
        curve = np.polyfit(places, shift, 2, w=weights + 1e-6)
        off = np.abs(np.polyval(curve, places) - shift)
        weights = seen / (1 + (off / 0.7) ** 2)
    wander: NDArray[np.floating] = np.polyval(curve, np.arange(width) / width - 0.5)
    return np.clip(wander, -reach, reach)


def _along(strip: Density) -> Density:
    """Median of a strip (S, W) along it: over blocks, then between neighbouring blocks, for each column."""
    height, width = strip.shape
    count = max(1, width // BLOCK)
    blocks = median(strip[:, : count * BLOCK].reshape(height, count, -1), axis=2)
    if count >= 5:
        padded = np.pad(blocks, ((0, 0), (2, 2)), mode="edge")
        blocks = median(np.stack([padded[:, i : i + count] for i in range(5)]), axis=0)
    which = np.minimum(np.arange(width) // BLOCK, count - 1)
    return blocks[:, which].astype(np.float32)


def _slanted(size: int) -> list[NDArray[np.uint8]]:
    """Lines across a rule at several slants, as sets of pixels."""
    import cv2

    lines = []
    for lean in (-1.0, -0.5, 0.0, 0.5, 1.0):
        side = round(abs(lean) * (size - 1)) | 1
        line = np.zeros((size, side), np.uint8)
        half = lean * (size - 1) / 2
        middle = (side - 1) / 2
        cv2.line(line, (round(middle - half), 0), (round(middle + half), size - 1), 1)
        lines.append(line)
    return lines
