import gzip
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from byhand.datasets import read_idx, write_idx
from byhand.errors import DataError, OutputError

TYPES = ["u1", "i1", "i2", "i4", "f4", "f8"]
CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}

arrays = st.sampled_from(TYPES).flatmap(
    lambda kind: hnp.arrays(
        st.sampled_from(["<", ">"]).map(lambda order: np.dtype(order + kind)),
        hnp.array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=4),
        elements=hnp.from_dtype(np.dtype(kind), allow_nan=False),
    )
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx")


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_idx(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


@settings(deadline=None, max_examples=50)
@given(arrays, st.booleans())
def test_what_is_written_is_read_again(folder: Path, array: np.ndarray[Any, Any], packed: bool) -> None:
    path = folder / ("array.gz" if packed else "array")
    write_idx(path, array)
    found = read_idx(path)
    assert found.dtype == array.dtype.newbyteorder("=")
    assert found.dtype.isnative
    assert found.flags.writeable
    np.testing.assert_array_equal(found, array, strict=False)
    assert found.shape == array.shape


@pytest.mark.parametrize("kind", TYPES)
def test_the_bytes_are_those_of_the_format(tmp_path: Path, kind: str) -> None:
    write_idx(tmp_path / "a", np.array([[1, 2, 3], [4, 5, 6]], dtype=kind))
    form = {"u1": "B", "i1": "b", "i2": "h", "i4": "i", "f4": "f", "f8": "d"}[kind]
    expected = struct.pack(f">BBBBII6{form}", 0, 0, CODES[kind], 2, 2, 3, 1, 2, 3, 4, 5, 6)
    assert (tmp_path / "a").read_bytes() == expected


def test_64_dimensions_are_read_and_65_refused(tmp_path: Path) -> None:
    dimensions = struct.pack(">65I", *[1] * 65)
    assert read_idx(written(tmp_path / "a", b"\0\0\x08\x40" + dimensions[4:] + b"!")).shape == (1,) * 64
    assert "65 dimensions" in refusal(written(tmp_path / "b", b"\0\0\x08\x41" + dimensions + b"!"))


def test_a_transposed_array_is_written_in_its_own_order(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.int16).reshape(3, 4).T
    write_idx(tmp_path / "a", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), array)


def test_packing_is_recognised_by_content_not_by_name(tmp_path: Path) -> None:
    array = np.arange(5, dtype=np.uint8)
    write_idx(tmp_path / "plain", array)
    write_idx(tmp_path / "packed.gz", array)
    assert (tmp_path / "packed.gz").read_bytes()[:2] == b"\x1f\x8b"
    (tmp_path / "plain").rename(tmp_path / "in fact plain.gz")
    (tmp_path / "packed.gz").rename(tmp_path / "in fact packed")
    np.testing.assert_array_equal(read_idx(tmp_path / "in fact plain.gz"), array)
    np.testing.assert_array_equal(read_idx(str(tmp_path / "in fact packed")), array)


def test_packing_the_same_array_twice_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = np.arange(500, dtype=np.float32)
    write_idx(tmp_path / "one.gz", array)
    monkeypatch.setattr("time.time", lambda: 1e9)
    write_idx(tmp_path / "another.gz", array)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "another.gz").read_bytes()


@pytest.mark.parametrize("kind", ["bool", "int64", "uint16", "float16", "complex64", "U3", "datetime64[s]"])
def test_other_element_types_are_not_written(tmp_path: Path, kind: str) -> None:
    with pytest.raises(DataError, match=r"convert the array to one of uint8, .*float64$"):
        write_idx(tmp_path / "a", np.zeros(3, dtype=kind))
    assert not list(tmp_path.iterdir())


def test_a_dimension_of_more_than_32_bits_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="below"):
        write_idx(tmp_path / "a", np.zeros((2**32, 0), dtype=np.uint8))


def test_a_file_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose another place"):
        write_idx(tmp_path / "no such folder" / "a", np.zeros(3, dtype=np.uint8))


@settings(deadline=None, max_examples=50)
@given(arrays, st.data())
def test_any_truncation_is_refused(folder: Path, array: np.ndarray[Any, Any], data: st.DataObject) -> None:
    for name in ("whole", "whole.gz"):
        write_idx(folder / name, array)
        content = (folder / name).read_bytes()
        kept = data.draw(st.integers(0, len(content) - 1))
        refusal(written(folder / "short", content[:kept]))


