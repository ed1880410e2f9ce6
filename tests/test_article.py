"""The article's numbers, as published. The 10,000 iterations take most of the time: about half a minute."""

import multiprocessing
import re
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from byhand import article
from byhand.datasets import Dataset, load
from byhand.errors import DataError, SettingError


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load("mnist")


@dataclass(frozen=True)
class Watched:
    """The run of 10,000 iterations, its weights, and its sigmoid's x: the lowest, the share beyond ±10."""

    run: article.Run
    l1: np.ndarray
    l2: np.ndarray
    lowest: float
    far: float


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPoolExecutor]:
    """Another process, for the long runs, that multiplies with one thread.

    Two threads wait for each other at the end of each product: where others want the same cores, a run of
    20,000 products then takes ten times as long.
    """
    with pytest.MonkeyPatch.context() as patch:
        for library in ("OPENBLAS", "MKL", "OMP"):
            patch.setenv(f"{library}_NUM_THREADS", "1")
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            yield process


@pytest.fixture(scope="module")
def repository(process: ProcessPoolExecutor) -> Watched:
    return process.submit(watch_the_repository).result()


def watch_the_repository() -> Watched:
    weights: list[np.ndarray] = []
    lowest, far = [], []

    def d_sigmoid(x: np.ndarray) -> np.ndarray:
        lowest.append(x.min())
        far.append((np.abs(x) > 10).mean())
        return original(x)

    def alone(x: np.ndarray, l1: np.ndarray, l2: np.ndarray) -> np.ndarray:
        weights[:] = l1, l2
        return article.alone(x, l1, l2)

    train, together, _, published = article.RUNS["repository"]
    original = article.d_sigmoid
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        patch.setattr(article, "d_sigmoid", d_sigmoid)
        patch.setitem(article.RUNS, "repository", (train, together, alone, published))
        run = article.run("repository", validate_every=9_999)
    return Watched(run, *weights, float(min(lowest)), float(np.mean(far)))


@pytest.mark.parametrize("split_seed", [0, 1, 2])
def test_as_printed(mnist: Dataset, split_seed: int) -> None:
    run = article.run("as-printed", split_seed=split_seed, data=mnist)
    assert run.name == "as-printed"
    assert run.iterations == run.published.iterations == 10
    assert run.published.test_accuracy == 0.0735
    assert run.test_accuracy == pytest.approx(0.0735, abs=0.005)
    assert (run.seven, run.one) == (run.published.seven, run.published.one) == (6, 6)
    assert len(run.accuracies) == len(run.losses) == 10
    assert len(run.val_accuracies) == 1
    assert run.accuracies[0] == pytest.approx(0.086, abs=0.05)  # its only line of output
    assert run.val_accuracies[0] == pytest.approx(0.070, abs=0.01)


def test_the_repository(repository: Watched) -> None:
    run = repository.run
    assert run.iterations == run.published.iterations == 10_000
    assert run.published.test_accuracy == 0.8367
    assert run.test_accuracy == pytest.approx(0.8367, abs=0.01)
    assert 0.60 <= run.alone_accuracy <= 0.64
    assert (run.seven, run.one) == (run.published.seven, run.published.one) == (7, 1)
    assert run.val_accuracies[-1] == pytest.approx(0.828, abs=0.01)


def test_the_notebook(process: ProcessPoolExecutor) -> None:
    run = process.submit(article.run, "notebook").result()
    assert run.iterations == run.published.iterations == 1_000
    assert run.published.test_accuracy == 0.9635
    assert run.test_accuracy == pytest.approx(0.9635, abs=0.0005)
    assert run.alone_accuracy == run.test_accuracy
    assert run.four == run.published.four == 4
    assert len(run.accuracies) == len(run.losses) == 1_000
    assert run.val_accuracies == ()


def test_one_image_alone_is_read_as_in_the_vectorised_answer(mnist: Dataset, repository: Watched) -> None:
    images = mnist.test.images[:500].reshape(-1, 784)
    l1, l2 = repository.l1, repository.l2
    at_once = article.alone(images, l1, l2).argmax(axis=1)
    one_by_one = [article.alone(images[i : i + 1], l1, l2).argmax() for i in range(500)]
    assert at_once.tolist() == one_by_one
    assert len(set(one_by_one)) > 5


def test_with_the_softmax_every_image_alone_is_a_0(mnist: Dataset, repository: Watched) -> None:
    for i in range(100):
        out = article.together(mnist.test.images[i].reshape(1, 784), repository.l1, repository.l2)
        assert (out == 1).all()
        assert out.argmax() == 0


def test_what_is_read_in_an_image_depends_on_its_batch(mnist: Dataset, repository: Watched) -> None:
    images, l1, l2 = mnist.test.images.reshape(-1, 784), repository.l1, repository.l2
    among_all = article.together(images, l1, l2).argmax(axis=1)[:20]
    among_few = article.together(images[:20], l1, l2).argmax(axis=1)
    assert (among_all != among_few).any()


