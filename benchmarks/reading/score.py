"""Who reads how much: digits, whole numbers and time, for each kind of difficulty, on the same pictures.

    python -m benchmarks.reading.score [--pictures N] [--readers byhand,tesseract,rapidocr] [--seed S]

Digits right are 1 - edits / length: edits are the fewest digits put in, taken out or exchanged that make the
truth of what was read (Levenshtein), at most the length. A number is a line; it is right if a line that was
read is the same, whatever else was read.
Writes its part of docs/reading.md, docs/reading.json, and two sheets of pictures in docs/pictures/.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

if __name__ == "__main__" and __package__ is None:  # as a file: python benchmarks/reading/score.py
    sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from benchmarks.reading.pictures import KINDS, Picture, enlarged, photographs, singles, strangers
from benchmarks.reading.readers import READERS, NotHereError, Reader, byhand
from benchmarks.reading.sheets import put_into, sheet, table

ROOT = Path(__file__).parents[2]


@dataclass
class Tally:
    """What one reader made of some pictures."""

    pictures: int = 0
    digits: int = 0
    edits: int = 0
    numbers: int = 0
    right: int = 0
    quiet: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def add(self, truth: Sequence[str], read: Sequence[str], milliseconds: float) -> None:
        """One more picture."""
        self.pictures += 1
        length = sum(map(len, truth))
        self.digits += length
        self.edits += min(length, edits("".join(truth), "".join(read)))
        self.numbers += len(truth)
        self.right += in_common(truth, read)
        self.quiet += not any(read)
        self.milliseconds.append(milliseconds)

    def summary(self) -> dict[str, Any]:
        """Shares from 0 to 1, and times in milliseconds."""
        return {
            "pictures": self.pictures,
            "digits": max(0.0, 1 - self.edits / self.digits) if self.digits else None,
            "numbers": self.right / self.numbers if self.numbers else None,
            "nothing_read": self.quiet / self.pictures,
            "median_ms": statistics.median(self.milliseconds),
            "mean_ms": statistics.fmean(self.milliseconds),
        }


def edits(truth: str, read: str) -> int:
    """Fewest insertions, deletions and exchanges from one to the other (Levenshtein, 1966)."""
    row = list(range(len(read) + 1))
    for i, wanted in enumerate(truth, 1):
        before, row[0] = row[0], i
        for j, found in enumerate(read, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (wanted != found))
    return row[-1]


def in_common(truth: Sequence[str], read: Sequence[str]) -> int:
    """How many lines of the truth were read, in their order: the longest common subsequence."""
    row = [0] * (len(read) + 1)
    for wanted in truth:
        before = 0
        for j, found in enumerate(read, 1):
            before, row[j] = row[j], before + 1 if wanted == found else max(row[j], row[j - 1])
    return row[-1]


def enlargements(count: int, seed: int) -> Iterator[Picture]:
    """The first so many of sklearn's digits, enlarged."""
    for index in range(min(count, 1797)):
        yield enlarged(np.random.default_rng([seed, 3, index]), index, f"{index:04}")


@dataclass(frozen=True)
class Part:
    """Some pictures of one sort; `groups` says under which headings a picture counts."""

    title: str
    pictures: Callable[[int, int], Iterable[Picture]]
    groups: Callable[[Picture], list[str]]
    single: bool = False


def _groups(picture: Picture) -> list[str]:
    return ["all", f"by {picture.hand}", picture.kind]


PARTS = {
    "photographs": Part("Photographs of numbers", photographs, _groups),
    "singles": Part("One digit anywhere", singles, lambda p: ["all", p.kind], single=True),
    "enlarged": Part("scikit-learn's 8x8 digits, enlarged", enlargements, lambda _: ["all"], single=True),
    "strangers": Part("Pictures without a digit", strangers, lambda p: ["all", p.kind]),
}


