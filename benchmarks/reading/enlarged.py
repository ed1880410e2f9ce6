"""How well a model reads scikit-learn's digits, 8x8 pixels by other writers, enlarged to ordinary pictures.

    python -m benchmarks.reading.enlarged [MODEL]

Each of the 1,797 is enlarged to 16 pixels for one, in four ways, with paper around it, dark on light. "As
one digit" is what `byhand predict` does with a picture, "found" what `byhand read` does: there a digit also
counts as wrong when it is refused, or taken for two. Nothing was learnt from them. Writes its part of
docs/reader.md.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.sheets import put_into, table
from benchmarks.reading.strokes import sklearn_digits
from byhand.images import prepare
from byhand.model import Model
from byhand.reading import form_of, look, shipped_model

ROOT = Path(__file__).parents[2]
WAYS = {"nearest": 0, "bilinear": 2, "bicubic": 3, "Lanczos": 1}
"""Pillow's ways of enlarging."""


def enlarged(small: NDArray[np.uint8], way: int, times: int = 16) -> NDArray[np.uint8]:
    """An 8x8 image (8, 8), bright ink on dark, as an ordinary picture, dark ink on light with a margin."""
    from PIL import Image

    height, width = small.shape
    paper = Image.fromarray(np.pad(255 - small, 2, constant_values=255))
    return np.asarray(paper.resize(((width + 4) * times, (height + 4) * times), Image.Resampling(way)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", help="a model file (default: the one in the package)")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where reader.md is")
    arguments = parser.parse_args()
    model = Model.load(arguments.model or shipped_model())
    hand = sklearn_digits()
    rows = []
    for name, way in WAYS.items():
        pictures = [enlarged(image, way) for image in hand.images]
        alone = model.predict(np.stack([prepare(picture, form_of(model)) for picture in pictures]))
        texts = [look(picture, model).reading.text for picture in pictures]
        found = np.array([text == str(label) for text, label in zip(texts, hand.labels, strict=True)])
        shares = [(alone == hand.labels).mean(), found.mean(), np.mean(["?" in t or not t for t in texts])]
        rows.append([name, *(f"{100 * share:.2f} %" for share in shares)])
    text = table(["enlarged", "as one digit: right", "found: right", "found: refused"], rows)
    print(text)
    put_into(arguments.docs / "reader.md", "enlarged", text)


if __name__ == "__main__":
    main()
