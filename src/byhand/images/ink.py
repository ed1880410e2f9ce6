"""Stage 4: which pixels are ink.

A pixel is ink when it is at least half as dark as the ink usually is in this picture, or when it hangs
together with such pixels and is at least a third as dark (two thresholds, as Canny joins edges: A
computational approach to edge detection, 1986). So a pen that fades within a stroke does not break it, and
a stain is no stroke.
"""

import numpy as np
from numpy.typing import NDArray

from byhand.images.density import FAINTEST, Density

SURE, POSSIBLE = 0.5, 0.33
"""Shares of the ink's darkness from which on a pixel is ink, and may be."""

DARK_SURE, DARK_POSSIBLE = 0.65, 0.5
"""The same where only what is dark counts: not the edges of shadows and of light through a window."""

BROADER, SOFT = 1.5, 0.5
"""What is faint, and broader than so many times the strokes that are sure, is a shadow on them, if all around
it is still so many times as dark."""

CLEAR = 7.5
"""Ink is as many times as dark as the paper's grain varies; on empty paper the darkest grain is about 5."""

LEAST_INK = 40
"""Fewer dark pixels than this are a speck and no kind of their own."""

MUCH, APART = 0.25, 4.0
"""Where more than this share of a picture is ink, that is so much darker than the paper: so many times either
one's standard deviation."""


def noise(density: Density) -> float:
    """Standard deviation of the paper's density, from its median deviation: ink is too rare to move it.

    But a thick digit may fill half of its picture. Then paper is what Otsu's threshold parts from the ink.
    """
    sample = density[:: max(1, density.shape[0] // 150), :: max(1, density.shape[1] // 150)]
    deviation, paper = _deviation(sample), _paper(sample)
    return deviation if paper is sample else min(deviation, _deviation(paper))


def _deviation(sample: Density) -> float:
    return 1.4826 * float(np.median(np.abs(sample - np.median(sample))))


def _paper(sample: Density) -> Density:
    """What is paper of a sample, if much of it is ink and surely so; otherwise all of it."""
    dark = sample > _otsu(sample)
    if not MUCH < dark.mean() < 1:
        return sample
    ink, paper = sample[dark], sample[~dark]
    return paper if ink.mean() - paper.mean() > APART * max(ink.std(), paper.std()) else sample


def _otsu(density: Density) -> float:
    """Otsu's threshold between two kinds of pixels (A threshold selection method from gray-level histograms,
    1979)."""
    import cv2

    levels = np.rint(255 * np.clip(density, 0, 1)).astype(np.uint8).reshape(1, -1)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return threshold / 255


def darkness(density: Density) -> float:
    """How dark the ink of a picture usually is; 0 when there is none.

    Where there are two kinds of dark pixels, as of faint squares and a pen, the darker kind is the ink;
    they are told apart by Otsu's threshold.
    """
    import cv2

    smooth = cv2.blur(density, (3, 3))
    grain = noise(smooth)
    seen = smooth[smooth > max(FAINTEST, 4 * grain)]
    if not len(seen):
        return 0.0
    darker = seen > _otsu(seen)
    few = darker.sum() < LEAST_INK
    strong = seen if few or not darker.any() else seen[darker]
    level = float(np.percentile(strong, 65))
    return level if level > CLEAR * grain else 0.0


def _stroke(ink: NDArray[np.bool_]) -> float:
    """How broad the strokes of ink (H, W) are on the whole: their area by half of their outline."""
    import cv2

    inner = cv2.erode(ink.view(np.uint8), np.ones((3, 3), np.uint8))
    area, inside = cv2.countNonZero(ink.view(np.uint8)), cv2.countNonZero(inner)
    return 2 * area / max(1, area - inside)


def _shadow(faint: NDArray[np.uint8], density: Density, breadth: float) -> NDArray[np.uint8]:
    """What of faint ink (H, W) is the shadow of something such as a finger: a square of this breadth has room
    in it, or is near, and its edge is soft."""
    import cv2

    if breadth >= min(faint.shape):
        return np.zeros_like(faint)
    square = np.ones((max(3, round(breadth)),) * 2, np.uint8)
    room = cv2.erode(faint, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    if not room.any():
        return np.zeros_like(faint)
    broad = cv2.dilate(room, square)
    dark = np.median(density[broad > 0])
    around = (cv2.dilate(broad, np.ones((7, 7), np.uint8)) > broad) & (faint == 0) & (density < dark)
    if not around.any() or np.median(density[around]) <= SOFT * dark:
        return np.zeros_like(faint)
    return np.asarray(cv2.dilate(broad, square, iterations=2) & faint, np.uint8)


def find_ink(density: Density, dark: bool = False) -> NDArray[np.uint8]:
    """Pixels (H, W) of ink, 1 where it is; or of the dark alone."""
    import cv2

    ink = darkness(density)
    if not ink:
        return np.zeros(density.shape, np.uint8)
    floor = max(FAINTEST, 4 * noise(density))
    of_sure, of_possible = (DARK_SURE, DARK_POSSIBLE) if dark else (SURE, POSSIBLE)
    sure = density > max(floor, of_sure * ink)
    possible = (density > max(floor, of_possible * ink)).view(np.uint8)
    possible &= ~_shadow(possible ^ sure, density, BROADER * _stroke(sure))
    count, labels = cv2.connectedComponents(possible, connectivity=8)
    kept = (np.bincount(labels[sure], minlength=count) > 0).astype(np.uint8)
    kept[0] = 0
    return kept[labels]
