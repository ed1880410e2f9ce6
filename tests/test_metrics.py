import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.metrics import accuracy_interval, calibration_error, class_scores, confusion, mcnemar


def test_the_interval_of_a_known_case():
    """81 of 263 gives 0.2553 to 0.3662 in Newcombe, "Two-sided confidence intervals", 1998, table I."""
    assert accuracy_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_accuracy_and_stays_within_0_and_1(case):
    right, count = case
    low, high = accuracy_interval(right, count)
    assert 0 <= low <= right / count + 1e-12
    assert right / count - 1e-12 <= high <= 1
    assert low < high


def test_the_interval_holds_the_truth_about_95_times_in_100():
    right = np.random.default_rng(0).binomial(10_000, 0.98, size=2000)
    held = [low <= 0.98 <= high for low, high in (accuracy_interval(int(r), 10_000) for r in right)]
    assert 0.935 < np.mean(held) < 0.965


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_confusion_counts_every_pair(pairs):
    labels, answers = np.array(pairs, np.uint8).T
    matrix = confusion(labels, answers, 4)
    assert matrix.sum() == len(pairs)
    for row in range(4):
        for column in range(4):
            assert matrix[row, column] == pairs.count((row, column))


def test_confusion_does_not_overflow_the_labels_small_type():
    assert confusion(np.array([200], np.uint8), np.array([201]), 256)[200, 201] == 1


def test_class_scores_of_a_known_matrix():
    scores = class_scores(np.array([[8, 2], [4, 6]]))
    np.testing.assert_allclose(scores.precision, [8 / 12, 6 / 8])
    np.testing.assert_allclose(scores.recall, [0.8, 0.6])
    np.testing.assert_allclose(scores.f1, [16 / 22, 12 / 18])


def test_a_class_that_never_occurs_scores_zero_rather_than_dividing_by_it():
    scores = class_scores(np.array([[5, 0], [0, 0]]))
    assert scores.precision[1] == scores.recall[1] == scores.f1[1] == 0


def test_calibration_error_is_the_gap_between_sureness_and_success():
    probabilities = np.array([[0.9, 0.1]] * 10)
    assert calibration_error(probabilities, np.array([0] * 9 + [1])) == pytest.approx(0, abs=1e-12)
    assert calibration_error(probabilities, np.array([0] * 5 + [1] * 5)) == pytest.approx(0.4)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_mcnemar_counts_what_was_repaired_and_spoilt(pairs):
    before, after = np.array(pairs).T
    repaired, spoilt, p = mcnemar(before, after)
    assert (repaired, spoilt) == (pairs.count((False, True)), pairs.count((True, False)))
    assert 0 < p <= 1
    assert mcnemar(after, before) == (spoilt, repaired, p)


def of(repaired, spoilt, alike=3):
    before = np.array([False] * repaired + [True] * spoilt + [True, False] * alike)
    return mcnemar(before, np.array([True] * repaired + [False] * spoilt + [True, False] * alike))


def test_mcnemar_of_known_cases():
    """Ten coins, two heads: 2 (1 + 10 + 45) / 1024."""
    assert of(2, 8).p == pytest.approx(2 * 56 / 1024)
    assert of(0, 5).p == pytest.approx(2 / 32)
    assert of(4, 4).p == 1
    assert of(0, 0).p == 1
    # the same by a sum of logarithms, where 2ⁿ is beyond floats
    logs = [math.lgamma(2001) - math.lgamma(i + 1) - math.lgamma(2001 - i) for i in range(951)]
    assert of(950, 1050).p == pytest.approx(2 * sum(math.exp(x - 2000 * math.log(2)) for x in logs), rel=1e-6)
