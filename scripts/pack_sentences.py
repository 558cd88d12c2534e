"""Pack the lite Universal Sentence Encoder: FOLDER gets sentences.onnx and pieces.tsv.

The original is a TensorFlow.js graph model. Its two transformer layers are written down again for
onnxruntime, for one text at a time. The weights get a byte each: seven bits where they are multiplied, so
that the sums of eight-bit products cannot overflow on processors without VNNI instructions.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization

from detectors.networks import session
from detectors.wording.sentences import MOST_PIECES, SIZE, pieces_in

FEED = Path(__file__).parents[1] / "monitor/demo/feed/posts.jsonl"

OPSET, IR = 17, 9
HEADS = 4
UNUSED = 6
"""The first pieces stand for what is unknown and for beginnings and ends, which this encoder does not use."""
_STACK = "module_apply_default/Encoder_en/KonaTransformer/Encode/"
_RUN = f"{_STACK}TransformerStack/"
_KERNEL = "module/Encoder_en/KonaTransformer/Encode/"
_WHOLE = "/ConcatPartitions/concat"
_TYPES = {"float32": np.float32, "int32": np.int32}


def weights_of(folder: Path) -> dict[str, npt.NDArray[Any]]:
    """The constants of a TensorFlow.js graph model by name."""
    found = {}
    for group in json.loads((folder / "model.json").read_text("utf-8"))["weightsManifest"]:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        at = 0
        for entry in group["weights"]:
            values = np.frombuffer(data, _TYPES[entry["dtype"]], int(np.prod(entry["shape"])), at)
            found[entry["name"]] = values.reshape(entry["shape"])
            at += values.nbytes
    return found


class Graph:
    """A graph while it is written: each method adds one step and gives the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: npt.ArrayLike, kind: Any = np.float32) -> str:
        """A tensor of its own."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=kind), name))
        return name

    def step(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """The result of an operation; a tuple where there are several."""
        names = [f"n{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=names[0], **attributes))
        return names[0] if outputs == 1 else tuple(names)

    def dense(self, value: str, kernel: npt.NDArray[Any], bias: npt.NDArray[Any]) -> Any:
        """value @ kernel + bias."""
        product = self.step("MatMul", value, self.constant(kernel))
        return self.step("Add", product, self.constant(bias))


class Writer:
    """Writes the encoder down from its weights."""

    def __init__(self, weights: dict[str, npt.NDArray[Any]]) -> None:
        self.graph, self._weights = Graph(), weights

    def write(self) -> onnx.ModelProto:
        """The model: `pieces`, int64 of shape (n,), in; `point`, shape (1, SIZE) and length 1, out."""
        graph = self.graph
        value = self._placed()
        for number in range(2):
            value = self._layer(number, value)
        value = graph.step("ReduceMean", value, axes=[0], keepdims=1)
        hidden = "hidden_layers/tanh_layer_0"
        kernel = self._weights[f"module/Encoder_en/{hidden}/weights"]
        value = graph.dense(value, kernel, self._weights[f"module/Encoder_en/{hidden}/bias"])
        value = graph.step("LpNormalization", graph.step("Tanh", value), axis=1, p=2)
        graph.nodes[-1].output[0] = "point"
        pieces = helper.make_tensor_value_info("pieces", TensorProto.INT64, ["n"])
        point = helper.make_tensor_value_info("point", TensorProto.FLOAT, [1, SIZE])
        whole = helper.make_graph(graph.nodes, "sentences", [pieces], [point], graph.constants)
        return helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)

    def _placed(self) -> str:
        """Twice each piece's vector (that is how it was trained) plus the wave of its place."""
        graph, table = self.graph, self._weights["module/Embeddings_en"]
        scale = float(np.abs(table).max()) / 127
        rows = graph.step("Gather", graph.constant(np.round(table / scale), np.int8), "pieces")
        scaled = graph.step("DequantizeLinear", rows, graph.constant(2 * scale), graph.constant(0, np.int8))
        steps = self._weights[f"{_RUN}Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1"]
        angles = np.arange(MOST_PIECES)[:, None] * steps
        waves = graph.constant(np.hstack([np.sin(angles), np.cos(angles)]))
        count = graph.step("Shape", "pieces")
        zero = graph.constant([0], np.int64)
        return str(graph.step("Add", scaled, graph.step("Slice", waves, zero, count, zero)))

    def _layer(self, number: int, value: str) -> str:
        graph, name = self.graph, f"Layer_{number}/TransformerLayer/"
        kept = value
        if number == 0:
            dense = f"{_STACK}{name}dense/"
            kept = graph.dense(value, self._of(f"{dense}kernel"), self._of(f"{dense}bias"))
        value = graph.step("Add", kept, self._attention(name, self._normed(name, value)))
        inner = f"{_RUN}{name}FFN/"
        hidden = self._normed(f"{name}FFN/", value)
        hidden = graph.dense(hidden, self._weights[f"{inner}conv1/Tensordot/Reshape_1"],
                             self._of(f"{_STACK}{name}FFN/conv1/bias"))  # fmt: skip
        hidden = graph.dense(graph.step("Relu", hidden), self._weights[f"{inner}conv2/Tensordot/Reshape_1"],
                             self._of(f"{_STACK}{name}FFN/conv2/bias"))  # fmt: skip
        return str(graph.step("Add", value, hidden))

    def _attention(self, name: str, value: str) -> str:
        graph, head = self.graph, f"{name}MultiheadAttention/"
        kernel = self._weights[f"{_KERNEL}{head}qkv_transform_single/kernel/part_0"][0, 0]
        bias = self._of(f"{_STACK}{head}qkv_transform_single/bias")
        width = kernel.shape[1] // 3
        shape = graph.constant([-1, HEADS, width // HEADS], np.int64)
        parts = graph.step("Split", graph.dense(value, kernel, bias), outputs=3, axis=1)
        asked, known, told = (graph.step("Reshape", part, shape) for part in parts)
        asked = graph.step("Transpose", asked, perm=[1, 0, 2])
        known = graph.step("Transpose", known, perm=[1, 2, 0])
        told = graph.step("Transpose", told, perm=[1, 0, 2])
        sums = graph.step("Mul", graph.step("MatMul", asked, known), graph.constant((width // HEADS) ** -0.5))
        heard = graph.step("MatMul", graph.step("Softmax", sums, axis=-1), told)
        joined = graph.step("Transpose", heard, perm=[1, 0, 2])
        joined = graph.step("Reshape", joined, graph.constant([-1, width], np.int64))
        kernel = self._weights[f"{_KERNEL}{head}output_transform_single/kernel/part_0"][0, 0]
        return str(graph.dense(joined, kernel, self._of(f"{_STACK}{head}output_transform_single/bias")))

    def _normed(self, name: str, value: str) -> str:
        norm = f"{_STACK}{name}layer_prepostprocess/layer_norm/layer_norm_"
        scale, bias = (self.graph.constant(self._of(f"{norm}{part}")) for part in ("scale", "bias"))
        return str(self.graph.step("LayerNormalization", value, scale, bias, axis=-1, epsilon=1e-6))

    def _of(self, name: str) -> npt.NDArray[Any]:
        return self._weights[f"{name}{_WHOLE}"]


def pieces_of(folder: Path) -> str:
    """A piece and its log-probability a row; those that no text is cut into are empty rows."""
    rows = json.loads((folder / "vocab.json").read_text("utf-8"))
    used = (place >= UNUSED and score is not None for place, (_, score) in enumerate(rows))
    lines = (f"{piece}\t{score:.4f}" if use else "" for use, (piece, score) in zip(used, rows, strict=True))
    return "\n".join(lines) + "\n"


def least_cosine(whole: Path, packed: Path) -> float:
    """How near the packed encoder's points are to the whole one's, on the sample feed's texts."""
    texts = [json.loads(row)["text"] for row in FEED.read_text("utf-8").splitlines()]
    pieces = [np.array(known[:MOST_PIECES], np.int64) for text in texts if (known := pieces_in(text))]
    points = [
        [network.run(None, {"pieces": each})[0][0] for each in pieces]
        for network in map(session, (whole, packed))
    ]
    return float(np.sum(np.multiply(*points), axis=1).min())


def pack(source: Path, folder: Path) -> None:
    """Make both files from the `dist` folder of the npm package, and say how much packing changed."""
    (folder / "pieces.tsv").write_text(pieces_of(source), "utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        model = Writer(weights_of(source)).write()
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, whole)
        quantization.quantize_dynamic(
            whole,
            folder / "sentences.onnx",
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=quantization.QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        print(f"least cosine to the whole encoder: {least_cosine(whole, folder / 'sentences.onnx'):.4f}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
