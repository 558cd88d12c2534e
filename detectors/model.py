"""The decision models: what each feature weighs, and from which score a post alerts.

`model.toml` beside this file judges posts with pictures (written by `python -m benchmarks.training`);
`words_model.toml` judges posts that have none, or none in which anything was found (`python -m
benchmarks.wording`). docs/detection.md tells how they came about and how good they are.
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
    """The shipped model of posts with pictures."""
    return _read("model")


@cache
def words_model() -> Model:
    """The shipped model of posts of words alone; the thresholds are the same."""
    return _read("words_model")


def _read(name: str) -> Model:
    document = tomllib.loads(files("detectors").joinpath(f"{name}.toml").read_text("utf-8"))
    thresholds = document.get("thresholds") or model().thresholds
    return Model(
        float(document["bias"]),
        MappingProxyType({feature: float(weight) for feature, weight in document["weights"].items()}),
        MappingProxyType({preset: float(thresholds[preset]) for preset in PRESETS}),
    )
