"""Loads a register, and kills itself (SIGKILL) at the step it is told to.

`main(DATA_DIR, DATABASE_URL, DIGESTS, KEY, STEP)`, run by tests.services.forks. STEP is "copied" (the file
lies there, no row), "recorded" (before the commit), "committed" (before the retired files are removed), or
"end".
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitor import registers
from monitor.bootstrap import build_core
from monitor.registers import About, NewDigests, load_register
from monitor.settings import Settings

STEPS = {"copied": "copy_in", "recorded": "_take", "committed": "remove_files"}


def die_around(name: str, *, before: bool) -> None:
    """Make a function of the module die before it runs, or after."""
    original: Callable[..., Any] = getattr(registers, name)

    def dying(*args: Any) -> None:
        if not before:
            original(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(registers, name, dying)


def main(data_dir: str, database_url: str, digests: str, key: str, step: str) -> None:
    """Load, or die on the way."""
    core = build_core(Settings(data_dir=Path(data_dir), database_url=database_url))
    if step in STEPS:
        die_around(STEPS[step], before=step == "committed")
    load_register(core, About("pas", "patients"), NewDigests(Path(digests), bytes.fromhex(key)), "test")
