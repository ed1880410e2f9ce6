import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import NAMES, Bar, Mirrors, small_entry

from byhand.cli import run
from byhand.cli.bars import DownloadBar
from byhand.datasets.catalogue import CATALOGUE, KMNIST, Entry
from byhand.datasets.downloads import cache_folder, download
from byhand.errors import DownloadError, Error, OutputError

QUICK = (0.3, 0.3)

BAD_MANNERS = {
    "403": "answered 403",
    "404": "answered 404",
    "500": "answered 500",
    "lie": "sent other bytes",
    "page": "sent other bytes",
    "half": "sent other bytes",
    "bomb": "sent other bytes",
    "endless": "sent more bytes",
    "truncate": "connection failed",
    "drop": "connection failed",
    "loop": "answered 302",
    "length": "connection failed",
    "stall": "did not answer in time",
    "stutter": "did not answer in time",
}


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def contents(paths: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def test_files_are_fetched_as_they_are_and_kept_in_the_folder_of_byhand_data(
    mirrors: Mirrors, tmp_path: Path
) -> None:
    paths = download(small_entry(mirrors, "good"))
    assert paths == [tmp_path / "cache" / "small" / name for name in NAMES]
    assert contents(paths) == list(mirrors.files.values())
    assert files_in(tmp_path / "cache") == sorted(NAMES)


def test_what_is_kept_is_not_asked_for_again(mirrors: Mirrors) -> None:
    entry = small_entry(mirrors, "good")
    first = download(entry)
    assert len(mirrors.asked) == 4
    assert download(entry) == first
    assert len(mirrors.asked) == 4


@pytest.mark.parametrize("of_packed", [False, True])
@pytest.mark.parametrize("damage", [b"", b"half", None])
def test_a_kept_file_that_is_wrong_or_missing_is_fetched_again(
    mirrors: Mirrors, damage: bytes | None, of_packed: bool
) -> None:
    entry = small_entry(mirrors, "good", of_packed=of_packed)
    paths = download(entry)
    mirrors.asked.clear()
    if damage is None:
        paths[2].unlink()
    else:
        paths[2].write_bytes(damage)
    assert contents(download(entry)) == list(mirrors.files.values())
    assert mirrors.asked == [f"/good/{NAMES[2]}"]


@pytest.mark.parametrize("of_packed", [False, True])
@pytest.mark.parametrize("manner", BAD_MANNERS)
def test_a_bad_mirror_leads_to_the_next(mirrors: Mirrors, manner: str, of_packed: bool) -> None:
    paths = download(small_entry(mirrors, manner, "good", of_packed=of_packed), timeout=QUICK)
    assert contents(paths) == list(mirrors.files.values())
    assert mirrors.asked[0].startswith(f"/{manner}/")
    assert mirrors.asked[-4:] == [f"/good/{name}" for name in NAMES]  # and is not asked again
    assert files_in(paths[0].parent) == sorted(NAMES)


@pytest.mark.parametrize(("manner", "reason"), BAD_MANNERS.items())
def test_when_all_mirrors_are_bad_the_error_names_each_and_its_reason(
    mirrors: Mirrors, tmp_path: Path, manner: str, reason: str
) -> None:
    with pytest.raises(DownloadError) as caught:
        download(small_entry(mirrors, "404", manner), timeout=QUICK)
    message = str(caught.value)
    host = f"127.0.0.1:{mirrors.port}"
    assert message.startswith(f"cannot fetch {NAMES[0]} of small ({host}: answered 404; {host}: ")
    assert reason in message
    assert "check the connection" in message
    assert "folder" in message
    assert "\n" not in message
    assert files_in(tmp_path / "cache") == []


def test_a_host_that_is_not_there(mirrors: Mirrors) -> None:
    entry = small_entry(mirrors, "good")
    nowhere = Entry(**{**vars(entry), "mirrors": ("http://127.0.0.1:1/",)})
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:1: the connection failed"):
        download(nowhere, timeout=QUICK)


def test_the_way_of_packing_matters_only_where_the_packed_bytes_are_what_was_published(
    mirrors: Mirrors,
) -> None:
    download(small_entry(mirrors, "repacked"))
    with pytest.raises(DownloadError, match="sent other bytes"):
        download(small_entry(mirrors, "repacked", of_packed=True))


def test_a_mirror_that_unpacks_in_passing_is_good_enough(mirrors: Mirrors) -> None:
    entry = small_entry(mirrors, "unpacked")
    download(entry)
    download(entry)
    assert len(mirrors.asked) == 4


def test_a_file_that_cannot_be_kept_is_no_fault_of_the_mirrors(mirrors: Mirrors, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="choose another place"):
        download(small_entry(mirrors, "good"))
    assert mirrors.asked == []


def test_a_full_disk_is_no_fault_of_the_mirrors(mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        download(small_entry(mirrors, "good", "good"))
    assert len(mirrors.asked) == 1


def test_progress_is_told_in_bytes_and_closed(mirrors: Mirrors) -> None:
    bars: list[Bar] = []

    def bar(name: str) -> Bar:
        bars.append(Bar(name))
        return bars[-1]

    download(small_entry(mirrors, "404", "good"), progress=bar)
    assert [bar.name for bar in bars] == [NAMES[0], *NAMES]  # the first one for the mirror that had nothing
    assert all(bar.closed for bar in bars)
    assert [bar.done for bar in bars[1:]] == [len(content) for content in mirrors.files.values()]
    assert [bar.total for bar in bars[1:]] == [bar.done for bar in bars[1:]]


def test_the_command_lines_bar_follows_a_download_and_prints_nothing_to_standard_output(
    mirrors: Mirrors, capfd: pytest.CaptureFixture[str]
) -> None:
    paths = download(small_entry(mirrors, "404", "good"), progress=DownloadBar)
    assert [path.read_bytes() for path in paths] == list(mirrors.files.values())
    assert capfd.readouterr().out == ""


def test_the_command_fetches_by_name_and_shows_what_it_fetched(
    mirrors: Mirrors, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CATALOGUE, "small", small_entry(mirrors, "truncate", "good"))
    assert run(["data", "fetch", "small", "--json"]) == 0
    fetched = json.loads(capfd.readouterr().out)["files"]
    assert [Path(path).read_bytes() for path in fetched] == list(mirrors.files.values())
    assert run(["data", "show", "small"]) == 0
    assert "small" in capfd.readouterr().out


def test_nothing_is_printed(mirrors: Mirrors, capfd: pytest.CaptureFixture[str]) -> None:
    download(small_entry(mirrors, "403", "lie", "good"))
    assert capfd.readouterr() == ("", "")


def test_an_interrupted_transfer_leaves_nothing(mirrors: Mirrors, tmp_path: Path) -> None:
    class Impatient(Bar):
        def update(self, amount: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(small_entry(mirrors, "good"), progress=Impatient)
    assert files_in(tmp_path / "cache") == []


def test_an_interrupted_write_leaves_what_was_there(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = small_entry(mirrors, "good")
    paths = download(entry)
    paths[0].write_bytes(b"old")

    def interrupted(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:5])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        download(entry)
    assert files_in(tmp_path / "cache") == sorted(NAMES)
    assert paths[0].read_bytes() == b"old"


def start_download(entry: Entry) -> subprocess.Popen[str]:
    imports = (
        "from byhand.datasets.catalogue import Entry, File\nfrom byhand.datasets.downloads import download"
    )
    program = f"{imports}\ndownload({entry!r})"
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_processes_at_once_do_not_disturb_each_other(mirrors: Mirrors, tmp_path: Path) -> None:
    entry = small_entry(mirrors, "together")
    both = [start_download(entry) for _ in range(2)]
    for process in both:
        output, errors = process.communicate(timeout=30)
        assert (process.returncode, output, errors) == (0, "", "")
    assert mirrors.asked.count(f"/together/{NAMES[0]}") == 2
    paths = [tmp_path / "cache" / "small" / name for name in NAMES]
    assert contents(paths) == list(mirrors.files.values())
    assert files_in(tmp_path / "cache") == sorted(NAMES)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_a_process_that_is_interrupted_leaves_nothing(mirrors: Mirrors, tmp_path: Path) -> None:
    process = start_download(small_entry(mirrors, "stutter"))
    deadline = time.monotonic() + 20
    while not mirrors.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert files_in(tmp_path / "cache") == []


def test_without_byhand_data_the_operating_systems_cache_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BYHAND_DATA", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    folder = cache_folder(KMNIST)
    assert folder.name == "kmnist"
    assert "byhand" in folder.parts
    if sys.platform == "linux":
        assert folder == tmp_path / "byhand" / "kmnist"
    monkeypatch.setenv("BYHAND_DATA", os.fspath(tmp_path / "mine"))
    assert cache_folder(KMNIST) == tmp_path / "mine" / "kmnist"


def test_the_catalogue_is_well_formed() -> None:
    for name, entry in CATALOGUE.items():
        assert entry.name == name
        assert [file.name for file in entry.files] == list(NAMES)
        assert [file.size for file in entry.files] == [47_040_016, 60_008, 7_840_016, 10_008]
        assert all(
            len(bytes.fromhex(file.checksum)) == (16 if file.of_packed else 32) for file in entry.files
        )
        assert len(entry.mirrors) >= 2
        assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in entry.mirrors)
        assert len(set(entry.classes)) == 10
    assert len({file.checksum for entry in CATALOGUE.values() for file in entry.files}) == 12
    assert issubclass(DownloadError, Error)
