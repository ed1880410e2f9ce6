"""Threads: parts of one job side by side, one for each core, if they are longer than waking a thread takes.

NumPy's own threads share out one matrix product at a time, and all else waits on a single core. So whole
parts, such as batches of images that a network is asked about, go to threads, and each thread's products to
it alone. A step of training is too short for that: see processes.py.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from byhand.products import one_thread_each

Map = Callable[..., Iterable[Any]]
"""Like the built-in map."""


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def side_by_side(parts: int) -> Iterator[Map]:
    """Give a map that works on so many parts at once, as far as there are cores; for one part, map itself.

    While it lasts, products anywhere in the process run on one thread each.
    """
    if parts == 1:
        yield map
        return
    with one_thread_each(), ThreadPoolExecutor(min(parts, cores())) as pool:
        yield pool.map
