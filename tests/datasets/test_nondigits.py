import hashlib

import numpy as np
import pytest

from byhand.datasets.nondigits import (
    CHARACTERS,
    HALVES,
    KINDS,
    all_fonts,
    bundled_fonts,
    clothes,
    drawn,
    nondigits,
)
from byhand.errors import SettingError

PARTS = ("fitting", "scoring")


def digest(images):
    return {hashlib.sha256(image.tobytes()).hexdigest() for image in images if image.any()}


@pytest.mark.parametrize("part", PARTS)
def test_every_kind_comes_in_turn_in_mnists_own_form(small, part):
    images, kinds = nondigits(small.train, 60, np.random.default_rng(0), KINDS, part)
    assert images.shape == (60, 28, 28)
    assert images.dtype == np.uint8
    assert list(kinds[: len(KINDS)]) == list(KINDS)
    assert {kind: int((kinds == kind).sum()) for kind in KINDS} == dict.fromkeys(KINDS, 10)


@pytest.mark.parametrize("part", PARTS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(small, part):
    first, again, other = (
        nondigits(small.train, 42, np.random.default_rng(seed), part=part)[0] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=(1, 2)).mean() > 0.9


def test_nothing_that_is_fitted_is_scored(small):
    """Halves and pairs are made of the digits that are given: of training digits, and of others."""
    digits = {"fitting": small.train, "scoring": small.test}
    fitted, scored = (
        nondigits(digits[part], 600, np.random.default_rng(0), part=part)[0]
        for part in ("fitting", "scoring")
    )
    assert not digest(fitted) & digest(scored)
    assert not set(CHARACTERS["fitting"]) & set(CHARACTERS["scoring"])


def test_no_character_looks_like_a_digit():
    alike = set("0123456789BDGIJOQSYZabdgijloqrstyz&?ОоЗзЭЮб")
    assert not alike & set(CHARACTERS["fitting"] + CHARACTERS["scoring"])


def test_the_bundled_fonts_give_every_machine_the_same_letters(small):
    assert set(bundled_fonts()) <= set(all_fonts())
    assert len(bundled_fonts()) >= 10
    images, _ = nondigits(small.train, 50, np.random.default_rng(0), ["letters"], fonts=bundled_fonts())
    assert (images.max(axis=(1, 2)) > 127).all()


def test_a_font_that_cannot_be_read_is_left_out(small, tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    fonts = [broken, *bundled_fonts()]
    images, _ = nondigits(small.train, 20, np.random.default_rng(0), ["letters"], fonts=fonts)
    assert images.any(axis=(1, 2)).all()


def test_one_font_alone_serves_both_parts(small):
    for part in PARTS:
        images, _ = nondigits(
            small.train, 5, np.random.default_rng(0), ["letters"], part, bundled_fonts()[:1]
        )
        assert images.any()


def test_halves_are_of_digits_whose_half_is_none(small):
    ones = small.train.take(np.flatnonzero(small.train.labels == 1))
    assert 1 not in HALVES
    assert not nondigits(ones, 5, np.random.default_rng(0), ["halves"])[0].any()
    fours = small.train.take(np.flatnonzero(small.train.labels == 4))
    assert nondigits(fours, 20, np.random.default_rng(0), ["halves"])[0].any(axis=(1, 2)).all()


def test_pairs_are_wider_than_high_or_nearly(small):
    images, _ = nondigits(small.train, 50, np.random.default_rng(0), ["pairs"])
    wide = images.any(axis=1).sum(axis=1) >= images.any(axis=2).sum(axis=1)
    assert wide.mean() > 0.8


def test_a_drawing_before_its_form_is_larger(small):
    assert drawn(small.test, np.random.default_rng(0), "shapes").shape == (72, 72)


def test_an_unknown_kind_is_refused_and_the_known_ones_are_named(small):
    with pytest.raises(SettingError, match="there are no non-digits cats for fitting; choose from letters, "):
        nondigits(small.train, 5, np.random.default_rng(0), ["cats"])
    with pytest.raises(SettingError, match="clothes"):
        nondigits(small.train, 5, np.random.default_rng(0), ["clothes"])


def test_clothes_only_score_where_they_are(small, monkeypatch, tmp_path):
    images = clothes()
    _, kinds = nondigits(small.test, 14, np.random.default_rng(0), part="scoring")
    assert ("clothes" in kinds) == (images is not None)
