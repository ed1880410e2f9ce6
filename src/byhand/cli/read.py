"""`byhand read`: which numbers are written on these pictures?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from byhand.cli.options import JsonOption
from byhand.cli.output import StepsBar, print_csv, print_json, talk

if TYPE_CHECKING:
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
    bar = StepsBar("read") if len(pictures) > 1 else None
    try:
        with bar or _Quiet():
            for number, name in enumerate(pictures):
                try:
                    seen = look(sys.stdin.buffer.read() if name == "-" else name, loaded, _called(name))
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
                if bar:
                    bar.show(number + 1, len(pictures))
    except KeyboardInterrupt as stop:
        done = f"{len(readings)} of {len(pictures)} pictures"
        raise StoppedError(f"interrupted after {done}; nothing is printed") from stop
    _print(readings, json, csv)
    if bad:
        several = f"{len(bad)} of {len(pictures)} pictures could not be read: " if len(pictures) > 1 else ""
        sys.stdout.flush()
        sys.stderr.write(f"byhand: {several}{'; '.join(bad)}\n")
    if unwritten:
        sys.stdout.flush()
        sys.stderr.write(f"byhand: not explained: {'; '.join(unwritten)}\n")
    return 1 if bad or unwritten else 0


class _Quiet:
    """A progress bar that is none."""

    def __enter__(self) -> "_Quiet":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _called(name: str) -> str:
    return "standard input" if name == "-" else name


def _pictures(names: list[str]) -> list[str]:
    """The pictures asked for, in a folder's place those in it, sorted by name."""
    from byhand.errors import PictureError

    found = []
    for name in names:
        if not name:
            raise PictureError("the name of a picture is empty; give a file, a folder or -")
        folder = Path(name)
        if name == "-" or not folder.is_dir():
            found.append(name)
            continue
        try:
            inside = sorted(str(path) for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        except OSError as error:
            raise PictureError(f"cannot look into {name}: {error.strerror}; give pictures") from error
        if not inside:
            raise PictureError(f"there is no picture in the folder {name}; give one with PNG or JPEG files")
        found += inside
    return found


def _print(readings: "list[Reading]", json: bool, csv: bool) -> None:
    if json:
        print_json({"images": [reading.as_json() for reading in readings]})
        return
    if csv:
        rows = [[r.file, r.text, r.probability, r.reason, round(r.milliseconds, 1)] for r in readings]
        print_csv(["file", "text", "probability", "reason", "milliseconds"], rows)
        return
    for reading in readings:
        name = f"{reading.file}: " if len(readings) > 1 else ""
        sys.stdout.write(f"{name}{' / '.join(reading.lines)}\n")
        if reading.reason and reading.milliseconds:
            talk().print(f"{reading.file}: {reading.reason}", soft_wrap=True)
