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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from byhand.images import PictureForm, Way, follow, load_greys
from byhand.model import Model
from byhand.reading.choosing import Chosen, choose_segments
from byhand.reading.explain import explanation, write_explanation
from byhand.refusal import Refusal

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

MOST_MARKS = 400
"""More marks than this are no numbers on a note, but print or a pattern: they are not even asked about."""


MOST_LOOKS = 2
"""A picture that is not read clearly is looked at in so many ways,"""

NEARLY = 0.5
"""as far as they promise this share of what the first did."""


SPECK = 0.35
"""What is smaller than this share of its line's digits is a speck or a point, and no 1."""

CREDIBLE = 0.5
"""Where the marks are digits with a smaller mean probability, none is: refused ones count as 0, long ones
more."""

OF_MANY, MANY = 0.8, 12
"""Of so many marks and more, this is asked, for among the letters of a page some look like digits;"""

CERTAIN, NUMBER = 0.9, 4
"""but a line of at least so many marks with at least this mean is a number, whatever else is there."""


@dataclass(frozen=True)
class Digit:
    """One mark as it was read.

    `box` is (x, y, w, h) in the pixels of the picture as it is to be seen, upright; `probability` is that of
    `label`; a mark that is `refused` is probably no digit; `line` counts from 0 at the top.
    """

    box: tuple[int, int, int, int]
    label: str
    probability: float
    refused: bool
    line: int


@dataclass(frozen=True)
class Reading:
    """What was read on one picture.

    `text` is the lines, with a line feed between them; a mark among digits that was refused is a "?" in it.
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
    """What is written on these pictures: paths, bytes of files, pictures of Pillow's or arrays, or one of
    them.

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


def look(picture: "Picture", model: Model, name: str = "") -> Seen:
    """Read one picture, and keep how; see `read`."""
    began = time.perf_counter()
    if isinstance(picture, str | os.PathLike):
        name = name or str(picture)
    greys, reduction, notes = load_greys(picture, name or "the picture")
    refusal, form = refusal_of(model), form_of(model)
    way = follow(greys)
    segments = _segments(way, model, refusal, form)
    looks = _others(way)
    while not _clear(segments, refusal) and (other := next(looks, None)):
        others = _segments(other, model, refusal, form)
        if _worth(others, refusal) > _worth(segments, refusal):  # what more can be read from is right
            way, segments = other, others
    count = sum(map(len, way.lines))
    labels, sure, refused = _judged(segments, refusal)
    digits = [
        Digit(_enlarged(way.box(s.mark), reduction), model.classes[label], float(p), bool(no), s.line)
        for s, label, p, no in zip(segments, labels, sure, refused, strict=True)
    ]
    texts, digits = _in_text(digits, segments)
    reason = "; ".join([*notes, *([] if texts else [_why(way, count, digits)])])
    milliseconds = (time.perf_counter() - began) * 1000
    reading = Reading(name, "\n".join(texts), tuple(texts), tuple(digits), milliseconds, reason)
    return Seen(reading, way, tuple(segments), tuple(map(bool, refused)), model.classes)


def _others(way: Way) -> Iterator[Way]:
    """Other ways to take the picture: it is no sheet on a table, but light and shadow; or the next look is
    nearly as good."""
    if way.sheet:
        yield follow(way.greys, whole=True)
    for look in way.looks[1:MOST_LOOKS]:
        if look.score > NEARLY * way.looks[0].score:
            yield follow(way.greys, look)


def _clear(segments: list[Chosen], refusal: Refusal) -> bool:
    """Whether there is something to read, and nothing as large was refused."""
    refused = _judged(segments, refusal)[2]
    return not refused.all() and not refused[_alike(segments, refused, 0.5)].any()


