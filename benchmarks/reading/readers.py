"""Those who read the pictures: byhand, and two packages that people use for it."""

import shutil
import subprocess
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Reader = Callable[[Pixels, bool], list[str]]
"""From a picture (H, W, 3), and whether it shows a single digit, to lines of digits."""


class NotHereError(Exception):
    """A reader that is not installed."""


def byhand(model: str | None = None) -> Reader:
    """This package, with the model inside it or another model file."""
    try:
        from byhand.model import Model
        from byhand.reading import read, shipped_model
    except ImportError as error:
        raise NotHereError(f"byhand.reading cannot be imported ({error})") from error
    loaded = Model.load(model or shipped_model())

    def lines(picture: Pixels, single: bool) -> list[str]:
        return list(read([picture], loaded)[0].lines)

    return lines


def tesseract() -> Reader:
    """Tesseract (Debian: tesseract-ocr), digits only: lines, or one character. A process a picture."""
    program = shutil.which("tesseract")
    if program is None:
        raise NotHereError("there is no program tesseract; on Debian: apt-get install tesseract-ocr")

    def lines(picture: Pixels, single: bool) -> list[str]:
        head = b"P6 %d %d 255\n" % (picture.shape[1], picture.shape[0])
        mode = "10" if single else "6"
        digits = "tessedit_char_whitelist=0123456789"
        done = subprocess.run(
            [program, "stdin", "stdout", "--psm", mode, "-c", digits],
            input=head + picture.tobytes(),
            capture_output=True,
            check=False,
        )
        return _digits(done.stdout.decode(errors="replace").splitlines())

    return lines


def rapidocr() -> Reader:
    """RapidOCR (PyPI: rapidocr-onnxruntime); what it reads that is no digit is left out."""
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError as error:
        raise NotHereError("pip install rapidocr-onnxruntime") from error
    engine = RapidOCR()

    def lines(picture: Pixels, single: bool) -> list[str]:
        found, _ = engine(np.ascontiguousarray(picture[..., ::-1]))  # it wants blue first
        rows: list[list[tuple[float, float, float, str]]] = []
        for corners, text, _ in sorted(found or [], key=lambda item: np.mean([y for _, y in item[0]])):
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            piece = float(np.mean(ys)), max(ys) - min(ys), min(xs), str(text)
            if rows and abs(rows[-1][0][0] - piece[0]) < 0.5 * min(rows[-1][0][1], piece[1]):
                rows[-1].append(piece)
            else:
                rows.append([piece])
        return _digits(["".join(p[3] for p in sorted(row, key=lambda p: p[2])) for row in rows])

    return lines


def _digits(lines: list[str]) -> list[str]:
    kept = ["".join(c for c in line if c in "0123456789") for line in lines]
    return [line for line in kept if line]


READERS: dict[str, Callable[[], Reader]] = {"byhand": byhand, "tesseract": tesseract, "rapidocr": rapidocr}