@settings(deadline=None, max_examples=40)
@given(arrays, st.binary(min_size=1, max_size=9), st.booleans())
def test_any_trailing_bytes_are_refused(
    folder: Path, array: np.ndarray[Any, Any], more: bytes, packed: bool
) -> None:
    write_idx(folder / "whole", array)
    content = (folder / "whole").read_bytes() + more
    message = refusal(written(folder / "long", gzip.compress(content) if packed else content))
    assert "goes on" in message


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [b"", b"\0\0", b"\0\0\x08\x01\0\0\0", b"\0\0\x0e\x03", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0"]
    ),
    st.binary(max_size=40),
)
def test_random_bytes_raise_nothing_but_data_errors(folder: Path, start: bytes, rest: bytes) -> None:
    for content in (start + rest, gzip.compress(start + rest, mtime=0)):
        try:
            read_idx(written(folder / "random", content))
        except DataError as error:
            assert "\n" not in str(error)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_changed_byte_in_packed_data_is_refused_or_harmless(folder: Path, data: st.DataObject) -> None:
    array = np.random.default_rng(1).integers(0, 9, 300, dtype=np.uint8)
    write_idx(folder / "whole.gz", array)
    content = bytearray((folder / "whole.gz").read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = read_idx(written(folder / "changed.gz", bytes(content)))
    except DataError:
        return
    np.testing.assert_array_equal(found, array)  # such as the time, which gzip does not check


def test_no_such_file(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "nothing")


def test_a_folder(tmp_path: Path) -> None:
    assert "cannot read" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    assert "is empty" in refusal(written(tmp_path / "a", content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", "begins with the bytes 89 50, an IDX file with 00 00"),
        (b"\0\0\x0a\x01\0\0\0\1!", "element type 0a, an IDX file one of 08, 09, 0b, 0c, 0d, 0e"),
        (b"\0\0\x08", "ends after 3 bytes, within the header"),
        (b"\0\0\x08\3\0\0\0\1\0\0\0\1\0", "ends within its header, which should give 3 dimensions"),
        (b"\0\0\x08\2\0\0\0\2\0\0\0\3hello", "ends after 5 of the 6 bytes"),
        (b"\0\0\x08\2\0\0\0\2\0\0\0\3hellos!", "goes on after the 6 bytes"),
        (b"\0\0\x08\4" + b"\0\0\0\0" + b"\xff" * 12, "dimensions that NumPy cannot hold"),
    ],
)
def test_bad_content_is_named_packed_or_not(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refusal(written(tmp_path / "a", content))
    assert said in refusal(written(tmp_path / "a.gz", gzip.compress(content)))


@pytest.mark.parametrize("damage", ["cut in the data", "cut in the checksum", "checksum", "data"])
def test_damaged_packing(tmp_path: Path, damage: str) -> None:
    write_idx(tmp_path / "a.gz", np.random.default_rng(1).integers(0, 256, 5000, dtype=np.uint8))
    content = bytearray((tmp_path / "a.gz").read_bytes())
    match damage:
        case "cut in the data":
            del content[2000:]
        case "cut in the checksum":
            del content[-6:]
        case "checksum":
            content[-7] ^= 1
        case "data":
            content[10:20] = b"\xff" * 10
    assert "damaged within its gzip packing" in refusal(written(tmp_path / "bad.gz", bytes(content)))


def memory_to_refuse(path: Path) -> tuple[str, int]:
    """What is said of a bad file, and the most bytes that were allocated until then."""
    tracemalloc.start()
    try:
        message = refusal(path)
        return message, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dimensions", [b"\xff" * 12, b"\0\0\xff\xff" + b"\0\0\x01\0" * 2])
@pytest.mark.parametrize("packed", [False, True])
def test_enormous_dimensions_allocate_nothing(tmp_path: Path, dimensions: bytes, packed: bool) -> None:
    content = b"\0\0\x0e\3" + dimensions + bytes(100_000)
    message, memory = memory_to_refuse(written(tmp_path / "a", gzip.compress(content) if packed else content))
    assert "more than it can hold" in message
    assert memory < 2_000_000


def test_a_plain_file_holds_no_more_than_its_size(tmp_path: Path) -> None:
    assert "more than it can hold" in refusal(written(tmp_path / "a", b"\0\0\x08\1\0\0\0\x20" + bytes(9)))


def test_a_packed_file_may_claim_no_more_than_it_has(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).bytes(1_000_000)  # could unpack to 1 GB, for all its size says
    content = gzip.compress(b"\0\0\x08\1" + struct.pack(">I", 900_000_000) + noise, compresslevel=1)
    message, memory = memory_to_refuse(written(tmp_path / "a", content))
    assert "ends after 1,000,000 of the 900,000,000 bytes" in message
    assert memory < 10_000_000


def test_a_bomb_is_not_unpacked_past_its_header(tmp_path: Path) -> None:
    content = gzip.compress(b"\0\0\x08\1" + struct.pack(">I", 10) + bytes(100_000_000), compresslevel=1)
    message, memory = memory_to_refuse(written(tmp_path / "a", content))
    assert "goes on after the 10 bytes" in message
    assert memory < 2_000_000


def test_reading_bytes_needs_no_second_copy(tmp_path: Path) -> None:
    array = np.random.default_rng(1).integers(0, 256, (100, 200, 500), dtype=np.uint8)
    for name in ("a", "a.gz"):
        write_idx(tmp_path / name, array[:, :, :1] if name == "a.gz" else array)
    tracemalloc.start()
    try:
        found = read_idx(tmp_path / "a")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(found, array)
    assert peak < 1.4 * array.nbytes
