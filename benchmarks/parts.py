"""The measurements, one after another: what each library is asked, how often, and what is kept.

Nothing heavy is imported here: a process that is started counts its parent's memory as its own peak.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parties import HERE, PAUSE, Party, interleaved

Part = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """Which libraries take part, how many rounds of the short measurements, and whether all is to be tiny."""

    libraries: list[str]
    rounds: int
    toy: bool

    def among(self, parties: list[Party]) -> list[Party]:
        """Those whose library takes part."""
        return [party for party in parties if party.library in self.libraries]


DENSE = [
    Party("byhand", "2", "byhand"),
    Party("pytorch", "plain", "PyTorch eager, plain"),
    Party("pytorch", "fast", "PyTorch eager, fused optimizer"),
    Party("jax", "scan", "JAX, a jitted scan"),
    Party("jax", "step", "JAX, a jitted step"),
    Party("sklearn", "", "scikit-learn"),
]


def dense(run: Run) -> Part:
    """Train 784-128-10 for three epochs."""
    sizes = {"images": 1280 if run.toy else 468 * 128, "epochs": 3}
    return {"sizes": sizes, "rounds": interleaved(run.among(DENSE), "dense", run.rounds, sizes)}


CONV = [
    Party("byhand", "2", "byhand"),
    Party("pytorch", "nchw", "PyTorch eager, NCHW"),
    Party("pytorch", "channels_last", "PyTorch eager, channels_last"),
    Party("jax", "step", "JAX, a jitted step"),  # a scan over convolutions takes several times as long
]


def conv(run: Run) -> Part:
    """Train the convolutional network for some steps."""
    sizes = {"images": 256 if run.toy else 50 * 128, "epochs": 1}
    return {"sizes": sizes, "rounds": interleaved(run.among(CONV), "conv", run.rounds, sizes)}


def share(run: Run) -> Part:
    """byhand's step and its bare matrix products by turns."""
    sizes = {"images": 2560 if run.toy else 468 * 128, "stretch": 5 if run.toy else 36}
    parties = [Party("byhand", "2", "byhand")]
    rounds = interleaved(parties, "share", run.rounds, sizes)
    return {"sizes": sizes, "rounds": [answers["byhand"] for answers in rounds]}


COLD = [
    Party("byhand", "", "byhand"),
    Party("pytorch", "cold_pytorch.py", "PyTorch"),
    Party("jax", "cold_jax.py", "JAX"),
    Party("sklearn", "cold_sklearn.py", "scikit-learn"),
]


def cold(run: Run) -> Part:
    """From nothing to a saved model: whole processes, each round with another seed."""
    rounds = []
    for number in range(1 if run.toy else max(3, run.rounds // 3)):
        rounds.append({party.title: _cold(party, number, run.toy) for party in run.among(COLD)})
        print(f"  cold {number + 1}", file=sys.stderr, flush=True)
    return {"rounds": rounds}


def _cold(party: Party, seed: int, toy: bool) -> dict[str, float]:
    script = [HERE / "scripts" / party.how] if party.how else ["-m", "byhand", "train"]
    few = ["--epochs", "1"] if toy else []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *script, "--seed", seed, "-o", "digits.safetensors", *few]
        figures, said = _process(list(map(str, command)), Path(folder))
        if not Path(folder, "digits.safetensors").exists():
            raise SystemExit(f"{party.title} saved no model; it said: {said}")
    found = re.search(r"test accuracy\s+([\d.]+) %", said)
    if found is None:
        raise SystemExit(f"{party.title} gave no test accuracy; it said: {said}")
    return figures | {"accuracy": float(found[1])}


def _process(command: list[str], folder: Path) -> tuple[dict[str, float], str]:
    """Run a process to its end: wall seconds, peak memory in MB, and what it printed."""
    time.sleep(PAUSE)
    with (folder / "said").open("w+") as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)  # unlike wait(), it tells this child's own peak
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise SystemExit(f"failed with status {process.returncode}: {' '.join(command)}")
    kilobyte = 1 if sys.platform == "darwin" else 1024
    return {"seconds": seconds, "megabytes": usage.ru_maxrss * kilobyte / 1e6}, text


