import json

import numpy as np
import pytest
from helpers import interrupt
from PIL import Image

from byhand.corrections import MOST_REPEATS, SHARE, Stored, read_corrections, recipe_of, repeats, store
from byhand.errors import DataError, OutputError, SettingError
from byhand.model import Model

DIGITS = tuple("0123456789")


@pytest.fixture
def marks(small):
    return list(small.test.images[:40]), "".join(map(str, small.test.labels[:40]))


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_marks_are_kept_in_a_folder_for_each_digit_with_where_they_come_from(tmp_path, marks):
    images, text = marks
    stored = store(tmp_path / "corrections", images[:4], text[:4], {"picture": "note.jpg"})
    assert [entry.label for entry in stored] == list(text[:4])
    assert not any(entry.known for entry in stored)
    for position, (entry, image) in enumerate(zip(stored, images, strict=False)):
        assert entry.file.parent.name == entry.label
        with Image.open(entry.file) as picture:
            np.testing.assert_array_equal(np.asarray(picture), image)
            about = json.loads(picture.text["byhand"])
        assert about == {"picture": "note.jpg", "label": entry.label, "position": position}


def test_what_is_there_is_never_overwritten(tmp_path, marks):
    images, text = marks
    [first] = store(tmp_path, images[:1], text[:1], {"picture": "first"})
    content = first.file.read_bytes()
    again = store(tmp_path, images[:1], text[:1], {"picture": "second"})
    assert again == [Stored(first.file, text[0], known=True)]
    assert first.file.read_bytes() == content
    assert len(files(tmp_path)) == 1


def test_the_same_mark_under_two_labels_is_refused_before_anything_is_written(tmp_path, marks):
    images, text = marks
    store(tmp_path, images[:1], text[:1], {})
    other = str((int(text[0]) + 1) % 10)
    with pytest.raises(
        DataError, match=f"is the same mark, but as another digit; remove it if {other} is right"
    ):
        store(tmp_path, [images[1], images[0]], text[1] + other, {})
    assert len(files(tmp_path)) == 1


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path, marks):
    images, text = marks
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError):
        store(tmp_path / "file", images[:1], text[:1], {})


def test_corrections_are_read_again_and_about_one_in_four_is_always_held_out(tmp_path, small):
    few = small.test.take(np.arange(200))
    store(tmp_path, list(few.images), "".join(map(str, few.labels)), {})
    learnt, held = read_corrections(tmp_path, DIGITS)
    assert len(learnt) + len(held) == 200
    assert 0.15 < len(held) / 200 < 0.35
    right = {image.tobytes(): label for image, label in zip(few.images, few.labels, strict=True)}
    for part in (learnt, held):
        assert all(right[i.tobytes()] == label for i, label in zip(part.images, part.labels, strict=True))
    more = small.test.take(np.arange(200, 260))
    store(tmp_path, list(more.images), "".join(map(str, more.labels)), {})
    _, later = read_corrections(tmp_path, DIGITS)
    assert {image.tobytes() for image in held.images} <= {image.tobytes() for image in later.images}


def test_folders_that_hold_no_corrections_are_refused(tmp_path, marks):
    images, text = marks
    with pytest.raises(DataError, match="there is no folder"):
        read_corrections(tmp_path / "none", DIGITS)
    with pytest.raises(DataError, match="has 0 corrections, and none to learn from"):
        read_corrections(tmp_path, DIGITS)
    [entry] = store(tmp_path, images[:1], text[:1], {})
    large = entry.file.with_name("large.png")
    Image.new("L", (50, 40)).save(large)
    with pytest.raises(DataError, match="is 50 x 40 pixels, not 28 x 28"):
        read_corrections(tmp_path, DIGITS)
    large.write_bytes(b"broken")
    with pytest.raises(DataError, match="is no whole picture"):
        read_corrections(tmp_path, DIGITS)
    large.unlink()
    (tmp_path / "cat").mkdir()
    Image.fromarray(images[1]).save(tmp_path / "cat" / "cat.png")
    with pytest.raises(DataError, match="cat is named after none of 0, 1"):
        read_corrections(tmp_path, DIGITS)


