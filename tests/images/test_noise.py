"""A sensor's noise: measured, and smoothed as far as it must be."""

import cv2
import numpy as np
import pytest
from helpers import SIDEWAYS, counts, picture
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from byhand.datasets.nondigits import bundled_fonts
from byhand.images import follow, follow_sheet
from byhand.images.noise import LEAST, MOST, noise_of, smoothed, smoothing


def noisy(greys, deviation, blur=0.0):
    """Greys with a sensor's noise, which a camera may have smoothed already, to the same deviation."""
    noise = np.random.default_rng(0).normal(0, 1, greys.shape)
    noise = cv2.GaussianBlur(noise, (0, 0), blur) if blur else noise
    return (greys + deviation * noise / noise.std()).clip(0, 255).astype(np.uint8)


@given(deviation=st.floats(2, 25), slope=st.floats(-0.05, 0.05))
@settings(max_examples=20, deadline=None)
def test_the_noise_is_measured_whatever_the_light(deviation, slope):
    light = 128 + slope * (np.arange(600) - 300) + np.zeros((400, 1))
    assert noise_of(noisy(light, deviation)) == pytest.approx(deviation, rel=0.04)


def test_strokes_are_no_noise(number):
    assert noise_of(picture(number, SIDEWAYS)) == pytest.approx(2, rel=0.1), "that of the picture itself"
    assert smoothing(picture(number, SIDEWAYS)) == 0


def test_print_is_no_noise():
    """On a page of it most pixels are edges."""
    page = Image.new("L", (1500, 1200), 250)
    font = ImageFont.truetype(str(bundled_fonts()[0]), 20)
    rng = np.random.default_rng(0)
    for y in range(0, 1200, 27):
        letters = "".join(rng.choice(list("etaoinshrdlucmfwyp"), 150))
        ImageDraw.Draw(page).text((0, y), letters, font=font, fill=20)
    assert smoothing(np.asarray(page.resize((900, 720), Image.Resampling.BOX))) == 0


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (9, 2), (3, 3), (4, 5)])
def test_the_smallest_pictures_have_none(shape):
    assert smoothing(np.full(shape, 7, np.uint8)) == 0


def test_what_needs_no_smoothing_stays_as_it_is(number):
    greys = picture(number, SIDEWAYS)
    assert smoothed(greys, 0.0) is greys


def test_more_noise_is_smoothed_more_but_never_so_much_that_thin_strokes_are_lost():
    paper = np.full((400, 600), 128.0)
    widths = [smoothing(noisy(paper, deviation)) for deviation in (1, 6, 12, 60)]
    assert widths[0] == 0
    assert LEAST <= widths[1] < widths[2] < widths[3] == MOST


def test_noise_that_a_camera_smoothed_is_smoothed_more_than_its_finest_grain_asks_for():
    paper = np.full((400, 600), 128.0)
    coarse = noisy(paper, 12, blur=0.8)
    assert noise_of(coarse) < 8
    assert smoothing(coarse) > smoothing(noisy(paper, 12))


@pytest.mark.parametrize(("contrast", "deviation"), [(0.5, 45), (0.3, 30), (0.3, 20), (0.2, 20), (0.2, 12)])
def test_marks_are_found_in_noise(number, contrast, deviation):
    assert counts(noisy(200 * (1 - contrast * number), deviation)) == [3, 3]


def test_noise_can_be_smoothed_more_than_its_measure_asks_for(number):
    greys = noisy(200 * (1 - 0.2 * number), 16, blur=0.8)
    once, more = follow(greys), follow(greys, stronger=True)
    assert 0 < once.smoothing < more.smoothing
    assert [len(line) for line in once.lines] != [3, 3]
    assert [len(line) for line in more.lines] == [3, 3]


def test_what_has_no_noise_can_be_smoothed_a_little(number):
    greys = (200 * (1 - 0.5 * number)).astype(np.uint8)
    assert follow(greys).smoothing == 0
    assert follow(greys, stronger=True).smoothing == LEAST


def test_what_has_noise_is_no_drawing_however_flat_it_is_afterwards(number):
    paper = np.full(number.shape, 252.0)
    way = follow(noisy(paper * (1 - 0.3 * number), 6))
    assert way.smoothing
    assert not way.drawing


def test_what_has_noise_gets_no_margin_of_one_grey(number):
    """Its edge would be darker or lighter than the picture everywhere, as a frame is."""
    greys = 252 * (1 - 0.7 * number)
    cv2.line(greys, (0, 300), (60, 300), 80, 9)  # of a drawing this may be a whole digit
    plain, grained = (follow(noisy(greys, deviation)) for deviation in (0.0, 6.0))
    assert plain.drawing
    assert plain.light_out.shape > grained.light_out.shape == number.shape


def test_further_sheets_are_looked_for_without_the_noise():
    seen = []
    greys = noisy(np.full((300, 400), 180.0), 12)
    assert follow_sheet(greys, seen.append) is None
    assert noise_of(seen[0]) < noise_of(greys) / 4
