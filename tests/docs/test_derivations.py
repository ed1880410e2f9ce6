"""The derivations stay true: what they cite, show, print and link to is compared with the package.

A page is read as headings, fenced blocks and prose. Every ```python block is one of two things. Under a
heading "Check" it is run, and must print the ```text block after it. Elsewhere it is package code, shown
after a line that says From [file](path).
"""

import inspect
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from pages import ROOT, SOURCE, Page, bad_links, formulas, is_from, printed, read, same, unlike_package

from byhand import functions
from byhand.layers import LAYERS
from byhand.losses import LOSSES
from byhand.optimizers import Optimizer

DERIVATIONS = ROOT / "docs" / "derivations"
STEPS = ["Definition", "Answer", "Derivation", "Code", "Check"]

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


@pytest.mark.parametrize("where", SHOWN)
def test_code_shown_is_the_packages(where: str) -> None:
    assert unlike_package(*SHOWN[where]) is None


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