def run(
    part: Part, count: int, seed: int, readers: dict[str, Reader]
) -> tuple[dict[str, dict[str, Any]], list[tuple[Picture, list[str]]]]:
    """Figures by group and reader, and the pictures that the first reader read wrongly."""
    tallies: dict[str, dict[str, Tally]] = {}
    wrong = []
    for done, picture in enumerate(islice(part.pictures(count, seed), count), 1):
        for position, (name, reader) in enumerate(readers.items()):
            began = time.perf_counter()
            read = reader(picture.image, part.single)
            milliseconds = 1e3 * (time.perf_counter() - began)
            for group in part.groups(picture):
                tallies.setdefault(group, {}).setdefault(name, Tally()).add(picture.lines, read, milliseconds)
            if position == 0 and list(picture.lines) != read:
                wrong.append((picture, read))
        if done % 50 == 0:
            print(f"{part.title}: {done} of {count}", file=sys.stderr, flush=True)
    summary = {group: {name: tally.summary() for name, tally in by.items()} for group, by in tallies.items()}
    return summary, wrong


def shown(title: str, figures: dict[str, dict[str, Any]], readers: Sequence[str], empty: bool) -> str:
    """A part's table in Markdown: a row a group; for each reader digits, numbers and time."""
    first = ("all", "by mnist", "by sklearn")
    order = [g for g in first if g in figures] + [g for g in KINDS if g in figures]
    order += [g for g in figures if g not in order]
    what = ["nothing read"] if empty else ["digits", "numbers"]
    head = ["", "pictures", *(f"{reader}: {name}" for reader in readers for name in [*what, "ms"])]
    rows = []
    for group in order:
        row = [group, str(next(iter(figures[group].values()))["pictures"])]
        for reader in readers:
            got = figures[group][reader]
            keys = ["nothing_read"] if empty else ["digits", "numbers"]
            row += [f"{100 * got[key]:.1f} %" for key in keys] + [f"{got['median_ms']:.0f}"]
        rows.append(row)
    return f"### {title}\n\n{table(head, rows)}\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=230, help="photographs of numbers (default: 230)")
    parser.add_argument("--singles", type=int, help="pictures of one digit (default: as many)")
    parser.add_argument("--enlarged", type=int, help="of sklearn's digits (default: as many, at most 1797)")
    parser.add_argument("--strangers", type=int, help="pictures without a digit (default: as many)")
    parser.add_argument("--readers", default=",".join(READERS))
    parser.add_argument("--model", help="byhand's model file (default: the one in the package)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where reading.md is")
    arguments = parser.parse_args()
    readers: dict[str, Reader] = {}
    missing = {}
    for name in arguments.readers.split(","):
        try:
            readers[name] = byhand(arguments.model) if name == "byhand" else READERS[name]()
        except NotHereError as error:
            missing[name] = str(error)
            print(f"{name} is left out: {error}", file=sys.stderr)
    if not readers:
        sys.exit("there is no reader")
    counts = {"photographs": arguments.pictures} | {
        name: arguments.pictures if getattr(arguments, name) is None else getattr(arguments, name)
        for name in ("singles", "enlarged", "strangers")
    }

    result: dict[str, Any] = {"seed": arguments.seed, "left_out": missing, "parts": {}}
    text, wrong = [], []
    for name, part in PARTS.items():
        if not counts[name]:
            continue
        figures, missed = run(part, counts[name], arguments.seed, readers)
        result["parts"][name] = figures
        text.append(shown(part.title, figures, list(readers), empty=name == "strangers"))
        print(text[-1], flush=True)
        wrong += missed if name == "photographs" else []
    if missing:
        text.append("Left out: " + "; ".join(f"{name} ({why})" for name, why in missing.items()) + ".\n")

    pictures = arguments.docs / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    samples = [(p, [p.kind]) for p in photographs(len(KINDS), arguments.seed)]
    sheet(samples, pictures / "reading.jpg")
    worst = sorted(wrong, key=lambda pair: -edits("".join(pair[0].lines), "".join(pair[1])))[:20]
    first = next(iter(readers))
    if worst:
        named = [
            (p, [f"is {' '.join(p.lines)}", f"read {' '.join(read) or '(nothing)'}"]) for p, read in worst
        ]
        sheet(named, pictures / "reading-wrong.jpg")
        text.append(
            f"What {first} read wrongly, the worst first"
            f" ({len(wrong)} of {counts['photographs']} photographs):\n\n"
            "![Photographs with what is written on them and what was read](pictures/reading-wrong.jpg)\n"
        )
    (arguments.docs / "reading.json").write_text(json.dumps(result, indent=1) + "\n")
    put_into(arguments.docs / "reading.md", "score", "\n".join(text))


if __name__ == "__main__":
    main()