def test_what_the_comments_say_of_the_sigmoid(repository: Watched) -> None:
    assert -44 < repository.lowest < -35
    assert 0.2 < repository.far < 0.3


def test_the_generator_draws_what_the_article_drew_from_numpys_global_state(mnist: Dataset) -> None:
    state = np.random.get_state()  # noqa: NPY002
    try:
        np.random.seed(7)  # noqa: NPY002
        rand = np.arange(60000)
        np.random.shuffle(rand)  # noqa: NPY002
        np.random.seed(42)  # noqa: NPY002
        l1 = (np.random.uniform(-1.0, 1.0, size=(784, 128)) / np.sqrt(784 * 128)).astype(np.float32)  # noqa: NPY002
        sample = np.random.randint(0, 50000, size=(128))  # noqa: NPY002
    finally:
        np.random.set_state(state)  # noqa: NPY002
    train_no, val_no = article.split(np.random.RandomState(7))
    assert (train_no == rand[:50000]).all()
    assert (val_no == np.sort(rand[50000:])).all()
    random = np.random.RandomState(42)
    assert (article.init(784, 128, random) == l1).all()
    assert (random.randint(0, 50000, size=(128)) == sample).all()


@pytest.mark.parametrize("name", article.RUNS)
def test_a_run_neither_reads_nor_changes_numpys_global_state(mnist: Dataset, name: str) -> None:
    before = np.random.get_state()  # noqa: NPY002
    try:
        runs = []
        for seed in (1, 2):
            np.random.seed(seed)  # noqa: NPY002
            kind, keys, *rest = np.random.get_state()  # noqa: NPY002
            runs.append(article.run(name, 2, data=mnist))
            kind_after, keys_after, *rest_after = np.random.get_state()  # noqa: NPY002
            assert (kind, rest) == (kind_after, rest_after)
            assert (keys == keys_after).all()
        assert runs[0] == runs[1]
    finally:
        np.random.set_state(before)  # noqa: NPY002


