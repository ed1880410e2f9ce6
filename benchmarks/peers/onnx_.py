"""onnxruntime, with the same network in an ONNX graph from pixels to probabilities."""

from collections.abc import Callable

import numpy as np
import onnxruntime
import work
from onnx import TensorProto, checker, helper, numpy_helper


def ask(how: str) -> Callable[[np.ndarray], np.ndarray]:
    """A session with as many threads for one operation as `how` says."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(how)
    session = onnxruntime.InferenceSession(graph(), options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"images": images})[0]


def graph() -> bytes:
    """Cast, scale, flatten, 784-128-10 with ReLU, softmax."""
    constants = work.start_dense() | {"scale": np.array(1 / 255, np.float32)}
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pixels", "scale"], ["scaled"]),
        helper.make_node("Flatten", ["scaled"], ["x"]),
        helper.make_node("Gemm", ["x", "W1", "b1"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["h"]),
        helper.make_node("Gemm", ["h", "W2", "b2"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "digits",
            [helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", 28, 28])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
            [numpy_helper.from_array(array, name) for name, array in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    checker.check_model(model)
    return model.SerializeToString()
