"""The generator of test photographs and the score: pictures are as their truth says, and seeds are kept."""

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")
sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.reading.layout import Spacing, written
from benchmarks.reading.pictures import (
    DIFFICULTIES,
    KINDS,
    draw_levels,
    photograph,
    photographs,
    singles,
    strangers,
)
from benchmarks.reading.score import Tally, edits, in_common
from benchmarks.reading.sheets import put_into
from benchmarks.reading.strokes import rings_of, stroke, thin


@pytest.fixture(scope="module")
def pictures():
    return list(photographs(4, 5, ("plain", "blackboard", "tilt", "several lines"), mnist=1.0))


def test_a_picture_has_the_numbers_and_the_boxes_that_its_truth_says(pictures):
    for picture in pictures:
        height, width, colours = picture.image.shape
        assert colours == 3
        assert 0.35e6 < height * width < 1.7e6
        assert 1 <= len(picture.lines) <= 5
        assert [len(boxes) for boxes in picture.boxes] == [len(line) for line in picture.lines]
        assert all(1 <= len(line) <= 8 and line.isdigit() for line in picture.lines)
        for x, y, w, h in (box for line in picture.boxes for box in line):
            assert 0 <= x < x + w <= width
            assert 0 <= y < y + h <= height
        assert set(picture.levels) <= set(DIFFICULTIES)


def test_there_is_ink_in_each_box_and_none_far_from_all(pictures):
    picture = pictures[0]
    greys = picture.image.astype(float).mean(axis=2)
    paper = np.median(greys)
    for x, y, w, h in (box for line in picture.boxes for box in line):
        assert greys[y : y + h, x : x + w].min() < paper - 60


def test_the_same_seed_gives_the_same_bytes_however_many_are_made(pictures):
    *_, again = photographs(2, 5, ("plain", "blackboard", "tilt", "several lines"), mnist=1.0)
    np.testing.assert_array_equal(again.image, pictures[1].image)
    assert again.truth == pictures[1].truth
    [other] = photographs(1, 6, ("plain",), mnist=1.0)
    assert other.image.shape != pictures[0].image.shape or (other.image != pictures[0].image).any()


def test_a_kind_has_its_difficulty_and_a_plain_picture_no_great_one():
    rng = np.random.default_rng(0)
    for kind in DIFFICULTIES:
        assert draw_levels(rng, kind)[kind] >= 2
    assert max(draw_levels(rng, "plain").values()) <= 1
    assert len(set(KINDS)) == len(KINDS)


def test_digits_touch_when_they_are_to_and_only_then():
    strokes = [[stroke("mnist", i) for i in range(6)]]
    apart = written(strokes, 60, 5, Spacing(), np.random.default_rng(0))
    assert not any(placed.touches for placed in apart)
    close = written(strokes, 60, 5, Spacing(touching=1.0), np.random.default_rng(0))
    assert sum(placed.touches for placed in close) >= 4
    assert close[-1].x < apart[-1].x


def test_a_stroke_is_drawn_by_any_pen_and_never_breaks():
    from scipy.ndimage import label

    seven = stroke("mnist", 0)
    assert seven.label == 7
    areas = [(seven.drawn(pen) > 0).sum() for pen in (0.01, 0.03, 0.06)]
    assert areas == sorted(areas)
    assert label(seven.drawn(0.01) > 0, np.ones((3, 3)))[1] == 1


def test_no_pen_closes_a_ring_or_opens_one():
    """Else a 5 would be an 8, and no reader could be right."""
    for index in range(60):
        digit = stroke("mnist", index)
        rings = rings_of(digit.edge > 0)
        assert {rings_of(digit.drawn(pen) > 0) for pen in (0.01, 0.03, 0.06, 0.12)} == {rings}


def test_digits_are_traced_with_the_rings_that_they_have():
    """At 8x8 pixels the gap in a 5 is nearly as dark as its ink, and so is what is within a small 8."""
    pytest.importorskip("sklearn")
    for hand in ("mnist", "sklearn"):
        traced = [stroke(hand, index) for index in range(80)]
        rings = {label: [rings_of(s.edge > 0) for s in traced if s.label == label] for label in range(10)}
        assert all(set(rings[label]) == {0} for label in (1, 3, 5, 7))
        assert all(max(rings[label]) <= 1 for label in (2, 4, 6, 9))
        assert 2 in rings[8] and 1 in rings[9]


def test_thinning_leaves_lines_one_pixel_wide():
    bar = np.zeros((20, 40), bool)
    bar[6:14, 5:35] = True
    line = thin(bar)
    assert line.any()
    assert line.sum(axis=0).max() <= 2
    assert not (line & ~bar).any()


def test_single_digits_are_of_any_size_and_pictures_without_digits_have_no_text():
    made = list(singles(6, 0))
    assert {picture.kind for picture in made} == {"drawing", "snapshot"}
    heights = [picture.boxes[0][0][3] for picture in made]
    assert min(heights) >= 5
    assert len({len(picture.lines) for picture in made}) == 1
    assert all(picture.lines == () for picture in strangers(6, 0))


def test_sklearns_digits_are_written_too():
    pytest.importorskip("sklearn")
    picture = photograph(np.random.default_rng(0), "plain", "sklearn")
    assert picture.hand == "sklearn"
    assert picture.lines


@pytest.mark.parametrize(
    ("truth", "read", "count"),
    [
        ("2047", "2047", 0),
        ("2047", "204", 1),
        ("2047", "2147", 1),
        ("", "12", 2),
        ("12", "", 2),
        ("12", "21", 2),
    ],
)
def test_edits_are_the_fewest(truth, read, count):
    assert edits(truth, read) == count


def test_a_number_is_right_when_all_of_it_is_and_in_its_order():
    assert in_common(["12", "34", "56"], ["12", "3", "56"]) == 2
    assert in_common(["12", "34"], ["34", "12"]) == 1
    tally = Tally()
    tally.add(["12", "34"], ["12", "35"], 10.0)
    tally.add(["7"], ["123456"], 20.0)
    summary = tally.summary()
    assert summary["digits"] == pytest.approx(1 - 2 / 5)
    assert summary["numbers"] == pytest.approx(1 / 3)
    assert summary["median_ms"] == 15


def test_a_score_is_put_between_its_marks_and_nothing_else_changes(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- score -->\nold\n<!-- end of score -->\n\nafter\n")
    put_into(page, "score", "new")
    assert page.read_text() == "# Page\n\n<!-- score -->\nnew\n<!-- end of score -->\n\nafter\n"
    put_into(page, "other", "more")
    assert page.read_text().endswith("after\n\n<!-- other -->\nmore\n<!-- end of other -->\n")
