"""The camera: where the page lies in the picture, and what lens, sensor and file do to it."""

import io

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float32]
Matrix = NDArray[np.float64]
Rng = np.random.Generator


def view(rng: Rng, degrees: float, pinch: float) -> Matrix:
    """Homography (3, 3) from the page to the picture, about (0, 0), page turned and seen from aside."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    aside = np.eye(3)
    direction = rng.uniform(0, 2 * np.pi)
    aside[2, :2] = pinch * np.cos(direction), pinch * np.sin(direction)
    return np.asarray(aside @ turn)


def project(matrix: Matrix, points: Matrix) -> Matrix:
    """Points (N, 2), x and y, moved by a homography."""
    moved = np.c_[points, np.ones(len(points))] @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:])


def placed(matrix: Matrix, corners: Matrix, shape: tuple[int, int], rng: Rng, zoom: float) -> Matrix:
    """The homography followed by a move and a zoom that bring these points well into a picture (H, W).

    The points get `zoom` times the size that would just fit, and lie anywhere in the picture.
    """
    moved = project(matrix, corners)
    low, high = moved.min(axis=0), moved.max(axis=0)
    frame = np.array([shape[1], shape[0]], np.float64)
    margin = 0.03 * frame.min()
    scale = min(zoom, float(((frame - 2 * margin) / (high - low)).min()))
    room = frame - 2 * margin - scale * (high - low)
    corner = margin + room * rng.beta(2.5, 2.5, 2)
    to = np.eye(3)
    to[0, 0] = to[1, 1] = scale
    to[:2, 2] = corner - scale * low
    return np.asarray(to @ matrix)


def page_coordinates(
    matrix: Matrix, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[Field, Field]:
    """Where on the page (u right, v down; (H, W) each) these rows and columns of the picture look."""
    back = np.linalg.inv(matrix)
    x, y = columns[None, :] + 0.0, rows[:, None] + 0.0
    w = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    u = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / w
    v = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / w
    return u.astype(np.float32), v.astype(np.float32)


def defocused(picture: Field, radius: float) -> Field:
    """The picture (H, W, 3), out of focus: a soft disc."""
    return ndimage.gaussian_filter(picture, (radius, radius, 0)) if radius > 0.05 else picture


def shaken(picture: Field, length: float, degrees: float) -> Field:
    """The picture (H, W, 3), blurred along a line of `length` pixels."""
    steps = max(2, int(np.ceil(length)))
    angle = np.deg2rad(degrees)
    total = np.zeros_like(picture)
    for part in np.linspace(-0.5, 0.5, steps):
        by = part * length * np.sin(angle), part * length * np.cos(angle)
        whole = np.floor(by).astype(int)
        rest = by[0] - whole[0], by[1] - whole[1]
        for down in (0, 1):
            for right in (0, 1):
                share = (rest[0] if down else 1 - rest[0]) * (rest[1] if right else 1 - rest[1])
                if share > 1e-3:
                    total += share / steps * _moved(picture, whole[0] + down, whole[1] + right)
    return total


def _moved(picture: Field, down: int, right: int) -> Field:
    """The picture moved by whole pixels, its edge repeated."""
    rows = np.clip(np.arange(picture.shape[0]) - down, 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(picture.shape[1]) - right, 0, picture.shape[1] - 1)
    return picture[rows][:, columns]


def sensor(rng: Rng, picture: Field, noise: float) -> NDArray[np.uint8]:
    """What the sensor says (H, W, 3) uint8: more noise where there is less light, in lumps of colour."""
    if noise > 0.1:
        bright = np.sqrt(np.maximum(picture.mean(axis=2), 20) / 128)
        grey = rng.standard_normal(picture.shape[:2], np.float32)
        colour = rng.standard_normal(picture.shape, np.float32)
        colour = ndimage.gaussian_filter(colour, (1, 1, 0)) * 2
        picture = picture + (noise / bright * grey)[..., None] + 0.4 * noise * colour
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def developed(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The picture (H, W, 3) after it was a JPEG file of this quality."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))
