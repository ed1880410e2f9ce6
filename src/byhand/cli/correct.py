"""`byhand correct`: keep what was misread, with its right labels, to be learnt."""

from pathlib import Path
from typing import Annotated

import typer

from byhand.cli.options import JsonOption
from byhand.cli.output import print_json, print_table, talk


def correct(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A picture that was read wrongly.")],
    text: Annotated[str, typer.Option(help="The digits on it, line by line, from the left.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of corrections.")] = Path(
        "corrections"
    ),
    model: Annotated[
        Path | None, typer.Option(help="The model that read it; without it, the package's own.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Store the digits of a picture under their right labels, so that a model can learn them.

    The picture is read, and each digit kept as the network saw it. Nothing is ever overwritten.
    """
    import hashlib
    from datetime import UTC, datetime

    from byhand import __version__
    from byhand.corrections import marks_of, store
    from byhand.errors import PictureError
    from byhand.model import Model
    from byhand.reading import look, shipped_model

    asked = model or shipped_model()
    seen = look(image, Model.load(asked))
    marks = marks_of(seen, text)
    try:
        content = image.read_bytes()
    except OSError as error:  # it could be read a moment ago
        raise PictureError(f"cannot open {image}: {error.strerror}; give a picture file") from error
    provenance = {
        "picture": image.name,
        "picture_sha256": hashlib.sha256(content).hexdigest(),
        "text": text,
        "read": seen.reading.text,
        "model": asked.name,
        "byhand": __version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    stored = store(output, marks, text, provenance)
    if json:
        print_json(
            {
                "file": str(image),
                "text": text,
                "read": seen.reading.text,
                "corrections": [
                    {"file": str(entry.file), "label": entry.label, "known": entry.known} for entry in stored
                ],
            }
        )
        return
    rows = [[str(entry.file), entry.label, "was there" if entry.known else "new"] for entry in stored]
    print_table(
        f"{image}: {text}, read as {' '.join(seen.reading.lines) or 'nothing'}",
        ["correction", "digit", ""],
        rows,
    )
    talk().print(f"now try: byhand train --from MODEL --data {output} --mix mnist")
