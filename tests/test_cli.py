"""The command line as a person uses it: what it answers, and what wrong requests get."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import QUICK, save_digit
from PIL import Image

from byhand import Model, __version__, plots
from byhand.datasets import Distort, load, write_idx
from byhand.recipes import RECIPES

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


@pytest.mark.parametrize("recipe", sorted(RECIPES.keys() - {"reader"}))  # that one: test_cli_reader.py
def test_what_any_recipe_trains_can_be_evaluated_drawn_and_asked(byhand, few_folder, mnist, recipe):
    data = ("--data", few_folder)
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


def test_data_show_writes_no_png_under_another_name(byhand, small_folder):
    said = byhand("data", "show", small_folder, "-o", "sheet.jpg")
    assert said.status == 2
    assert said.complaint == "byhand: cannot write sheet.jpg: the sheet is a PNG file; name it sheet.png"
    assert not Path("sheet.jpg").exists()


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize("command", [["data", "list"], ["data", "list", "--json"], ["--help"], ["--version"]])
def test_a_full_disk_behind_standard_output_is_one_line_on_standard_error(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "byhand", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot write to standard output: No space left on device" in done.stderr


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


@pytest.mark.parametrize("command", ["evaluate", "plot", "check"])
def test_ctrl_c_ends_any_command_with_one_line(byhand, model_file, monkeypatch, command):
    """Pressed while the command is at work."""

    def pressed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(np.random, "default_rng", pressed)
    monkeypatch.setattr(Model, "load", pressed)
    said = byhand(command, *([] if command == "check" else [model_file]))
    assert (said.status, said.out, said.err) == (130, "", "byhand: interrupted\n")


@pytest.mark.parametrize("moment", ["Forgotten()", "class Owner: name = Renamed()"])
def test_ctrl_c_at_a_moment_when_python_forgets_or_renames_it_still_ends_the_command(moment):
    """It forgets exceptions in callbacks, as when a module has just been imported, and in __del__; and Python
    3.11 makes others of those in __set_name__."""
    program = f"""
import os, signal, time
from byhand import cli

class Forgotten:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

class Renamed:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), signal.SIGINT)

def run(arguments):
    {moment}
    time.sleep(20)
    return 0

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background may have it ignored
cli.run = run
cli.main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "byhand: interrupted\n")