QUICK = ["sigmoid", "relu"]
"""Recipes that take seconds, and that PyTorch follows too; the others are run once."""


def levels(run: Run) -> Part:
    """Whole trainings by byhand's recipes, the test accuracy after each epoch."""
    sizes = {"images": 256, "epochs": 1} if run.toy else {"images": None, "epochs": None}
    byhand = Party("byhand", "", "byhand")
    names = interleaved([byhand], "recipes", 1, {}, warm_up=False)[0]["byhand"]
    quick = [
        Party(library, name, f"{title}, `{name}`")
        for name in QUICK
        for library, title in [("byhand", "byhand"), ("pytorch", "PyTorch eager")]
    ]
    slow = [Party("byhand", name, f"byhand, `{name}`") for name in names if name not in QUICK]
    return {
        "sizes": sizes,
        "rounds": interleaved(run.among(quick), "learn", 1 if run.toy else 3, sizes),
        "once": interleaved(slow, "learn", 1, sizes, warm_up=False) if slow else [],
    }


ASK = [
    Party("byhand", "", "byhand"),
    Party("onnx", "1", "onnxruntime, 1 thread"),
    Party("onnx", "2", "onnxruntime, 2 threads"),
    Party("pytorch", "", "PyTorch eager"),
    Party("jax", "", "JAX, jitted"),
    Party("sklearn", "", "scikit-learn"),
]


def latency(run: Run) -> Part:
    """One image a call, many calls a round: kept are their median and 99th percentile."""
    sizes = {"calls": 20 if run.toy else 500}
    parties, rounds = run.among(ASK), run.rounds if run.toy else max(20, run.rounds)
    calls: dict[str, list[float]] = {party.title: [] for party in parties}
    first: dict[str, list[float]] = {}
    kept = []
    for answers in interleaved(parties, "latency", rounds, sizes):
        for title, answer in answers.items():
            calls[title] += answer["microseconds"]
            first[title] = answer["first"]
        kept.append({title: _quantiles(answer["microseconds"]) for title, answer in answers.items()})
    return {
        "sizes": sizes,
        "rounds": kept,
        "all": {title: _quantiles(these) for title, these in calls.items()},
        "first": first,
    }


def _quantiles(microseconds: list[float]) -> dict[str, float]:
    return {
        "median": statistics.median(microseconds),
        "p99": statistics.quantiles(microseconds, n=100, method="inclusive")[98],
    }


def throughput(run: Run) -> Part:
    """Ten thousand images in one call."""
    sizes = {"images": 200 if run.toy else 10_000}
    return {"sizes": sizes, "rounds": interleaved(run.among(ASK), "throughput", run.rounds, sizes)}


IMPORTS = {
    "byhand": {"byhand": "byhand", "byhand, a model and training": "byhand.model, byhand.recipes"},
    "pytorch": {"PyTorch": "torch"},
    "jax": {"JAX": "jax, jax.numpy"},
    "sklearn": {"scikit-learn, its MLPClassifier": "sklearn.neural_network"},
    "onnx": {"onnxruntime": "onnxruntime"},
}


def imports(run: Run) -> Part:
    """Whole Python processes that import a library, and one that imports nothing."""
    commands = {"nothing": "pass", "NumPy": "import numpy"}
    for library in run.libraries:
        commands |= {title: f"import {names}" for title, names in IMPORTS[library].items()}
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(-1, run.rounds):
            answers = {
                title: _process([sys.executable, "-c", code], Path(folder))[0]
                for title, code in commands.items()
            }
            print(f"  imports {'warm-up' if number < 0 else number + 1}", file=sys.stderr, flush=True)
            if number >= 0:
                rounds.append(answers)
    return {"rounds": rounds}


PARTS: dict[str, Callable[[Run], Part]] = {
    "dense": dense,
    "conv": conv,
    "share": share,
    "cold": cold,
    "levels": levels,
    "latency": latency,
    "throughput": throughput,
    "imports": imports,
}
"""Every part of the page, by the name that --only knows it by."""