def _alike(segments: list[Chosen], refused: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """Which marks are larger than this share of what was taken for digits; lying ones by their length."""
    sides = _sides(segments)
    alike: NDArray[np.bool_] = sides > share * np.median(sides[~refused])
    return alike


def _segments(way: Way, model: Model, refusal: Refusal, form: PictureForm) -> list[Chosen]:
    if sum(map(len, way.lines)) > MOST_MARKS:
        return []
    return choose_segments(way.lines, model.probabilities, refusal, form)


def _judged(
    segments: list[Chosen], refusal: Refusal
) -> tuple[NDArray[np.int64], NDArray[np.floating], NDArray[np.bool_]]:
    """Label, probability and refusal of each segment; all are refused where hardly a mark is surely a digit.

    In a cloud of dust a speck that looks like a 1 is no 1, nor is a letter among letters. All marks count
    but those much smaller than what was taken for digits, such as commas.
    """
    if not segments:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
    labels, sure, refused = refusal.judge(np.array([segment.probabilities for segment in segments]))
    refused |= _specks(segments, refused)
    if not refused.all():
        alike, sides = _alike(segments, refused, 0.25), _sides(segments)
        lines = np.array([segment.line for segment in segments])
        value = np.where(refused, 0, sure)
        credible = OF_MANY if alike.sum() >= MANY else CREDIBLE
        if np.average(value[alike], weights=sides[alike]) < credible:
            parts = {line: alike & (lines == line) for line in set(lines.tolist())}
            certain = [
                line
                for line, part in parts.items()
                if part.sum() >= NUMBER and np.average(value[part], weights=sides[part]) >= CERTAIN
            ]
            refused = refused | ~np.isin(lines, certain)
    return labels, sure, refused


def _specks(segments: list[Chosen], refused: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which marks are much smaller than what was taken for digits in their line."""
    lines = np.array([segment.line for segment in segments])
    sides = _sides(segments)
    usual = {line: np.median(sides[~refused & (lines == line)]) for line in set(lines[~refused])}
    return np.array([side < SPECK * usual.get(line, 0) for side, line in zip(sides, lines, strict=True)])


def _sides(segments: list[Chosen]) -> NDArray[np.int64]:
    """Height or width of each segment, whichever is more."""
    return np.array([max(segment.mark.h, segment.mark.w) for segment in segments])


def _worth(segments: list[Chosen], refusal: Refusal) -> float:
    """How much was read: the probabilities of the digits, less something for each mark that is none."""
    if not segments:
        return 0.0
    _, sure, refused = _judged(segments, refusal)
    return float(sure[~refused].sum() - 0.3 * refused.sum())


def _each(pictures: Any) -> Iterator[Any]:
    if isinstance(pictures, str | os.PathLike | bytes | np.ndarray) or hasattr(pictures, "getpixel"):
        yield pictures
    else:
        yield from pictures


def load_reader(model: Model | str | os.PathLike[str] | None = None) -> Model:
    """The model itself, or that in a file, or that of the package; ModelError when it is none."""
    if model is None:
        return Model.load(shipped_model())
    return Model.load(model) if isinstance(model, str | os.PathLike) else model


def shipped_model() -> Path:
    """The model file that comes with the package."""
    return Path(__file__).parent.parent / "models" / "reader.safetensors"


def refusal_of(model: Model) -> Refusal:
    """How sure the model must be; one that does not say so answers what is more probable than not."""
    return model.refusal or Refusal(classes=len(model.classes))


def form_of(model: Model) -> PictureForm:
    """How the model wants its marks."""
    return model.form or PictureForm(
        size=model.image_shape[0], box=max(4, round(model.image_shape[0] * 20 / 28))
    )


def _enlarged(box: tuple[int, int, int, int], reduction: int) -> tuple[int, int, int, int]:
    x, y, w, h = (side * reduction for side in box)
    return x, y, w, h


def _in_text(digits: list[Digit], segments: list[Chosen]) -> tuple[list[str], list[Digit]]:
    """Text of each line that has a digit in it; the digits, with the lines numbered as in the text."""
    texts: list[str] = []
    numbered = []
    for line in sorted({digit.line for digit in digits}):
        mine = [(d, s) for d, s in zip(digits, segments, strict=True) if d.line == line]
        heights = [s.mark.h for d, s in mine if not d.refused]
        number = len(texts) if heights else -1
        numbered += [replace(d, line=number) for d, _ in mine]
        if heights:
            usual = float(np.median(heights))
            texts.append(
                "".join(
                    d.label if not d.refused else "?" if 0.6 < s.mark.h / usual < 1.6 else "" for d, s in mine
                )
            )
    return texts, numbered


def _why(way: Way, count: int, digits: list[Digit]) -> str:
    """Why nothing was read."""
    if int(way.greys.max()) - int(way.greys.min()) < 8:
        return "the picture is all of one colour"
    if not count:
        return "there is no ink on it"
    if count > MOST_MARKS:
        return f"it has {count:,} marks, which are no handwritten number: a page of print, or a pattern"
    if count == 1:
        return "its one mark is no digit"
    return f"none of its {count:,} marks is a digit"
