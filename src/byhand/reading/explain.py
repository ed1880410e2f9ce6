"""Every stage of a picture's way drawn, so that a wrong answer can be understood at a glance."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from byhand.arrays import Images
from byhand.files import make_folder, written_whole
from byhand.images import Density, Mark, Way

if TYPE_CHECKING:
    from PIL.Image import Image

    from byhand.reading import Seen

WIDEST = 1000
"""Longer side of a stage's picture, in pixels."""

CELL = 132
"""Width of a cell on the sheet of marks."""

GRAIN = 0.06
"""Fainter ink is not drawn."""

COLOURS = [(208, 60, 40), (30, 110, 190), (40, 140, 60), (150, 80, 170), (200, 130, 0)]
"""One for each line of text, in turn."""


def write_explanation(seen: "Seen", folder: Path) -> list[Path]:
    """Write a PNG file for each stage, numbered and titled, into a folder; OutputError when that fails."""
    make_folder(folder)
    paths = []
    for number, (name, picture) in enumerate(explanation(seen).items(), 1):
        path = folder / f"{number}-{name}.png"
        with written_whole(path) as beside:
            picture.save(beside, "PNG")
        paths.append(path)
    return paths


def explanation(seen: "Seen") -> "dict[str, Image]":
    """A picture for each stage, by name."""
    way = seen.way
    turned = f"turned by {way.angle:.1f} degrees" if way.angle else "not turned"
    marks = [mark for line in way.lines for mark in line]
    return {
        "greys": _titled(_picture(way.greys), f"1  {_greys(way)}"),
        "light": _titled(_ink(way.light_out), f"2  the light taken out: {_how(way)}"),
        "rules": _titled(_rules(seen), f"3  ruled lines found: {len(way.rules)}"),
        "clean": _titled(_ink(way.rules_out), "4  the lines taken out"),
        "ink": _titled(_picture((255 - 255 * way.ink).astype(np.uint8)), f"5  what is ink, {turned}"),
        "marks": _titled(_marks(seen), f"6  marks: {len(marks)}, lines: {len(way.lines)}"),
        "digits": _titled(_digits(seen), f"7  read: {' / '.join(seen.reading.lines) or seen.reading.reason}"),
        "network": _network(seen),
    }


def _greys(way: Way) -> str:
    """What the greys are, in words."""
    return "the picture in greys" + (f"; {way.shows}" if way.shows else "")


def _how(way: Way) -> str:
    """How the picture was looked at, in words."""
    words = ["light ink on dark" if way.looks[0].light_ink else "dark ink on light"]
    if way.looks[0].dark:
        words.append("faint ink left out")
    if way.smoothing:
        words.append(f"noise smoothed by {way.smoothing:.1f} pixels")
    return ", ".join(words)


def _picture(greys: Images) -> "Image":
    from PIL import Image

    picture = Image.fromarray(greys).convert("RGB")
    if max(picture.size) > WIDEST:
        picture.thumbnail((WIDEST, WIDEST))
    elif max(picture.size) < WIDEST // 2:
        times = WIDEST // max(picture.size)
        picture = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    return picture


def _ink(density: Density) -> "Image":
    """Ink on white paper, black where it is darkest; the paper's own grain is left out."""
    darkest = max(float(np.percentile(density, 99.8)), 0.1)
    seen = np.where(density > GRAIN, density, 0)
    return _picture(np.rint(255 - np.clip(seen / darkest, 0, 1) * 255).astype(np.uint8))


def _titled(picture: "Image", title: str) -> "Image":
    from PIL import Image, ImageDraw

    height = 34
    whole = Image.new("RGB", (max(picture.width, 420), picture.height + height), "white")
    whole.paste(picture, (0, height))
    ImageDraw.Draw(whole).text((8, 6), title, fill="black", font=_font(18))
    return whole


def _font(size: int):  # type: ignore[no-untyped-def]  # Pillow has two kinds of fonts without a common base
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _rules(seen: "Seen") -> "Image":
    from PIL import ImageDraw

    way = seen.way
    picture = _ink(way.light_out)
    height, width = way.light_out.shape
    times = picture.width / width
    draw = ImageDraw.Draw(picture)
    for rule in way.rules:
        ends = [(0.0, rule.offset), (width, rule.offset + rule.slope * width)]
        if rule.upright:
            ends = [(rule.offset, 0.0), (rule.offset + rule.slope * height, height)]
        draw.line([(x * times, y * times) for x, y in ends], fill=COLOURS[0], width=1)
    return picture


def _box(mark: Mark, times: float) -> list[float]:
    return [mark.x * times, mark.y * times, mark.right * times, mark.bottom * times]


def _marks(seen: "Seen") -> "Image":
    from PIL import ImageDraw

    picture = _ink(seen.way.upright)
    times = picture.width / seen.way.upright.shape[1]
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(seen.way.lines):
        for mark in line:
            draw.rectangle(_box(mark, times), outline=COLOURS[number % len(COLOURS)], width=2)
    return picture


def _digits(seen: "Seen") -> "Image":
    from PIL import ImageDraw

    picture = _ink(seen.way.upright)
    times = picture.width / seen.way.upright.shape[1]
    draw = ImageDraw.Draw(picture)
    for digit, segment in zip(seen.reading.digits, seen.segments, strict=True):
        colour = (150, 150, 150) if digit.refused else COLOURS[segment.line % len(COLOURS)]
        left, top, right, bottom = _box(segment.mark, times)
        draw.rectangle((left, top, right, bottom), outline=colour, width=2)
        label = "?" if digit.refused else digit.label
        draw.text((left, max(0, top - 24)), label, fill=colour, font=_font(20))
    return picture


def _network(seen: "Seen") -> "Image":
    """A sheet of the marks as the network saw them, each with the three most probable answers."""
    from PIL import Image, ImageDraw

    count = max(1, len(seen.segments))
    columns = min(count, 7)
    high = CELL + 78
    sheet = Image.new("RGB", (max(420, columns * CELL), 34 + -(-count // columns) * high), "white")
    draw = ImageDraw.Draw(sheet)
    draw.text((8, 6), "8  what the network saw, and what it said", fill="black", font=_font(18))
    for number, (digit, segment) in enumerate(zip(seen.reading.digits, seen.segments, strict=True)):
        left, top = number % columns * CELL, 34 + number // columns * high
        side = CELL - 20
        mark = Image.fromarray(segment.image).resize((side, side), Image.Resampling.NEAREST)
        sheet.paste(mark.convert("RGB"), (left + 10, top + 4))
        for place, answer in enumerate(np.argsort(-segment.probabilities)[:3]):
            probability = float(segment.probabilities[answer])
            y = top + side + 8 + 22 * place
            colour = (150, 150, 150) if digit.refused else COLOURS[1]
            draw.rectangle((left + 48, y + 5, left + 48 + round(36 * probability), y + 15), fill=colour)
            draw.text((left + 12, y), seen.classes[answer][:4], fill="black", font=_font(15))
            draw.text((left + 88, y), f"{100 * probability:.1f}", fill="black", font=_font(15))
        if digit.refused:
            draw.text((left + 12, top + 6), "refused", fill=(255, 200, 80), font=_font(15))
    return sheet
