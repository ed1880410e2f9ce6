"""The command line as a person uses it: what it answers, and what wrong requests get."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from byhand import Model, __version__, plots
from byhand.cli import run
from byhand.datasets import Distort, load, write_idx
from byhand.images import PictureForm
from byhand.ladder import RUNGS
from byhand.recipes import RECIPES

QUICK = ("--epochs", 1)


def save_digit(images, index, path):
    Image.fromarray(images[index]).resize((100, 100)).save(path)
    return path


# --- train ---


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


def interrupt(process: subprocess.Popen) -> tuple[str, str]:
    """Press Ctrl-C, and once more if nothing comes of it; what the process said on both streams.

    Python itself forgets an exception that comes at certain moments, of an import above all.
    """
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=30)


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
    starting = process.returncode == -signal.SIGINT or "<frozen site>" in err  # Python itself still is
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


# --- evaluate, predict, plot ---


def test_evaluate_agrees_with_the_models_own_answers(byhand, model, model_file, small, small_folder):
    result = byhand("evaluate", model_file, "--data", small_folder, "--json").json
    right = model.predict(small.test.images) == small.test.labels
    assert result["images"] == 500
    assert result["test_accuracy"] == right.mean()
    assert np.trace(result["confusion"]) == right.sum()
    assert np.sum(result["confusion"]) == 500
    assert list(result["classes"]) == list("0123456789")
    assert 0 < result["calibration_error"] < 1
    low, high = result["test_interval"]
    assert low < result["test_accuracy"] < high


def test_evaluate_prints_accuracy_classes_and_confusion(byhand, model_file, small_folder):
    said = byhand("evaluate", model_file, "--data", small_folder)
    assert said.status == 0
    for words in ("accuracy", "calibration error", "precision", "recall", "what was read"):
        assert words in said.out


def test_evaluate_refuses_data_of_another_kind(byhand, model_file, tmp_path):
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((4, 8, 8), np.uint8))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(4).astype(np.uint8))
    said = byhand("evaluate", model_file, "--data", tmp_path)
    assert said.status == 2
    assert "shape (8, 8)" in said.complaint


def test_predict_reads_pictures_of_any_format_size_and_polarity(byhand, model, model_file, small, tmp_path):
    index = int(np.argmax(model.probabilities(small.test.images).max(axis=1)))
    image = small.test.images[index]
    for name, picture in [
        ("a.png", Image.fromarray(image)),
        ("b.png", Image.fromarray(255 - image).resize((280, 280))),
        ("c.jpg", Image.fromarray(255 - image).resize((140, 140)).convert("RGB")),
        ("d.gif", Image.fromarray(image).resize((56, 56))),
    ]:
        picture.save(tmp_path / name)
    result = byhand("predict", model_file, "a.png", "b.png", "c.jpg", "d.gif", "--json").json
    assert [answer["file"] for answer in result["images"]] == ["a.png", "b.png", "c.jpg", "d.gif"]
    assert {answer["label"] for answer in result["images"]} == {str(small.test.labels[index])}
    assert all(answer["probability"] > 0.8 for answer in result["images"])


def test_predict_prints_a_line_for_each_picture(byhand, model_file, small, tmp_path):
    for i in range(3):
        save_digit(small.test.images, i, tmp_path / f"{i}.png")
    said = byhand("predict", model_file, "0.png", "1.png", "2.png")
    assert said.status == 0
    assert [line.split()[0] for line in said.out.splitlines() if ".png" in line] == [
        "0.png",
        "1.png",
        "2.png",
    ]


def test_odd_file_names_are_printed_as_they_are(byhand, model_file, small, tmp_path):
    name = save_digit(small.test.images, 0, tmp_path / "7 [bold] :smile:.png").name
    assert name in byhand("predict", model_file, name).out
    assert name in byhand("predict", model_file, f"no {name}").complaint


@pytest.mark.parametrize("command", ["evaluate", "predict", "plot"])
def test_a_file_that_is_no_model_is_named(byhand, command, tmp_path):
    (tmp_path / "not.safetensors").write_bytes(b"not a model")
    more = ["picture.png"] if command == "predict" else []
    for name, words in [("not.safetensors", "no whole model"), ("none.safetensors", "no file")]:
        said = byhand(command, name, *more)
        assert said.status == 2
        assert name in said.complaint
        assert words in said.complaint


def test_a_picture_that_is_no_picture_is_named_and_nothing_is_printed(byhand, model_file, small, tmp_path):
    save_digit(small.test.images, 0, tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"GIF89a but not really")
    for name in ("bad.png", "none.png", "."):
        said = byhand("predict", model_file, "good.png", name)
        assert said.status == 2
        assert name in said.complaint


def test_plot_writes_four_pictures(byhand, model_file, small_folder):
    result = byhand("plot", model_file, "--data", small_folder, "-o", "new/plots", "--json").json
    assert set(result["files"]) == {"confusion", "curves", "misread", "weights"}
    for path in result["files"].values():
        with Image.open(path) as picture:
            assert picture.format == "PNG"


def test_plot_does_without_curves_when_there_is_no_history(byhand, model, small_folder):
    Model(model.network, model.classes, model.preprocessing).save("bare.safetensors")
    said = byhand("plot", "bare.safetensors", "--data", small_folder, "-o", "plots")
    assert said.status == 0
    assert said.out.split() == [f"plots/{name}.png" for name in ("confusion", "misread", "weights")]
    assert "no training history" in said.err


def test_plot_refuses_a_folder_that_cannot_be_made(byhand, model_file, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert "folder" in byhand("plot", model_file, "-o", "file").complaint


# --- data, check ---


def test_data_list_tells_what_is_known_and_where_it_is(byhand, monkeypatch, tmp_path):
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path))
    listed = {entry["name"]: entry for entry in byhand("data", "list", "--json").json["data"]}
    assert set(listed) == {"mnist", "fashion-mnist", "kmnist"}
    assert listed["mnist"]["embedded"] and listed["mnist"]["licence"] == "CC BY-SA 3.0"
    assert listed["kmnist"]["folder"] is None
    said = byhand("data", "list").out
    assert "in the package" in said
    assert "not fetched yet" in said


def test_data_show_counts_the_classes_and_draws_a_sheet(byhand, small, small_folder):
    result = byhand("data", "show", small_folder, "-o", "sheet.png", "--json").json
    assert result["train"] == np.bincount(small.train.labels).tolist()
    assert result["test"] == np.bincount(small.test.labels).tolist()
    assert result["image_shape"] == [28, 28]
    with Image.open("sheet.png") as picture:
        assert picture.format == "PNG"
    said = byhand("data", "show", small_folder)
    assert said.status == 0
    assert "3,000" in said.out


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_what_any_recipe_trains_can_be_evaluated_drawn_and_asked(byhand, small_folder, mnist, recipe):
    data = ("--data", small_folder)
    assert byhand("train", *data, "--recipe", recipe, *QUICK, "-o", "m.safetensors", "--json").status == 0
    assert byhand("evaluate", "m.safetensors", *data).status == 0
    files = byhand("plot", "m.safetensors", *data, "-o", "plots", "--json").json["files"]
    assert set(files) == {"confusion", "curves", "misread", "weights"}
    picture = save_digit(mnist.test.images, 0, "seven.png")
    assert byhand("predict", "m.safetensors", picture).status == 0


def test_data_show_augment_draws_distorted_images_the_same_for_the_same_seed(byhand, small_folder):
    said = byhand("data", "show", small_folder, "--augment")
    assert said.status == 0
    assert "wrote augmented.png" in said.err
    assert byhand("data", "show", small_folder, "--augment", "-o", "b.png", "--json").json["sheet"] == "b.png"
    byhand("data", "show", small_folder, "--augment", "-o", "other.png", "--seed", 1)
    byhand("data", "show", small_folder, "-o", "plain.png")
    sheets = [Path(name).read_bytes() for name in ("augmented.png", "b.png", "other.png", "plain.png")]
    assert sheets[0] == sheets[1]
    assert len(set(sheets)) == 3
    plots.save(
        plots.augmented(load(str(small_folder)), Distort(), np.random.default_rng(0)), Path("expected.png")
    )
    assert sheets[0] == Path("expected.png").read_bytes()


def test_data_show_says_before_the_work_when_its_sheet_cannot_be_written(byhand):
    assert "cannot write" in byhand("data", "show", "/nowhere", "-o", "no/sheet.png").complaint


def test_data_fetch_of_the_embedded_data_needs_no_network(byhand):
    result = byhand("data", "fetch", "mnist", "--json").json
    assert len(result["files"]) == 4
    assert byhand("data", "fetch", "mnist").out.split() == result["files"]
    assert byhand("data", "fetch", "nope").status == 2


def test_check_passes_prints_the_largest_errors_and_takes_less_than_30_seconds(byhand):
    result = byhand("check", "--json").json
    assert result["passed"]
    assert result["seconds"] < 30
    assert {len(result["gradients"]) > 25, len(result["parity"]) > 80} == {True}
    assert all(check["passed"] and check["error"] < 1e-6 for check in result["gradients"] + result["parity"])
    said = byhand("check")
    assert said.status == 0
    assert "0 failed" in said.err
    assert re.search(r"Dense +W +\d\.\de-\d\d", said.out)


def test_check_fails_with_status_1_when_a_gradient_is_wrong(byhand, monkeypatch):
    from byhand.layers import Tanh

    monkeypatch.setattr(Tanh, "derivative", staticmethod(lambda dy, y, out: np.multiply(dy, 1 - y, out=out)))
    said = byhand("check")
    assert said.status == 1
    assert "FAILED" in said.out
    assert not byhand("check", "--json").json["passed"]


# --- the command line itself ---


def test_python_m_byhand_is_byhand():
    done = subprocess.run(
        [sys.executable, "-m", "byhand", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"byhand {__version__}\n"


def test_every_command_has_help_and_every_option_a_sentence(byhand, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    commands = ["train", "evaluate", "predict", "plot", "check", "data list", "data show", "data fetch"]
    for command in commands:
        said = byhand(*command.split(), "--help")
        assert said.status == 0
        assert "--json" in said.out
        for line in said.out.splitlines():
            if line.startswith("│ --") or line.startswith("│ *"):
                assert re.search(r"[a-z]{3,}.*\. |\.\]? *│|\] *│", line), line


def test_without_a_command_the_help_is_shown(byhand):
    said = byhand()
    assert said.status == 2
    assert "byhand train" in said.out + said.err
    assert byhand("--help").status == 0


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("byhand tr", "train"), ("byhand train --rec", "--recipe"), ("byhand train --recipe s", "sigmoid"),
     ("byhand train --data fa", "fashion-mnist"), ("byhand data sh", "show")],
)  # fmt: skip
def test_the_shell_completes_commands_options_and_names(typed, offered):
    words = typed.split(" ")
    environment = {
        "_BYHAND_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "byhand"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert offered in done.stdout.split()


def test_a_reader_that_has_had_enough_is_no_error(model_file, small_folder):
    pipe = f"{sys.executable} -m byhand evaluate {model_file} --data {small_folder} | head -1"
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_errors_of_the_data_reach_the_person_in_one_line(byhand, small_folder, tmp_path):
    for file in small_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    images = tmp_path / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:1000])
    said = byhand("train", "--data", tmp_path)
    assert said.status == 2
    assert images.name in said.complaint


# --- article ---


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


# --- the reader ---


@pytest.fixture(scope="module")
def small_reader(small_folder, tmp_path_factory):
    """What `byhand train --recipe reader` makes of the small data set in two epochs."""
    path = tmp_path_factory.mktemp("reader") / "reader.safetensors"
    assert (
        run(["train", "--data", str(small_folder), "--recipe", "reader", "--epochs", "2", "-o", str(path)])
        == 0
    )
    return path


def test_the_reader_knows_what_is_none_and_keeps_how_to_prepare_and_when_to_refuse(small_reader, small):
    reader = Model.load(small_reader)
    assert reader.classes == (*small.classes, "none")
    assert reader.form == PictureForm()
    assert reader.refusal.classes == 10
    assert 0 < reader.refusal.threshold < 1
    assert (reader.predict(small.test.images) == small.test.labels).mean() > 0.85


@pytest.mark.parametrize("command", ["evaluate", "plot"])
def test_the_reader_is_evaluated_and_drawn_on_data_of_ten_classes(
    command, byhand, small_reader, small_folder
):
    result = byhand(command, small_reader, "--data", small_folder, "--json").json
    if command == "evaluate":
        assert list(result["classes"]) == list("0123456789")
        assert np.shape(result["confusion"]) == (10, 10)
        assert np.sum(result["confusion"]) == 500


def test_shell_and_python_prepare_read_and_refuse_alike(byhand, small_reader, small, tmp_path):
    """One picture by predict and by read, from the shell and from Python: the same label, the same number."""
    from byhand import read

    reader = Model.load(small_reader)
    sure = reader.probabilities(small.test.images)[:, :10].max(axis=1)
    picture = Image.fromarray(255 - small.test.images[int(sure.argmax())]).resize((140, 140))
    picture = Image.fromarray(np.pad(np.asarray(picture), 40, constant_values=255))
    picture.save(tmp_path / "digit.png")
    [predicted] = byhand("predict", small_reader, "digit.png", "--json").json["images"]
    [shell] = byhand("read", "digit.png", "--model", small_reader, "--json").json["images"]
    [python] = read(picture, reader)
    [digit] = shell["digits"]
    for found in (digit, asdict(python.digits[0])):
        assert found["label"] == predicted["label"]
        assert found["probability"] == pytest.approx(predicted["probability"], abs=1e-5)
        assert found["refused"] == predicted["refused"]


def test_the_reader_refuses_data_that_are_no_digits_of_28x28(byhand, tmp_path):
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((40, 8, 8), np.uint8))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", (np.arange(40) % 4).astype(np.uint8))
    said = byhand("train", "--data", tmp_path, "--recipe", "reader")
    assert said.status == 2
    assert "choose mnist" in said.err.splitlines()[-1]
