"""What makes a training step fast, and what does not: the step of 784-128-10 in all forms that were tried.

    python benchmarks/step.py [--only step wide parts] [--steps 48] [--rounds 15]

The step is written here once more, as bare operations, so that one thing at a time can be changed. All forms
are first seen to learn the same. Then they take turns, round by round, and the package's own training, whose
parts are processes, takes its turn too; printed are medians over the rounds, in microseconds. `step` compares
forms of the step, `wide` those of a step with 800 hidden units, also with distorted images, `parts` says
where the time of a step goes. The machine should do nothing else meanwhile.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
from forms import Form, Package, Steps, Vector
from threadpoolctl import threadpool_limits

BASE = Form()
STEP = {
    "the package's form": BASE,
    "BLAS with 1 thread": replace(BASE, blas=1),
    "half batches in 2 threads, BLAS with 1": replace(BASE, parts=2, blas=1),
    "batches prepared in a second thread": replace(BASE, ahead=1),
    "the same, 8 at a time": replace(BASE, ahead=8),
    "the same, 8 at a time, BLAS with 1 thread": replace(BASE, ahead=8, blas=1),
    "update in blocks of 8,192": replace(BASE, block=8192),
    "update in blocks of 32,768": replace(BASE, block=32768),
    "v kept, not μ v": replace(BASE, v_itself=True),
    "arrays where NumPy puts them": replace(BASE, numpys_own=True),
    "softmax over logits as they come": replace(BASE, by_example=True),
    "both, and v kept, not μ v": replace(BASE, numpys_own=True, by_example=True, v_itself=True),
    "bias gradients by sums": replace(BASE, sums=True),
    "2 buffers for inputs in turn": replace(BASE, buffers=2),
    "4 buffers": replace(BASE, buffers=4),
    "batches of 256": replace(BASE, batch=256),
    "batches of 512": replace(BASE, batch=512),
}
BROAD = Form(hidden=800)
BENT = replace(BROAD, distort=True)
WIDE = {
    "whole batches": BROAD,
    "half batches in 2 threads, BLAS with 1": replace(BROAD, parts=2, blas=1),
    "distorted, whole batches": BENT,
    "distorted, half batches in 2 threads, BLAS with 1": replace(BENT, parts=2, blas=1),
    "distorted in a second thread, BLAS with 1": replace(BENT, ahead=1, blas=1),
    "distorted in a second thread, BLAS with 2": replace(BENT, ahead=1),
    "distorted in a second thread, 8 batches at a time, BLAS with 1": replace(BENT, ahead=8, blas=1),
}


def agree(forms: dict[str, Form], steps: int = 24) -> None:
    """End the program if forms with the same network and batch do not learn the same."""
    seen: dict[tuple[int, int], Vector] = {}
    for name, form in forms.items():
        taken = Steps(replace(form, distort=False))
        taken(steps)
        first = seen.setdefault((form.hidden, form.batch), taken.theta)
        apart = np.abs(taken.theta - first).max()
        if not apart < 1e-5:
            raise SystemExit(f"{name}: theta is {apart:.1e} from the first form's after {steps} steps")


def settle() -> None:
    """Wait until BLAS's own threads sleep: after a product they go on looking for work, and hold a core."""
    used = 1.0
    while used > 0.001:
        before = time.process_time()
        time.sleep(0.02)
        used = time.process_time() - before


