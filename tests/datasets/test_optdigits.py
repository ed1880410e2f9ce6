import hashlib

import numpy as np
import pytest
from helpers import few_examples

from byhand.datasets import optdigits, read_idx
from byhand.datasets.catalogue import EMBEDDED
from byhand.datasets.hands import AT_MOST, ENLARGED, OTHERS, for_other_hands
from byhand.datasets.pens import rings
from byhand.errors import DataError
from byhand.recipes import split


@pytest.fixture(scope="module")
def digits():
    return optdigits.digits()


def test_they_are_as_many_as_the_sets_own_description_says_from_paper_to_ink(digits):
    assert digits.images.shape == (3823, 8, 8)
    assert np.bincount(digits.labels).tolist() == [376, 389, 380, 389, 387, 376, 377, 387, 380, 382]
    assert digits.images.min() == 0
    assert digits.images.max() == 255
    assert len(np.unique(digits.images)) == 17


def test_none_of_them_is_among_scikit_learns_digits(digits):
    """What only ever scores is not learnt: not one digit of load_digits is among them, pixel for pixel."""
    datasets = pytest.importorskip("sklearn.datasets")
    tests = (datasets.load_digits().images * 255 // 16).astype(np.uint8)
    known = {image.tobytes() for image in tests}
    assert len(known) == 1797
    assert not known & {image.tobytes() for image in digits.images}


def test_the_licence_beside_them_names_their_authors_and_checksums():
    licence = (EMBEDDED / "LICENSE-OPTDIGITS.md").read_text()
    assert "CC BY 4.0" in licence
    assert "E. Alpaydin and C. Kaynak" in licence
    for name in ("images-idx3", "labels-idx1"):
        elements = read_idx(EMBEDDED / f"optdigits-{name}-ubyte.gz")
        header = bytes((0, 0, 8, elements.ndim)) + np.array(elements.shape, ">u4").tobytes()
        content = header + elements.tobytes()
        assert hashlib.sha256(content).hexdigest() in licence
        assert f"{len(content):,}" in licence


@pytest.mark.parametrize("draw", [optdigits.crisp, optdigits.enlarged])
def test_each_comes_several_times_in_mnists_form_and_the_same_seed_draws_the_same(draw, digits):
    some = digits.take(np.arange(50))
    drawn = draw(some, 3, np.random.default_rng(0))
    assert drawn.images.shape == (150, 28, 28)
    np.testing.assert_array_equal(drawn.labels, np.tile(some.labels, 3))
    assert (drawn.images.max(axis=(1, 2)) > 200).all()
    np.testing.assert_array_equal(draw(some, 3, np.random.default_rng(0)).images, drawn.images)
    other = draw(some, 3, np.random.default_rng(1)).images
    assert (other != drawn.images).any(axis=(1, 2)).mean() > 0.9


def test_drawn_crisply_most_rings_are_open_and_no_gap_closes(digits):
    """In so few pixels both rings of many an 8 are as dark as its strokes."""
    for label, counts, most in [
        (0, {1}, 0.8),
        (3, {0}, 0.95),
        (5, {0}, 0.95),
        (6, {1}, 0.7),
        (8, {1, 2}, 0.7),
    ]:
        some = digits.take(np.flatnonzero(digits.labels == label)[:80])
        drawn = optdigits.crisp(some, 1, np.random.default_rng(0)).images
        found = [rings((image > 127).astype(np.uint8)) in counts for image in drawn]
        assert np.mean(found) > most, label


def test_a_network_that_never_saw_such_reads_most_of_them(digits, model):
    some = digits.take(np.arange(400))
    drawn = optdigits.crisp(some, 1, np.random.default_rng(0))
    assert (model.predict(drawn.images) == drawn.labels).mean() > 0.6


def test_images_of_another_size_are_refused():
    with pytest.raises(DataError, match=r"\(28, 28\), not \(8, 8\)"):
        optdigits.crisp(few_examples(3, (28, 28)), 1, np.random.default_rng(0))


def test_they_are_treated_as_the_others_are_and_some_come_enlarged_besides(small):
    digits = small.train.take(np.arange(300))
    learnt, held = split(optdigits.digits())
    few = held.take(np.arange(20))
    examples = for_other_hands(digits, np.random.default_rng(0), few)
    many = 300 + 20 * OTHERS
    np.testing.assert_array_equal(examples.labels[300:many], np.tile(few.labels, OTHERS))
    np.testing.assert_array_equal(examples.labels[:many], examples.labels[many : 2 * many])
    np.testing.assert_array_equal(examples.labels[-20 * ENLARGED :], np.tile(few.labels, ENLARGED))
    assert len(learnt) + len(held) == 3823


def test_a_small_set_is_not_drowned_in_them(small):
    """And of two sets as large as MNIST's parts that learn and validate, every digit of theirs is used."""
    digits = small.train.take(np.arange(60))
    others = optdigits.digits()
    count = len(for_other_hands(digits, np.random.default_rng(0), others))
    without = len(for_other_hands(digits, np.random.default_rng(0)))
    assert count < 1.7 * without
    learnt, held = split(others)
    assert round(AT_MOST * 50_000) >= len(learnt)
    assert round(AT_MOST * 10_000) >= len(held)
