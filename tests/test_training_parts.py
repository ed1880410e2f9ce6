"""A training in parts, each of which has some of every batch's examples or some of the hidden units."""

import gc

import numpy as np
import pytest
from helpers import few_examples, make_network, trained, training_of

from byhand.datasets import Distort, Examples, Shift
from byhand.errors import SettingError
from byhand.layers import BatchNorm, Dropout


def parted(parts, dtype=np.float64, **settings):
    """theta after two epochs with an uneven last batch, each batch worked on in so many parts."""
    network = make_network(0, (4, 3), 3, dtype, *settings.pop("between", ()))
    trained(network, few_examples(61), batch_size=16, parts=parts, **settings)
    return network.theta


@pytest.mark.parametrize("parts", [2, 3, 5, 16])
def test_a_batch_in_parts_teaches_the_same_as_in_one(parts):
    np.testing.assert_allclose(parted(parts), parted(1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("parts", [2, 3])
def test_what_parts_teach_does_not_depend_on_the_number_of_cores_nor_on_how_they_are_used(parts, monkeypatch):
    chance = {"between": (BatchNorm(6), Dropout(0.3)), "augment": Shift(1), "dtype": np.float32}
    monkeypatch.setattr("byhand.processes.cores", lambda: 1)
    in_turn = parted(parts, **chance)
    monkeypatch.setattr("byhand.processes.cores", lambda: 4)
    in_processes = parted(parts, **chance)
    monkeypatch.setattr("byhand.processes._signs", lambda count: [])
    in_threads = parted(parts, **chance)
    np.testing.assert_array_equal(in_processes, in_turn)
    np.testing.assert_array_equal(in_threads, in_turn)


def test_a_network_that_is_written_into_between_two_reports_goes_on_from_there_also_in_parts():
    ends = []
    for parts in (1, 2):
        network = make_network(dtype=np.float64)
        for report in training_of(network, few_examples(61), batch_size=16, parts=parts, every=3):
            if report.step == 3:
                network.theta *= 0.5
        ends.append(network.theta)
    np.testing.assert_allclose(ends[1], ends[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("augment", [Shift(1), Distort()])
def test_a_part_without_examples_in_the_last_batch_distorts_none(augment):
    network = make_network(0, (28, 28))
    images = np.random.default_rng(0).integers(0, 256, (17, 28, 28)).astype(np.uint8)
    reports = trained(network, Examples(images, np.arange(17) % 3), batch_size=8, parts=2, augment=augment)
    assert reports[-1].step == 6


@pytest.mark.parametrize("parts", [1, 2])
def test_what_is_written_into_a_network_before_training_is_stopped_stays(parts):
    network = make_network()
    for _ in training_of(network, few_examples(61), parts=parts):
        network.theta[:] = 7
        break
    gc.collect()
    assert (network.theta == 7).all()


def test_parts_report_the_loss_and_accuracy_of_the_whole_batch():
    whole, split = (
        trained(make_network(dtype=np.float64), few_examples(61), batch_size=16, parts=n) for n in (1, 3)
    )
    for a, b in zip(whole, split, strict=True):
        assert b.loss == pytest.approx(a.loss)
        assert b.training_accuracy == pytest.approx(a.training_accuracy)


@pytest.mark.parametrize(
    "network", [make_network, lambda: make_network(0, (4, 3), 3, np.float32, BatchNorm(6))]
)
def test_how_many_steps_are_taken_in_one_run_changes_nothing(network, monkeypatch):
    learnt = []
    for longest in (1, 3, 32):
        monkeypatch.setattr("byhand.epochs.LONGEST", longest)
        trained_network = network()
        reports = training_of(trained_network, few_examples(61), batch_size=8, parts=2, every=5)
        said = [(r.step, r.epoch, r.learning_rate, r.loss, r.training_accuracy) for r in reports]
        learnt.append((trained_network.theta, said))
    for theta, said in learnt[1:]:
        np.testing.assert_array_equal(theta, learnt[0][0])
        np.testing.assert_allclose(said, learnt[0][1], rtol=1e-6)


@pytest.mark.parametrize("parts", [1, 2])
def test_a_batch_may_be_larger_than_there_are_examples(parts):
    assert trained(make_network(), few_examples(61), batch_size=10**15, parts=parts)[-1].step == 2


def test_parts_below_one_are_refused():
    with pytest.raises(SettingError, match="parts is 0; it must be at least 1"):
        parted(0)
