"""Bundles of an alert: made of what the pipeline sealed, accepted by whoever checks them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor import audit
from monitor.alerts import PIPELINE
from monitor.bundles import NewBundle, create_bundle
from monitor.core import Core
from monitor.details import alert_detail
from monitor.errors import Conflict, InvalidInput, NotFound
from monitor.evidence.verify import verify_bundle
from monitor.storage.alert import find_alerts
from monitor.storage.audit import audit_events
from monitor.storage.evidence import EvidenceItem, bundles_of, custody_of
from monitor.vault import EvidenceAltered
from tests.monitor.bundles import members
from tests.monitor.pictures import letter

LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"
SECRETS = (b"9990123454", b"999 012 3454", b"Tregarth", b"9998887771", b"999 888 7771", b"Pellow")

Publish = Callable[..., None]
Process = Callable[[], None]


def the_alert(core: Core) -> str:
    """The reference of the one alert."""
    with core.database.read() as session:
        (alert,) = find_alerts(session)
        return alert.reference


def bundle(core: Core, kind: str = "sealed", output: Path | None = None) -> NewBundle:
    """Make a bundle."""
    return create_bundle(core, the_alert(core), kind=kind, actor="jo", output=output)  # type: ignore[arg-type]


def test_a_processed_alert_is_exported(core: Core, post: Publish, process: Process, tmp_path: Path) -> None:
    """Of one alert: a sealed bundle with the originals, a shareable one without, both good, both recorded."""
    post("leak", LEAK, photo=letter())
    process()
    sealed = bundle(core, "sealed", tmp_path / "sealed.zip")
    shareable = bundle(core, "shareable")
    for made in (sealed, shareable):
        report = verify_bundle(made.written.path)
        assert report.ok, [check for check in report.checks if not check.ok]
    assert shareable.written.path.parent == core.settings.bundle_dir
    require_contents(sealed.written.path, shareable.written.path)
    require_records(core, sealed, shareable)


def require_contents(sealed: Path, shareable: Path) -> None:
    """The originals are in the one, and nothing that names a patient in the other."""
    assert letter() in members(sealed).values()
    assert any(LEAK.encode() in data for data in members(sealed).values())
    redacted = members(shareable)
    assert letter() not in redacted.values()
    for name, data in redacted.items():
        assert not [secret for secret in SECRETS if secret in data], name
    with zipfile.ZipFile(sealed) as file:
        assert not [info for info in file.infolist() if ".." in info.filename]


def require_records(core: Core, *made: NewBundle) -> None:
    """Custody log, audit log and table each tell of both bundles."""
    with core.database.read() as session:
        (alert,) = find_alerts(session)
        lines = [(e.actor, e.action, e.note) for e in custody_of(session, alert.id) if e.actor != PIPELINE]
        assert lines == [("jo", "exported", "sealed"), ("jo", "exported", "shareable")]
        assert [row.sha512 for row in reversed(bundles_of(session, alert.id))] == [
            b.written.sha512 for b in made
        ]
        newest = audit_events(session, limit=2)
        assert [(row.action, row.item, row.note) for row in newest] == [
            ("bundle.create", alert.reference, "shareable"),
            ("bundle.create", alert.reference, "sealed"),
        ]
        assert audit.first_altered(session) is None


def test_a_bundle_holds_the_line_of_its_own_export(core: Core, post: Publish, process: Process) -> None:
    """The custody log inside ends with this very export."""
    post("leak", LEAK)
    process()
    files = members(bundle(core).written.path)
    (log,) = [data for name, data in files.items() if name.endswith("custody.jsonl")]
    assert json.loads(log.splitlines()[-1])["action"] == "exported"


def test_a_shareable_bundle_needs_a_preview(core: Core, post: Publish, process: Process) -> None:
    """An alert of words alone has nothing redacted to share: refused, and nothing is recorded."""
    post("leak", LEAK)
    process()
    with pytest.raises(InvalidInput, match="no redacted"):
        bundle(core, "shareable")
    with core.database.read() as session:
        (alert,) = find_alerts(session)
        assert not bundles_of(session, alert.id)
        assert {line.action for line in custody_of(session, alert.id)} == {"sealed"}
        assert not audit_events(session)


def test_before_there_is_evidence_no_bundle_is_made(core: Core, post: Publish, process: Process) -> None:
    """An alert whose posts are not through yet is refused with what to do."""
    post("leak", LEAK)
    process()
    with core.database.transaction() as session:
        session.query(EvidenceItem).delete()
    with pytest.raises(InvalidInput, match="no sealed evidence yet; try again when its posts are processed"):
        bundle(core)
    assert not list(core.settings.data_dir.rglob("*.zip"))


def test_nothing_is_written_over(core: Core, post: Publish, process: Process, tmp_path: Path) -> None:
    """A bundle never replaces a file, an alert there is not has none, and neither leaves a record."""
    post("leak", LEAK)
    process()
    (tmp_path / "taken.zip").write_text("mine")
    with pytest.raises(Conflict, match=r"taken\.zip exists and is kept"):
        bundle(core, output=tmp_path / "taken.zip")
    with pytest.raises(NotFound, match="no alert 'LW-1999-000001'"):
        create_bundle(core, "LW-1999-000001", kind="sealed", actor="jo")
    assert (tmp_path / "taken.zip").read_text() == "mine"
    with core.database.read() as session:
        assert not audit_events(session)


def test_altered_evidence_is_not_exported(core: Core, post: Publish, process: Process) -> None:
    """When the stored bytes are not those that were sealed, the bundle is refused instead of wrong."""
    post("leak", LEAK)
    process()
    for path in core.settings.evidence_dir.glob("??/??/*"):
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(EvidenceAltered, match="not what was sealed here"):
        bundle(core)
    with core.database.read() as session:
        (alert,) = find_alerts(session)
        assert alert_detail(session, alert).evidence
        assert not bundles_of(session, alert.id)
