"""The register's benchmark, on a small one: every figure is measured, and the targets are met."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from monitor.benchmark.register import measure


@pytest.mark.timeout(120)
def test_every_figure_is_measured(tmp_path: Path) -> None:
    """A register of a thousand people gives each figure, with a number in it."""
    lines = list(measure(1000, tmp_path))
    assert len({line.what for line in lines}) == len(lines) == 13
    assert all(re.search(r"\d", line.figure) for line in lines)
    assert json.dumps([line.target for line in lines]).count("under") == 3
