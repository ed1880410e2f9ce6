"""`byhand article`: the published article, reproduced, then mended step by step."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from byhand.cli.options import JsonOption, complete_run
from byhand.cli.output import percent, print_json, print_table, print_text, talk

if TYPE_CHECKING:
    from byhand.article import Run
    from byhand.datasets import Dataset
    from byhand.ladder import Climbed

LADDER = "ladder"

VALIDATION, QUICK_VALIDATION = 20, 500
"""Iterations between two validations: as the article has it, and when there is no time for that."""

QUICK_SHARE = 0.1
"""Part of the ladder's steps that `--quick` takes."""


def article(
    run: Annotated[
        str | None,
        typer.Option(
            autocompletion=complete_run, help="Only this: as-printed, repository, notebook or ladder."
        ),
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help="Iterations of that one run, instead of the published number.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Trainings for each rung of the ladder.")] = 3,
    quick: Annotated[
        bool, typer.Option("--quick", help="Climb the ladder with a tenth of its steps and one seed.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the figures to this folder.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Do again what the article did, and mend one mistake after another.

    Prints what was published beside what comes out here: the run that the article prints, the longer one of
    its repository, and the notebook that it was inspired by. Then the ladder: from the article's network to
    the default recipe, one change a rung, and what each is worth. It takes minutes, `--quick` less than one.
    """
    from byhand.article import RUNS
    from byhand.article import run as run_again
    from byhand.cli.bars import StepsBar
    from byhand.datasets import load
    from byhand.files import make_folder
    from byhand.ladder import climb

    chosen = _chosen(run, iterations, seeds)
    if output is not None:
        make_folder(output)
    dataset = load("mnist")
    runs: dict[str, Run] = {}
    every = QUICK_VALIDATION if quick else VALIDATION
    for name in [name for name in chosen if name in RUNS]:
        with StepsBar(name) as bar:
            runs[name] = run_again(name, iterations, data=dataset, progress=bar.show, validate_every=every)
    climbed: list[Climbed] = []
    if LADDER in chosen:
        with StepsBar(LADDER) as bar:
            climbed = list(climb(dataset, *((1, QUICK_SHARE) if quick else (seeds, 1.0)), progress=bar.show))

    written = [] if output is None else _draw(output, dataset, runs, climbed)
    if json:
        reproduced = {name.replace("-", "_"): _as_json(result) for name, result in runs.items()}
        ladder = {LADDER: [_rung_as_json(result) for result in climbed]} if climbed else {}
        print_json(reproduced | ladder | {"quick": quick, "files": written})
        return
    if runs:
        _print_runs(runs)
    if climbed:
        _print_ladder(climbed, quick)
    for path in written:
        talk().print(f"wrote {path}", soft_wrap=True)


def _chosen(run: str | None, iterations: int | None, seeds: int) -> list[str]:
    """Names of what is to be done; SettingError for a request that makes no sense."""
    from byhand.article import RUNS
    from byhand.errors import SettingError

    names = [*RUNS, LADDER]
    if run is not None and run not in names:
        raise SettingError(f"the article has no run {run!r}; choose from {', '.join(names)}")
    for name, number in [("iterations", iterations), ("seeds", seeds)]:
        if number is not None and number < 1:
            raise SettingError(f"{name} is {number}; it must be at least 1")
    if iterations is not None and run not in RUNS:
        raise SettingError(f"--iterations says how long one run is; add --run and {', '.join(RUNS)}")
    return names if run is None else [run]


def _as_json(run: "Run") -> dict[str, Any]:
    curves = {"accuracies", "losses", "val_accuracies"}
    result = {key: value for key, value in asdict(run).items() if key not in curves}
    return result | {"published": _published(run)}


def _published(run: "Run") -> dict[str, Any]:
    """What was published of a run; what was not is left out."""
    return {key: value for key, value in asdict(run.published).items() if value is not None}


def _rung_as_json(climbed: "Climbed") -> dict[str, Any]:
    return {
        "name": climbed.rung.name,
        "test_accuracy": climbed.test_accuracy,
        "spread": climbed.spread,
        "alone_accuracy": climbed.alone_accuracy,
        "test_accuracies": climbed.together,
        "why": climbed.rung.paragraph,
    }


def _print_runs(runs: "dict[str, Run]") -> None:
    def row(name: str, whose: str, found: dict[str, Any]) -> list[str]:
        shares = [percent(found[key]) if key in found else "" for key in ("test_accuracy", "alone_accuracy")]
        digits = [str(found.get(digit, "")) for digit in ("seven", "one", "four")]
        return [name, whose, f"{found['iterations']:,}", *shares, *digits]

    rows = []
    for name, run in runs.items():
        rows.append(row(name, "published", _published(run)))
        rows.append(row("", "here", asdict(run)))
    columns = ["run", "", "steps", "test", "alone", "the 7", "the 1", "the 4"]
    print_table(
        "the article again: test accuracy, and what is read in the drawn digits", columns, rows, text=2
    )


def _print_ladder(climbed: "list[Climbed]", quick: bool) -> None:
    seeds = len(climbed[0].together)
    title = "the ladder: test accuracy"
    if quick:
        title += " after a tenth of the steps, with one seed"
    elif seeds > 1:
        title += f", mean and standard deviation of {seeds} trainings"
    print_table(
        title,
        ["rung", "test", "deviation", "alone"],
        [
            [
                result.rung.name,
                percent(result.test_accuracy),
                percent(result.spread) if seeds > 1 else "",
                percent(result.alone_accuracy),
            ]
            for result in climbed
        ],
    )
    for result in climbed:
        print_text(result.rung.name, result.rung.paragraph)


def _draw(output: Path, dataset: "Dataset", runs: "dict[str, Run]", climbed: "list[Climbed]") -> list[str]:
    """Write the figures that there is something for; their paths."""
    import numpy as np

    from byhand import plots
    from byhand.images import drawn_digits
    from byhand.network import ask

    digits = np.stack(list(drawn_digits().values()))
    read = {name: [run.seven, run.one, run.four] for name, run in runs.items()}
    figures = {"sigmoid": plots.sigmoid_curve()}
    for name, run in runs.items():
        if run.val_accuracies:
            figures[f"training-{name}"] = plots.training_accuracies(run.accuracies, run.val_accuracies)
    if climbed:
        network, prepare = climbed[-1].network, climbed[-1].rung.recipe.prepare
        read[climbed[-1].rung.name] = ask(network, digits, prepare).argmax(axis=1).tolist()
        figures["network"] = plots.network_diagram(network, prepare, dataset.test.images[0])
        figures["ladder"] = plots.ladder_chart(
            [result.rung.name for result in climbed],
            [result.test_accuracy for result in climbed],
            [result.alone_accuracy for result in climbed],
            [result.spread for result in climbed],
        )
    figures["drawn"] = plots.drawn_digits(digits, read)
    paths = {name: output / f"{name}.png" for name in sorted(figures)}
    for name, path in paths.items():
        plots.save(figures[name], path)
    return [str(path) for path in paths.values()]
