import pytest
from hypothesis import given
from hypothesis import strategies as st

from byhand.errors import SettingError
from byhand.schedules import Constant, Cosine, OneCycle, Step

ALL = [Constant(), Step(), Cosine(), OneCycle(), Constant(5), Step(5), Cosine(5), OneCycle(5)]


@given(st.sampled_from(ALL), st.integers(1, 500), st.data())
def test_a_share_is_never_below_0_or_above_1(schedule, steps, data):
    assert 0 <= schedule(data.draw(st.integers(0, steps - 1)), steps) <= 1


@pytest.mark.parametrize("kind", [Constant, Step, Cosine])
def test_warm_up_rises_evenly_to_the_peak(kind):
    assert [kind(warmup=4)(step, 100) for step in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1, 1])


def test_cosine_is_half_way_down_half_way_through_and_ends_near_zero():
    assert Cosine()(50, 100) == pytest.approx(0.5)
    assert Cosine()(99, 100) < 0.001


def test_step_falls_at_the_end_of_each_part():
    shares = [Step(stages=3, factor=0.5)(step, 9) for step in range(9)]
    assert shares == pytest.approx([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25])


def test_one_cycle_starts_low_peaks_once_and_ends_near_zero():
    shares = [OneCycle(start=0.1, rise=0.3)(step, 1000) for step in range(1000)]
    assert shares[0] == pytest.approx(0.1)
    assert shares.index(max(shares)) == 300
    assert max(shares) == pytest.approx(1)
    assert shares[-1] < 0.001


def test_constant_stays_at_the_peak():
    assert {Constant()(step, 10) for step in range(10)} == {1.0}


def test_a_negative_warm_up_is_refused():
    with pytest.raises(SettingError):
        Cosine(warmup=-1)
