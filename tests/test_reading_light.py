"""Numbers that take more than one look: in the shadows of a window's bars, on a coaster; and the cost."""

import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from helpers import photograph, write_on

from byhand.images import Mark, cutting, follow, load_picture, without
from byhand.images.cuts import MOST_PIECES
from byhand.images.ink import find_ink
from byhand.images.light import WINDOWS, Look
from byhand.images.sheet import find_sheet
from byhand.reading import load_reader, read
from byhand.reading.choosing import Chosen
from byhand.reading.others import FINE, Other, _lit, hidden_from, others_of
from byhand.reading.search import TOO_MANY
from byhand.reading.sight import MOST_MARKS, Reader, Sight

UNSURE = 1033
"""A test digit that is hard to tell."""


def bars(shape, width, angle):
    """Light (H, W) between the shadows of a window's bars, with soft edges."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    across = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    return 0.5 + 0.5 * (1 + np.tanh(np.sin(np.pi * across / width) * 12)) / 2


@pytest.mark.parametrize(("width", "angle"), [(70, 50), (90, 65), (50, 120), (80, 75)])
def test_a_number_is_read_in_the_shadows_of_a_windows_bars(mnist, width, angle):
    greys = np.full((600, 800), 225.0)
    text = write_on(greys, mnist, 5, 100, 150, 240)
    picture = photograph(greys * bars(greys.shape, width, angle))
    assert not follow(picture).sheet  # one of the stripes of light would be
    assert read(picture)[0].text == text


def test_what_is_not_read_clearly_in_noise_is_smoothed_more(mnist):
    """Noise that a camera has smoothed, in which twice as wide a filter is needed."""
    greys = np.full((400, 800), 200.0)
    text = write_on(greys, mnist, 5, 120, 100, 140, ink=0.2)
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, greys.shape), (0, 0), 0.8)
    picture = (greys + 16 * noise / noise.std()).clip(0, 255).astype(np.uint8)
    reader = Reader(load_reader())
    assert not reader.is_clear(reader.see(follow(picture)))
    assert read(picture)[0].text == text


def panes(shape, shade, soft):
    """Light (H, W) through a window of four panes onto a wall in this shade; with soft edges."""
    light = np.full(shape, shade)
    for x, y in np.ndindex(2, 2):
        light[120 + 200 * y : 300 + 200 * y, 100 + 310 * x : 390 + 310 * x] = 1
    turn = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), 8, 1)
    return cv2.GaussianBlur(cv2.warpAffine(light, turn, shape[::-1], borderValue=shade), (0, 0), soft)


@pytest.mark.parametrize(("ink", "soft"), [(0.7, 4), (0.8, 1.5)])
def test_a_number_is_read_across_the_edges_of_light_that_falls_through_a_window(mnist, ink, soft):
    greys = np.full((600, 800), 225.0)
    text = write_on(greys, mnist, 5, 100, 150, 240, ink)
    assert read(photograph(greys * panes(greys.shape, 0.65, soft)))[0].text == text


def test_of_dark_ink_alone_what_is_half_as_dark_is_none():
    density = np.zeros((200, 300), np.float32)
    cv2.line(density, (50, 50), (50, 150), 0.8, 6)
    for darkness, way in ((0.3, (True, False)), (0.45, (True, True))):  # of 0.8, beside it and touching
        cv2.line(density, (53, 100), (150, 100), darkness, 6)
        found = tuple(bool(find_ink(density, dark)[100, 100]) for dark in (False, True))
        assert found == way


def shaded(tilt):
    """A photograph of four dark strokes over a fainter bow, such as a shadow's edge, all tilted."""
    greys = np.full((400, 700), 210.0)
    greys -= np.linspace(0, 30, 700)
    for x in (120, 240, 360, 480):
        cv2.line(greys, (x, 120), (x + 6, 230), 60, 9)
    cv2.ellipse(greys, (350, 300), (150, 25), 0, 0, 180, 126, 9)
    turn = cv2.getRotationMatrix2D((350, 200), tilt, 1)
    return photograph(cv2.warpAffine(greys, turn, (700, 400), borderMode=cv2.BORDER_REPLICATE))


