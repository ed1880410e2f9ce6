"""A data set from a folder of four IDX files, as MNIST and its relatives are published."""

from pathlib import Path

from byhand.datasets.catalogue import CATALOGUE, MNIST
from byhand.datasets.checksums import is_published
from byhand.datasets.examples import Dataset, Examples
from byhand.datasets.idx import read_idx
from byhand.errors import DataError

MOST_CLASSES = 2**16
"""More numbered classes than this are no classes, but labels that were misread."""


def read_folder(folder: Path) -> Dataset:
    """The data set in `folder`: four files with the names of MNIST's, packed or not, -idx or .idx.

    Labels that are those of a data set in the catalogue get its class names; other classes are
    numbered up to the highest label. When all four files are the published ones, so is the name;
    otherwise the name is the folder's.

    Raises DataError when a file is missing or no IDX file, or when the four do not go together.
    """
    try:
        paths = [_find(folder, file.name.removesuffix(".gz")) for file in MNIST.files]
    except OSError as error:
        raise DataError(
            f"cannot look into {folder}: {error.strerror}; give a folder with the four files of MNIST's names"
        ) from error

    known = next((entry for entry in CATALOGUE.values() if is_published(paths[1], entry.files[1])), None)
    if known and all(map(is_published, paths, known.files)):
        return read_files(known.name, paths, known.classes)
    return read_files(folder.resolve().name, paths, known.classes if known else None)


def read_files(name: str, paths: list[Path], classes: tuple[str, ...] | None) -> Dataset:
    """The data set in four files: training images, training labels, test images, test labels.

    Raises DataError when one is no IDX file, or when the four do not go together.
    """
    train, test = _read_examples(*paths[:2]), _read_examples(*paths[2:])
    if classes is None:
        highest = max(0, int(train.labels.max()), int(test.labels.max()))
        if highest >= MOST_CLASSES:
            raise DataError(
                f"{name} has the label {highest}; number the classes from 0 to at most {MOST_CLASSES - 1}"
            )
        classes = tuple(str(label) for label in range(highest + 1))
    return Dataset(name, train, test, classes)


def _read_examples(images: Path, labels: Path) -> Examples:
    pixels, answers = read_idx(images), read_idx(labels)
    try:
        return Examples(pixels, answers)
    except DataError as error:
        raise DataError(f"{images} and {labels.name} are of no use together: {error}") from error


def _find(folder: Path, stem: str) -> Path:
    dotted = stem.replace("-idx", ".idx")
    names = (stem, f"{stem}.gz", dotted, f"{dotted}.gz")
    for name in names:
        if (folder / name).is_file():
            return folder / name
    there = sorted(path.name for path in folder.iterdir())
    more = f" and {len(there) - 5} more" if len(there) > 5 else ""
    raise DataError(
        f"{folder} has none of {', '.join(names)}, but {', '.join(there[:5]) or 'nothing'}{more}; "
        "give a folder with the four files of MNIST's names"
    )
