"""The model's file: what is written comes back, and what is no model is refused in one line."""

import json
import os
import struct
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from byhand.errors import ModelError, OutputError
from byhand.images import Preprocessing
from byhand.initial import pytorch
from byhand.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Tanh,
)
from byhand.model import Model
from byhand.network import Network


def convolutional(height, width, channels, pool):
    """Layers that look at pictures, and how many numbers they make of one."""
    layers = [Conv2d(1, channels, 2, padding=1), BatchNorm(channels), pool]
    return [*layers, Flatten()], (height + 1) // 2 * ((width + 1) // 2) * channels


@st.composite
def models(draw):
    height, width, classes = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    layers, size = [Flatten()], height * width
    if draw(st.booleans()):
        pool = draw(st.sampled_from([MaxPool2d(2), AveragePool2d(2)]))
        layers, size = convolutional(height, width, draw(st.integers(1, 3)), pool)
    for _ in range(draw(st.integers(0, 2))):
        units = draw(st.integers(1, 6))
        layers += [Dense(size, units), draw(st.sampled_from([Sigmoid(), Tanh(), ReLU(), Dropout(0.25)]))]
        size = units
    network = Network(
        [*layers, Dense(size, classes)], (height, width), draw(st.sampled_from([np.float32, np.float64]))
    )
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    network.initialize(pytorch, rng)
    network.numbers[network.theta.size :] = rng.uniform(0.5, 2, network.numbers.size - network.theta.size)
    names = draw(st.lists(st.text(max_size=5), min_size=classes, max_size=classes))
    prepare = Preprocessing(draw(st.floats(1e-3, 1)), draw(st.floats(-1, 1)))
    return Model(
        network, tuple(names), prepare, ({"loss": 0.1, "validation_loss": None},), {"seed": 3, "data": "ø"}
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(models())
def test_a_saved_and_loaded_model_is_the_same_and_predicts_bit_for_bit_the_same(tmp_path, model):
    path = tmp_path / "model.safetensors"
    model.save(path)
    again = Model.load(path)
    images = np.random.default_rng(0).integers(0, 256, (7, *model.image_shape)).astype(np.uint8)
    np.testing.assert_array_equal(again.probabilities(images), model.probabilities(images))
    np.testing.assert_array_equal(again.network.numbers, model.network.numbers)
    assert again.network.theta.dtype == model.network.theta.dtype
    assert again.network.layers == model.network.layers
    assert (again.classes, again.preprocessing) == (model.classes, model.preprocessing)
    assert (list(again.history), again.provenance) == (list(model.history), model.provenance)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(models())
def test_a_network_in_half_precision_takes_half_the_file_and_comes_back_the_same(tmp_path, model):
    path = tmp_path / "model.safetensors"
    model.network.numbers *= 1 + 2**-13  # hardly any of them has half precision now
    model.save(path)
    assert tensors_of(path) == {np.dtype(model.network.dtype)}
    model.network.halve()
    model.save(path)
    assert tensors_of(path) == {np.dtype(np.float16)}
    again = Model.load(path)
    np.testing.assert_array_equal(again.network.numbers, model.network.numbers)
    assert again.network.dtype == model.network.dtype


def tensors_of(path):
    """Number types of a file's tensors that have any other number than nought."""
    return {tensor.dtype for tensor in load_file(path).values() if tensor.any()}


def test_one_number_of_more_than_half_precision_keeps_all_as_they_are(model, tmp_path):
    network = model.network.twin()
    network.halve()
    network.numbers[5] = 1 / 3
    replace(model, network=network).save(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(Model.load(tmp_path / "model.safetensors").network.numbers, network.numbers)


def test_a_number_too_large_for_half_precision_stays_what_it_is(model, tmp_path):
    network = model.network.twin()
    network.numbers[5] = 2.0**20
    before = network.numbers.copy()
    network.halve()
    np.testing.assert_array_equal(network.numbers, before)
    replace(model, network=network).save(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(Model.load(tmp_path / "model.safetensors").network.numbers, before)


def test_saving_twice_gives_the_same_bytes(model, tmp_path):
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_file_can_be_read_by_safetensors_alone(model_file):
    with safe_open(model_file, framework="np") as file:
        assert set(file.keys()) == {"1.W", "1.b", "3.W", "3.b"}
        description = json.loads(file.metadata()["byhand"])
    assert description["layers"][1] == {"layer": "Dense", "inputs": 784, "outputs": 128}
    assert description["provenance"]["data_sha256"]
    assert description["history"][-1]["validation_accuracy"] > 0.8


@pytest.fixture
def rewritten(model_file, tmp_path):
    """Write the model's file again with its tensors or its description changed."""

    def write(change_tensors=lambda tensors: None, change_description=lambda description: None):
        with safe_open(model_file, framework="np") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            description = json.loads(file.metadata()["byhand"])
        change_tensors(tensors)
        change_description(description)
        path = tmp_path / "changed.safetensors"
        save_file(tensors, path, {"byhand": json.dumps(description)})
        return path

    return write


def refused(path, *words):
    with pytest.raises(ModelError) as caught:
        Model.load(path)
    message = str(caught.value)
    assert "\n" not in message
    for word in (path.name, *words):
        assert word in message


def test_the_unchanged_rewrite_is_read(rewritten, model, small):
    np.testing.assert_array_equal(Model.load(rewritten()).network.theta, model.network.theta)


def test_a_missing_tensor_is_named(rewritten):
    refused(rewritten(lambda tensors: tensors.pop("3.b")), "lacks", "3.b")


def test_a_surplus_tensor_is_named(rewritten):
    refused(rewritten(lambda tensors: tensors.update(extra=np.zeros(3))), "too much", "extra")


@pytest.mark.parametrize(
    "wrong", [np.zeros((128, 784), np.float32), np.zeros((784, 128)), np.zeros((784, 128), np.int32)]
)
def test_a_tensor_of_another_shape_or_type_is_named(rewritten, wrong):
    refused(rewritten(lambda tensors: tensors.update({"1.W": wrong})), "1.W")


def test_a_newer_format_asks_for_a_newer_byhand(rewritten):
    refused(rewritten(change_description=lambda d: d.update(format=99)), "99", "newer")


def test_an_unknown_layer_asks_for_a_newer_byhand(rewritten):
    refused(
        rewritten(change_description=lambda d: d["layers"].append({"layer": "Attention"})),
        "Attention",
        "newer",
    )


def test_running_statistics_are_in_the_file_and_missed_if_they_are_not(tmp_path):
    layers, size = convolutional(4, 4, 3, MaxPool2d(2))
    network = Network([*layers, Dense(size, 2)], (4, 4))
    network.parameters[1].mean[:] = [1, 2, 3]
    path = tmp_path / "convolutional.safetensors"
    Model(network, ("a", "b")).save(path)
    tensors = load_file(path)
    np.testing.assert_array_equal(tensors.pop("1.mean"), [1, 2, 3])
    with safe_open(path, framework="np") as file:
        save_file(tensors, path, file.metadata())
    refused(path, "lacks", "1.mean")


def test_layers_of_absurd_size_are_refused_before_memory_is_taken(rewritten):
    refused(rewritten(change_description=lambda d: d["layers"][1].update(outputs=10**9)), "1.W", "1000000000")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("format"),
        lambda d: d.pop("layers"),
        lambda d: d.pop("classes"),
        lambda d: d.pop("history"),
        lambda d: d.update(format="one"),
        lambda d: d.update(layers=7),
        lambda d: d.update(layers=[{"layer": ["Dense"]}]),
        lambda d: d["layers"][1].update(inputs="784"),
        lambda d: d["layers"][1].update(surprise=1),
        lambda d: d["layers"][1].pop("outputs"),
        lambda d: d.update(input_shape=[27, 28]),
        lambda d: d.update(input_shape="square"),
        lambda d: d.update(dtype="float16"),
        lambda d: d.update(dtype=["float32"]),
        lambda d: d.update(classes=["only one"]),
        lambda d: d.update(preprocessing={"scale": 1, "gamma": 2}),
        lambda d: d.update(preprocessing={"scale": "1", "mean": 0}),
        lambda d: d.update(provenance=None) or d.pop("provenance"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused_in_one_line(rewritten, change):
    refused(rewritten(change_description=change))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_truncated_anywhere_is_refused(model_file, tmp_path, share):
    content = model_file.read_bytes()
    path = tmp_path / "truncated.safetensors"
    path.write_bytes(content[: int(share * len(content))])
    refused(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300))
def test_bytes_that_are_no_model_are_refused(tmp_path, content):
    path = tmp_path / "noise.safetensors"
    path.write_bytes(content)
    refused(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    header=st.dictionaries(st.text(max_size=4), st.none() | st.integers() | st.text(max_size=4), max_size=4)
)
def test_a_header_of_any_json_is_refused(tmp_path, header):
    text = json.dumps(header).encode()
    path = tmp_path / "header.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    refused(path)


def test_tensors_of_others_are_not_taken_for_a_model(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"weights": np.zeros(3)}, path)
    refused(path, "not a byhand model")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    refused(tmp_path / "nowhere.safetensors", "train one")
    refused(tmp_path)


def test_a_pickle_is_never_loaded(tmp_path):
    import pickle

    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    path = tmp_path / "bomb.safetensors"
    path.write_bytes(pickle.dumps(Bomb()))
    refused(path)
    assert not (tmp_path / "exploded").exists()


def test_a_disk_that_fills_while_saving_leaves_the_old_file_whole(model_file, tmp_path):
    """The operating system refuses the process files of more than 100,000 bytes, as a full disk would."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"the old file")
    script = f"""
import resource, sys
from byhand import Error, Model
model = Model.load({str(model_file)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    model.save({str(path)!r})
except Error as error:
    sys.exit(f"{{type(error).__name__}}: {{error}}")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.startswith(f"OutputError: cannot write {path}")
    assert path.read_bytes() == b"the old file"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_an_output_error(model, tmp_path):
    for path in [tmp_path / "no" / "such" / "folder.safetensors", tmp_path, "/dev/null/model"]:
        with pytest.raises(OutputError):
            model.save(path)


def test_form_and_refusal_are_kept_in_the_file(reader, tmp_path):
    reader.save(tmp_path / "reader.safetensors")
    again = Model.load(tmp_path / "reader.safetensors")
    assert (again.form, again.refusal) == (reader.form, reader.refusal)
    assert again.answers == tuple("0123456789")


def test_files_from_before_there_were_form_and_refusal_are_read(rewritten):
    def older(description):
        del description["form"], description["refusal"]
        description["format"] = 1

    model = Model.load(rewritten(change_description=older))
    assert (model.form, model.refusal) == (None, None)
    assert model.answers == model.classes


@pytest.mark.parametrize(
    "wrong",
    [{"form": {"version": 99}}, {"form": {"depth": 3}}, {"refusal": {"temperature": -1}}, {"refusal": 7}],
)
def test_a_form_or_refusal_that_makes_no_sense_is_refused(rewritten, wrong):
    refused(rewritten(change_description=lambda d: d.update(wrong)))
