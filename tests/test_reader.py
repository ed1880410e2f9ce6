"""The model in the package."""

import subprocess
import sys

import numpy as np
import pytest

from byhand import read
from byhand.images import PictureForm
from byhand.reading import load_reader, shipped_model
from byhand.recipes import RECIPES


@pytest.fixture(scope="module")
def reader():
    return load_reader()


def test_the_package_has_a_model_of_at_most_two_megabytes_with_its_origin_beside_it():
    assert shipped_model().stat().st_size <= 2_000_000
    origin = (shipped_model().parent / "READER.md").read_text()
    assert "CC BY-SA 3.0" in origin
    assert "byhand train --recipe reader --seed 0" in origin


def test_it_is_what_the_recipe_makes_and_says_how_it_was_made(reader, mnist):
    recipe = RECIPES["reader"]
    made = reader.provenance
    assert (made["recipe"], made["seed"], made["data_sha256"]) == ("reader", 0, mnist.sha256)
    assert reader.network.layers == tuple(recipe.layers((28, 28), 11))
    assert reader.classes == (*mnist.classes, "none")
    assert reader.form == PictureForm()
    assert reader.refusal.classes == 10
    assert (
        len([report for report in reader.history if report["validation_loss"] is not None]) == recipe.epochs
    )


def test_it_reads_994_of_1000_test_images_and_refuses_few(reader, mnist):
    some = mnist.test.take(np.arange(0, 10_000, 10))
    assert (reader.predict(some.images) == some.labels).mean() >= 0.994
    refused = reader.refusal.judge(reader.probabilities(some.images))[2]
    assert refused.mean() <= 0.01


def test_it_refuses_paper_noise_and_bars(reader):
    rng = np.random.default_rng(0)
    bars = np.zeros((28, 28), np.uint8)
    bars[6:9, 4:24] = bars[13:16, 4:24] = bars[20:23, 4:24] = 255
    noise = rng.integers(0, 256, (20, 28, 28)).astype(np.uint8)
    images = np.concatenate([noise, np.zeros((1, 28, 28), np.uint8), bars[np.newaxis]])
    assert reader.refusal.judge(reader.probabilities(images))[2].mean() > 0.9


def test_an_enlarged_digit_is_read_without_naming_a_model(mnist):
    seven = np.repeat(np.repeat(255 - mnist.test.images[0], 6, axis=0), 6, axis=1)
    [reading] = read(np.pad(seven, 30, constant_values=255))
    assert reading.text == "7"


def test_the_model_is_not_loaded_before_it_is_needed():
    code = "import byhand.reading, sys; assert 'safetensors' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
