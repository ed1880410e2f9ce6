"""scikit-learn: MLPClassifier."""

import time
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise, repeat

import numpy as np
import sklearn
import work
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

sklearn.set_config(assume_finite=True)  # it need not look for what is not there
warnings.simplefilter("ignore", ConvergenceWarning)  # after so few epochs it has not converged, and says so


class GivenOrder(np.random.RandomState):
    """Shuffles as it was told, so that the batches are the same as everyone's."""

    shuffled: Iterator[np.ndarray]

    def shuffle(self, x: np.ndarray) -> None:
        """Write the next of the given orders over x, which holds 0, 1, 2, ..."""
        x[:] = next(self.shuffled)


def dense(how: str, images: int, epochs: int) -> Callable[[int], dict[str, float]]:
    """Epochs of 784-128-10: fit() with as many iterations, warm-started from the common start."""
    digits = work.mnist().front(images)
    x, labels = digits.flat(), digits.labels
    given = GivenOrder(0)
    classifier = _classifier(given, epochs)
    given.shuffled = repeat(np.arange(images))
    classifier.fit(x, labels)  # makes what warm_start starts from

    def once(number: int) -> dict[str, float]:
        orders = work.orders(number, images, epochs)
        # each epoch's order is that of the one before, shuffled once more
        given.shuffled = iter([orders[0], *(np.argsort(a)[b] for a, b in pairwise(orders))])
        _set_weights(classifier)
        began = time.perf_counter()
        classifier.fit(x, labels)
        seconds = time.perf_counter() - began
        true = classifier.predict_proba(x)[np.arange(images), labels]
        return {"seconds": seconds, "loss": float(-np.log(true, dtype=np.float64).mean())}

    return once


def ask(how: str) -> Callable[[np.ndarray], np.ndarray]:
    """predict_proba."""
    few = work.mnist().front(1000)
    given = GivenOrder(0)
    given.shuffled = repeat(np.arange(1000))
    classifier = _classifier(given, 1).fit(few.flat(), few.labels)
    _set_weights(classifier)
    scale = np.float32(1 / 255)
    return lambda images: classifier.predict_proba(images.reshape(len(images), 784) * scale)


def _classifier(given: GivenOrder, epochs: int) -> MLPClassifier:
    return MLPClassifier(
        (128,),
        solver="sgd",
        alpha=0,
        batch_size=work.BATCH,
        learning_rate_init=work.DENSE_RATE,
        momentum=work.MOMENTUM,
        nesterovs_momentum=True,
        max_iter=epochs,
        warm_start=True,
        n_iter_no_change=10**9,  # from its second round on it would see no improvement
        random_state=given,
    )


def _set_weights(classifier: MLPClassifier) -> None:
    start = work.start_dense()
    classifier.coefs_ = [start["W1"], start["W2"]]
    classifier.intercepts_ = [start["b1"], start["b2"]]
