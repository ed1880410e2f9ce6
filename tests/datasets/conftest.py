"""A mirror that behaves as well or as badly as a test asks it to, and a small data set to get from it."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from byhand.datasets import write_idx
from byhand.datasets.catalogue import MNIST, Entry, File

NAMES = tuple(file.name for file in MNIST.files)


def write_small_set(folder: Path, classes: int = 3, names: tuple[str, ...] = NAMES) -> Path:
    """Twelve images to learn from and six to be tested on, 4 x 5 pixels each."""
    rng = np.random.default_rng(7)
    for count, (images, labels) in ((12, names[:2]), (6, names[2:])):
        write_idx(folder / images, rng.integers(0, 256, (count, 4, 5), dtype=np.uint8))
        write_idx(folder / labels, (np.arange(count) % classes).astype(np.uint8))
    return folder


@dataclass
class Mirrors:
    """One server on this machine; the first part of a path says how it answers."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    both_here: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=20))
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.port}/{manner}/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open until the client closes them
    timeout = 3  # seconds for the next request, should a client never close
    mirrors: Mirrors

    def do_GET(self) -> None:
        self.mirrors.asked.append(self.path)
        _, manner, name = self.path.split("/")
        getattr(self, f"answer_{manner}")(self.mirrors.files[name])

    def log_message(self, *_: object) -> None:
        pass

    def send(self, body: bytes, length: object = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def answer_good(self, body: bytes) -> None:
        self.send(body)

    def answer_unpacked(self, body: bytes) -> None:
        self.send(gzip.decompress(body))

    def answer_repacked(self, body: bytes) -> None:
        self.send(gzip.compress(gzip.decompress(body), compresslevel=1, mtime=1))

    def answer_lie(self, body: bytes) -> None:
        self.send(gzip.compress(gzip.decompress(body)[:-1] + b"!", mtime=0))

    def answer_page(self, body: bytes) -> None:
        self.send(b"<html>Please log in to the hotel's network</html>")

    def answer_bomb(self, body: bytes) -> None:
        self.send(gzip.compress(gzip.decompress(body) + bytes(500_000)))

    def answer_half(self, body: bytes) -> None:
        self.send(body[: len(body) // 2])

    def answer_truncate(self, body: bytes) -> None:
        self.send(body[: len(body) // 2], length=len(body))
        self.close_connection = True

    def answer_endless(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        for _ in range(300):  # or so it seems: 20 MB for files of a few hundred bytes
            self.wfile.write(bytes(2**16))

    def answer_length(self, body: bytes) -> None:
        self.send(body, length="many")

    def answer_403(self, body: bytes) -> None:
        self.send_error(403)

    def answer_404(self, body: bytes) -> None:
        self.send_error(404)

    def answer_500(self, body: bytes) -> None:
        self.send_error(500)

    def answer_drop(self, body: bytes) -> None:
        self.close_connection = True

    def answer_stall(self, body: bytes) -> None:
        self.mirrors.over.wait(3)

    def answer_stutter(self, body: bytes) -> None:
        self.send(body[:10], length=len(body))
        self.mirrors.over.wait(3)

    def answer_loop(self, body: bytes) -> None:
        self.send_response(302)
        self.send_header("Location", self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_together(self, body: bytes) -> None:
        """The first file is held back until two have asked for it."""
        if self.path.endswith(NAMES[0]):
            self.mirrors.both_here.wait()
        self.send(body)


class Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them, and none outlives its test

    def handle_error(self, *_: object) -> None:
        """Clients that hang up in the middle are what these tests are about."""


@pytest.fixture
def mirrors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    """A running server with the small set, and a cache folder of its own, empty as yet."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("BYHAND_DATA", str(tmp_path / "cache"))
    (tmp_path / "published").mkdir()
    published = write_small_set(tmp_path / "published")
    state = Mirrors(files={name: (published / name).read_bytes() for name in NAMES})
    handler = type("BoundHandler", (Handler,), {"mirrors": state})
    with Server(("127.0.0.1", 0), handler) as server:
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        state.over.set()
        server.shutdown()
        thread.join()


def small_entry(mirrors: Mirrors, *manners: str, of_packed: bool = False) -> Entry:
    """The small set as the catalogue would have it, from mirrors of these manners, asked in this order."""
    files = []
    for name, packed in mirrors.files.items():
        unpacked = gzip.decompress(packed)
        checksum = hashlib.md5(packed).hexdigest() if of_packed else hashlib.sha256(unpacked).hexdigest()
        files.append(File(name, len(unpacked), checksum, of_packed))
    return Entry(
        name="small",
        title="Small",
        licence="none",
        credit="nobody",
        home="http://127.0.0.1/",
        classes=("a", "b", "c"),
        train=12,
        test=6,
        mirrors=tuple(mirrors.url(manner) for manner in manners),
        files=(files[0], files[1], files[2], files[3]),
    )


class Bar:
    """Remembers what it was told."""

    def __init__(self, name: str) -> None:
        self.name, self.total, self.done, self.closed = name, 0, 0, False

    def update(self, amount: int) -> None:
        self.done += amount

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        self.closed = True
