"""The decision model: what each feature weighs, and from which score a post alerts.

The numbers are in `model.toml` beside this file, as the training command wrote them
(`python -m benchmarks.training`); docs/detection.md tells how they came about and how good they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

Preset = Literal["precision", "balanced", "recall"]
PRESETS: tuple[Preset, ...] = get_args(Preset)


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model: the logit is `bias` + the sum of weight x feature; thresholds are scores (0-1)."""

    bias: float
    weights: Mapping[str, float]
    thresholds: Mapping[Preset, float]


@cache
def model() -> Model:
    """The shipped model."""
    document = tomllib.loads(files("detectors").joinpath("model.toml").read_text("utf-8"))
    thresholds = {preset: float(document["thresholds"][preset]) for preset in PRESETS}
    return Model(
        float(document["bias"]),
        MappingProxyType({name: float(weight) for name, weight in document["weights"].items()}),
        MappingProxyType(thresholds),
    )
