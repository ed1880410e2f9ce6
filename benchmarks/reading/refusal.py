"""How many non-digits a model refuses, for each share of the digits that it keeps.

    python -m benchmarks.reading.refusal [MODEL] [--count N] [--seed S]

The digits are MNIST's test images; the non-digits are those for scoring, of which nothing was fitted
(byhand.datasets.nondigits). How sure a model is that something is a digit is the largest probability of its
ten digits; a further class "none", if the model has one, takes its part of the whole. Writes its part of
docs/reading.md, and docs/pictures/refusal.png.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.sheets import put_into, table
from byhand.datasets import load
from byhand.datasets.nondigits import nondigits
from byhand.model import Model

ROOT = Path(__file__).parents[2]
KEPT = (1.0, 0.999, 0.995, 0.99, 0.98, 0.95)
DIGITS = 10

Array = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Answers:
    """Sureness and rightness (N,) of digits; sureness of each kind of non-digits."""

    sure: Array
    right: NDArray[np.bool_]
    strange: dict[str, Array]

    def threshold(self, kept: float) -> float:
        """Sureness that this share of the digits reaches."""
        return float(np.quantile(self.sure, 1 - kept, method="lower"))

    def at(self, threshold: float) -> tuple[float, float, dict[str, float]]:
        """Share of digits kept, accuracy of those, and share refused of each kind and of all."""
        kept = self.sure >= threshold
        refused = {kind: float((sure < threshold).mean()) for kind, sure in self.strange.items()}
        everything = np.concatenate(list(self.strange.values()))
        accuracy = float(self.right[kept].mean()) if kept.any() else 1.0
        return float(kept.mean()), accuracy, {"all": float((everything < threshold).mean())} | refused


def ask(model: Model, count: int, seed: int) -> Answers:
    """The model's answers to MNIST's test images and to so many non-digits."""
    test = load("mnist").test
    images, kinds = nondigits(test, count, np.random.default_rng([seed, 4]), part="scoring")
    p = model.probabilities(test.images)[:, :DIGITS]
    sure = model.probabilities(images)[:, :DIGITS].max(axis=1)
    strange = {str(kind): sure[kinds == kind] for kind in dict.fromkeys(kinds)}
    return Answers(p.max(axis=1), p.argmax(axis=1) == test.labels, strange)


def shown(answers: Answers, own: float | None) -> str:
    """The table in Markdown; `own` is the model's own threshold."""
    _, _, refused = answers.at(0)
    head = ["digits kept", "threshold", "accuracy of those", *(f"{kind} refused" for kind in refused)]
    rows = []
    points = [(f"{100 * kept:g} %", answers.threshold(kept)) for kept in KEPT]
    if own is not None:
        points.append((f"{100 * answers.at(own)[0]:.2f} % (the model's own)", own))
    for name, threshold in points:
        _, accuracy, refused = answers.at(threshold)
        shares = [f"{100 * share:.1f} %" for share in refused.values()]
        rows.append([name, f"{threshold:.4f}", f"{100 * accuracy:.2f} %", *shares])
    return table(head, rows)


def plot(answers: Answers, path: Path) -> None:
    """Refusals, and mistakes among what is kept, for each share of the digits that is kept."""
    from matplotlib.figure import Figure

    kept = 1 - np.geomspace(3e-4, 0.2, 80)
    at = [answers.at(answers.threshold(share)) for share in kept]
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for kind in at[0][2]:
        width = 2.5 if kind == "all" else 1.0
        axes.plot(
            100 * (1 - kept), [100 * refused[kind] for _, _, refused in at], label=kind, linewidth=width
        )
    axes.set_xscale("log")
    axes.set_xlabel("digits refused, %")
    axes.set_ylabel("non-digits refused, %")
    axes.axvline(1, color="grey", linewidth=0.7, linestyle=":")
    axes.axhline(95, color="grey", linewidth=0.7, linestyle=":")
    other = axes.twinx()
    other.plot(
        100 * (1 - kept), [100 * (1 - accuracy) for _, accuracy, _ in at], color="black", linestyle="--"
    )
    other.set_ylabel("mistakes among the digits kept, % (dashed)")
    other.set_ylim(bottom=0)
    axes.legend(loc="lower right", fontsize="small")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", help="a model file (default: the one in the package)")
    parser.add_argument("--count", type=int, default=14_000, help="how many non-digits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where reading.md is")
    arguments = parser.parse_args()
    if arguments.model is None:
        from byhand.reading import shipped_model

        arguments.model = shipped_model()
    model = Model.load(arguments.model)
    answers = ask(model, arguments.count, arguments.seed)
    refusal = getattr(model, "refusal", None)
    text = shown(answers, refusal.threshold if refusal else None)
    print(text)
    plot(answers, arguments.docs / "pictures" / "refusal.png")
    picture = "![Share of non-digits refused against share of digits refused](pictures/refusal.png)"
    put_into(arguments.docs / "reading.md", "refusal", f"{text}\n\n{picture}")


if __name__ == "__main__":
    main()
