import math

import cv2
import numpy as np
import pytest
from helpers import few_examples

from byhand.datasets.hands import DRAWN, NONE, PARTS, SHARES, TURNS, for_other_hands
from byhand.datasets.pens import HABITS, MEDIA, a_hand, a_pen, drawn_anew, inside_of, reinked, rings, running
from byhand.errors import SettingError


@pytest.fixture(scope="module")
def digits(small):
    return small.train.take(np.arange(160))


@pytest.fixture(scope="module")
def examples(digits):
    return for_other_hands(digits, np.random.default_rng(0))


def test_the_digits_come_as_they_are_and_twice_more_then_drawn_ones_then_parts_then_what_is_none(
    digits, examples
):
    np.testing.assert_array_equal(examples.images[:160], digits.images)
    np.testing.assert_array_equal(examples.labels[:480], np.tile(digits.labels, 3))
    parts = round(160 * PARTS)
    drawn = 480 + round(160 * DRAWN)
    np.testing.assert_array_equal(examples.labels[480:drawn], np.arange(drawn - 480) % 10)
    assert (examples.labels[drawn + parts :] == NONE).all()
    assert (examples.labels[drawn : drawn + parts] == NONE).sum() == parts // 2
    assert len(examples) == drawn + parts + sum(round(160 * share) for share in SHARES.values())
    assert examples.images.shape[1:] == (28, 28)


def test_the_same_seed_gives_the_same_examples_whatever_the_threads_do(digits, examples):
    again = for_other_hands(digits, np.random.default_rng(0))
    np.testing.assert_array_equal(again.images, examples.images)
    other = for_other_hands(digits, np.random.default_rng(1))
    assert (other.images[160:] != examples.images[160:]).any(axis=(1, 2)).mean() > 0.9


def test_digits_drawn_anew_have_other_strokes_and_are_in_the_middle_as_mnists_are(digits):
    drawn = reinked(digits, np.random.default_rng(0)).astype(float)
    assert (drawn.max(axis=(1, 2)) > 200).all()
    places = np.arange(28)
    edges = drawn.copy()
    edges[:, 1:-1, 1:-1] = 0
    whole = ~edges.any(axis=(1, 2))  # a long tail may be cut off by the edge
    assert whole.mean() > 0.9
    for axis in (1, 2):
        ink = drawn.sum(axis=3 - axis)
        assert np.abs(ink @ places / ink.sum(axis=1) - 14)[whole].max() < 0.5
    ratio = drawn.sum(axis=(1, 2)) / digits.images.sum(axis=(1, 2))
    assert np.quantile(ratio, 0.1) < 0.9
    assert np.quantile(ratio, 0.9) > 1.2


def test_most_digits_drawn_anew_still_look_like_themselves(digits, model):
    """To a network that never saw such."""
    right = model.predict(reinked(digits, np.random.default_rng(0))) == digits.labels
    assert right.mean() > 0.8 * (model.predict(digits.images) == digits.labels).mean()


@pytest.mark.parametrize("medium", MEDIA, ids=lambda medium: medium.__name__)
def test_no_medium_loses_the_ink_or_has_any_on_bare_paper(medium, digits):
    ink = np.repeat(np.repeat(digits.images[0], 4, axis=0), 4, axis=1)
    for seed in range(20):
        carried = medium(ink, np.random.default_rng(seed))
        assert carried.dtype == np.uint8
        assert carried.max() > 127
        assert not medium(np.zeros_like(ink), np.random.default_rng(seed)).any()


def test_a_hand_that_presses_draws_a_stroke_broader_at_one_end_than_at_the_other():
    line = np.zeros((160, 60), np.uint8)
    line[20:140, 24:36] = 1

    def uneven(seed):
        widths = (a_pen(np.random.default_rng(seed))(line) > 127).sum(axis=1)
        assert (widths[25:135] > 0).all()
        return abs(int(widths[30]) - int(widths[130]))

    differences = np.array([uneven(seed) for seed in range(100)])
    assert 0.5 < (differences == 0).mean() < 0.8
    assert differences.max() >= 5


def test_most_hands_lean_little_and_some_far():
    line = np.zeros((160, 40), np.uint8)
    line[20:140, 14:26] = 1
    rng = np.random.default_rng(0)
    leans = []
    for _ in range(300):
        columns = np.argmax(a_hand(rng)(line), axis=1)
        leans.append(abs(math.degrees(math.atan2(int(columns[139]) - int(columns[20]), 119))))
    assert np.median(leans) < 10
    assert 0.005 < np.mean(np.array(leans) > 28) < 0.06
    assert max(leans) < 42


def test_a_page_without_ink_stays_without(digits):
    assert not drawn_anew(np.zeros((28, 28), np.uint8), 1, np.random.default_rng(0)).any()


def test_a_ring_that_was_not_closed_is_still_one_piece_and_most_of_its_ink_is_there(digits):
    opened = 0
    for image in digits.images[np.isin(digits.labels, [0, 6, 8, 9])][:40]:
        inside = inside_of(image)
        for seed in range(20):
            ring = inside.copy()
            HABITS[0](ring, np.random.default_rng(seed))
            assert (ring <= inside).all()
            if (ring != inside).any():
                opened += 1
                assert ring.sum() > 0.75 * inside.sum()
                assert cv2.connectedComponents(ring)[0] == 2
    assert 0.03 * 800 < opened < 0.2 * 800


@pytest.mark.parametrize("label", [1, 7])
def test_digits_in_pieces_and_specks_are_drawn_anew_too(label):
    """However little there is to hang an upstroke or a bar on."""
    pieces = np.zeros((3, 28, 28), np.uint8)
    pieces[0, [4, 5, 12, 13, 22, 23], 14:17] = 255
    pieces[1, 5:8, 9:12] = pieces[1, 18:25, 12:15] = 255
    pieces[2, 14, 14] = 255
    for image in pieces:
        for seed in range(60):
            drawn_anew(image, label, np.random.default_rng(seed))


def test_no_digit_is_turned_into_another():
    """6 and 9, 0 and 8 stay digits however they lie; 2 and 5 do on their heads; and 1 is a slanted 1."""
    assert not {0, 1, 6, 8, 9} & set(TURNS)
    assert 180 not in TURNS[2] + TURNS[5]


def test_what_are_no_digits_of_28x28_is_refused():
    for wrong in (few_examples(3, (8, 8)), few_examples(50, (28, 28), 20)):
        with pytest.raises(SettingError, match="mnist"):
            for_other_hands(wrong, np.random.default_rng(0))


def test_ink_runs_into_corners_takes_a_fine_pixel_away_at_most_and_closes_no_ring(digits):
    rng = np.random.default_rng(0)
    added = 0
    for image in digits.images[:100]:
        inside = inside_of(image)
        full = running(inside, rng)
        assert full.shape == inside.shape
        assert (cv2.dilate(full, np.ones((3, 3), np.uint8)) >= inside).all()
        assert rings(full) == rings(inside)
        added += np.count_nonzero(full != inside)
    assert added > 0


def test_the_corner_between_two_strokes_fills_as_often_as_it_says():
    """A narrow wedge, as between the upstroke and the stem of a 1."""
    wedge = np.zeros((80, 40), np.uint8)
    for row in range(60):
        wedge[10 + row, [19 - row // 6, 20]] = 1
    rng = np.random.default_rng(0)
    filled = [running(wedge, rng).sum() > wedge.sum() for _ in range(300)]
    assert 0.3 < np.mean(filled) < 0.5
    assert {int(pixel) for pixel in np.unique(running(wedge, rng))} <= {0, 1}
