"""The page: tables from what was measured. Every number on it comes from the results."""

from collections.abc import Callable
from statistics import median

from figures import Results, Rounds, curves_of, figures, ratio, table
from targets import TARGETS

HEAD = """# Benchmarks

byhand beside other libraries: the same network, start, data in memory, order of batches, batches of 128,
SGD with Nesterov's momentum 0.9 at a constant rate, float32, as many threads as there are cores; where byhand
trains, two processes of one thread each.

```sh
.venv/bin/pip install -e '.[bench]'
make benchmarks
```

measures all of this and writes this page and [benchmarks.json](benchmarks.json), which has every round;
`python benchmarks/compare.py --only dense` measures one part again. Each library has a process of its own,
and they take turns: A B C, A B C, ..., all idle but one. So a machine that is slow for a while is slow for
all, and what counts is the **ratio** within a round: below stand its median over the rounds and, in brackets,
the lowest and the highest.
"""

FASTER = "byhand is so many times as fast"

TOY = "\n**A toy run: it shows that the benchmarks work. Its figures mean nothing.**\n"


def write_page(results: Results) -> str:
    """The whole page."""
    page = [HEAD, TOY if results["toy"] else ""]
    page.append(table(["measured on", ""], results["machine"].items()))
    if results["left_out"]:
        page.append(f"Left out of this run: {', '.join(results['left_out'])}.\n")
    parts = results["parts"]
    if targets := [row for name, rows in TARGETS.items() if name in parts for row in rows(parts[name])]:
        page.append("## What was to be reached\n")
        page.append(table(["measure", "wanted", "measured", ""], targets))
    for name, section in SECTIONS.items():
        if name in parts:
            page.append(section(parts[name]))
            page.append(f"(Measured {parts[name]['measured']}: `--only {name}`.)\n")
    return "\n".join(part for part in page if part)


def training(title: str, text: str) -> Callable[[Results], str]:
    def section(part: Results) -> str:
        rounds, images, epochs = part["rounds"], part["sizes"]["images"], part["sizes"]["epochs"]
        rows = []
        for name in rounds[0]:
            seconds = figures(rounds, name, "seconds")
            apart = max(
                abs(a - b)
                for a, b in zip(figures(rounds, name, "loss"), figures(rounds, "byhand", "loss"), strict=True)
            )
            r = ratio(seconds, figures(rounds, "byhand", "seconds"))
            loss = f"{rounds[-1][name]['loss']:.4f}"
            rows.append([name, f"{epochs * images / median(seconds):,.0f}", r, loss, f"{apart:.1e}"])
        head = ["", "samples a second", FASTER, "loss after the last round", "loss farthest from byhand's"]
        return f"""## {title}

{text}
A round is {epochs * -(-images // 128):,} steps from the same start; compilation is not counted, but whatever
else a training begins and ends with is. Rounds: {len(rounds)}.

{table(head, rows)}
{agreement(rounds)}
"""

    return section


def agreement(rounds: Rounds) -> str:
    """Whether the losses say that all did the same work."""
    apart = {
        title: [abs(answers[title]["loss"] - answers["byhand"]["loss"]) for answers in rounds]
        for title in rounds[0]
    }
    most, middle = (max(map(which, apart.values())) for which in (max, median))
    if middle <= 1e-3:
        return f"""After a round the loss over its images is the same for all to {middle:.1e}, in the median
of the rounds: they did the same work. Where they lie farthest apart it is {most:.1e}: each library rounds in
its own way, and where two numbers are nearly alike, that decides which is larger."""
    return f"**The losses differ by {middle:.1e} in the median of the rounds: not all did the same work.**"


def share_section(part: Results) -> str:
    titles = {
        "step": "step",
        "products": "products as its processes have them",
        "whole": "products as NumPy takes them",
    }
    taken = {name: [one[name] for one in part["rounds"]] for name in titles if name in part["rounds"][0]}
    step = taken["step"]
    rows = [[titles[name], f"{median(each):.0f}", ratio(step, each)] for name, each in taken.items()]
    return f"""## The step and its matrix products

byhand's step of 784-128-10 needs five matrix products; each of two processes does them for half of the hidden
units. Within an epoch, {part["sizes"]["stretch"]} steps and as many times these products, in two processes,
take turns; after it come as many times those of the whole step as NumPy takes them by itself, in one process,
shared out over BLAS's own threads. The products are alone and write into memory that is there. Microseconds
for one step. What is above 1 is what else a step does: gathering the batch, making inputs of its pixels,
biases, ReLU, softmax, the update, waiting for each other. Rounds: {len(step)}.

{table(["", "µs", "step / this"], rows)}"""


