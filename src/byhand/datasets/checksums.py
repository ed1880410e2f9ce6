"""Are these the bytes that were published?"""

import hashlib
from pathlib import Path
from typing import BinaryIO

from byhand.datasets.catalogue import File
from byhand.datasets.unpacking import DAMAGED, pieces, unpacked


def is_published(path: Path, file: File) -> bool:
    """Whether `path` is there, can be read and holds the bytes of `file`."""
    try:
        with path.open("rb") as found:
            return holds_published(found, file)
    except OSError:
        return False


def holds_published(found: BinaryIO, file: File) -> bool:
    """Whether the stream `found`, packed or not, holds the bytes of `file`.

    It is read in pieces, and one byte more than there should be is enough to refuse it.
    """
    stream, size = (found, file.packed_at_most) if file.of_packed else (unpacked(found), file.size)
    digest = hashlib.new("md5" if file.of_packed else "sha256", usedforsecurity=False)
    try:
        for piece in pieces(stream, size + 1):
            digest.update(piece)
    except DAMAGED:
        return False
    return digest.hexdigest() == file.checksum
