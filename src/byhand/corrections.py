"""Putting a model right: marks with the labels that they should have had, kept in a folder, and learnt.

A folder of corrections has a folder for each class, and in those the marks as the network saw them, 28x28
PNG files in MNIST's own form. Each is named after its pixels, so that nothing is stored twice or
overwritten, and says in its text where it comes from. About every fourth, chosen by its pixels, is held
out: it is never learnt, and tells whether learning the others helped.
"""

import hashlib
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images
from byhand.datasets import Dataset, Examples
from byhand.epochs import Report
from byhand.errors import DataError, OutputError, SettingError
from byhand.files import make_folder
from byhand.metrics import McNemar, mcnemar
from byhand.model import Model
from byhand.recipes import RECIPES, Recipe, find_recipe, split

if TYPE_CHECKING:
    from byhand.reading import Seen

SHARE = 0.1
"""The corrections are repeated until they are this share of what is learnt,"""

MOST_REPEATS = 50
"""but each at most so often an epoch: a handful must not crowd out the rest."""

SLOWER = 10
"""The peak learning rate is the recipe's divided by this: what was learnt is mended, not learnt anew."""

EPOCHS = 2
"""Times through the corrections and what they are mixed with, unless it is said otherwise."""

HELD = 4
"""One in so many corrections is held out."""


# -- keeping them


def marks_of(seen: "Seen", text: str) -> list[Images]:
    """What the network saw of each digit on a picture (28, 28), in the order of this text of digits.

    The marks are those in the text that was read, refused ones ("?") among them; if their number differs from
    the wanted text's, all marks. Raises SettingError when neither are as many.
    """
    wanted = "".join(text.split())
    if not wanted or not (wanted.isascii() and wanted.isdigit()):
        raise SettingError(f"the text is {text!r}; give the digits that are on the picture, such as 2047")
    everything = [segment.image for segment in seen.segments]
    in_text = [everything[i] for i in _in_text(seen)]
    for marks in (in_text, everything):
        if len(marks) == len(wanted):
            return marks
    read = " ".join(seen.reading.lines) or "nothing"
    raise SettingError(
        f"{seen.reading.file}: the text has {len(wanted)} digits, but {len(in_text)} were found"
        f" ({read} was read); give all digits on it, or a picture in which each stands alone"
    )


def _in_text(seen: "Seen") -> list[int]:
    """Positions of the marks that have a character in the text: all answers, and what became a "?"."""
    places = []
    rest = [list(line.replace(" ", "")) for line in seen.reading.lines]
    for position, digit in enumerate(seen.reading.digits):
        line = rest[digit.line] if digit.line >= 0 else []
        if line and line[0] == ("?" if digit.refused else digit.label):
            line.pop(0)
            places.append(position)
    return places


@dataclass(frozen=True)
class Stored:
    """A correction: its file, the label it has now, and whether it was there before."""

    file: Path
    label: str
    known: bool


def store(folder: Path, marks: Sequence[Images], text: str, provenance: Mapping[str, Any]) -> list[Stored]:
    """Keep marks (28, 28) uint8 under their right labels; `provenance` is written into each file.

    A mark that is there already is left as it is. Raises DataError when it is there under another label,
    OutputError when it cannot be written.
    """
    labels = "".join(text.split())
    places = []
    for mark, label in zip(marks, labels, strict=True):
        name = f"{hashlib.sha256(mark.tobytes()).hexdigest()[:16]}.png"
        others = [path for path in folder.glob(f"*/{name}") if path.parent.name != label]
        if others:
            raise DataError(
                f"{others[0]} is the same mark, but as another digit; remove it if {label} is right"
            )
        places.append(folder / label / name)
    stored = []
    for position, (mark, label, path) in enumerate(zip(marks, labels, places, strict=True)):
        make_folder(path.parent)
        known = path.exists()
        if not known:
            _write_new(path, _png(mark, dict(provenance) | {"label": label, "position": position}))
        stored.append(Stored(path, label, known))
    return stored


