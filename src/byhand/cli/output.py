"""What the commands print: results to standard output, progress and talk to standard error."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from byhand.metrics import Interval


def talk() -> "Console":
    """Console for progress and talk."""
    return _console(stderr=True)


def _console(stderr: bool = False) -> "Console":
    """Console that prints what it is given: brackets and colons in a file's name are no markup."""
    from rich.console import Console

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
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

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


def interval(bounds: "Interval") -> str:
    """A 95 % interval as percentages."""
    return f"{100 * bounds.low:.2f} to {100 * bounds.high:.2f} %"
