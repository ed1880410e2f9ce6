"""The model: a network with all that is needed to use it, and its file.

The file is in safetensors' form: a JSON header, then raw numbers. Nothing in it can run, unlike a
pickle. The tensors are the network's parameters, named by layer and parameter ("1.W"); the rest is one
JSON text in the header's metadata, under the key "byhand".
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from byhand.arrays import Array, Images, Shape
from byhand.datasets import Dataset
from byhand.errors import ModelError, SettingError
from byhand.files import written_whole
from byhand.functions import softmax
from byhand.images import PictureForm, Preprocessing
from byhand.layers import LAYERS, Layer
from byhand.network import Network, ask
from byhand.refusal import Refusal

FORMAT = 3
"""Version of what the metadata holds; a file of a higher one comes from a newer byhand.

1  network, preprocessing, classes, history, provenance
2  also form and refusal, each possibly null
3  the tensors may be in half precision
"""

DTYPES = {"float32": "F32", "float64": "F64"}
"""Names of the number types, in NumPy and in safetensors."""

HALF = "F16"
"""Name of the type of half as many bits, in which a network may lie in its file but does not work."""

Settings = TypeVar("Settings", PictureForm, Refusal)

AGAIN = "train one with: byhand train"


@dataclass(frozen=True)
class Model:
    """A network, how its pixels are prepared, what its classes are called, and where it comes from.

    `form` is how pictures are brought into the form of the images that it learnt from, `refusal` how honest
    its probabilities are made and how sure an answer must be; with that, classes may follow that are no
    answers. `history` holds the reports of its training and `provenance` how it was made (versions, seed,
    data, recipe), both as plain JSON values.
    """

    network: Network
    classes: tuple[str, ...]
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    history: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    form: PictureForm | None = None
    refusal: Refusal | None = None

    def __post_init__(self) -> None:
        """Refuse names that do not match the network's outputs, and more answers than names."""
        if len(self.classes) != self.network.classes:
            raise SettingError(
                f"{len(self.classes)} class names for {self.network.classes} outputs of the network;"
                " give one each"
            )
        if self.refusal is not None and self.refusal.classes > len(self.classes):
            raise SettingError(
                f"{self.refusal.classes} answers of {len(self.classes)} classes; there can be no more"
            )

    @property
    def answers(self) -> tuple[str, ...]:
        """Names of the classes that are answers: all but those which say that there is none."""
        return self.classes if self.refusal is None else self.classes[: self.refusal.classes]

    @property
    def image_shape(self) -> Shape:
        """Shape (H, W) or (H, W, C) of the images that the model reads."""
        return self.network.input_shape

    def check_fits(self, dataset: Dataset) -> None:
        """Raise SettingError unless the data set has such images and as many classes as there are answers."""
        for what, here, there in [
            ("images of shape", self.image_shape, dataset.test.images.shape[1:]),
            ("classes in number", len(self.answers), len(dataset.classes)),
        ]:
            if here != there:
                raise SettingError(
                    f"{dataset.name} has {what} {there}, the model {here}; choose data like its own"
                )

    def probabilities(self, images: Images) -> Array:
        """Probability of each class (N, K) for images (N, H, W) uint8, ink bright on dark.

        They are calibrated if the model knows how. Raises SettingError when the images have another shape
        than the model's, or are no bytes.
        """
        if images.shape[1:] != self.image_shape:
            raise SettingError(
                f"images of shape {images.shape[1:]} for a model of {self.image_shape}; prepare them first"
            )
        if images.dtype != np.uint8:
            raise SettingError(f"images of {images.dtype}; give uint8, 0 for paper and 255 for ink")
        logits = ask(self.network, images, self.preprocessing)
        return softmax(logits, out=logits) if self.refusal is None else self.refusal.probabilities(logits)

    def predict(self, images: Images) -> NDArray[np.int64]:
        """Most probable answer (N,) to images (N, H, W) uint8, however sure."""
        answers: NDArray[np.int64] = self.probabilities(images)[:, : len(self.answers)].argmax(axis=1)
        return answers

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file, whole or not at all; OutputError when that fails.

        A network whose numbers all have half precision (Network.halve) is written in it.
        """
        from safetensors.numpy import save

        description = {
            "format": FORMAT,
            "input_shape": self.network.input_shape,
            "dtype": self.network.dtype.name,
            "layers": [{"layer": type(layer).__name__} | asdict(layer) for layer in self.network.layers],
            "preprocessing": asdict(self.preprocessing),
            "classes": self.classes,
            "history": self.history,
            "provenance": self.provenance,
            "form": self.form and asdict(self.form),
            "refusal": self.refusal and asdict(self.refusal),
        }
        tensors = _tensors(self.network)
        if self.network.halved:
            tensors = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
        content = save(tensors, {"byhand": json.dumps(description)})
        with written_whole(Path(path)) as beside:
            beside.write_bytes(content)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Model":
        """Read a model from its file.

        Raises ModelError when the file is missing, truncated, no model, made by a newer byhand, or when
        its tensors are not those of the network that it describes.
        """
        from safetensors import SafetensorError, safe_open

        path = Path(path)
        if not path.is_file():
            raise ModelError(f"there is no file {path}; {AGAIN}")
        try:
            with safe_open(path, framework="np") as file:
                description = _read_description(path, (file.metadata() or {}).get("byhand"))
                layers = _read_layers(path, description)
                slices = {name: file.get_slice(name) for name in list(file.keys())}
                found = {name: (tuple(part.get_shape()), part.get_dtype()) for name, part in slices.items()}
                _check_tensors(path, layers, DTYPES[description["dtype"]], found)
                network = Network(layers, description["input_shape"], description["dtype"])
                for name, view in _tensors(network).items():
                    view[...] = file.get_tensor(name)
            return cls(
                network,
                tuple(map(str, description["classes"])),
                Preprocessing(**description["preprocessing"]),
                tuple(description["history"]),
                description["provenance"],
                _read_settings(PictureForm, description.get("form")),
                _read_settings(Refusal, description.get("refusal")),
            )
        except SafetensorError as error:
            raise ModelError(f"{path} is no whole model file ({error}); {AGAIN}") from error
        except OSError as error:
            raise ModelError(f"cannot open the model {path}: {error.strerror or error}; {AGAIN}") from error
        except (KeyError, TypeError, ValueError, AttributeError, SettingError) as error:
            raise ModelError(f"{path} describes itself wrongly ({error!r}); {AGAIN}") from error


def _read_description(path: Path, text: str | None) -> dict[str, Any]:
    """Metadata of a model file."""
    if text is None:
        raise ModelError(f"{path} holds tensors, but not a byhand model; {AGAIN}")
    description: dict[str, Any] = json.loads(text)
    if description["format"] > FORMAT:
        raise ModelError(
            f"{path} has model format {description['format']}, this byhand reads up to {FORMAT};"
            " install a newer one"
        )
    return description


def _read_settings(kind: type[Settings], values: Mapping[str, Any] | None) -> Settings | None:
    """What a file says of the form or the refusal; None if nothing."""
    return None if values is None else kind(**values)


def _read_layers(path: Path, description: Mapping[str, Any]) -> list[Layer]:
    """Layers that the metadata describes."""
    layers = []
    for entry in description["layers"]:
        settings = dict(entry)
        kind = settings.pop("layer")
        if kind not in LAYERS:
            raise ModelError(f"{path} has a layer {kind!r}, unknown to this byhand; install a newer one")
        layers.append(LAYERS[kind](**settings))
    return layers


def _check_tensors(path: Path, layers: list[Layer], dtype: str, found: dict[str, tuple[Shape, str]]) -> None:
    """Refuse tensors that are not those of the layers, before any memory is taken for them.

    Instead of the network's own type they may have half precision.
    """
    expected = {
        f"{position}.{name}": (shape, dtype)
        for position, layer in enumerate(layers)
        for name, shape in (layer.parameters() | layer.statistics()).items()
    }
    for problem, names in [
        ("lacks", expected.keys() - found.keys()),
        ("has too much:", found.keys() - expected.keys()),
    ]:
        if names:
            raise ModelError(f"{path} {problem} the tensors {', '.join(sorted(names))}; {AGAIN}")
    for name, (shape, kind) in expected.items():
        if found[name] not in [(shape, kind), (shape, HALF)]:
            raise ModelError(f"{path} has tensor {name} of {found[name]}, not of {shape, kind}; {AGAIN}")


def _tensors(network: Network) -> dict[str, Array]:
    """Views of a network's parameters by the names that they have in a file."""
    return {
        f"{position}.{name}": view
        for position, p in enumerate(network.parameters)
        for name, view in vars(p).items()
    }
