"""Starting refuses what does not belong together: database, master key and evidence folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from monitor.bootstrap import build_core
from monitor.errors import ConfigurationError
from monitor.settings import Settings


def start(settings: Settings) -> None:
    """Start and stop once."""
    with contextlib.closing(build_core(settings, upgrade=True).database):
        pass


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    """Settings of a monitor that was started once before."""
    settings = Settings(data_dir=tmp_path / "data")
    start(settings)
    return settings


def test_a_second_start_is_the_same_monitor(place: Settings) -> None:
    """What was made at the first start is found again."""
    key = place.resolved_master_key_file.read_bytes()
    start(place)
    assert place.resolved_master_key_file.read_bytes() == key


def test_a_lost_key_is_not_replaced(place: Settings) -> None:
    """Beside a database that has a key, a missing key file is an error, and no new one is made."""
    place.resolved_master_key_file.unlink()
    with pytest.raises(ConfigurationError, match=r"master\.key cannot be read"):
        start(place)
    assert not place.resolved_master_key_file.exists()


def test_another_key_is_refused(place: Settings, tmp_path: Path) -> None:
    """A key that is not the database's own is refused."""
    other = Settings(data_dir=tmp_path / "other")
    start(other)
    with pytest.raises(ConfigurationError, match="another master key"):
        start(place.model_copy(update={"master_key_file": other.resolved_master_key_file}))


def test_an_empty_database_does_not_take_over_evidence(place: Settings, tmp_path: Path) -> None:
    """A new database beside an old evidence folder is refused: it would sweep away what it does not know."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(ConfigurationError, match="belongs to another database"):
        start(place.model_copy(update={"database_url": url}))


def test_nobody_else_may_look_into_the_data_folder(place: Settings) -> None:
    """The folder that holds the database, the key and the evidence is its owner's alone."""
    assert place.data_dir.stat().st_mode & 0o077 == 0
