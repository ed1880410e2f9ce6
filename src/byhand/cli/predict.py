"""`byhand predict`: what is on these pictures?"""

from pathlib import Path
from typing import Annotated

import typer

from byhand.cli.options import JsonOption, ModelArgument
from byhand.cli.output import percent, print_json, print_table


def predict(
    model: ModelArgument,
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE...", help="Pictures of one digit each, of any format, size, polarity."),
    ],
    json: JsonOption = False,
) -> None:
    """Say what is on pictures of one digit each, and how surely."""
    import numpy as np

    from byhand.images import open_picture, prepare
    from byhand.model import Model

    loaded = Model.load(model)
    pictures = np.stack([prepare(open_picture(path), loaded.image_shape) for path in images])
    probabilities = loaded.probabilities(pictures)
    answers = [
        {"file": str(path), "label": loaded.classes[p.argmax()], "probability": float(p.max())}
        for path, p in zip(images, probabilities, strict=True)
    ]
    if json:
        print_json({"model": str(model), "images": answers})
    else:
        print_table(
            f"read by {model}",
            ["image", "label", "probability"],
            [[a["file"], a["label"], percent(a["probability"])] for a in answers],
        )
