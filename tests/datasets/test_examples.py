import hashlib
import tracemalloc
from typing import Any

import numpy as np
import pytest

from byhand.datasets import Dataset, Examples
from byhand.errors import DataError


def some(labels: list[int], shape: tuple[int, ...] = (2, 3), kind: str = "uint8") -> Examples:
    images = np.arange(len(labels) * np.prod(shape), dtype=np.uint8).reshape(len(labels), *shape)
    return Examples(images, np.array(labels, dtype=kind))


def test_the_length_is_the_number_of_examples() -> None:
    assert len(some([1, 0, 2])) == 3
    assert len(some([1, 0], shape=(2, 3, 3))) == 2


def test_take_gives_images_with_their_labels_in_the_order_asked() -> None:
    examples = some([5, 6, 7])
    taken = examples.take(np.array([2, 0]))
    assert taken.labels.tolist() == [7, 5]
    np.testing.assert_array_equal(taken.images, examples.images[[2, 0]])
    taken.images[:] = 0
    assert examples.images[2].any()
    assert examples.take([1, 1]).labels.tolist() == [6, 6]


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (np.zeros((3, 2, 2), np.uint8), np.zeros(2, np.uint8), "3 images but 2 labels"),
        (np.zeros((0, 2, 2), np.uint8), np.zeros(0, np.uint8), "no images"),
        (np.zeros((2, 0, 2), np.uint8), np.zeros(2, np.uint8), "no images"),
        (np.zeros((2, 2, 2), np.float32), np.zeros(2, np.uint8), "images are float32"),
        (np.zeros((2, 4), np.uint8), np.zeros(2, np.uint8), r"of shape \(2, 4\)"),
        (np.zeros((2, 2, 2), np.uint8), np.zeros(2), "labels are float64"),
        (np.zeros((2, 2, 2), np.uint8), np.zeros((2, 10), np.uint8), r"labels are uint8 of shape \(2, 10\)"),
        (np.zeros((2, 2, 2), np.uint8), np.zeros(2, bool), "labels are bool"),
    ],
)
def test_arrays_that_are_no_examples_are_refused(images: Any, labels: Any, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        Examples(images, labels)
    assert "\n" not in str(caught.value)


def test_a_dataset_accepts_labels_of_its_classes() -> None:
    dataset = Dataset("tiny", some([0, 1]), some([1]), ("no", "yes"))
    assert dataset.classes[dataset.test.labels[0]] == "yes"


@pytest.mark.parametrize(
    ("train", "test", "kind", "said"),
    [
        ([0, 1, 2, 3], [0], "uint8", "training label 2 at position 2 .* outside 0 to 1"),
        ([0, 1], [1, 1, -1], "int32", "test label -1 at position 2 .* outside 0 to 1"),
    ],
)
def test_the_first_label_without_a_class_is_named(
    train: list[int], test: list[int], kind: str, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        Dataset("tiny", some(train, kind=kind), some(test, kind=kind), ("no", "yes"))


def test_pictures_of_two_shapes_are_refused() -> None:
    with pytest.raises(DataError, match=r"training images have the shape \(2, 3\), the test images \(3, 2\)"):
        Dataset("tiny", some([0]), some([0], shape=(3, 2)), ("only",))


def test_the_hash_is_that_of_the_training_images_and_labels() -> None:
    train = some([0, 1])
    expected = hashlib.sha256(train.images.tobytes() + train.labels.tobytes()).hexdigest()
    assert Dataset("tiny", train, some([1]), ("no", "yes")).sha256 == expected
    assert Dataset("other", train, some([0, 0]), ("n", "y")).sha256 == expected
    assert Dataset("tiny", some([1, 0]), some([1]), ("no", "yes")).sha256 != expected


def test_the_hash_does_not_depend_on_how_the_arrays_lie_in_memory() -> None:
    train = some([0, 1, 0])
    spread = Examples(np.asfortranarray(train.images), np.repeat(train.labels, 2)[::2])
    one, other = (Dataset("tiny", examples, some([1]), ("no", "yes")) for examples in (train, spread))
    assert one.sha256 == other.sha256


def test_hashing_copies_nothing() -> None:
    train = Examples(np.zeros((100, 200, 200), np.uint8), np.zeros(100, np.uint8))
    dataset = Dataset("zeros", train, train.take([0]), ("zero",))
    tracemalloc.start()
    try:
        dataset.sha256  # noqa: B018
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
