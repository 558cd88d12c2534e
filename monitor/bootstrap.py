"""The composition root: turns settings into the parts that work."""

from __future__ import annotations

from monitor.blobs import Blobs
from monitor.core import Core
from monitor.errors import ConfigurationError
from monitor.evidence.store import LocalEvidenceStore
from monitor.settings import Settings
from monitor.storage.base import new_id
from monitor.storage.database import Database
from monitor.storage.setting import DATABASE_ID, MASTER_KEY_ID, fact, settle
from monitor.vault import Vault, load_key, load_or_create_key


def build_core(settings: Settings, *, upgrade: bool = False) -> Core:
    """Open the database, the vault and the evidence store, upgrading the database first if asked.

    Raises ConfigurationError.
    """
    database = Database(settings.resolved_database_url)
    try:
        if upgrade:
            database.upgrade()
        database.require_current()
        vault = _vault(settings, database)
        store = _evidence_store(settings, database)
        return Core(settings, database, vault, Blobs(vault, store))
    except ConfigurationError:
        database.close()
        raise


def _vault(settings: Settings, database: Database) -> Vault:
    """The vault of the database's own key. A wrong key would seal new evidence apart from the old.

    A key is made for a new database only: beside an old one, a missing key is a lost key.
    """
    path = settings.resolved_master_key_file
    with database.read() as session:
        known = fact(session, MASTER_KEY_ID)
    vault = Vault(load_key(path) if known else load_or_create_key(path))
    if _settle(database, MASTER_KEY_ID, vault.key_id) != vault.key_id:
        raise ConfigurationError(
            f"This database was made under another master key than {path} (id {vault.key_id});"
            " restore the former key's file (LEAKWATCH_MASTER_KEY_FILE)."
        )
    return vault


def _evidence_store(settings: Settings, database: Database) -> LocalEvidenceStore:
    """The store of this very database: to any other, all that lies there would look like rubbish."""
    folder = settings.evidence_dir
    own = _settle(database, DATABASE_ID, str(new_id()))
    try:
        store = LocalEvidenceStore(folder)
        owner = store.claim(own)
    except OSError as error:
        raise ConfigurationError(
            f"The evidence folder {folder} cannot be used: {error.strerror};"
            " give this account the folder, or set LEAKWATCH_DATA_DIR."
        ) from None
    if owner != own:
        raise ConfigurationError(
            f"The evidence folder {folder} belongs to another database (id {owner});"
            " restore that database, or set LEAKWATCH_DATA_DIR."
        )
    return store


def _settle(database: Database, name: str, value: str) -> str:
    with database.transaction() as session:
        return settle(session, name, value)
