from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest

from byhand import article, ladder
from byhand.functions import softmax
from byhand.gradcheck import check_loss
from byhand.ladder import DRAWS, RUNGS, articles_loss, climb, diagonal_loss, softmax_over_batch
from byhand.recipes import RECIPES
from byhand.scratch import Slot


def test_the_top_rung_is_the_default_recipe():
    assert RUNGS[-1].recipe is RECIPES["sigmoid"]
    assert RUNGS[-1].draws is None
    assert RUNGS[-1].biases


def test_the_bottom_rung_has_the_articles_settings():
    rung = RUNGS[0]
    assert (rung.draws, rung.recipe.batch_size, rung.recipe.learning_rate) == (10_000, 128, 0.001)
    assert rung.recipe.prepare.scale == 1
    assert not rung.biases


def test_each_rung_changes_one_thing():
    for below, above in pairwise(RUNGS):
        changed = {part.name for part in fields(below.recipe) if part.name not in {"summary", "epochs"}}
        changed = {name for name in changed if getattr(below.recipe, name) != getattr(above.recipe, name)}
        changed |= {name for name in ("draws", "biases") if getattr(below, name) != getattr(above, name)}
        assert len(changed) == 1, (above.name, changed)


def test_every_rung_says_in_one_paragraph_what_was_wrong():
    for rung in RUNGS:
        assert 80 < len(rung.paragraph) < 700
        assert "\n" not in rung.paragraph
    assert len({rung.name for rung in RUNGS}) == len(RUNGS)


def test_the_articles_loss_is_the_articles_gradient():
    """The same numbers as byhand.article's own functions, which share no code with these."""
    rng = np.random.default_rng(0)
    logits, labels = rng.standard_normal((16, 10)), rng.integers(0, 10, 16)
    np.testing.assert_allclose(softmax_over_batch(logits), article.softmax(logits), rtol=1e-12)
    targets = np.eye(10)[labels]
    expected = 2 * (article.softmax(logits) - targets) / 16 * article.d_softmax(logits)
    loss, dz = articles_loss(logits, labels, Slot(np.float64))
    np.testing.assert_allclose(dz, expected, rtol=1e-9)
    assert loss == pytest.approx(((article.softmax(logits) - targets) ** 2).sum() / 16)


def test_the_lower_rungs_gradients_are_wrong_and_those_above_are_right():
    for rung in RUNGS:
        error = check_loss(rung.recipe.loss, 7, np.random.default_rng(0))["logits"]
        assert (error > 1e-2) == (rung.recipe.loss in {articles_loss, diagonal_loss}), rung.name


def test_softmax_over_the_batch_depends_on_the_company():
    logits = np.random.default_rng(0).standard_normal((3, 4))
    assert (softmax_over_batch(logits)[0] != softmax_over_batch(logits[:2])[0]).any()
    np.testing.assert_allclose(softmax_over_batch(logits[:1]), 1)
    np.testing.assert_array_equal(softmax(logits)[0], softmax(logits[:1])[0])


@pytest.fixture(scope="module")
def climbed(small):
    return list(climb(small, seeds=2, share=0.01))


def test_every_rung_is_trained_and_scored_with_every_seed(climbed):
    assert [result.rung for result in climbed] == list(RUNGS)
    for result in climbed:
        assert len(result.together) == len(result.alone) == 2
        assert result.test_accuracy == pytest.approx(np.mean(result.together))
        assert result.alone_accuracy == pytest.approx(np.mean(result.alone))
        assert result.spread == pytest.approx(np.std(result.together, ddof=1))


def test_above_the_article_every_image_is_read_alike_alone_and_in_company(climbed):
    assert climbed[0].together != climbed[0].alone
    assert all(result.together == result.alone for result in climbed[1:])


def test_without_biases_they_stay_0_and_with_them_they_move(climbed):
    for result in climbed:
        biases = np.concatenate([p.b for p in result.network.parameters if "b" in vars(p)])
        assert (biases == 0).all() == (not result.rung.biases)


def test_progress_is_told_after_every_training(small, monkeypatch):
    monkeypatch.setattr(ladder, "RUNGS", RUNGS[-2:])
    told = []
    list(climb(small, seeds=2, share=0.01, progress=lambda done, total: told.append((done, total))))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_pixels_from_0_to_1_alone_make_things_worse(small):
    lower, upper = RUNGS[1], RUNGS[2]
    results = {result.rung.name: result.test_accuracy for result in _climb_only([lower, upper], small)}
    assert results[upper.name] < results[lower.name] - 0.1


def _climb_only(rungs, dataset):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladder, "RUNGS", [replace(rung, draws=DRAWS // 25) for rung in rungs])
        return list(climb(dataset, seeds=1))
