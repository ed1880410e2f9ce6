import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.errors import SettingError
from byhand.functions import softmax
from byhand.refusal import Refusal, fitted


def answered(count, heat, seed=0):
    """Logits (N, 4), `heat` times too large for how often they are right, and labels; 3 is no answer."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (count, 4))
    labels = np.array([rng.choice(4, p=p) for p in softmax(logits)])
    return (logits * heat).astype(np.float32), labels


@pytest.mark.parametrize("heat", [0.5, 1.0, 3.0])
def test_the_fitted_temperature_makes_probabilities_honest(heat):
    refusal = fitted(*answered(4000, heat), classes=3)
    assert refusal.temperature == pytest.approx(heat, rel=0.1)


@given(st.floats(0.5, 0.999), st.integers(0, 20))
def test_the_fitted_threshold_keeps_at_least_the_wanted_share_and_hardly_more(kept, seed):
    logits, labels = answered(300, 1.0, seed)
    refusal = fitted(logits, labels, 3, kept)
    digits = logits[labels < 3]
    refused = refusal.judge(refusal.probabilities(digits))[2]
    assert 1 - refused.mean() >= kept
    stricter = Refusal(refusal.temperature, min(1.0, refusal.threshold + 0.05), 3)
    assert kept > 0.95 or stricter.judge(refusal.probabilities(digits))[2].mean() >= 1 - kept


def test_what_no_answer_is_probable_enough_for_is_refused():
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.2, 0.1, 0.6], [0.1, 0.4, 0.1, 0.4]])
    labels, sure, refused = Refusal(threshold=0.5, classes=3).judge(probabilities)
    assert labels.tolist() == [0, 1, 1]
    assert sure.tolist() == [0.7, 0.2, 0.4]
    assert refused.tolist() == [False, True, True]


def test_without_a_digit_there_is_nothing_to_fit():
    with pytest.raises(SettingError, match="digit"):
        fitted(np.zeros((5, 4), np.float32), np.full(5, 3), 3)


@pytest.mark.parametrize(
    "wrong", [{"temperature": 0}, {"temperature": float("nan")}, {"threshold": 1.1}, {"classes": 0}]
)
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingError):
        Refusal(**wrong)
