"""What is written on, and the light on it: colours and shares of light for each pixel of a picture."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float32]
Rng = np.random.Generator

PAPERS = {
    "white": [(246, 246, 244), (250, 250, 252), (238, 238, 236), (228, 230, 233)],
    "coloured": [
        (247, 232, 138),  # yellow notes
        (250, 240, 214),  # cream
        (214, 209, 199),  # recycled
        (190, 158, 118),  # brown wrapping paper
        (245, 200, 208),
        (190, 221, 240),
        (196, 230, 190),
    ],
    "board": [(34, 58, 46), (44, 46, 48), (26, 66, 52), (28, 30, 34), (52, 60, 70)],
}

INKS = {
    "ball pen": [(28, 44, 130), (24, 26, 34), (20, 60, 160), (170, 30, 40), (20, 100, 60), (70, 40, 120)],
    "felt pen": [(18, 18, 22), (20, 40, 150), (190, 20, 30), (10, 110, 60)],
    "pencil": [(70, 70, 74), (88, 88, 92), (60, 58, 60)],
    "chalk": [(238, 238, 232), (246, 246, 246), (240, 225, 150), (235, 190, 195)],
}


def choose(rng: Rng, colours: list[tuple[int, int, int]], spread: float = 6) -> Field:
    """One of these colours (3,), a little changed."""
    colour = np.asarray(colours[rng.integers(len(colours))], np.float32)
    return np.clip(colour + rng.normal(0, spread / 2) + rng.normal(0, spread / 6, 3), 0, 255).astype(
        np.float32
    )


def cloud(rng: Rng, shape: tuple[int, int], size: float) -> Field:
    """Smooth random field (H, W) of mean 0 and deviation 1, with lumps of about `size` pixels."""
    step = max(1, int(size / 2))
    small = (-(-shape[0] // step) + 3, -(-shape[1] // step) + 3)
    field = ndimage.gaussian_filter(rng.standard_normal(small, np.float32), max(0.6, size / step / 2))
    if step > 1:
        rows = np.linspace(1, small[0] - 2, shape[0], dtype=np.float32)
        columns = np.linspace(1, small[1] - 2, shape[1], dtype=np.float32)
        # separable interpolation: rows, then columns
        field = _interpolate(_interpolate(field, rows).T, columns).T
    field = field[: shape[0], : shape[1]]
    return (field - field.mean()) / (field.std() + 1e-6)


def _interpolate(field: Field, rows: Field) -> Field:
    low = rows.astype(np.int64)
    part = (rows - low)[:, None]
    part = part * part * (3 - 2 * part)  # no kinks where two samples meet
    return field[low] * (1 - part) + field[low + 1] * part


def grain(rng: Rng, shape: tuple[int, int], board: bool) -> Field:
    """Texture of a surface (H, W), to be added to its grey levels: fibres, or a board that was wiped."""
    if board:
        streaks = ndimage.uniform_filter(rng.standard_normal(shape, np.float32), (3, 61)) * 9
        return 4 * cloud(rng, shape, 120) + 2.5 * streaks + 2 * cloud(rng, shape, 3)
    return rng.uniform(0.3, 1.6) * cloud(rng, shape, 2.5) + rng.uniform(0.3, 1.5) * cloud(rng, shape, 60)


def rules(
    u: Field, v: Field, spacing: float, width: float, squared: bool, offset: tuple[float, float]
) -> Field:
    """How much of each place (H, W) is covered by printed lines; u right, v down, in the page's pixels."""
    covered = _line(v - offset[1], spacing, width)
    return np.maximum(covered, _line(u - offset[0], spacing, width)) if squared else covered


def _line(along: Field, spacing: float, width: float) -> Field:
    far = np.abs((along + spacing / 2) % spacing - spacing / 2)
    return np.clip((width / 2 - far) + 0.5, 0, 1) * min(1.0, width)


def light(rng: Rng, shape: tuple[int, int], strength: float) -> Field:
    """Uneven light (H, W), 1 where it is brightest: a slope, a bend, and a darker rim."""
    y, x = _unit(shape)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * x + np.sin(angle) * y
    centre = rng.uniform(-0.6, 0.6, 2)
    bend = (x - centre[0]) ** 2 + (y - centre[1]) ** 2
    field = rng.uniform(0.4, 1) * slope - rng.uniform(0.2, 0.8) * bend
    field = (field - field.min()) / (field.max() - field.min() + 1e-6)
    return (1 - strength * (1 - field)).astype(np.float32)


def shadow(rng: Rng, shape: tuple[int, int], depth: float) -> Field:
    """Share of the light (H, W) that a hand, an arm or a phone above the page lets through."""
    y, x = _unit(shape)
    size = min(shape)
    kind = rng.integers(3)
    angle = rng.uniform(0, 2 * np.pi)
    across, along = np.cos(angle) * x + np.sin(angle) * y, -np.sin(angle) * x + np.cos(angle) * y
    if kind == 0:  # an arm or the edge of something large
        distance = (
            across - rng.uniform(-0.35, 0.35) + 0.12 * np.sin(along * rng.uniform(1, 4) + rng.uniform(0, 6))
        )
    elif kind == 1:  # a phone: a rounded rectangle
        half = rng.uniform(0.25, 0.45), rng.uniform(0.5, 0.9)
        shift = rng.uniform(-0.4, 0.4, 2)
        dx, dy = np.abs(across - shift[0]) - half[0], np.abs(along - shift[1]) - half[1]
        distance = -np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) - np.minimum(np.maximum(dx, dy), 0)
    else:  # a hand: a palm and four fingers
        palm = rng.uniform(-0.7, 0.7), rng.uniform(0.6, 1.2)
        distance = 0.5 - np.hypot(across - palm[0], 0.6 * (along - palm[1]))
        distance = np.maximum(
            distance, 0.36 - np.abs(across - palm[0]) + np.minimum(0, along - palm[1])
        )  # the arm
        for finger in range(4):
            base = palm[0] + (finger - 1.5) * 0.22
            reach = palm[1] - rng.uniform(0.7, 1.1)
            nearest = np.clip(along, reach, palm[1])
            distance = np.maximum(distance, 0.085 - np.hypot(across - base, along - nearest))
    softness = rng.uniform(0.03 * size, 0.12 * size) / (size / 2)
    inside = 1 / (1 + np.exp(-np.clip(distance / softness * 3, -30, 30)))
    return (1 - depth * inside).astype(np.float32)


def _unit(shape: tuple[int, int]) -> tuple[Field, Field]:
    """Rows and columns (H, 1), (1, W), the shorter side from -1 to 1."""
    half = min(shape) / 2
    y = (np.arange(shape[0], dtype=np.float32) - shape[0] / 2) / half
    x = (np.arange(shape[1], dtype=np.float32) - shape[1] / 2) / half
    return y[:, None], x[None, :]


def desk(rng: Rng, shape: tuple[int, int]) -> Field:
    """The table below the paper (H, W, 3): wood with its grain, or plain."""
    colour = choose(rng, [(120, 84, 54), (92, 64, 44), (150, 112, 74), (70, 72, 76), (40, 40, 44)], 10)
    y, x = _unit(shape)
    wave = np.sin(18 * y + 2.5 * np.sin(1.5 * x + rng.uniform(0, 6)) + 1.5 * cloud(rng, shape, 150))
    tone = 6 * wave + 4 * cloud(rng, shape, 4)
    return np.clip(colour + tone[..., None], 0, 255)
