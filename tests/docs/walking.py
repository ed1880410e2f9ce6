"""Walking through the tutorial: its blocks are run, and its numbers compared with what they compute.

Every ```python block is one of two things. After a line that ends in "From [file](path):" it is package code.
Any other is run, in order, in one namespace, and prints the ```text block after it: numbers to a thousandth
of their size, or to what a comment between the two says, such as <!-- within 10 % -->.

Every percentage and every number with a decimal point in the prose is checked, by a comment after it that no
reader sees. One comment covers all such numbers since the one before it, or, if there are none, whole ones:

    <!-- = expression; expression ± 0.003 -->    as the blocks compute it, to the digits shown, or within ±
    <!-- published -->                           as the article says, or its repository, or the notebook
    <!-- stands in path -->                      as that file says, to the letter, where it was measured

An expression is evaluated where it stands, or, if it has names that no block above it makes, after the first
block that makes them. `recorded` is what `byhand article --json` printed; it is kept in article.json.
"""

import contextlib
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pages import ROOT, Block, Page, is_run, printed, read, same, unlike_package

from byhand.article import RUNS

TUTORIAL = read(ROOT / "docs" / "tutorial.md")
RECORDED = json.loads((Path(__file__).parent / "article.json").read_text(encoding="utf-8"))

COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)
WITHIN = re.compile(r"<!-- within (\d+) % -->")
NUMBER = re.compile(r"(?<![\w.])((?<![^\s(={|$])[-−])?(\d+(?:,\d{3})*(?:\.\d+)?)(\s?%| per ?cent)?")

PUBLISHED = {f"{100 * published.test_accuracy:.2f}" for *_, published in RUNS.values()} | {
    "0.001",  # learning rate
    "0.070",  # validation accuracy after one step
    "0.086",  # accuracy of the first batch
    "0.828",  # validation accuracy after 10,000 steps
}


@dataclass(frozen=True)
class Figure:
    """A number in the prose: its digits, where they start, and what they mean."""

    digits: str
    start: int
    value: float
    unit: float  # 1, or 0.01 for a percentage

    @property
    def places(self) -> int:
        return len(self.digits.partition(".")[2])

    @property
    def fine(self) -> bool:
        """Whether it must be covered by a mark."""
        return self.unit != 1 or self.places > 0

    def agrees(self, value: float, tolerance: float) -> bool:
        return abs(self.value - value) <= (tolerance or 0.5 * 10**-self.places * self.unit) + 1e-9

    def rewritten(self, value: float) -> str:
        """The digits that the value would have in its place."""
        text = f"{abs(value) / self.unit:,.{self.places}f}"
        return text if "," in self.digits else text.replace(",", "")


def figures(prose: str, offset: int = 0) -> Iterator[Figure]:
    for number in NUMBER.finditer(prose):
        sign, digits, percent = number.groups()
        unit = 0.01 if percent else 1.0
        value = float(digits.replace(",", "")) * unit * (-1 if sign else 1)
        yield Figure(digits, offset + number.start(2), value, unit)


@dataclass(frozen=True)
class Mark:
    """A comment, the line and the column that it stands in, and the numbers that it covers."""

    kind: str
    said: str
    line: int
    column: int
    figures: tuple[Figure, ...]

    @property
    def place(self) -> str:
        return f"mark {self.line}:{self.column}"


def marks(page: Page) -> tuple[list[Mark], list[str]]:
    """The marks of a page, and the numbers after the last one that should be covered by one too."""
    prose = WITHIN.sub(lambda within: " " * len(within[0]), page.prose)
    found, end = [], 0
    for comment in COMMENT.finditer(prose):
        known = re.fullmatch(r"(=|published|stands in)\s*(.*)", comment[1], re.DOTALL)
        assert known, f"a comment of no known kind: {comment[0]}"
        numbers = list(figures(prose[end : comment.start()], end))
        fine = [number for number in numbers if number.fine]
        line, column = (
            prose.count("\n", 0, comment.start()) + 1,
            comment.start() - prose.rfind("\n", 0, comment.start()),
        )
        found.append(Mark(known[1], known[2], line, column, tuple(fine or numbers)))
        end = comment.end()
    return found, [number.digits for number in figures(prose[end:]) if number.fine]


