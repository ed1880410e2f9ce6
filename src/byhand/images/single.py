"""A whole picture taken as one digit: all its marks are one."""

import numpy as np

from byhand.arrays import Images
from byhand.images.form import PictureForm
from byhand.images.marks import joined
from byhand.images.normal import mnist_form
from byhand.images.way import follow


def prepare(greys: Images, form: PictureForm | None = None) -> Images:
    """The one digit on a picture in greys (H, W) in normal form, ink bright on dark; without ink, all 0."""
    form = form or PictureForm()
    marks = [mark for line in follow(greys).lines for mark in line]
    if not marks:
        return np.zeros((form.size, form.size), np.uint8)
    return mnist_form(joined(marks).ink, form)
