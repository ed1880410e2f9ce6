"""Pictures of every kind become greys, and what is no picture is refused in one line."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, features

from byhand.errors import PictureError
from byhand.images import load_picture
from byhand.images.loading import MOST_PIXELS, PIXELS_KEPT

KEPT_EXACTLY = {"png": "PNG", "bmp": "BMP", "gif": "GIF", "tiff": "TIFF", "pgm": "PPM"}


@pytest.fixture
def seven(mnist):
    return mnist.test.images[0]


def saved(picture, path, **options):
    picture.save(path, **options)
    return path


def greys(source):
    return load_picture(source).greys


@pytest.mark.parametrize(("suffix", "form"), KEPT_EXACTLY.items())
def test_any_lossless_format_keeps_the_greys(seven, suffix, form, tmp_path):
    path = saved(Image.fromarray(seven), tmp_path / f"seven.{suffix}", format=form)
    np.testing.assert_array_equal(greys(path), seven)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_formats_come_close(seven, suffix, tmp_path):
    if suffix == "webp" and not features.check("webp"):
        pytest.skip("this Pillow has no WebP")
    path = saved(Image.fromarray(seven), tmp_path / f"seven.{suffix}", quality=95)
    assert np.abs(greys(path).astype(int) - seven).mean() < 6


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "P", "1", "LA", "RGBA", "I", "F", "I;16"])
def test_every_kind_of_pixel_is_understood(seven, mode, tmp_path):
    black_and_white = np.where(seven > 127, 255, 0).astype(np.uint8)
    picture = Image.fromarray(black_and_white)
    if mode == "I;16":
        picture = Image.fromarray(black_and_white.astype(np.uint16) * 257)
    else:
        picture = picture.convert(mode)
    path = saved(picture, tmp_path / "seven.tiff")
    np.testing.assert_array_equal(greys(path), black_and_white)


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "P", "RGBA", "YCbCr", "1", "L", "LA", "I", "F", "I;16"])
def test_a_picture_has_colours_if_any_pixel_is_not_grey(mode):
    grey = Image.new("L", (40, 30), 200)
    picture = Image.fromarray(np.asarray(grey).astype(np.uint16)) if mode == "I;16" else grey.convert(mode)
    assert load_picture(picture).colours is None
    if mode in ("RGB", "CMYK", "P", "RGBA", "YCbCr"):
        picture = Image.new("RGB", (40, 30), (200, 80, 20)).convert(mode)
        loaded = load_picture(picture)
        assert loaded.colours.shape == (30, 40, 3)
        np.testing.assert_allclose(loaded.colours[0, 0], (200, 80, 20), atol=25)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int64, np.float32, np.float64, bool])
@pytest.mark.parametrize("shape", ["greys", "one", "colours", "see-through"])
def test_arrays_of_any_numbers_and_colours_are_understood(seven, kind, shape):
    values = {np.uint16: 65535, np.float32: 1.0, np.float64: 1.0, bool: True}
    array = np.where(seven > 127, values.get(kind, 255), 0).astype(kind)
    if shape != "greys":
        array = np.repeat(array[..., None], {"one": 1, "colours": 3, "see-through": 4}[shape], axis=2)
    if shape == "see-through":
        array[..., 3] = array.max()
    np.testing.assert_array_equal(greys(array), np.where(seven > 127, 255, 0))


def test_a_picture_of_pillows_and_the_bytes_of_a_file_are_understood(seven):
    memory = io.BytesIO()
    Image.fromarray(seven).save(memory, "PNG")
    np.testing.assert_array_equal(greys(Image.fromarray(seven)), seven)
    np.testing.assert_array_equal(greys(memory.getvalue()), seven)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64, np.float32])
def test_a_mask_of_noughts_and_ones_is_black_and_white_whatever_its_numbers_are(seven, kind):
    np.testing.assert_array_equal(greys((seven > 127).astype(kind)), np.where(seven > 127, 255, 0))


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float64])
def test_digits_of_scikit_learn_go_to_16_and_are_as_dark_as_others(seven, kind):
    of_16 = np.rint(seven * (16 / 255)).astype(kind)
    np.testing.assert_array_equal(greys(of_16), np.rint(of_16.astype(np.float32) * (255 / 16)))


def test_open_files_and_bytes_of_any_kind_are_understood(seven, tmp_path):
    path = saved(Image.fromarray(seven), tmp_path / "seven.png")
    content = path.read_bytes()
    with path.open("rb") as file:
        for source in (file, io.BytesIO(content), bytearray(content), memoryview(content)):
            np.testing.assert_array_equal(greys(source), seven)


@pytest.mark.parametrize("wrong", [None, 3, 2.5, object()])
def test_what_is_no_picture_at_all_is_named_by_its_kind(wrong):
    with pytest.raises(PictureError, match=f"of the kind {type(wrong).__name__}; give a path"):
        load_picture(wrong)


def test_nothing_is_fetched_from_an_address():
    with pytest.raises(PictureError, match=r"^https://example\.org/a\.png is a web address"):
        load_picture("https://example.org/a.png")


@pytest.mark.parametrize(
    "wrong", [np.zeros((0, 5)), np.zeros(5), np.zeros((5, 5, 2)), np.full((5, 5), np.nan)]
)
def test_an_array_that_is_no_picture_is_refused(wrong):
    with pytest.raises(PictureError):
        load_picture(wrong)


def test_dark_ink_on_nothing_lies_on_white_paper_and_light_ink_on_black(seven, tmp_path):
    for ink in (0, 255):
        pixels = np.full((28, 28, 4), ink, np.uint8)
        pixels[..., 3] = seven
        path = saved(Image.fromarray(pixels), tmp_path / "seven.png")
        expected = 255 - seven if ink == 0 else seven
        assert np.abs(greys(path).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_that_lies_on_its_side_is_put_upright(seven, orientation, tmp_path):
    """As Pillow's own function for it does."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(Image.fromarray(seven), tmp_path / "seven.png", exif=exif)
    with Image.open(path) as picture:
        np.testing.assert_array_equal(greys(path), np.asarray(ImageOps.exif_transpose(picture)))


