import threading

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from byhand import reading
from byhand.images import load_picture
from byhand.products import one_thread_each
from byhand.threads import cores, side_by_side


def blas_threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_products_have_one_thread_each_while_parts_work_and_as_many_as_before_afterwards():
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with side_by_side(2) as each:
            assert blas_threads() == {1}
            assert list(each(lambda _: blas_threads(), range(2))) == [{1}, {1}]
        assert blas_threads() == before


def test_jobs_that_overlap_have_one_thread_each_until_the_last_is_over():
    """Whichever ends first: what a second one finds at its beginning is not what was there before."""
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        first, second = one_thread_each(), one_thread_each()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert blas_threads() == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == before


def test_a_picture_is_read_with_one_thread(monkeypatch):
    """Two gain nothing, and beside a busy process they made one picture take eight seconds."""
    paper = np.full((60, 60), 255, np.uint8)
    reading.read(paper)  # OpenCV, which is loaded then, brings a library of its own
    seen = []
    monkeypatch.setattr(
        reading, "load_picture", lambda *given: (seen.append(blas_threads()), load_picture(*given))[1]
    )
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        reading.read(paper)
        assert seen == [{1}]
        assert blas_threads() == before


def test_results_come_in_the_order_of_the_parts():
    with side_by_side(3) as each:
        assert list(each(lambda a, b: a - b, range(50), np.arange(50) * 2)) == [-i for i in range(50)]


def test_one_part_needs_no_thread_and_leaves_the_products_as_they_are():
    before = blas_threads()
    with side_by_side(1) as each:
        assert list(each(lambda _: threading.current_thread(), range(2))) == [threading.current_thread()] * 2
        assert blas_threads() == before


def test_there_is_at_least_one_core():
    assert cores() >= 1
