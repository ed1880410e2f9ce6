"""What is read beside print, as on a form; and what two ways of a picture agree about."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from helpers import asked, row
from PIL import Image, ImageDraw, ImageFont

from byhand.datasets.nondigits import bundled_fonts
from byhand.images import Mark, follow
from byhand.reading import load_reader, read
from byhand.reading.asked import Asked
from byhand.reading.belief import disbelieved
from byhand.reading.others import Other
from byhand.reading.sight import Reader
from byhand.reading.words import words_beside

LABELS = ["Bread", "Coffee", "Butter"]


def listed(mnist, counts, size=64, gap=90, first=0, overlap=0, labels=LABELS, high=32):
    """A photograph of a list: a label in print on each line, and a number written beside it; the numbers.

    They are of MNIST's test digits from `first` on; those of the first line touch if they overlap so far.
    """
    page = Image.new("L", (800, 640), 228)
    font = ImageFont.truetype(str(bundled_fonts()[0]), high)
    digits = zip(mnist.test.images[first:], mnist.test.labels[first:], strict=True)
    numbers, images = [], iter(digits)
    for place, (label, count) in enumerate(zip(labels, counts, strict=False)):
        draw = ImageDraw.Draw(page)
        draw.text((60, 110 + 160 * place), label, font=font, fill=60)
        x, number = round(60 + draw.textlength(label, font=font) + gap), ""
        for _ in range(count):
            image, digit = next(images)
            ink = Image.fromarray(image[4:24, 4:24]).resize((size, size), Image.Resampling.BICUBIC)
            page.paste(60, (x, 96 + 160 * place), ink)
            x, number = x + size - (overlap if place == 0 else 0), number + str(digit)
        numbers.append(number)
    noise = np.random.default_rng(0).normal(0, 2, (640, 800)) + np.linspace(0, -30, 800)
    return (np.asarray(page) + noise).clip(0, 255).astype(np.uint8), tuple(numbers)


@pytest.mark.parametrize("counts", [(2, 3, 2), (4, 1, 3)])
def test_numbers_written_beside_printed_words_are_read_and_the_words_are_not(mnist, counts):
    picture, numbers = listed(mnist, counts)
    assert read(picture)[0].lines == numbers


@pytest.mark.parametrize("first", [0, 6, 12, 18, 36, 42, 54])
def test_digits_that_touch_beside_a_printed_word_are_as_high_as_those_of_other_lines(mnist, first):
    picture, numbers = listed(mnist, (2, 4), first=first, overlap=24)
    assert read(picture)[0].lines == numbers


@pytest.mark.parametrize("labels", [["Lot"], ["Qty"], ["Team"], ["Due", "Page"]])
def test_words_as_high_as_the_numbers_beside_them_are_not_read(mnist, labels):
    picture, numbers = listed(mnist, (2, 4), gap=60, labels=labels, high=64)
    assert read(picture)[0].lines == numbers


def test_the_words_alone_are_no_numbers(mnist):
    assert read(listed(mnist, (0, 0, 0))[0])[0].text == ""


@pytest.mark.parametrize(
    ("words", "number", "told"),
    [
        (row("xxxxx", 0, 20), row("57", 200, 40), True),
        (row("xx0xx5", 0, 20), row("57", 200, 40), True),  # two letters look like digits
        (row("xxxxx", 0, 20), [("5", 200, 50), ("0", 250, 30), ("7", 290, 50)], True),  # a small digit in it
        (row("xxxxx", 0, 20), [("5", 200, 50, 0.93), *row("70", 260, 50)], True),  # one not quite sure
        (row("xxxxx", 0, 20), row("57", 108, 40), True),  # a little room
        (row("xxxxx", 0, 20), row("57", 98, 40), False),  # no room between: a word with large letters
        (row("xxxxx", 0, 20), row("57", 101, 80), True),  # so much larger it is none
        (row("xxxxx", 0, 20), row("57", 100, 24), False),  # as large as the words
        (row("xxxxx", 0, 20), row("5x", 200, 40), False),  # a word as large
        (row("xxxxx", 0, 20), row("5", 200, 40), False),  # single letters often look like digits
        (row("xxxxx", 0, 20), row("10", 200, 40), False),  # a stroke and a ring
        (row("xx", 0, 20), row("57", 42, 30), False),  # a short word, hardly smaller
        (row("xx", 0, 20), row("57", 42, 40), True),  # a short word, much smaller
        (row("x", 0, 20), row("57", 200, 44), False),  # a speck
        ([("x", 0, 20, 0, 80), *row("xxx", 80, 20)], row("57", 200, 40), True),  # letters that run together
    ],
)
def test_words_are_told_by_their_size_and_the_room_between_them_and_a_number(words, number, told):
    marks, refused = asked([*words, *number])
    assert words_beside(marks, refused)[0].tolist() == [told] * len(words) + [False] * len(number)


WORD = [("x", 0, 40), ("5", 25, 40), *row("xx", 50, 40)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ([*WORD, *row("2047", 200, 42)], "xxxx...."),  # a word as high as the digits, if there is room
        ([*WORD, *row("2047", 125, 42)], "........"),
        ([*WORD, *row("27", 200, 42)], "xxxx.."),  # two digits, as high as any letter
        ([*WORD, *row("27", 200, 31)], "......"),
        ([*WORD, *row("2", 200, 42)], "....."),  # one is too few
        ([*WORD, *row("101", 200, 42)], "......."),  # strokes and rings
        ([("x", 0, 40), *row("20", 25, 40), *row("2047", 200, 42)], "......."),  # a number before it
        ([*row("5xx20", 0, 40), *row("2047", 200, 42)], "........."),  # as it might be
        ([*row("5xx20", 0, 30), *row("2047", 200, 42)], "xxxxx...."),  # it is lower, so it is a word
        ([*row("x0x5", 0, 40), *row("2047", 200, 42)], "xxxx...."),  # half of its letters look like digits
        ([*row("xx", 0, 40), *row("2047", 200, 42)], "xx...."),  # a short word
        ([*row("xx", 0, 40), *row("2047", 80, 42)], "......"),
        ([("x", 0, 40), *row("2047", 200, 42)], "....."),  # a single letter
        ([*row("xxx", 0, 40), ("x", 120, 4, 0, 20), *row("2047", 200, 42)], "xxx....."),  # a piece of a line
    ],
)
def test_words_are_told_by_wide_room_where_they_are_as_high(line, told):
    marks, refused = asked(line)
    assert "".join("x" if no else "." for no in words_beside(marks, refused)[0]) == told


def test_numbers_of_a_list_begin_one_below_the_other():
    """They may be single digits, and a word before one of them may look like digits."""
    lines = [*row("xxxx", 0, 40), *row("3", 200, 42)], [*row("xxx", 0, 40), *row("71", 205, 42)]
    looks = [*row("545", 0, 40), *row("8", 195, 42)]

    def told(*lines):
        marks, refused = asked(*lines)
        return "".join("x" if no else "." for no in words_beside(marks, refused)[0])

    assert told(*lines, looks) == "xxxx." + "xxx.." + "xxx."
    assert told(lines[0], looks) == "....." + "....", "a single line is no list"
    few = [*row("xxx", 0, 40), *row("7", 205, 42)]
    assert told(lines[0], few) == "xxxx." + "xxx."
    assert told(lines[0], [(digit, x + 60, height) for digit, x, height in few]) == "." * 9
    ones = [*row("xxxx", 0, 40), *row("1", 200, 42)]
    assert told(ones, ones) == "." * 10, "strokes"


def test_a_digit_with_a_small_one_in_its_number_is_written_beside_print():
    words, number = row("xxxxx", 0, 20), [("3", 200, 40), ("7", 240, 40), ("8", 280, 40), ("1", 320, 25)]
    marks, refused = asked([*words, *number])
    assert words_beside(marks, refused)[0].tolist() == [True] * 5 + [False] * 4


def test_a_label_above_the_boxes_that_a_number_is_written_in_is_a_word_and_so_are_their_sides():
    label = [(*letter, 0.0, 30) for letter in row("xxxx", 200, 30)]
    number = [("8", 205, 90), ("4", 305, 90), ("6", 405, 90)]
    sides = [("1", x, 130) for x in (150, 270, 370, 500)]
    marks, refused = asked(sorted([*label, *number, *sides], key=lambda mark: mark[1]))
    for i in np.flatnonzero(refused).tolist():
        letter = marks.segments[i].mark
        marks.segments[i] = replace(marks.segments[i], mark=Mark(letter.x, letter.y - 110, letter.ink))
    kept = [digit for digit, no in zip(marks.digits, words_beside(marks, refused)[0], strict=True) if not no]
    assert kept == list("846")


def test_a_digit_alone_beside_words_counts_where_there_is_a_number_beside_others():
    words = row("xxxx", 0, 20)
    marks, refused = asked([*words, *row("57", 200, 40)], [*words, *row("5", 200, 40)], row("xxxx", 0, 20))
    found = words_beside(marks, refused)[0]
    assert found.tolist() == refused.tolist()


def test_a_number_beside_words_is_believed_whatever_else_is_on_the_page():
    """Of few digits it is not, nor of strokes and rings."""
    page = [row("xxxxxxx", 0, 20)] * 3 + [[("x", 0, 90)]]

    def believed(number):
        marks, refused = asked(*page, [*row("xxxxx", 0, 20), *row(number, 200, 36)])
        words, numbers = words_beside(marks, refused)
        kept = np.flatnonzero(~words)
        marks = Asked([marks.segments[i] for i in kept], [marks.digits[i] for i in kept], marks.sure[kept])
        return not disbelieved(marks, refused[kept], (), numbers[kept])[-len(number) :].any()

    assert believed("401")
    assert not believed("41")
    assert not believed("101")


def test_a_heading_some_letters_of_which_look_like_digits_is_no_number_above_a_list():
    heading = [(letter, 40 * i, 40, 0.99, 36) for i, letter in enumerate("59x17")]
    lines = [[*row("xxxx", 0, 30), *row("204", 300, 50)], [*row("xxxx", 0, 30), *row("66", 300, 50)]]
    marks, refused = asked(heading, *lines)
    words, numbers = words_beside(marks, refused)
    kept = np.flatnonzero(~words)
    marks = Asked([marks.segments[i] for i in kept], [marks.digits[i] for i in kept], marks.sure[kept])
    gone = disbelieved(marks, refused[kept], (), numbers[kept])
    assert "".join(marks.digits[i] for i in np.flatnonzero(~gone)) == "20466"
    assert not disbelieved(*asked(heading), ())[:2].any()  # alone it would be


def test_two_ways_agree_if_both_see_surely_the_same_digit_at_the_same_place(mnist):
    reader = Reader(load_reader())

    def seen(index, x, find=None):
        greys = np.random.default_rng(x).normal(215, 3, (500, 700))
        digit = cv2.resize(mnist.test.images[index], (150, 150), interpolation=cv2.INTER_CUBIC)
        greys[150:300, x : x + 150] *= 1 - 0.7 * digit.clip(0, 255) / 255
        return reader.see(follow(greys.clip(0, 255).astype(np.uint8), find=find))

    one = seen(2, 100)  # a 1, which many things look like
    assert one.agrees(seen(2, 101))
    assert not one.agrees(seen(2, 400))
    assert not one.agrees(seen(0, 100))
    assert not one.agrees(reader.see(follow(np.full((500, 700), 215, np.uint8))))


@pytest.mark.parametrize("doubtful", [True, False])
@pytest.mark.parametrize(("places", "text"), [([300], ""), ([300, 100], ""), ([300, 301], "1")])
def test_a_lone_stroke_that_is_not_seen_at_once_is_read_if_two_ways_see_it(
    places, text, doubtful, monkeypatch
):
    empty = np.full((500, 700), 215, np.uint8)

    def others(*asked):
        for x in places:
            greys = empty.copy()
            cv2.line(greys, (x, 150), (x, 330), 70, 12, cv2.LINE_AA)
            yield Other(follow(greys), doubtful)

    monkeypatch.setattr("byhand.reading.others_of", others)
    assert read(empty)[0].text == text


def test_a_line_is_a_number_beside_letters_only_if_half_of_it_is_surely_digits():
    """Of "agenda milk" in bold italics some letters are surely digits, and the others may be some."""
    letters = [("x", 100 + 50 * i, 46) for i in range(16)]
    sureness = [0.99, 0.99, 0.77, 0.62, 0.99, 0.83, 0.57, 0.99, 0.61, 0.82, 0.99, 0.99, 0.7]
    line = [
        (digit, 50 * i, 46, sure)
        for i, (digit, sure) in enumerate(zip("2963702174113", sureness, strict=True))
    ]
    surer = [(digit, x, height, 0.99 if x == 100 else sure) for digit, x, height, sure in line]
    for marks, believed in [(line, False), (surer, True)]:
        seen, refused = asked(marks, letters)
        assert (~disbelieved(seen, refused, [])[:13]).all() == believed
