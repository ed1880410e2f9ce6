"""Who takes part in what: a library in a process of its own, and how it does the task."""

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

HERE = Path(__file__).parent
PAUSE = 0.1  # seconds: threads that still wait in a loop for more work have gone to sleep by then

PACKAGES = {
    "byhand": ["byhand"],
    "pytorch": ["torch"],
    "jax": ["jax"],
    "sklearn": ["scikit-learn"],
    "onnx": ["onnxruntime", "onnx"],
}
"""What must be installed for each library, byhand first."""

IMPORTED = {"scikit-learn": "sklearn"}


def is_installed(library: str) -> bool:
    return all(importlib.util.find_spec(IMPORTED.get(name, name)) for name in PACKAGES[library])


class Party(NamedTuple):
    """A library, how it does a task if there are several ways, and what the page calls that."""

    library: str
    how: str
    title: str


class Workers:
    """A process for each library, all of them idle but one."""

    def __init__(self, parties: list[Party]) -> None:
        self._processes = {
            party.library: subprocess.Popen(
                [sys.executable, "worker.py", party.library],
                cwd=HERE,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for party in {party.library: party for party in parties}.values()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.stdin.close()
            if kind is not None:
                process.terminate()
            process.wait()
            process.stdout.close()

    def do(self, party: Party, task: str, number: int, sizes: dict[str, Any]) -> dict[str, Any]:
        """One round of a task; SystemExit if the worker died of it (its own words are on standard error)."""
        process = self._processes[party.library]
        time.sleep(PAUSE)
        try:
            print(
                json.dumps({"task": task, "how": party.how, "round": number, "sizes": sizes}),
                file=process.stdin,
                flush=True,
            )
            return json.loads(process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError):
            raise SystemExit(f"{party.title}: the worker ended during {task}") from None


def interleaved(
    parties: list[Party], task: str, rounds: int, sizes: dict[str, Any], warm_up: bool = True
) -> list[dict[str, Any]]:
    """Rounds A B C, A B C, ...: each the answers by the parties' titles. The warm-up is thrown away."""
    kept = []
    with Workers(parties) as workers:
        for number in range(-1 if warm_up else 0, rounds):
            answers = {party.title: workers.do(party, task, number, sizes) for party in parties}
            print(f"  {task} {'warm-up' if number < 0 else number + 1}", file=sys.stderr, flush=True)
            if number >= 0:
                kept.append(answers)
    return kept
