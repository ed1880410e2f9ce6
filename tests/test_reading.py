"""read(): pictures in, numbers out, or the reason why there are none."""

import io
import json
import os
import re
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import byhand
from byhand.datasets.nondigits import bundled_fonts
from byhand.errors import ModelError, PictureError
from byhand.images import load_greys, prepare
from byhand.model import Model
from byhand.reading import Reading, form_of, look, read, write_explanation


@pytest.fixture(scope="module")
def clear(model, mnist):
    """Test images of MNIST that the small model reads rightly and very surely, with their labels."""
    test = mnist.test
    prepared = np.stack([prepare(image) for image in test.images[:400]])
    sure = model.probabilities(prepared)
    right = (sure.max(axis=1) > 0.97) & (sure.argmax(axis=1) == test.labels[:400])
    which = np.flatnonzero(right)
    return test.images[which], test.labels[which]


@pytest.fixture(scope="module")
def note(clear):
    """A photograph of two lines of four digits, and its text."""
    images, labels = clear
    ink = np.zeros((420, 760), np.float32)
    for i in range(8):
        x, y = 60 + 160 * (i % 4), 40 + 190 * (i // 4)
        part = ink[y : y + 140, x : x + 140]
        np.maximum(part, cv2.resize(images[i], (140, 140), interpolation=cv2.INTER_CUBIC) / 255, out=part)
    shade = np.linspace(230, 120, 760)
    noise = np.random.default_rng(0).normal(0, 3, ink.shape)
    greys = np.clip(shade * (1 - 0.75 * np.clip(ink, 0, 1)) + noise, 0, 255).astype(np.uint8)
    text = "".join(map(str, labels[:4])) + "\n" + "".join(map(str, labels[4:8]))
    return greys, text


def test_a_note_is_read_line_by_line(note, model):
    greys, text = note
    [reading] = read(greys, model)
    assert reading.text == text
    assert reading.lines == tuple(text.split("\n"))
    assert [digit.line for digit in reading.digits] == [0] * 4 + [1] * 4
    assert "".join(digit.label for digit in reading.digits) == text.replace("\n", "")
    assert reading.milliseconds > 0
    assert reading.reason == ""
    assert not any(digit.refused for digit in reading.digits)
    for i, digit in enumerate(reading.digits):
        x, y, w, h = digit.box
        assert abs(x + w / 2 - (130 + 160 * (i % 4))) < 30
        assert abs(y + h / 2 - (110 + 190 * (i // 4))) < 30


def test_a_point_is_no_one_and_an_underline_and_a_strip_along_the_sheet_change_nothing(note, model):
    greys, text = note
    pointed, underlined, edged = greys.copy(), greys.copy(), greys.copy()
    pointed[150:178, 38:45] = 60  # where a pen rested
    underlined[202:214, 60:700] = 60
    edged[100:380, 738:752] = 20
    assert [reading.text for reading in read([pointed, underlined, edged], model)] == [text] * 3


def test_paths_bytes_pictures_and_arrays_are_read_alike(note, model, model_file, tmp_path):
    greys, text = note
    memory = io.BytesIO()
    Image.fromarray(greys).save(memory, "PNG")
    path = tmp_path / "note.png"
    path.write_bytes(memory.getvalue())
    colours = np.repeat(greys[..., None], 3, axis=2)
    pictures = [path, str(path), memory.getvalue(), Image.fromarray(greys), greys, colours]
    readings = read(pictures, model_file)
    assert [reading.text for reading in readings] == [text] * 6
    assert [reading.file for reading in readings][:2] == [str(path)] * 2
    assert read(path, model)[0].text == text


def test_byhand_read_is_this_read():
    assert byhand.read is read
    assert byhand.Reading is Reading


def test_a_large_photograph_has_its_boxes_in_its_own_pixels(note, model):
    greys, text = note
    large = cv2.resize(greys, (5320, 2940), interpolation=cv2.INTER_CUBIC)
    small_boxes = np.array([digit.box for digit in read(greys, model)[0].digits])
    [reading] = read(large, model)
    assert reading.text == text
    np.testing.assert_allclose([digit.box for digit in reading.digits], small_boxes * 7, atol=40)


@pytest.mark.parametrize(
    ("greys", "reason"),
    [
        (np.zeros((300, 300), np.uint8), "all of one colour"),
        (np.full((1, 1), 255, np.uint8), "all of one colour"),
        (np.random.default_rng(0).normal(200, 4, (400, 500)).astype(np.uint8), ""),
        (np.random.default_rng(0).integers(0, 256, (400, 500)).astype(np.uint8), ""),
    ],
    ids=["black", "one pixel", "empty paper", "noise"],
)
def test_a_picture_without_a_number_has_a_reason(greys, reason, model):
    [reading] = read(greys, model)
    assert reading.text == "" or set(reading.text) <= set("0123456789?\n")
    assert bool(reading.reason) == (not reading.text)
    assert reason in reading.reason


def test_a_picture_that_cannot_be_opened_and_a_model_that_is_none_are_named(model, tmp_path):
    with pytest.raises(PictureError, match="nowhere"):
        read(tmp_path / "nowhere.png", model)
    with pytest.raises(ModelError, match="nothing"):
        read([], tmp_path / "nothing.safetensors")


def test_shell_python_and_predict_agree(byhand, clear, model, model_file, tmp_path):
    images, _ = clear
    for number, image in enumerate(images[:6]):
        Image.fromarray(255 - image).resize((300, 300), Image.Resampling.BICUBIC).save(
            tmp_path / f"{number}.png"
        )
    names = [f"{number}.png" for number in range(6)]
    shell = byhand("read", *names, "--model", model_file, "--json").json["images"]
    predicted = byhand("predict", model_file, *names, "--json").json["images"]
    for name, read_, one in zip(names, shell, predicted, strict=True):
        [python] = read(name, model)
        [digit], [same] = python.digits, read_["digits"]
        assert digit.label == same["label"] == one["label"] == python.text
        assert digit.probability == pytest.approx(same["probability"])
        assert digit.probability == pytest.approx(one["probability"], abs=1e-6)
        greys, _, _ = load_greys(name)
        again = model.probabilities(prepare(greys, form_of(model))[np.newaxis])
        assert digit.probability == pytest.approx(float(again.max()), abs=1e-6)


def test_read_writes_the_json_that_is_promised(byhand, note, model_file, tmp_path):
    greys, text = note
    Image.fromarray(greys).save(tmp_path / "note.png")
    said = byhand("read", "note.png", "--model", model_file, "--json")
    assert said.status == 0
    [image] = said.json["images"]
    assert image["file"] == "note.png"
    assert image["text"] == text
    assert image["lines"] == text.split("\n")
    for digit in image["digits"]:
        assert set(digit) == {"box", "label", "probability", "refused", "line"}
        assert len(digit["box"]) == 4
    assert image["milliseconds"] > 0


def test_read_prints_a_line_a_picture(byhand, note, model_file, tmp_path):
    greys, text = note
    Image.fromarray(greys).save(tmp_path / "note.png")
    one = byhand("read", "note.png", "--model", model_file)
    assert one.out == text.replace("\n", " / ") + "\n"
    two = byhand("read", "note.png", "note.png", "--model", model_file)
    assert two.out.splitlines() == ["note.png: " + text.replace("\n", " / ")] * 2


def test_read_writes_a_table_with_commas(byhand, note, model_file, tmp_path):
    greys, text = note
    Image.fromarray(greys).save(tmp_path / "note.png")
    rows = byhand("read", "note.png", "--model", model_file, "--csv").out
    assert rows.startswith("file,text,probability,reason,milliseconds\nnote.png,")
    assert text in rows
    wrong = byhand("read", "note.png", "--model", model_file, "--csv", "--json")
    assert wrong.status == 2


def test_one_bad_picture_does_not_stop_the_rest(byhand, note, model_file, tmp_path):
    greys, text = note
    folder = tmp_path / "notes"
    folder.mkdir()
    Image.fromarray(greys).save(folder / "a.png")
    (folder / "b.png").write_bytes(b"no picture")
    Image.fromarray(greys).save(folder / "c.jpg", quality=95)
    (folder / "d.txt").write_text("not looked at")
    said = byhand("read", folder, "--model", model_file, "--json")
    assert said.status == 1
    assert [image["text"] for image in said.json["images"]] == [text, "", text]
    assert re.search(r"1 of 3 pictures could not be read: .*b\.png", said.err)


def test_a_folder_without_pictures_is_named(byhand, model_file, tmp_path):
    (tmp_path / "empty").mkdir()
    said = byhand("read", "empty", "--model", model_file)
    assert said.status == 2
    assert "empty" in said.complaint


def test_standard_input_is_read(byhand_process, note, model_file, tmp_path):
    greys, text = note
    Image.fromarray(greys).save(tmp_path / "note.png")
    with (tmp_path / "note.png").open("rb") as file:
        process = byhand_process("read", "-", "--model", model_file, stdin=file)
        out, err = process.communicate(timeout=60)
    assert (out, err) == (text.replace("\n", " / ") + "\n", "")


def test_every_stage_is_drawn(byhand, note, model_file, tmp_path):
    greys, _ = note
    Image.fromarray(greys).save(tmp_path / "note.png")
    assert byhand("read", "note.png", "--model", model_file, "--explain", "why").status == 0
    names = sorted(path.name for path in (tmp_path / "why").iterdir())
    stages = ["greys", "light", "rules", "clean", "ink", "marks", "digits", "network"]
    assert names == [f"{number}-{stage}.png" for number, stage in enumerate(stages, 1)]
    for name in names:
        with Image.open(tmp_path / "why" / name) as picture:
            assert min(picture.size) > 100


def test_a_picture_without_ink_is_explained_too(model, tmp_path):
    seen = look(np.full((50, 50), 200, np.uint8), model)
    assert len(write_explanation(seen, tmp_path)) == 8


def test_a_model_reads_as_it_says(note, model, tmp_path):
    """Its own form and refusal, kept in its file."""
    from dataclasses import replace

    from byhand.images import PictureForm
    from byhand.refusal import Refusal

    greys, text = note
    strict = replace(model, form=PictureForm(box=18), refusal=Refusal(threshold=1.0))
    strict.save(tmp_path / "strict.safetensors")
    [reading] = read(greys, tmp_path / "strict.safetensors")
    assert all(digit.refused for digit in reading.digits)
    assert reading.text == ""
    assert reading.reason
    assert Model.load(tmp_path / "strict.safetensors").form == PictureForm(box=18)
    assert read(greys, model)[0].text == text


def page_of_print(rng):
    """Twelve megapixels of words."""
    page = Image.new("L", (3000, 4000), 250)
    font = ImageFont.truetype(str(bundled_fonts()[0]), 40)
    for y in range(150, 3850, 58):
        letters = "".join(rng.choice(list("etaoin shrdlu cmfwyp"), 110))
        ImageDraw.Draw(page).text((150, y), letters, font=font, fill=20)
    return np.asarray(page)


def fur(rng):
    """Twelve megapixels of soft patches of every size, as of a cat."""
    sizes = (3, 9, 30, 120, 500)
    patches = [rng.normal(0, size, (3000 // size + 2, 4000 // size + 2)).astype(np.float32) for size in sizes]
    greys = sum(cv2.resize(patch, (4000, 3000), interpolation=cv2.INTER_CUBIC) for patch in patches)
    return np.interp(greys, (greys.min(), greys.max()), (0, 255)).astype(np.uint8)


@pytest.mark.parametrize("draw", [page_of_print, fur])
def test_print_and_cats_are_no_numbers_and_cost_neither_ten_seconds_nor_a_gigabyte(draw, tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(draw(np.random.default_rng(0))).save(path, compress_level=1)
    began = time.perf_counter()
    with (tmp_path / "said.json").open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "byhand", "read", path, "--json"], stdout=said)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    [reading] = json.loads((tmp_path / "said.json").read_text())["images"]
    assert reading["text"] == ""
    assert reading["reason"]
    assert time.perf_counter() - began < 10
    assert usage.ru_maxrss < 1_000_000  # kilobytes


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("longest", [1, 8])
def test_dust_is_no_number(seed, longest):
    """Round, or long and lying in every direction, so that some stands like a 1."""
    rng = np.random.default_rng(seed)
    paper = np.full((400, 600), 240, np.uint8)
    for x, y in rng.integers(5, 395, (40, 2)):
        width = int(rng.integers(1, 5)) if longest == 1 else 1
        axes = (width, max(width, int(rng.integers(2, longest + 2))))
        cv2.ellipse(paper, (int(x) + 100, int(y)), axes, int(rng.integers(180)), 0, 360, 30, -1)
    [reading] = read(paper)
    assert reading.text == ""
    assert all(digit.refused for digit in reading.digits)


@pytest.mark.parametrize("letter", "HNWM")
def test_a_letter_alone_is_not_cut_into_digits(letter):
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).text((90, 60), letter, font=ImageFont.truetype(str(bundled_fonts()[0]), 120), fill=0)
    assert read(page)[0].text == ""


def test_a_number_is_read_that_stands_under_a_row_of_squares(mnist):
    greys = np.full((420, 900), 240, np.uint8)
    for x in range(60, 840, 100):
        cv2.rectangle(greys, (x, 40), (x + 60, 100), 30, -1)
    for i, image in enumerate(mnist.test.images[:5]):
        part = greys[220:360, 50 + 150 * i : 190 + 150 * i]
        part -= (cv2.resize(image, (140, 140), interpolation=cv2.INTER_CUBIC) * 0.8).astype(np.uint8)
    assert read(greys)[0].lines == ("72104",)


def written(mnist, count=4, size=140):
    """A photograph of the first test digits in one line, 420 by 900, and its text."""
    greys = np.random.default_rng(0).normal(225, 2, (420, 900))
    for i, image in enumerate(mnist.test.images[:count]):
        part = greys[250 : 250 + size, 150 + (size + 10) * i : 150 + (size + 10) * i + size]
        part *= 1 - 0.7 * cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC).clip(0, 255) / 255
    return greys.clip(0, 255).astype(np.uint8), "".join(map(str, mnist.test.labels[:count]))


@pytest.mark.parametrize("count", [2, 3])
def test_a_number_is_read_beside_a_finger_and_beside_the_flap_of_an_envelope(mnist, count):
    greys, text = written(mnist, count, 100)
    finger, flap = greys.copy(), greys.copy()
    cv2.ellipse(finger, (0, 120), (120, 60), 20, 0, 360, 120, -1)
    cv2.polylines(flap, [np.array([(60, 20), (450, 200), (840, 20)])], False, 120, 5, cv2.LINE_AA)
    for picture in (finger, flap):
        assert read(picture)[0].text == text


@pytest.mark.parametrize("size", [40, 60])
def test_a_number_is_read_beside_a_pencil(mnist, size):
    """The pencil alone is as sure a 1 as any, and beside so large a mark the digits are specks."""
    greys, text = written(mnist, 4, size)
    cv2.line(greys, (800, -10), (785, 400), 50, 36, cv2.LINE_AA)
    assert read(greys)[0].text == text


def test_one_mark_beside_a_thing_is_not_believed(mnist):
    """A digit beside a finger may be read; but so would be a dot beside a letter."""
    page = Image.new("L", (500, 500), 240)
    ImageDraw.Draw(page).text((150, 60), "W", font=ImageFont.truetype(str(bundled_fonts()[0]), 260), fill=30)
    ImageDraw.Draw(page).line((80, 300, 80, 340), fill=30, width=7)
    assert read(page)[0].text == ""


@pytest.mark.parametrize("lean", [0, 40])
def test_a_hatching_is_no_row_of_ones(lean):
    greys = np.full((400, 700), 235, np.uint8)
    for x in range(100, 600, 45):
        cv2.line(greys, (x + lean, 120), (x, 280), 50, 7, cv2.LINE_AA)
    [reading] = read(greys)
    assert reading.text == ""
    assert "is a digit" in reading.reason


def test_a_form_is_read_box_by_box(mnist):
    greys, text = written(mnist)
    for i in range(4):
        cv2.rectangle(greys, (146 + 150 * i, 240), (286 + 150 * i, 396), 70, 3)
    assert read(greys)[0].text == text


@pytest.mark.parametrize("font", [0, 1])
def test_words_are_no_number(font):
    """Some letters look like digits, and a line of them is none."""
    page = Image.new("L", (900, 320), 240)
    face = ImageFont.truetype(str(bundled_fonts()[font]), 56)
    for y, words in [(40, "a quick brown fox jumps"), (170, "over the lazy dogs")]:
        ImageDraw.Draw(page).text((50, y), words, font=face, fill=30)
    assert read(page)[0].text == ""


def print_of(word):
    """A word in print."""
    page = Image.new("L", (500, 220), 240)
    ImageDraw.Draw(page).text((50, 60), word, font=ImageFont.truetype(str(bundled_fonts()[0]), 70), fill=30)
    return page


@pytest.mark.parametrize("word", ["water", "little", "bottle", "pilot"])
def test_of_four_marks_and_more_letters_must_be_surer(word):
    assert read(print_of(word))[0].text == ""


@pytest.mark.parametrize("word", ["zebra", "table", "tiger", "lazy"])
def test_a_letter_is_no_thing_that_lies_beside_a_number(word):
    assert read(print_of(word))[0].text == ""


def test_what_is_left_of_a_line_down_the_page_is_no_column_of_ones(mnist):
    greys, text = written(mnist, 4, 80)
    for y in range(10, 170, 75):
        cv2.line(greys, (800, y), (798, y + 36), 60, 5, cv2.LINE_AA)
    assert read(greys)[0].text == text


def test_a_face_is_no_0():
    face = np.full((500, 500), 235, np.uint8)
    cv2.circle(face, (250, 250), 180, 60, 8, cv2.LINE_AA)
    for x in (190, 310):
        cv2.ellipse(face, (x, 190), (16, 28), 0, 0, 360, 60, 8, cv2.LINE_AA)
    cv2.ellipse(face, (250, 280), (90, 60), 0, 10, 170, 60, 8, cv2.LINE_AA)
    assert read(face)[0].text == ""
