"""From any picture to what the network is given: pure functions on arrays, a module a stage.

`follow` goes the way of a picture, from greys to marks in lines of text; `mnist_forms` brings marks into
MNIST's own form, 28x28 greys with ink bright on dark; `Preprocessing` turns those pixels into the numbers
that the network computes with. Every way in goes through these.
"""

from byhand.images.bounded import find_bounded_sheet
from byhand.images.calm import find_any_sheet, find_calm_sheet, find_calmer_place
from byhand.images.cast import without_cast_shadows
from byhand.images.colour import by_colour, is_ink_coloured
from byhand.images.cuts import Cutting, cutting, find_cuts
from byhand.images.density import Density
from byhand.images.drawn import drawn_digits
from byhand.images.form import PictureForm
from byhand.images.lines import in_lines, middle_of, usual_height
from byhand.images.loading import Loaded, load_picture
from byhand.images.marks import Mark, boxes_of, joined, pieces_of, within
from byhand.images.normal import mnist_form, mnist_forms
from byhand.images.pixels import Preprocessing
from byhand.images.single import prepare
from byhand.images.things import is_disc
from byhand.images.way import Way, closer, follow, follow_sheet, has_same_marks, without

__all__ = [
    "Cutting",
    "Density",
    "Loaded",
    "Mark",
    "PictureForm",
    "Preprocessing",
    "Way",
    "boxes_of",
    "by_colour",
    "closer",
    "cutting",
    "drawn_digits",
    "find_any_sheet",
    "find_bounded_sheet",
    "find_calm_sheet",
    "find_calmer_place",
    "find_cuts",
    "follow",
    "follow_sheet",
    "has_same_marks",
    "in_lines",
    "is_disc",
    "is_ink_coloured",
    "joined",
    "load_picture",
    "middle_of",
    "mnist_form",
    "mnist_forms",
    "pieces_of",
    "prepare",
    "usual_height",
    "within",
    "without",
    "without_cast_shadows",
]
