"""What is sealed: previews, revealing with a trace, bundles."""

from __future__ import annotations

import hashlib
import io
import zipfile

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select

from api.schemas.alert import BundleOut, Revealed
from monitor.evidence.verify import verify_bundle
from monitor.storage.audit import AuditEvent, audit_events
from monitor.storage.evidence import CustodyEvent, custody_of
from tests.api.served import CLEAR_NAME, CLEAR_NUMBER, Leak, World, bearer

REASON = "Telling the practice whose record this is."


@pytest.fixture
def coordinator(world: World, client: httpx.Client) -> httpx.Client:
    """A client with a coordinator's key."""
    client.headers.update(bearer(world.key("coordinator")))
    return client


def _address(leak: Leak, rest: str) -> str:
    return f"/api/v1/alerts/{leak.reference}/{rest}"


def test_a_preview_is_a_picture_that_nobody_keeps(world: World, coordinator: httpx.Client) -> None:
    """The preview is a JPEG, is not to be stored, and can run nothing."""
    leak = world.leak()
    answer = coordinator.get(_address(leak, f"preview/{leak.preview}"))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert Image.open(io.BytesIO(answer.content)).size == (800, 1000)


def test_only_previews_are_served(world: World, coordinator: httpx.Client) -> None:
    """Neither an original nor another alert's preview can be had by its digest."""
    leak, other = world.leak(), world.leak()
    for digest in (leak.original, other.preview, "0" * 64):
        assert coordinator.get(_address(leak, f"preview/{digest}")).status_code == 404


def test_revealing_shows_the_values_and_leaves_two_lines(world: World, coordinator: httpx.Client) -> None:
    """Clear values come with a reason, and the look is in the custody log and the audit log."""
    leak = world.leak()
    answer = coordinator.post(_address(leak, "reveal"), json={"reason": REASON, "item": str(leak.clear_item)})
    revealed = Revealed.model_validate(answer.json())
    assert {value.kind: value.value for value in revealed.values} == {
        "person_name": CLEAR_NAME,
        "nhs_number": CLEAR_NUMBER,
    }
    assert answer.headers["cache-control"] == "no-store"
    with world.core.database.read() as session:
        custody, audit = custody_of(session, leak.alert_id)[-1], audit_events(session)[0]
    assert (custody.action, custody.actor, custody.note) == ("viewed", "key:coordinator-key", REASON)
    assert (audit.action, audit.actor, audit.note) == ("evidence.reveal", "key:coordinator-key", REASON)
    assert leak.reference in audit.item


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "short", "item": "{item}"},
        {"reason": "          too few        "[:17], "item": "{item}"},
        {"reason": f"It is {CLEAR_NUMBER}, I think.", "item": "{item}"},
        {"item": "{item}"},
        {"reason": REASON},
        {"reason": REASON, "item": "{item}", "also": 1},
    ],
)
def test_revealing_without_a_good_reason_shows_and_logs_nothing(
    world: World, coordinator: httpx.Client, body: dict[str, object]
) -> None:
    """A missing, short or telling reason is refused before anything is opened."""
    leak = world.leak()
    filled = {name: str(leak.clear_item) if value == "{item}" else value for name, value in body.items()}
    answer = coordinator.post(_address(leak, "reveal"), json=filled)
    assert answer.status_code == 422
    assert CLEAR_NUMBER not in answer.text
    with world.core.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 0
        viewed = select(func.count()).select_from(CustodyEvent).where(CustodyEvent.action == "viewed")
        assert session.scalar(viewed) == 0


def test_only_an_alerts_own_sealed_findings_can_be_revealed(world: World, coordinator: httpx.Client) -> None:
    """Another alert's item is not found under this alert's address."""
    leak, other = world.leak(), world.leak()
    body = {"reason": REASON, "item": str(other.clear_item)}
    assert coordinator.post(_address(leak, "reveal"), json=body).status_code == 404


@pytest.mark.parametrize("role", ["reviewer", "admin"])
def test_nobody_else_can_reveal(world: World, client: httpx.Client, role: str) -> None:
    """Reviewers and admins see masked values only."""
    leak = world.leak()
    body = {"reason": REASON, "item": str(leak.clear_item)}
    answer = client.post(_address(leak, "reveal"), json=body, headers=bearer(world.key(role)))
    assert answer.status_code == 403
    assert CLEAR_NUMBER not in answer.text


def test_a_bundle_is_made_downloaded_and_verified(world: World, coordinator: httpx.Client) -> None:
    """The downloaded file has the digest that was told, passes verification, and its taker is logged."""
    leak = world.leak()
    made = coordinator.post(_address(leak, "bundles"), json={"kind": "sealed"})
    bundle = BundleOut.model_validate(made.json())
    assert (made.status_code, made.headers["location"]) == (201, bundle.download)
    file = coordinator.get(bundle.download)
    assert file.headers["content-type"] == "application/zip"
    assert hashlib.sha512(file.content).hexdigest() == bundle.sha512
    path = world.core.settings.bundle_dir / bundle.file_name
    assert path.read_bytes() == file.content
    assert verify_bundle(path).ok
    with world.core.database.read() as session:
        assert [line.action for line in audit_events(session)] == ["bundle.download", "bundle.create"]


def test_a_shareable_bundle_holds_no_original(world: World, coordinator: httpx.Client) -> None:
    """What goes to a platform has the redacted preview and neither the original nor a clear value."""
    leak = world.leak()
    bundle = coordinator.post(_address(leak, "bundles"), json={"kind": "shareable"}).json()
    archive = zipfile.ZipFile(io.BytesIO(coordinator.get(bundle["download"]).content))
    held = {hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert leak.preview in held
    assert leak.original not in held
    assert not any(CLEAR_NUMBER.encode() in archive.read(name) for name in archive.namelist())


def test_a_repeated_request_makes_one_bundle(world: World, coordinator: httpx.Client) -> None:
    """The same Idempotency-Key answers with the first bundle; another key makes another."""
    leak = world.leak()

    def make(key: str) -> httpx.Response:
        headers = {"Idempotency-Key": key}
        return coordinator.post(_address(leak, "bundles"), json={"kind": "shareable"}, headers=headers)

    first, again, other = make("first-key"), make("first-key"), make("other-key")
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert first.json() == again.json()
    assert first.json()["id"] != other.json()["id"]


def test_a_bundle_belongs_to_its_alert(world: World, coordinator: httpx.Client) -> None:
    """A bundle is not found under another alert's address, nor when its file is gone."""
    leak, other = world.leak(), world.leak()
    bundle = coordinator.post(_address(leak, "bundles"), json={"kind": "shareable"}).json()
    assert coordinator.get(_address(other, f"bundles/{bundle['id']}")).status_code == 404
    (world.core.settings.bundle_dir / bundle["file_name"]).unlink()
    assert coordinator.get(bundle["download"]).status_code == 404
