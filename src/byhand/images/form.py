"""The form in which a network wants its marks: the numbers that say what MNIST's images are like."""

import math
from dataclasses import dataclass

from byhand.errors import SettingError

FORM_VERSION = 1
"""Version of the way from a picture to a mark's normal form; a higher one comes from a newer byhand."""


@dataclass(frozen=True)
class PictureForm:
    """How a mark is brought into normal form; kept in the model file, for what was learnt depends on it.

    The mark is fitted into a `box` by `box` square, with its centre of mass in the middle of `size` by
    `size` pixels (LeCun et al., 1998). `thin` and `thick` bound the width of its strokes, in pixels of
    the result: a thinner pen is thickened, a thicker one thinned. Between them lie 97 % of MNIST's images.
    """

    version: int = FORM_VERSION
    size: int = 28
    box: int = 20
    thin: float = 1.7
    thick: float = 4.2

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if self.version > FORM_VERSION:
            raise SettingError(
                f"pictures are prepared in form {self.version}, this byhand knows forms up to {FORM_VERSION};"
                " install a newer one"
            )
        if not 4 <= self.box <= self.size or not 0 <= self.thin < self.thick < math.inf:
            raise SettingError(
                f"a box of {self.box} in {self.size} pixels, strokes from {self.thin} to {self.thick}; the"
                " box must fit and have 4 pixels, and the widths must rise"
            )
