"""Which ink makes one digit, with probabilities that are made up."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

import byhand
from byhand.images import Mark, PictureForm, cutting
from byhand.reading.choosing import _as_elsewhere, choose_segments
from byhand.refusal import Refusal


def choose(lines, ask):
    """The best reading of these lines, by what the network would say."""
    return choose_segments(lines, ask, Refusal(), PictureForm(), plain=[0, 1])


def bar(x, height=100, width=14):
    return Mark(x, 0, np.ones((height, width), np.float32))


def told_by_width(images):
    """A 1 that is sure for what is narrow, a 7 that is not so sure for what is wide."""
    answers = np.full((len(images), 11), 0.001, np.float32)
    wide = (images > 100).any(axis=1).sum(axis=1) > 11
    answers[wide, 7], answers[wide, 10] = 0.7, 0.29
    answers[~wide, 1] = 0.99
    return answers


def arch(width, left=1.0):
    """A stem of 100 rows on the right, one of this share of them on the left, and what joins them."""
    ink = np.zeros((100, width), np.float32)
    stem = round(0.4 * width)
    ink[:, -stem:], ink[: round(100 * left), :stem], ink[10:14] = 1, 1, 1
    mark = Mark(100, 0, ink)
    assert cutting(mark).pieces > 1
    return mark


def read_with(mark, ask=told_by_width):
    """What is read of two bars, the mark and one bar more; without what is none."""
    line = [bar(0), bar(40), mark, bar(260)]
    chosen = choose([line], ask)
    best = [int(segment.probabilities.argmax()) for segment in chosen]
    return [label for label in best if label < 10]


def test_a_disc_is_not_cut():
    """A magnet on a board is no 1 and 3."""
    ink = np.zeros((100, 100), np.float32)
    cv2.circle(ink, (50, 50), 49, 1, -1)
    cv2.circle(ink, (38, 36), 12, 0, -1)  # its highlight
    assert cutting(Mark(100, 0, ink)).pieces > 1

    def ask(images):
        """What is as wide as a disc is none, and all else is surely a 1."""
        narrow = (images > 100).any(axis=1).sum(axis=1) < 19
        answers = np.full((len(images), 11), 0.001, np.float32)
        answers[narrow, 1] = answers[~narrow, 10] = 0.99
        return answers

    assert read_with(Mark(100, 0, ink), ask) == [1, 1, 1]


def test_a_short_bit_of_a_digit_is_no_digit_of_its_own():
    """Digits of a line are alike in size: a bit that looks like a 1 is not cut off, a whole 1 is."""
    assert read_with(arch(96, left=0.3)) == [1, 1, 7, 1]
    assert read_with(arch(96)) == [1, 1, 1, 1, 1]


def test_a_mark_much_narrower_than_high_is_two_digits_only_if_both_are_as_high_as_the_others():
    """In a number, a 1 and a 7 that touch may be that narrow; an h with one short leg is none of that."""
    assert read_with(arch(60, left=0.7)) == [1, 1, 7, 1]
    assert read_with(arch(60, left=0.95)) == [1, 1, 1, 1, 1]
    assert read_with(arch(76)) == [1, 1, 1, 1, 1]


def test_a_mark_much_narrower_than_high_is_two_digits_wherever_these_are_surely_no_ones_and_no_noughts():
    """Two times two 7 that touch, not quite as high as others; in ll or lo there are strokes and rings."""

    def halves(label):
        """Halves of the mark are surely this digit, and all else is none."""

        def ask(images):
            answers = np.full((len(images), 11), 0.001, np.float32)
            narrow = (images > 100).any(axis=1).sum(axis=1) < 13
            answers[narrow, label] = answers[~narrow, 10] = 0.99
            return answers

        return ask

    for height, label, read in [(120, 7, 6), (200, 7, 2), (120, 1, 2), (120, 0, 2)]:
        bars = [bar(0, height), bar(40, height)]
        line = [*bars, arch(76, 0.95), replace(arch(76, 0.95), x=260)]
        best = [int(segment.probabilities.argmax()) for segment in choose([line], halves(label))]
        assert [digit for digit in best if digit < 10] == [label] * read, (height, label)


def test_alone_in_its_line_a_narrow_mark_is_two_digits_if_those_of_other_lines_are_sure():
    for other, read in [(bar(0), [1, 1, 1, 1]), (bar(0, width=80), [7, 7, 7])]:
        lines = [[other], [replace(other, y=200)], [replace(arch(60), y=400)]]
        chosen = choose(lines, told_by_width)
        assert [int(segment.probabilities.argmax()) for segment in chosen] == read


def chain(count):
    """So many bars with gaps as wide, all of them joined by a line."""
    ink = np.zeros((100, 80 * count - 40), np.float32)
    for left in range(0, ink.shape[1], 80):
        ink[:, left : left + 40] = 1
    ink[48:52] = 1
    return Mark(100, 0, ink)


def bars_are(label, sure):
    """What is no wider than a bar is this digit, and all else is none."""

    def ask(images):
        answers = np.full((len(images), 11), 0.001, np.float32)
        narrow = (images > 100).any(axis=1).sum(axis=1) < 13
        answers[narrow, label], answers[narrow, 10] = sure, 1 - sure
        answers[~narrow, 10] = 0.99
        return answers

    return ask


@pytest.mark.parametrize(
    ("label", "sure", "count", "read"),
    [(7, 0.95, 8, 8), (7, 0.85, 8, 0), (7, 0.905, 2, 0), (1, 0.99, 8, 0), (0, 0.99, 8, 0)],
)
def test_where_nothing_else_is_a_digit_a_long_mark_is_many_if_all_are_sure_and_no_strokes(
    label, sure, count, read
):
    """A word cut often looks like strokes and rings, or like digits that are not sure."""
    best = [int(one.probabilities.argmax()) for one in choose([[chain(count)]], bars_are(label, sure))]
    assert [digit for digit in best if digit < 10] == [label] * read


def test_a_long_mark_is_none_if_a_part_of_it_is_refused_though_all_others_are_sure():
    def odd_one(images):
        answers = bars_are(7, 0.999)(images)
        broad = (images > 100).any(axis=1).sum(axis=1)
        odd = (broad >= 13) & (broad < 18)
        answers[odd, 7], answers[odd, 10] = 0.3, 0.69
        return answers

    for width, read in [(40, 8), (75, 0)]:
        ink = np.pad(chain(8).ink, ((0, 0), (0, width)))
        ink[:, 80 * 7 : 80 * 7 + width] = 1  # the last bar
        best = [int(one.probabilities.argmax()) for one in choose([[Mark(100, 0, ink)]], odd_one)]
        assert [digit for digit in best if digit < 10] == [7] * read


def test_where_nearly_all_else_is_digits_a_long_mark_is_many_though_they_are_less_sure():
    ask = bars_are(7, 0.85)

    def sure_ones(images):
        """The same, but the bars by themselves, which are not as broad, are surely digits."""
        answers = ask(images)
        thin = (images > 100).any(axis=1).sum(axis=1) < 7
        answers[thin] = 0.001
        answers[thin, 3] = 0.99
        return answers

    line = replace(chain(8), y=300)
    for others, read in [([bar(0), bar(40), bar(80), bar(120)], 8), ([bar(0), replace(chain(8), x=200)], 0)]:
        lines = [others, [line]]
        chosen = choose(lines, sure_ones)
        best = [int(one.probabilities.argmax()) for one in chosen if one.line == 1]
        assert [digit for digit in best if digit < 10] == [7] * read


def ones_or_none(images):
    """What is narrow is surely a 1, what is wide is none."""
    answers = told_by_width(images)
    answers[answers[:, 7] > 0.5] = np.where(np.arange(11) == 10, 0.99, 0.001)
    return answers


def test_a_stem_as_high_as_a_digit_is_none_if_what_else_the_mark_has_is_not():
    """A letter with a stem, such as an h, is no 1 with something beside it."""
    assert read_with(arch(60, left=0.3), ones_or_none) == [1, 1, 1]
    assert read_with(arch(60), ones_or_none) == [1, 1, 1, 1, 1]


def test_beside_lines_of_digits_a_single_mark_is_cut_cheaply_and_a_word_is_not():
    digits = [bar(0), bar(40), bar(80)]
    for others, read in [([arch(100)], 2), ([arch(100), replace(arch(100), x=300)], 0)]:
        line = [replace(mark, y=300) for mark in others]
        chosen = choose([digits, line], ones_or_none)
        assert sum(c.line == 1 and c.probabilities.argmax() == 1 for c in chosen) == read


def test_where_all_digits_touch_those_that_are_found_first_help_to_find_the_others():
    """A pair alone is none: to cut it costs more than that. Beside three that were found it is two ones."""

    def joined_bars(x, count):
        ink = np.zeros((100, 75 * count - 55), np.float32)
        for left in range(0, 75 * count, 75):
            ink[:, left : left + 20] = 1
        ink[10:24] = 1
        return Mark(x, 0, ink)

    def read(line):
        chosen = choose([line], ones_or_none)
        return [label for label in (int(c.probabilities.argmax()) for c in chosen) if label < 10]

    pair, three = joined_bars(400, 2), joined_bars(0, 3)
    assert read([pair]) == []
    assert read([three]) == [1, 1, 1]
    assert read([three, pair]) == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(("sure", "height"), [(20, 80), (60, 60)])
def test_a_line_with_few_sure_marks_is_as_high_as_others_unless_those_are_nearly_so(sure, height):
    line = [bar(0, height=sure), bar(40, height=30), bar(80, height=85)]
    assert _as_elsewhere(line, np.array([True, False, False]), sure, 80) == height


def test_among_what_is_not_surely_a_digit_two_digits_are_as_wide_as_high():
    """There it may be a letter."""
    for width, read in [(94, [1, 7, 7, 7]), (96, [1, 7, 7, 1, 1])]:
        line = [bar(-200), bar(-170, width=80), bar(-60, width=80), arch(width)]
        chosen = choose([line], told_by_width)
        assert [int(segment.probabilities.argmax()) for segment in chosen] == read


def test_a_bit_of_a_neighbour_is_cut_off_from_a_narrow_digit():
    """What is left has nearly all of the ink."""
    mark = arch(60)
    mark.ink[:, :24] = 0
    mark.ink[40:60, :20] = mark.ink[48:52] = 1

    def ask(images):
        answers = told_by_width(images)
        answers[answers[:, 7] > 0.5] = np.where(np.arange(11) == 10, 0.99, 0.001)
        return answers

    assert read_with(mark, ask) == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "marks, surely, is_cut",
    [(6, 0, True), (20, 1, False), (20, 5, True), (90, 20, False), (90, 60, True)],
)
def test_nothing_is_cut_where_hardly_a_mark_is_surely_a_digit_as_in_dust_and_on_a_page_of_print(
    marks, surely, is_cut
):
    ink = np.zeros((100, 60), np.float32)
    ink[:, 40:], ink[:, :12], ink[10:14] = 1, 1, 1
    line = [bar(100 * i) if i < surely else Mark(100 * i, 0, ink) for i in range(marks)]
    asked = []

    def ask(images):
        asked.append(len(images))
        return told_by_width(images)

    choose([line], ask)
    assert (sum(asked) > marks) == is_cut


@pytest.mark.parametrize(("begin", "end"), [(195, 290), (215, 330), (230, 380)])
@pytest.mark.parametrize("pen", [10, 22])
def test_a_bar_put_beside_a_5_is_part_of_it_however_long_and_however_often_the_rest_could_be_cut(
    begin, end, pen
):
    page = np.full((420, 560), 255, np.uint8)
    belly = [(165, 135), (152, 187), (230, 192), (275, 225), (282, 265), (255, 293), (200, 302), (110, 270)]
    cv2.polylines(page, [np.array(belly)], False, 0, pen, cv2.LINE_AA)
    cv2.line(page, (begin, 130), (end, 122), 0, pen, cv2.LINE_AA)
    [reading] = byhand.read(page)
    assert reading.lines == ("5",)
    assert len(reading.digits) == 1
