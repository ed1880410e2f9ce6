"""Reading a page of the documentation: its headings, its fenced blocks, and the prose between them."""

import contextlib
import io
import math
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "byhand"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
ORIGIN = re.compile(r"[Ff]rom\s\[([\w./]+)\]\(([\w./]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it starts, its heading, and the text between it and the one before."""

    language: str
    text: str
    start: int  # of its text, in that of the page
    line: int
    heading: str
    before: str


@dataclass(frozen=True)
class Page:
    path: Path
    text: str

    @cached_property
    def prose(self) -> str:
        """All but the fenced blocks, on the same lines and columns as before."""
        return FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), self.text)

    @cached_property
    def headings(self) -> list[str]:
        return [heading[2] for heading in HEADING.finditer(self.prose)]

    @cached_property
    def anchors(self) -> set[str]:
        """What can stand after a # in a link to the page, as GitHub makes it from the headings."""
        anchors: set[str] = set()
        for heading in self.headings:
            slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            again = 0
            while (anchor := f"{slug}-{again}" if again else slug) in anchors:
                again += 1
            anchors.add(anchor)
        return anchors

    @cached_property
    def blocks(self) -> list[Block]:
        blocks, end = [], 0
        for fence in FENCE.finditer(self.text):
            line = self.text.count("\n", 0, fence.start()) + 1
            above = [heading[2] for heading in HEADING.finditer(self.prose, 0, fence.start())]
            before = self.text[end : fence.start()].strip()
            blocks.append(Block(fence[1], fence[2], fence.start(2), line, above[-1] if above else "", before))
            end = fence.end()
        return blocks

    def python(self) -> Iterator[tuple[Block, Block | None]]:
        """Every ```python block with the block after it."""
        following = [*self.blocks[1:], None]
        return (
            (block, after)
            for block, after in zip(self.blocks, following, strict=True)
            if block.language == "python"
        )


def read(path: Path) -> Page:
    return Page(path, path.read_text(encoding="utf-8"))


def printed(code: str, name: str, namespace: dict[str, Any] | None = None) -> str:
    """What the code prints, run in this namespace or in one of its own."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, name, "exec"), {"__name__": name} if namespace is None else namespace)
    return output.getvalue()


def same(expected: str, found: str, relative: float = 1e-3) -> bool:
    """Whether two printed texts agree: literally but for the numbers, and those to this part of their size.

    Numbers below 1e-6 agree with each other: they are errors, and so small that their size is rounding's.
    """
    one, two = NUMBER.split(expected.rstrip()), NUMBER.split(found.rstrip())
    if one[::2] != two[::2]:
        return False
    pairs = [(float(a), float(b)) for a, b in zip(one[1::2], two[1::2], strict=True)]
    return all(max(abs(a), abs(b)) < 1e-6 or math.isclose(a, b, rel_tol=relative) for a, b in pairs)


def is_from(shown: str, source: str) -> bool:
    """Whether the lines shown are lines of the source, one after the other, but for cuts marked by `...`."""
    lines, start = source.splitlines(), 0
    for part in re.split(r"^\s*\.\.\.\s*$", shown, flags=re.MULTILINE):
        wanted = textwrap.dedent(part.strip("\n")).splitlines()
        for first in range(start, len(lines) - len(wanted) + 1):
            if textwrap.dedent("\n".join(lines[first : first + len(wanted)])).splitlines() == wanted:
                start = first + len(wanted)
                break
        else:
            return False
    return True


def is_run(block: Block) -> bool:
    """Whether a ```python block of the tutorial is to be run, rather than package code that is shown."""
    return not re.search(ORIGIN.pattern + r":$", block.before)


def unlike_package(page: Page, block: Block) -> str | None:
    """What is wrong with a block of package code that is shown; None if it is there, just so."""
    origins = ORIGIN.findall(block.before)
    if not origins:
        return "package code needs a line before it: From [file](path)"
    name, link = origins[-1]
    file = (page.path.parent / link).resolve()
    if file != (SOURCE / name).resolve():
        return f"{name} and {link} are not the same file"
    return None if is_from(block.text, file.read_text(encoding="utf-8")) else f"not in {name} as shown"


def formulas(prose: str) -> list[str]:
    """Formulas of a page; AssertionError for dollars and signs that GitHub would not render as meant.

    Markdown is read before mathematics. So an underscore after punctuation may begin italics, a backslash
    before punctuation is dropped, and a dollar beside the wrong character is a dollar.
    """
    prose = re.sub(r"`[^`\n]*`", "", prose)
    displays = re.findall(r"(?<=\n\n)\$\$\n(.+)\n\$\$\n(?=\n|\Z)", prose)
    assert prose.count("$$") == 2 * len(displays), "each display stands on three lines of its own"
    for line in displays:
        assert not re.match(r"[-+=>#\d]", line), f"Markdown would take this for a list or a heading: {line}"
    inline = []
    for paragraph in re.sub(r"\$\$\n.+\n\$\$", "", prose).split("\n\n"):
        spans = re.findall(r"(?<![^\s(])\$(?!\s)([^$\n]+?)(?<!\s)\$(?=[\s.,:;)?!]|\Z)", paragraph)
        assert paragraph.count("$") == 2 * len(spans), f"dollars do not pair up: {paragraph}"
        inline += spans
    for formula in [*displays, *inline]:
        assert not re.search(r"(?<![^\W_])_", formula), f"an underscore after punctuation: {formula}"
        assert not re.search(r"\\[^a-zA-Z]", formula), f"a backslash before punctuation: {formula}"
        assert not re.search(r"[*<`]|\\require|\\n?e?w?command|\\def\b", formula), f"a risky sign: {formula}"
        assert formula.count("{") == formula.count("}"), f"braces do not pair up: {formula}"
    return [*displays, *inline]


def bad_links(page: Page) -> list[str]:
    bad = []
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", page.prose)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = page.path.parent / name if name else page.path
        if not path.exists() or (anchor and anchor not in read(path).anchors):
            bad.append(target)
    return bad
