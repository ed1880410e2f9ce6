"""The data sets known by name: what they show, whose they are, where they are, and their checksums."""

from dataclasses import dataclass
from pathlib import Path

EMBEDDED = Path(__file__).parent / "files"
"""Where the data are that come with the package."""


@dataclass(frozen=True)
class File:
    """One published file: its name, its size in bytes once unpacked, and its checksum.

    The checksum is the SHA-256 of the unpacked bytes, since some mirrors and Debian pack the same bytes anew;
    `of_packed` marks those of which only the md5 of the .gz is published.
    """

    name: str
    size: int
    checksum: str
    of_packed: bool = False

    @property
    def packed_at_most(self) -> int:
        """Bytes: gzip adds less than this even to what it cannot pack."""
        return self.size + self.size // 100 + 1000


@dataclass(frozen=True)
class Entry:
    """One data set. Its files: training images, training labels, test images, test labels."""

    name: str
    title: str
    licence: str
    credit: str
    home: str
    classes: tuple[str, ...]
    train: int
    test: int
    mirrors: tuple[str, ...]
    files: tuple[File, File, File, File]


MNIST = Entry(
    name="mnist",
    title="MNIST: handwritten digits",
    licence="CC BY-SA 3.0",
    credit="Yann LeCun and Corinna Cortes; derived from NIST Special Databases 1 and 3",
    home="http://yann.lecun.com/exdb/mnist/",
    classes=("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    train=60_000,
    test=10_000,
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=(
        File(
            "train-images-idx3-ubyte.gz",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        File(
            "train-labels-idx1-ubyte.gz",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        File(
            "t10k-images-idx3-ubyte.gz",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        File(
            "t10k-labels-idx1-ubyte.gz",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
)

FASHION_MNIST = Entry(
    name="fashion-mnist",
    title="Fashion-MNIST: articles of clothing",
    licence="MIT",
    credit="Zalando SE",
    home="https://github.com/zalandoresearch/fashion-mnist",
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    train=60_000,
    test=10_000,
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    files=(
        File(
            "train-images-idx3-ubyte.gz",
            47_040_016,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        File(
            "train-labels-idx1-ubyte.gz",
            60_008,
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        File(
            "t10k-images-idx3-ubyte.gz",
            7_840_016,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        File(
            "t10k-labels-idx1-ubyte.gz",
            10_008,
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
)

KMNIST = Entry(
    name="kmnist",
    title="KMNIST: cursive Japanese characters",
    licence="CC BY-SA 4.0",
    credit=(
        '"KMNIST Dataset" (created by CODH), adapted from "Kuzushiji Dataset" '
        "(created by NIJL and others), doi:10.20676/00000341"
    ),
    home="http://codh.rois.ac.jp/kmnist/",
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    train=60_000,
    test=10_000,
    mirrors=(
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        # At the commit that has the published files; later ones repack them as Parquet.
        "https://huggingface.co/datasets/tanganke/kmnist/resolve/756d43e894032ce8838db8b32e7500c9c3b5d050/raw/",
    ),
    files=(
        File(
            "train-images-idx3-ubyte.gz",
            47_040_016,
            "bdb82020997e1d708af4cf47b453dcf7",
            of_packed=True,
        ),
        File(
            "train-labels-idx1-ubyte.gz",
            60_008,
            "e144d726b3acfaa3e44228e80efcd344",
            of_packed=True,
        ),
        File(
            "t10k-images-idx3-ubyte.gz",
            7_840_016,
            "5c965bf0a639b31b8f53240b1b52f4d7",
            of_packed=True,
        ),
        File(
            "t10k-labels-idx1-ubyte.gz",
            10_008,
            "7320c461ea6c1c855c0b718fb2a4b134",
            of_packed=True,
        ),
    ),
)

CATALOGUE = {entry.name: entry for entry in (MNIST, FASHION_MNIST, KMNIST)}