@pytest.mark.parametrize(("corrections", "others"), [(1, 50_000), (3000, 50_000), (50_000, 100), (7, 700)])
def test_corrections_weigh_their_share_unless_they_are_too_few(corrections, others):
    times = repeats(corrections, others)
    assert 1 <= times <= MOST_REPEATS
    share = times * corrections / (times * corrections + others)
    assert share >= SHARE or times == MOST_REPEATS


def test_a_model_goes_on_by_its_own_recipe_but_slower(model):
    from byhand.recipes import RECIPES

    own = recipe_of(model)
    assert own.learning_rate < RECIPES["sigmoid"].learning_rate
    assert own.augment == RECIPES["sigmoid"].augment
    assert own.prepare == model.preprocessing
    with pytest.raises(SettingError, match="there is no recipe"):
        recipe_of(model, "nonsense")


# -- the commands


@pytest.fixture
def corrections(tmp_path, small):
    """Sixty digits of an odd writer: upside down, which no model reads, with their right labels."""
    few = small.test.take(np.flatnonzero(np.isin(small.test.labels, [2, 3, 4, 7]))[:60])
    store(tmp_path / "odd", list(few.images[:, ::-1]), "".join(map(str, few.labels)), {})
    return tmp_path / "odd"


def test_a_model_learns_its_corrections_and_says_whether_that_helped(
    byhand, model_file, small_folder, corrections
):
    said = byhand(
        "train", "--from", model_file, "--data", corrections, "--mix", small_folder, "--learning-rate", 0.3,
        "--epochs", 3, "-o", "mended.safetensors", "--json",
    )  # fmt: skip
    assert said.status == 0, said.err
    result = said.json
    held, test = result["held_out"], result["test"]
    assert held["accuracy_after"] > held["accuracy_before"]
    assert held["repaired"] > held["spoilt"]
    assert held["p"] < 0.05
    assert test["accuracy_after"] > test["accuracy_before"] - 0.05
    assert test["images"] == 500
    gained = (test["repaired"] - test["spoilt"]) / 500
    assert test["accuracy_after"] - test["accuracy_before"] == pytest.approx(gained)
    mended, before = Model.load("mended.safetensors"), Model.load(model_file)
    assert mended.classes == before.classes
    assert mended.provenance["before"] == before.provenance
    assert mended.provenance["corrections"] == result["corrections"]


def test_the_same_is_printed_as_a_table(byhand, model_file, small_folder, corrections):
    said = byhand("train", "--from", model_file, "--data", corrections, "--mix", small_folder, "--epochs", 1)
    assert said.status == 0
    assert "held out" in said.out
    assert "McNemar" in said.out


def test_without_held_out_corrections_it_says_so(byhand, model_file, small_folder, tmp_path, small):
    folder, position = tmp_path / "few", 0
    while True:  # until there is one that is learnt
        store(folder, [small.test.images[position]], str(small.test.labels[position]), {})
        try:
            _, held = read_corrections(folder, DIGITS)
            break
        except DataError:
            position += 1
    expected = held is None
    said = byhand(
        "train", "--from", model_file, "--data", folder, "--mix", small_folder, "--epochs", 1, "--json"
    )
    assert (said.json["held_out"] is None) == expected


def test_a_model_in_half_precision_keeps_it(byhand, small_folder, corrections, tmp_path):
    from byhand.recipes import RECIPES

    network = RECIPES["relu"].network((28, 28), 10, np.random.default_rng(0))
    network.halve()
    path = tmp_path / "halved.safetensors"
    Model(network, tuple("0123456789"), provenance={"recipe": "reader"}).save(path)
    said = byhand(
        "train", "--from", path, "--data", corrections, "--mix", small_folder, "--epochs", 1,
        "-o", tmp_path / "after.safetensors",
    )  # fmt: skip
    assert said.status == 0, said.err
    after = Model.load(tmp_path / "after.safetensors").network
    assert after.halved
    assert not np.array_equal(after.theta, network.theta)


