"""The tutorial stays true. What is compared with what, walking.py says."""

import importlib.util
import re
from types import ModuleType

import pytest
from pages import ROOT, Page, bad_links, formulas, is_run
from PIL import Image
from walking import COMMENT, RECORDED, TUTORIAL, Walk, figures, marks, walk

from byhand.ladder import RUNGS

PLACES = [
    *(f"{'run' if is_run(block) else 'shown'} {block.line}" for block, _ in TUTORIAL.python()),
    *(mark.place for mark in marks(TUTORIAL)[0]),
]


@pytest.fixture(scope="module")
def walked() -> Walk:
    return walk(TUTORIAL)


@pytest.mark.parametrize("place", PLACES)
def test_what_stands_there_is_true(walked: Walk, place: str) -> None:
    assert walked.wrong[place] is None


def test_nothing_is_left_unchecked(walked: Walk) -> None:
    assert set(walked.wrong) == set(PLACES)
    for kind, least in [("run", 12), ("shown", 8), ("mark", 20)]:
        assert sum(place.startswith(kind) for place in PLACES) >= least


# What is untrue is noticed

PAGE = """
Twice 1.5 <!-- = 3 / 2 --> is three:

```python
twice = 2 * 1.5
print(twice, "in all")
```

```text
3.0 in all
```

So it is 3.0, which is 300 %. <!-- = twice; twice --> The article has 7.35 %, with 0.001. <!-- published -->
Of 4 it is 0.75: <!-- = twice / 4 --> of all 3 and 10,000 <!-- = twice; 1e4 --> ours is 99.30 %.
<!-- stands in src/byhand/recipes.py --> From [metrics.py](../src/byhand/metrics.py):

```python
z = 1.959963984540054  # 97.5 % of a normal distribution lies below it
```
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("", "", None),
        ("Twice 1.5", "Twice 1.6", "1.6 is really 1.5"),
        ("is 3.0,", "is 3.1,", "3.1 is really 3"),
        ("300 %", "301 %", "301 is really 3"),
        ("300 %", "300", "2 values for the numbers ['3.0']"),
        ("0.75", "0.74", "0.74 is really 0.75"),
        ("0.75: <!-- = twice / 4", "0.74: <!-- = twice / 4 ± 0.02", None),
        ("0.75: <!-- = twice / 4", "0.72: <!-- = twice / 4 ± 0.02", "0.72 is really 0.75"),
        ("Of 4", "Of 4.0", "1 values for the numbers ['4.0', '0.75']"),
        ("<!-- = twice / 4 -->", "", "2 values for the numbers ['0.75']"),
        ("all 3", "all 4", "4 is really 3"),
        ("10,000", "10,001", "10,001 is really 10000"),
        ("= twice / 4", "= thrice / 4", "name 'thrice' is not defined"),
        ("7.35", "7.36", "{'7.36'} was not published"),
        ("99.30", "99.31", "{'99.31'} does not stand in src/byhand/recipes.py"),
        ("99.30", "9.30", "{'9.30'} does not stand in src/byhand/recipes.py"),
        ("<!-- stands in src/byhand/recipes.py -->", "", "['99.30'] at the end of the page"),
        ("2 * 1.5", "2 * 1.6", "it prints\n3.2 in all\n"),
        ("3.0 in", "3.1 in", "it prints\n3.0 in all\n"),
        ("in all\n```\n\nSo", "in some\n```\n\nSo", "it prints\n3.0 in all\n"),
        ("```text\n3.0", "<!-- within 10 % -->\n```text\n3.2", None),
        ("```text\n3.0", "<!-- within 1 % -->\n```text\n3.2", "it prints\n3.0 in all\n"),
        ("```text\n", "That is:\n```text\n", "no block that is run stands right above it"),
        ("```text\n3.0 in all\n```\n", "", "it prints\n3.0 in all\n"),
        ("z = 1.95", "z = 1.96", "not in metrics.py as shown"),
        ("(../src/byhand/metrics.py)", "(../src/byhand/losses.py)", "are not the same file"),
    ],
)
def test_what_is_untrue_is_noticed(old: str, new: str, complaint: str | None) -> None:
    found = walk(Page(TUTORIAL.path, PAGE.replace(old, new, 1))).wrong.values()
    said = "; ".join(wrong for wrong in found if wrong is not None)
    assert complaint in said if complaint else not said


def test_wrong_numbers_and_prints_can_be_mended() -> None:
    broken = PAGE.replace("Twice 1.5", "Twice 2.5").replace("300 %", "10 %").replace("10,000", "12,345")
    broken = broken.replace("3.0 in all", "4.0 in all")
    assert walk(Page(TUTORIAL.path, broken)).mended() == PAGE


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("all 50,000 of them, 7, 8", [50000, 7, 8]),
        ("12.5 % of -3.5 and 2 per cent", [0.125, -3.5, 0.02]),
        ("$a = -0.5 - 0.25$ and −0.1, 784-128-10", [-0.5, 0.25, -0.1, 784, 128, 10]),
        ("W1 and x.5", []),
        ("±0.003 (−1)", [0.003, -1]),
    ],
)
def test_numbers_are_found(prose: str, found: list[float]) -> None:
    assert [figure.value for figure in figures(prose)] == pytest.approx(found)


def test_every_comment_says_what_it_is() -> None:
    with pytest.raises(AssertionError, match="no known kind"):
        marks(Page(TUTORIAL.path, "5.5 <!-- equals 5.5 -->"))


# Around it


def test_the_record_is_of_todays_ladder(walked: Walk) -> None:
    """If not: byhand article --json > tests/docs/article.json

    Its top rung, from seed 0, is the network that the tutorial trains.
    """
    assert [rung["name"] for rung in RECORDED["ladder"]] == [rung.name for rung in RUNGS]
    assert not RECORDED["quick"]
    recorded = RECORDED["ladder"][-1]["test_accuracies"][0]
    assert walked.names["scores"].accuracy == pytest.approx(recorded, abs=0.001)


def test_formulas_render() -> None:
    assert len(formulas(COMMENT.sub("", TUTORIAL.prose))) > 20


def test_no_comment_swallows_what_follows_it() -> None:
    """A line that begins with a comment is no part of a paragraph, and the next line begins a new one."""
    for comment in COMMENT.finditer(TUTORIAL.prose):
        before = TUTORIAL.prose[: comment.start()].rpartition("\n")[2]
        after = TUTORIAL.prose[comment.end() :].split("\n")
        if not before.strip("> "):
            assert after[0] == ""
            assert not after[1].strip("> ") or TUTORIAL.text[comment.end() :].startswith("\n```text")
        assert "\n" not in comment[0] or not before, "in a quotation each line would need a sign of its own"


def test_links_lead_somewhere() -> None:
    assert bad_links(TUTORIAL) == []


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "scripts" / "tutorial_pictures.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_picture_can_be_drawn_again(script: ModuleType, walked: Walk) -> None:
    shown = re.findall(r"!\[[^]]+\]\(pictures/tutorial-(\w+)\.png\)", TUTORIAL.prose)
    assert len(shown) == TUTORIAL.prose.count("![")
    assert sorted(shown) == sorted(script.PICTURES)
    for name, draw in script.PICTURES.items():
        width, height = draw(walked.names).get_size_inches()
        with Image.open(ROOT / "docs" / "pictures" / f"tutorial-{name}.png") as picture:
            assert picture.width <= 1200
            assert picture.width / picture.height == pytest.approx(width / height, rel=0.02)
