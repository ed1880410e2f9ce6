"""What the tests of the way of a picture share."""

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def number(mnist):
    """Ink (H, W) from 0 to 1 of the first test digits, 100 pixels high, in two lines."""
    ink = np.zeros((600, 900), np.float32)
    for i, image in enumerate(mnist.test.images[:6]):
        x, y = 100 + 220 * (i % 3), 100 + 220 * (i // 3)
        ink[y : y + 140, x : x + 140] = cv2.resize(image, (140, 140), interpolation=cv2.INTER_CUBIC) / 255
    return np.clip(ink, 0, 1)
