"""Which ink makes one digit: the network's own probabilities decide.

A line of marks is cut into atoms, from left to right, and a segment is a run of neighbouring atoms
(byhand.reading.segments). A reading of the line is a way to part its atoms into segments. The best reading is
the one whose probabilities have the largest product; it is found by dynamic programming, since the best
reading up to an atom does not depend on what comes after (Matan, Burges, LeCun, Denker: Multi-digit
recognition using a space displacement neural network, 1992; LeCun et al., 1998, section V).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Images
from byhand.images import Mark, PictureForm, mnist_forms
from byhand.reading.segments import CUT, MOSTLY, SURE, Pieces, Segment
from byhand.refusal import Refusal

Ask = Callable[[Images], Array]
"""Probabilities (N, K) of images (N, 28, 28)."""

HARDLY, LARGELY = 1 / 8, 1 / 2
"""Where a smaller share of more than FEW, or of more than A_PAGE marks, is surely a digit, nothing is cut:
in a cloud of dust, or on a page of print, much could be asked, and nothing would come of it."""

FEW, A_PAGE = 6, 60
"""Marks: so many may be a number of touching digits; more than so many are hardly on a note."""

NO_DIGIT = 1.5
"""What it costs, in nats, to take a segment as large as a digit for none; more if it is larger,"""

WIDEST = 2.0
"""up to so many times a digit's height or width."""

ALIKE = 0.4
"""Digits of a line are alike in size: so much is the logarithm of their height, by the usual one, expected to
vary (a standard deviation)."""

AS_HIGH = 1.5
"""Digits of different lines are of one height, or differ by less than this."""

SEVERAL, CERTAIN = 3, 0.9
"""Where cuts are dear, since all may be words, so many digits that are on the average as sure as this are
none."""

A_BIT = 10.0
"""To take a bit of a mark for a digit costs so much, in nats."""


@dataclass(frozen=True)
class Chosen:
    """One segment of the best reading: its mark, what the network saw, what it said (K,), its line."""

    mark: Mark
    image: Images
    probabilities: Array
    line: int


def choose_segments(
    lines: Sequence[Sequence[Mark]], ask: Ask, refusal: Refusal, form: PictureForm, plain: Sequence[int]
) -> list[Chosen]:
    """The best reading of each line, from top to bottom and left to right.

    `plain` are the classes that any stroke and any ring looks like.

    Where digits were found that touch, they are marks by themselves from then on, and all is read once more:
    now there are digits, so more is known of their height, and of the other marks: these may touch, too.
    """
    chosen, before = _choose(lines, ask, refusal, form, plain)
    sure = sum(float(one.probabilities[: refusal.classes].max()) > SURE for one in chosen)
    if before < sure < len(chosen) and sure >= MOSTLY * len(chosen):
        found = [[one.mark for one in chosen if one.line == number] for number in range(len(lines))]
        chosen, _ = _choose(found, ask, refusal, form, plain)
    return chosen


def _choose(
    lines: Sequence[Sequence[Mark]], ask: Ask, refusal: Refusal, form: PictureForm, plain: Sequence[int]
) -> tuple[list[Chosen], int]:
    """The best reading by what is known of the marks alone, and how many of these are surely digits."""
    marks = [mark for line in lines for mark in line]
    if not marks:
        return [], 0
    images = mnist_forms([mark.ink for mark in marks], form)
    probabilities = ask(images)
    sureness = probabilities[:, : refusal.classes].max(axis=1)
    surely = sureness > SURE
    may_cut = len(marks) <= FEW or surely.mean() >= (HARDLY if len(marks) <= A_PAGE else LARGELY)
    in_pieces: list[Pieces] = []
    segments: list[Segment] = []
    position, usual = 0, usual_height(marks, sureness)
    for number, line in enumerate(lines):
        here = slice(position, position + len(line))
        height = usual_height(line, sureness[here])
        if surely.any() and surely[here].mean() < LARGELY:
            height = _as_elsewhere(line, surely[here], height, usual)
        elsewhere = float(np.delete(surely, here).mean()) if len(line) < len(marks) else 0.0
        pieces = Pieces(number, line, height, sureness[here], elsewhere, may_cut)
        in_pieces.append(pieces)
        segments += pieces.segments()
        position += len(line)
    known = {id(mark): place for place, mark in enumerate(marks)}
    new = [segment for segment in segments if id(segment.mark) not in known]
    for place, segment in enumerate(new, len(marks)):
        segment.row = place
    for segment in segments:
        if segment.row < 0:
            segment.row = known[id(segment.mark)]
    if new:
        more = mnist_forms([segment.mark.ink for segment in new], form)
        images = np.concatenate([images, more])
        probabilities = np.concatenate([probabilities, ask(more)])
    chosen = []
    for number, pieces in enumerate(in_pieces):
        mine = [segment for segment in segments if segment.line == number]
        best = _best(len(pieces.atoms), mine, probabilities, refusal, plain, pieces.cut)
        if pieces.cut > CUT:
            often_cut = _best(len(pieces.atoms), mine, probabilities, refusal, plain, CUT)
            if _are_certain(probabilities[[segment.row for segment in often_cut]], refusal, plain):
                best = often_cut
        chosen += [
            Chosen(segment.mark, images[segment.row], probabilities[segment.row], number) for segment in best
        ]
    return chosen, int(np.count_nonzero(surely))


