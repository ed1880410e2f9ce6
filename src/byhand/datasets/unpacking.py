"""The bytes of a file that may be packed with gzip, in pieces, and never more of them than asked for."""

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

DEFLATE_RATIO = 1032
"""The most bytes one packed byte can stand for: deflate writes 258 of them in two bits at best."""

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a gzip stream raises when it was cut short, changed, or never was one."""


def unpacked(file: BinaryIO) -> BinaryIO:
    """`file` itself, or what is packed in it when its first two bytes are those of gzip.

    Names are not trusted: programs that unpack in passing often leave the .gz behind.
    """
    start = file.read(2)
    file.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=file)) if start == b"\x1f\x8b" else file


def pieces(stream: BinaryIO, most: int) -> Iterator[bytes]:
    """What `stream` holds, up to `most` bytes in all, at most a mebibyte at a time."""
    while most > 0 and (piece := stream.read(min(most, 2**20))):
        most -= len(piece)
        yield piece
