"""The composition root: turns settings into the parts that work."""

from __future__ import annotations

from monitor.blobs import Blobs
from monitor.core import Core
from monitor.errors import ConfigurationError
from monitor.evidence.store import LocalEvidenceStore
from monitor.settings import Settings
from monitor.storage.database import Database
from monitor.storage.setting import settle
from monitor.vault import Vault, load_or_create_key


def build_core(settings: Settings, *, upgrade: bool = False) -> Core:
    """Open the database, the vault and the evidence store, upgrading the database first if asked.

    Raises ConfigurationError.
    """
    database = Database(settings.resolved_database_url)
    try:
        if upgrade:
            database.upgrade()
        database.require_current()
        vault = Vault(load_or_create_key(settings.resolved_master_key_file))
        _require_same_key(database, vault)
        return Core(settings, database, vault, Blobs(vault, _evidence_store(settings)))
    except ConfigurationError:
        database.close()
        raise


def _evidence_store(settings: Settings) -> LocalEvidenceStore:
    try:
        return LocalEvidenceStore(settings.evidence_dir)
    except OSError as error:
        raise ConfigurationError(
            f"The evidence folder {settings.evidence_dir} cannot be made: {error.strerror};"
            " give this account the folder, or set LEAKWATCH_DATA_DIR."
        ) from None


def _require_same_key(database: Database, vault: Vault) -> None:
    """A wrong key would seal new evidence apart from the old and match no known identifier."""
    with database.transaction() as session:
        key_id = settle(session, "master_key_id", vault.key_id)
    if key_id != vault.key_id:
        raise ConfigurationError(
            f"This database was made under master key {key_id}, but the key in use is {vault.key_id};"
            " restore the former key's file (LEAKWATCH_MASTER_KEY_FILE)."
        )
