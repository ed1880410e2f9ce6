"""What the scores leave behind: tables, sheets of pictures, and their place in a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.reading.pictures import Picture


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def put_into(page: Path, mark: str, text: str) -> None:
    """Put text between the two marks of a page, `<!-- mark -->` and `<!-- end of mark -->`, or at its end."""
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    old = page.read_text() if page.exists() else ""
    if begin not in old or end not in old:
        old = f"{old.rstrip()}\n\n{begin}\n{end}\n".lstrip()
    before, _, rest = old.partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}")


def sheet(
    pictures: "Sequence[tuple[Picture, Sequence[str]]]", path: Path, columns: int = 4, size: int = 300
) -> None:
    """Small copies of pictures, each above its lines of text, on one sheet (a JPEG file)."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(13)
    below = 18 * max(len(lines) for _, lines in pictures) + 6
    rows = -(-len(pictures) // columns)
    paper = Image.new("RGB", (columns * size, rows * (size + below)), "white")
    draw = ImageDraw.Draw(paper)
    for position, (picture, lines) in enumerate(pictures):
        left, top = position % columns * size, position // columns * (size + below)
        small = Image.fromarray(picture.image)
        small.thumbnail((size - 10, size - 10))
        paper.paste(small, (left + 5, top + size - 5 - small.height))
        for row, text in enumerate(lines):
            short = text
            while draw.textlength(short, font) > size - 10:
                short = short.rstrip("…")[:-1] + "…"
            draw.text((left + 5, top + size - 4 + 18 * row), short, "black", font)
    paper.save(path, quality=82, optimize=True)
