"""What the commands print: results to standard output, progress and talk to standard error."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from byhand.metrics import Interval

if TYPE_CHECKING:
    from byhand.epochs import Report


def talk() -> Console:
    """Console for progress and talk."""
    return _console(stderr=True)


def _console(stderr: bool = False) -> Console:
    """Console that prints what it is given: brackets and colons in a file's name are no markup."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def print_json(result: Mapping[str, Any]) -> None:
    """Print the one JSON object of a command."""
    plain = not sys.stdout.encoding.lower().startswith("utf")  # then other letters are escaped as JSON does
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=plain) + "\n")


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table with commas, its column names first (RFC 4180, but with a line feed alone)."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], text: int = 1) -> None:
    """Print a title and a table; the first `text` columns are flush left, the others flush right.

    Without column names the table has no head.
    """
    table = Table(box=SIMPLE_HEAD if any(columns) else None, show_header=any(columns), pad_edge=False)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position < text else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = _console()
    console.print(title, style="bold", soft_wrap=True)
    console.print(table)
    console.print()


def print_text(title: str, text: str) -> None:
    """Print a paragraph under its title, wrapped to the width of the terminal."""
    console = _console()
    console.print(title, style="bold")
    console.print(text)
    console.print()


def percent(share: float, digits: int = 2) -> str:
    """A share as a percentage."""
    return f"{100 * share:.{digits}f} %"


def interval(bounds: Interval) -> str:
    """A 95 % interval as percentages."""
    return f"{100 * bounds.low:.2f} to {100 * bounds.high:.2f} %"


class TrainingBar:
    """How training stands: a live bar on a terminal, elsewhere a line at the end of each epoch."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._console = talk()
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]}   validation {task.fields[validation]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, epoch=1, loss="...", validation="...")

    def __enter__(self) -> "TrainingBar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, report: "Report") -> None:
        """Show one report."""
        self._bar.update(
            self._task,
            completed=report.step,
            total=report.steps,
            epoch=report.epoch,
            loss=f"{report.loss:.4f}",
        )
        said = f"loss {report.loss:.4f}"
        if report.validation_accuracy is not None:
            validation = percent(report.validation_accuracy)
            self._bar.update(self._task, validation=validation)
            said += f", validation {validation}"
        ended = report.step * self._epochs == report.epoch * report.steps
        if ended and self._bar.disable:
            self._console.print(f"epoch {report.epoch}: {said}")


class StepsBar:
    """How far one long computation has come: a live bar on a terminal, elsewhere a line when it is done."""

    def __init__(self, name: str) -> None:
        self._console = talk()
        self._bar = Progress(
            TextColumn(f"{name:10}"),
            BarColumn(),
            TextColumn("{task.completed:,} of {task.total:,}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._name = name
        self._task = self._bar.add_task("", total=1)

    def __enter__(self) -> "StepsBar":
        self._bar.start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._bar.stop()
        if self._bar.disable and trouble == (None, None, None):
            self._console.print(f"{self._name}: done")

    def show(self, done: int, total: int) -> None:
        """Show that so many of all steps are done."""
        self._bar.update(self._task, completed=done, total=total)


class DownloadBar:
    """Progress of one download, in the form that pooch asks for."""

    def __init__(self, name: str) -> None:
        self._progress = Progress(
            TextColumn(name),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=talk(),
            transient=True,
        )
        self._task = self._progress.add_task(name, total=None)
        self._progress.start()

    @property
    def total(self) -> int:
        """Bytes expected."""
        return int(self._progress.tasks[0].total or 0)

    @total.setter
    def total(self, total: int) -> None:
        self._progress.update(self._task, total=total)

    def update(self, amount: int) -> None:
        """Say that so many more bytes came."""
        self._progress.advance(self._task, amount)

    def reset(self) -> None:
        """Begin again."""
        self._progress.reset(self._task, total=self.total)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
