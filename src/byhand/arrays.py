"""The types of the arrays that travel through the package.

Letters for shapes, used everywhere: B batch, N all examples, I inputs, O outputs, K classes,
H rows, W columns, C channels, P parameters.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""Numbers that are computed with: float32, or float64 when asked."""

Images = NDArray[np.uint8]
"""Pictures as they come: (N, H, W) or (N, H, W, C), 0 paper to 255 ink."""

Labels = NDArray[np.integer[Any]]
"""Class numbers (N,), from 0 to K - 1; never one-hot."""

Shape = tuple[int, ...]
