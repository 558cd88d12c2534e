"""Pack the text networks of the rapidocr package: FOLDER gets finder.onnx and reader.onnx.

1. The reader's last layer keeps the characters of `is_kept`; the rest are Chinese and Japanese.
2. onnxruntime folds constants and puts GELU's five operations into one, as it would at each start.
3. Static quantisation: the sample feed is read with the full networks, and the ranges of all values between
   their layers are noted. Weights get seven bits a channel, so that on processors without VNNI instructions
   the sums of eight-bit products cannot overflow: the same picture gives the same text everywhere.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper, version_converter
from onnxruntime import quantization

from detectors.image import decode
from detectors.ocr.cascade import BandReader
from detectors.ocr.models import FULL, PACKED, Network, planes

FEED = Path(__file__).parents[1] / "monitor/demo/feed/images"
OPSET = 17
STRIPS = 260
"""How many strips the reader's ranges are taken from; more change nothing that was measured."""
LONGEST = 1200
"""Strips wider than this many pixels are left out: they need much memory and show nothing new."""
LAST_LAYER = ("linear_8.w_0", "linear_8.b_0")
KEPT_APART = "ConvActivationFusion", "ConvAddActivationFusion", "MatMulAddFusion", "BiasGeluFusion"
"""What onnxruntime must not put together, because its quantiser does not know the result."""
FINDER_STEPS = ["Conv", "ConvTranspose", "MatMul", "Add", "Mul", "Concat", "Resize", "MaxPool"]
FINDER_STEPS += ["GlobalAveragePool", "Relu", "Sigmoid", "HardSigmoid"]
READER_STEPS = ["Conv"]
"""More than the convolutions lost digits and saved nothing; depthwise ones stay whole (see `depthwise`)."""
SYMBOLS = "€™℃℉←↑→↓√∞≈≠≤≥■□▪▲▼○●★☆☐☑☒♀♂✓✔✘①②③④⑤⑥⑦⑧⑨⑩αβγδμΔΩ。、《》「」『』【】"


def is_kept(character: str) -> bool:
    """Latin letters of European languages, digits, punctuation, full-width forms, common symbols."""
    code = ord(character)
    ranges = ((0x21, 0x7E), (0xA1, 0x17F), (0x2010, 0x203A), (0xFF01, 0xFF5E))
    return any(first <= code <= last for first, last in ranges) or character in SYMBOLS


class Noted(Network):
    """A network that keeps what it is given."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.seen: list[Any] = []

    def __call__(self, picture: Any) -> Any:
        """The output for a picture."""
        self.seen.append(picture)
        return super().__call__(picture)


class Samples(quantization.CalibrationDataReader):  # type: ignore[misc]
    """Pictures in the form that the quantiser takes."""

    def __init__(self, pictures: Iterable[Any]) -> None:
        self._left: Iterator[Any] = iter(pictures)

    def get_next(self) -> dict[str, Any] | None:
        """The next input, None at the end."""
        picture = next(self._left, None)
        return None if picture is None else {"x": planes(picture)}


def with_kept_characters(model: onnx.ModelProto) -> list[str]:
    """Cut the last layer down; the characters that are left, as the model's metadata lists them."""
    (entry,) = (entry for entry in model.metadata_props if entry.key == "character")
    known = entry.value.splitlines()
    kept = [character for character in known if len(character) == 1 and is_kept(character)]
    columns = [0, *(at for at, character in enumerate(known, 1) if character in kept), len(known) + 1]
    for tensor in model.graph.initializer:
        if tensor.name in LAST_LAYER:
            values = np.ascontiguousarray(numpy_helper.to_array(tensor)[..., columns])
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(columns)
    return kept


def folded(model: onnx.ModelProto, path: Path) -> None:
    """Write the model as onnxruntime would run it, in operations that the quantiser knows."""
    del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 4
    content = version_converter.convert_version(model, OPSET).SerializeToString()
    providers = ["CPUExecutionProvider"]
    onnxruntime.InferenceSession(content, options, providers=providers, disabled_optimizers=list(KEPT_APART))


def depthwise(path: Path) -> list[str]:
    """Convolutions that look at one channel each: little work, and in eight bits the most is lost there."""
    nodes = [node for node in onnx.load(path).graph.node if node.op_type == "Conv"]
    return [node.name for node in nodes if any(a.name == "group" and a.i > 1 for a in node.attribute)]


def quantised(
    source: Path, target: Path, samples: Iterable[Any], steps: list[str], *, whole: Iterable[str] = ()
) -> None:
    """Write the model with eight-bit values and seven-bit weights, all but the nodes in `whole`."""
    quantization.quantize_static(
        source,
        target,
        Samples(samples),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        reduce_range=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        op_types_to_quantize=steps,
        nodes_to_exclude=list(whole),
        calibrate_method=quantization.CalibrationMethod.MinMax,
    )


def samples() -> tuple[list[Any], list[Any]]:
    """What the finder and the reader are given when the sample feed is read."""
    reader = BandReader("noted", FULL)
    finder_file, reader_file = FULL.files()
    models = reader._models
    models.finder, models.reader = Noted(finder_file), Noted(reader_file)
    for path in sorted(FEED.iterdir()):
        for page in decode(path.read_bytes()).pages:
            reader.read(page.pixels)
    strips = [strip for strip in models.reader.seen if strip.shape[1] < LONGEST]
    return models.finder.seen, strips[:: max(1, len(strips) // STRIPS)]


def pack(folder: Path) -> None:
    """Make both files."""
    copies, strips = samples()
    finder_file, reader_file = FULL.files()
    finder, reader = onnx.load(finder_file), onnx.load(reader_file)
    characters = with_kept_characters(reader)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        folded(finder, whole)
        quantised(whole, folder / PACKED.finder, copies, FINDER_STEPS)
        folded(reader, whole)
        quantised(whole, folder / PACKED.reader, strips, READER_STEPS, whole=depthwise(whole))
    named = onnx.load(folder / PACKED.reader)
    onnx.helper.set_model_props(named, {"character": "\n".join(characters)})
    onnx.save(named, folder / PACKED.reader)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    pack(Path(sys.argv[1]))
