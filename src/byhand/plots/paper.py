"""What all pictures have in common: how they are written, their colours, and images in rows.

Figures are made directly, without pyplot, so that nothing global is touched and no window is opened. Lines
differ in dashes and in colours that everyone can tell apart.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from byhand.arrays import Array, Images
from byhand.files import written_whole

BLUE, ORANGE = "#0072b2", "#d55e00"  # of Okabe and Ito's palette for every kind of sight


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, whole or not at all; OutputError when that fails."""
    with written_whole(path) as beside:
        figure.savefig(beside, format="png", dpi=110)


def sheet(
    images: Images, captions: Sequence[str], title: str, across: int = 10, size: float = 0.95
) -> Figure:
    """Images (N, H, W) or (N, H, W, C), each `size` inches wide, with a caption under each."""
    return tiles(images, captions, title, across, size, cmap="gray_r", vmin=0, vmax=255)


def tiles(
    images: Array | Images,
    captions: Sequence[str],
    title: str,
    across: int,
    size: float = 0.95,
    **colours: Any,
) -> Figure:
    """Images in rows of `across`, all in one axes: an axes for each would take matplotlib seconds.

    A tile is 1 wide, with a gap beside it and room for the lines of the captions below it.
    """
    across = max(1, min(across, len(images)))
    down = max(1, -(-len(images) // across))
    lines = max((caption.count("\n") + 1 for caption in captions if caption), default=0)
    tall = images.shape[1] / images.shape[2]
    wide, high = 1.08, tall + 0.08 + 0.16 * lines / size  # a line is 0.16 inches high
    figure = Figure(figsize=(max(5.0, size * across * wide), size * down * high + 0.5), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_title(title)
    for number, (image, caption) in enumerate(zip(images, captions, strict=True)):
        x, y = number % across * wide, number // across * high
        axes.imshow(image, extent=(x, x + 1, y + tall, y), **colours)
        axes.add_patch(Rectangle((x, y), 1, tall, fill=False, edgecolor="#cccccc"))
        axes.text(x + 0.5, y + tall + 0.06, caption, ha="center", va="top", fontsize=8)
    axes.set(xlim=(-0.02, across * wide), ylim=(down * high, -0.02), aspect="equal")
    return figure
