"""Stage 1: from a file, or whatever else holds a picture, to greys.

Pictures come turned on their side with a note that says so (EXIF), see-through, with 16 bits a pixel, in
printing colours, with a palette, as films. All of them become greys from 0, black, to 255, white.
"""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.errors import PictureError
from byhand.images.colour import Colours, has_colours

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 100_000_000
"""Larger pictures are refused before they are unpacked: a small file can hold an enormous picture."""

PIXELS_KEPT = 16_000_000
"""Larger pictures are reduced as soon as they are unpacked, before anything is done to their colours."""

OTHER_SCALE = 16
"""An array of numbers up to this is no picture of bytes, which would be all black: scikit-learn's digits."""

ORIENTATION = 0x0112
"""The EXIF tag that says how a picture is to be turned."""

TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""Pillow's Image.Transpose for each orientation."""

ADVICE = "give a PNG, JPEG or other picture file"


@dataclass(frozen=True)
class Loaded:
    """A picture in greys (H, W) uint8, by how much it was reduced, and what there is to say about it.

    Pixel (x, y) covers the pixels from (x r, y r) of the upright original, r being the reduction.
    """

    greys: Images
    reduction: int
    notes: tuple[str, ...]
    _picture: "Image"

    @property
    def colours(self) -> Colours | None:
        """The same in red, green and blue (H, W, 3), if it has colours."""
        if self._picture.mode in ("1", "L", "LA"):
            return None
        colours = np.asarray(self._picture.convert("RGB"))
        return colours if has_colours(colours) else None


def load_picture(source: Any, name: str = "the picture") -> Loaded:
    """A picture from a path, the bytes of a file, a file that is open for reading bytes, a picture of
    Pillow's or an array; `name` is what messages call it when it is no path.

    Raises PictureError when there is no such file, when it is no whole picture, or when it has more than
    MOST_PIXELS pixels.
    """
    from PIL import Image

    if isinstance(source, np.ndarray):
        source = _from_array(source, name)
    if isinstance(source, Image.Image):
        with _understood(name):
            return _loaded(source, name)
    if hasattr(source, "read"):
        source = source.read()
    if isinstance(source, bytes | bytearray | memoryview):
        with _understood(name):
            return _loaded(Image.open(io.BytesIO(source)), name)
    if not isinstance(source, str | os.PathLike):
        raise PictureError(
            f"{name} is of the kind {type(source).__name__}; give a path, the bytes of a file, an open file,"
            " a picture of Pillow's or an array"
        )
    if "://" in str(source):
        raise PictureError(f"{source} is a web address, and nothing is fetched; save the picture first")
    path = Path(source)
    with _understood(str(path)), path.open("rb") as file:
        return _loaded(Image.open(file), str(path))


@contextmanager
def _understood(name: str) -> Iterator[None]:
    """Whatever Pillow raises, said as a PictureError."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large and odd pictures: what matters is said here
            yield
    except UnidentifiedImageError:
        raise PictureError(f"{name} is no picture that can be read; {ADVICE}") from None
    except Image.DecompressionBombError:
        raise PictureError(
            f"{name} is far too large; at most {MOST_PIXELS:,} pixels are opened: make it smaller"
        ) from None
    except OSError as error:
        raise PictureError(f"cannot open {name}: {error.strerror or error}; {ADVICE}") from error
    except (PictureError, MemoryError):
        raise
    except Exception as error:
        # Pillow's decoders raise whatever they like when a file goes on otherwise than it began
        raise PictureError(f"{name} is a broken picture ({error}); {ADVICE}") from error


def _from_array(pixels: NDArray[Any], name: str) -> "Image":
    """An array as a picture: greys or colours, with bits, bytes, 16 bits or fractions from 0 to 1."""
    from PIL import Image

    if pixels.size == 0 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (1, 3, 4))):
        raise PictureError(
            f"{name} is an array of shape {pixels.shape}; give (rows, columns), or that by 3 or 4 colours"
        )
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.shape[0] * pixels.shape[1] > MOST_PIXELS:
        raise PictureError(
            f"{name} is {pixels.shape[1]} x {pixels.shape[0]} pixels; at most {MOST_PIXELS:,}"
            " are read: make it smaller"
        )
    if pixels.dtype != np.uint8 or pixels.max() <= OTHER_SCALE:
        if pixels.dtype.kind not in "biuf" or not np.isfinite(pixels).all():
            raise PictureError(f"{name} holds {pixels.dtype} that are no finite numbers; give uint8")
        pixels = _bytes(pixels)
    return Image.fromarray(np.ascontiguousarray(pixels))


def _bytes(pixels: NDArray[Any]) -> Images:
    """Numbers of any range as 0 to 255: fractions and masks up to 1, bytes, or else by their largest."""
    lowest, highest = float(pixels.min()), float(pixels.max())
    if lowest >= 0 and highest <= 1:
        lowest, highest = 0.0, 1.0
    elif lowest >= 0 and OTHER_SCALE < highest <= 255:
        lowest, highest = 0.0, 255.0
    elif lowest >= 0:
        lowest = 0.0
    scaled = (pixels.astype(np.float32) - lowest) * (255 / max(highest - lowest, 1e-6))
    return np.rint(scaled).astype(np.uint8)


def _loaded(picture: "Image", name: str) -> Loaded:
    from PIL import Image

    if picture.width * picture.height > MOST_PIXELS:
        raise PictureError(
            f"{name} is {picture.width} x {picture.height} pixels; at most {MOST_PIXELS:,}"
            " are opened: make it smaller"
        )
    notes = []
    frames = getattr(picture, "n_frames", 1)
    if frames > 1:
        notes.append(f"the first of {frames} pictures in the file")
    size = picture.size
    reduction = 1
    while size[0] * size[1] > PIXELS_KEPT * reduction**2:
        reduction += 1
    if reduction > 1:  # a JPEG can be unpacked at a half or a quarter of its size
        picture.draft(None, (size[0] // reduction, size[1] // reduction))
    left = max(1, round(reduction * max(picture.size) / max(size)))
    orientation = picture.getexif().get(ORIENTATION)
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = Image.fromarray(_bytes(np.asarray(picture)[::left, ::left]))
    else:
        seen_through = picture.has_transparency_data
        if picture.mode in ("P", "PA") or (seen_through and picture.mode not in ("RGBA", "LA")):
            picture = picture.convert("RGBA" if seen_through else "RGB")
        picture = picture.reduce(left) if left > 1 else picture
        picture = _on_paper(picture.convert("RGBA")) if seen_through else picture
    reduction = max(1, round(max(size) / max(picture.size)))
    if orientation in TURNS:
        picture = picture.transpose(Image.Transpose(TURNS[orientation]))
    return Loaded(np.asarray(picture.convert("L")), reduction, tuple(notes), picture)


def _on_paper(picture: "Image") -> "Image":
    """What is transparent becomes paper: white, or black where the ink itself is light."""
    from PIL import Image

    ink, cover = np.asarray(picture.convert("RGB")), np.asarray(picture.getchannel("A"))
    bright = float(np.average(ink.mean(axis=2), weights=cover)) if cover.any() else 0.0
    whole = float((cover > 127).mean())
    paper = Image.new("RGBA", picture.size, "black" if bright > 160 and whole < 0.5 else "white")
    return Image.alpha_composite(paper, picture)