def measured(
    runs: dict[str, tuple[int, Callable[[int], object]]], steps: int, rounds: int
) -> dict[str, list[float]]:
    """Microseconds a step of each, round by round, in turn; each with its number of BLAS threads."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):  # the first is for warming up
        for threads in (1, 2):
            settle()
            for name, (blas, run) in runs.items():
                if blas == threads:
                    with threadpool_limits(blas, user_api="blas"):
                        run(8)
                        began = time.perf_counter()
                        run(steps)
                        if number:
                            times[name].append((time.perf_counter() - began) / steps * 1e6)
    return times


def compare(forms: dict[str, Form], steps: int, rounds: int) -> None:
    """Print how long each form takes for a step and an image, and the ratio to the first, pair by pair."""
    agree(forms)
    runs: dict[str, tuple[int, Callable[[int], object]]] = {
        name: (form.blas, Steps(form)) for name, form in forms.items()
    }
    first = next(iter(forms.values()))
    batches = {name: form.batch for name, form in forms.items()}
    packages = {"byhand.train": first, "byhand.train, parts=2": replace(first, parts=2, blas=1)}
    if any(form.distort for form in forms.values()):
        packages["byhand.train, parts=2, distorted"] = replace(first, parts=2, blas=1, distort=True)
    for name, form in packages.items():
        runs[name], batches[name] = (form.blas, Package(form, steps)), form.batch
    times = measured(runs, steps, rounds)
    base = times[next(iter(forms))]
    print("| form | µs a step | µs an image | of the first form's time an image |")
    print("| --- | --- | --- | --- |")
    for name, found in times.items():
        share = median(a / b for a, b in zip(found, base, strict=True)) * first.batch / batches[name]
        step = median(found)
        print(f"| {name} | {step:.0f} | {step / batches[name]:.2f} | {share:.2f} |")
    print()


def timed(taken: Steps, within: dict[str, list[float]]) -> Callable[[int], None]:
    """Steps that note, each time, the mean microseconds of each of their operations."""
    part = taken.parts[0]
    operations = {**part.operations, "update": taken.update}

    def run(count: int) -> None:
        sums = dict.fromkeys(operations, 0.0)
        for _ in range(count):
            part.which = next(taken.batches)
            began = time.perf_counter()
            for name, operation in operations.items():
                operation()
                ended = time.perf_counter()
                sums[name] += ended - began
                began = ended
        for name, total in sums.items():
            within.setdefault(name, []).append(total / count * 1e6)

    return run


def where(steps: int, rounds: int) -> None:
    """Print what each operation of the package's form takes in the step, and the products by themselves."""
    one, four = Steps(BASE), Steps(replace(BASE, buffers=4))
    within: list[dict[str, list[float]]] = [{}, {}]
    products = [operation for name, operation in one.parts[0].operations.items() if "@" in name]

    def bare(count: int) -> None:
        for _ in range(count):
            for operation in products:
                operation()

    halves = Steps(replace(BASE, parts=2, blas=1))
    halves(1)
    one(1)
    shares = [[part.operations[name] for name in part.operations if "@" in name] for part in halves.parts]

    def bare_halves(count: int) -> None:
        for _ in range(count):
            halves.pair(lambda k: [operation() for operation in shares[k]])

    def nothing(count: int) -> None:
        for _ in range(count):
            halves.pair(bool)

    times = measured(
        {
            "the step": (2, one),
            "the step, each operation timed": (2, timed(one, within[0])),
            "the same with 4 buffers for inputs in turn": (2, timed(four, within[1])),
            "its products alone, in a loop": (2, bare),
            "its products alone, BLAS with 1 thread": (1, bare),
            "products of half batches in 2 threads": (1, bare_halves),
            "nothing, handed to a second thread and awaited": (1, nothing),
        },
        steps,
        rounds,
    )
    print("| operation, within the step | µs | with 4 buffers for inputs |")
    print("| --- | --- | --- |")
    for name in within[0]:
        print(f"| {name} | " + " | ".join(f"{median(found[name]):.1f}" for found in within) + " |")
    print("\n| | µs |\n| --- | --- |")
    for name, found in times.items():
        print(f"| {name} | {median(found):.0f} |")
    ratio = median(
        a / b for a, b in zip(times["the step"], times["its products alone, in a loop"], strict=True)
    )
    print(f"\nThe step takes {ratio:.2f} times its products alone.\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ["step", "wide", "parts"]
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="PART")
    parser.add_argument("--steps", type=int, default=48, help="steps a round (default: 48)")
    parser.add_argument("--rounds", type=int, default=15, help="rounds (default: 15)")
    arguments = parser.parse_args()
    if "step" in arguments.only:
        compare(STEP, arguments.steps, arguments.rounds)
    if "wide" in arguments.only:
        compare(WIDE, arguments.steps // 3, arguments.rounds)
    if "parts" in arguments.only:
        where(arguments.steps, arguments.rounds)


if __name__ == "__main__":
    main()
