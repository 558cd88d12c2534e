"""The register's benchmark, on a small one: every figure is measured, and the targets are met."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from monitor.benchmark.register import measure


def test_every_figure_is_measured(tmp_path: Path, sqlite_template: Path) -> None:
    """A register of a thousand people gives each figure, with a number in it."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "leakwatch.db")
    lines = list(measure(1000, tmp_path))
    assert len({line.what for line in lines}) == len(lines) == 13
    assert all(re.search(r"\d", line.figure) for line in lines)
    assert json.dumps([line.target for line in lines]).count("under") == 3