def cold_section(part: Results) -> str:
    rounds = part["rounds"]
    rows = []
    for title in rounds[0]:
        seconds, megabytes = figures(rounds, title, "seconds"), figures(rounds, title, "megabytes")
        wall = ratio(figures(rounds, "byhand", "seconds"), seconds)
        memory = ratio(figures(rounds, "byhand", "megabytes"), megabytes)
        lowest = f"{min(figures(rounds, title, 'accuracy')):.2f} %"
        rows.append([title, f"{median(seconds):.2f}", wall, f"{median(megabytes):.0f}", memory, lowest])
    head = ["", "seconds", "byhand / this", "peak MB", "byhand / this", "lowest test accuracy"]
    return f"""## Cold start

A whole process, from nothing to a saved 784-128-10 of 98 % on the test images: reading the data, importing,
compiling, training, testing, saving. byhand is `byhand train` as it comes, which also sets images aside,
validates after each epoch and prints; the others are the scripts in `benchmarks/scripts`, which do nothing
of that, and train for as many epochs as they need for 98 %. A peak is that of the process that was started:
what byhand's second one has of its own (some megabytes, docs/log.md) comes on top. Rounds, each with another
seed: {len(rounds)}.

{table(head, rows)}"""


LEVELS = (98.0, 99.0, 99.3)


def levels_section(part: Results) -> str:
    rows = []
    for title, curves in curves_of(part).items():
        row = [title, str(len(curves))]
        for level in LEVELS:
            times = [next((s for s, a in curve if 100 * a >= level), None) for curve in curves]
            there = [seconds for seconds in times if seconds is not None]
            row.append(
                f"{median(there):.1f} s" if len(there) == len(times) else f"{len(there)} of {len(times)}"
            )
        ends = [100 * curve[-1][1] for curve in curves]
        row += [f"{median(ends):.2f} %", f"{median(curve[-1][0] for curve in curves):.1f} s"]
        rows.append(row)
    head = ["recipe", "trainings", *(f"to {level:g} %" for level in LEVELS), "in the end", "after"]
    return f"""## Time to an accuracy

Whole trainings by byhand's recipes on 50,000 images, medians; after each epoch the test accuracy is taken
while the clock stands, and chooses nothing. A recipe that ends at a rate of zero gets its best only at its
end. Where not every training came to a level, it says how many did.

{table(head, rows)}"""


def latency_section(part: Results) -> str:
    rounds, every = part["rounds"], part["all"]
    rows = []
    for title in rounds[0]:
        r = ratio(figures(rounds, "byhand", "median"), figures(rounds, title, "median"))
        rows.append([title, f"{every[title]['median']:.1f}", f"{every[title]['p99']:.1f}", r])
    apart = max(
        abs(a - b)
        for first in part["first"].values()
        for a, b in zip(first, part["first"]["byhand"], strict=True)
    )
    calls = part["sizes"]["calls"] * len(rounds)
    return f"""## One image

A model that is in memory is asked for the probabilities of one image, 28x28 bytes: microseconds of
{calls:,} calls each, {part["sizes"]["calls"]} a turn; the ratio is that of the medians of a turn. How far
their probabilities of the same image lie apart: at most {apart:.1e}.

{table(["", "median", "99th percentile", "byhand / this"], rows)}"""


def throughput_section(part: Results) -> str:
    rounds, images = part["rounds"], part["sizes"]["images"]
    rows = []
    for title in rounds[0]:
        seconds = figures(rounds, title, "seconds")
        r = ratio(seconds, figures(rounds, "byhand", "seconds"))
        rows.append([title, f"{1000 * median(seconds):.1f}", f"{images / median(seconds):,.0f}", r])
    head = ["", "milliseconds", "images a second", FASTER]
    return f"""## Many images

The same models, asked for {images:,} images in one call. Rounds: {len(rounds)}.

{table(head, rows)}"""


def imports_section(part: Results) -> str:
    rounds = part["rounds"]
    nothing = figures(rounds, "nothing", "seconds")
    rows = []
    for title in list(rounds[0])[1:]:
        beyond = [a - b for a, b in zip(figures(rounds, title, "seconds"), nothing, strict=True)]
        memory = median(figures(rounds, title, "megabytes"))
        rows.append(
            [title, f"{median(beyond):.3f} ({min(beyond):.3f} to {max(beyond):.3f})", f"{memory:.0f}"]
        )
    return f"""## Import

Seconds that a Python process takes longer when it imports this, and its peak memory; a process that imports
nothing takes {median(nothing):.3f} s. Rounds: {len(rounds)}.

{table(["", "seconds", "peak MB"], rows)}"""


SECTIONS: dict[str, Callable[[Results], str]] = {
    "dense": training(
        "Training the dense network",
        """784-128-10 with ReLU. The others have their inputs in memory as float32; byhand is
`byhand.training.train(parts=2)`, half of the hidden units in a process of its own: it has the pixels as bytes
and makes inputs of each batch. Every step of every library gathers its shuffled batch.""",
    ),
    "conv": training(
        "Training the convolutional network",
        """Convolution 5x5x16, ReLU, pooling 2, convolution 5x5x32, ReLU, pooling 2, 512-128-10 with ReLU, no
padding. byhand is `byhand.training.train(parts=2)`: half of each batch in a process of its own.""",
    ),
    "share": share_section,
    "cold": cold_section,
    "levels": levels_section,
    "latency": latency_section,
    "throughput": throughput_section,
    "imports": imports_section,
}
