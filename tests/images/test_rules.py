"""Ruled and squared paper: its lines go, and what is written over them stays."""

import cv2
import numpy as np
import pytest
from helpers import picture
from PIL import Image, ImageDraw, ImageFont

from byhand.datasets.nondigits import bundled_fonts
from byhand.images import follow
from byhand.images.rules import Rule, are_of_paper, find_rules
from byhand.images.sheet import find_sheet
from byhand.images.unruled import without_rules


def squares(shape, spacing, width, dark, angle=0.0):
    """Ink (H, W) of squared paper, turned by so many degrees."""
    lines = np.zeros((3 * shape[0], 3 * shape[1]), np.float32)
    for place in range(spacing // 2, max(lines.shape), spacing):
        lines[place : place + width] = lines[:, place : place + width] = dark
    turn = cv2.getRotationMatrix2D((lines.shape[1] / 2, lines.shape[0] / 2), angle, 1)
    turn[:, 2] -= shape[1], shape[0]
    return cv2.warpAffine(lines, turn, shape[::-1], flags=cv2.INTER_AREA)


def over(ink, lines):
    """Ink that lets through what is under it."""
    return 1 - (1 - lines) * (1 - ink)


@pytest.mark.parametrize("dark", [0.3, 0.4])
def test_of_fine_dark_squares_nothing_is_left_beside_the_strokes(number, dark):
    """Nearly half as dark as the strokes, and so many that there is no ink to be told from them at first."""
    way = follow(picture(over(0.9 * number, squares(number.shape, 17, 3, dark))))
    assert [len(line) for line in way.lines] == [3, 3]
    beside = cv2.dilate((number > 0.2).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    assert way.ink[90:480, 90:690][beside[90:480, 90:690]].sum() < 0.01 * way.ink.sum()


def test_strokes_that_were_hidden_by_rules_are_made_whole(number):
    """Where the darker of both is seen, nothing of a stroke as dark as the rule is left over it."""
    lines = squares(number.shape, 50, 4, 0.9)
    way = follow(picture(np.maximum(0.9 * number, lines)))
    alone = follow(picture(0.9 * number))
    hidden = (lines > 0) & (alone.ink > 0)
    assert [len(line) for line in way.lines] == [3, 3]
    assert way.ink[hidden].mean() > 0.8


@pytest.mark.parametrize("angle", [-12, 9, 14])
def test_rules_that_a_corner_cuts_short_are_taken_away(angle):
    lines = squares((600, 800), 40, 2, 0.4, angle)
    lines += np.random.default_rng(0).normal(0, 0.01, lines.shape).astype(np.float32)
    left = without_rules(lines, find_rules(lines))
    for rows in (slice(0, 120), slice(480, 600)):
        for columns in (slice(0, 160), slice(640, 800)):
            dark = lines[rows, columns] > 0.2
            assert left[rows, columns][dark].mean() < 0.2 * lines[rows, columns][dark].mean()


@pytest.mark.parametrize(("lean", "is_rule"), [(0.0, True), (0.1, False)])
def test_a_short_line_in_a_corner_is_a_rule_if_it_leans_as_the_others_do(lean, is_rule):
    lines = np.zeros((600, 800), np.float32)
    for row in range(60, 500, 40):
        lines[row : row + 2] = 0.4
    cv2.line(lines, (0, 560), (140, round(560 + 140 * lean)), 0.4, 2)
    lines += np.random.default_rng(0).normal(0, 0.01, lines.shape).astype(np.float32)
    assert any(rule.offset > 520 for rule in find_rules(lines)) == is_rule


def test_the_broad_lines_of_large_squares_are_taken_away(mnist):
    digit = np.zeros((700, 700), np.float32)
    digit[250:530, 200:480] = (
        cv2.resize(mnist.test.images[0], (280, 280), interpolation=cv2.INTER_CUBIC) / 255
    )
    way = follow(picture(over(digit.clip(0, 1), squares(digit.shape, 150, 12, 0.5, 6))))
    [[mark]] = way.lines
    assert 180 < mark.h < 260


def test_the_broad_strokes_of_large_digits_are_no_rules():
    ones = np.zeros((500, 700), np.float32)
    for x in (150, 280, 410, 540):
        cv2.line(ones, (x, 130), (x - 10, 370), 0.9, 14)
    assert find_rules(ones, broad=True) == []
    assert [len(line) for line in follow(picture(ones)).lines] == [4]


@pytest.mark.parametrize(
    ("across", "upright", "paper"), [(9, 1, True), (4, 5, True), (3, 7, False), (2, 9, False), (0, 0, False)]
)
def test_many_rules_are_those_of_paper_and_few_may_be_a_form(across, upright, paper):
    rules = [Rule(20.0 * i, 0.0, i >= across) for i in range(across + upright)]
    assert are_of_paper(rules) == paper


def test_a_square_of_squared_paper_is_no_sheet(mnist):
    """Seen from very near, its lines are as broad as what surrounds a sheet is looked for."""
    lines = squares((240, 320), 100, 8, 0.75, 8)
    digit = cv2.resize(mnist.test.images[0], (60, 60), interpolation=cv2.INTER_AREA) / 255
    lines[90:150, 130:190] = np.maximum(lines[90:150, 130:190], 0.7 * digit)
    assert find_sheet(picture(lines)) is None


def ruled():
    """Ink (600, 900) of paper with lines from side to side."""
    lines = np.random.default_rng(0).normal(0, 0.01, (600, 900)).astype(np.float32)
    for y in range(40, 600, 60):
        cv2.line(lines, (0, y), (899, y + 27), 0.4, 2)
    return lines


@pytest.mark.parametrize(("start", "end"), [((400, 312), (520, 316)), ((0, 312), (120, 322))])
def test_short_strokes_are_no_rules_unless_they_lie_like_one_and_go_on_to_the_border(start, end):
    lines = ruled()
    count = len(find_rules(lines))
    cv2.line(lines, start, end, 0.4, 2)
    assert len(find_rules(lines)) == count == 10


def test_between_two_margins_ruled_paper_is_no_form(number):
    lines = ruled()
    for x in (50, 850):
        cv2.line(lines, (x, 0), (x - 15, 599), 0.4, 2)
    way, alone = (follow(picture(over(number, paper.clip(0, 1)))) for paper in (lines, 0 * lines))
    for line, plain in zip(way.lines, alone.lines, strict=True):
        for mark, expected in zip(line, plain, strict=True):
            assert mark.ink.sum() == pytest.approx(expected.ink.sum(), rel=0.15)


def test_a_stroke_over_an_opaque_rule_that_is_less_dark_is_made_whole():
    """Only what is darker than the rule is left of it at first."""
    lines = ruled().clip(0, 1)
    stroke = np.zeros_like(lines)
    for x in range(200, 800, 100):
        cv2.line(stroke, (x, 130), (x, 300), 0.7, 5)
    clean = without_rules(np.maximum(lines, stroke), find_rules(lines))
    assert clean[135:295, 200:800:100].min() > 0.6
    assert clean[135:295, 210:800:100].mean() < 0.02


def test_rows_of_letters_are_no_rules():
    """From afar they look like some, for their strokes are as high and near."""
    page, rng = Image.new("L", (1300, 800)), np.random.default_rng(0)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(bundled_fonts()[0]), 40)
    for y in range(60, 620, 60):
        draw.text((60, y), "".join(rng.choice(list("etaoinshrdlucmfwyp"), 32)), font=font, fill=220)
    letters = np.asarray(page, np.float32) / 255
    rules = find_rules(letters)
    assert len(rules) > 20
    clean = without_rules(letters, rules)
    assert (clean[letters > 0.8] > 0.4).mean() > 0.98


@pytest.mark.parametrize(("top", "left"), [(60, 50), (1500, 20)])
def test_the_squares_of_a_sheet_are_found_though_it_is_a_small_part_of_the_picture(number, top, left):
    """Its rules are as long as the sheet, and not nearly as long as the picture."""
    sheet = picture(over(number, squares(number.shape, 40, 3, 0.35)))
    table = np.random.default_rng(0).normal(60, 4, (2400, 1000))
    table[top : top + 600, left : left + 900] = sheet
    way = follow(table.clip(0, 255).astype(np.uint8))
    assert way.sheet
    assert [len(line) for line in way.lines] == [3, 3]
    for upright, begin, end, middle in ((False, top, 600, left + 450), (True, left, 900, top + 300)):
        places = [r.offset / way.scale + r.slope * middle for r in way.rules if r.upright == upright]
        assert len(places) > 8
        assert begin - 30 < min(places) < max(places) < begin + end + 30


@pytest.mark.parametrize("upright", [True, False])
def test_a_rule_that_is_moved_goes_through_the_same_places(upright):
    rule = Rule(30.0, 0.2, upright)
    moved = rule.moved(50, 70)
    x, y = (rule.offset + rule.slope * 100, 100.0) if upright else (100.0, rule.offset + rule.slope * 100)
    x, y = x + 50, y + 70
    across, along = (x, y) if upright else (y, x)
    assert across == pytest.approx(moved.offset + moved.slope * along)
