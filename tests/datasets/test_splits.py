import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byhand.datasets import stratified_split
from byhand.errors import SettingError

labelled = st.lists(st.sampled_from([0, 1, 2, 5, 9]), min_size=2, max_size=80).map(
    lambda labels: np.array(labels, dtype=np.uint8)
)


@settings(deadline=None, max_examples=100)
@given(labelled, st.data(), st.integers(0, 2**32))
def test_every_class_is_held_out_in_proportion(labels: np.ndarray, data: st.DataObject, seed: int) -> None:
    held_out = data.draw(st.integers(1, len(labels) - 1))
    kept, held = stratified_split(labels, held_out, np.random.default_rng(seed))
    assert len(held) == held_out
    assert sorted([*kept, *held]) == list(range(len(labels)))
    assert list(kept) == sorted(kept)
    assert list(held) == sorted(held)
    for label in np.unique(labels):
        exact = held_out * np.mean(labels == label)
        assert abs(np.sum(labels[held] == label) - exact) < 1


def test_the_classes_that_lose_most_by_rounding_down_get_the_rest() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 20])  # exact shares of 7: 3.5, 2.1, 1.4
    for seed in range(5):
        _, held = stratified_split(labels, 7, np.random.default_rng(seed))
        assert np.bincount(labels[held]).tolist() == [4, 2, 1]


def test_the_generator_decides_and_nothing_else() -> None:
    labels = np.arange(1000) % 10

    def draw(seed: int) -> list[int]:
        return stratified_split(labels, 100, np.random.default_rng(seed))[1].tolist()

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    rng = np.random.default_rng(1)
    first, second = (stratified_split(labels, 100, rng)[1].tolist() for _ in range(2))
    assert first == draw(1)
    assert second != first


def test_every_example_of_a_class_can_be_drawn() -> None:
    labels = np.zeros(20, dtype=np.int64)
    rng = np.random.default_rng(0)
    drawn = {int(i) for _ in range(200) for i in stratified_split(labels, 2, rng)[1]}
    assert drawn == set(range(20))


@pytest.mark.parametrize("held_out", [-1, 0, 10, 11])
def test_holding_out_none_or_all_is_refused(held_out: int) -> None:
    with pytest.raises(SettingError, match=r"^cannot hold out .* of 10 examples; choose from 1 to 9$"):
        stratified_split(np.zeros(10, dtype=np.uint8), held_out, np.random.default_rng(0))
