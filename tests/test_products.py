from itertools import product as every

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from byhand import products
from byhand.products import one_thread_each, product


@pytest.fixture
def sizes(monkeypatch):
    """Shapes (M, K, N) of all products that NumPy is asked for."""
    asked = []
    matmul = np.matmul

    def noted(a, b, out):
        stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        asked.extend([(a.shape[-2], a.shape[-1], b.shape[-1])] * int(np.prod(stack)))
        return matmul(a, b, out=out)

    monkeypatch.setattr(products.np, "matmul", noted)
    return asked


@pytest.fixture
def small(monkeypatch):
    """As if this were a processor where small products are not copied."""
    monkeypatch.setattr(products, "AVX512", {library.get("architecture") for library in threadpool_info()})


STACKS = {"none": ((), (), ()), "b": ((), (3,), (3,)), "both": ((2, 1), (2, 3), (2, 3))}
"""How many matrices a, b and their product are: one each, one a for three b, all of two a and three b."""


def matrices(stack, rows, inner, columns, dtype, transposed):
    rng = np.random.default_rng(0)
    a_stack, b_stack, out_stack = STACKS[stack]
    a = rng.standard_normal((*a_stack, rows, inner)).astype(dtype)
    b = rng.standard_normal((*b_stack, inner, columns)).astype(dtype)
    if "a" in transposed:
        a = a.swapaxes(-1, -2).copy().swapaxes(-1, -2)
    if "b" in transposed:
        b = b.swapaxes(-1, -2).copy().swapaxes(-1, -2)
    return a, b, np.full((*out_stack, rows, columns), np.nan, dtype)


@given(
    stack=st.sampled_from(["none", "b", "both"]),
    rows=st.integers(1, 300),
    inner=st.integers(1, 90),
    columns=st.integers(1, 90),
    dtype=st.sampled_from([np.float32, np.float64]),
    transposed=st.sampled_from(["", "a", "b", "ab"]),
    limit=st.sampled_from([1000, 20_000, 100_000]),
)
def test_pieces_make_up_the_whole_product(stack, rows, inner, columns, dtype, transposed, limit):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "LIMIT", limit)
        patch.setattr(products, "_in_pieces", [True])
        a, b, out = matrices(stack, rows, inner, columns, dtype, transposed)
        assert product(a, b, out) is out
    np.testing.assert_allclose(out, np.matmul(a, b), rtol=0, atol=2e-4 if dtype is np.float32 else 1e-12)


SHAPES = [(64, 784, 128), (784, 64, 128), (784, 64, 800), (80, 160, 512), (32, 400, 512)]
"""Of large products in training steps, with half a batch."""


@pytest.mark.parametrize(("rows", "inner", "columns"), SHAPES)
def test_where_small_products_are_not_copied_none_of_a_step_is_larger(small, sizes, rows, inner, columns):
    a, b, out = matrices("none", rows, inner, columns, np.float32, "")
    with one_thread_each():
        product(a, b, out)
    assert max(m * k * n for m, k, n in sizes) <= products.LIMIT
    assert sum(m * k * n for m, k, n in sizes) == rows * inner * columns
    assert {(k, n) for _, k, n in sizes} == {(inner, columns)}


def test_pieces_are_alike_where_they_can_be_since_what_is_left_over_is_one_more_call(small, sizes):
    with one_thread_each():
        product(*matrices("none", 784, 64, 128, np.float32, ""))
    assert sizes == [(112, 64, 128)] * 7  # 120 rows are small enough, but leave 64 over


def test_results_are_smaller_where_the_second_matrix_lies_by_columns(small, sizes):
    a, b, out = matrices("both", 400, 512, 32, np.float32, "b")
    with one_thread_each():
        product(a, b, out)
    assert max(m * n for m, _, n in sizes) <= products.LIMIT_TRANSPOSED
    np.testing.assert_allclose(out, a @ b, rtol=0, atol=1e-3)


@pytest.mark.parametrize("shape", list(every((1, 9), (5, 784), (3, 128))))
def test_small_products_are_not_cut(small, sizes, shape):
    a, b, out = matrices("none", *shape, np.float32, "")
    with one_thread_each():
        product(a, b, out)
    assert sizes == [shape]


@pytest.mark.parametrize("shape", [(64, 784, 800), (64, 800, 512)])
def test_a_product_is_not_cut_if_four_rows_of_it_are_too_large(small, sizes, shape):
    with one_thread_each():
        product(*matrices("none", *shape, np.float32, ""))
    assert sizes == [shape]


def test_a_product_is_not_cut_where_several_threads_share_it(small, sizes):
    shape = (784, 64, 128)
    product(*matrices("none", *shape, np.float32, ""))
    with one_thread_each():
        pass
    product(*matrices("none", *shape, np.float32, ""))
    assert sizes == [shape] * 2


def test_a_product_is_not_cut_on_other_processors(monkeypatch, sizes):
    monkeypatch.setattr(products, "AVX512", ())
    shape = (64, 784, 128)
    with one_thread_each():
        product(*matrices("none", *shape, np.float32, ""))
    assert sizes == [shape]


def test_another_thread_may_end_its_job_in_the_middle_of_a_product(monkeypatch):
    class Ending(list):
        def __bool__(self):
            there = len(self) > 0
            self.clear()
            return there

    monkeypatch.setattr(products, "_in_pieces", Ending([True]))
    a, b, out = matrices("none", 64, 784, 128, np.float32, "")
    np.testing.assert_allclose(product(a, b, out), a @ b, rtol=0, atol=1e-3)


def test_a_product_is_not_cut_where_the_library_below_numpy_is_unknown(monkeypatch, sizes):
    """Such as macOS's own, which threadpoolctl does not see."""
    monkeypatch.setattr("threadpoolctl.ThreadpoolController._load_libraries", lambda self: None)
    shape = (784, 64, 128)
    with one_thread_each():
        product(*matrices("none", *shape, np.float32, ""))
    assert sizes == [shape]


def test_who_says_it_twice_at_once_has_one_thread_until_both_are_over(small, sizes):
    with one_thread_each():
        with one_thread_each():
            pass
        product(*matrices("none", 64, 784, 128, np.float32, ""))
    assert len(sizes) > 1
