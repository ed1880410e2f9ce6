"""What the package's reader believes of a picture: a number beside print and on sheets, or none."""

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import written
from PIL import Image, ImageDraw, ImageFont

from byhand.datasets.nondigits import bundled_fonts
from byhand.images import Mark, follow, has_same_marks, load_picture
from byhand.reading import load_reader, look, read
from byhand.reading.choosing import Chosen
from byhand.reading.others import Other, others_of
from byhand.reading.search import ENOUGH, MANY_MARKS, TOO_MANY, Search
from byhand.reading.sight import CERTAIN, MOST_MARKS, Reader, Sight, judged_in_lines
from byhand.refusal import Refusal


def page_of_print(rng):
    """Twelve megapixels of words."""
    page = Image.new("L", (3000, 4000), 250)
    font = ImageFont.truetype(str(bundled_fonts()[0]), 40)
    for y in range(150, 3850, 58):
        letters = "".join(rng.choice(list("etaoin shrdlu cmfwyp"), 110))
        ImageDraw.Draw(page).text((150, y), letters, font=font, fill=20)
    return np.asarray(page)


def fur(rng):
    """Twelve megapixels of soft patches of every size, as of a cat."""
    sizes = (3, 9, 30, 120, 500)
    patches = [rng.normal(0, size, (3000 // size + 2, 4000 // size + 2)).astype(np.float32) for size in sizes]
    greys = sum(cv2.resize(patch, (4000, 3000), interpolation=cv2.INTER_CUBIC) for patch in patches)
    return np.interp(greys, (greys.min(), greys.max()), (0, 255)).astype(np.uint8)


def watched(process):
    """Peak memory of a process in kB, when it has ended; what `wait4` says begins with its parent's."""
    peak = 0
    while process.poll() is None:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        peak = int(found[1]) if found else peak
        time.sleep(0.01)
    return peak


@pytest.mark.parametrize("draw", [page_of_print, fur])
def test_print_and_cats_are_no_numbers_and_cost_neither_ten_seconds_nor_a_gigabyte(draw, tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(draw(np.random.default_rng(0))).save(path, compress_level=1)
    began = time.perf_counter()
    with (tmp_path / "said.json").open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "byhand", "read", path, "--json"], stdout=said)
    peak = watched(process)
    assert process.returncode == 0
    [reading] = json.loads((tmp_path / "said.json").read_text())["images"]
    assert reading["text"] == ""
    assert reading["reason"]
    assert time.perf_counter() - began < 10
    assert 50_000 < peak < 1_000_000  # kilobytes


def test_print_is_not_looked_at_in_every_way_that_there_is(monkeypatch):
    """A look at so many marks takes a second."""
    seen = []
    see = Reader.see
    monkeypatch.setattr(Reader, "see", lambda reader, way: seen.append(way.marks) or see(reader, way))
    rng = np.random.default_rng(0)
    page = Image.new("L", (1400, 900), 60)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(bundled_fonts()[0]), 40)
    draw.rectangle((50, 50, 1350, 850), fill=200)
    for y in range(110, 670, 60):
        draw.text((110, y), "".join(rng.choice(list("etaoinshrdlucmfwyp"), 32)), font=font, fill=20)
    greys = np.asarray(page) + rng.normal(0, 3, (900, 1400)) + np.linspace(-20, 20, 1400)
    assert read(greys.clip(0, 255).astype(np.uint8))[0].text == ""
    assert 300 < seen[0] <= MOST_MARKS
    assert sum(seen[:-1]) < TOO_MANY


def test_the_same_many_marks_are_asked_about_once_in_whatever_way_they_are_found(monkeypatch):
    """Lines in italics, whose letters touch: cutting those takes most of the time."""
    seen = []
    see = Reader.see
    monkeypatch.setattr(Reader, "see", lambda reader, way: seen.append(way) or see(reader, way))
    page = Image.new("L", (700, 400), 225)
    for y, words in ((40, "rent green"), (120, "very alone"), (200, "dinner was"), (280, "home there")):
        font = ImageFont.truetype(str(bundled_fonts()[0]), 44)
        ImageDraw.Draw(page).text((60, y), words, font=font, fill=50)
    greys = np.asarray(page) + np.random.default_rng(0).normal(0, 2, (400, 700)) + np.linspace(-20, 0, 700)
    read(greys.clip(0, 255).astype(np.uint8))
    large = [way for way in seen if way.marks > MANY_MARKS]
    assert len(large) == 1
    assert has_same_marks(large[0], large[0])
    assert not has_same_marks(large[0], replace(large[0], lines=large[0].lines[:-1]))
    moved = replace(large[0], turn=large[0].turn + np.array([[0, 0, 0], [0, 0, 9]]))
    assert not has_same_marks(large[0], moved)


def test_to_find_a_thousand_marks_counts_as_to_ask_about_some_for_it_takes_as_long():
    """A ground of specks is not looked at in every way, though nothing in it is asked about."""
    search = Search(Reader(load_reader()), follow(np.full((60, 60), 220, np.uint8)))
    specks = tuple(Mark(0, 0, np.ones((3, 3), np.float32)) for _ in range(TOO_MANY))
    found = []

    def others():
        for _ in range(20):
            found.append(1)
            yield Other(replace(search.first, lines=(specks, specks)), doubtful=True)

    search.through(others())
    assert 2 <= len(found) <= 4


def flowers(height, width, apart):
    """A cloth with flowers on it."""
    cloth = np.full((height, width), 205, np.uint8)
    for row, y in enumerate(range(apart // 2, height, apart)):
        for x in range(apart // 2 * (1 + row % 2), width, apart):
            for angle in range(0, 360, 72):
                away = 0.16 * apart * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
                cv2.circle(cloth, (x + round(away[0]), y + round(away[1])), apart // 8, 110, -1, cv2.LINE_AA)
    return cloth


@pytest.mark.parametrize("apart", [75, 90])
def test_a_number_is_read_on_a_sheet_hardly_brighter_than_the_cloth_with_flowers_under_it(mnist, apart):
    greys, text = written(mnist, 3)
    page = flowers(greys.shape[0] + 240, greys.shape[1] + 240, apart)
    page[120:-120, 120:-120] = 0.96 * greys
    noise = np.random.default_rng(0).normal(0, 2, page.shape)
    assert read(np.clip(page + noise, 0, 255).astype(np.uint8))[0].text == text


def test_a_stroke_is_not_enough_where_it_is_doubtful_that_there_is_a_sheet(mnist):
    greys = np.random.default_rng(0).normal(200, 4, (400, 600)).clip(0, 255).astype(np.uint8)
    reader = Reader(load_reader())
    nothing = reader.see(follow(greys))
    cv2.line(greys, (300, 120), (290, 280), 60, 12, cv2.LINE_AA)
    stroke = reader.see(follow(greys))
    digit = cv2.resize(mnist.test.images[0], (150, 150), interpolation=cv2.INTER_CUBIC)
    greys[:, 200:400] = 200
    greys[100:250, 220:370] -= (digit * 0.6).astype(np.uint8)
    seven = reader.see(follow(greys))
    assert reader.better(nothing, stroke, doubtful=False) is stroke
    assert reader.better(nothing, stroke, doubtful=True) is nothing
    assert reader.better(nothing, seven, doubtful=True) is seven


def test_a_way_in_which_nothing_is_read_is_not_better_however_much_was_refused(mnist):
    greys, _ = written(mnist, 4, 50)  # no larger than the letters, which are no print then
    reader = Reader(load_reader())
    number = reader.see(follow(greys))
    page = Image.fromarray(greys)
    font = ImageFont.truetype(str(bundled_fonts()[0]), 60)
    for i in range(20):
        place = 40 + 82 * (i % 10), 10 + 90 * (i // 10)
        ImageDraw.Draw(page).text(place, "WKMX"[i % 4], font=font, fill=30)
    beside_letters = reader.see(follow(np.asarray(page)))
    nothing = reader.see(follow(np.full((300, 400), 220, np.uint8)))
    assert beside_letters.worth < nothing.worth < number.worth
    assert reader.better(beside_letters, nothing, doubtful=False) is beside_letters


def test_a_number_over_a_page_of_print_is_read(mnist):
    greys, text = written(mnist, 3, 130)
    page = Image.new("L", (1200, 1400), 250)
    font = ImageFont.truetype(str(bundled_fonts()[0]), 26)
    rng = np.random.default_rng(0)
    for y in range(480, 1340, 38):
        ImageDraw.Draw(page).text((60, y), "".join(rng.choice(list("etaoin shrdlu"), 60)), font=font, fill=40)
    page.paste(Image.fromarray(greys).crop((0, 0, 1100, 440)), (50, 20))
    assert follow(np.asarray(page)).marks > MOST_MARKS
    assert read(page)[0].text == text


@pytest.mark.parametrize(("radius", "end"), [(34, "?"), (60, "")])
def test_four_sure_digits_are_read_beside_what_nobody_can_read(mnist, radius, end):
    """As large as they are it is one of them; larger, it is another thing."""
    greys, text = written(mnist, 4, 100)
    for angle in np.arange(8) * np.pi / 8:  # a star
        x, y = round(radius * np.cos(angle)), round(radius * np.sin(angle))
        cv2.line(greys, (650 - x, 300 - y), (650 + x, 300 + y), 60, 5, cv2.LINE_AA)
    assert read(greys)[0].text == text + end


def test_a_form_is_read_box_by_box(mnist):
    greys, text = written(mnist)
    for i in range(4):
        cv2.rectangle(greys, (146 + 150 * i, 240), (286 + 150 * i, 396), 70, 3)
    assert read(greys)[0].text == text


@pytest.mark.parametrize("font", [0, 1])
def test_words_are_no_number(font):
    """Some letters look like digits, and a line of them is none."""
    page = Image.new("L", (900, 320), 240)
    face = ImageFont.truetype(str(bundled_fonts()[font]), 56)
    for y, words in [(40, "a quick brown fox jumps"), (170, "over the lazy dogs")]:
        ImageDraw.Draw(page).text((50, y), words, font=face, fill=30)
    assert read(page)[0].text == ""


def test_a_few_letters_like_digits_make_no_number_of_a_line_of_print():
    """In bold italics several run together and look like surer digits than most of them are."""
    page = Image.new("L", (960, 560), 230)
    [bold] = [font for font in bundled_fonts() if font.name == "DejaVuSans-BoldOblique.ttf"]
    face = ImageFont.truetype(str(bold), 50)
    for i, words in enumerate(["agenda milk", "milk regards", "milk butter", "butter kind"]):
        ImageDraw.Draw(page).text((110, 60 + 87.5 * i), words, font=face, fill=40)
    assert read(page)[0].text == ""


def print_of(word):
    """A word in print."""
    page = Image.new("L", (500, 220), 240)
    ImageDraw.Draw(page).text((50, 60), word, font=ImageFont.truetype(str(bundled_fonts()[0]), 70), fill=30)
    return page


@pytest.mark.parametrize("word", ["water", "little", "bottle", "pilot", "doll"])
def test_of_four_marks_and_more_letters_must_be_surer(word):
    assert read(print_of(word))[0].text == ""


@pytest.mark.parametrize("word", ["zebra", "table", "tiger", "lazy"])
def test_a_letter_is_no_thing_that_lies_beside_a_number(word):
    assert read(print_of(word))[0].text == ""


def in_line(*marks):
    """Probabilities (N, 11) of marks; each says a digit, its probability, and that of being none."""
    probabilities = np.full((len(marks), 11), 0.0)
    for row, (digit, sure, none) in zip(probabilities, marks, strict=True):
        row[:] = (1 - sure - none) / 9
        row[digit], row[10] = sure, none
    return probabilities


SEVEN, DOUBTFUL, LETTER = (7, 0.99, 0.0), (2, 0.3, 0.69), (2, 0.03, 0.96)


@pytest.mark.parametrize(
    ("marks", "read_as"),
    [
        ([SEVEN, DOUBTFUL, SEVEN, SEVEN], "7277"),
        ([SEVEN, LETTER, SEVEN, SEVEN], "7?77"),
        ([DOUBTFUL, SEVEN, SEVEN, SEVEN], "?777"),  # such as a currency
        ([SEVEN, SEVEN, SEVEN, DOUBTFUL], "777?"),
        ([SEVEN, DOUBTFUL, SEVEN], "7?7"),  # too few are sure
        ([SEVEN, SEVEN, DOUBTFUL, DOUBTFUL, SEVEN, SEVEN, SEVEN, SEVEN], "77??7777"),
    ],
)
def test_what_stands_between_sure_digits_is_doubted_less(marks, read_as):
    probabilities = in_line(*marks)
    labels, sure, refused = judged_in_lines(
        Refusal(threshold=0.4), probabilities, np.zeros(len(marks), np.int64)
    )
    assert "".join("?" if no else str(label) for label, no in zip(labels, refused, strict=True)) == read_as
    assert np.all(sure >= probabilities[:, :10].max(axis=1) - 1e-12)
    assert np.all(sure <= 1)


def test_each_line_is_judged_by_its_own_digits():
    probabilities = in_line(SEVEN, SEVEN, SEVEN, SEVEN, SEVEN, DOUBTFUL, SEVEN)
    _, _, refused = judged_in_lines(Refusal(threshold=0.4), probabilities, np.array([0, 0, 0, 0, 1, 1, 1]))
    assert refused.tolist() == [False] * 5 + [True, False]


def test_a_page_full_of_digits_is_looked_at_once(mnist, monkeypatch):
    """Though some of its marks cannot be read."""
    row = np.concatenate([mnist.test.images[:11], np.full((1, 28, 28), 255, np.uint8)])
    page = np.pad(np.concatenate([np.concatenate(list(row), 1)] * 7), 20)
    looks = []
    see = Reader.see
    monkeypatch.setattr(Reader, "see", lambda self, way: looks.append(way) or see(self, way))
    seen = look(np.kron(255 - page, np.ones((2, 2), np.uint8)), load_reader())
    assert sum(not digit.refused for digit in seen.reading.digits) >= ENOUGH
    assert any(digit.refused for digit in seen.reading.digits)
    assert len(looks) == 1


@pytest.mark.parametrize(
    ("digits", "believed"), [("20471620", True), ("00000000", False), ("10011010", False)]
)
def test_beside_what_is_no_digit_strokes_and_rings_are_not_enough_where_it_is_doubtful_what_is_seen(
    digits, believed
):
    reader = Reader(load_reader())
    way = follow(np.full((300, 400), 220, np.uint8))
    nothing = reader.see(way)
    labels = np.array([int(digit) for digit in digits + "44"])
    refused = np.arange(len(labels)) >= len(digits)
    mark = Mark(0, 0, np.ones((30, 20), np.float32))
    segments = tuple(Chosen(mark, np.zeros((28, 28), np.uint8), np.zeros(11), 0) for _ in labels)
    seen = Sight(way, segments, labels, np.where(refused, 0.0, 0.97), refused)
    assert seen.certainty < CERTAIN
    assert (reader.better(nothing, seen, doubtful=True) is seen) == believed


def test_what_is_read_beside_a_short_word_is_not_clear(mnist):
    """It may be digits that were not read; where words are longer, they are letters."""
    reader = Reader(load_reader())
    greys, text = written(mnist, 3)
    sight = reader.see(follow(greys))
    assert reader.is_clear(sight)
    page = Image.fromarray(greys)
    font = ImageFont.truetype(str(bundled_fonts()[0]), 40)
    ImageDraw.Draw(page).text((680, 330), "Kgm", fill=40, font=font)
    unit = reader.see(follow(np.asarray(page)))
    assert unit.count == len(text)
    assert 0 < unit.words <= 3
    assert [reader.is_clear(replace(sight, words=count)) for count in (1, 3, 4, 12)] == [
        False,
        False,
        True,
        True,
    ]


def test_one_other_way_is_smoothed_more_and_doubtful_where_no_noise_was_measured(mnist):
    greys = written(mnist)[0] * np.linspace(0.6, 1, 900)
    rng = np.random.default_rng(0)
    noisy = (greys + rng.normal(0, 12, greys.shape)).clip(0, 255).astype(np.uint8)
    drawing = np.full((200, 300), 255, np.uint8)
    cv2.line(drawing, (100, 50), (110, 150), 0, 9)
    for picture, doubtful in [(greys.astype(np.uint8), [True]), (noisy, [False]), (drawing, [])]:
        way = follow(picture)
        others = others_of(way, load_picture(picture))
        more = [other.doubtful for other in others if other.way.smoothing > way.smoothing]
        assert more == doubtful
