"""The derivations stay true: what they cite, show, print and link to is compared with the package.

A page is read as headings, fenced blocks and prose. Every ```python block is one of two things. Under a
heading "Check" it is run, and must print the ```text block after it. Elsewhere it is package code, shown
after a line that says From [file](path).
"""

import contextlib
import inspect
import io
import math
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from byhand import functions
from byhand.layers import LAYERS
from byhand.losses import LOSSES
from byhand.optimizers import Optimizer

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "byhand"
DERIVATIONS = ROOT / "docs" / "derivations"
STEPS = ["Definition", "Answer", "Derivation", "Code", "Check"]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")


# Reading a page


@dataclass(frozen=True)
class Block:
    """A fenced block, the line that it starts in, its heading, and the text between it and the one before."""

    language: str
    text: str
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
            blocks.append(Block(fence[1], fence[2], line, above[-1] if above else "", before))
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


PAGES = [read(path) for path in sorted(DERIVATIONS.glob("*.md"))]
CHECKS = {
    f"{page.path.name}:{block.line}": (block, after)
    for page in PAGES
    for block, after in page.python()
    if block.heading == "Check"
}
SHOWN = {
    f"{page.path.name}:{block.line}": (page, block)
    for page in PAGES
    for block, _ in page.python()
    if block.heading != "Check"
}

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)


# Citations in the package


def bad_citations(files: Iterable[Path], root: Path = ROOT) -> list[str]:
    """Citations of docs/derivations/ in these files that lead to no page, or to no heading of it."""
    bad = []
    for file in files:
        for cited in re.findall(r"docs/derivations/(\S*)", file.read_text(encoding="utf-8")):
            name, _, anchor = cited.rstrip(".,;:)\"'`").partition("#")
            path = root / "docs" / "derivations" / name
            if not path.is_file() or (anchor and anchor not in read(path).anchors):
                bad.append(f"{file.name}: {cited}")
    return bad


def test_every_citation_leads_somewhere() -> None:
    assert bad_citations(SOURCE.rglob("*.py")) == []


@pytest.mark.parametrize(
    ("citation", "good"),
    [
        ("docs/derivations/softmax.md#jacobian.", True),
        ("(docs/derivations/dense.md)", True),
        ("docs/derivations/softmax.md#jacobean.", False),
        ("docs/derivations/dence.md", False),
        ("docs/derivations/ dense.md", False),
        ("docs/derivations/softmax.md#definition-9", False),
    ],
)
def test_a_wrong_citation_is_noticed(tmp_path: Path, citation: str, good: bool) -> None:
    file = tmp_path / "module.py"
    file.write_text(f'"""Derived in {citation}"""', encoding="utf-8")
    assert (bad_citations([file]) == []) is good


def test_anchors_are_githubs() -> None:
    page = Page(Path(), "# Softmax & Co.\n## Log-softmax\n## Check\n```\n# no heading\n```\n## Check\n")
    assert page.anchors == {"softmax--co", "log-softmax", "check", "check-1"}


# Package code that is shown


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


@pytest.mark.parametrize("where", SHOWN)
def test_code_shown_is_the_packages(where: str) -> None:
    page, block = SHOWN[where]
    origins = re.findall(r"[Ff]rom\s\[([\w./]+)\]\(([\w./]+)\)", block.before)
    assert origins, f"{where}: package code needs a line before it: From [file](path)"
    name, link = origins[-1]
    file = (page.path.parent / link).resolve()
    assert file == (SOURCE / name).resolve()
    assert is_from(block.text, file.read_text(encoding="utf-8")), f"{where} is not in {name} as shown"


def test_code_that_differs_is_noticed() -> None:
    source = "def f(x):\n    y = x\n    y += 1\n\n    return y\n"
    assert is_from("def f(x):\n    y = x\n", source)
    assert is_from("y = x\ny += 1\n", source)
    assert is_from("y = x\n...\nreturn y\n", source)
    assert not is_from("y = x\n    y += 1\n", source)  # indented otherwise
    assert not is_from("y = x\ny += 2\n", source)
    assert not is_from("y = x\nreturn y\n", source)  # a cut that is not marked
    assert not is_from("y += 1\n...\ny = x\n", source)  # another order


# Checks


def same(expected: str, found: str) -> bool:
    """Whether two printed texts agree: literally but for the numbers, and those within 1e-3 of their size.

    Numbers below 1e-6 agree with each other: they are errors, and so small that their size is rounding's.
    """
    one, two = NUMBER.split(expected.rstrip()), NUMBER.split(found.rstrip())
    if one[::2] != two[::2]:
        return False
    pairs = [(float(a), float(b)) for a, b in zip(one[1::2], two[1::2], strict=True)]
    return all(max(abs(a), abs(b)) < 1e-6 or math.isclose(a, b, rel_tol=1e-3) for a, b in pairs)