@pytest.mark.parametrize("tilt", [0, 5])
def test_where_only_dark_ink_counts_it_does_all_the_way(tilt):
    faint, dark = (follow(shaded(tilt), Look(False, 0.1, 0.0, dark), find=None) for dark in (False, True))
    assert (abs(dark.angle) > 0.7) == bool(tilt)
    for way in (dark, without(dark, [dark.lines[0][0]])):
        rows = np.flatnonzero(way.ink.any(axis=1))
        assert rows[-1] - rows[0] < 140
    rows = np.flatnonzero(faint.ink.any(axis=1))
    assert rows[-1] - rows[0] > 160


def test_a_look_at_dark_ink_alone_is_another_look():
    look = Look(False, 0.1, 0.9)
    assert look.is_like(replace(look, score=0.1))
    for other in (replace(look, dark=True), replace(look, light_ink=True), replace(look, window=0.2)):
        assert not look.is_like(other)


def test_a_look_at_dark_ink_alone_is_doubted_and_not_taken_of_a_page_of_print():
    few, many = shaded(0), np.full((400, 700), 210, np.uint8)
    for x, y in np.ndindex(20, 5):
        cv2.line(many, (40 + 32 * x, 40 + 70 * y), (42 + 32 * x, 80 + 70 * y), 60, 6)
    [dark] = [other for other in others_of(follow(few), load_picture(few)) if other.way.looks[0].dark]
    assert dark.doubtful
    assert not any(other.way.looks[0].dark for other in others_of(follow(many), load_picture(many)))


def test_a_drawing_has_no_shadows_and_is_not_looked_at_as_if_it_had():
    """A narrow window would take the inner turns of a coil for light, and what is left for a 7."""
    coil = np.full((400, 400), 255, np.uint8)
    turn = np.linspace(0.3, 6 * np.pi, 400)
    radius = 4.5 * turn + 4
    points = np.stack([200 + radius * np.cos(turn), 200 + radius * np.sin(turn)], axis=1)
    cv2.polylines(coil, [points.round().astype(np.int32)], False, 0, 18, cv2.LINE_AA)
    assert read(coil)[0].text == ""


@pytest.mark.parametrize("rim", [10, 16])
def test_a_number_is_read_on_a_round_coaster(mnist, rim):
    grain = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((600, 600)), (0, 0), 1, sigmaY=60)
    greys = 90 + 14 * grain / grain.std()
    cv2.circle(greys, (300, 300), 230, 225, -1)
    cv2.circle(greys, (300, 300), 212, 70, rim)
    text = write_on(greys, mnist, 4, 60, 180, 270)
    assert read(photograph(greys))[0].text == text


def test_the_rim_of_a_disc_such_as_the_sun_is_no_0():
    """It is a disc as it is, and a ring where its light is taken out."""
    reader = Reader(load_reader())
    way = follow(np.full((200, 200), 220, np.uint8))
    disc, ring = np.zeros((80, 80), np.float32), np.zeros((80, 80), np.float32)
    cv2.circle(disc, (40, 40), 39, 1, -1)
    cv2.circle(ring, (40, 40), 36, 1, 6)

    def seen(ink, refused):
        segment = Chosen(Mark(50, 50, ink), np.zeros((28, 28), np.uint8), np.zeros(11), 0)
        return Sight(way, (segment,), np.zeros(1, int), np.array([0.98]), np.array([refused]))

    assert reader.better(seen(disc, True), seen(ring, False), doubtful=False).count == 0
    assert reader.better(seen(ring, True), seen(ring, False), doubtful=False).count == 1


