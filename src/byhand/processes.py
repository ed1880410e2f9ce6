"""Processes: parts of one long job side by side, one for each core, that meet again and again.

Threads of Python take turns at everything but NumPy's longer operations, and whoever waits for a turn is put
to sleep. A step of training has some 35 operations, most of them short: two threads spend half of its time
asleep. A process has an interpreter of its own and waits for nobody, except where the job says so. Measured
in docs/log.md.
"""

import math
import mmap
import os
import signal
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from byhand.arrays import Shape
from byhand.errors import PartError
from byhand.products import one_thread_each
from byhand.threads import cores, side_by_side

if TYPE_CHECKING:
    from multiprocessing.synchronize import Semaphore

T = TypeVar("T")

LOOKS = 2000
"""How often a process looks for the others before it sleeps: some 0.3 ms. Waking one up takes 0.05 ms."""


def shared(shape: Shape, dtype: DTypeLike) -> NDArray[Any]:
    """An array of zeros in memory that processes have in common, if they part after it was made."""
    size = math.prod(shape)
    memory = mmap.mmap(-1, max(1, size * np.dtype(dtype).itemsize))
    return np.frombuffer(memory, dtype, size).reshape(shape)


def share(count: int, parts: int, part: int) -> slice:
    """Which of so many things are this part's: parts as equal as can be, some of them empty."""
    return slice(count * part // parts, count * (part + 1) // parts)


def together(parts: Sequence[Iterator[T]]) -> Generator[T, None, None]:
    """What the first part yields, while all parts go on side by side, as far as there are cores.

    Each `yield` of a part is a meeting: it goes on only when all have come so far. So all parts must yield
    equally often, and speak to each other through `shared` arrays alone: whatever else a part writes to stays
    its own. On one core they take turns; where no process can be forked safely, they are threads. While they
    are side by side, products anywhere in the process run on one thread each.

    Raises what the first part raises; PartError if another one fails.
    """
    count = min(len(parts), cores())
    crews = [_in_turn(parts[first::count]) for first in range(count)]
    if count == 1:
        yield from crews[0]
    elif signs := _signs(count):
        yield from _in_processes(crews, signs)
    else:
        yield from _in_threads(crews)


def _in_turn(parts: Sequence[Iterator[T]]) -> Iterator[T]:
    for values in zip(*parts, strict=True):
        yield values[0]


def _in_threads(crews: Sequence[Iterator[T]]) -> Iterator[T]:
    ended = object()
    with side_by_side(len(crews)) as each:
        while (values := list(each(lambda crew: next(crew, ended), crews)))[0] is not ended:
            yield values[0]


def _in_processes(crews: Sequence[Iterator[T]], signs: Sequence["Semaphore"]) -> Iterator[T]:
    with one_thread_each(), _forked(crews[1:], signs) as check:
        for value in crews[0]:
            _meet(signs, 0, check)
            yield value


def _signs(count: int) -> list["Semaphore"]:
    """For each process a count of the others that have come so far; none where processes must not be forked.

    On macOS the system's own libraries do not bear it, Windows has no fork, and some containers have no
    semaphores.
    """
    if sys.platform != "linux":
        return []
    from multiprocessing import get_context

    try:
        return [get_context("fork").Semaphore(0) for _ in range(count)]
    except (ImportError, OSError):
        return []


def _meet(signs: Sequence["Semaphore"], number: int, check: Callable[[], None]) -> None:
    """Wait until all processes have come here; once a second see by `check` if that can be hoped for."""
    for other, sign in enumerate(signs):
        if other != number:
            sign.release()
    for _ in signs[1:]:
        while not (any(signs[number].acquire(False) for _ in range(LOOKS)) or signs[number].acquire(True, 1)):
            check()


@contextmanager
def _forked(crews: Sequence[Iterator[T]], signs: Sequence["Semaphore"]) -> Iterator[Callable[[], None]]:
    """Give each crew a process, numbered from 1, until the end. Yields the check that none has failed."""
    heard, tell = os.pipe()  # for the last words of a process that fails
    parent, children = os.getpid(), list[int]()

    def check_parent() -> None:
        if os.getppid() != parent:
            os._exit(1)

    def check_children() -> None:
        for child in children:
            if os.waitpid(child, os.WNOHANG)[0]:
                children.remove(child)
                os.set_blocking(heard, False)
                words = "it was killed; is there enough memory?"
                with suppress(BlockingIOError):
                    words = os.read(heard, 1000).decode()
                raise PartError(f"a process that trains a part of each batch has ended: {words}")

    try:
        for number, crew in enumerate(crews, 1):
            child = _fork()
            if child == 0:
                try:
                    for _ in crew:
                        _meet(signs, number, check_parent)
                except BaseException as error:
                    os.write(tell, f"{type(error).__name__}: {error}"[:1000].encode())
                finally:
                    os._exit(0)
            children.append(child)
        yield check_children
    finally:
        for child in children:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
        os.close(heard)
        os.close(tell)


def _fork() -> int:
    """os.fork(). Ctrl-C goes to all processes of a terminal, but the parent alone is to answer."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        with warnings.catch_warnings():
            # Python warns if there are threads, which the child will miss. It needs none, nor what they hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise
    if child:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return child
