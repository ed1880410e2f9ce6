"""What the package's reader believes of things that are no digits: dust, fingers, hatchings, faces."""

import cv2
import numpy as np
import pytest
from helpers import picture, written
from PIL import Image, ImageDraw, ImageFont

from byhand.datasets.nondigits import bundled_fonts
from byhand.reading import read


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("longest", [1, 8])
def test_dust_is_no_number(seed, longest):
    """Round, or long and lying in every direction, so that some stands like a 1."""
    rng = np.random.default_rng(seed)
    paper = np.full((400, 600), 240, np.uint8)
    for x, y in rng.integers(5, 395, (40, 2)):
        width = int(rng.integers(1, 5)) if longest == 1 else 1
        axes = (width, max(width, int(rng.integers(2, longest + 2))))
        cv2.ellipse(paper, (int(x) + 100, int(y)), axes, int(rng.integers(180)), 0, 360, 30, -1)
    [reading] = read(paper)
    assert reading.text == ""
    assert all(digit.refused for digit in reading.digits)


@pytest.mark.parametrize("letter", "HNWM")
def test_a_letter_alone_is_not_cut_into_digits(letter):
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).text((90, 60), letter, font=ImageFont.truetype(str(bundled_fonts()[0]), 120), fill=0)
    assert read(page)[0].text == ""


def test_a_number_is_read_that_stands_under_a_row_of_squares(mnist):
    greys = np.full((420, 900), 240, np.uint8)
    for x in range(60, 840, 100):
        cv2.rectangle(greys, (x, 40), (x + 60, 100), 30, -1)
    for i, image in enumerate(mnist.test.images[:5]):
        part = greys[220:360, 50 + 150 * i : 190 + 150 * i]
        part -= (cv2.resize(image, (140, 140), interpolation=cv2.INTER_CUBIC) * 0.8).astype(np.uint8)
    assert read(greys)[0].lines == ("72104",)


@pytest.mark.parametrize("count", [2, 3])
def test_a_number_is_read_beside_a_finger_and_beside_the_flap_of_an_envelope(mnist, count):
    greys, text = written(mnist, count, 100)
    finger, flap = greys.copy(), greys.copy()
    cv2.ellipse(finger, (0, 120), (120, 60), 20, 0, 360, 120, -1)
    cv2.polylines(flap, [np.array([(60, 20), (450, 200), (840, 20)])], False, 120, 5, cv2.LINE_AA)
    for greys in (finger, flap):
        assert read(greys)[0].text == text


@pytest.mark.parametrize("size", [40, 60])
def test_a_number_is_read_beside_a_pencil(mnist, size):
    """The pencil alone is as sure a 1 as any, and beside so large a mark the digits are specks."""
    greys, text = written(mnist, 4, size)
    cv2.line(greys, (800, -10), (785, 400), 50, 36, cv2.LINE_AA)
    assert read(greys)[0].text == text


@pytest.mark.parametrize(("index", "text"), [(0, "7"), (1, "2"), (2, ""), (3, "")])
def test_a_small_digit_beside_a_large_thing_is_believed_if_it_is_no_stroke_and_no_ring(mnist, index, text):
    """Which many things have. Beside so large a mark it had been a speck."""
    page = Image.new("L", (900, 700), 230)
    ImageDraw.Draw(page).text((500, 60), "W", font=ImageFont.truetype(str(bundled_fonts()[0]), 260), fill=90)
    greys = np.array(page)
    digit = cv2.resize(mnist.test.images[index], (28, 28), interpolation=cv2.INTER_CUBIC)
    greys[500:528, 300:328] -= (digit * 0.7).astype(np.uint8)
    assert read(greys)[0].text == text


@pytest.mark.parametrize("index", [0, 3])
def test_a_digit_is_read_on_a_coarse_ground(mnist, index):
    """Whose grain is all over the picture, and far lighter than the ink."""
    grain = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((480, 720)), (0, 0), 2.5)
    greys = 118 + 7 * grain / grain.std()
    digit = cv2.resize(mnist.test.images[index], (70, 70), interpolation=cv2.INTER_CUBIC)
    greys[300:370, 480:550] *= 1 - 0.85 * digit.clip(0, 255) / 255
    assert read(greys.clip(0, 255).astype(np.uint8))[0].text == str(mnist.test.labels[index])


def test_one_mark_beside_a_thing_is_not_believed(mnist):
    """A digit beside a finger may be read; but so would be a dot beside a letter."""
    page = Image.new("L", (500, 500), 240)
    ImageDraw.Draw(page).text((150, 60), "W", font=ImageFont.truetype(str(bundled_fonts()[0]), 260), fill=30)
    ImageDraw.Draw(page).line((80, 300, 80, 340), fill=30, width=7)
    assert read(page)[0].text == ""


