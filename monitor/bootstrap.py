"""The composition root: turns settings into the parts that work."""

from __future__ import annotations

from monitor.blobs import Blobs
from monitor.core import Core
from monitor.evidence.store import LocalEvidenceStore
from monitor.settings import Settings
from monitor.storage.database import Database
from monitor.vault import Vault, load_or_create_key


def build_core(settings: Settings, *, upgrade: bool = False) -> Core:
    """Open the database, the vault and the evidence store, upgrading the database first if asked.

    Raises ConfigurationError.
    """
    database = Database(settings.resolved_database_url)
    if upgrade:
        database.upgrade()
    database.require_current()
    vault = Vault(load_or_create_key(settings.resolved_master_key_file))
    return Core(settings, database, vault, Blobs(vault, LocalEvidenceStore(settings.evidence_dir)))
