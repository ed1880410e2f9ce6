"""Data sets: MNIST comes with the package, some are fetched by name, any can be read from a folder.

    dataset = load("mnist")
    dataset.train.images    (60000, 28, 28) uint8, 0 paper to 255 ink
    dataset.train.labels    (60000,) uint8, 0 to 9
    dataset.test            10,000 more, not to be learnt from

`available()` says which names there are.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from byhand.datasets.augmentation import Augment, Shift
from byhand.datasets.catalogue import CATALOGUE, EMBEDDED, MNIST, Entry
from byhand.datasets.distortion import Distort
from byhand.datasets.downloads import Progress, ProgressBar, cache_folder, download
from byhand.datasets.examples import Dataset, Examples
from byhand.datasets.folders import read_files, read_folder
from byhand.datasets.idx import read_idx, write_idx
from byhand.datasets.splits import stratified_split
from byhand.errors import DataError

__all__ = [
    "Augment",
    "Available",
    "Dataset",
    "Distort",
    "Examples",
    "Progress",
    "ProgressBar",
    "Shift",
    "available",
    "fetch",
    "load",
    "read_idx",
    "stratified_split",
    "write_idx",
]


@dataclass(frozen=True)
class Available:
    """A data set that can be loaded by name; `folder` is None as long as it is not downloaded."""

    name: str
    title: str
    licence: str
    credit: str
    home: str
    train: int
    test: int
    embedded: bool
    folder: Path | None


def load(name_or_path: str | Path, progress: Progress | None = None) -> Dataset:
    """The data set of that name, or the one in that folder.

    "mnist" is read from the package. The other names of `available()` are read from the cache, after
    a download if need be, which reports to the bars that `progress` makes. Anything else is a folder
    of four IDX files; a folder that has the name of a data set is reached by "./mnist".

    Raises DataError for what is neither or cannot be used, DownloadError and OutputError as `fetch` does.
    """
    if isinstance(name_or_path, str) and name_or_path in CATALOGUE:
        entry = CATALOGUE[name_or_path]
        return read_files(entry.name, _files(entry, progress), entry.classes)
    with suppress(OSError):  # a name too long for any file names no folder either
        if Path(name_or_path).exists():
            return read_folder(Path(name_or_path))
    raise _unknown(str(name_or_path), ", or give a folder of IDX files; there is none of that name")


def fetch(name: str, progress: Progress | None = None) -> list[Path]:
    """The four files of a data set, downloaded unless they are there and whole.

    In order: training images, training labels, test images, test labels.

    Raises DataError for an unknown name, DownloadError when no mirror gives the published bytes,
    OutputError when they cannot be kept.
    """
    if name not in CATALOGUE:
        raise _unknown(name)
    return _files(CATALOGUE[name], progress)


def available() -> list[Available]:
    """The data sets that can be loaded by name, and where they are now."""
    return [
        Available(
            name=entry.name,
            title=entry.title,
            licence=entry.licence,
            credit=entry.credit,
            home=entry.home,
            train=entry.train,
            test=entry.test,
            embedded=entry is MNIST,
            folder=_folder(entry),
        )
        for entry in CATALOGUE.values()
    ]


def _files(entry: Entry, progress: Progress | None) -> list[Path]:
    if entry is MNIST:
        return [EMBEDDED / file.name for file in entry.files]
    return download(entry, progress)


def _folder(entry: Entry) -> Path | None:
    folder = EMBEDDED if entry is MNIST else cache_folder(entry)
    return folder if all((folder / file.name).is_file() for file in entry.files) else None


def _unknown(name: str, advice: str = "") -> DataError:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), CATALOGUE, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return DataError(f"there is no data set {name}; {guess}choose from {', '.join(CATALOGUE)}{advice}")
