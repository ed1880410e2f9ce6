import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, features

from byhand.errors import PictureError, SettingError
from byhand.images import Preprocessing, drawn_digits, open_picture, prepare
from byhand.images.picture import MOST_PIXELS

KEPT_EXACTLY = {"png": "PNG", "bmp": "BMP", "gif": "GIF", "tiff": "TIFF", "pgm": "PPM"}


@pytest.fixture
def seven(mnist):
    return mnist.test.images[0]


def saved(picture, path, **options):
    picture.save(path, **options)
    return path


def stroke(height=90, width=60, ink=0, paper=255):
    """A vertical stroke in the middle."""
    picture = np.full((height, width), paper, np.uint8)
    picture[height // 5 : -height // 5, width // 2 - 4 : width // 2 + 4] = ink
    return Image.fromarray(picture)


@pytest.mark.parametrize(("suffix", "form"), KEPT_EXACTLY.items())
def test_an_image_of_mnist_comes_through_any_lossless_format_unchanged(seven, suffix, form, tmp_path):
    path = saved(Image.fromarray(seven), tmp_path / f"seven.{suffix}", format=form)
    np.testing.assert_array_equal(prepare(open_picture(path)), seven)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_formats_come_close(seven, suffix, tmp_path):
    if suffix == "webp" and not features.check("webp"):
        pytest.skip("this Pillow has no WebP")
    path = saved(Image.fromarray(seven), tmp_path / f"seven.{suffix}", quality=95)
    assert np.abs(prepare(open_picture(path)).astype(int) - seven).mean() < 6


def test_dark_ink_on_white_paper_is_turned_round(seven):
    np.testing.assert_array_equal(prepare(Image.fromarray(255 - seven)), seven)


def test_ink_ends_up_bright_on_dark_whatever_the_polarity():
    for picture in (stroke(ink=0, paper=255), stroke(ink=255, paper=0), stroke(ink=40, paper=200)):
        prepared = prepare(picture)
        assert prepared[14, 13:15].min() > prepared[0].max() + 100


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "P", "1", "LA", "RGBA", "I", "F", "I;16"])
def test_every_kind_of_pixel_is_understood(seven, mode, tmp_path):
    picture = Image.fromarray(np.where(seven > 127, 255, 0).astype(np.uint8))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    path = saved(picture, tmp_path / "seven.tiff")
    np.testing.assert_array_equal(prepare(open_picture(path)), np.where(seven > 127, 255, 0))


def test_what_is_transparent_counts_as_white_paper(seven, tmp_path):
    ink = np.zeros((28, 28, 4), np.uint8)
    ink[..., 3] = seven  # black ink, transparent elsewhere
    path = saved(Image.fromarray(ink), tmp_path / "seven.png")
    assert np.abs(prepare(open_picture(path)).astype(int) - seven).max() <= 1


def test_a_photograph_that_lies_on_its_side_is_put_upright(seven, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it turned by 90 degrees clockwise
    path = saved(Image.fromarray(np.rot90(seven)), tmp_path / "seven.png", exif=exif)
    np.testing.assert_array_equal(prepare(open_picture(path)), seven)


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([(28, 28), (8, 8), (40, 30)]))
def test_pictures_of_any_size_become_the_asked_shape(height, width, shape):
    assert prepare(Image.fromarray(np.zeros((height, width), np.uint8)), shape).shape == shape


def test_a_tall_picture_is_not_widened():
    prepared = prepare(stroke(height=280, width=70))
    columns = np.flatnonzero(prepared.max(axis=0) > 30)
    assert len(columns) <= 3


def test_a_picture_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PictureError, match=r"nowhere\.png"):
        open_picture(tmp_path / "nowhere.png")


def test_a_folder_is_no_picture(tmp_path):
    with pytest.raises(PictureError):
        open_picture(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=200))
def test_a_file_that_is_no_picture_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "noise.png"
    path.write_bytes(content)
    with pytest.raises(PictureError) as caught:
        open_picture(path)
    assert "\n" not in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(form=st.sampled_from(["PNG", "GIF", "JPEG", "BMP", "TIFF"]), data=st.data())
def test_a_damaged_picture_is_opened_or_refused_but_nothing_else(seven, tmp_path, form, data):
    memory = io.BytesIO()
    Image.fromarray(seven).save(memory, form)
    content = bytearray(memory.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        assert prepare(open_picture(path)).shape == (28, 28)
    except PictureError as error:
        assert "\n" not in str(error)


def png_of(width, height):
    """The beginning of a PNG file that claims this size."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100)))


@pytest.mark.parametrize("size", [(40_000, 25_000), (20_000, 5_001), (2**31 - 1, 2**31 - 1)])
def test_a_picture_with_far_too_many_pixels_is_refused_before_it_is_unpacked(size, tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of(*size))
    with pytest.raises(PictureError, match=f"{MOST_PIXELS:,}"):
        open_picture(path)


def test_the_drawn_digits_are_those_of_the_article():
    digits = drawn_digits()
    assert list(digits) == [7, 1, 4]
    assert all(image.shape == (28, 28) and image.dtype == np.uint8 for image in digits.values())
    assert {digit: int((image > 0).sum()) // 16 for digit, image in digits.items()} == {7: 7, 1: 5, 4: 10}
    rows = [[0, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 0, 0], *[[0, 0, 0, 0, 1, 0, 0]] * 4, [0, 0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(digits[7][::4, ::4], np.array(rows) * 255)


@pytest.mark.parametrize("wrong", [(0.0, 0.0), (float("nan"), 0.0), (1.0, float("inf"))])
def test_preprocessing_refuses_numbers_that_make_no_sense(wrong):
    with pytest.raises(SettingError):
        Preprocessing(*wrong)