def test_a_model_with_a_class_for_none_keeps_it(byhand, small, small_folder, corrections, tmp_path):
    from byhand.recipes import RECIPES

    recipe = RECIPES["relu"]
    network = recipe.network((28, 28), 11, np.random.default_rng(0))
    path = tmp_path / "eleven.safetensors"
    Model(network, (*small.classes, "none"), recipe.prepare, (), {"recipe": "relu"}).save(path)
    said = byhand(
        "train", "--from", path, "--data", corrections, "--mix", small_folder, "--epochs", 2,
        "--learning-rate", 0.1, "-o", tmp_path / "after.safetensors",
    )  # fmt: skip
    assert said.status == 0, said.err
    from byhand.datasets.nondigits import nondigits

    images, _ = nondigits(small.train, 300, np.random.default_rng(5), part="fitting")
    assert (
        Model.load(tmp_path / "after.safetensors").predict(images) == 10
    ).mean() > 0.2  # one of eleven: 0.09


def test_wrong_requests_get_one_line(byhand, model_file, small_folder, tmp_path, corrections):
    said = byhand("train", "--from", model_file, "--data", tmp_path / "nowhere", "--mix", small_folder)
    assert said.status == 2
    assert "there is no folder" in said.complaint
    said = byhand("train", "--from", tmp_path / "no.model", "--data", corrections)
    assert said.status == 2
    assert "there is no file" in said.complaint
    said = byhand("train", "--from", model_file, "--data", corrections, "--mix", "nonsense")
    assert said.status == 2


def written(text, small, path):
    """A drawing of a number: test digits in a row, dark on white."""
    row = [small.test.images[np.flatnonzero(small.test.labels == int(digit))[1]] for digit in text]
    picture = np.pad(np.concatenate([np.pad(image, ((10, 10), (4, 4))) for image in row], axis=1), 10)
    Image.fromarray(255 - np.kron(picture, np.ones((4, 4), np.uint8))).save(path)
    return path


def test_a_picture_that_was_read_wrongly_becomes_corrections(byhand, model_file, small, tmp_path):
    picture = written("2047", small, tmp_path / "note.png")
    said = byhand("correct", picture, "--text", "2047", "--model", model_file, "--json")
    assert said.status == 0, said.err
    result = said.json
    assert [entry["label"] for entry in result["corrections"]] == list("2047")
    assert not any(entry["known"] for entry in result["corrections"])
    assert all((tmp_path / entry["file"]).is_file() for entry in result["corrections"])
    with Image.open(result["corrections"][0]["file"]) as crop:
        assert crop.size == (28, 28)
        about = json.loads(crop.text["byhand"])
    assert about["picture"] == "note.png"
    assert about["text"] == "2047"
    again = byhand("correct", picture, "--text", "2047", "--model", model_file)
    assert again.status == 0
    assert again.out.count("was there") == 4
    assert len(files(tmp_path / "corrections")) == 4


@pytest.mark.parametrize("text", ["204", "20479"])
def test_a_text_of_another_length_is_refused(byhand, model_file, small, tmp_path, text):
    picture = written("2047", small, tmp_path / "note.png")
    said = byhand("correct", picture, "--text", text, "--model", model_file)
    assert said.status == 2
    assert f"the text has {len(text)} digits, but 4 were found" in said.complaint
    assert not (tmp_path / "corrections").exists()


