"""byhand: a neural network worked out by hand, that reads what was written by hand.

    from byhand import Model
    model = Model.load("digits.safetensors")
    model.predict(images)  # (N, 28, 28) uint8, ink bright on dark

`import byhand` itself loads next to nothing: each name below is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byhand.datasets import Dataset, Examples, load, stratified_split
    from byhand.epochs import Report
    from byhand.errors import Error
    from byhand.model import Model
    from byhand.network import Network, Workspace
    from byhand.reading import Digit, Reading, read
    from byhand.training import Evaluation, evaluate, train

__version__ = "0.1.0"

__all__ = [
    "Dataset",
    "Digit",
    "Error",
    "Evaluation",
    "Examples",
    "Model",
    "Network",
    "Reading",
    "Report",
    "Workspace",
    "evaluate",
    "load",
    "read",
    "stratified_split",
    "train",
]

_HOMES = {
    "byhand.datasets": ("Dataset", "Examples", "load", "stratified_split"),
    "byhand.errors": ("Error",),
    "byhand.model": ("Model",),
    "byhand.network": ("Network", "Workspace"),
    "byhand.reading": ("Digit", "Reading", "read"),
    "byhand.epochs": ("Report",),
    "byhand.training": ("Evaluation", "evaluate", "train"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
