"""`byhand read`: which numbers are written on these pictures?"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from byhand.cli.options import JsonOption
from byhand.cli.output import print_csv, print_json, talk
from byhand.errors import one_line

if TYPE_CHECKING:
    from byhand.cli.bars import StepsBar
    from byhand.reading import Reading

SUFFIXES = {
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".pgm",
    ".ppm",
    ".jp2",
    ".avif",
}
"""Files of a folder that are taken for pictures."""


def read(
    images: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE...", help="Photographs or drawings, folders of them, - for input."),
    ],
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print a table with commas, a row a picture.")] = False,
    model: Annotated[
        Path | None, typer.Option(help="A model file to read with, instead of the one in the package.")
    ] = None,
    explain: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write pictures there of every stage, and of what the network saw."),
    ] = None,
) -> int:
    """Read the numbers that are written on pictures."""
    from byhand.errors import OutputError, PictureError, SettingError, StoppedError
    from byhand.files import make_folder
    from byhand.reading import load_reader, look, nothing_read, write_explanation

    if json and csv:
        raise SettingError("both --json and --csv are asked for; choose one")
    pictures = list(_pictures(images))
    loaded = load_reader(model)
    if explain is not None:
        make_folder(explain)
    readings, bad, unwritten = [], [], []
    try:
        with _bar(len(pictures)) as bar:
            for number, name in enumerate(pictures):
                try:
                    seen = look(_source(name), loaded, _called(name))
                except PictureError as error:
                    bad.append(str(error))
                    readings.append(nothing_read(_called(name), str(error)))
                else:
                    readings.append(seen.reading)
                    if explain is not None:
                        place = (
                            explain / f"{number + 1:03}-{Path(_called(name)).stem}"
                            if len(pictures) > 1
                            else explain
                        )
                        try:
                            write_explanation(seen, place)
                        except OutputError as error:  # what was read is no worse for that
                            unwritten.append(str(error))
                bar.show(number + 1, len(pictures))
    except KeyboardInterrupt as stop:
        done = f"{len(readings)} of {len(pictures)} pictures"
        raise StoppedError(f"interrupted after {done}; nothing is printed") from stop
    _print(readings, json, csv)
    if bad:
        several = f"{len(bad)} of {len(pictures)} pictures could not be read: " if len(pictures) > 1 else ""
        sys.stdout.flush()
        sys.stderr.write(f"byhand: {several}{one_line('; '.join(bad))}\n")
    if unwritten:
        sys.stdout.flush()
        sys.stderr.write(f"byhand: not explained: {one_line('; '.join(unwritten))}\n")
    return 1 if bad or unwritten else 0


class _Quiet:
    """A progress bar that is none."""

    def __enter__(self) -> "_Quiet":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, done: int, total: int) -> None:
        """Say nothing."""


def _bar(pictures: int) -> "StepsBar | _Quiet":
    """A progress bar, if there is more than one picture; for one, rich would take a tenth of the time."""
    if pictures == 1:
        return _Quiet()
    from byhand.cli.bars import StepsBar

    return StepsBar("read")


def _called(name: str) -> str:
    return "standard input" if name == "-" else name


def _pictures(names: list[str]) -> list[str]:
    """The pictures asked for; in place of a folder those in it, sorted by name, if there are any."""
    from byhand.errors import PictureError

    if names.count("-") > 1:
        raise PictureError("- stands twice, but standard input can be read only once")
    found = []
    for name in names:
        if not name:
            raise PictureError("the name of a picture is empty; give a file, a folder or -")
        inside: list[str] = []
        if name != "-" and Path(name).is_dir():
            with suppress(OSError):  # _source says what is wrong
                files = [path for path in Path(name).iterdir() if path.suffix.lower() in SUFFIXES]
                inside = sorted(str(path) for path in files if not path.is_dir())
        found += inside or [name]
    return found


def _source(name: str) -> str | bytes:
    """What is to be read for this name; PictureError for a folder, which then has no pictures."""
    from byhand.errors import PictureError

    if name == "-":
        return sys.stdin.buffer.read()
    if Path(name).is_dir():
        try:
            next(Path(name).iterdir(), None)
        except OSError as error:
            raise PictureError(f"cannot look into {name}: {error.strerror}; give pictures") from error
        raise PictureError(f"there is no picture in the folder {name}; give one with PNG or JPEG files")
    return name


def _print(readings: "list[Reading]", json: bool, csv: bool) -> None:
    if json:
        print_json({"images": [reading.as_json() for reading in readings]})
        return
    if csv:
        rows = [[r.file, r.text, r.probability, r.reason, round(r.milliseconds, 1)] for r in readings]
        print_csv(["file", "text", "probability", "reason", "milliseconds"], rows)
        return
    for reading in readings:
        name = f"{one_line(reading.file)}: " if len(readings) > 1 else ""
        sys.stdout.write(f"{name}{' / '.join(reading.lines)}\n")
        if reading.reason and reading.milliseconds:
            talk().print(f"{one_line(reading.file)}: {reading.reason}", soft_wrap=True)
