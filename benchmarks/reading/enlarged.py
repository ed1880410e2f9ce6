"""How well a model reads scikit-learn's digits, 8x8 pixels by other writers, enlarged to ordinary pictures.

    python -m benchmarks.reading.enlarged [MODEL] [--validation]

The 1,797 are enlarged to 16 pixels for one, in four ways in turn, with paper around it, dark on light. "As
one digit" is what `byhand predict` does with a picture, "found" what `byhand read` does: there a digit also
counts as wrong when it is refused, or taken for two. Nothing was learnt from them. Writes its part of
docs/reader.md. "Form alone" leaves out the way to the mark: what a perfect way would come to.

With --validation the digits are MNIST's that validate, shrunk to 8x8 as scikit-learn's were (blocks of 4x4 of
a black-and-white bitmap of 32x32, counted): what is tuned must be tuned on those. Nothing is written then.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.sheets import put_into, table
from benchmarks.reading.strokes import Hand, sklearn_digits
from byhand.datasets import load
from byhand.images import mnist_forms, prepare
from byhand.model import Model
from byhand.reading import form_of, look, shipped_model
from byhand.recipes import split

ROOT = Path(__file__).parents[2]
WAYS = {"nearest": 0, "bilinear": 2, "bicubic": 3, "Lanczos": 1}
"""Pillow's ways of enlarging."""


def enlarged(small: NDArray[np.uint8], way: int, times: int = 16) -> NDArray[np.uint8]:
    """An 8x8 image (8, 8), bright ink on dark, as an ordinary picture, dark ink on light with a margin."""
    from PIL import Image

    height, width = small.shape
    paper = Image.fromarray(np.pad(255 - small, 2, constant_values=255))
    return np.asarray(paper.resize(((width + 4) * times, (height + 4) * times), Image.Resampling(way)))


def shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A digit (28, 28) as 8x8 counts of black pixels in blocks of 4x4, scaled to 255."""
    import cv2

    rows, columns = np.flatnonzero(image.max(axis=1) > 60), np.flatnonzero(image.max(axis=0) > 60)
    digit = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(side * 32 / max(digit.shape))) for side in digit.shape)
    large = cv2.resize(digit, (width, height), interpolation=cv2.INTER_CUBIC)
    bitmap = np.zeros((32, 32), np.int64)
    top, left = (32 - height) // 2, (32 - width) // 2
    bitmap[top : top + height, left : left + width] = large > 110
    return (bitmap.reshape(8, 4, 8, 4).sum(axis=(1, 3)) * 255 // 16).astype(np.uint8)


def digits(validation: bool) -> Hand:
    """The digits that are enlarged."""
    if not validation:
        return sklearn_digits()
    _, held = split(load("mnist").train)
    some = held.take(np.arange(0, len(held), 20))
    return Hand("validation", np.stack([shrunk(image) for image in some.images]), some.labels, 8)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", help="a model file (default: the one in the package)")
    parser.add_argument("--validation", action="store_true", help="digits to tune on")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where reader.md is")
    arguments = parser.parse_args()
    model = Model.load(arguments.model or shipped_model())
    hand = digits(arguments.validation)
    ways = np.arange(len(hand.labels)) % len(WAYS)
    pictures = [
        enlarged(image, list(WAYS.values())[way]) for image, way in zip(hand.images, ways, strict=True)
    ]
    formed = model.predict(mnist_forms([255 - picture for picture in pictures], form_of(model)))
    alone = model.predict(np.stack([prepare(picture, form_of(model)) for picture in pictures]))
    texts = [look(picture, model).reading.text for picture in pictures]
    found = np.array([text == str(label) for text, label in zip(texts, hand.labels, strict=True)])
    refused = np.array(["?" in text or not text for text in texts])
    rows = []
    for name, chosen in [*((name, ways == i) for i, name in enumerate(WAYS)), ("all", ways >= 0)]:
        shares = [formed == hand.labels, alone == hand.labels, found, refused]
        rows.append([name, *(f"{100 * share[chosen].mean():.2f} %" for share in shares)])
    text = table(["enlarged", "form alone", "as one digit", "found", "refused"], rows)
    print(text)
    if not arguments.validation:
        put_into(arguments.docs / "reader.md", "enlarged", text)


if __name__ == "__main__":
    main()
