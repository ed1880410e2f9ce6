"""Writing a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from byhand.errors import OutputError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; rename it onto `path` when the block ends well.

    A reader sees the old file or the new one, never half of one, and two writers cannot mix. When the
    block raises, or the disk is full, the name beside is removed and the old file stays as it was.

    Raises OutputError for a device or a pipe, and when the operating system refuses; other exceptions pass
    through.
    """
    beside = None
    try:
        _check_ordinary(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        beside = Path(name)
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.chmod(0o666 & ~_umask())  # mkstemp made it private; give it what open() would have given
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}; choose another place") from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise OutputError now if `path` could not be written later: before the work, not after it.

    The only sure way to know is to try, so an empty file is made beside `path` and removed again.
    """
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; add a file name")
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {path.parent}; make it first")
    try:
        _check_ordinary(path)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}; choose another place") from error


def make_folder(path: Path) -> None:
    """Make the folder `path`, and those above it, unless it is there; OutputError when that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {path}: {error.strerror}; choose another place") from error
    check_writable(path / "any")


def _check_ordinary(path: Path) -> None:
    """Raise OutputError for what is there and no file: as root, a rename onto /dev/null takes it away."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OutputError(f"cannot write {path}: it is a device or a pipe, and would be lost; name a file")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
