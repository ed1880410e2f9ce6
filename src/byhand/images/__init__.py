"""From any picture to what the network is given: pure functions on arrays.

`prepare` turns a picture into MNIST's own form, 28x28 greys with ink bright on dark; `Preprocessing`
turns those pixels into the numbers that the network computes with. Every way in goes through these two.
"""

from byhand.images.drawn import drawn_digits
from byhand.images.picture import open_picture, prepare
from byhand.images.pixels import Preprocessing

__all__ = ["Preprocessing", "drawn_digits", "open_picture", "prepare"]