def printed(code: str, name: str) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, name, "exec"), {"__name__": name})
    return output.getvalue()


@pytest.mark.parametrize("where", CHECKS)
def test_check_prints_what_is_shown(where: str) -> None:
    check, shown = CHECKS[where]
    assert shown is not None
    assert shown.language == "text"
    assert shown.before == "", f"{where}: the output must follow its check at once"
    assert "print(" in check.text
    found = printed(check.text, where)
    assert same(shown.text, found), f"{where} prints\n{found}"


@pytest.mark.parametrize(
    ("expected", "found", "agree"),
    [
        ("error 1.2e-11\n", "error 8.0e-10", True),
        ("error 1.2e-11", "error 1.1e-06", False),
        ("cosine 0.4216", "cosine 0.4218", True),
        ("cosine 0.4216", "cosine 0.4226", False),
        ("0.0", "1e-3", False),
        ("1.0, 2.0", "1.0", False),
        ("passed: True", "passed: False", False),
        ("nan", "1.0", False),
    ],
)
def test_output_that_differs_is_noticed(expected: str, found: str, agree: bool) -> None:
    assert same(expected, found) is agree


# Nothing is left out


def final_optimizers(kind: type[Optimizer] = Optimizer) -> list[str]:
    below = [name for child in kind.__subclasses__() for name in final_optimizers(child)]
    ours = kind.__module__.startswith("byhand.") and not inspect.isabstract(kind)
    return [kind.__name__, *below] if ours else below


def derived() -> set[str]:
    """Names of everything in the package that has a derivative, or uses one."""
    backward = {name for name in vars(functions) if name.endswith("_backward")}
    return {*LAYERS, *backward, *(loss.__name__ for loss in LOSSES.values()), *final_optimizers()}


def without_derivation(names: Iterable[str]) -> set[str]:
    """Those of the names that stand in no heading and in no Code block."""
    text = "\n".join(
        part
        for page in PAGES
        for part in [*page.headings, *(block.text for block in page.blocks if block.heading == "Code")]
    )
    return {name for name in names if not re.search(rf"\b{name}\b", text)}


def test_everything_is_derived() -> None:
    assert {"Dense", "softmax_backward", "cross_entropy", "SGD", "AdamW"} <= derived()
    assert without_derivation(derived()) == set()


def test_a_missing_derivation_is_noticed() -> None:
    assert without_derivation({"Dense", "Dens", "Convolution"}) == {"Dens", "Convolution"}


@pages
def test_every_section_has_the_five_steps(page: Page) -> None:
    found = [heading for heading in page.headings if heading in STEPS]
    assert found
    assert found == STEPS * (len(found) // len(STEPS))
    for step in ["Code", "Check"]:
        blocks = [block for block, _ in page.python() if block.heading == step]
        assert len(blocks) >= found.count(step)
    assert {block.heading for block, _ in page.python()} == {"Code", "Check"}


# What a code-hosting site makes of a page


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


@pages
def test_formulas_render(page: Page) -> None:
    assert formulas(page.prose)


@pytest.mark.parametrize(
    "prose",
    [
        "costs $5",
        "a $x$ and a $y",
        "the $x$-axis",
        "$ x$",
        "$\\hat{m}_t$",
        "$a\\,b$",
        "$a*b$",
        "$x^{2$",
        "text\n$$\nx\n$$\n",
        "text\n\n$$\n= x\n$$\n\n",
        "text\n\n$$\nx\n\n",
    ],
)
def test_a_formula_that_does_not_render_is_noticed(prose: str) -> None:
    with pytest.raises(AssertionError):
        formulas(prose)


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


@pages
def test_links_lead_somewhere(page: Page) -> None:
    assert bad_links(page) == []


def test_a_bad_link_is_noticed() -> None:
    links = (
        "[a](dense.md) [b](dense.md#flatten) [c](dence.md) [d](dense.md#flat) [e](#nowhere) [f](https://x)"
    )
    assert bad_links(Page(DERIVATIONS / "page.md", links)) == ["dence.md", "dense.md#flat", "#nowhere"]


def test_every_page_is_in_the_index() -> None:
    index = (DERIVATIONS / "README.md").read_text(encoding="utf-8")
    missing = [page.path.name for page in PAGES if f"]({page.path.name})" not in index]
    assert missing == ["README.md"]
