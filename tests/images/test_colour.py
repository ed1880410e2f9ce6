"""By their colours, ink and rules are told from each other, in any light and on any paper."""

import cv2
import numpy as np
import pytest
from helpers import counts

from byhand.images import by_colour, is_ink_coloured
from byhand.reading import load_reader, look, read

PAPERS = {"white": (235, 235, 235), "yellow": (235, 225, 170), "blue": (180, 205, 235)}
LIGHT = np.linspace(0.6, 1, 900)[np.newaxis, :, np.newaxis]


def drawn(ink, paper, pen, rules, side=12):
    """Ink (600, 900) from 0 to 1 on squares, each by the share of red, green and blue that it leaves."""
    colours = np.ones((600, 900, 3)) * PAPERS[paper] * LIGHT
    squares = np.zeros((600, 900), np.uint8)
    squares[::side] = squares[:, ::side] = 1
    squares = cv2.dilate(squares, np.ones((3, 3), np.uint8))[..., np.newaxis]
    colours *= np.where(squares, rules, 1)
    colours *= 1 - ink[..., np.newaxis] * (1 - np.array(pen))
    return (colours + np.random.default_rng(0).normal(0, 2, colours.shape)).clip(0, 255).astype(np.uint8)


PENCIL_ON_BLUE = ((0.35, 0.35, 0.36), (0.45, 0.6, 0.95))
BLUE_ON_GREY = ((0.2, 0.3, 0.75), (0.45, 0.45, 0.45))


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(("pen", "rules", "which"), [(*PENCIL_ON_BLUE, 0), (*BLUE_ON_GREY, 1)])
def test_ink_of_another_colour_than_the_squares_is_all_that_is_seen(number, paper, pen, rules, which):
    seen = by_colour(drawn(number, paper, pen, rules))[which]
    assert counts(seen) == [3, 3]
    squares, ground = np.median(seen[204:210:6, 400:700:5]), np.median(seen[206:208, 401:700:12])
    assert abs(squares / ground - 1) < 0.12


@pytest.mark.parametrize(
    ("pen", "rules", "shows"),
    [(*PENCIL_ON_BLUE, "what has no colour"), (*BLUE_ON_GREY, "what has a colour")],
)
def test_a_number_on_squares_as_dark_as_itself_is_read_by_its_colour(mnist, pen, rules, shows):
    ink = np.zeros((600, 900), np.float32)
    for i, image in enumerate(mnist.test.images[:4]):
        part = cv2.resize(image, (90, 90), interpolation=cv2.INTER_CUBIC) / 255
        ink[250:340, 150 + 100 * i : 240 + 100 * i] = part
    colours = drawn(ink.clip(0, 1), "white", pen, rules, side=8)
    seen = look(colours, load_reader())
    assert seen.reading.text == "".join(map(str, mnist.test.labels[:4]))
    assert seen.way.shows == shows
    greys = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    assert read([greys])[0].text != "".join(map(str, mnist.test.labels[:4]))


RED, PENCIL = (0.85, 0.2, 0.2), (0.3, 0.3, 0.3)


def on_plain_paper(ink, pen):
    return drawn(ink, "white", pen, (1, 1, 1))


def test_ink_has_a_colour_where_little_has_a_strong_one_and_most_of_the_paper_none(number):
    assert is_ink_coloured(on_plain_paper(number, RED))
    assert not is_ink_coloured(on_plain_paper(number, PENCIL))
    table = on_plain_paper(number, RED)
    table[:, 500:] = (30, 140, 60)
    sheet = np.zeros(number.shape, np.uint8)
    sheet[:, :480] = 1
    assert not is_ink_coloured(table)
    assert is_ink_coloured(table, sheet)


@pytest.mark.parametrize(("size", "broad", "aside"), [(120, 1, 0), (120, 9, 60), (70, 1, 0)])
def test_red_digits_across_the_edge_of_a_deep_shadow_are_read_by_their_colour(mnist, size, broad, aside):
    ink, shade = np.zeros((600, 900), np.float32), np.zeros((600, 900), np.float32)
    for i, image in enumerate(mnist.test.images[:4]):
        part = cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC) / 255
        place = 150 + (size + 20) * i
        ink[250 : 250 + size, place : place + size] = cv2.dilate(part, np.ones((broad, broad)))
    cv2.circle(shade, (220 + aside, 150), 150, 1, -1)
    cv2.line(shade, (220 + aside, 150), (300 + aside, 380), 1, 60)
    colours = on_plain_paper(ink.clip(0, 1), RED) * (1 - 0.75 * cv2.GaussianBlur(shade, (0, 0), 2))[..., None]
    text = "".join(map(str, mnist.test.labels[:4]))
    assert read([colours.clip(0, 255).astype(np.uint8)])[0].text == text
