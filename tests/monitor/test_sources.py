"""Sources: checked by their connector before they are stored, built from what is stored."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import ConfigurationInvalid, ConnectorError
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput, NotFound
from monitor.sources import build_connector, create_source
from monitor.storage.source import all_sources, claim_run, due_sources, source_named


def create(core: Core, name: str = "inbox", connector: str = "folder", **config: object) -> None:
    """Store a source."""
    with core.database.transaction() as session:
        create_source(session, name=name, connector=connector, config=config, now=core.now())


@pytest.mark.parametrize(
    ("connector", "config", "said"),
    [
        ("foldr", {}, "There is no connector 'foldr' (did you mean 'folder'?)"),
        ("folder", {}, "folder source: path is missing."),
        (
            "folder",
            {"path": "/x", "settle_secs": 1},
            "settle_secs is not a setting (did you mean 'settle_seconds'?)",
        ),
        ("folder", {"path": "/x", "settle_seconds": "soon"}, "folder source: settle_seconds: "),
        ("reddit", {}, "reddit source: "),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    core: Core, connector: str, config: dict[str, object], said: str
) -> None:
    """A source is not stored unless its connector exists and takes its settings; the sentence says which."""
    with pytest.raises(InvalidInput) as caught:
        create(core, connector=connector, **config)
    assert said in str(caught.value)
    with core.database.read() as session:
        assert all_sources(session) == []


def test_only_what_was_said_is_stored(core: Core, tmp_path: Path) -> None:
    """Defaults stay the connector's; what is stored is JSON and builds the connector again."""
    create(core, path=str(tmp_path), recursive=True, settle_seconds=5)
    with core.database.read() as session:
        source = source_named(session, "inbox")
    assert source.config == {"path": str(tmp_path), "settle_seconds": 5.0}
    connector = build_connector(core.settings, source)
    assert connector.check().ok
    connector.close()


def test_a_name_is_taken_once(core: Core, tmp_path: Path) -> None:
    """A second source of a name is refused; a name there is not is told."""
    create(core, path=str(tmp_path))
    with pytest.raises(Conflict, match="source named 'inbox' exists"):
        create(core, path=str(tmp_path))
    with core.database.read() as session, pytest.raises(NotFound, match="no source 'outbox'"):
        source_named(session, "outbox")


def test_a_source_without_its_credentials_cannot_be_built(core: Core) -> None:
    """A platform's source without the credentials in the settings raises one sentence."""
    create(core, "nhs", "reddit", subreddits=["nhs"])
    with core.database.read() as session:
        source = source_named(session, "nhs")
    with pytest.raises(ConnectorError, match="client_id and client_secret"):
        build_connector(core.settings, source)


def test_a_connector_that_is_gone_is_told(core: Core, tmp_path: Path) -> None:
    """A source of a connector that this version does not have raises one sentence, not a KeyError."""
    create(core, path=str(tmp_path))
    with core.database.transaction() as session:
        source = source_named(session, "inbox")
        source.connector = "myspace"
    with pytest.raises(ConfigurationInvalid, match="no connector 'myspace'"):
        build_connector(core.settings, source)


def test_sources_are_due_by_their_time(core: Core, tmp_path: Path) -> None:
    """Due are enabled sources whose time has come; of two that begin the same run one does."""
    for name in ("now", "later", "paused"):
        create(core, name, path=str(tmp_path))
    with core.database.transaction() as session:
        source_named(session, "later").next_run_at = core.now() + timedelta(hours=1)
        source_named(session, "paused").enabled = False
    with core.database.transaction() as session:
        (due,) = due_sources(session, core.now())
        assert due.name == "now"
        session.expunge(due)
        assert claim_run(session, due, core.now(), timedelta(minutes=5)) is not None
        assert claim_run(session, due, core.now(), timedelta(minutes=5)) is None
        assert due_sources(session, core.now()) == []
