import dataclasses
import gzip
import hashlib
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from conftest import NAMES, Bar, Mirrors, small_entry, write_small_set

import byhand.datasets
from byhand.datasets import available, fetch, load, read_idx, write_idx
from byhand.datasets.catalogue import CATALOGUE, MNIST
from byhand.errors import DataError, DownloadError

DEBIAN = Path("/usr/share/datasets/fashion-mnist")

SPELLINGS = {
    "packed": NAMES,
    "plain": tuple(name.removesuffix(".gz") for name in NAMES),
    "dotted": tuple(name.removesuffix(".gz").replace("-idx", ".idx") for name in NAMES),
    "dotted and packed": tuple(name.replace("-idx", ".idx") for name in NAMES),
}


def refusal(name_or_path: str | Path) -> str:
    with pytest.raises(DataError) as caught:
        load(name_or_path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_mnist_comes_with_the_package() -> None:
    mnist = load("mnist")
    assert mnist.name == "mnist"
    assert mnist.classes == tuple("0123456789")
    assert mnist.train.images.shape == (60_000, 28, 28)
    assert mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.train.images.dtype == mnist.train.labels.dtype == np.uint8
    assert mnist.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(mnist.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_embedded_files_are_those_that_were_published() -> None:
    for path, file in zip(fetch("mnist"), MNIST.files, strict=True):
        content = gzip.decompress(path.read_bytes())
        assert len(content) == file.size
        assert hashlib.sha256(content).hexdigest() == file.checksum
        assert path.read_bytes()[3:8] == bytes(5)  # packed with no name and no time


def test_the_licence_beside_the_embedded_files_names_their_checksums() -> None:
    licence = (fetch("mnist")[0].parent / "LICENSE-MNIST.md").read_text()
    assert "CC BY-SA 3.0" in licence
    assert all(file.checksum in licence and f"{file.size:,}" in licence for file in MNIST.files)
    assert all(mirror in licence for mirror in MNIST.mirrors)


def test_loading_mnist_needs_little_more_memory_than_it_holds() -> None:
    load("mnist")
    tracemalloc.start()
    try:
        mnist = load("mnist")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.25 * (mnist.train.images.nbytes + mnist.test.images.nbytes)


def test_importing_loads_numpy_and_the_standard_library_alone() -> None:
    program = "import sys, byhand.datasets; byhand.datasets.load('mnist'); print(*sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    loaded = {name.partition(".")[0] for name in output.split()}
    others = {
        "pooch",
        "requests",
        "urllib3",
        "tqdm",
        "PIL",
        "matplotlib",
        "safetensors",
        "typer",
        "rich",
        "scipy",
    }
    assert "numpy" in loaded
    assert not loaded & others


@pytest.fixture
def small(mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch) -> Mirrors:
    """The small set as if it were in the catalogue."""
    monkeypatch.setitem(CATALOGUE, "small", small_entry(mirrors, "good"))
    return mirrors


def test_a_data_set_of_the_catalogue_is_downloaded_once(small: Mirrors) -> None:
    bars: list[Bar] = []

    def progress(name: str) -> Bar:
        bars.append(Bar(name))
        return bars[-1]

    first, second = load("small", progress), load("small", progress)
    assert [bar.name for bar in bars] == list(NAMES)
    assert len(small.asked) == 4
    assert first.name == "small"
    assert first.classes == ("a", "b", "c")
    assert (len(first.train), len(first.test)) == (12, 6)
    assert first.sha256 == second.sha256


def test_fetch_gives_the_paths_of_the_files(small: Mirrors) -> None:
    paths = fetch("small")
    assert [path.name for path in paths] == list(NAMES)
    assert read_idx(paths[0]).shape == (12, 4, 5)
    assert fetch("small") == paths


def test_fetch_of_an_unknown_name() -> None:
    with pytest.raises(DataError, match="did you mean kmnist"):
        fetch("kmist")


def test_a_data_set_that_cannot_be_fetched(mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUE, "small", small_entry(mirrors, "403"))
    with pytest.raises(DownloadError):
        load("small")


def test_what_is_available_and_where(small: Mirrors, tmp_path: Path) -> None:
    before = {item.name: item for item in available()}
    assert list(before) == ["mnist", "fashion-mnist", "kmnist", "small"]
    assert before["mnist"].embedded
    assert before["mnist"].folder == Path(byhand.datasets.__file__).parent / "files"
    assert before["mnist"].licence == "CC BY-SA 3.0"
    assert (before["mnist"].train, before["mnist"].test) == (60_000, 10_000)
    assert before["small"].folder is None
    assert not before["small"].embedded
    fetch("small")
    after = {item.name: item for item in available()}
    assert after["small"].folder == tmp_path / "cache" / "small"
    assert after["kmnist"].folder is None
    assert small.asked == [f"/good/{name}" for name in NAMES]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_folder_is_read_in_every_spelling(tmp_path: Path, spelling: str) -> None:
    (tmp_path / "mine").mkdir()
    write_small_set(tmp_path / "mine", names=SPELLINGS[spelling])
    for folder in (tmp_path / "mine", str(tmp_path / "mine")):
        dataset = load(folder)
        assert dataset.name == "mine"
        assert dataset.classes == ("0", "1", "2")
        assert dataset.train.images.shape == (12, 4, 5)
        assert dataset.test.labels.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_folder_that_has_the_name_of_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mnist").mkdir()
    write_small_set(Path("mnist"))
    assert len(load("./mnist").train) == 12
    assert len(load(Path("mnist")).train) == 12
    assert len(load("mnist").train) == 60_000


def test_a_folder_is_named_even_when_it_is_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_small_set(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert load(".").name == tmp_path.name


def test_a_folder_with_the_published_files_is_recognised(small: Mirrors, tmp_path: Path) -> None:
    dataset = load(tmp_path / "published")
    assert dataset.name == "small"
    assert dataset.classes == ("a", "b", "c")


def test_published_labels_name_the_classes_of_other_images(small: Mirrors, tmp_path: Path) -> None:
    write_idx(tmp_path / "published" / NAMES[0], np.zeros((12, 4, 5), np.uint8))
    dataset = load(tmp_path / "published")
    assert dataset.name == "published"
    assert dataset.classes == ("a", "b", "c")


def test_other_labels_are_numbered(small: Mirrors, tmp_path: Path) -> None:
    write_idx(tmp_path / "published" / NAMES[1], np.array([1] * 11 + [255], np.uint8))
    dataset = load(tmp_path / "published")
    assert dataset.name == "published"
    assert len(dataset.classes) == 256
    assert dataset.classes[-1] == "255"


@pytest.mark.parametrize(
    ("label", "said"), [(70_000, "has the label 70000"), (-1, "training label -1 at position 11")]
)
def test_labels_that_cannot_be_class_numbers(tmp_path: Path, label: int, said: str) -> None:
    write_small_set(tmp_path)
    write_idx(tmp_path / NAMES[1], np.array([0] * 11 + [label], np.int32))
    assert said in refusal(tmp_path)


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_debians_fashion_mnist_is_recognised_though_packed_anew() -> None:
    dataset = load(DEBIAN)
    assert dataset.name == "fashion-mnist"
    assert dataset.classes[dataset.train.labels[0]] == "Ankle boot"
    assert (len(dataset.train), len(dataset.test)) == (60_000, 10_000)


def test_an_unknown_name_is_told_the_known_ones() -> None:
    message = refusal("Fashion_MNIST")
    assert "did you mean fashion-mnist?" in message
    assert all(name in message for name in CATALOGUE)
    assert "folder" in message
    assert "did you mean" not in refusal("zzzzz")
    assert "there is no data set" in refusal("a" * 5000)
    assert "there is no data set" in refusal("\0")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello")
    assert "Not a directory" in refusal(tmp_path / "file")


def test_a_folder_without_the_files_says_what_was_looked_for_and_what_is_there(tmp_path: Path) -> None:
    message = refusal(tmp_path)
    assert "none of train-images-idx3-ubyte, train-images-idx3-ubyte.gz, train-images.idx3-ubyte" in message
    assert "but nothing" in message
    write_small_set(tmp_path)
    (tmp_path / NAMES[3]).rename(tmp_path / "labels")
    (tmp_path / SPELLINGS["plain"][3]).mkdir()  # a folder of the right name is not the file
    message = refusal(tmp_path)
    assert "none of t10k-labels-idx1-ubyte," in message
    assert "labels" in message
    for number in range(7):
        (tmp_path / f"z{number}").touch()
    assert "and 7 more" in refusal(tmp_path)


def test_files_that_do_not_go_together_are_named(tmp_path: Path) -> None:
    write_small_set(tmp_path)
    write_idx(tmp_path / NAMES[3], np.zeros(5, np.uint8))
    message = refusal(tmp_path)
    assert NAMES[2] in message
    assert NAMES[3] in message
    assert "6 images but 5 labels" in message


def test_images_and_labels_exchanged(tmp_path: Path) -> None:
    write_small_set(tmp_path)
    (tmp_path / NAMES[0]).write_bytes((tmp_path / NAMES[1]).read_bytes())
    assert "the images are uint8 of shape (12,)" in refusal(tmp_path)


def test_a_damaged_file_in_a_folder_is_named(tmp_path: Path) -> None:
    write_small_set(tmp_path)
    (tmp_path / NAMES[2]).write_bytes(b"hello, this is no data")
    assert NAMES[2] in refusal(tmp_path)


def test_everything_promised_is_there() -> None:
    assert all(hasattr(byhand.datasets, name) for name in byhand.datasets.__all__)
    assert [field.name for field in dataclasses.fields(byhand.datasets.Dataset)] == [
        "name",
        "train",
        "test",
        "classes",
    ]
