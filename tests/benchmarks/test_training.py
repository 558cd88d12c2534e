"""Training: what a fit may and may not do to the weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks import training
from detectors.model import model


def table(tmp_path: Path, rows: Sequence[tuple[str, bool, dict[str, float]]]) -> training.Table:
    """The table of posts given as (layout, is a leak, features)."""
    file = tmp_path / "features.jsonl"
    lines = [
        json.dumps({"id": str(n), "layout": layout, "leak": leak, "features": features})
        for n, (layout, leak, features) in enumerate(rows)
    ]
    file.write_text("\n".join(lines))
    return training.read_table([file])


ROWS = [
    *(("letter", True, {"name": 1.0, "care": 0.9, "against": 0.1}) for _ in range(6)),
    ("list", True, {"people": 1.0, "care": 0.7}),
    *(("poster", False, {"care": 0.8, "against": 0.9}) for _ in range(3)),
    ("order", False, {"number_unlabelled": 0.4}),
]


def test_layouts_and_sides_weigh_the_same(tmp_path: Path) -> None:
    """Six pictures of one layout count as much as one of another; leaks as much as benign posts."""
    made = table(tmp_path, ROWS)
    shares = dict.fromkeys(made.layouts, 0.0)
    for layout, share in zip(made.layouts, made.weights, strict=True):
        shares[layout] += share
    assert shares == pytest.approx({"letter": 0.25, "list": 0.25, "poster": 0.25, "order": 0.25})


def test_a_fit_keeps_signs_and_stays_where_there_is_no_data(tmp_path: Path) -> None:
    """No weight changes its sign, an unseen feature keeps its start, and the fit tells the sides apart."""
    made = table(tmp_path, ROWS)
    weights = training.fit(made, 0.003)
    for name, weight in zip(made.names, weights[1:], strict=True):
        assert weight * training.START[name] >= 0
    assert weights[1 + made.names.index("nino")] == pytest.approx(training.START["nino"])
    found = training.scores(weights, made)
    assert found[made.leak].min() > found[~made.leak].max()


def test_a_stronger_pull_stays_nearer_to_the_start(tmp_path: Path) -> None:
    """The strength is what its name says; the same data and strength give the same weights."""
    made = table(tmp_path, ROWS)
    start = np.array(list(training.START.values()))
    near, far = (np.abs(training.fit(made, s)[1:] - start).sum() for s in (1.0, 0.003))
    assert near < far
    assert (training.fit(made, 0.01) == training.fit(made, 0.01)).all()


def test_a_layout_is_left_out_whole(tmp_path: Path) -> None:
    """Every post is left out once, and never without the others of its layout."""
    made = table(tmp_path, ROWS)
    times = np.zeros(len(ROWS))
    for left_out in training.folds(made):
        times += left_out
        inside = {layout for layout, out in zip(made.layouts, left_out, strict=True) if not out}
        assert inside.isdisjoint(layout for layout, out in zip(made.layouts, left_out, strict=True) if out)
    assert (times == 1).all()


def test_the_strongest_pull_that_is_hardly_worse_is_chosen() -> None:
    """Within one standard error of the best, more caution wins; beyond it, the better fit does."""
    assert training.choose({0.01: (0.10, 0.02), 0.1: (0.11, 0.02), 1.0: (0.13, 0.02)}) == 0.1
    assert training.choose({0.01: (0.10, 0.001), 0.1: (0.11, 0.02)}) == 0.01


def test_the_shipped_model_has_every_feature_with_its_sign() -> None:
    """`detectors/model.toml` is a fit's: the features of START, none turned round."""
    weights = model().weights
    assert list(weights) == list(training.START)
    assert all(weight * training.START[name] >= 0 for name, weight in weights.items())
