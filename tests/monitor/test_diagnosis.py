"""Doctor: what it finds, and that each problem comes with its mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from detectors.media import libreoffice
from monitor.core import Core
from monitor.diagnosis import Check, diagnose
from monitor.sources import create_source
from monitor.storage.source import source_named
from monitor.vault import load_or_create_key


@pytest.fixture
def configured(core: Core, monkeypatch: pytest.MonkeyPatch) -> Core:
    """A core whose settings are in the environment, where doctor looks for them."""
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(core.settings.data_dir))
    monkeypatch.setenv("LEAKWATCH_DATABASE_URL", core.settings.database_url)
    return core


def checks() -> dict[str, Check]:
    """What doctor finds, by name."""
    found = diagnose()
    assert len({check.name for check in found}) == len(found)
    assert all(check.mend for check in found if check.state == "failed")
    return {check.name: check for check in found}


def failed() -> list[str]:
    """The names of what must be mended."""
    return [name for name, check in checks().items() if check.state == "failed"]


def test_a_healthy_monitor_has_nothing_to_mend(configured: Core, tmp_path: Path) -> None:
    """With folder, key, database and sources as they must be, no check fails, and no password is shown."""
    with configured.database.transaction() as session:
        create_source(
            session, name="in", connector="folder", config={"path": str(tmp_path)}, now=configured.now()
        )
    found = checks()
    assert [name for name, check in found.items() if check.state == "failed"] == []
    assert found["source in"].state == "ok"
    assert configured.vault.key_id in found["master key"].detail
    assert found["test numbers"].state == "ok"


def test_looking_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first start there are notes, no failures, and neither key nor table is made."""
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(tmp_path / "data"))
    found = checks()
    assert failed() == []
    assert (found["master key"].state, found["database"].state) == ("note", "note")
    assert found["database"].mend == "Run: leakwatch db upgrade"
    assert not (tmp_path / "data" / "keys").exists()


def test_a_key_that_others_can_read_is_told(configured: Core) -> None:
    """A key file open to other accounts fails with the command that mends it."""
    key = configured.settings.resolved_master_key_file
    key.chmod(0o644)
    assert failed() == ["master key"]
    assert f"chmod 600 {key}" in checks()["master key"].detail


def test_a_key_that_is_none_is_told(configured: Core) -> None:
    """A key file with something else in it fails without showing what."""
    key = configured.settings.resolved_master_key_file
    key.write_text("not-a-key")
    assert failed() == ["master key"]
    assert "not-a-key" not in checks()["master key"].detail


def test_another_key_than_the_databases_is_told(configured: Core) -> None:
    """A key that is sound but not the one this database was made under fails before it harms."""
    key = configured.settings.resolved_master_key_file
    key.unlink()
    assert failed() == ["key of the database"]
    load_or_create_key(key)
    assert failed() == ["key of the database"]
    assert configured.vault.key_id in checks()["key of the database"].detail


def test_a_newer_database_is_told(configured: Core) -> None:
    """A database of a newer version fails in one sentence."""
    with configured.database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert failed() == ["database"]
    assert "written by a newer version" in checks()["database"].detail


def test_a_source_that_cannot_run_is_told(configured: Core, tmp_path: Path) -> None:
    """Sources without their folder, credentials or connector each fail; the others are still tried."""
    with configured.database.transaction() as session:
        now = configured.now()
        for name, connector, config in (
            ("gone", "folder", {"path": str(tmp_path / "gone")}),
            ("nhs", "reddit", {"subreddits": ["nhs"]}),
            ("old", "folder", {"path": str(tmp_path)}),
            ("well", "folder", {"path": str(tmp_path)}),
        ):
            create_source(session, name=name, connector=connector, config=config, now=now)
        source_named(session, "old").connector = "myspace"
    assert failed() == ["source gone", "source nhs", "source old"]
    assert checks()["source well"].state == "ok"


def test_settings_that_cannot_be_read_are_one_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad setting is told with its name, and what depends on settings is not looked at."""
    monkeypatch.setenv("LEAKWATCH_PORT", "eighty")
    assert failed() == ["settings"]
    assert "LEAKWATCH_PORT" in checks()["settings"].detail


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder below a file fails, once for the folder and once for the database in it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(tmp_path / "file" / "data"))
    assert failed() == ["data folder", "database"]


def test_counting_test_numbers_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A monitor that counts never-issued numbers as patients says so."""
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LEAKWATCH_ACCEPT_UNISSUED_NUMBERS", "true")
    assert checks()["test numbers"].state == "note"


def test_how_office_documents_are_read_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Doctor says whether LibreOffice draws documents, and takes the setting's word that it must not."""
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(tmp_path))
    state, told = ("ok", "LibreOffice (") if libreoffice.version() else ("note", "not installed")
    found = checks()["office documents"]
    assert (found.state, told in found.detail) == (state, True)
    monkeypatch.setenv("LEAKWATCH_USE_LIBREOFFICE", "false")
    found = checks()["office documents"]
    assert (found.state, "switched off" in found.detail) == ("ok", True)
