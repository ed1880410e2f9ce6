import math

import numpy as np
import pytest
from helpers import few_examples
from PIL import Image

from byhand import plots
from byhand.datasets import Dataset
from byhand.errors import OutputError
from byhand.initial import glorot
from byhand.layers import Conv2d, Dense, Flatten, ReLU
from byhand.network import Network
from byhand.training import Evaluation, evaluate


@pytest.fixture(scope="module")
def evaluation(model, small):
    return evaluate(model.network, small.test, model.preprocessing)


def test_a_saved_figure_is_a_png_picture_of_a_sensible_size(tmp_path, model):
    plots.save(plots.curves(model.history), tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.format == "PNG"
        assert 600 <= picture.width <= 2000
        assert len(picture.convert("RGB").getcolors(10**6)) > 20


def test_a_figure_that_cannot_be_written_is_an_output_error(tmp_path, model):
    with pytest.raises(OutputError):
        plots.save(plots.curves(model.history), tmp_path / "no" / "curves.png")


def test_curves_show_every_report_and_every_validation(model):
    figure = plots.curves(model.history)
    loss, accuracy = figure.axes
    validated = [report for report in model.history if report["validation_loss"] is not None]
    for axes, training, validation in [
        (loss, "loss", "validation_loss"),
        (accuracy, "training_accuracy", "validation_accuracy"),
    ]:
        lines = {line.get_label(): line.get_ydata() for line in axes.lines}
        assert list(lines["training"]) == [report[training] for report in model.history]
        assert list(lines["validation"]) == [report[validation] for report in validated]


def test_curves_of_a_training_that_was_never_validated_can_be_drawn():
    report = {
        "step": 1,
        "loss": 1.0,
        "training_accuracy": 0.1,
        "validation_loss": None,
        "validation_accuracy": None,
    }
    plots.curves([report])


def test_confusion_writes_every_count_and_colours_only_the_wrong_ones(evaluation, small):
    figure = plots.confusion(evaluation, small.classes)
    written = sorted(int(text.get_text()) for text in figure.axes[0].texts)
    assert written == sorted(evaluation.confusion[evaluation.confusion > 0].tolist())
    assert np.trace(figure.axes[0].images[0].get_array()) == 0
    assert f"{500 - evaluation.right} of 500 misread" in figure.axes[0].get_title()


def test_weights_show_one_image_for_each_hidden_unit(model):
    figure = plots.weights(model.network)
    images = [image.get_array() for image in figure.axes[0].images]
    assert len(images) == 128
    weights = model.network.parameters[1].W[:, 5].reshape(28, 28)
    np.testing.assert_allclose(images[5], weights / np.abs(weights).max())


@pytest.mark.parametrize("shape", [(28, 28), (8, 9, 3)])
def test_weights_of_a_convolution_show_each_kernel(shape):
    layers = [Conv2d(math.prod(shape[2:]), 6, 5), Flatten(), Dense((shape[0] - 4) * (shape[1] - 4) * 6, 3)]
    network = Network(layers, shape)
    network.initialize(glorot, np.random.default_rng(0))
    images = [image.get_array() for image in plots.weights(network).axes[0].images]
    kernel = network.parameters[0].W[4].mean(axis=1)  # colours together
    assert len(images) == 6
    np.testing.assert_allclose(images[4], kernel / np.abs(kernel).max(), rtol=1e-6)


def test_weights_of_colour_images_are_shown_too():
    network = Network([Flatten(), Dense(4 * 5 * 3, 6), ReLU(), Dense(6, 2)], (4, 5, 3))
    network.initialize(glorot, np.random.default_rng(0))
    assert [image.get_array().shape for image in plots.weights(network).axes[0].images] == [(4, 5)] * 6


def test_misread_images_come_with_what_they_are_and_what_was_read_the_surest_first(evaluation, small):
    figure = plots.misread(small.test, evaluation, small.classes)
    captions = [text.get_text() for text in figure.axes[0].texts]
    wrong = np.flatnonzero(evaluation.answers != evaluation.labels)
    assert len(captions) == min(len(wrong), plots.MOST_TILES)
    surest = max(wrong, key=lambda i: evaluation.probabilities[i].max())
    assert captions[0].startswith(f"{small.test.labels[surest]}, read as {evaluation.answers[surest]}\n")
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), small.test.images[surest])
    sureness = [int(caption.split("\n")[1].removesuffix("% sure")) for caption in captions]
    assert sureness == sorted(sureness, reverse=True)


def test_a_model_that_misreads_nothing_gets_an_empty_sheet():
    examples = few_examples(3)
    perfect = Evaluation(examples.labels, np.eye(3)[examples.labels], 0.0)
    figure = plots.misread(examples, perfect, ("a", "b", "c"))
    assert [figure.axes[0].get_title()] == ["0 of 3 images are misread"]
    assert not figure.axes[0].images


def test_examples_show_ten_of_each_class_or_all_there_are():
    few = few_examples(40, classes=2)
    dataset = Dataset("few", few, few, ("a", "b", "none of these"))
    figure = plots.examples(dataset, np.random.default_rng(0))
    captions = [text.get_text() for text in figure.axes[0].texts]
    assert captions == ["a"] * 10 + ["b"] * 10


@pytest.mark.parametrize("shape", [(28, 28), (8, 9, 3)])
def test_the_weights_of_a_convolution_are_drawn_kernel_by_kernel(shape, tmp_path):
    layers = [Conv2d(shape[2] if shape[2:] else 1, 6, 5), Flatten()]
    size = (shape[0] - 4) * (shape[1] - 4) * 6
    network = Network([*layers, Dense(size, 3)], shape)
    network.initialize(glorot, np.random.default_rng(0))
    figure = plots.weights(network)
    assert len(figure.axes[0].images) == 6
    assert figure.axes[0].images[0].get_array().shape == (5, 5)
