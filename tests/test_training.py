import gc
import math
import tracemalloc
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import pytest
from helpers import few_examples, make_network, trained, training_of

from byhand.datasets import Examples, Shift
from byhand.errors import DataError, DivergedError, SettingError
from byhand.functions import softmax
from byhand.images import Preprocessing
from byhand.layers import BatchNorm, Dropout
from byhand.losses import LOSSES, cross_entropy
from byhand.network import ask
from byhand.optimizers import SGD, Adam
from byhand.schedules import Cosine
from byhand.scratch import Slot
from byhand.training import Evaluation, evaluate, train

PREPARE = Preprocessing()


class Watching:
    """An augmentation that changes nothing and remembers what it saw."""

    def __init__(self):
        self.batches = []

    def __call__(self, images, rng):
        self.batches.append(images[:, 0, 0].tolist())
        return images


def numbered(count):
    """Examples that can be told apart by their first pixel."""
    images = np.zeros((count, 4, 3), np.uint8)
    images[:, 0, 0] = np.arange(count)
    return Examples(images, np.arange(count) % 3)


def test_every_example_is_learnt_from_once_an_epoch_the_last_partial_batch_too():
    watching = Watching()
    trained(make_network(), numbered(50), augment=watching, epochs=3)
    epochs = [watching.batches[start : start + 7] for start in range(0, 21, 7)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [8] * 6 + [2]
        assert sorted(chain.from_iterable(epoch)) == list(range(50))


def test_batches_have_other_members_in_each_epoch_not_only_another_order():
    watching = Watching()
    trained(make_network(), numbered(50), augment=watching, epochs=2)
    first, second = ({frozenset(batch) for batch in watching.batches[i : i + 7]} for i in (0, 7))
    assert not first & second


def test_the_same_seed_gives_the_same_weights_bit_for_bit_and_another_seed_others():
    def theta(seed):
        network = make_network(0, (4, 3), 3, np.float32, Dropout(0.3))
        trained(network, few_examples(60), few_examples(20, seed=1), seed=seed, augment=Shift(1))
        return network.theta

    np.testing.assert_array_equal(theta(1), theta(1))
    assert (theta(1) != theta(2)).any()


def test_training_neither_reads_nor_changes_the_global_random_state():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    trained(make_network(0, (4, 3), 3, np.float32, Dropout(0.3)), few_examples(60))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_training_learns_what_can_be_learnt(loss):
    images = np.zeros((60, 4, 3), np.uint8)
    labels = np.arange(60) % 3
    images[np.arange(60), labels] = 255
    network = make_network()
    reports = trained(network, Examples(images, labels), loss=loss, learning_rate=0.5, epochs=30)
    assert reports[-1].loss < reports[0].loss / 4
    assert evaluate(network, Examples(images, labels), PREPARE).accuracy == 1


def test_a_step_is_the_optimizers_on_the_mean_gradient_of_the_batch():
    examples = few_examples(8)
    network, by_hand = make_network(dtype=np.float64), make_network(dtype=np.float64)
    trained(network, examples, epochs=1, optimizer=SGD(), learning_rate=0.3)
    h = 1e-6
    for i in (0, 7, by_hand.theta.size - 1):
        loss = {}
        for sign in (1, -1):
            moved = make_network(dtype=np.float64)
            moved.theta[i] += sign * h
            logits = ask(moved, examples.images, PREPARE)
            loss[sign] = cross_entropy(logits, examples.labels, Slot(np.float64))[0]
        expected = by_hand.theta[i] - 0.3 * (loss[1] - loss[-1]) / (2 * h)
        assert network.theta[i] == pytest.approx(expected, abs=1e-8)


def test_a_report_comes_every_so_many_steps_and_at_the_end_of_each_epoch():
    reports = trained(make_network(), few_examples(50), few_examples(9), every=3)  # 7 steps an epoch
    assert [report.step for report in reports] == [3, 6, 7, 9, 12, 14]
    assert [report.epoch for report in reports] == [1, 1, 1, 2, 2, 2]
    assert {report.steps for report in reports} == {14}
    assert [report.validation_accuracy is not None for report in reports] == [False, False, True] * 2
    assert all(report.samples_per_second > 0 for report in reports)


def test_the_end_of_an_epoch_is_reported_once_even_when_another_report_is_due():
    assert [r.step for r in trained(make_network(), few_examples(48), every=3)] == [3, 6, 9, 12]


def test_reports_hold_means_over_the_examples_since_the_report_before():
    @dataclass
    class Losses:
        values: list

        def __call__(self, logits, labels, slot):
            self.values.append((cross_entropy(logits, labels, slot)[0], len(labels)))
            return cross_entropy(logits, labels, slot)

    losses = Losses([])
    reports = trained(make_network(), few_examples(20), epochs=1, loss=losses, every=2)
    first, last = losses.values[:2], losses.values[2:]
    for report, values in zip(reports, [first, last], strict=True):
        assert report.loss == pytest.approx(sum(v * n for v, n in values) / sum(n for _, n in values))


def test_the_learning_rate_follows_the_schedule():
    reports = trained(make_network(), few_examples(40), learning_rate=2.0, schedule=Cosine(), every=1)
    assert [r.learning_rate for r in reports] == [2.0 * Cosine()(step, 10) for step in range(10)]
    assert all(later < earlier for earlier, later in pairwise(r.learning_rate for r in reports))


def test_validation_changes_no_weight():
    with_validation, without = make_network(), make_network()
    trained(with_validation, few_examples(30), few_examples(9, seed=1), epochs=1)
    trained(without, few_examples(30), epochs=1)
    np.testing.assert_array_equal(with_validation.theta, without.theta)


def until_worse(network, validation):
    """Train with steps that are too large, up to a report that is worse than one before it."""
    best, best_theta = -1.0, None
    reports = train(
        network,
        few_examples(40),
        validation,
        optimizer=SGD(0.9),
        learning_rate=1.0,
        rng=np.random.default_rng(0),
        epochs=200,
        batch_size=8,
    )
    for report in reports:
        if report.validation_accuracy < best:
            return reports, best_theta
        if report.validation_accuracy > best:
            best, best_theta = report.validation_accuracy, network.theta.copy()
    raise AssertionError("the test needs an epoch that is worse than one before it")


def test_stopping_leaves_the_weights_of_the_best_validation_accuracy():
    network, validation = make_network(), few_examples(30, seed=1)
    reports, best_theta = until_worse(network, validation)
    assert (network.theta != best_theta).any()
    reports.close()  # what `break` does
    np.testing.assert_array_equal(network.theta, best_theta)


def test_ctrl_c_leaves_the_weights_of_the_best_validation_accuracy():
    network, validation = make_network(), few_examples(30, seed=1)
    reports, best_theta = until_worse(network, validation)
    with pytest.raises(KeyboardInterrupt):
        reports.throw(KeyboardInterrupt)
    np.testing.assert_array_equal(network.theta, best_theta)


def test_a_training_that_runs_to_its_end_leaves_the_best_weights():
    network, validation = make_network(), few_examples(30, seed=1)
    reports = trained(network, few_examples(40), validation, learning_rate=1.0, epochs=30)
    best = max(report.validation_accuracy for report in reports)
    assert evaluate(network, validation, PREPARE).accuracy == best


def test_patience_stops_after_so_many_epochs_without_a_better_one():
    network, validation = make_network(), few_examples(30, seed=1)
    reports = trained(network, few_examples(40), validation, learning_rate=1e-9, epochs=50, patience=3)
    assert [report.epoch for report in reports] == [1, 2, 3, 4]


def test_a_loss_that_is_not_finite_stops_training_and_says_where():
    with pytest.raises(DivergedError, match=r"at step \d; try a smaller learning rate"):
        trained(make_network(), few_examples(30), learning_rate=1e38)


def test_a_validation_loss_that_is_not_finite_stops_training_too():
    def nan_for_nine(logits, labels, slot):
        loss, dz = cross_entropy(logits, labels, slot)
        return (math.nan if len(labels) == 9 else loss), dz

    with pytest.raises(DivergedError, match="nan at step 5"):
        trained(make_network(), few_examples(40), few_examples(9), loss=nan_for_nine)


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": -1.0},
        {"learning_rate": math.nan},
        {"learning_rate": math.inf},
        {"every": 0},
        {"patience": 0},
        {"patience": 1},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused_before_anything_happens(wrong):
    network = make_network()
    before = network.theta.copy()
    settings = {"optimizer": Adam(), "learning_rate": 0.1} | wrong
    with pytest.raises(SettingError):
        train(network, few_examples(9), None, rng=np.random.default_rng(0), **settings)
    np.testing.assert_array_equal(network.theta, before)


@pytest.mark.parametrize("label", [-1, 3])
def test_labels_that_are_no_classes_of_the_network_are_refused_before_anything_happens(label):
    network, good, bad = make_network(), few_examples(9), few_examples(9)
    bad.labels[4] = label
    before = network.theta.copy()
    for training, validation in [(bad, None), (good, bad)]:
        with pytest.raises(DataError, match="the network has 3 classes; use labels from 0 to 2"):
            training_of(network, training, validation)
    with pytest.raises(DataError, match="the network has 3 classes; use labels from 0 to 2"):
        evaluate(network, bad, PREPARE)
    np.testing.assert_array_equal(network.theta, before)


def test_a_training_step_keeps_nothing_and_allocates_little():
    """What a step still allocates is of the size of the labels, not of the images or the parameters."""
    network = make_network(0, (28, 28), 10)
    examples = few_examples(1280, (28, 28), 10)
    reports = train(
        network,
        examples,
        optimizer=SGD(0.9, nesterov=True),
        learning_rate=0.1,
        rng=np.random.default_rng(0),
        batch_size=128,
        every=2,
        epochs=5,
    )
    next(reports)
    gc.collect()
    tracemalloc.start()
    next(reports)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    next(reports)
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now - before < 4_000
    assert peak - before < 64_000, "a batch of images alone is 100,352 bytes as uint8"


def test_training_leaves_numpys_settings_as_they_were():
    before = np.getbufsize(), np.geterr()
    for _ in training_of(make_network(), few_examples(50)):
        assert (np.getbufsize(), np.geterr()) == before
    assert (np.getbufsize(), np.geterr()) == before


def test_an_evaluation_counts_every_example():
    network, examples = make_network(), few_examples(1234)
    scores = evaluate(network, examples, PREPARE)
    logits = ask(network, examples.images, PREPARE)
    np.testing.assert_allclose(scores.probabilities, softmax(logits))
    assert scores.right == (logits.argmax(axis=1) == examples.labels).sum()
    assert scores.accuracy == scores.right / 1234
    assert scores.confusion.sum() == 1234
    assert scores.interval.low < scores.accuracy < scores.interval.high


def test_an_evaluation_of_known_answers():
    scores = Evaluation(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), 0.5)
    assert scores.answers.tolist() == [0, 1, 0]
    assert scores.right == 2
    assert scores.confusion.tolist() == [[1, 0], [1, 1]]


def test_running_statistics_are_kept_with_the_best_weights():
    network = make_network(0, (4, 3), 3, np.float32, BatchNorm(6))
    kept = None
    for report in train(
        network,
        few_examples(60),
        few_examples(30, seed=1),
        optimizer=SGD(0.9),
        learning_rate=0.3,
        rng=np.random.default_rng(0),
        epochs=6,
        batch_size=8,
        parts=2,
    ):
        if kept is None or report.validation_accuracy > kept[0]:
            kept = report.validation_accuracy, network.numbers.copy()
    statistics = network.numbers[network.theta.size :]
    assert statistics.size == 12
    assert (statistics != np.repeat([0, 1], 6)).all()  # training has moved them from where they began
    np.testing.assert_array_equal(network.numbers, kept[1])