def test_a_single_digit_that_is_not_sure_is_looked_at_in_other_ways(mnist, monkeypatch):
    """A sheet with its table around it was a 7, and so what is written on it was not read."""
    unsure, sheet = np.full((500, 700), 225.0), np.full((500, 700), 225.0)
    text = write_on(sheet, mnist, 4, 100, 150, 200)
    ink = cv2.resize(mnist.test.images[UNSURE], (300, 300), interpolation=cv2.INTER_CUBIC).clip(0, 255)
    unsure[100:400, 200:500] *= 1 - 0.7 * ink / 255
    one = read(photograph(unsure))[0]
    assert len(one.digits) == 1
    assert 0.6 < one.digits[0].probability < 0.94
    monkeypatch.setattr(
        "byhand.reading.others_of", lambda *asked: iter([Other(follow(photograph(sheet)), doubtful=True)])
    )
    assert read(photograph(unsure))[0].text == text


def test_a_digit_alone_on_a_sheet_is_looked_at_in_other_ways(mnist, monkeypatch):
    """What looks like a sheet may be the light of a window, with one digit of a number in it."""
    patch, whole = np.full((500, 700), 70.0), np.full((500, 700), 225.0)
    patch[60:440, 180:520] = 225
    assert write_on(patch, mnist, 1, 200, 250, 150) == "7"
    text = write_on(whole, mnist, 4, 100, 150, 200)
    assert follow(photograph(patch)).sheet
    assert read(photograph(patch))[0].text == "7"
    monkeypatch.setattr(
        "byhand.reading.others_of", lambda *asked: iter([Other(follow(photograph(whole)), doubtful=True)])
    )
    assert read(photograph(patch))[0].text == text


def test_a_thick_ring_is_a_0_and_no_coaster_with_a_hole():
    ring = np.zeros((400, 500), np.uint8)
    cv2.ellipse(ring, (240, 200), (130, 100), 10, 0, 360, 255, 90)
    assert not follow(ring).sheet
    assert read(ring)[0].text == "0"


def test_a_lamp_that_is_out_of_focus_and_a_part_of_a_sheet_are_no_coasters():
    lamp, part = np.full((240, 320), 60.0), np.full((240, 320), 60.0)
    cv2.circle(lamp, (160, 120), 80, 220, -1)
    cv2.fillPoly(part, [np.array([(60, 40), (260, 40), (220, 200), (115, 200)])], 220)  # in the sun
    for greys in (cv2.GaussianBlur(lamp, (0, 0), 8), part):
        cv2.ellipse(greys, (160, 110), (10, 18), 0, 0, 320, 40, 3)
        assert find_sheet(greys.astype(np.uint8)) is None


def test_what_was_not_asked_about_does_not_count_against_other_ways(mnist, monkeypatch):
    """A table of a coarse grain has as many marks as print; the sheet on it is seen in another way."""
    table, note = np.full((400, 600), 200.0), np.full((400, 600), 225.0)
    for y in range(10, 400, 15):
        for x in range(10, 600, 15):
            cv2.line(table, (x, y), (x + 5, y + 5), 60, 2)
    text = write_on(note, mnist, 4, 100, 100, 150)
    first, other = follow(photograph(table)), follow(photograph(note))
    assert first.marks > max(TOO_MANY, MOST_MARKS)
    monkeypatch.setattr("byhand.reading.others_of", lambda *asked: iter([Other(other, True)]))
    assert read(photograph(table))[0].text == text


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_single_stroke_may_be_an_edge_and_is_looked_at_in_other_ways(mnist, count, monkeypatch):
    """In which several digits are certain, or else it stays a 1."""
    stroke, note = np.full((400, 600), 225.0), np.full((400, 600), 225.0)
    cv2.line(stroke, (300, 150), (290, 260), 60, 12)
    number = write_on(note, mnist, count, 100, 150, 150)
    other = follow(photograph(note))
    monkeypatch.setattr("byhand.reading.others_of", lambda *asked: iter([Other(other, False)]))
    assert read(photograph(stroke))[0].text == (number if count > 1 else "1")


