"""One library in a process of its own: does one round when asked, and is idle else.

    python benchmarks/worker.py LIBRARY

A request is a line of JSON on standard input: {"task": "conv", "how": "nchw", "round": 0, "sizes": {...}};
the answer is one on standard output. The task is prepared when it is first asked for, outside of the clock.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import work

Answer = dict[str, Any]
Round = Callable[[int], Answer]


def latency(peer: ModuleType, how: str, calls: int) -> Round:
    """One image a call: the microseconds of each call, the images taken in turn."""
    answer, images = peer.ask(how), work.mnist("t10k").images

    def once(number: int) -> Answer:
        microseconds = []
        for i in range(calls):
            image = images[i : i + 1]
            began = time.perf_counter_ns()
            answer(image)
            microseconds.append((time.perf_counter_ns() - began) / 1000)
        return {"microseconds": microseconds, "first": np.asarray(answer(images[:1]))[0].tolist()}

    return once


def throughput(peer: ModuleType, how: str, images: int) -> Round:
    """All images in one call."""
    answer, these = peer.ask(how), work.mnist("t10k").images[:images]

    def once(number: int) -> Answer:
        began = time.perf_counter()
        answer(these)
        return {"seconds": time.perf_counter() - began}

    return once


SHARED = {"latency": latency, "throughput": throughput}
"""Tasks that are the same for every library: it only has to answer. The others are its own."""


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints does not come between the answers
    peer = importlib.import_module(f"peers.{sys.argv[1]}_")
    prepared: dict[tuple[str, str], Round] = {}
    for line in sys.stdin:
        request = json.loads(line)
        task, how = request["task"], request["how"]
        if (task, how) not in prepared:
            prepare = SHARED.get(task)
            prepared[task, how] = (
                prepare(peer, how, **request["sizes"])
                if prepare
                else getattr(peer, task)(how, **request["sizes"])
            )
        print(json.dumps(prepared[task, how](request["round"])), file=answers, flush=True)


if __name__ == "__main__":
    main()
