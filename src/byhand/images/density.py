"""What the stages between greys and marks speak of: how much ink there is at each pixel."""

import numpy as np
from numpy.typing import NDArray

Density = NDArray[np.float32]
"""Share of the light that the ink at a pixel swallows, (H, W), from 0 paper to 1."""

FAINTEST = 0.06
"""Ink that swallows less of the light than this is not seen."""
