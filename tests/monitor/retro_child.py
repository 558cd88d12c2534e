"""Looks back a page at a time, and kills itself (SIGKILL) when it is told to.

`main(DATA_DIR, DATABASE_URL, KILL_AFTER)`, run by tests.services.forks; KILL_AFTER as in crash_child.
"""

from __future__ import annotations

from pathlib import Path

from monitor.bootstrap import build_core
from monitor.retro import step
from monitor.settings import Settings
from tests.monitor.crash_child import die_after


def main(data_dir: str, database_url: str, kill_after: str) -> None:
    """Compare all pages, or die on the way."""
    core = build_core(Settings(data_dir=Path(data_dir), database_url=database_url))
    die_after(int(kill_after), core.settings.data_dir)
    while step(core, limit=1):
        pass
