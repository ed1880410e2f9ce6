"""A reader made on the command line: trained, evaluated, and asked."""

from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from byhand import Model
from byhand.cli import run
from byhand.datasets import write_idx
from byhand.images import PictureForm


@pytest.fixture(scope="module")
def small_reader(few_folder, tmp_path_factory):
    """What `byhand train --recipe reader` makes of them in one epoch, of small batches, for they are few."""
    path = tmp_path_factory.mktemp("reader") / "reader.safetensors"
    quick = ["--epochs", "1", "--batch-size", "32"]
    assert run(["train", "--data", str(few_folder), "--recipe", "reader", *quick, "-o", str(path)]) == 0
    return path


def test_the_reader_knows_what_is_none_and_keeps_how_to_prepare_and_when_to_refuse(small_reader, small):
    reader = Model.load(small_reader)
    assert reader.classes == (*small.classes, "none")
    assert reader.form == PictureForm()
    assert reader.refusal.classes == 10
    assert 0 < reader.refusal.threshold < 1
    assert (reader.predict(small.test.images) == small.test.labels).mean() > 0.7


def test_the_readers_file_has_two_bytes_a_number(small_reader):
    assert {tensor.dtype for tensor in load_file(small_reader).values()} == {np.dtype(np.float16)}


@pytest.mark.parametrize("command", ["evaluate", "plot"])
def test_the_reader_is_evaluated_and_drawn_on_data_of_ten_classes(command, byhand, small_reader, few_folder):
    result = byhand(command, small_reader, "--data", few_folder, "--json").json
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
