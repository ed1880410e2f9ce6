"""An older byhand by this one, to see what a change brings that is less than the noise of the machine.

    git worktree add ../older SOME_COMMIT
    python benchmarks/old_new.py ../older/src --only dense

Each is a process of its own, and they take turns, in chance order. What else the machine does makes
calls slower, never faster: of a round's calls the 5 and the 25 % quantile are taken, of a process its best
round. Where arrays come to lie differs between processes, so all is done again with new ones. The older one
takes part twice: what differs by less than it does from itself says nothing.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parent
PAUSE = 0.03  # seconds: threads that still wait in a loop for more work have gone to sleep by then

CALLS = {"dense": 400, "halves": 400, "conv": 20, "one": 4000}
"""Calls a round: steps of 784-128-10, the same in two parts, with convolutions; one image asked about."""

STRETCH = {"halves": 8}
"""Steps from one report to the next, if more than one: for a report, parts put their numbers together."""


def prepared(task: str, count: int) -> Callable[[], list[float]]:
    """What makes so many calls, and says how many microseconds each took; the first two are left out."""
    import work
    from peers import byhand_

    from byhand.datasets import Examples

    if task == "one":
        ask, image = byhand_.ask(""), work.mnist("t10k").front(1).images
        return lambda: _apart(ask(image) for _ in range(count + 2))
    dense = task in {"dense", "halves"}
    network = byhand_.dense_network() if dense else byhand_.conv_network()
    start = work.start_dense() if dense else work.start_conv()
    rate, parts = work.DENSE_RATE if dense else work.CONV_RATE, 1 if task == "dense" else 2
    stretch = STRETCH.get(task, 1)
    digits = work.mnist().front(work.BATCH * (count + 2 * stretch))
    examples = Examples(digits.images, digits.labels)

    def once() -> list[float]:
        byhand_.set_weights(network, start)
        stretches = _apart(byhand_.steps(network, examples, 0, rate, parts, every=stretch))
        return [micros / stretch for micros in stretches]

    return once


def _apart(calls: Iterable[object]) -> list[float]:
    """Microseconds from one call's end to the next one's."""
    ends = [time.perf_counter_ns() for _ in calls]
    return [(end - begin) / 1000 for begin, end in pairwise(ends[1:])]


def work_on(task: str, count: int) -> None:
    """A process of one package: for each line on standard input, one round's quantiles."""
    once = prepared(task, count)
    for _ in sys.stdin:
        times = sorted(once())
        print(times[len(times) // 20], times[len(times) // 4], flush=True)


def measure(sources: dict[str, Path], task: str, count: int, rounds: int) -> dict[str, list[float]]:
    """Best quantiles of each, all in new processes."""
    processes = {
        name: subprocess.Popen(
            [sys.executable, __file__, "", "--work", task, "--calls", str(count)],
            cwd=HERE,
            env={**os.environ, "PYTHONPATH": str(source)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, source in sources.items()
    }
    answers: dict[str, list[list[float]]] = {name: [] for name in sources}
    for _ in range(rounds):
        for name in random.sample(list(processes), len(processes)):
            time.sleep(PAUSE)
            print(file=processes[name].stdin, flush=True)
            answer = processes[name].stdout.readline().split()
            if not answer:
                raise SystemExit(f"the process of {sources[name]} ended; its own words are above")
            answers[name].append([float(value) for value in answer])
    for process in processes.values():
        process.communicate()
    return {name: [min(column) for column in zip(*rows, strict=True)] for name, rows in answers.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("older", help="folder in which the older package `byhand` lies")
    parser.add_argument("--only", nargs="*", choices=list(CALLS), default=list(CALLS), metavar="TASK")
    parser.add_argument("--calls", type=int, help="calls a round (default: as many as take some 0.2 s)")
    parser.add_argument("--rounds", type=int, default=12, help="rounds of a process (default: 12)")
    parser.add_argument("--processes", type=int, default=5, help="times that all is done (default: 5)")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work_on(arguments.work, arguments.calls)
        return
    older = Path(arguments.older).resolve()
    if not (older / "byhand" / "__init__.py").exists():
        parser.error(f"there is no package byhand in {older}; give the src folder of a checkout")
    sources = {"older": older, "older again": older, "this": HERE.parent / "src"}
    for task in arguments.only:
        count = arguments.calls or CALLS[task]
        runs = [measure(sources, task, count, arguments.rounds) for _ in range(arguments.processes)]
        for name in sources:
            words = []
            for position, quantile in enumerate(("5 %", "25 %")):
                micros = statistics.median(run[name][position] for run in runs)
                ratios = [run[name][position] / run["older"][position] for run in runs]
                words.append(
                    f"{quantile}: {micros:8.1f} us, by older {statistics.median(ratios):.3f}"
                    f" ({min(ratios):.3f} to {max(ratios):.3f})"
                )
            print(f"{task:7}{name:12} {'   '.join(words)}", flush=True)


if __name__ == "__main__":
    main()
