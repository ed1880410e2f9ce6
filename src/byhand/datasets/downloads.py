"""Data sets from the network: fetched once, checked, and kept.

What is kept lies in a folder for each data set, under BYHAND_DATA or else where the operating system
keeps caches. A file enters it by being renamed, after its checksum was found right: so whoever is
interrupted leaves nothing behind, and two who fetch at once do not disturb each other.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from byhand.datasets.catalogue import Entry, File
from byhand.datasets.checksums import holds_published, is_published
from byhand.errors import DownloadError
from byhand.files import make_folder, written_whole

TIMEOUT = (10.0, 30.0)
"""Seconds to wait for a connection, and then for each next piece."""


class ProgressBar(Protocol):
    """What a download reports to, in bytes. `close` may be called twice."""

    total: int

    def update(self, amount: int) -> None:
        """`amount` more bytes have come; pieces are counted whole, so the last one may overshoot."""

    def reset(self) -> None:
        """Count from zero again: done before the exact total is reported."""

    def close(self) -> None:
        """No more will come."""


Progress = Callable[[str], ProgressBar]
"""Makes a progress bar for the file of the given name."""


def cache_folder(entry: Entry) -> Path:
    """Where the files of a data set are kept, or would be."""
    root = os.environ.get("BYHAND_DATA")
    if not root:
        import pooch

        root = pooch.os_cache("byhand")
    return Path(root) / entry.name


def download(
    entry: Entry, progress: Progress | None = None, timeout: tuple[float, float] = TIMEOUT
) -> list[Path]:
    """The paths of the four files of a data set, after fetching those that are missing or wrong.

    `timeout` is in seconds: for a connection, and for each next piece.

    Raises DownloadError when no mirror gives a file as it was published, OutputError when it cannot be
    kept.
    """
    folder = cache_folder(entry)
    mirrors = list(entry.mirrors)
    for file in entry.files:
        path = folder / file.name
        if is_published(path, file):
            continue
        make_folder(folder)
        mirror, packed = _from_any(mirrors, entry.name, file, progress, timeout)
        with written_whole(path) as beside:
            beside.write_bytes(packed)
        mirrors.sort(key=lambda other: other != mirror)  # the one that answered comes first from here on
    return [folder / file.name for file in entry.files]


class _MirrorError(Exception):
    """Why a mirror is of no use, in a few words."""


def _from_any(
    mirrors: list[str], name: str, file: File, progress: Progress | None, timeout: tuple[float, float]
) -> tuple[str, bytes]:
    """The first mirror that gives `file` of the data set `name` as it was published, and the bytes."""
    refusals = []
    for mirror in mirrors:
        try:
            return mirror, _from_one(mirror, file, progress, timeout)
        except _MirrorError as refusal:
            refusals.append(f"{urlsplit(mirror).netloc}: {refusal}")
    raise DownloadError(
        f"cannot fetch {file.name} of {name} ({'; '.join(refusals)}); "
        "check the connection, or get the files elsewhere and give the folder they are in"
    )


def _from_one(mirror: str, file: File, progress: Progress | None, timeout: tuple[float, float]) -> bytes:
    from pooch import HTTPDownloader

    received = _Bounded(file.packed_at_most)
    bar = progress(file.name) if progress else None
    try:
        fetch = HTTPDownloader(
            progressbar=bar,
            chunk_size=2**16,
            timeout=timeout,
            headers={"Accept-Encoding": "identity"},  # the file as it lies there, not packed once more
        )
        fetch(mirror + file.name, received, None)
    except (OSError, ValueError) as error:  # all that requests raises are OSErrors; no disk is involved here
        raise _MirrorError(_reason(error)) from error
    finally:
        if bar is not None:
            bar.close()
    received.seek(0)
    if not holds_published(received, file):
        raise _MirrorError("sent other bytes than were published")
    return received.getvalue()


class _Bounded(io.BytesIO):
    """Memory that takes no more than `most` bytes, so that a mirror cannot send without end."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, piece: Any, /) -> int:
        if self.tell() + len(piece) > self.most:
            raise _MirrorError("sent more bytes than were published")
        return super().write(piece)


def _reason(error: Exception) -> str:
    """A few words for what requests says in many."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"answered {response.status_code}"
    if "timed out" in str(error):
        return "did not answer in time"
    return f"the connection failed with {type(error).__name__}"
