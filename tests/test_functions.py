import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from byhand import functions
from byhand.gradcheck import compare

NAMES = ["sigmoid", "tanh", "relu", "softmax", "log_softmax"]
SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, max_side=6)
NUMBERS = hnp.arrays(np.float64, SHAPES, elements=st.floats(-1e6, 1e6))


@pytest.mark.parametrize("name", NAMES)
def test_each_backward_is_the_derivative_of_its_function(name):
    rng = np.random.default_rng(1)
    function, backward = getattr(functions, name), getattr(functions, f"{name}_backward")
    x = rng.choice([-1.0, 1.0], (4, 5)) * rng.uniform(0.1, 2, (4, 5))
    u = rng.standard_normal((4, 5))
    errors = compare(lambda: function(x), u, {"x": x}, {"x": backward(u, function(x))}, rng)
    assert errors["x"] < 1e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_out_receives_the_result_and_the_dtype_stays(name, dtype):
    function, backward = getattr(functions, name), getattr(functions, f"{name}_backward")
    x = np.linspace(-3, 3, 12, dtype=dtype).reshape(3, 4)
    y, dx = np.empty_like(x), np.empty_like(x)
    assert function(x, out=y) is y
    np.testing.assert_array_equal(y, function(x))
    assert backward(x, y, out=dx) is dx
    np.testing.assert_array_equal(dx, backward(x, y))
    assert function(x).dtype == backward(x, y).dtype == dtype


@pytest.mark.parametrize("name", NAMES)
def test_huge_inputs_give_finite_results_without_warnings(name):
    for dtype in (np.float32, np.float64):
        x = np.array([[-1e6, 0, 1e6], [1e4, -1e4, 1e4]], dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            y = getattr(functions, name)(x)
            dx = getattr(functions, f"{name}_backward")(np.ones_like(x), y)
        assert np.isfinite(y).all()
        assert np.isfinite(dx).all()


@given(NUMBERS)
def test_sigmoid_lies_between_0_and_1_and_is_symmetric(x):
    y = functions.sigmoid(x)
    assert ((y >= 0) & (y <= 1)).all()
    np.testing.assert_allclose(functions.sigmoid(-x), 1 - y, atol=1e-15)


def test_sigmoid_keeps_its_precision_far_out():
    np.testing.assert_allclose(functions.sigmoid(np.array([-50.0])), np.exp(-50.0), rtol=1e-12)


@given(NUMBERS)
def test_relu_is_the_positive_part(x):
    np.testing.assert_array_equal(functions.relu(x), np.where(x > 0, x, 0))


@given(NUMBERS)
def test_softmax_is_positive_and_sums_to_1(x):
    y = functions.softmax(x)
    assert (y >= 0).all()
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-12)


@given(NUMBERS, st.floats(-1000, 1000))
def test_softmax_does_not_change_when_a_constant_is_added(x, constant):
    np.testing.assert_allclose(functions.softmax(x + constant), functions.softmax(x), atol=1e-9)


@given(hnp.arrays(np.float64, SHAPES, elements=st.floats(-30, 30)))
def test_log_softmax_is_the_logarithm_of_softmax(x):
    np.testing.assert_allclose(functions.log_softmax(x), np.log(functions.softmax(x)), atol=1e-9)


def test_softmax_of_known_numbers():
    np.testing.assert_allclose(
        functions.softmax(np.array([1.0, 2.0, 3.0])), [0.09003057, 0.24472847, 0.66524096], atol=1e-8
    )
