import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from byhand.errors import PartError
from byhand.processes import shared, together


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr("byhand.processes.cores", lambda: 2)


def children():
    """Processes that this one has started, those that nobody has waited for included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            _, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
            if int(parent) == os.getpid():
                found.add(int(stat.parent.name))
    return found


def sums(part, seen, steps):
    """Part by part: write a number of one's own, meet, and yield the sum of what all have written."""
    for step in range(steps):
        seen[part] = (part + 1) * step
        yield None
        total = float(seen.sum())
        yield total


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
@pytest.mark.parametrize("way", ["processes", "threads", "in turn"])
def test_at_each_meeting_every_part_sees_what_all_have_written_before(parts, way, monkeypatch):
    if way == "threads":
        monkeypatch.setattr("byhand.processes._signs", lambda count: [])
    monkeypatch.setattr("byhand.processes.cores", lambda: 1 if way == "in turn" else 3)
    seen = shared((parts,), np.float64)
    values = list(together([sums(part, seen, 50) for part in range(parts)]))
    triangle = parts * (parts + 1) // 2
    assert values == [value for step in range(50) for value in (None, float(triangle * step))]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
class TestProcesses:
    def test_parts_are_processes_as_far_as_there_are_cores(self):
        def whose(part):
            pids[part] = os.getpid()
            yield

        pids = shared((4,), np.int64)
        list(together([whose(part) for part in range(4)]))
        assert pids[0] == pids[2] == os.getpid()
        assert pids[1] == pids[3] != os.getpid()

    @pytest.mark.parametrize("end", ["exhausted", "closed", "failed"])
    def test_no_process_is_left_however_it_ends(self, end):
        def go_on(part):
            for step in range(5) if end == "exhausted" else count():
                if end == "failed" and step == 5 and part == 0:
                    raise ZeroDivisionError
                yield step

        before = children()
        steps = together([go_on(0), go_on(1)])
        assert next(steps) == 0
        assert len(children() - before) == 1
        if end == "closed":
            steps.close()
        elif end == "exhausted":
            assert list(steps) == [1, 2, 3, 4]
        else:
            with pytest.raises(ZeroDivisionError):
                list(steps)
        assert children() == before

    def test_what_made_another_part_fail_is_said(self):
        def fail(part):
            yield
            if part == 1:
                raise ValueError("no ink left")
            yield

        with pytest.raises(PartError, match=r"has ended: ValueError: no ink left$"):
            list(together([fail(0), fail(1)]))

    def test_a_process_that_is_killed_is_noticed(self):
        def go_on(part):
            pids[part] = os.getpid()
            yield from count()

        pids = shared((2,), np.int64)
        steps = together([go_on(0), go_on(1)])
        next(steps)
        os.kill(int(pids[1]), signal.SIGKILL)
        began = time.monotonic()
        with pytest.raises(PartError, match="has ended: it was killed; is there enough memory"):
            list(steps)
        assert time.monotonic() - began < 10

    def test_other_processes_end_when_the_first_is_killed(self):
        code = (
            "import os, time\n"
            "from itertools import count\n"
            "import byhand.processes as processes\n"
            "processes.cores = lambda: 2\n"
            "def go_on(part):\n"
            "    if part == 1: print(os.getpid(), flush=True)\n"
            "    for step in count():\n"
            "        yield step\n"
            "steps = processes.together([go_on(0), go_on(1)])\n"
            "next(steps)\n"
            "time.sleep(60)\n"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            other = int(process.stdout.readline())
            os.kill(other, 0)
            process.kill()
            process.wait()
            for _ in range(100):
                try:
                    os.kill(other, 0)
                except ProcessLookupError:
                    break
                time.sleep(0.1)
            else:
                pytest.fail(f"process {other} is still there ten seconds later")

    def test_ctrl_c_reaches_the_first_part_alone(self):
        def mask(part):
            blocked[part] = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
            yield

        blocked = shared((2,), np.bool_)
        list(together([mask(0), mask(1)]))
        assert blocked.tolist() == [False, True]

    def test_without_semaphores_parts_are_threads(self, monkeypatch):
        def whose(part):
            pids[part] = os.getpid()
            yield part

        def none_here(*arguments, **settings):
            raise OSError(38, "Function not implemented")

        monkeypatch.setattr("multiprocessing.synchronize.SemLock.__init__", none_here)
        pids = shared((2,), np.int64)
        assert list(together([whose(0), whose(1)])) == [0]
        assert pids.tolist() == [os.getpid()] * 2


def test_shared_arrays_are_zeros_of_any_shape_and_can_be_written_to():
    for shape, dtype in [((0,), np.float32), ((3, 4), np.float64), ((5,), np.int64)]:
        array = shared(shape, dtype)
        assert array.shape == shape
        assert array.dtype == dtype
        assert not array.any()
        array += 1
        assert array.all()
