"""What was to be reached: for each part, rows of measure, wanted, measured, and whether that is enough."""

from collections.abc import Callable
from statistics import median

from figures import Results, best, curves_of, figures, ratio

Row = list[str]


def reached(yes: bool) -> str:
    return "reached" if yes else "**not reached**"


def times_as_fast(measure: str, wanted: dict[str, float]) -> Callable[[Results], list[Row]]:
    """byhand's samples a second against each way of these libraries."""

    def rows(part: Results) -> list[Row]:
        found = []
        for library, least in wanted.items():
            for title in (title for title in part["rounds"][0] if title.startswith(library)):
                r = ratio(
                    figures(part["rounds"], title, "seconds"), figures(part["rounds"], "byhand", "seconds")
                )
                row = [f"{measure}, samples a second against {title}", f"at least {least:.1f} times", str(r)]
                found.append([*row, reached(r.middle >= least)])
        return found

    return rows


def share_target(part: Results) -> list[Row]:
    """By the products that each of its processes does, and by those of the whole step as NumPy takes them."""
    rows = []
    for name, whose in [("products", "as its processes have them"), ("whole", "as NumPy takes them")]:
        if name not in part["rounds"][0]:  # measured before it was asked for
            continue
        r = ratio(*([one[which] for one in part["rounds"]] for which in ("step", name)))
        row = [f"step against its bare matrix products, {whose}", "at most 1.5 times", str(r)]
        rows.append([*row, reached(r.middle <= 1.5)])
    return rows


def cold_targets(part: Results) -> list[Row]:
    rounds, rows = part["rounds"], []
    lowest = min(figures(rounds, "byhand", "accuracy"))
    rows.append(
        ["cold start, lowest test accuracy", "at least 98 %", f"{lowest:.2f} %", reached(lowest >= 98)]
    )
    for title in list(rounds[0])[1:]:
        r = ratio(figures(rounds, "byhand", "seconds"), figures(rounds, title, "seconds"))
        row = [f"cold start, wall time against {title}", "at most 0.5 times", str(r)]
        rows.append([*row, reached(r.middle <= 0.5)])
    if "PyTorch" in rounds[0]:
        r = ratio(figures(rounds, "byhand", "megabytes"), figures(rounds, "PyTorch", "megabytes"))
        row = ["cold start, peak memory against PyTorch", "at most 0.5 times", str(r)]
        rows.append([*row, reached(r.middle <= 0.5)])
    return rows


WANTED = {"sigmoid": 98.0, "elastic": 99.3, "conv": 99.6}
"""Test accuracy of byhand's recipes, in per cent; the last two within MINUTES."""

MINUTES = 15


def level_targets(part: Results) -> list[Row]:
    rows = []
    for name, wanted in WANTED.items():
        curves = curves_of(part).get(f"byhand, `{name}`")
        if curves is None:
            continue
        accuracy = median(100 * curve[-1][1] for curve in curves)
        minutes = median(curve[-1][0] for curve in curves) / 60
        row = [f"test accuracy of `{name}`", f"at least {wanted:.1f} %", f"{accuracy:.2f} %"]
        rows.append([*row, reached(accuracy >= wanted)])
        if name != "sigmoid":
            row = [f"training time of `{name}`", f"at most {MINUTES} minutes", f"{minutes:.1f} minutes"]
            rows.append([*row, reached(minutes <= MINUTES)])
    return rows


def latency_target(part: Results) -> list[Row]:
    title = best(part["rounds"], "onnxruntime", "median")
    if title is None:
        return []
    r = ratio(figures(part["rounds"], "byhand", "median"), figures(part["rounds"], title, "median"))
    row = [f"one image, latency against {title}", "at most 1.5 times", str(r)]
    return [[*row, reached(r.middle <= 1.5)]]


TARGETS: dict[str, Callable[[Results], list[Row]]] = {
    "dense": times_as_fast("dense training", {"PyTorch": 1.8, "scikit-learn": 1.8, "JAX": 1.0}),
    "share": share_target,
    "conv": times_as_fast("convolutional training", {"PyTorch": 1.0}),
    "cold": cold_targets,
    "latency": latency_target,
    "levels": level_targets,
}
