"""The model: its answers, and what it refuses."""

import numpy as np
import pytest

from byhand.errors import SettingError
from byhand.model import Model
from byhand.refusal import Refusal
from byhand.training import evaluate


def test_a_model_predicts_its_most_probable_class(model, small):
    probabilities = model.probabilities(small.test.images)
    assert probabilities.shape == (500, 10)
    np.testing.assert_array_equal(model.predict(small.test.images), probabilities.argmax(axis=1))
    assert (model.predict(small.test.images) == small.test.labels).mean() > 0.8


def test_class_names_must_match_the_outputs(model):
    with pytest.raises(SettingError, match="9 class names"):
        Model(model.network, model.classes[:9])


def test_images_of_another_shape_are_refused(model):
    with pytest.raises(SettingError, match="prepare"):
        model.predict(np.zeros((2, 32, 32), np.uint8))


def test_data_of_another_shape_or_number_of_classes_is_refused(model, mnist):
    from helpers import few_examples

    from byhand.datasets import Dataset

    model.check_fits(mnist)
    other = few_examples(3, (28, 28), 2)
    with pytest.raises(SettingError, match="classes"):
        model.check_fits(Dataset("two", other, other, ("a", "b")))
    other = few_examples(3, (8, 8), 10)
    with pytest.raises(SettingError, match="shape"):
        model.check_fits(Dataset("tiny", other, other, tuple("0123456789")))


def test_more_answers_than_classes_are_refused(model):
    with pytest.raises(SettingError, match="11 answers"):
        Model(model.network, model.classes, refusal=Refusal(classes=11))


def test_a_model_that_can_refuse_answers_with_calibrated_probabilities_and_never_with_none(reader, small):
    images = small.test.images[:50]
    plain = Model(reader.network, reader.classes).probabilities(images)
    calibrated = reader.probabilities(images)
    np.testing.assert_allclose(calibrated.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(
        np.log(calibrated[:, 0] / calibrated[:, 10]) * 2.5, np.log(plain[:, 0] / plain[:, 10]), atol=1e-4
    )
    np.testing.assert_array_equal(reader.predict(images), calibrated[:, :10].argmax(axis=1))


def test_a_model_with_a_class_for_none_fits_the_data_of_its_answers(reader, small):
    reader.check_fits(small)
    answers = evaluate(reader.network, small.test, reader.preprocessing, refusal=reader.refusal)
    np.testing.assert_array_equal(answers.answers, reader.predict(small.test.images))
    np.testing.assert_array_equal(answers.probabilities, reader.probabilities(small.test.images)[:, :10])
    assert answers.confusion.shape == (10, 10)


def test_images_that_are_no_bytes_are_refused(model):
    with pytest.raises(SettingError, match="images of float64; give uint8"):
        model.predict(np.zeros((1, 28, 28)))


def test_no_images_have_no_answers(model):
    assert model.predict(np.zeros((0, 28, 28), np.uint8)).shape == (0,)
    assert model.probabilities(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)
