"""Matrix products, in pieces of the size that the library below NumPy is best at.

OpenBLAS first copies both matrices of a product into blocks, which pays where each number is used very often.
On processors with AVX-512 it leaves that out for products of up to 100³ multiplications, and takes the
matrices as they lie (kernel/x86_64/sgemm_small_kernel_permit_skylakex.c in its source). Those of a training
step are often some 3 to 40 times that size: too large to be taken as they lie, and too small for the copies
to pay. In pieces they take about three quarters of the time; measured in docs/log.md.

All pieces of a product run on the thread that asks for it. So this is only for jobs that give each core a
part of its own, and share no product among several; they say so by `one_thread_each`.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

from byhand.arrays import Array

LIMIT = 100**3
"""Multiplications of the largest product that is taken as it lies."""

LIMIT_TRANSPOSED = 1200
"""Numbers of the largest result for which it is, if the second matrix lies in memory column by column."""

AVX512 = ("SkylakeX", "Cooperlake", "SapphireRapids")
"""OpenBLAS's names for the processors on which it does so."""

_in_pieces: list[bool] = []
"""For each job that is under way, whether its products are taken in pieces."""

_limits = ExitStack()
_change = threading.Lock()


@contextmanager
def one_thread_each() -> Iterator[None]:
    """While it lasts, products anywhere in the process, and in those forked from it, have one thread each.

    Of several at once the first begins it and the last ends it, in whatever order they do.
    """
    with _change:
        _in_pieces.append(_in_pieces[-1] if _in_pieces else _limited())
    try:
        yield
    finally:
        with _change:
            _in_pieces.pop()
            if not _in_pieces:
                _limits.close()


def _limited() -> bool:
    """Limit NumPy's library to one thread until `_limits` is closed; whether it copies no small products."""
    from threadpoolctl import ThreadpoolController

    blas = ThreadpoolController().select(user_api="blas")
    names = [getattr(library, "architecture", None) for library in blas.lib_controllers]
    _limits.enter_context(blas.limit(limits=1))
    return bool(names) and all(name in AVX512 for name in names)


def product(a: Array, b: Array, out: Array) -> Array:
    """Write a b into out and return it: (..., M, K) by (..., K, N) gives (..., M, N), as with np.matmul.

    Whether it is done in pieces changes the last bits of it, nothing else.
    """
    in_pieces = _in_pieces[-1:]  # looked at once: another thread may end its job meanwhile
    if not in_pieces:
        if b.ndim == 2 and out.size < b.size:
            return a.dot(b, out=out)  # begins sooner than matmul, but writes zeros into out first
        return np.matmul(a, b, out=out)
    rows = a.shape[-2]
    height = _height(rows, b) if in_pieces[0] else rows
    if height == rows:
        return np.matmul(a, b, out=out)
    np.matmul(_split(a, height), b[..., np.newaxis, :, :], out=_split(out, height))
    if rest := rows % height:
        np.matmul(a[..., -rest:, :], b, out=out[..., -rest:, :])
    return out


def _height(rows: int, b: Array) -> int:
    """Rows of a piece of a product with b: all of them if it is small as it is, or if b is too large.

    Pieces have all of b's columns. Where only a part of them would make a piece small, copying b pays.
    """
    inner, columns = b.shape[-2:]
    most: int = LIMIT // (inner * columns)
    if b.strides[-1] > b.itemsize:
        most = min(most, LIMIT_TRANSPOSED // columns)
    if most >= rows or most < 4:
        return rows
    fours = -(-rows // 4)  # processors take four rows at a time
    pieces = -(-fours // (most // 4))
    return -(-fours // pieces) * 4  # as equal as can be: what is left over is one more call


def _split(x: Array, height: int) -> Array:
    """View (..., ⌊M/h⌋, h, N) of the first rows of x (..., M, N)."""
    *stack, rows, columns = x.shape
    return x[..., : rows - rows % height, :].reshape(*stack, -1, height, columns)
