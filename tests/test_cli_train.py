"""byhand train: what it says and saves, wrong requests, Ctrl-C, a full disk."""

import json
import re
import resource
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import QUICK, interrupt

from byhand import Model
from byhand.datasets import load, write_idx


def test_train_says_how_good_the_model_is_and_saves_it(byhand, small_folder):
    said = byhand("train", "--data", small_folder, "--json")
    assert said.status == 0
    result = said.json
    assert result["test_accuracy"] > 0.85
    assert result["validation_accuracy"] > 0.85
    assert result["parameters"] == 101_770
    assert result["epochs"] == 6
    assert 0 < result["train_seconds"] < 60
    assert result["seed"] == 0
    assert set(result["drawn"]) == {"7", "1", "4"}
    assert not result["interrupted"]
    model = Model.load(result["model"])
    test = load(small_folder).test
    assert (model.predict(test.images) == test.labels).mean() == result["test_accuracy"]
    assert model.provenance["recipe"] == "sigmoid"
    assert model.provenance["data_sha256"] == load(small_folder).sha256
    assert [report["epoch"] for report in model.history if report["validation_loss"] is not None] == list(
        range(1, 7)
    )


def test_train_prints_a_short_table_and_tells_what_comes_next(byhand, small_folder):
    said = byhand("train", "--data", small_folder, *QUICK, "-o", "mine.safetensors")
    assert said.status == 0
    for words in (
        "validation accuracy",
        "test accuracy",
        "images a second",
        "drawn on a 7x7 grid",
        "read as",
    ):
        assert words in said.out
    assert re.search(r"test accuracy +\d\d\.\d\d % +\d\d\.\d\d to \d\d\.\d\d %", said.out)
    assert "epoch 1: loss" in said.err
    assert "byhand predict mine.safetensors" in said.err
    assert Path("mine.safetensors").is_file()


def test_the_same_seed_gives_the_same_file_of_weights_and_another_seed_another(byhand, small_folder):
    for name, seed in [("a", 5), ("b", 5), ("c", 6)]:
        assert byhand("train", "--data", small_folder, *QUICK, "--seed", seed, "-o", name).status == 0
    a, b, c = (Model.load(name).network.theta for name in "abc")
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_options_change_the_training(byhand, small_folder):
    said = byhand(
        "train", "--data", small_folder, "--recipe", "relu", "--epochs", 2, "--batch-size", 50,
        "--learning-rate", 0.05, "--seed", 3, "--json",
    )  # fmt: skip
    assert (said.json["recipe"], said.json["epochs"], said.json["seed"]) == ("relu", 2, 3)
    history = Model.load(said.json["model"]).history
    assert history[-1]["steps"] == 2 * 50
    assert max(report["learning_rate"] for report in history) <= 0.05


def test_patience_stops_a_training_that_no_longer_gets_better(byhand, small_folder):
    said = byhand(
        "train", "--data", small_folder, "--epochs", 50, "--learning-rate", 1e-12, "--patience", 2, "--json"
    )
    assert said.json["epochs"] == 3


def test_the_drawn_digits_are_left_out_where_there_are_no_digits_to_read(byhand, tmp_path):
    rng = np.random.default_rng(0)
    for part, count in [("train", 30), ("t10k", 9)]:
        write_idx(
            tmp_path / f"{part}-images-idx3-ubyte", rng.integers(0, 255, (count, 6, 5)).astype(np.uint8)
        )
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", (np.arange(count) % 3).astype(np.uint8))
    assert byhand("train", "--data", tmp_path, *QUICK, "--json").json["drawn"] == {}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--epochs", 0), "epochs is 0"),
        (("--epochs", "ten"), "'--epochs'"),
        (("--batch-size", 0), "batch size is 0"),
        (("--learning-rate", 0), "learning rate is 0.0"),
        (("--learning-rate", "nan"), "learning rate is nan"),
        (("--patience", 0), "patience is 0"),
        (("--seed", -1), "'--seed'"),
        (("--recipe", "sigmoind"), "sigmoid, relu"),
        (("--data", "mnits"), "did you mean mnist?"),
        (("--data", "/nowhere"), "/nowhere"),
        (("-o", "no/such/folder/model"), "no/such/folder"),
        (("-o", "."), "folder"),
        (("-o", "/proc/model"), "/proc/model"),
        (("--frob",), "--frob"),
    ],
    ids=str,
)
def test_a_wrong_request_gets_one_line_and_status_2_and_writes_nothing(byhand, small_folder, wrong, words):
    said = byhand("train", "--data", small_folder, *wrong)
    assert said.status == 2
    assert words in said.complaint
    assert list(Path.cwd().iterdir()) == []


def test_a_place_that_cannot_be_written_is_said_before_the_data_are_even_read(byhand):
    assert "cannot write" in byhand("train", "--data", "/nowhere", "-o", "no/such/folder/model").complaint


def test_a_loss_that_is_not_finite_ends_with_status_1_and_advice(byhand, small_folder):
    said = byhand("train", "--data", small_folder, "--learning-rate", 1e38)
    assert said.status == 1
    assert re.search(r"the loss became (inf|nan) at step \d+; try a smaller learning rate", said.complaint)
    assert list(Path.cwd().iterdir()) == []


def test_ctrl_c_keeps_the_best_model_so_far_and_says_so(byhand_process, small_folder, tmp_path):
    process = byhand_process("train", "--data", small_folder, "--epochs", 100_000, "--json")
    for line in process.stderr:
        if line.startswith("epoch 2"):
            break
    out, err = interrupt(process)
    assert process.returncode == 130
    assert "the best so far was kept" in err
    result = json.loads(out)
    assert result["interrupted"]
    model = Model.load(tmp_path / result["model"])
    best = max(report["validation_accuracy"] or 0 for report in model.history)
    assert result["validation_accuracy"] == best > 0.1


@pytest.mark.parametrize("delay", [0.1, 0.2, 0.3, 0.6, 0.9, 1.2, 1.5])
def test_whenever_ctrl_c_comes_there_is_no_traceback_and_no_half_model(
    byhand_process, monkeypatch, tmp_path, delay
):
    # coverage starts before byhand and has its own ways with Ctrl-C
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    process = byhand_process("train", "--epochs", 1000)
    time.sleep(delay)
    _, err = interrupt(process)
    starting = process.returncode == -signal.SIGINT or "byhand" not in err  # Python itself still is
    assert starting or (process.returncode == 130 and "Traceback" not in err)
    for path in tmp_path.iterdir():
        assert path.name == "digits.safetensors"
        Model.load(path)


def test_a_disk_that_fills_while_saving_leaves_the_old_model_whole(byhand_process, small_folder, tmp_path):
    (tmp_path / "digits.safetensors").write_bytes(b"the old model")
    limit = (
        100_000,
        100_000,
    )  # bytes in a file: what the operating system says is then what a full disk says
    process = byhand_process(
        "train",
        "--data",
        small_folder,
        *QUICK,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.splitlines()[-1].startswith("byhand: cannot write digits.safetensors: File too large")
    assert (tmp_path / "digits.safetensors").read_bytes() == b"the old model"
    assert [path.name for path in tmp_path.iterdir()] == ["digits.safetensors"]
