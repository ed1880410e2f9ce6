"""`byhand train`: from images to a saved model."""

import time
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

import typer

from byhand.cli.going_on import go_on
from byhand.cli.options import DataOption, JsonOption, complete_data, complete_recipe
from byhand.cli.output import interval, percent, print_json, print_table, talk

if TYPE_CHECKING:
    from byhand.epochs import Report
    from byhand.model import Model

DEFAULT = "sigmoid"
"""The recipe that is meant when none is named."""


def train(
    data: DataOption = "mnist",
    recipe: Annotated[
        str | None,
        typer.Option(
            autocompletion=complete_recipe,
            help="Which network, trained in which way.",
            show_default="sigmoid; with --from the model's own",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Times through the training images.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The schedule's peak.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop after so many epochs without a better validation accuracy.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 0,
    output: Annotated[Path, typer.Option("--output", "-o", help="The model file to write.")] = Path(
        "digits.safetensors"
    ),
    start: Annotated[
        Path | None,
        typer.Option("--from", metavar="MODEL", help="Go on with this model; --data has its corrections."),
    ] = None,
    mix: Annotated[
        str | None,
        typer.Option(
            autocompletion=complete_data,
            help="With --from: what else to learn, so as not to forget.",
            show_default="mnist",
        ),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Train a network, say how good it is, and save it.

    Without options it trains the article's network on MNIST and writes digits.safetensors. Of the
    training images five sixths are learnt from and one sixth validates. Ctrl-C keeps the best so far.

    With --from it goes on with a model, on a folder such as `byhand correct` makes, and says whether
    that helped.
    """
    from byhand.errors import SettingError

    if start is not None:
        if patience is not None:
            raise SettingError("--patience says nothing with --from, which takes few epochs; leave it out")
        if data == "mnist" and not Path(data).is_dir():
            raise SettingError(
                "--from learns corrections; give their folder with --data (see byhand correct)"
            )
        numbers = epochs, batch_size, learning_rate
        return go_on(start, Path(data), mix or "mnist", recipe, numbers, seed, output, json)
    if mix is not None:
        raise SettingError("--mix is for going on with a model; give it with --from, or leave --mix out")
    return _train(data, recipe or DEFAULT, (epochs, batch_size, learning_rate), patience, seed, output, json)


def _train(
    data: str,
    recipe: str,
    numbers: tuple[int | None, int | None, float | None],
    patience: int | None,
    seed: int,
    output: Path,
    json: bool,
) -> int:
    """Train from the beginning; the exit status."""
    import numpy as np

    from byhand.cli.bars import DownloadBar, TrainingBar
    from byhand.datasets import load
    from byhand.errors import StoppedError
    from byhand.files import check_writable
    from byhand.model import Model
    from byhand.recipes import find_recipe, provenance, split
    from byhand.training import evaluate

    check_writable(output)
    chosen = find_recipe(recipe).adapted(*numbers)
    dataset = load(data, progress=DownloadBar)
    training, validation = split(dataset.train)
    rng = np.random.default_rng(seed)
    classes = (*dataset.classes, *chosen.others)
    network = chosen.network(training.images.shape[1:], len(classes), rng)
    if chosen.make is not None:
        talk().print("making the examples")
    learnt, checked = chosen.examples(training, validation, rng)

    history: list[Report] = []
    interrupted = False
    began = time.perf_counter()
    try:
        with TrainingBar(chosen.epochs) as bar:
            for report in chosen.train(network, learnt, checked, rng, patience=patience, every=50):
                history.append(report)
                bar.show(report)
    except KeyboardInterrupt as stop:
        if not history:
            raise StoppedError("interrupted before anything was learnt: nothing is saved") from stop
        interrupted = True
    seconds = time.perf_counter() - began

    chosen.finish(network)
    made = provenance(recipe, dataset, seed) | {"train_seconds": round(seconds, 3)}
    refusal = chosen.refusal(network, checked, len(dataset.classes))
    model = Model(network, classes, chosen.prepare, tuple(map(asdict, history)), made, chosen.form, refusal)
    model.save(output)

    on_validation = evaluate(network, validation, chosen.prepare, chosen.loss, refusal)
    on_test = evaluate(network, dataset.test, chosen.prepare, chosen.loss, refusal)
    speed = round(fmean(report.samples_per_second for report in history))
    drawn = _read_drawn(model)
    if json:
        print_json(
            {
                "model": str(output),
                "data": dataset.name,
                "recipe": recipe,
                "seed": seed,
                "parameters": network.theta.size,
                "epochs": history[-1].epoch,
                "interrupted": interrupted,
                "train_seconds": round(seconds, 3),
                "samples_per_second": speed,
                "validation_accuracy": on_validation.accuracy,
                "validation_interval": on_validation.interval,
                "test_accuracy": on_test.accuracy,
                "test_interval": on_test.interval,
                "refusal": refusal and asdict(refusal),
                "drawn": drawn,
            }
        )
    else:
        sure = refusal and [
            ["an answer needs", percent(refusal.threshold), f"temperature {refusal.temperature}"]
        ]
        rows = [
            ["validation accuracy", percent(on_validation.accuracy), interval(on_validation.interval)],
            ["test accuracy", percent(on_test.accuracy), interval(on_test.interval)],
            ["training", f"{seconds:.1f} s", f"{speed:,} images a second"],
            *(sure or []),
            *(
                [
                    f"a {digit} drawn on a 7x7 grid",
                    f"read as {read['label']}",
                    f"{percent(read['probability'], 0)} sure",
                ]
                for digit, read in drawn.items()
            ),
        ]
        print_table(f"{recipe} on {dataset.name}, seed {seed}", ["", "", ""], rows)
    talk().print(f"saved {output}; now try: byhand predict {output} IMAGE")
    if interrupted:
        raise StoppedError(f"interrupted in epoch {history[-1].epoch}: the best so far was kept")
    return 0


def _read_drawn(model: "Model") -> dict[str, dict[str, Any]]:
    """What the model reads in the article's drawn digits; nothing if it does not read 28x28 digits."""
    import numpy as np

    from byhand.images import drawn_digits

    digits = drawn_digits()
    images = np.stack(list(digits.values()))
    if model.image_shape != images.shape[1:] or model.answers != tuple("0123456789"):
        return {}
    return {
        str(digit): {"label": model.answers[p.argmax()], "probability": round(float(p.max()), 4)}
        for digit, p in zip(digits, model.probabilities(images)[:, : len(model.answers)], strict=True)
    }
