"""read(): pictures in, numbers out, or the reason why there are none."""

import io
import json
import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from helpers import interrupt, picture
from PIL import Image

import byhand.reading.others
from byhand.errors import ModelError, PictureError
from byhand.images import follow, load_picture, prepare
from byhand.images.light import Look
from byhand.model import Model
from byhand.reading import Reading, form_of, look, read, write_explanation
from byhand.reading.explain import _greys, _how
from byhand.reading.others import others_of


@pytest.fixture(scope="module")
def clear(model, mnist):
    """Test images of MNIST that the small model reads rightly and very surely, with their labels."""
    test = mnist.test
    prepared = np.stack([prepare(image) for image in test.images[:60]])
    sure = model.probabilities(prepared)
    right = (sure.max(axis=1) > 0.97) & (sure.argmax(axis=1) == test.labels[:60])
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


@pytest.mark.parametrize(("apart", "between"), [(330, " "), (180, "")])
def test_numbers_that_stand_apart_in_a_line_have_a_space_between(clear, model, apart, between):
    images, labels = clear
    ink = np.zeros((240, 800), np.float32)
    for i, x in enumerate([20, 130, 130 + apart, 240 + apart]):
        part = ink[50:190, x : x + 140]
        np.maximum(part, cv2.resize(images[i], (140, 140), interpolation=cv2.INTER_CUBIC) / 255, out=part)
    [reading] = read(picture(ink), model)
    one, two = ("".join(map(str, labels[which])) for which in (slice(2), slice(2, 4)))
    assert reading.lines == (one + between + two,)
    assert [digit.line for digit in reading.digits] == [0] * 4


def test_a_point_is_no_one_and_an_underline_and_a_strip_along_the_sheet_change_nothing(note, model):
    greys, text = note
    pointed, underlined, edged = greys.copy(), greys.copy(), greys.copy()
    pointed[150:178, 38:45] = 60  # where a pen rested
    underlined[202:214, 60:700] = 60
    edged[100:380, 738:752] = 20
    assert [reading.text for reading in read([pointed, underlined, edged], model)] == [text] * 3


