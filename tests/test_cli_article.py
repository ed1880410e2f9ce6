"""byhand article: its runs, its ladder, its figures."""

import re
import time
from pathlib import Path

import pytest
from PIL import Image

from byhand.ladder import RUNGS


def test_article_does_one_run_again_and_sets_it_beside_what_was_published(byhand):
    result = byhand("article", "--run", "as-printed", "--json").json
    assert set(result) == {"as_printed", "quick", "files"}
    run = result["as_printed"]
    assert run["published"] == {"iterations": 10, "test_accuracy": 0.0735, "seven": 6, "one": 6}
    assert abs(run["test_accuracy"] - 0.0735) < 0.005
    assert (run["seven"], run["one"]) == (6, 6)
    said = byhand("article", "--run", "as-printed")
    assert re.search(
        r"as-printed +published +10 +7\.35 % +6 +6 *\n +here +10 +7\.\d\d % +\d\.\d\d % +6 +6", said.out
    )


def test_article_draws_the_figures_that_there_is_something_for(byhand):
    result = byhand("article", "--run", "repository", "--iterations", 30, "-o", "figures", "--json").json
    assert result["files"] == [f"figures/{name}.png" for name in ("drawn", "sigmoid", "training-repository")]
    for path in result["files"]:
        with Image.open(path) as picture:
            assert picture.format == "PNG"
    assert result["repository"]["iterations"] == 30


@pytest.fixture
def short_ladder(monkeypatch):
    """Its bottom rung and its top one, with a few steps each."""
    monkeypatch.setattr("byhand.cli.article.QUICK_SHARE", 0.002)
    monkeypatch.setattr("byhand.ladder.RUNGS", [RUNGS[0], RUNGS[-1]])


def test_article_climbs_the_ladder_and_draws_it(byhand, short_ladder):
    said = byhand("article", "--run", "ladder", "--quick", "-o", "figures", "--json")
    ladder = said.json["ladder"]
    assert [rung["name"] for rung in ladder] == ["the article", "moved by a pixel"]
    assert 0 < ladder[0]["test_accuracy"] < ladder[1]["test_accuracy"] < 1
    assert {Path(path).stem for path in said.json["files"]} == {"drawn", "ladder", "network", "sigmoid"}
    assert "ladder: done" in said.err


def test_article_prints_what_was_wrong_on_each_rung(byhand, short_ladder):
    said = byhand("article", "--run", "ladder", "--quick").out
    assert "a tenth of the steps" in said
    assert "Its run of 10,000 steps." in said
    assert "This is the default recipe." in " ".join(said.split())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--run", "as-prined"), "as-printed, repository, notebook, ladder"),
        (("--run", "notebook", "--iterations", 0), "iterations is 0"),
        (("--iterations", 5), "add --run"),
        (("--run", "ladder", "--iterations", 5), "add --run"),
        (("--seeds", 0), "seeds is 0"),
        (("-o", "/proc/figures"), "/proc/figures"),
    ],
    ids=str,
)
def test_a_wrong_request_about_the_article_gets_one_line_before_any_training(byhand, wrong, words):
    began = time.perf_counter()
    said = byhand("article", *wrong)
    assert said.status == 2
    assert words in said.complaint
    assert time.perf_counter() - began < 10