def _png(mark: Images, about: Mapping[str, Any]) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    text, file = PngInfo(), io.BytesIO()
    text.add_itxt("byhand", json.dumps(about, ensure_ascii=False))
    Image.fromarray(mark).save(file, "PNG", pnginfo=text)
    return file.getvalue()


def _write_new(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as file:  # never onto a file that is there
            file.write(content)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}; choose another place") from error


def read_corrections(folder: Path, classes: Sequence[str]) -> tuple[Examples, Examples | None]:
    """Corrections to learn, and those held out, None if there are none, from folders named after classes.

    Raises DataError when there are none to learn, when one cannot be read, or when a folder is named after
    no class.
    """
    from PIL import Image, UnidentifiedImageError

    advice = "give a folder such as `byhand correct` makes, with a folder of PNG files for each digit"
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}; {advice}")
    images, labels, held = [], [], []
    for path in sorted(folder.glob("*/*.png")):
        if path.parent.name not in classes:
            raise DataError(f"{path.parent} is named after none of {', '.join(classes)}; {advice}")
        try:
            with Image.open(path) as picture:
                image = np.asarray(picture.convert("L"))
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
            raise DataError(f"{path} is no whole picture ({error}); remove it") from error
        if image.shape != (28, 28):
            raise DataError(
                f"{path} is {image.shape[1]} x {image.shape[0]} pixels, not 28 x 28; use `byhand correct`"
            )
        images.append(image)
        labels.append(classes.index(path.parent.name))
        held.append(hashlib.sha256(image.tobytes()).digest()[0] % HELD == 0)
    if not images or all(held):
        raise DataError(f"{folder} has {len(images)} corrections, and none to learn from; {advice}")
    everything, out = Examples(np.stack(images), np.array(labels)), np.array(held)
    return everything.take(np.flatnonzero(~out)), everything.take(np.flatnonzero(out)) if out.any() else None


# -- learning them


@dataclass(frozen=True)
class Comparison:
    """Right answers of a model before and after, to the same examples."""

    examples: int
    before: int
    after: int
    test: McNemar


def compare(before: NDArray[np.int64], after: NDArray[np.int64], examples: Examples) -> Comparison:
    """Two sets of answers (N,) to the same examples."""
    right, now = before == examples.labels, after == examples.labels
    return Comparison(len(examples), int(right.sum()), int(now.sum()), mcnemar(right, now))


def repeats(corrections: int, others: int) -> int:
    """How often each correction comes in an epoch beside so many other examples."""
    return min(MOST_REPEATS, max(1, math.ceil(SHARE / (1 - SHARE) * others / corrections)))


def recipe_of(model: Model, name: str | None = None) -> Recipe:
    """The recipe of this name, or else the model's own, made slower for going on with the model.

    Raises SettingError for an unknown name.
    """
    if name is None:
        name = str(model.provenance.get("recipe"))
        name = name if name in RECIPES else next(iter(RECIPES))
    recipe = find_recipe(name)
    slower = recipe.adapted(EPOCHS, learning_rate=recipe.learning_rate / SLOWER)
    return replace(slower, prepare=model.preprocessing)


def learn(
    model: Model, recipe: Recipe, corrections: Examples, mix: Dataset, rng: np.random.Generator
) -> Iterator[Report]:
    """Go on with the model's network, in place, on the corrections mixed with training images of `mix`.

    The mix keeps it from forgetting what it knew: the same five sixths that recipes learn from, and, when
    the model has one class more than the mix, non-digits for that class.
    """
    known, _ = split(mix.train)
    parts = [known, *[corrections] * repeats(len(corrections), len(known))]
    if len(model.classes) == len(mix.classes) + 1:
        parts.append(_nondigits(known, len(mix.classes), rng))
    images = np.concatenate([part.images for part in parts])
    labels = np.concatenate([part.labels.astype(np.int64) for part in parts])
    return recipe.train(model.network, Examples(images, labels), None, rng, every=50)


def _nondigits(known: Examples, label: int, rng: np.random.Generator) -> Examples:
    from byhand.datasets.nondigits import nondigits

    images, _ = nondigits(known, max(1, len(known) // len(np.unique(known.labels))), rng)
    return Examples(images, np.full(len(images), label))
