"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else there.")
]


def complete_data(incomplete: str) -> list[str]:
    """Names of data sets that begin like this."""
    from byhand.datasets import available

    return [known.name for known in available() if known.name.startswith(incomplete)]


def complete_recipe(incomplete: str) -> list[tuple[str, str]]:
    """Names of recipes that begin like this, each with what it is."""
    from byhand.recipes import RECIPES

    return [(name, recipe.summary) for name, recipe in RECIPES.items() if name.startswith(incomplete)]


def complete_run(incomplete: str) -> list[str]:
    """Names of the article's runs that begin like this, and the ladder."""
    from byhand.article import RUNS

    return [name for name in [*RUNS, "ladder"] if name.startswith(incomplete)]


ModelArgument = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model file, such as `byhand train` makes.")
]

DataOption = Annotated[
    str,
    typer.Option(autocompletion=complete_data, help="A data set's name, or a folder of its four IDX files."),
]

DataArgument = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=complete_data, help="A data set's name, or a folder.")
]

KnownDataArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", autocompletion=complete_data, help="A data set's name, as `list` has it."),
]
