from dataclasses import replace

import numpy as np
import pytest

from byhand import parity
from byhand.checks import Check
from byhand.optimizers import SGD, Adam


def test_byhand_computes_what_pytorch_computes():
    checks = list(parity.check_parity())
    assert [check for check in checks if not check.passed] == []
    assert len(checks) == 3 * (2 * 7 + 2 * len(parity.OPTIMIZERS))


def test_every_gradient_and_both_outcomes_of_every_optimizer_are_compared():
    compared = {check.quantity for check in parity.check_parity()}
    assert compared == {"logits", "loss", "dx", "dW0", "db0", "dW2", "db2", "ten losses", "theta after"}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("SGD", SGD(weight_decay=1e-4)),
        ("momentum", SGD(0.9, nesterov=True)),
        ("Nesterov", SGD(0.9)),
        ("Adam", Adam(epsilon=1e-5)),
        ("AdamW", Adam(weight_decay=0.1)),
    ],
)
def test_an_optimizer_that_differs_is_caught(name, wrong, monkeypatch):
    rate = parity.OPTIMIZERS[name][1]
    monkeypatch.setitem(parity.OPTIMIZERS, name, (wrong, rate))
    failed = {check.subject for check in parity.check_parity() if not check.passed}
    assert failed == {f"{activation}, {name}" for activation in parity.ACTIVATIONS}


def test_an_error_that_is_no_number_does_not_pass():
    check = Check("a", "b", 1e-7)
    assert check.passed
    assert not replace(check, error=np.nan).passed
    assert not replace(check, error=1e-5).passed
