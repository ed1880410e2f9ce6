"""From pictures to the numbers that are written on them, or to the reason why there is none.

    from byhand import read
    [reading] = read(["note.jpg"])
    reading.text       # "2047"

A picture goes its way (byhand.images.way) to marks in lines, the network says what each may be, and the
likeliest reading of each line is put together (byhand.reading.choosing).
"""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from byhand.errors import ModelError
from byhand.images import (
    Mark,
    Way,
    closer,
    find_bounded_sheet,
    find_calm_sheet,
    find_calmer_place,
    follow,
    follow_sheet,
    has_same_marks,
    load_greys,
)
from byhand.images.light import WINDOWS, Look
from byhand.model import Model
from byhand.products import one_thread_each
from byhand.reading.choosing import A_PAGE, Chosen
from byhand.reading.explain import explanation, write_explanation
from byhand.reading.sight import MOST_MARKS, Reader, Sight, form_of, refusal_of
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

MOST_LOOKS = 2
"""A picture that is not read clearly is looked at in so many ways, if others promise anything."""

FEW_SHEETS, SMALL = 2, 0.1
"""So many marks may be small sheets on a large table: as long as their shorter side is a smaller share of the
picture's longer one, for a larger sheet had been seen."""

FILLING, CLOSE = 0.5, 100_000
"""A mark longer than this share of the picture's shorter side may be a digit with broad strokes; in a picture
with fewer pixels than this several marks together may be one."""

ENOUGH = 60
"""Where so many digits were read that is enough: a page full of them takes seconds."""

MANY_MARKS = 20
"""More marks than this take a second if they are letters, so the same ones are asked about once."""

TOO_MANY = 600
"""Where so many marks were asked about, in all ways together, that is enough, too: it is a page of print."""


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
    greys, reduction, notes = load_greys(picture, name or "the picture")
    reader = Reader(model)
    sight = reader.see(follow(greys))
    first = sight.way
    others, marks = (
        (other for other in _others(first) if not _is_known(other.way, first)),
        len(sight.segments),
    )
    seen: list[Sight] = []
    while (
        (not reader.is_clear(sight) or (sight.way.across and not seen))
        and sight.count < ENOUGH
        and marks < TOO_MANY
        and (other := next(others, None))
    ):
        second = reader.see(other.way)
        doubtful = other.doubtful or reader.may_be_thing(sight)
        doubtful |= reader.is_stroke(second) and not sight.way.sheet  # which a broad stroke may have been
        doubtful = doubtful and not any(second.agrees(before) for before in seen)
        sight = reader.better(sight, second, doubtful)
        marks += len(second.segments)
        seen.append(second)
    sight = reader.see_beside(sight)
    way, segments = sight.way, sight.segments
    digits = [
        Digit(_enlarged(way.box(s.mark), reduction), model.classes[label], float(p), bool(no), s.line)
        for s, label, p, no in zip(segments, sight.labels, sight.sure, sight.refused, strict=True)
    ]
    texts, digits = in_text(digits, [segment.mark for segment in segments])
    reason = "; ".join([*notes, *([] if texts else [_why(way)])])
    milliseconds = (time.perf_counter() - began) * 1000
    reading = Reading(name, "\n".join(texts), tuple(texts), tuple(digits), milliseconds, reason)
    return Seen(reading, way, segments, tuple(map(bool, sight.refused)), model.classes)


def _is_known(way: Way, first: Way) -> bool:
    """Whether so many marks as the first way has, and the same, need not be asked about once more."""
    return way.marks > MANY_MARKS and has_same_marks(way, first)


class _Other(NamedTuple):
    """Another way to take a picture, and whether it is to be doubted."""

    way: Way
    doubtful: bool


def _others(way: Way) -> Iterator[_Other]:
    """Other ways to take the picture: it is no sheet on a table, but light and shadow; or it is one that has
    an edge all around, or is calmer than the table; or there is more noise than was measured; or what is
    faint by the ink is the edge of light and shadow; or the next look is nearly as good, or one at what is
    narrow, between shadows such as a window's bars make, or at broad strokes; or a mark is a small sheet.

    Without the sheet its edges would be ones, so that is doubtful, but where there is a single mark: a broad
    stroke of chalk, itself taken for the sheet.

    A drawing is rightly taken as one, for its paper is known; another look takes what is filled for light,
    and what is left of it are edges that look like strokes. But it may be a program's window with a canvas.
    """
    if way.sheet:
        whole = follow(way.greys, find=None)
        yield _Other(whole, whole.marks > 1)
    known = [way]
    for find, doubtful in [(find_bounded_sheet, not way.drawing), (find_calm_sheet, way.drawing)]:
        if sheet := follow_sheet(way.greys, find, known):
            known.append(sheet)
            yield _Other(sheet, doubtful)
    if way.smoothing:
        yield _Other(follow(way.greys, stronger=True), False)
    dark = Look(way.looks[0].light_ink, min(WINDOWS), 0.0, dark=True)
    if not way.drawing and (seen := follow(way.greys, dark, find=None)).marks <= A_PAGE:
        yield _Other(seen, True)
    for look in way.looks[1:MOST_LOOKS]:
        yield _Other(follow(way.greys, look), way.drawing)
    marks = [mark for line in way.lines for mark in line]
    for look in () if way.drawing else _windows(way, marks):
        if (seen := follow(way.greys, look)).marks <= A_PAGE:
            yield _Other(seen, True)
    if place := follow_sheet(way.greys, find_calmer_place, known):
        yield _Other(place, True)
    for mark in marks if len(marks) <= FEW_SHEETS else []:
        if min(way.box(mark)[2:]) < SMALL * max(way.greys.shape) and (near := closer(way, mark)).sheet:
            yield _Other(near, way.drawing)


def _windows(way: Way, marks: Sequence[Mark]) -> Iterator[Look]:
    """Other windows for a picture with these marks: the narrowest, both ways, and wider ones for broad
    strokes, if a mark is large or the picture small."""
    looks = [Look(light_ink, min(WINDOWS), 0.0) for light_ink in (False, True)]
    longest = max((max(way.box(mark)[2:]) for mark in marks), default=0)
    if way.greys.size < CLOSE or longest > FILLING * min(way.greys.shape):
        looks += [Look(way.looks[0].light_ink, window, 0.0) for window in sorted(WINDOWS)[1:]]
    for look in looks:
        if not any(look.is_like(taken) for taken in way.looks[:MOST_LOOKS]):
            yield look


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
