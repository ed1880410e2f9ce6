"""Measure byhand against other libraries, and write docs/benchmarks.md and docs/benchmarks.json.

    python benchmarks/compare.py [--toy] [--only NAME ...] [--rounds N] [--without LIBRARY ...] [--output DIR]

Needs the extra "bench" (pip install -e '.[bench]'); libraries that are not installed are named and left out.
All of it takes about an hour, during which the machine should do nothing else. With --only, the other parts
of the page stay as they were measured before, if that was on the same machine with the same versions. --toy
is for seeing whether it all works: tiny sizes, figures that mean nothing, nothing written to docs.
"""

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from machine import describe
from page import write_page
from parties import HERE, PACKAGES, is_installed
from parts import PARTS, Run

DOCS = HERE.parent / "docs"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--toy", action="store_true", help="tiny, to see that it works")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="NAME")
    parser.add_argument("--rounds", type=int, help="of each short measurement (default: 11, toy: 2)")
    parser.add_argument("--without", nargs="+", choices=[*PACKAGES][1:], default=[], metavar="LIBRARY")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to write (default: docs)")
    arguments = parser.parse_args()
    if arguments.rounds is not None and arguments.rounds < 1:
        parser.error(f"{arguments.rounds} rounds; there must be at least 1")

    libraries = [name for name in PACKAGES if is_installed(name) and name not in arguments.without]
    left_out = [name for library in PACKAGES if library not in libraries for name in PACKAGES[library]]
    if left_out:
        print(f"left out: {', '.join(left_out)}", file=sys.stderr)
    run = Run(libraries, arguments.rounds or (2 if arguments.toy else 11), arguments.toy)
    folder = arguments.output or (Path(tempfile.mkdtemp()) if arguments.toy else DOCS)
    folder.mkdir(parents=True, exist_ok=True)

    kept = folder / "benchmarks.json"
    results: dict[str, Any] = {"machine": describe(libraries), "left_out": left_out, "toy": run.toy}
    results["parts"] = _earlier(kept, results)
    for name in arguments.only:
        print(name, file=sys.stderr, flush=True)
        measured = PARTS[name](run)
        now = datetime.now(UTC).isoformat(timespec="minutes")
        results["parts"][name] = {"measured": now} | measured
        kept.write_text(json.dumps(results, indent=1) + "\n")  # what is measured is not lost by what fails
    page = write_page(results)
    (folder / "benchmarks.md").write_text(page)
    print(f"wrote {folder / 'benchmarks.md'} and {kept}", file=sys.stderr)


def _earlier(path: Path, results: dict[str, Any]) -> dict[str, Any]:
    """Parts that were measured before under the same circumstances."""
    if not path.exists():
        return {}
    before = json.loads(path.read_text())
    if any(before[name] != results[name] for name in results):
        print(f"{path} was measured on another machine or with other libraries: begun anew", file=sys.stderr)
        return {}
    return before["parts"]


if __name__ == "__main__":
    main()
