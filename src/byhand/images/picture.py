"""From any picture to MNIST's own form: 28x28 greys, ink bright on dark.

This is the one place where a picture is prepared. For now it converts plainly: transparency becomes
white paper, colours become greys, the border tells ink from paper, the shorter side is padded with
paper, and the square is shrunk.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from byhand.arrays import Images, Shape
from byhand.errors import PictureError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 100_000_000
"""Larger pictures are refused before they are unpacked: a small file can hold an enormous picture."""


def open_picture(path: Path) -> "Image":
    """Open a picture file of any format that Pillow reads, as greys (mode L).

    Raises PictureError when there is no such file, when it is no whole picture, or when it has more than
    MOST_PIXELS pixels.
    """
    import warnings

    from PIL import Image, ImageOps, UnidentifiedImageError

    advice = "give a PNG, JPEG or other picture file"
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large and odd pictures: what matters is said here
            picture = Image.open(file)
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureError(
                    f"{path} is {picture.width} x {picture.height} pixels; at most {MOST_PIXELS:,}"
                    " are opened: make it smaller"
                )
            return _greys(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError:
        raise PictureError(f"{path} is no picture that can be read; {advice}") from None
    except Image.DecompressionBombError:
        raise PictureError(
            f"{path} is far too large; at most {MOST_PIXELS:,} pixels are opened: make it smaller"
        ) from None
    except OSError as error:
        raise PictureError(f"cannot open {path}: {error.strerror or error}; {advice}") from error
    except (ValueError, SyntaxError, EOFError, IndexError, TypeError, OverflowError) as error:
        # what Pillow's decoders raise when a file goes on otherwise than it began
        raise PictureError(f"{path} is a broken picture ({error}); {advice}") from error


def _greys(picture: "Image") -> "Image":
    """Greys of a picture, on white paper where it is transparent; 16-bit greys become 8-bit ones."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        greys = np.asarray(picture, dtype=np.float64)
        if greys.max(initial=0) > 255:
            greys = greys / 257  # 65535 becomes 255
        return Image.fromarray(np.clip(greys, 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    return picture.convert("L")


def prepare(picture: "Image", shape: Shape = (28, 28)) -> Images:
    """MNIST's own form of a picture in greys (mode L): uint8 of this shape (H, W), ink bright on dark."""
    from PIL import Image, ImageOps

    greys = np.asarray(picture)
    border = np.concatenate([greys[0], greys[-1], greys[:, 0], greys[:, -1]])
    paper = int(np.median(border))
    if paper > 127:
        picture, paper = ImageOps.invert(picture), 255 - paper
    height, width = shape[:2]
    fitted = ImageOps.pad(picture, (width, height), Image.Resampling.BOX, color=paper)
    return np.asarray(fitted)
