"""The parts that almost everything needs, built once by `monitor.bootstrap` and passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.blobs import Blobs
from monitor.settings import Settings
from monitor.storage.base import utc_now
from monitor.storage.database import Database
from monitor.vault import Vault


@dataclass(frozen=True)
class Core:
    """Settings, database, vault, blobs and clock of one process."""

    settings: Settings
    database: Database
    vault: Vault
    blobs: Blobs
    now: Callable[[], datetime] = utc_now
