"""The commands, gathered."""

from typing import Annotated

import typer

from byhand import __version__
from byhand.cli.article import article
from byhand.cli.check import check
from byhand.cli.correct import correct
from byhand.cli.data import data
from byhand.cli.evaluate import evaluate
from byhand.cli.plot import plot
from byhand.cli.predict import predict
from byhand.cli.read import read
from byhand.cli.train import train

app = typer.Typer(
    name="byhand",
    help="A neural network worked out by hand, in NumPy, that reads what was written by hand.",
    epilog="Begin with: byhand train",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"byhand {__version__}")
        raise typer.Exit


@app.callback()
def _byhand(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


for command in (train, read, evaluate, predict, correct, plot, article, check):
    app.command()(command)
app.add_typer(data, name="data")
