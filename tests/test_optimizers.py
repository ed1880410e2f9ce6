import numpy as np
import pytest

from byhand.errors import SettingError
from byhand.optimizers import SGD, Adam, AdamW

ALL = [
    SGD(),
    SGD(0.9),
    SGD(0.9, nesterov=True),
    Adam(),
    AdamW(),
    SGD(weight_decay=0.1),
    Adam(weight_decay=0.1),
]


def steps(optimizer, gradients, theta=1.0, rate=0.1):
    """Theta after each step, for a single parameter."""
    theta = np.array([theta])
    state = optimizer.start(theta)
    for g in gradients:
        optimizer.step(theta, np.array([float(g)]), state, rate)
        yield theta.item()


def test_sgd_goes_against_the_gradient():
    assert list(steps(SGD(), [1, 2])) == pytest.approx([0.9, 0.7])


def test_momentum_remembers_the_gradients_before():
    assert list(steps(SGD(0.5), [1, 2])) == pytest.approx([0.9, 0.9 - 0.1 * 2.5])


def test_nesterov_looks_one_step_ahead():
    assert list(steps(SGD(0.5, nesterov=True), [1, 2])) == pytest.approx(
        [1 - 0.15, 0.85 - 0.1 * (2 + 0.5 * 2.5)]
    )


def test_adams_first_step_is_the_learning_rate_whatever_the_gradient():
    for g in (1e-3, 1, 1e3):
        assert next(steps(Adam(), [g])) == pytest.approx(0.9, rel=1e-4)


def test_decoupled_decay_shrinks_theta_by_its_share_and_adams_own_does_not():
    assert next(steps(AdamW(weight_decay=0.5), [0])) == pytest.approx(1 - 0.1 * 0.5)
    assert next(steps(Adam(weight_decay=0.5), [0])) == pytest.approx(0.9, rel=1e-6)


def test_weight_decay_pulls_towards_zero():
    assert next(steps(SGD(weight_decay=0.5), [0])) == pytest.approx(1 - 0.1 * 0.5)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_every_optimizer_finds_the_bottom_of_a_bowl(optimizer):
    theta, bottom = np.array([3.0, -2.0]), np.zeros(2)
    state = optimizer.start(theta)
    for step in range(800):
        optimizer.step(theta, 2 * (theta - bottom), state, 0.05 * (1 - step / 800))
    np.testing.assert_allclose(theta, bottom, atol=1e-2)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_theta_changes_in_place_and_keeps_its_dtype(optimizer):
    theta = np.ones(3, np.float32)
    view, state = theta[:2], optimizer.start(theta)
    optimizer.step(theta, np.ones(3, np.float32), state, 0.1)
    assert (view < 1).all()
    assert theta.dtype == state.first.dtype == state.second.dtype == np.float32
    assert state.steps == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: SGD(momentum=1.0),
        lambda: SGD(momentum=-0.1),
        lambda: SGD(weight_decay=-1),
        lambda: Adam(beta1=1.0),
        lambda: Adam(beta2=float("nan")),
        lambda: AdamW(epsilon=-1e-8),
    ],
)
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingError):
        wrong()


@pytest.mark.parametrize("optimizer", [SGD(momentum=0.9, nesterov=True), Adam(), AdamW()])
def test_moments_that_fade_become_zero_and_never_denormal(optimizer):
    """Where the gradient stays 0, as at the edge of the pictures; and computing with denormals is slow."""
    theta = np.ones(4, np.float32)
    state = optimizer.start(theta)
    optimizer.step(theta, np.array([1, 1, 0, 0], np.float32), state, 0.1)
    for _ in range(2_000):
        optimizer.step(theta, np.array([1, 0, 1, 0], np.float32), state, 0.001)
        for moment in (state.first, state.second):
            sizes = np.abs(moment[moment != 0])
            assert (sizes > np.finfo(np.float32).tiny).all()
    assert state.first[1] == 0
    assert state.first[0] != 0