def test_a_mark_that_was_refused_counts_as_one_of_the_digits(small):
    from byhand.corrections import marks_of
    from byhand.reading import Digit, Reading, Seen, load_reader, look

    row = [small.test.images[i] for i in range(4)]
    picture = np.kron(
        np.pad(np.concatenate([np.pad(i, ((10, 10), (4, 4))) for i in row], 1), 10), np.ones((3, 3))
    )
    seen = look((255 - picture).astype(np.uint8), load_reader())
    assert len(seen.segments) == 4
    digits = tuple(Digit((0, 0, 1, 1), "7", 0.5, i == 1, 0) for i in range(4))
    doubted = Seen(
        Reading("note", "7?77", ("7?77",), digits, 1.0, ""),
        seen.way,
        seen.segments,
        (False, True, False, False),
        seen.classes,
    )
    assert len(marks_of(doubted, "7210")) == 4
    with pytest.raises(SettingError, match=r"the text has 3 digits, but 4 were found \(7\?77 was read\)"):
        marks_of(doubted, "710")


@pytest.mark.parametrize("text", ["7721", "77 21"])
def test_numbers_that_stand_apart_in_a_line_are_corrected_together(byhand, small, tmp_path, text):
    images = [small.test.images[i] for i in range(4)]
    line = np.zeros((60, 200), np.uint8)
    for image, x in zip(images, (20, 42, 118, 140), strict=True):
        np.maximum(line[16:44, x : x + 28], image, out=line[16:44, x : x + 28])
    picture = tmp_path / "apart.png"
    Image.fromarray(255 - np.kron(line, np.ones((3, 3), np.uint8))).save(picture)
    assert len(byhand("read", picture).out.split()) == 2
    said = byhand("correct", picture, "--text", text)
    assert said.status == 0
    assert len(list((tmp_path / "corrections").glob("*/*.png"))) == 4


def test_a_space_is_no_mark_and_what_is_in_no_line_is_not_counted(small):
    from byhand.corrections import marks_of
    from byhand.reading import Digit, Reading, Seen, load_reader, look

    row = np.concatenate([np.pad(image, 6) for image in small.test.images[:3]], 1)
    seen = look((255 - np.kron(np.pad(row, 10), np.ones((3, 3)))).astype(np.uint8), load_reader())
    digits = tuple(Digit((0, 0, 1, 1), "7", 0.9, line < 0, line) for line in (0, 0, -1))
    reading = Reading("note", "7 7", ("7 7",), digits, 1.0, "")
    apart = Seen(reading, seen.way, seen.segments, (False, False, True), seen.classes)
    assert len(marks_of(apart, "72")) == 2


@pytest.mark.parametrize("text", ["", "20a7", "  "])
def test_a_text_that_is_no_number_is_refused(byhand, model_file, small, tmp_path, text):
    picture = written("2047", small, tmp_path / "note.png")
    said = byhand("correct", picture, "--text", text, "--model", model_file)
    assert said.status == 2
    assert "give the digits that are on the picture" in said.complaint


def test_an_interrupted_correction_saves_nothing(byhand_process, model_file, corrections, tmp_path):
    process = byhand_process(
        "train", "--from", model_file, "--data", corrections, "--epochs", 500, "-o", "mended.safetensors"
    )
    for line in process.stderr:
        if line.startswith("epoch 1"):
            break
    _, err = interrupt(process)
    assert process.returncode == 130
    assert err.endswith("byhand: interrupted: nothing is saved\n")
    assert not (tmp_path / "mended.safetensors").exists()


def test_the_model_it_goes_on_from_is_not_overwritten(byhand, model_file, corrections, tmp_path):
    (tmp_path / "digits.safetensors").write_bytes(model_file.read_bytes())
    said = byhand("train", "--from", "digits.safetensors", "--data", corrections)
    assert said.status == 2
    assert "digits.safetensors is the model it goes on from" in said.complaint
    assert (tmp_path / "digits.safetensors").read_bytes() == model_file.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "digits.safetensors"], "--from learns corrections; give their folder with --data"),
        (["--from", "digits.safetensors", "--data", "there", "--patience", 2], "--patience says nothing"),
        (["--mix", "mnist"], "--mix is for going on with a model"),
    ],
)
def test_options_that_do_not_go_together_are_refused(byhand, arguments, words):
    said = byhand("train", *arguments)
    assert said.status == 2
    assert words in said.complaint
