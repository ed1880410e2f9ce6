"""What was measured on: processor, cores, memory, versions."""

import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from parties import PACKAGES

BLAS = """
import numpy
blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
print(blas["name"], blas["version"])
"""


def describe(libraries: list[str]) -> dict[str, str]:
    """Lines for a table, by what they say."""
    names = ["numpy", *(name for library in libraries for name in PACKAGES[library])]
    blas = subprocess.run([sys.executable, "-c", BLAS], capture_output=True, text=True, check=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    lines = {
        "processor": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo") or platform.processor(),
        "cores, and threads of each library": str(cores),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "NumPy's BLAS": blas.stdout.strip(),
    }
    return lines | {name: version(name) for name in names}


def _memory() -> str:
    kilobytes = _first(r"MemTotal:\s*(\d+)", "/proc/meminfo")
    return f"{int(kilobytes) * 1024 / 1e9:.0f} GB" if kilobytes else "not known"


def _first(pattern: str, path: str) -> str | None:
    found = re.search(pattern, Path(path).read_text()) if Path(path).exists() else None
    return found[1] if found else None
