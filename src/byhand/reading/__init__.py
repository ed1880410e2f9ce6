"""From pictures to the numbers that are written on them, or to the reason why there is none.

    from byhand import read
    [reading] = read(["note.jpg"])
    reading.text       # "2047"

A picture goes its way (byhand.images.way) to marks in lines, the network says what each may be, and the
likeliest reading of each line is put together (byhand.reading.choosing).
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from byhand.errors import ModelError
from byhand.images import Way, follow, load_picture
from byhand.model import Model
from byhand.products import one_thread_each
from byhand.reading.choosing import Chosen
from byhand.reading.explain import explanation, write_explanation
from byhand.reading.others import hidden_from, others_of
from byhand.reading.search import Search
from byhand.reading.sight import MOST_MARKS, Reader, form_of, refusal_of
from byhand.reading.text import Digit, in_text

__all__ = [
    "Digit",
    "Reading",
    "Seen",
    "explanation",
    "form_of",
    "load_reader",
    "look",
    "nothing_read",
    "read",
    "refusal_of",
    "shipped_model",
    "write_explanation",
]

if TYPE_CHECKING:
    from PIL.Image import Image

    Picture = str | os.PathLike[str] | bytes | Image | NDArray[Any]


@dataclass(frozen=True)
class Reading:
    """What was read on one picture.

    `text` is the lines, with a line feed between them. In a line there is a space between numbers that stand
    apart, and a mark among digits that was refused is a "?". `digits` has every mark, but for words
    beside larger digits.
    When nothing was read `reason` says why; otherwise it is empty, or says what there is to know.
    """

    file: str
    text: str
    lines: tuple[str, ...]
    digits: tuple[Digit, ...]
    milliseconds: float
    reason: str

    @property
    def probability(self) -> float:
        """That of the least sure digit in the text; 0 without one."""
        return min((digit.probability for digit in self.digits if not digit.refused), default=0.0)

    def as_json(self) -> dict[str, Any]:
        """The reading in plain values."""
        return asdict(self)


def read(
    pictures: "Picture | Iterable[Picture]", model: Model | str | os.PathLike[str] | None = None
) -> list[Reading]:
    """What is written on these pictures: paths, bytes of files, open files, pictures of Pillow's or arrays,
    or one of them.

    `model` is a model or its file; without one the model of the package reads. Raises PictureError at the
    first picture that cannot be opened, ModelError when the model is none.
    """
    return [look(picture, loaded).reading for loaded in [load_reader(model)] for picture in _each(pictures)]


def nothing_read(file: str, reason: str) -> Reading:
    """The reading of a picture that could not be opened."""
    return Reading(file, "", (), (), 0.0, reason)


@dataclass(frozen=True)
class Seen:
    """A reading with all that led to it: the way of the picture, and the segments that were chosen."""

    reading: Reading
    way: Way
    segments: tuple[Chosen, ...]
    refused: tuple[bool, ...]
    classes: tuple[str, ...]


@one_thread_each()
def look(picture: "Picture", model: Model, name: str = "") -> Seen:
    """Read one picture, and keep how; see `read`.

    Its products are so small that two threads gain nothing, and wait for each other where a core is busy.
    """
    began = time.perf_counter()
    if isinstance(picture, str | os.PathLike):
        name = name or str(picture)
    loaded = load_picture(picture, name or "the picture")
    search = Search(Reader(model), follow(loaded.greys))
    search.through(hidden_from(search.first, loaded), anyhow=True)
    search.through(others_of(search.first, loaded))
    sight = search.reader.see_beside(search.sight)
    way, segments = sight.way, sight.segments
    digits = [
        Digit(_enlarged(way.box(s.mark), loaded.reduction), model.classes[label], float(p), bool(no), s.line)
        for s, label, p, no in zip(segments, sight.labels, sight.sure, sight.refused, strict=True)
    ]
    texts, digits = in_text(digits, [segment.mark for segment in segments])
    reason = "; ".join([*loaded.notes, *([] if texts else [_why(way)])])
    milliseconds = (time.perf_counter() - began) * 1000
    reading = Reading(name, "\n".join(texts), tuple(texts), tuple(digits), milliseconds, reason)
    return Seen(reading, way, segments, tuple(map(bool, sight.refused)), model.classes)


def _each(pictures: Any) -> Iterator[Any]:
    one = isinstance(pictures, str | os.PathLike | bytes | bytearray | memoryview | np.ndarray)
    if one or not isinstance(pictures, Iterable) or hasattr(pictures, "read"):
        yield pictures
    else:
        yield from pictures


def load_reader(model: Model | str | os.PathLike[str] | None = None) -> Model:
    """The model itself, or that in a file, or that of the package; ModelError when it is none."""
    if model is None:
        return Model.load(shipped_model())
    if isinstance(model, str | os.PathLike):
        return Model.load(model)
    if not isinstance(model, Model):
        raise ModelError(f"the model is of the kind {type(model).__name__}; give a Model or its file")
    return model


def shipped_model() -> Path:
    """The model file that comes with the package."""
    return Path(__file__).parent.parent / "models" / "reader.safetensors"


def _enlarged(box: tuple[int, int, int, int], reduction: int) -> tuple[int, int, int, int]:
    x, y, w, h = (side * reduction for side in box)
    return x, y, w, h


def _why(way: Way) -> str:
    """Why nothing was read."""
    count = way.marks + len(way.cut_off)
    if int(way.greys.max()) - int(way.greys.min()) < 8:
        return "the picture is all of one colour"
    if not count:
        return "there is no ink on it"
    if count > MOST_MARKS:
        return f"it has {count:,} marks, which are no handwritten number: a page of print, or a pattern"
    if count == 1:
        return "its one mark is no digit"
    return f"none of its {count:,} marks is a digit"
