"""The digits that the article, and the notebook before it, drew on a grid of 7 by 7."""

import numpy as np

from byhand.arrays import Images

_GRIDS = {
    7: ["       ", "  ###  ", "    #  ", "    #  ", "    #  ", "    #  ", "       "],
    1: ["       ", "   #   ", "   #   ", "   #   ", "   #   ", "   #   ", "       "],
    4: ["       ", "  # #  ", "  # #  ", "  #### ", "    #  ", "    #  ", "       "],
}


def drawn_digits() -> dict[int, Images]:
    """The drawn 7, 1 and 4 as (28, 28) uint8, every square of the grid 4 by 4 pixels of full ink.

    The article drew with ink of 10 of 255, for a network that was never told how bright ink is.
    """
    return {
        digit: np.kron([[square == "#" for square in row] for row in rows], np.ones((4, 4))).astype(np.uint8)
        * 255
        for digit, rows in _GRIDS.items()
    }