def _are_certain(probabilities: Array, refusal: Refusal, plain: Sequence[int]) -> bool:
    """Whether marks with these probabilities (N, K) are surely a number: several digits, not one of them
    refused, and most of them such as not any stroke or ring is read as. A model that has no class for what is
    no digit is sure of anything."""
    labels, sure, refused = refusal.judge(probabilities)
    if probabilities.shape[1] == refusal.classes or len(labels) < SEVERAL:
        return False
    if refused.any() or np.isin(labels, plain).mean() > LARGELY:
        return False
    return bool(sure.mean() >= CERTAIN)


def usual_height(line: Sequence[Mark], sureness: Array) -> float:
    """Height of a line's digits: the median over its marks, those read surely counting more."""
    heights = np.array([mark.h for mark in line], float)
    order = np.argsort(heights)
    weights = (sureness * heights)[order]
    total = np.cumsum(weights)
    return float(heights[order][np.searchsorted(total, total[-1] / 2)])


def _as_elsewhere(line: Sequence[Mark], surely: NDArray[np.bool_], height: float, usual: float) -> float:
    """Height of a line's digits where few are sure: that of digits elsewhere, if some mark is as high, but no
    sure one is.

    Its own marks may be a word in print, a letter of which looks like a digit, and digits that touch.
    """
    as_high = np.array([1 / AS_HIGH < mark.h / usual < AS_HIGH for mark in line])
    return usual if as_high.any() and not (as_high & surely).any() else height


def _best(
    count: int,
    segments: list[Segment],
    probabilities: Array,
    refusal: Refusal,
    plain: Sequence[int],
    cut: float,
) -> list[Segment]:
    """The segments of the best reading of so many atoms, if a cut costs so much."""
    cost = np.full(count + 1, np.inf)
    cost[0] = 0.0
    via: list[Segment | None] = [None] * (count + 1)
    for segment in sorted(segments, key=lambda segment: segment.last):
        p = probabilities[segment.row]
        digit = float(p[: refusal.classes].max())
        none = float(p[refusal.classes :].sum()) if len(p) > refusal.classes else 1 - digit
        size = max(segment.mark.h, segment.mark.w) / segment.height
        unlike = 0.5 * (np.log(size) / ALIKE) ** 2
        size = min(WIDEST, size)
        reading = min(unlike - np.log(max(digit, 1e-9)), NO_DIGIT * size**2 - np.log(max(none, 1e-9)))
        told = segment.telling and digit > SURE and int(p.argmax()) not in plain
        bit = A_BIT if segment.bit and not told and digit >= refusal.threshold else 0.0
        total = cost[segment.first] + cut * segment.cuts + segment.price + reading + bit
        if total < cost[segment.last + 1]:
            cost[segment.last + 1] = total
            via[segment.last + 1] = segment
    chosen: list[Segment] = []
    end = count
    while end > 0:
        segment_here = via[end]
        assert segment_here is not None
        chosen.append(segment_here)
        end = segment_here.first
    return chosen[::-1]
