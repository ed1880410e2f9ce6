import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from byhand.functions import softmax
from byhand.losses import LOSSES, cross_entropy, squared_error
from byhand.scratch import Slot

LOGITS = hnp.arrays(np.float64, st.tuples(st.integers(1, 8), st.just(4)), elements=st.floats(-50, 50))


def labels_for(logits):
    return np.arange(len(logits)) % logits.shape[1]


@given(LOGITS)
def test_cross_entropy_is_the_mean_surprise(logits):
    labels = labels_for(logits)
    p = softmax(logits)[np.arange(len(labels)), labels]
    loss, _ = cross_entropy(logits, labels, Slot(np.float64))
    assert loss == pytest.approx(-np.log(p).mean(), abs=1e-9)


@given(LOGITS)
def test_squared_error_is_the_mean_squared_distance_from_the_true_class(logits):
    labels = labels_for(logits)
    distance = ((softmax(logits) - np.eye(4)[labels]) ** 2).sum(axis=1)
    loss, _ = squared_error(logits, labels, Slot(np.float64))
    assert loss == pytest.approx(distance.mean(), abs=1e-12)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@given(logits=LOGITS)
def test_the_gradient_of_each_example_sums_to_zero(loss, logits):
    """Adding a constant to all logits changes no probability, so it cannot change the loss."""
    _, dz = loss(logits, labels_for(logits), Slot(np.float64))
    np.testing.assert_allclose(dz.sum(axis=1), 0, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_step_against_the_gradient_lowers_the_loss(loss):
    logits = np.random.default_rng(0).standard_normal((6, 4))
    labels = labels_for(logits)
    value, dz = loss(logits, labels, Slot(np.float64))
    assert loss(logits - 0.1 * dz, labels, Slot(np.float64))[0] < value


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_ten_thousand_give_finite_numbers_without_warnings(loss, dtype):
    logits = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 1e4]], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, dz = loss(logits, np.array([1, 1]), Slot(dtype))
    assert math.isfinite(value)
    assert np.isfinite(dz).all()
    assert dz.dtype == dtype


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_the_logits_are_left_as_they_were_and_the_memory_is_used_again(loss):
    logits = np.random.default_rng(0).standard_normal((6, 4))
    before, slot = logits.copy(), Slot(np.float64)
    first = loss(logits, labels_for(logits), slot)[1]
    second = loss(logits, labels_for(logits), slot)[1]
    np.testing.assert_array_equal(logits, before)
    assert np.shares_memory(first, second)


def test_ten_equal_logits_are_worth_the_logarithm_of_ten():
    assert cross_entropy(np.zeros((3, 10)), np.array([1, 2, 3]), Slot(np.float64))[0] == pytest.approx(
        math.log(10)
    )
