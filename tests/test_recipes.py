from dataclasses import fields, replace

import numpy as np
import pytest

import byhand
import byhand.images
import byhand.losses
import byhand.schedules
from byhand.datasets import Examples
from byhand.errors import SettingError
from byhand.optimizers import SGD
from byhand.recipes import RECIPES, find_recipe, provenance, split
from byhand.training import evaluate


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_learns_to_read(name, small):
    recipe = RECIPES[name].adapted(epochs={"elastic": 6, "reader": 2}.get(name, 3))  # as many as it needs
    training, validation = split(small.train)
    if name == "conv":
        recipe, training = recipe.adapted(batch_size=64), training.take(np.arange(1250))
    rng = np.random.default_rng(0)
    network = recipe.network((28, 28), 10, rng)
    reports = list(recipe.train(network, training, validation, rng))
    assert len(reports) == recipe.epochs
    assert evaluate(network, small.test, recipe.prepare).accuracy > 0.8


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_fits_images_of_any_shape_and_any_number_of_classes(name):
    network = RECIPES[name].network((8, 6, 3), 4, np.random.default_rng(0))
    assert network.input_shape == (8, 6, 3)
    assert network.classes == 4


def test_the_default_recipe_is_the_articles_network():
    network = RECIPES["sigmoid"].network((28, 28), 10, np.random.default_rng(0))
    assert [type(layer).__name__ for layer in network.layers] == ["Flatten", "Dense", "Sigmoid", "Dense"]
    assert network.theta.size == 784 * 128 + 128 + 128 * 10 + 10


def test_every_part_of_a_recipe_reaches_the_training(small):
    """Whichever part is exchanged, other weights come out: none is forgotten on the way."""
    recipe = RECIPES["sigmoid"].adapted(epochs=1, batch_size=500)
    other = replace(RECIPES["relu"], optimizer=SGD(), learning_rate=0.1, epochs=2, batch_size=250)
    other = replace(
        other, loss=byhand.losses.squared_error, augment=None, schedule=byhand.schedules.Constant()
    )
    other = replace(other, prepare=byhand.images.Preprocessing(1 / 100, 0.1), parts=3)
    other = replace(
        other,
        make=lambda training, held, _: (training.take(np.arange(1000)), held),
        others=("none",),
        halves=True,
    )
    training, validation = split(small.train)

    def theta(recipe):
        rng = np.random.default_rng(0)
        network = recipe.network((28, 28), 10 + len(recipe.others), rng)
        list(recipe.train(network, *recipe.examples(training, validation, rng), rng))
        recipe.finish(network)
        return network.theta

    before = theta(recipe)
    for part in fields(recipe):
        if part.name not in {"summary", "form"}:  # the form goes into the model's file
            changed = theta(replace(recipe, **{part.name: getattr(other, part.name)}))
            assert not np.array_equal(changed, before), part.name


def test_an_adapted_recipe_takes_what_is_given_and_keeps_the_rest():
    recipe = RECIPES["sigmoid"]
    assert recipe.adapted() == recipe
    assert recipe.adapted(epochs=1) == replace(recipe, epochs=1)
    assert recipe.adapted(None, 7, 0.25) == replace(recipe, batch_size=7, learning_rate=0.25)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": -1}, {"learning_rate": float("inf")}])
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingError):
        RECIPES["sigmoid"].adapted(**wrong)


def test_an_unknown_recipe_is_answered_with_the_known_ones():
    assert find_recipe("sigmoid") is RECIPES["sigmoid"]
    with pytest.raises(SettingError, match="sigmoid, relu"):
        find_recipe("sigmoind")


def test_mnist_is_split_into_50000_and_10000_with_every_digit_in_proportion(mnist):
    training, validation = split(mnist.train)
    assert (len(training), len(validation)) == (50_000, 10_000)
    everywhere, held = (np.bincount(labels) for labels in (mnist.train.labels, validation.labels))
    np.testing.assert_allclose(held, everywhere / 6, atol=1)


def test_the_split_is_the_same_each_time(small):
    np.testing.assert_array_equal(split(small.train)[1].images, split(small.train)[1].images)


def test_even_two_examples_can_be_split():
    training, validation = split(Examples(np.zeros((2, 3, 3), np.uint8), np.array([0, 1])))
    assert len(training) == len(validation) == 1


def test_provenance_tells_how_a_model_came_about(small):
    made = provenance("sigmoid", small, 7)
    assert made["seed"] == 7
    assert made["data_sha256"] == small.sha256
    assert made["byhand"] == byhand.__version__
    assert set(made) == {
        "recipe",
        "data",
        "data_sha256",
        "seed",
        "byhand",
        "numpy",
        "python",
        "machine",
        "date",
    }