def test_validating_less_often_changes_no_weight(mnist: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []
    original = article.forward_backward_pass

    def watched(x: np.ndarray, y: np.ndarray, l1: np.ndarray, l2: np.ndarray) -> tuple[np.ndarray, ...]:
        seen.extend((l1, l2))
        return original(x, y, l1, l2)

    monkeypatch.setattr(article, "forward_backward_pass", watched)
    often = article.run("as-printed", 12, data=mnist, validate_every=1)
    weights_often, seen[:] = list(seen), []
    seldom = article.run("as-printed", 12, data=mnist, validate_every=5)
    assert len(weights_often) == 2 * 12
    assert all((a == b).all() for a, b in zip(weights_often, seen, strict=True))
    assert seldom.val_accuracies == often.val_accuracies[::5]
    assert seldom == replace(often, val_accuracies=seldom.val_accuracies)


def test_the_split_decides_and_the_seed_of_the_weights_does_not_vary(mnist: Dataset) -> None:
    first, again, other = (article.run("as-printed", 1, seed, mnist) for seed in (0, 0, 1))
    assert first == again
    assert first.losses != other.losses


def test_without_data_it_is_mnist_that_is_learnt(mnist: Dataset) -> None:
    assert article.run("notebook", 1) == article.run("notebook", 1, data=mnist)


@pytest.mark.parametrize("name", article.RUNS)
def test_progress_is_told_of_every_iteration(mnist: Dataset, name: str) -> None:
    told: list[tuple[int, int]] = []
    article.run(name, 3, data=mnist, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_initial_values() -> None:
    layer = article.init(30, 20, np.random.RandomState(0))
    assert layer.shape == (30, 20)
    assert layer.dtype == np.float32
    assert np.abs(layer).max() <= 1 / np.sqrt(600)


def test_sigmoid() -> None:
    x = np.array([-np.log(3), 0, np.log(3)])
    assert article.sigmoid(x) == pytest.approx([1 / 4, 1 / 2, 3 / 4])
    assert article.d_sigmoid(x) == pytest.approx([3 / 16, 1 / 4, 3 / 16])


def test_the_sigmoid_overflows_without_a_word() -> None:
    x = np.array([-1000, -100, -60, 0, 60, 1000], np.float32)
    assert article.sigmoid(x) == pytest.approx([0, 0, 0, 0.5, 1, 1])
    assert article.d_sigmoid(x) == pytest.approx([np.nan, np.nan, 0, 0.25, 0, 0], nan_ok=True)


def test_softmax_sums_over_the_batch() -> None:
    assert article.softmax(np.array([1, 2, 3])) == pytest.approx([0.09003057, 0.24472847, 0.66524096])
    x = np.log([[1.0, 2.0, 1.0], [3.0, 2.0, 4.0]])
    right = np.array([[1 / 4, 1 / 2, 1 / 5], [3 / 4, 1 / 2, 4 / 5]])
    assert article.softmax(x) == pytest.approx(right)
    assert article.d_softmax(x) == pytest.approx(right * (1 - right))


def test_the_derivative_of_softmax_is_only_the_diagonal_of_its_jacobian() -> None:
    x, h = np.random.default_rng(0).normal(size=5), 1e-6
    steps = h * np.eye(5)
    jacobian = np.array([(article.softmax(x + s) - article.softmax(x - s)) / (2 * h) for s in steps]).T
    y = article.softmax(x)
    assert jacobian == pytest.approx(np.diag(y) - np.outer(y, y), abs=1e-9)
    assert article.d_softmax(x) == pytest.approx(np.diag(jacobian), abs=1e-9)
    assert np.abs(jacobian).min() > 0.01  # what is left out is not nothing


def test_forward_and_backward_pass_by_hand() -> None:
    x, y = np.array([[1], [3]], np.uint8), np.array([0, 1], np.uint8)
    l1, l2 = np.zeros((1, 1), np.float32), np.zeros((1, 10), np.float32)
    l2[0, 0] = 1
    out, update_l1, update_l2 = article.forward_backward_pass(x, y, l1, l2)
    # The hidden unit is 1/2 for both images, so that they share every class: 1/2 each. The error is
    # 2 (1/2 − t) / 2 · 1/4: −1/8 where the target is 1, else 1/8.
    assert out == pytest.approx(np.full((2, 10), 1 / 2))
    assert update_l2 == pytest.approx(np.array([[0, 0] + [1 / 8] * 8]))
    assert update_l1.item() == pytest.approx((1 * -1 / 8 + 3 * 1 / 8) / 4)
    assert {out.dtype, update_l1.dtype, update_l2.dtype} == {np.dtype(np.float32)}


def test_the_notebooks_gradient_is_that_of_ten_times_the_loss_it_logs() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(6, 8)), np.array([0, 3, 9, 3, 1, 7])
    weights = rng.normal(size=(8, 5)), rng.normal(size=(5, 10))
    _, logits, *gradients = article.forward_backward(x, y, *weights)
    assert logits == pytest.approx(article.forward(x, *weights))
    direction = [rng.normal(size=w.shape) for w in weights]
    ahead, behind = (
        article.forward_backward(x, y, *(w + h * d for w, d in zip(weights, direction, strict=True)))[0]
        for h in (1e-6, -1e-6)
    )
    slope = sum((g * d).sum() for g, d in zip(gradients, direction, strict=True))
    assert 10 * (ahead - behind) / 2e-6 == pytest.approx(slope, rel=1e-6)


def test_the_drawn_digits() -> None:
    assert article.drawn(article.SEVEN, 10).shape == (1, 784)
    seven = article.drawn(article.SEVEN, 10).reshape(28, 28)
    assert set(np.unique(seven)) == {0, 10}
    assert (seven[4:8, 8:20] == 10).all()  # the bar
    assert (seven[4:24, 16:20] == 10).all()  # the stroke
    assert (seven > 0).sum() == 12 * 4 + 16 * 4
    one = article.drawn(article.ONE, 10).reshape(28, 28)
    assert (one[4:24, 12:16] == 10).all()
    assert (one > 0).sum() == 20 * 4
    four = article.drawn(article.FOUR, 1).reshape(7, 4, 7, 4)
    rows = ["0000000", "0010100", "0010100", "0011110", "0000100", "0000100", "0000000"]
    assert four[:, 0, :, 0].tolist() == [[int(square) for square in row] for row in rows]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "as_printed"}, "no run 'as_printed'; did you mean as-printed? choose from as-printed,"),
        ({"name": "Notebook"}, "did you mean notebook?"),
        ({"name": "xyz"}, "no run 'xyz'; choose from as-printed, repository, notebook"),
        ({"name": "notebook", "iterations": 0}, "iterations is 0; it must be at least 1"),
        ({"name": "repository", "iterations": -5}, "iterations is -5; it must be at least 1"),
        ({"name": "as-printed", "validate_every": 0}, "validate_every is 0; it must be at least 1"),
        ({"name": "as-printed", "split_seed": -1}, "split_seed is -1; it must be from 0 to 4294967295"),
        ({"name": "as-printed", "split_seed": 2**32}, "split_seed is 4294967296"),
    ],
)
def test_what_cannot_be_run_is_refused(asked: dict, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article, "load", lambda name: pytest.fail("nothing need be read for that"))
    with pytest.raises(SettingError) as caught:
        article.run(**asked)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_data_of_another_size_is_refused(mnist: Dataset) -> None:
    few = replace(mnist, name="few", train=mnist.train.take(range(100)))
    with pytest.raises(DataError, match=r"^few has training images of the shape \(100, 28, 28\)"):
        article.run("as-printed", data=few)
    more = replace(mnist, name="more", classes=tuple("0123456789A"))
    with pytest.raises(DataError, match="and 11 classes"):
        article.run("notebook", data=more)


def test_it_shares_no_code_with_the_package_and_counts_its_mistakes() -> None:
    source = Path(article.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"^\s*(?:from|import) (byhand\S*)", source, re.M)) == {
        "byhand.datasets",
        "byhand.errors",
    }
    numbers = [int(number) for number in re.findall(r"MISTAKE (\d+):", source)]
    assert numbers == list(range(1, len(numbers) + 1))
