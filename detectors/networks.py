"""How the shipped networks are run: by onnxruntime, on one thread (there is a worker for each core)."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def session(path: Path) -> Any:
    """An `onnxruntime.InferenceSession` of a file, loaded."""
    import onnxruntime  # noqa: PLC0415 - slow to load

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
