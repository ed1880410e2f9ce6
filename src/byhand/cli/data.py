"""`byhand data`: which data sets there are, what they look like, and fetching them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from byhand.cli.options import DataArgument, JsonOption, KnownDataArgument
from byhand.cli.output import print_json, print_table, talk

data = typer.Typer(help="List, show and fetch data sets.", no_args_is_help=True)

AUGMENTED = "augmented.png"
"""The sheet of distorted images, if no other name is given."""


@data.command("list")
def list_(json: JsonOption = False) -> None:
    """List the data sets that are known by name, and where they are."""
    from byhand.datasets import available

    known = available()
    if json:
        print_json({"data": [asdict(a) | {"folder": str(a.folder) if a.folder else None} for a in known]})
        return
    print_table(
        "data sets known by name",
        ["name", "where", "licence", "training", "test"],
        [[a.name, _where(a.embedded, a.folder), a.licence, f"{a.train:,}", f"{a.test:,}"] for a in known],
        text=3,
    )


def _where(embedded: bool, folder: Path | None) -> str:
    if embedded:
        return "in the package"
    return str(folder) if folder else "not fetched yet"


@data.command()
def show(
    name: DataArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write a sheet of images to this PNG file.")
    ] = None,
    augment: Annotated[
        bool,
        typer.Option(
            "--augment", help=f"Draw how images are distorted in training, to {AUGMENTED} without -o."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Which images are on the sheet, and how distorted.")] = 0,
    json: JsonOption = False,
) -> None:
    """Show how many images of each class a data set has, and some of them."""
    import numpy as np

    from byhand.cli.bars import DownloadBar
    from byhand.datasets import Distort, load
    from byhand.errors import OutputError
    from byhand.files import check_writable

    if augment and output is None:
        output = Path(AUGMENTED)
    if output is not None:
        check_writable(output)
        if output.suffix.lower() not in ("", ".png"):
            raise OutputError(
                f"cannot write {output}: the sheet is a PNG file; name it {output.with_suffix('.png')}"
            )
    dataset = load(name, progress=DownloadBar)
    counts = {
        part: np.bincount(examples.labels, minlength=len(dataset.classes)).tolist()
        for part, examples in [("train", dataset.train), ("test", dataset.test)]
    }
    if output is not None:
        from byhand import plots

        rng = np.random.default_rng(seed)
        figure = plots.augmented(dataset, Distort(), rng) if augment else plots.examples(dataset, rng)
        plots.save(figure, output)
    if json:
        print_json(
            {
                "name": dataset.name,
                "image_shape": dataset.train.images.shape[1:],
                "classes": dataset.classes,
                **counts,
                "sha256": dataset.sha256,
                "sheet": str(output) if output else None,
            }
        )
        return
    shape = " x ".join(map(str, dataset.train.images.shape[1:]))
    print_table(
        f"{dataset.name}: images of {shape}",
        ["class", "training", "test"],
        [
            *(
                [c, f"{a:,}", f"{b:,}"]
                for c, a, b in zip(dataset.classes, counts["train"], counts["test"], strict=True)
            ),
            ["all", f"{len(dataset.train):,}", f"{len(dataset.test):,}"],
        ],
    )
    if output is not None:
        talk().print(f"wrote {output}")


@data.command()
def fetch(name: KnownDataArgument, json: JsonOption = False) -> None:
    """Fetch a data set into the cache: the folder BYHAND_DATA, or where this system keeps caches."""
    from byhand.cli.bars import DownloadBar
    from byhand.datasets import fetch

    paths = [str(path) for path in fetch(name, progress=DownloadBar)]
    if json:
        print_json({"name": name, "files": paths})
    else:
        print("\n".join(paths))
