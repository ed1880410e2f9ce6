"""How pictures lie in memory between layers: as (row, channel, column, example).

Every array of pictures has the public shape (B, H, W, C). Which of its numbers are neighbours in memory is
another matter, and NumPy lets the two differ: `transpose` shows the same numbers under another shape. The
layers for pictures keep them as (H, C, W, B), because then

- all that one output row of a convolution looks at is one block of memory, which a matrix product can take
  as it is: nothing is gathered (see Conv2d);
- moving a picture by a column, or taking every second one, moves runs of B numbers, not single ones.

Measured against (B, H, W, C) and (C, H, W, B) in docs/log.md.
"""

from byhand.arrays import Array


def rows_first(x: Array) -> Array:
    """View (H, C, W, B) of x (B, H, W, C), or of greys (B, H, W) as one channel."""
    if x.ndim == 3:
        x = x[..., None]
    return x.transpose(1, 3, 2, 0)


def batch_first(x: Array) -> Array:
    """View (B, H, W, C) of x (H, C, W, B)."""
    return x.transpose(3, 0, 2, 1)