@pytest.mark.parametrize("lean", [0, 40])
def test_a_hatching_is_no_row_of_ones(lean):
    greys = np.full((400, 700), 235, np.uint8)
    for x in range(100, 600, 45):
        cv2.line(greys, (x + lean, 120), (x, 280), 50, 7, cv2.LINE_AA)
    [reading] = read(greys)
    assert reading.text == ""
    assert "is a digit" in reading.reason


def test_what_is_left_of_a_line_down_the_page_is_no_column_of_ones(mnist):
    greys, text = written(mnist, 4, 80)
    for y in range(10, 170, 75):
        cv2.line(greys, (800, y), (798, y + 36), 60, 5, cv2.LINE_AA)
    assert read(greys)[0].text == text


def test_a_face_is_no_0():
    face = np.full((500, 500), 235, np.uint8)
    cv2.circle(face, (250, 250), 180, 60, 8, cv2.LINE_AA)
    for x in (190, 310):
        cv2.ellipse(face, (x, 190), (16, 28), 0, 0, 360, 60, 8, cv2.LINE_AA)
    cv2.ellipse(face, (250, 280), (90, 60), 0, 10, 170, 60, 8, cv2.LINE_AA)
    assert read(face)[0].text == ""


@pytest.mark.parametrize(("sleeve", "body"), [(40, 150), (60, 170), (30, 120)])
def test_the_sleeves_of_a_coat_are_no_ones(sleeve, body):
    """Neither as pieces of the coat, nor where its body is taken for light."""
    coat = np.full((320, 420), 255, np.uint8)
    cv2.rectangle(coat, (150, 70), (270, 260), body, -1)
    for x, reach in ((140, -10), (280, 10)):
        cv2.line(coat, (x, 80), (x + reach, 250), sleeve, 16, cv2.LINE_AA)
    assert read(coat)[0].text == ""


@pytest.mark.parametrize(("width", "lean"), [(70, 0), (70, 25), (85, 15)])
def test_a_broad_stroke_of_chalk_is_a_1_and_no_sheet_on_a_table(width, lean):
    rng = np.random.default_rng(1)
    corners = cv2.boxPoints(((450, 200), (290, width), lean + 90)).astype(np.int32)
    chalk = cv2.fillPoly(np.zeros((400, 900), np.uint8), [corners], 1)
    grain = cv2.GaussianBlur(rng.standard_normal((400, 900)).astype(np.float32), (0, 0), 1.5)
    board = 38 + chalk * (140 + 10 * grain / grain.std()) + rng.normal(0, 3, chalk.shape)
    assert read(np.clip(board, 0, 255).astype(np.uint8))[0].text == "1"


def test_the_eyes_of_a_face_are_no_zeros():
    """The head is taken away as a thing that hides what is written, and they are what is left."""
    ink = np.zeros((600, 900), np.float32)
    cv2.ellipse(ink, (450, 330), (170, 150), 0, 0, 360, 0.9, 9)
    for side in (-1, 1):
        cv2.ellipse(ink, (450 + 60 * side, 290), (18, 27), 0, 0, 360, 0.9, 8)
        ear = [(450 + side * x, y) for x, y in ((60, 190), (140, 90), (150, 240))]
        cv2.polylines(ink, [np.array(ear)], False, 0.9, 9)
        for y in (340, 365, 390):
            cv2.line(ink, (450 + 70 * side, 365), (450 + 240 * side, 2 * y - 365), 0.9, 8)
    ink = cv2.resize(ink, (450, 300), interpolation=cv2.INTER_AREA)
    assert read(picture(ink, np.linspace(240, 200, 450)))[0].text == ""


@pytest.mark.parametrize("seed", [144, 335])
def test_a_thin_stroke_on_a_small_drawing_is_a_1_and_what_enlarging_left_of_its_edge_is_nothing(seed):
    rng = np.random.default_rng(seed)
    paper = np.full((97, 78), 255, np.uint8)
    start = rng.integers(8, 60) * 16, 50 * 16
    steps = np.cumsum(np.stack([rng.integers(-16, 16, 5), rng.integers(48, 80, 5)], axis=1), axis=0)
    points = (np.array([start]) + steps).astype(np.int32)
    cv2.polylines(paper, [points], False, 0, int(rng.integers(1, 4)), cv2.LINE_AA, shift=4)
    assert read(paper)[0].text == "1"
