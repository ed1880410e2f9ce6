"""`byhand plot`: pictures of a model."""

from pathlib import Path
from typing import Annotated

import typer

from byhand.cli.options import DataOption, JsonOption, ModelArgument
from byhand.cli.output import print_json, talk


def plot(
    model: ModelArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to.")] = Path("plots"),
    data: DataOption = "mnist",
    json: JsonOption = False,
) -> None:
    """Draw training curves, confusion matrix, first-layer weights and misread images, as PNG files."""
    from byhand.cli.bars import DownloadBar
    from byhand.datasets import load
    from byhand.files import make_folder
    from byhand.model import Model
    from byhand.training import evaluate

    loaded = Model.load(model)
    make_folder(output)
    dataset = load(data, progress=DownloadBar)
    loaded.check_fits(dataset)
    answers = evaluate(loaded.network, dataset.test, loaded.preprocessing, refusal=loaded.refusal)

    from byhand import plots

    figures = {
        "confusion": plots.confusion(answers, loaded.answers),
        "weights": plots.weights(loaded.network),
        "misread": plots.misread(dataset.test, answers, loaded.answers),
    }
    if loaded.history:
        figures["curves"] = plots.curves(loaded.history)
    written = {name: output / f"{name}.png" for name in sorted(figures)}
    for name, path in written.items():
        plots.save(figures[name], path)
    if json:
        print_json(
            {"model": str(model), "data": dataset.name, "files": {n: str(p) for n, p in written.items()}}
        )
    else:
        for path in written.values():
            print(path)
    if not loaded.history:
        talk().print("the model has no training history, so there are no curves")