def test_a_long_flat_mark_is_cut_in_no_time():
    """Of its thousands of places the cheapest few are looked at."""
    began = time.perf_counter()
    ink = np.tile(np.repeat([1, 0.3], [12, 4]).astype(np.float32), (10, 200))
    assert 2 < cutting(Mark(0, 0, ink)).pieces <= MOST_PIECES
    ragged = np.random.default_rng(0).random((10, 3200), np.float32)  # with notches everywhere
    assert 2 < cutting(Mark(0, 0, ragged)).pieces <= MOST_PIECES
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(("index", "times"), [(1, 1), (3, 1), (34, 1), (35, 1), (1, 5)])
def test_a_broad_stroke_of_chalk_that_fills_its_picture_is_read_whole(mnist, index, times):
    """Narrow windows see its grain; the strokes are as broad as a third of the picture."""
    rng = np.random.default_rng(index)
    digit = cv2.resize(mnist.test.images[index][4:24, 4:24], (66, 112), interpolation=cv2.INTER_CUBIC)
    ink = np.pad((digit > 100).astype(np.float32), ((6, 5), (4, 3)))
    ink = cv2.GaussianBlur(cv2.dilate(ink, np.ones((7, 7))), (0, 0), 1)
    grain = cv2.GaussianBlur(rng.random(ink.shape), (0, 0), 1.5)
    grain = (grain - grain.min()) / np.ptp(grain)
    chalk = 45 + ink * (60 + 140 * grain) + rng.normal(0, 3, ink.shape)
    chalk = cv2.resize(chalk, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    [reading] = read(chalk.clip(0, 255).astype(np.uint8))
    assert reading.lines == (str(mnist.test.labels[index]),)


def test_a_4_in_a_picture_of_28_by_28_pixels_is_whole(mnist):
    """A narrow window sees its broad strokes in pieces, and the pieces are ones."""
    large = cv2.resize(mnist.test.images[49][4:24, 4:24], (80, 80), interpolation=cv2.INTER_CUBIC)
    ink = cv2.resize(cv2.dilate(large, np.ones((3, 3), np.uint8)), (20, 20), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(0, 8, (28, 28))
    greys = 205 + cv2.GaussianBlur(noise, (0, 0), 1)
    greys[4:24, 4:24] -= 185 / 255 * ink
    assert read(greys.clip(0, 255).astype(np.uint8))[0].lines == ("4",)


def test_a_digit_is_better_than_its_pieces_and_no_better_than_marks_beside_it(mnist):
    reader = Reader(load_reader())
    greys = np.random.default_rng(0).normal(215, 3, (300, 600))
    seven = mnist.test.images[np.flatnonzero(mnist.test.labels == 7)[0]]
    greys[50:250, 50:250] *= 1 - 0.7 * cv2.resize(seven, (200, 200), interpolation=cv2.INTER_CUBIC) / 255
    whole = reader.see(follow(greys.clip(0, 255).astype(np.uint8)))
    assert "".join(map(str, whole.labels)) == "7"

    def pieces(*places):
        ink = np.ones((60, 20), np.float32)
        image, likely = np.zeros((28, 28), np.uint8), np.full(11, 0.0)
        segments = tuple(Chosen(Mark(round(x), round(y), ink), image, likely, 0) for x, y in places)
        count = len(segments)
        return Sight(whole.way, segments, np.ones(count, int), np.full(count, 0.8), np.zeros(count, bool))

    mark = whole.segments[0].mark
    inside = [(mark.x + 5, mark.y + 5), (mark.x + 40, mark.y + 40)]
    assert reader.better(pieces(*inside), whole, doubtful=True) is whole
    beside = pieces(*inside, (mark.right + 150, mark.y))
    assert reader.better(beside, whole, doubtful=True) is beside


def test_both_halves_of_a_folded_page_are_read(mnist):
    """The lighter half reaches from border to border, and looks like a sheet on a table."""
    greys = np.random.default_rng(0).normal(0, 2, (700, 900))
    greys[:300] += 120
    greys[300:620] += 215
    greys[620:] += 80
    for place, image in enumerate(mnist.test.images[:8]):
        y, x = (90, 400)[place // 4], 200 + 130 * (place % 4)
        digit = cv2.resize(image, (120, 120), interpolation=cv2.INTER_CUBIC).clip(0, 255)
        greys[y : y + 120, x : x + 120] *= 1 - 0.7 * digit / 255
    picture = cv2.GaussianBlur(greys.clip(0, 255).astype(np.uint8), (0, 0), 0.7)
    assert read(picture)[0].lines == ("7210", "4149")


@pytest.mark.parametrize("angle", [0, 30, 160])
def test_a_number_on_a_sheet_that_lies_half_in_a_shadow_is_read_whole(mnist, angle):
    """The half in the light alone would be a sheet, too, with a part of the number on it."""
    greys = np.full((800, 1200), 70.0)
    greys[180:600, 150:1050] = 225
    text = write_on(greys, mnist, 4, 140, 300, 400)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    away = np.add.outer((np.arange(800) - 500) * s, (np.arange(1200) - 620) * c)
    light = 0.45 + 0.55 * (1 + np.tanh(away)) / 2
    [reading] = read([photograph(greys * light)])
    assert reading.text == text


@pytest.mark.parametrize(("shadow", "size"), [("finger", 110), ("phone", 60), ("phone", 110), ("head", 60)])
def test_digits_across_the_edge_of_a_shadow_are_read_with_those_in_the_light(mnist, shadow, size):
    """The edge is as dark as ink, and without those that it crosses the others were read, and clearly."""
    greys = np.full((700, 1000), 215.0) * np.linspace(0.8, 1, 1000)
    text = write_on(greys, mnist, 5, size, 250, 300)
    shade, aside = np.zeros((700, 1000), np.float32), 60 if (shadow, size) == ("phone", 110) else 0
    if shadow == "finger":
        cv2.line(shade, (0, 100), (300, 300 + size // 2), 1, 70)
    elif shadow == "phone":
        corners = [(0, 150), (330 + aside, 260), (280 + aside, 430), (0, 330)]
        cv2.fillPoly(shade, [np.array(corners, np.int32)], 1)
    else:
        cv2.circle(shade, (260, 150), 170, 1, -1)
        cv2.circle(shade, (260, -40), 120, 1, -1)
    greys *= 1 - 0.7 * cv2.GaussianBlur(shade, (0, 0), 1.5)
    [reading] = read([photograph(greys)])
    assert reading.text == text


def test_where_there_are_shadows_narrow_windows_are_tried_in_any_case_and_doubted():
    greys = np.full((600, 800), 210.0) * np.linspace(0.8, 1, 800)
    cv2.circle(greys, (200, 200), 130, 110, -1)
    for x in (400, 500, 600):
        cv2.line(greys, (x, 250), (x - 20, 340), 60, 8)
    loaded = load_picture(photograph(greys))
    way = follow(loaded.greys)
    assert way.shaded
    hidden = list(hidden_from(way, loaded))
    windows = [(other.way.looks[0].window, other.way.looks[0].dark) for other in hidden]
    assert windows == [(FINE, False), (min(WINDOWS), True)]
    assert all(other.doubtful for other in hidden)


def test_a_picture_without_its_shadow_is_doubted_for_it_may_have_been_the_edge_of_a_sheet():
    greys = np.full((600, 800), 210.0)
    greys[:, :300] *= 0.6
    way = follow(photograph(greys))
    lit = list(_lit(way))
    assert lit
    assert all(other.doubtful for other in lit)


def test_beside_the_shadow_of_a_phone_that_looks_like_a_dark_sheet_all_else_is_read_too(mnist):
    greys = np.full((800, 700), 215.0) * np.linspace(0.9, 1, 700)
    above, below = write_on(greys, mnist, 2, 110, 260, 200), write_on(greys, mnist, 1, 110, 300, 560)
    shade = np.zeros((800, 700), np.float32)
    cv2.fillPoly(shade, [np.array([(120, 0), (520, 0), (600, 400), (200, 420)], np.int32)], 1)
    greys *= 1 - 0.65 * cv2.GaussianBlur(shade, (0, 0), 1)
    picture = photograph(greys)
    assert follow(picture).darker
    assert read([picture])[0].lines == (above, below)
