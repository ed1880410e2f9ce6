"""Distortion: pictures bent by chance, each in its own way, as no two hands write alike.

A picture is bent by asking where in it each pixel of the new one comes from, and looking there. So each step
here is a few operations on arrays of the whole batch; benchmarks/distortion.py says what each costs.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Images
from byhand.errors import SettingError

BLOCK = 2**18
"""Pixels that are bent at once, so that what is computed with stays near the processor."""

LIMITS = {
    "shift": 1000.0,
    "rotation": 180.0,
    "scale": 0.9,
    "shear": 80.0,
    "thickness": 1.0,
    "alpha": 1000.0,
    "sigma": 100.0,
}
"""How large each setting of a distortion may be."""


@dataclass(frozen=True)
class Distort:
    """Each picture moved, turned, stretched, slanted, thickened and bent, by chance.

    Every number but sigma is how far it may go, either way and evenly; 0 switches it off. Turns, stretches
    and slants are about the middle of the page; paper (0) comes in at the edges.

    shift      pixels, down and to the right separately; parts of pixels too
    rotation   degrees
    scale      share of the size, of width and height separately: 0.1 is from 10 % smaller to 10 % larger
    shear      degrees that upright strokes are slanted by
    thickness  pixels that each edge of a stroke is moved by, at most 1
    alpha      the elastic distortion: pixels that noise goes up to, before it is smoothed; 0 switches it off
    sigma      pixels, the standard deviation of the Gaussian that the noise is smoothed with

    The elastic distortion is that of Simard, Steinkraus and Platt, "Best practices for convolutional neural
    networks applied to visual document analysis", 2003, who give sigma = 4 and alpha = 34 for MNIST. Cireşan,
    Meier, Gambardella and Schmidhuber, "Deep, big, simple neural nets for handwritten digit recognition",
    2010, went with sigma from 5 to 6 and alpha from 36 to 38, turned by up to 15 degrees (7.5 for 1 and 7)
    and stretched by up to 15 to 20 %. The defaults do somewhat less of each, for some tens of epochs.
    """

    shift: float = 1.0
    rotation: float = 10.0
    scale: float = 0.1
    shear: float = 8.0
    thickness: float = 0.3
    alpha: float = 28.0
    sigma: float = 4.0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        for name, most in LIMITS.items():
            value = getattr(self, name)
            if not 0 <= value <= most:  # nan neither
                raise SettingError(f"{name} of a distortion is {value}; it must be from 0 to {most:g}")
        if self.alpha and not self.sigma:
            raise SettingError("sigma of a distortion is 0; it must be above 0, or alpha 0 as well")

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Bent copy of images (B, H, W) or (B, H, W, C)."""
        bent = np.empty_like(images)
        H, W = images.shape[1:3]
        together = max(1, BLOCK // (H * W))
        for start in range(0, len(images), together):
            some = images[start : start + together]
            places = self._places(len(some), H, W, rng)
            if self.thickness:
                some = thickened(some, self.thickness * _evenly(rng, (len(some),)))
            bent[start : start + together] = resampled(some, places)
        return bent

    def _places(self, B: int, H: int, W: int, rng: np.random.Generator) -> Array:
        """Rows and columns (2, B, H, W) that the new pixels come from.

        Straight lines and smoothed noise are both sums of a function of the row times a function of the
        column. So the places are R C Sᵀ for each picture, with those functions in the columns of R (H, ·)
        and S (W, ·), and in C what the picture has of each product: 1, row, column, and the noise.
        """
        sigma = self.sigma if self.alpha else None
        R, S = _functions(H, sigma), _functions(W, sigma)
        middle, matrix = self._affine(*_evenly(rng, (6, B)))
        C = np.zeros((2, B, R.shape[1], S.shape[1]), np.float32)
        C[:, :, 0, 0] = middle + np.array([[(H - 1) / 2], [(W - 1) / 2]])
        C[:, :, 1, 0] = matrix[:, 0]
        C[:, :, 0, 1] = matrix[:, 1]
        C[:, :, 2:, 2:] = self.alpha * _evenly(rng, C[:, :, 2:, 2:].shape)
        places: Array = R @ (C @ S.T)
        return places

    def _affine(
        self, right: Array, down: Array, angle: Array, slant: Array, wider: Array, taller: Array
    ) -> tuple[Array, Array]:
        """Where pixels come from but for the noise: the middle (2, B), and all others by a matrix (2, 2, B).

        All is in rows and columns from the middle. A point p of the old picture goes to q = R K Z p + t in
        the new one, with Z the stretching, K the slant, R the turn, anticlockwise, and t the shift. So q
        comes from p = Z⁻¹ K⁻¹ R⁻¹ (q − t).
        """
        turn = np.radians(self.rotation * angle)
        cos, sin = np.cos(turn), np.sin(turn)
        slope = np.tan(np.radians(self.shear * slant))
        matrix = np.array([[cos, sin], [-sin - slope * cos, cos - slope * sin]])
        matrix /= 1 + self.scale * np.array([taller, wider])[:, np.newaxis]
        shift = self.shift * np.array([down, right])
        return -(matrix * shift).sum(axis=1), matrix


def _evenly(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers from −1 to 1, every one as likely."""
    return 2 * rng.random(shape, dtype=np.float32) - 1


def smooth(size: int, sigma: float) -> Array:
    """Columns M (size, ·) such that M c is white noise c smoothed with a Gaussian.

    G (size, size + 2 reach) smooths noise that goes on beyond the edges of the page. With the eigenvectors u
    and eigenvalues λ of G Gᵀ, what comes out is a sum of √λ c u, for c as uncorrelated as the noise. Most λ
    are next to nothing, as little is left of fine noise: those with 99 % of the sum are kept, for sigma = 4
    five of 28. In two dimensions, noise N smoothed both ways is G N Gᵀ, and likewise M c Mᵀ.
    """
    reach = math.ceil(3 * sigma)
    G = np.exp(-((np.arange(-reach, size + reach) - np.arange(size)[:, np.newaxis]) ** 2) / (2 * sigma**2))
    G /= G.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(G @ G.T)  # the smallest first
    kept = values.cumsum() > 0.01 * values.sum()
    M: Array = (vectors[:, kept] * np.sqrt(values[kept])).astype(np.float32)
    return M


@lru_cache(maxsize=16)
def _functions(size: int, sigma: float | None) -> Array:
    """Columns (size, 2 + ·): 1, the distance from the middle, and those of smoothed noise, if any."""
    place = np.arange(size, dtype=np.float32) - (size - 1) / 2
    straight = np.stack([np.ones_like(place), place], axis=1)
    return straight if sigma is None else np.concatenate([straight, smooth(size, sigma)], axis=1)


def thickened(images: Images, by: Array) -> Images:
    """Images (B, H, W) or (B, H, W, C) with the edges of strokes moved outwards, by (B,) from −1 to 1 pixels.

    A whole pixel outwards is dilation: each pixel becomes the darkest of itself and its four neighbours;
    inwards is erosion, the lightest. Between, the picture is mixed with that.
    """
    thick = np.empty_like(images)
    B, H, W = images.shape[:3]
    width = W + 1
    size = B * (H + 1) * width
    for plane, out in zip(_planes(images), _planes(thick), strict=True):
        line = _framed(plane).ravel()
        # the rows below the first frame, and the same moved by one pixel each way
        here, *around = (line[width + by :][:size] for by in (0, -1, 1, -width, width))
        dilated, eroded = here.copy(), here.copy()
        for neighbours in around:
            np.maximum(dilated, neighbours, out=dilated)
            np.minimum(eroded, neighbours, out=eroded)
        grey, dilated, eroded = (line.reshape(B, -1) for line in (here, dilated, eroded))
        inwards = by < 0
        dilated[inwards] = eroded[inwards]
        mixed = dilated.astype(np.float32)
        mixed -= grey
        mixed *= np.abs(by, dtype=np.float32)[:, np.newaxis]
        mixed += grey
        out[...] = mixed.reshape(B, H + 1, width)[:, :H, 1:]
    return thick


def resampled(images: Images, at: Array) -> Images:
    """What images (B, H, W) or (B, H, W, C) have at the rows and columns `at` (2, B, H, W), float32.

    Between pixels by bilinear interpolation, in steps of 1/256 of a pixel; paper (0) outside.
    """
    B, H, W = images.shape[:3]
    at = at * 256
    at += 256.5  # a row of paper is above, a column to the left; and a half, since what follows cuts off
    for place, size in zip(at, (H, W), strict=True):
        np.clip(place, 0, 256 * (size + 1), out=place)
    fixed = at.astype(np.int32)
    down, right = (fixed & 255).view(np.uint32)
    fixed >>= 8
    corner = fixed[0]
    corner *= W + 1
    corner += fixed[1]
    corner += (np.arange(B, dtype=np.int32) * ((H + 1) * (W + 1)))[:, np.newaxis, np.newaxis]

    found = np.empty_like(images)
    for plane, out in zip(_planes(images), _planes(found), strict=True):
        # The four pixels around a place are one number of 32 bits, so that one look finds them.
        line = _framed(plane).ravel().astype(np.uint32)
        pairs = line[:-1] | line[1:] << 8
        fours = pairs[: -W - 1] | pairs[W + 1 :] << 16
        four = np.take(fours, corner, mode="clip")  # all are inside; "raise" would look twice
        # Those on the left become two numbers of 16 bits, the upper and the lower; those on the right
        # likewise. One multiplication then serves both rows: the sums are 255 × 256 at most, below 2¹⁶.
        left = four & 0x00FF00FF
        four >>= 8
        four &= 0x00FF00FF
        four -= left
        four *= right
        left <<= 8
        left += four
        upper = left & 0xFFFF
        left >>= 16
        left -= upper
        left *= down
        upper <<= 8
        upper += left
        upper += 1 << 15
        upper >>= 16
        out[...] = upper
    return found


def _planes(images: Images) -> list[Images]:
    """Views (B, H, W) of images, one for each colour."""
    return [images] if images.ndim == 3 else list(np.moveaxis(images, 3, 0))


def _framed(plane: Images) -> NDArray[np.uint8]:
    """Images (B, H, W) with paper between them: rows (B (H + 1) + 3, W + 1).

    One row above and one column on the left are enough: below a picture is the row above the next, and right
    of a row is the column left of the next. After the last come three rows of paper.
    """
    B, H, W = plane.shape
    rows = np.zeros((B * (H + 1) + 3, W + 1), np.uint8)
    rows[: B * (H + 1)].reshape(B, H + 1, W + 1)[:, 1:, 1:] = plane
    return rows
