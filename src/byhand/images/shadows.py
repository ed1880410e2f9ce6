"""Stage 5a: pieces of shadows, such as that of a finger, known by being faint and having soft edges.

A lamp is no point, so what is not pressed onto the paper casts a shadow whose edge is soft (its penumbra);
the edge of ink is as sharp as the picture.
"""

import numpy as np
from numpy.typing import NDArray

from byhand.images.density import Density
from byhand.images.ink import darkness
from byhand.images.marks import Mark
from byhand.images.quantiles import percentile

FAINT, SOFTER = 0.65, 1.25
"""A shadow is less dark than this share of how dark ink usually is, and its edge so many times as wide."""


def are_shadows(marks: list[Mark], density: Density) -> NDArray[np.bool_]:
    """Which marks (N,) of a picture (H, W) are much fainter than ink, with softer edges than the others."""
    answers = np.zeros(len(marks), bool)
    dark = np.array([_darkness(mark) for mark in marks])
    if not (dark < FAINT * dark.max(initial=0)).any():
        return answers
    faint = dark < FAINT * darkness(density)
    if faint.any() and not faint.all():
        sharp = float(np.median([_edge(mark, density) for mark in _some(marks, ~faint)]))
        answers[faint] = [_edge(mark, density) > SOFTER * sharp for mark in _some(marks, faint)]
    return answers


def _some(marks: list[Mark], which: NDArray[np.bool_]) -> list[Mark]:
    return [mark for mark, this in zip(marks, which, strict=True) if this]


def _darkness(mark: Mark) -> float:
    return percentile(mark.ink[mark.ink > 0], 75)


def _edge(mark: Mark, density: Density) -> float:
    """How many pixels wide the edge of a mark is: how dark it is by how fast its darkness falls off there."""
    import cv2

    top, left = max(0, mark.y - 2), max(0, mark.x - 2)
    part = density[top : mark.bottom + 2, left : mark.right + 2]
    own = np.zeros(part.shape, np.uint8)
    own[mark.y - top : mark.bottom - top, mark.x - left : mark.right - left] = mark.ink > 0
    down = cv2.Sobel(part, cv2.CV_32F, 0, 1, scale=1 / 8)
    across = cv2.Sobel(part, cv2.CV_32F, 1, 0, scale=1 / 8)
    edge = (cv2.dilate(own, np.ones((3, 3), np.uint8)) - cv2.erode(own, np.ones((5, 5), np.uint8))) > 0
    steep = percentile(np.hypot(down[edge], across[edge]), 60)
    return _darkness(mark) / max(1e-6, steep)
