"""Stage 1, another way: only what has no colour, or only what has one.

Rules are often blue or red and the ink is black or a pencil's grey; or the squares are grey and the ink is
blue. In greys both are dark. But what has no colour, such as a pencil's stroke or a shadow, takes the same
share of all three primary colours of the paper, and what has one takes less of its own. (So the ratios of the
primary colours say nothing of the light: Gevers, Smeulders: Color-based object recognition, 1999.)
"""

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images

Colours = NDArray[np.uint8]
"""A picture in red, green and blue (H, W, 3)."""

BRIGHT = 75
"""The paper's colour is the usual one of what is brighter than so many hundredths of the picture."""

PAPER, LEAST = 180, 12
"""The paper's grey in what is made here; and what is added to each colour, for where it is dark the ratio of
colours is chance."""

MOST, FAINT, INK, STRONG = 75, 0.15, 99.7, 0.25
"""Where the ink has a colour so many hundredths of the picture have hardly any, and what is left of so many
has one that is as strong as this."""

EVERY = 4
"""Every so many rows and columns tell the paper's colour."""


def by_colour(colours: Colours) -> tuple[Images, Images]:
    """Greys (H, W) of what has no colour, and greys (H, W) of what has one."""
    import cv2

    red, green, blue = cv2.split(_as_of_white_paper(colours))
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    ratio = cv2.divide(least, most, scale=PAPER)
    return np.asarray(most, np.uint8), np.asarray(ratio, np.uint8)


def is_ink_coloured(colours: Colours, sheet: NDArray[np.uint8] | None = None) -> bool:
    """Whether a little of a picture (H, W, 3), or of the sheet there (H, W), has a strong colour, and most of
    it has hardly any."""
    import cv2

    few = np.ascontiguousarray(colours[::EVERY, ::EVERY])
    where = np.ones(few.shape[:2], np.uint8)
    if sheet is not None:
        where = cv2.resize(sheet, few.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    colour = 1 - by_colour(few)[1][where > 0] / PAPER
    return bool(len(colour) and np.percentile(colour, MOST) < FAINT and np.percentile(colour, INK) > STRONG)


def has_colours(colours: Colours) -> bool:
    """Whether any pixel is not grey."""
    few = colours[::EVERY, ::EVERY].astype(np.int16)
    return bool((few != few[..., :1]).any())


def _as_of_white_paper(colours: Colours) -> Colours:
    """The colours as they would be if the paper had none."""
    import cv2

    few = colours[::EVERY, ::EVERY].reshape(-1, 3)
    light = few.sum(axis=1, dtype=np.int32)
    paper = np.median(few[light >= np.percentile(light, BRIGHT)], axis=0)
    by_value = np.arange(256)[:, np.newaxis] * PAPER / np.maximum(paper, 16) + LEAST
    return np.asarray(cv2.LUT(colours, by_value.clip(0, 255).astype(np.uint8)[np.newaxis]), np.uint8)
