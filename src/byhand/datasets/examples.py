"""Pictures with their labels: a set to learn from and a set to be tested on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Images, Labels
from byhand.errors import DataError


@dataclass(frozen=True, eq=False)
class Examples:
    """N pictures and what each of them shows.

    images (N, H, W) or (N, H, W, C) uint8, labels (N,) integers.

    Raises DataError when there are none, when their numbers differ, or when an array is of another kind.
    """

    images: Images
    labels: Labels

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim not in {3, 4}:
            raise DataError(
                f"the images are {_kind(self.images)}; "
                "give them as uint8 of shape (number, rows, columns) or (number, rows, columns, channels)"
            )
        if not np.issubdtype(self.labels.dtype, np.integer) or self.labels.ndim != 1:
            raise DataError(f"the labels are {_kind(self.labels)}; give them as integers of shape (number,)")
        if len(self.images) != len(self.labels):
            raise DataError(
                f"there are {len(self.images):,} images but {len(self.labels):,} labels; "
                "give every image one label"
            )
        if not self.images.size:
            raise DataError(f"there are no images: the shape is {self.images.shape}; give at least one")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: NDArray[np.integer[Any]] | Sequence[int]) -> "Examples":
        """The examples at `indices`, in that order, copied."""
        return Examples(np.take(self.images, indices, axis=0), np.take(self.labels, indices))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples to learn from and others to be tested on, with the names of the K classes they show.

    Raises DataError when a label is not between 0 and K - 1, or when the pictures differ in shape.
    """

    name: str
    train: Examples
    test: Examples
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for part, examples in (("training", self.train), ("test", self.test)):
            outside = (examples.labels < 0) | (examples.labels >= len(self.classes))
            if outside.any():
                first = int(outside.argmax())
                raise DataError(
                    f"{part} label {examples.labels[first]} at position {first} (counted from 0) is outside "
                    f"0 to {len(self.classes) - 1}; correct it or name more classes"
                )
        train, test = self.train.images.shape[1:], self.test.images.shape[1:]
        if train != test:
            raise DataError(
                f"the training images have the shape {train}, the test images {test}; make them the same"
            )

    @property
    def sha256(self) -> str:
        """What was learnt from, in 64 hexadecimal digits: the bytes of the training images, then labels."""
        digest = hashlib.sha256()
        for array in (self.train.images, self.train.labels):
            digest.update(np.ascontiguousarray(array).data)  # a copy only of what is not contiguous
        return digest.hexdigest()


def _kind(array: NDArray[Any]) -> str:
    return f"{array.dtype} of shape {array.shape}"
