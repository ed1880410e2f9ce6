"""IDX, the format MNIST is published in: a header that says what follows, then the numbers.

    0 0 TYPE RANK     two zeros, the type of the elements, the number of dimensions
    4 bytes each      the dimensions, outermost first
    the elements      the last dimension running fastest

All numbers of more than one byte are big-endian. The format allows 255 dimensions, NumPy 64.
"""

import gzip
import math
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from byhand.datasets.unpacking import DAMAGED, DEFLATE_RATIO, pieces, unpacked
from byhand.errors import DataError
from byhand.files import written_whole

TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
MOST_DIMENSIONS = 64


def read_idx(path: str | Path) -> NDArray[Any]:
    """The array in an IDX file, plain or packed with gzip: in native byte order, and writable.

    Nothing of the array's size is allocated before the file is known to be long enough for it, and
    a packed file is not unpacked further than one byte past its own header's word.

    Raises DataError when the file cannot be read, or is not exactly one whole IDX file.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, unpacked(file) as stream:
            size = os.fstat(file.fileno()).st_size
            return _read(stream, most=size if stream is file else size * DEFLATE_RATIO)
    except FileNotFoundError as error:
        raise DataError(f"there is no file {path}; check the name") from error
    except _FormatError as error:
        raise DataError(f"{path} {error}; fetch or copy it again") from error
    except DAMAGED as error:
        raise DataError(
            f"{path} is damaged within its gzip packing ({error}); fetch or copy it again"
        ) from error
    except OSError as error:
        raise DataError(
            f"cannot read {path}: {error.strerror or error}; check what it is and who may read it"
        ) from error


def write_idx(path: str | Path, array: NDArray[Any]) -> None:
    """Write an array of any shape as an IDX file, packed with gzip when the name ends in .gz.

    The same array always gives the same bytes: the packing carries no name and no time.

    Raises DataError when IDX has no such element type or no room for a dimension, OutputError when
    the file cannot be written.
    """
    path = Path(path)
    code = next((code for code, dtype in TYPES.items() if dtype == array.dtype.newbyteorder(">")), None)
    if code is None:
        known = ", ".join(dtype.newbyteorder("=").name for dtype in TYPES.values())
        raise DataError(f"IDX has no element type {array.dtype}; convert the array to one of {known}")
    if max(array.shape, default=0) >= 2**32:
        raise DataError(f"IDX has no room for the dimensions {array.shape}; each must be below 2**32")
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    elements = np.ascontiguousarray(array, dtype=TYPES[code])
    with written_whole(path) as beside, beside.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                packed.write(header)
                packed.write(elements.data)
        else:
            file.write(header)
            file.write(elements.data)


class _FormatError(Exception):
    """What is wrong with the bytes, to be read after the file's name."""


def _read(stream: BinaryIO, most: int) -> NDArray[Any]:
    """The array in `stream`, which holds `most` bytes or fewer."""
    dtype, shape = _read_header(stream)
    length = math.prod(shape) * dtype.itemsize
    if length > most:
        raise _FormatError(
            f"announces {' × '.join(map(str, shape))} elements ({length:,} bytes), more than it can hold"
        )

    data = bytearray()  # grows with what is really there, not with what the header says
    for piece in pieces(stream, length + 1):
        data += piece
    if len(data) < length:
        raise _FormatError(f"ends after {len(data):,} of the {length:,} bytes of data its header announces")
    if len(data) > length:
        raise _FormatError(f"goes on after the {length:,} bytes of data its header announces")

    try:
        array: NDArray[Any] = np.ndarray(shape, dtype, buffer=data)
    except ValueError as error:  # no elements, yet the other dimensions multiply past 2**63
        raise _FormatError("has dimensions that NumPy cannot hold") from error
    return array.astype(dtype.newbyteorder("="), copy=False)


def _read_header(stream: BinaryIO) -> tuple[np.dtype[Any], tuple[int, ...]]:
    start = stream.read(4)
    if not start:
        raise _FormatError("is empty where an IDX file was expected")
    if len(start) < 4:
        raise _FormatError(f"ends after {len(start)} bytes, within the header of an IDX file")
    if start[:2] != b"\0\0":
        raise _FormatError(f"begins with the bytes {start[:2].hex(' ')}, an IDX file with 00 00")
    code, rank = start[2], start[3]
    if code not in TYPES:
        known = ", ".join(f"{known:02x}" for known in TYPES)
        raise _FormatError(f"has the element type {code:02x}, an IDX file one of {known}")
    if rank > MOST_DIMENSIONS:
        raise _FormatError(f"has {rank} dimensions, of which NumPy holds at most {MOST_DIMENSIONS}")
    dimensions = stream.read(4 * rank)
    if len(dimensions) < 4 * rank:
        raise _FormatError(f"ends within its header, which should give {rank} dimensions")
    return TYPES[code], struct.unpack(f">{rank}I", dimensions)