@dataclass
class Walk:
    """What a walk through a page found.

    `wrong` says what is wrong with each block and each mark, by kind and place, None where nothing is;
    `mends` has what should stand from one place of the text to another; `names` is the namespace at the end.
    """

    page: Page
    wrong: dict[str, str | None] = field(default_factory=dict)
    mends: list[tuple[int, int, str]] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "tutorial"})

    def mended(self) -> str:
        text = self.page.text
        for start, end, new in sorted(self.mends, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def run(self, block: Block, after: Block | None) -> str | None:
        """Run a block; what is wrong with what the page says that it prints."""
        found = printed(block.text, f"tutorial, line {block.line}", self.names)
        expected, relative = "", 1e-3
        if after is not None and after.language == "text" and not WITHIN.sub("", after.before):
            expected = after.text
            if within := WITHIN.search(after.before):
                relative = int(within[1]) / 100
        if same(expected, found, relative):
            return None
        if expected:
            self.mends.append((after.start, after.start + len(expected), found))
        return f"it prints\n{found}"

    def judge(self, mark: Mark) -> str | None:
        """What is wrong with the numbers that a mark covers. NameError if that cannot be said yet."""
        digits = {figure.digits for figure in mark.figures if figure.fine}
        if mark.kind == "published":
            wrong = digits - PUBLISHED
            return f"{wrong} was not published" if wrong else None
        if mark.kind == "stands in":
            there = (ROOT / mark.said).read_text(encoding="utf-8")
            wrong = {number for number in digits if not re.search(rf"(?<![\w.]){number}(?![\w.]\d)", there)}
            return f"{wrong} does not stand in {mark.said}" if wrong else None
        values: list[tuple[float, float]] = []
        for part in mark.said.split(";"):
            expression, _, tolerance = part.partition("±")
            result = np.ravel(eval(expression.strip(), self.names | {"recorded": RECORDED}))
            values += [(float(value), float(tolerance or 0)) for value in result]
        covered = mark.figures if digits else mark.figures[-len(values) :]
        if len(values) != len(covered):
            return f"{len(values)} values for the numbers {[figure.digits for figure in covered]}"
        complaints = []
        for figure, (value, tolerance) in zip(covered, values, strict=True):
            if not figure.agrees(value, tolerance):
                complaints.append(f"{figure.digits} is really {value:.6g}")
                self.mends.append((figure.start, figure.start + len(figure.digits), figure.rewritten(value)))
        return "; ".join(complaints) or None


def walk(page: Page) -> Walk:
    """Run all of a page in a folder of its own, and judge it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _walk(page)


def _walk(page: Page) -> Walk:
    waiting, unmarked = marks(page)
    done = Walk(page)
    if unmarked:
        done.wrong["unmarked"] = f"{unmarked} at the end of the page"

    def look(line: float, last: bool = False) -> None:
        """Judge the waiting marks above a line, as far as their names are known."""
        for mark in [mark for mark in waiting if mark.line < line]:
            try:
                done.wrong[mark.place] = done.judge(mark)
            except NameError as error:
                if not last:
                    continue
                done.wrong[mark.place] = str(error)
            waiting.remove(mark)

    answers = set()
    for block, after in page.python():
        if is_run(block):
            look(block.line)
            done.wrong[f"run {block.line}"] = done.run(block, after)
            look(block.line)
            answers.add(id(after))
        else:
            done.wrong[f"shown {block.line}"] = unlike_package(page, block)
    look(float("inf"), last=True)
    for block in page.blocks:
        if block.language == "text" and (id(block) not in answers or WITHIN.sub("", block.before)):
            done.wrong[f"text {block.line}"] = "no block that is run stands right above it"
    return done
