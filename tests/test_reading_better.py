"""Of two sights of a picture, which is clear and which is the better one."""

import cv2
import numpy as np
from helpers import photograph, write_on

from byhand.images import Mark, follow
from byhand.reading import load_reader
from byhand.reading.choosing import Chosen
from byhand.reading.sight import Reader, Sight


def sight_of(label, *sure):
    """As many digits of this label, as sure as that."""
    way = follow(np.full((60, 60), 220, np.uint8))
    mark = Mark(0, 0, np.ones((30, 20), np.float32))
    segments = tuple(Chosen(mark, np.zeros((28, 28), np.uint8), np.zeros(11), 0) for _ in sure)
    return Sight(way, segments, np.full(len(sure), label), np.array(sure), np.zeros(len(sure), bool))


def test_what_is_read_surely_is_worth_more_than_more_digits_that_are_not():
    assert sight_of(0, 0.99, 0.99).worth > sight_of(0, 0.99, 0.99, 0.3).worth
    assert sight_of(0, 0.99, 0.99).worth < sight_of(0, 0.99, 0.99, 0.9).worth


def test_what_is_not_sure_on_the_whole_is_looked_at_in_other_ways():
    """Two pieces of an edge are ones, but not surely."""
    reader = Reader(load_reader())
    assert not reader.is_clear(sight_of(1, 0.67, 0.67))
    assert reader.is_clear(sight_of(1, 0.99, 0.97))
    assert reader.is_clear(sight_of(4, 0.99, 0.99, 0.99, 0.99, 0.6))


def test_a_clear_sight_is_not_bettered_by_strokes_that_stand_apart_for_these_may_be_edges(mnist):
    greys = np.full((500, 1000), 215.0)
    text = write_on(greys, mnist, 4, 110, 100, 200)
    reader = Reader(load_reader())
    first = reader.see(follow(photograph(greys)))
    edged, longer = greys.copy(), greys.copy()
    edged[210:300, 800:808] = 60
    longer[210:300, 550:558] = 60  # a 1 at the end of the number
    edged, longer = (reader.see(follow(photograph(picture))) for picture in (edged, longer))
    assert first.count == len(text)
    assert edged.count == longer.count == len(text) + 1
    assert reader.better(first, edged, doubtful=False) is first
    assert reader.better(first, longer, doubtful=False) is longer


def test_what_is_surely_read_at_first_must_be_seen_in_a_second_way_too(mnist):
    """Through a narrow window a digit may fall into two; where others are added, all stays."""
    reader = Reader(load_reader())
    pictures = []
    for indices in ([0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 4, 0, 2]):
        greys = np.full((500, 1000), 215.0)
        for i, index in enumerate(indices):
            image = cv2.resize(mnist.test.images[index], (110, 110), interpolation=cv2.INTER_CUBIC)
            greys[200:310, 100 + 130 * i : 210 + 130 * i] *= 1 - 0.7 * image.clip(0, 255) / 255
        pictures.append(reader.see(follow(photograph(greys))))
    first, more, other = pictures
    assert (first.count, more.count, other.count) == (4, 5, 5)
    assert more.confirms(first, ~first.refused)
    assert not other.confirms(first, ~first.refused)
    assert reader.better(first, more, doubtful=False) is more
    assert reader.better(first, other, doubtful=False) is first


def test_strokes_that_stand_apart_need_not_be_seen_in_a_second_way(mnist):
    """What is left of squares are surely ones, and hide what was read through another window."""
    reader = Reader(load_reader())
    number, edged = np.full((500, 1000), 215.0), np.full((500, 1000), 215.0)
    text = write_on(number, mnist, 7, 110, 60, 200)
    write_on(edged, mnist, 4, 110, 60, 200)
    for x in (680, 920):
        cv2.line(edged, (x, 210), (x, 300), 60, 8)
    second, first = (reader.see(follow(photograph(greys))) for greys in (number, edged))
    assert (first.count, second.count) == (6, len(text))
    assert not second.confirms(first, ~first.refused)
    assert second.confirms(first, reader._telling(first))
    assert reader._telling(first).sum() == 4
    assert reader.better(first, second, doubtful=False) is second