def test_a_small_sheet_on_a_large_table_is_read_with_its_boxes_in_the_whole_pictures_pixels(note, model):
    greys, text = note
    table = np.random.default_rng(0).normal(40, 5, (1200, 1600)).clip(0, 255).astype(np.uint8)
    table[300:384, 1200:1352] = cv2.resize(greys, (152, 84), interpolation=cv2.INTER_AREA)
    [reading] = read(table, model)
    assert reading.text == text
    for i, digit in enumerate(reading.digits):
        x, y, w, h = digit.box
        assert abs(x + w / 2 - (1226 + 32 * (i % 4))) < 8
        assert abs(y + h / 2 - (322 + 38 * (i // 4))) < 8


def test_a_large_mark_is_not_looked_at_closer_for_it_is_no_sheet_that_was_too_small(monkeypatch):
    asked = []
    monkeypatch.setattr(byhand.reading.others, "closer", lambda way, mark: asked.append(mark) or way)
    for size in (200, 70):
        greys = np.full((600, 900), 220, np.uint8)
        cv2.circle(greys, (450, 300), size // 2, 40, 9)
        list(byhand.reading.others.others_of(follow(greys), load_picture(greys)))
        assert len(asked) == (size < 90)


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
    with path.open("rb") as file:
        for one in (path, file, bytearray(memory.getvalue()), Image.fromarray(greys)):
            assert [reading.text for reading in read(one, model)] == [text]


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
    with pytest.raises(ModelError, match="of the kind int; give a Model or its file"):
        read([], 3)
    with pytest.raises(PictureError, match="of the kind NoneType"):
        read(None, model)


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
        greys = load_picture(name).greys
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


def test_a_folder_without_pictures_is_named_and_does_not_stop_the_rest(byhand, note, model_file, tmp_path):
    greys, text = note
    Image.fromarray(greys).save(tmp_path / "note.png")
    (tmp_path / "empty.png").mkdir()
    (tmp_path / "within" / "folder.png").mkdir(parents=True)
    said = byhand("read", "empty.png", "note.png", "within", "--model", model_file, "--json")
    assert said.status == 1
    assert [image["text"] for image in said.json["images"]] == ["", text, ""]
    for name in ("empty.png", "within"):
        assert f"there is no picture in the folder {name}" in said.err


def test_standard_input_is_asked_for_once(byhand):
    assert "- stands twice" in byhand("read", "-", "-").complaint


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names have no control characters")
def test_control_characters_of_a_name_do_not_reach_the_terminal(byhand, note, model_file, tmp_path):
    greys, _ = note
    name = "a\x1b[2J\nb.png"
    Image.fromarray(greys).save(tmp_path / name)
    (tmp_path / f"broken{name}").write_bytes(b"no picture")
    said = byhand("read", name, f"broken{name}", f"missing{name}", "--model", model_file)
    assert said.status == 1
    assert said.out.startswith(r"a\x1b[2J\nb.png: ")
    assert not any(c in said.out + said.err for c in "\x1b\r")
    assert said.out.count("\n") == 3


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


def test_how_a_picture_was_looked_at_is_said(note):
    greys, _ = note
    assert _how(follow(greys)) == "dark ink on light"
    assert _how(follow(255 - greys)) == "light ink on dark"
    noise = np.random.default_rng(0).normal(0, 9, greys.shape)
    way = follow(np.clip(greys + noise, 0, 255).astype(np.uint8), Look(False, 0.1, 0.0, dark=True))
    assert _how(way) == f"dark ink on light, faint ink left out, noise smoothed by {way.smoothing:.1f} pixels"


def test_what_the_greys_were_made_for_is_said(note):
    greys, _ = note
    assert _greys(follow(greys)) == "the picture in greys"
    loaded = load_picture(np.stack([greys] * 3, axis=2) - np.array([0, 0, 9], np.uint8))
    ways = [_greys(other.way) for other in others_of(follow(greys), loaded)]
    for shown in ("what has no colour", "what has a colour"):
        assert ways.count(f"the picture in greys; {shown}") == 1


def test_that_a_shadow_was_lifted_off_is_said(note):
    greys, _ = note
    light = 1 - 0.3 * (1 + np.tanh((np.arange(greys.shape[1]) - 530) / 4)) / 2
    loaded = load_picture((greys * light).astype(np.uint8))
    ways = [_greys(other.way) for other in others_of(follow(loaded.greys), loaded)]
    assert "the picture in greys; shadows lifted off: 1" in ways


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


def test_ctrl_c_is_one_line_and_nothing_on_standard_output(byhand_process):
    """It waits for a picture on standard input that never ends."""
    process = byhand_process("read", "-", "--json", stdin=subprocess.PIPE)
    process.stdin.write("0" * 200_000)  # more than a pipe holds: after this it is being read
    out, said = interrupt(process)
    assert process.returncode == 130
    assert out == ""
    assert said == "byhand: interrupted after 0 of 1 pictures; nothing is printed\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is text")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8:surrogateescape", "ascii"])
def test_a_name_that_is_no_text_leaves_standard_output_readable(byhand_process, note, tmp_path, encoding):
    greys, text = note
    name = os.fsdecode("é".encode() + b"\xff.png")
    Image.fromarray(greys).save(tmp_path / "note.png")
    (tmp_path / "note.png").rename(tmp_path / name)
    env = os.environ | {"PYTHONIOENCODING": encoding}
    process = byhand_process("read", name, "--json", env=env)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    [found] = json.loads(out)["images"]
    assert found["lines"] == text.split("\n")
    assert found["file"] == name


def test_an_empty_name_is_no_folder(byhand):
    assert "the name of a picture is empty" in byhand("read", "").complaint


def test_whatever_a_decoder_raises_the_picture_is_broken(monkeypatch, note):
    """A damaged AVIF file ends in a RuntimeError, a DDS file in a NotImplementedError."""

    def fail(_: object) -> None:
        raise RuntimeError("failed to decode frame 0")

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(PictureError, match="is a broken picture"):
        load_picture(b"some bytes")


def test_what_was_read_is_said_though_it_cannot_be_explained(byhand, note, tmp_path):
    greys, text = note
    Image.fromarray(greys).save(tmp_path / "note.png")
    (tmp_path / "why").mkdir()
    (tmp_path / "why" / "1-greys.png").mkdir()
    said = byhand("read", "note.png", "--explain", "why")
    assert said.status == 1
    assert said.out == text.replace("\n", " / ") + "\n"
    assert re.search(r"not explained: .*1-greys\.png", said.err)
