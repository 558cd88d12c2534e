"""Which index a process searches."""

from __future__ import annotations

from monitor.core import Core
from monitor.errors import ConfigurationError
from monitor.fingerprints.base import FingerprintIndex
from monitor.fingerprints.memory import MemoryIndex
from monitor.fingerprints.postgres import PostgresIndex


def index_for(core: Core) -> FingerprintIndex:
    """The index that the settings name. Raises ConfigurationError when the database has no such thing."""
    wanted, dialect = core.settings.fingerprint_index, core.database.engine.dialect.name
    if wanted == "postgresql" and dialect != "postgresql":
        raise ConfigurationError(
            "The setting fingerprint_index (LEAKWATCH_FINGERPRINT_INDEX) is postgresql, but the database is"
            " SQLite: set it to memory."
        )
    if wanted == "postgresql" or (wanted == "auto" and dialect == "postgresql"):
        return PostgresIndex()
    return MemoryIndex(core.settings.index_dir / "known-images.bin")
