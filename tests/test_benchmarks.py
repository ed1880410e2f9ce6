"""The benchmarks work: at toy size, without the libraries that byhand is compared with."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMPARE = Path(__file__).parent.parent / "benchmarks" / "compare.py"
SOURCE = Path(__file__).parent.parent / "src"
PEERS = ["pytorch", "jax", "sklearn", "onnx"]
PARTS = ["dense", "conv", "share", "cold", "levels", "latency", "throughput", "imports"]


def compare(folder, *arguments):
    command = [sys.executable, COMPARE, "--toy", "--rounds", "1", "--output", folder, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmarks")
    done = compare(folder, "--without", *PEERS)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("left out: torch, jax, scikit-learn, onnxruntime, onnx\n")
    return folder


@pytest.fixture
def results(folder):
    return json.loads((folder / "benchmarks.json").read_text())


def test_a_toy_run_measures_every_part_and_says_which_libraries_are_left_out(results):
    assert list(results["parts"]) == PARTS
    assert results["left_out"] == ["torch", "jax", "scikit-learn", "onnxruntime", "onnx"]
    assert results["toy"]


def test_every_part_has_a_section_and_the_targets_that_need_no_peer_are_judged(folder):
    page = (folder / "benchmarks.md").read_text()
    assert page.count("\n## ") == len(PARTS) + 1  # and one for what was to be reached
    assert "Left out of this run: torch, jax, scikit-learn, onnxruntime, onnx." in page
    assert "they did the same work" in page
    assert "| step against its bare matrix products, as NumPy takes them | at most 1.5 times |" in page
    assert "**A toy run" in page


def test_a_part_that_is_measured_again_leaves_the_others_as_they_were(folder, results):
    done = compare(folder, "--without", *PEERS, "--only", "throughput")
    assert done.returncode == 0, done.stderr
    again = json.loads((folder / "benchmarks.json").read_text())
    assert again["parts"]["throughput"]["rounds"] != results["parts"]["throughput"]["rounds"]
    for name in set(PARTS) - {"throughput"}:
        assert again["parts"][name] == results["parts"][name]


def test_losses_that_differ_and_targets_that_are_missed_are_said_plainly(results, monkeypatch):
    monkeypatch.syspath_prepend(COMPARE.parent)
    from page import write_page

    ours, theirs = {"seconds": 1.0, "loss": 0.5}, {"seconds": 0.5, "loss": 0.6}
    results["parts"]["dense"]["rounds"] = [{"byhand": ours, "JAX, a jitted scan": theirs}]
    page = write_page(results)
    assert "at least 1.0 times | 0.50 (0.50 to 0.50) | **not reached** |" in page
    assert "**The losses differ by 1.0e-01 in the median of the rounds: not all did the same work.**" in page


def test_one_round_in_which_rounding_decides_otherwise_is_said_and_does_not_make_the_work_another(
    results, monkeypatch
):
    monkeypatch.syspath_prepend(COMPARE.parent)
    from page import write_page

    rounds = [
        {name: {"seconds": 1.0, "loss": loss} for name, loss in losses.items()}
        for losses in [
            {"byhand": 0.5, "scikit-learn": 0.5001},
            {"byhand": 0.5, "scikit-learn": 0.5},
            {"byhand": 0.5, "scikit-learn": 0.502},
        ]
    ]
    results["parts"]["dense"]["rounds"] = rounds
    page = write_page(results)
    assert "the same for all to 1.0e-04, in the median\nof the rounds: they did the same work" in page
    assert "farthest apart it is 2.0e-03:" in page


def test_an_older_package_that_is_slower_is_seen_to_be_slower(tmp_path):
    """The older one waits 2 ms before each answer."""
    older = tmp_path / "older"
    shutil.copytree(SOURCE, older, ignore=shutil.ignore_patterns("__pycache__"))
    model = older / "byhand" / "model.py"
    asks = "        logits = ask("
    assert model.read_text().count(asks) == 1
    model.write_text(model.read_text().replace(asks, f"        __import__('time').sleep(0.002)\n{asks}"))
    toy = ["--only", "one", "--calls", "20", "--rounds", "1", "--processes", "1"]
    done = subprocess.run(
        [sys.executable, COMPARE.parent / "old_new.py", older, *toy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *older_times, this_time = (
        float(line.split(" 5 %:")[1].split(" us")[0]) for line in done.stdout.splitlines()
    )
    assert len(older_times) == 2
    assert min(older_times) > 2000 > this_time
