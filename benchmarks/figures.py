"""From rounds to figures: medians, ratios pair by pair, tables."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, NamedTuple

Rounds = list[dict[str, dict[str, float]]]
Results = dict[str, Any]


class Ratio(NamedTuple):
    """Median over the rounds, lowest and highest."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f} to {self.high:.2f})"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; its first column is flush left, the others flush right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def figures(rounds: Rounds, title: str, name: str) -> list[float]:
    """One figure of one party, round by round."""
    return [answers[title][name] for answers in rounds]


def ratio(above: Iterable[float], below: Iterable[float]) -> Ratio:
    """Pair by pair."""
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios))


def best(rounds: Rounds, beginning: str, name: str = "seconds") -> str | None:
    """Of the parties whose titles begin like this, the one with the lowest median; None if there is none."""
    titles = [title for title in rounds[0] if title.startswith(beginning)]
    return min(titles, key=lambda title: median(figures(rounds, title, name)), default=None)


def curves_of(part: Results) -> dict[str, list[list[list[float]]]]:
    """Curves of (seconds, accuracy) by title, a curve a round."""
    curves: dict[str, list[list[list[float]]]] = {}
    for answers in [*part["rounds"], *part["once"]]:
        for title, answer in answers.items():
            curves.setdefault(title, []).append(answer["curve"])
    return curves
