import os
import stat
from pathlib import Path

import pytest

from byhand.errors import OutputError
from byhand.files import check_writable, make_folder, written_whole


def test_a_file_appears_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "new.bin"
    with written_whole(path) as beside:
        beside.write_bytes(b"half")
        assert not path.exists()
        beside.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_whoever_reads_the_old_file_goes_on_reading_it_whole(tmp_path):
    path = tmp_path / "old.bin"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        with written_whole(path) as beside:
            beside.write_bytes(b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt])
def test_whatever_stops_the_writing_the_old_file_stays(tmp_path, trouble):
    path = tmp_path / "old.bin"
    path.write_bytes(b"old")
    with pytest.raises(trouble), written_whole(path) as beside:
        beside.write_bytes(b"half")
        raise trouble
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_can_be_read_by_whom_the_umask_lets_read(tmp_path):
    before = os.umask(0o027)
    try:
        with written_whole(tmp_path / "new") as beside:
            beside.write_bytes(b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@pytest.mark.parametrize("place", ["", "no/such/folder/file", "file/below"])
def test_a_place_that_cannot_be_written_is_known_before_the_work(tmp_path, place):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"):
        check_writable(tmp_path / place)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes here")
def test_a_device_or_a_pipe_is_never_replaced_by_a_file(tmp_path):
    """As root, writing to /dev/null in this way would take it away from the whole machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="it is a device or a pipe, and would be lost; name a file"):
        check_writable(pipe)
    with pytest.raises(OutputError, match="it is a device or a pipe"), written_whole(pipe) as beside:
        beside.write_bytes(b"")
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_folder_that_takes_no_files_is_known_before_the_work():
    with pytest.raises(OutputError):  # nobody, not even root, makes files there
        check_writable(Path("/proc/file"))


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path):
    (tmp_path / "old").write_bytes(b"old")
    check_writable(tmp_path / "old")
    check_writable(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_folders_are_made_with_those_above_them(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="folder"):
        make_folder(tmp_path / "file" / "b")
    with pytest.raises(OutputError):
        make_folder(tmp_path / "file")
