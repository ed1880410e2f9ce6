"""What is believed of digits that were seen, for what else is on the picture."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from byhand.images import Mark
from byhand.reading.asked import Asked
from byhand.reading.belief import disbelieved
from byhand.reading.choosing import Chosen

NONE = "x"  # a mark that is no digit, such as a letter


def mark(x, y, width, height):
    return Mark(x, y, np.ones((height, width), np.float32))


def asked(*lines):
    """Marks in lines, each (its digits, how high they are, how sure); beside each other, 400 pixels apart."""
    segments, digits, sure, refused = [], "", [], []
    for number, (text, height, probability) in enumerate(lines):
        for i, digit in enumerate(text):
            box = mark(100 + height * i, 100 + 400 * number, max(4, height // 2), height)
            segments.append(Chosen(box, np.zeros((28, 28), np.uint8), np.zeros(11), number))
            digits += digit if digit != NONE else "4"
            sure.append(probability if digit != NONE else 0.0)
            refused.append(digit == NONE)
    return Asked(segments, digits, np.array(sure)), np.array(refused)


def believed(*lines, cut_off=()):
    """The lines with what is believed of them."""
    marks, refused = asked(*lines)
    answer = iter(disbelieved(marks, refused, cut_off).tolist())
    return ["".join(digit for digit in text if not next(answer)) for text, _, _ in lines]


def test_sure_digits_are_believed():
    assert believed(("2047", 60, 0.99), ("11", 60, 0.99), ("4", 60, 0.99)) == ["2047", "11", "4"]


@pytest.mark.parametrize(
    ("finger", "text"),
    [((500, 0, 200, 200), "7"), ((160, 90, 200, 200), "")],  # far away, and beside it
)
def test_what_the_border_cuts_off_is_no_part_of_writing_that_is_far_from_it(finger, text):
    assert believed(("7", 60, 0.99), cut_off=[mark(*finger)]) == [text]


def test_a_tick_before_a_number_is_no_1_but_a_1_is():
    marks, refused = asked(("2047", 100, 0.99))
    for height, ticked in ((40, True), (80, False)):
        one = Chosen(mark(40, 160, 6, height), np.zeros((28, 28), np.uint8), np.zeros(11), 0)
        more = Asked([one, *marks.segments], "1" + marks.digits, np.array([0.99, *marks.sure]))
        assert disbelieved(more, np.array([False, *refused]), []).tolist() == [ticked, *refused]


def test_several_ones_as_large_as_the_digits_far_beside_them_are_a_number():
    """Such as "11      29"; longer ones may be edges, and so may a single one of another pen."""
    cases = [
        ("11", 60, 20, 0.99, "11"),
        ("11", 60, 8, 0.99, "11"),
        ("1", 60, 20, 0.99, "1"),
        ("1", 60, 8, 0.99, ""),
        ("1", 60, 40, 0.99, ""),
        ("1", 60, 20, 0.9, ""),
        ("11", 90, 20, 0.99, ""),
        ("11", 45, 20, 0.99, ""),
        ("11", 60, 20, 0.9, ""),
    ]
    for ones, height, width, sure, kept in cases:
        marks, refused = asked((ones + "29", 60, 0.99))
        segments = [
            replace(
                one,
                mark=mark(100 + 40 * i, 100, width, height)
                if i < len(ones)
                else mark(460 + 40 * i, 100, 20, 60),
            )
            for i, one in enumerate(marks.segments)
        ]
        probabilities = np.array([sure] * len(ones) + [0.99, 0.99])
        answer = disbelieved(replace(marks, segments=segments, sure=probabilities), refused, [])
        assert "".join(digit for digit, no in zip(marks.digits, answer, strict=True) if not no) == kept + "29"


def test_short_numbers_one_below_the_other_are_believed_beside_a_row_of_icons():
    icons = (NONE * 6, 70, 0.0)
    assert believed(icons, ("05", 60, 0.99), ("42", 60, 0.99)) == ["", "05", "42"]
    assert believed(icons, ("05", 60, 0.99)) == ["", ""]
    assert believed(icons, ("05", 60, 0.9), ("42", 60, 0.9)) == ["", "", ""]
    assert believed(icons, ("10", 60, 0.99), ("01", 60, 0.99)) == ["", "", ""], "strokes and rings"


def test_among_small_print_a_large_number_is_believed_and_what_looks_like_one_in_the_print_is_not():
    words = (NONE * 12, 25, 0.0), ("0005" + NONE + "80", 25, 0.99)
    assert believed(*words, ("04", 80, 0.99)) == ["", "", "04"]
    assert believed(words[0], ("04", 40, 0.99)) == ["", ""], "as large as the print"


def test_holes_and_ticks_are_no_numbers_beside_larger_digits():
    assert believed(("000000", 18, 0.95), ("7", 60, 0.99))[0] == ""
    assert believed(("111", 20, 0.95), ("2047", 60, 0.99)) == ["", "2047"]
    assert believed(("000", 50, 0.95), ("2047", 60, 0.99)) == ["000", "2047"]


def test_many_guesses_in_a_line_are_no_number_beside_a_sure_one():
    """Such as the rings of a spiral binding."""
    assert believed(("444141", 60, 0.7), ("2047", 60, 0.99)) == ["", "2047"]
    assert believed(("444", 60, 0.7), ("2047", 60, 0.99)) == ["444", "2047"]
    assert believed(("444141", 60, 0.82), ("2047", 60, 0.99)) == ["444141", "2047"]
    assert believed(("444141", 60, 0.78), ("2047", 60, 0.9)) == ["444141", "2047"], "no sure one"
    marks, refused = asked(("2047", 60, 0.99), ("3168", 60, 0.99))
    one_guess = replace(marks, sure=np.where(np.arange(8) == 2, 0.5, marks.sure))
    assert not disbelieved(one_guess, refused, []).any()


def test_edges_are_no_numbers_beside_smaller_digits():
    assert believed(("71", 200, 0.9), ("2047", 60, 0.99)) == ["", "2047"]
    assert believed(("75", 200, 0.9), ("2047", 60, 0.99)) == ["75", "2047"]
    assert believed(("71", 80, 0.9), ("2047", 60, 0.99)) == ["71", "2047"]


def test_strokes_beside_what_is_no_digit_are_its_pieces_and_no_line():
    assert believed(("1" + NONE + "1", 60, 0.99), ("2047", 60, 0.99), ("2047", 60, 0.99))[0] == ""
    assert believed(("3" + NONE + "3", 60, 0.99), ("2047", 60, 0.99), ("2047", 60, 0.99))[0] == "33"


def test_a_line_that_is_not_credible_by_itself_is_none_beside_others():
    assert believed(("38", 60, 0.4), ("2047", 60, 0.99), ("2047", 60, 0.99))[0] == ""
    assert believed(("38", 60, 0.6), ("2047", 60, 0.99), ("2047", 60, 0.99))[0] == "38"


def test_filled_ovals_are_no_zeros_and_do_not_count_against_the_others():
    marks, refused = asked(("0", 60, 0.99), ("2047", 60, 0.99))
    oval = np.zeros((60, 56), np.float32)
    cv2.ellipse(oval, (28, 30), (27, 29), 0, 0, 360, 1, -1)
    marks.segments[0] = replace(marks.segments[0], mark=Mark(100, 100, oval))
    assert disbelieved(marks, refused, ()).tolist() == [True, False, False, False, False]


def disc(size, hole=0):
    ink = np.zeros((size, size), np.float32)
    middle = size // 2
    cv2.circle(ink, (middle, middle), middle - 1, 1, -1)
    cv2.circle(ink, (middle - size // 8, middle - size // 8), hole, 0, -1)
    return ink


def test_a_magnet_or_a_pin_does_not_count_against_a_number():
    marks, refused = asked((NONE, 60, 0.0), ("204", 60, 0.99))
    assert disbelieved(marks, refused, ()).all()
    marks.segments[0] = replace(marks.segments[0], mark=Mark(100, 100, disc(60)))
    assert disbelieved(marks, refused, ()).tolist() == [True, False, False, False]


def test_round_rings_each_in_a_line_of_its_own_and_nothing_else_are_coins_and_zeros_are_not():
    """Zeros are higher than wide."""
    assert believed(("0", 60, 0.99), ("0", 60, 0.99)) == ["0", "0"]
    marks, refused = asked(("0", 60, 0.99), ("0", 60, 0.99), ("4", 60, 0.99))
    for i in (0, 1):
        ring = marks.segments[i].mark
        marks.segments[i] = replace(
            marks.segments[i], mark=Mark(ring.x, ring.y, np.ones((60, 58), np.float32))
        )
    assert disbelieved(marks, refused, ()).tolist() == [False] * 3
    coins = Asked(marks.segments[:2], "00", marks.sure[:2])
    assert disbelieved(coins, refused[:2], ()).tolist() == [True, True]


def test_a_line_of_mostly_ones_beside_what_is_no_digit_is_a_word():
    number = ("2047", 60, 0.99), ("2047", 60, 0.99)
    assert believed(("2" + NONE + "1101", 60, 0.99), *number)[0] == ""
    assert believed(("21101", 60, 0.99), *number)[0] == "21101"
    assert believed(("2" + NONE + "1401", 60, 0.99), *number)[0] == "21401", "less than half of them"


def test_more_ones_than_a_number_has_digits_are_a_bar_code():
    assert believed(("2047", 60, 0.99), ("1" * 20, 60, 0.99)) == ["2047", ""]
    assert believed(("2047", 60, 0.99), ("1" * 8, 60, 0.99)) == ["2047", "1" * 8]


@pytest.mark.parametrize(
    ("height", "sure", "text"), [(110, 0.92, ""), (110, 0.99, "6"), (80, 0.92, "6"), (40, 0.92, "6")]
)
def test_a_digit_alone_that_is_not_sure_and_much_larger_than_the_others_is_a_thing(height, sure, text):
    assert believed(("8866", 62, 0.99), ("6", height, sure)) == ["8866", text]
    assert believed(("886", 62, 0.99), ("6", height, sure)) == ["886", "6"]
