"""`byhand train --from`: a model learns its corrections, without forgetting the rest."""

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byhand.cli.output import percent, print_json, print_table, talk

if TYPE_CHECKING:
    from byhand.corrections import Comparison
    from byhand.epochs import Report
    from byhand.recipes import Recipe


def go_on(
    model_file: Path,
    folder: Path,
    mix: str,
    recipe: str | None,
    numbers: tuple[int | None, int | None, float | None],
    seed: int,
    output: Path,
    json: bool,
) -> int:
    """Train a model further, say whether it helped, and save it; the exit status.

    `numbers` are epochs, batch size and learning rate, as far as they were given.
    """
    import numpy as np

    from byhand.cli.bars import DownloadBar, TrainingBar
    from byhand.corrections import compare, learn, read_corrections, recipe_of, repeats
    from byhand.datasets import load
    from byhand.errors import SettingError, StoppedError
    from byhand.files import check_writable
    from byhand.model import Model
    from byhand.recipes import provenance, split

    if output.exists() and model_file.exists() and output.samefile(model_file):
        raise SettingError(
            f"{output} is the model it goes on from, which may be the better one; give another -o"
        )
    check_writable(output)
    model = Model.load(model_file)
    dataset = load(mix, progress=DownloadBar)
    known, classes = model.classes[: len(dataset.classes)], dataset.classes
    if known != classes or model.image_shape != dataset.train.images.shape[1:]:
        raise SettingError(
            f"{mix} has {len(classes)} classes and images of {dataset.train.images.shape[1:]}, the model"
            f" {len(model.classes)} and {model.image_shape}; mix with what it was trained on"
        )
    corrections, held = read_corrections(folder, classes)
    chosen = recipe_of(model, recipe).adapted(*numbers)
    answers = [(part, model.predict(part.images)) for part in (dataset.test, held) if part is not None]

    history: list[Report] = []
    began = time.perf_counter()
    try:
        with TrainingBar(chosen.epochs) as bar:
            for report in learn(model, chosen, corrections, dataset, np.random.default_rng(seed)):
                history.append(report)
                bar.show(report)
    except KeyboardInterrupt as stop:
        raise StoppedError("interrupted: nothing is saved") from stop
    seconds = time.perf_counter() - began

    chosen.finish(model.network)
    made = provenance(str(model.provenance.get("recipe")), dataset, seed) | {
        "train_seconds": round(seconds, 3),
        "corrections": len(corrections),
        "before": dict(model.provenance),
    }
    after = replace(model, history=tuple(map(asdict, history)), provenance=made)
    after.save(output)
    compared = [compare(before, after.predict(part.images), part) for part, before in answers]
    result = {
        "model": str(output),
        "from": str(model_file),
        "data": str(folder),
        "mix": dataset.name,
        "seed": seed,
        "corrections": len(corrections),
        "repeats": repeats(len(corrections), len(split(dataset.train)[0])),
        "epochs": history[-1].epoch,
        "train_seconds": round(seconds, 3),
        "test": _figures(compared[0]),
        "held_out": _figures(compared[1]) if held is not None else None,
    }
    if json:
        print_json(result)
    else:
        _print(result, chosen)
        if held is None:
            talk().print("none of the corrections is held out yet; with more of them, one in four will be")
    talk().print(f"saved {output}; now try: byhand evaluate {output}")
    return 0


def _figures(compared: "Comparison") -> dict[str, Any]:
    return {
        "images": compared.examples,
        "accuracy_before": compared.before / compared.examples,
        "accuracy_after": compared.after / compared.examples,
        "repaired": compared.test.repaired,
        "spoilt": compared.test.spoilt,
        "p": compared.test.p,
    }


def _print(result: dict[str, Any], recipe: "Recipe") -> None:
    rows = []
    for key, name in [("test", f"{result['mix']}'s test"), ("held_out", "held out")]:
        if figures := result[key]:
            rows.append(
                [
                    name,
                    f"{figures['images']:,}",
                    percent(figures["accuracy_before"]),
                    percent(figures["accuracy_after"]),
                    str(figures["repaired"]),
                    str(figures["spoilt"]),
                    f"{figures['p']:.2g}",
                ]
            )
    print_table(
        f"{result['corrections']} corrections, each {result['repeats']} times an epoch among {result['mix']};"
        f" {result['epochs']} epochs, peak rate {recipe.learning_rate:.3g}, {result['train_seconds']:.1f} s",
        ["", "images", "before", "after", "repaired", "spoilt", "McNemar's p"],
        rows,
    )
