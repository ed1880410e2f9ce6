"""From any picture to what the network is given: pure functions on arrays, a module a stage.

`follow` goes the way of a picture, from greys to marks in lines of text; `mnist_forms` brings marks into
MNIST's own form, 28x28 greys with ink bright on dark; `Preprocessing` turns those pixels into the numbers
that the network computes with. Every way in goes through these.
"""

from byhand.images.bounded import find_bounded_sheet
from byhand.images.calm import find_calm_sheet, find_calmer_place
from byhand.images.cuts import Cutting, cutting
from byhand.images.density import Density
from byhand.images.drawn import drawn_digits
from byhand.images.form import PictureForm
from byhand.images.loading import load_greys
from byhand.images.marks import Mark, boxes_of, joined, within
from byhand.images.normal import mnist_form, mnist_forms
from byhand.images.pixels import Preprocessing
from byhand.images.single import prepare
from byhand.images.things import is_disc
from byhand.images.way import Way, closer, follow, follow_sheet, has_same_marks, without

__all__ = [
    "Cutting",
    "Density",
    "Mark",
    "PictureForm",
    "Preprocessing",
    "Way",
    "boxes_of",
    "closer",
    "cutting",
    "drawn_digits",
    "find_bounded_sheet",
    "find_calm_sheet",
    "find_calmer_place",
    "follow",
    "follow_sheet",
    "has_same_marks",
    "is_disc",
    "joined",
    "load_greys",
    "mnist_form",
    "mnist_forms",
    "prepare",
    "within",
    "without",
]
