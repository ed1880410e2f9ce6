"""`byhand check`: are the derivatives right, and does PyTorch agree?"""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from byhand.cli.options import JsonOption
from byhand.cli.output import print_json, print_table, talk

if TYPE_CHECKING:
    from byhand.checks import Check


def check(json: JsonOption = False) -> int:
    """Check every gradient against finite differences, and every result against PyTorch's.

    All in float64, on this machine; PyTorch itself is not needed. The exit status is 1 when a check fails.
    """
    from byhand.checks import TOLERANCE
    from byhand.gradcheck import check_gradients
    from byhand.parity import check_parity

    began = time.perf_counter()
    found = {"gradients": list(check_gradients()), "parity": list(check_parity())}
    seconds = time.perf_counter() - began
    failed = [check for checks in found.values() for check in checks if not check.passed]
    if json:
        listed = {
            name: [asdict(check) | {"passed": check.passed} for check in checks]
            for name, checks in found.items()
        }
        print_json({"passed": not failed, "tolerance": TOLERANCE, "seconds": round(seconds, 3)} | listed)
    else:
        print_table(
            "gradients against finite differences, in float64",
            ["of", "with respect to", "largest relative error"],
            [[check.subject, check.quantity, _error(check)] for check in found["gradients"]],
            text=2,
        )
        print_table(
            "results against PyTorch's, in float64",
            ["of", "worst quantity", "largest relative error"],
            [[worst.subject, worst.quantity, _error(worst)] for worst in _worst(found["parity"])],
            text=2,
        )
        talk().print(
            f"{sum(map(len, found.values()))} checks in {seconds:.1f} s, {len(failed)} failed"
            f" (more than {TOLERANCE:.0e})"
        )
    return 1 if failed else 0


def _worst(checks: "list[Check]") -> "list[Check]":
    """Check with the largest error of each subject."""
    subjects = dict.fromkeys(check.subject for check in checks)
    return [max((c for c in checks if c.subject == subject), key=lambda c: c.error) for subject in subjects]


def _error(check: "Check") -> str:
    return f"{check.error:.1e}" + ("" if check.passed else "  FAILED")