def test_a_camera_that_was_turned_is_turned_back(seven, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise
    path = saved(Image.fromarray(np.rot90(seven)), tmp_path / "seven.png", exif=exif)
    np.testing.assert_array_equal(greys(path), seven)


def test_of_a_film_the_first_picture_is_taken_and_that_is_said(seven, tmp_path):
    path = tmp_path / "film.gif"
    first, *others = [Image.fromarray(image) for image in (seven, 255 - seven, seven // 2)]
    first.save(path, save_all=True, append_images=others)
    loaded = load_picture(path)
    np.testing.assert_array_equal(loaded.greys, seven)
    assert loaded.notes == ("the first of 3 pictures in the file",)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_huge_photograph_is_reduced_at_once(suffix, tmp_path):
    path = saved(Image.new("RGB", (7000, 5000), "white"), tmp_path / f"huge.{suffix}")
    loaded = load_picture(path)
    assert loaded.greys.size <= PIXELS_KEPT
    assert loaded.reduction == 2
    assert loaded.greys.shape == (2500, 3500)


def test_a_picture_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PictureError, match=r"nowhere\.png"):
        load_picture(tmp_path / "nowhere.png")


def test_a_folder_is_no_picture(tmp_path):
    with pytest.raises(PictureError):
        load_picture(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=200))
def test_a_file_that_is_no_picture_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "noise.png"
    path.write_bytes(content)
    with pytest.raises(PictureError) as caught:
        load_picture(path)
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
        assert load_picture(path).greys.ndim == 2
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


@pytest.mark.parametrize("size", [(20_000, 20_000), (20_000, 5_001), (2**31 - 1, 2**31 - 1)])
def test_a_picture_with_far_too_many_pixels_is_refused_before_it_is_unpacked(size, tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of(*size))
    with pytest.raises(PictureError, match=f"{MOST_PIXELS:,}"):
        load_picture(path)
