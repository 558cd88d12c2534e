"""The service itself: health, the audit log, problems, limits, headers and the OpenAPI document."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from api.pagination import decode_id, decode_number, encode
from api.schemas.audit import AuditPage
from api.schemas.health import Readiness, Version
from api.schemas.problem import Problem
from monitor import audit
from monitor.bootstrap import build_core
from monitor.errors import InvalidInput
from monitor.settings import Settings
from monitor.storage.post import PostRevision
from monitor.storage.source import Source
from tests.api.served import CLEAR_NUMBER, Server, World, bearer

SECURITY_HEADERS = (
    "cache-control",
    "content-security-policy",
    "cross-origin-opener-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
)


def _reasons(client: httpx.Client) -> list[str]:
    answer = client.get("/readyz")
    ready = Readiness.model_validate(answer.json())
    assert answer.status_code == (200 if ready.ready else 503)
    return list(ready.reasons)


def test_a_quiet_monitor_is_ready(world: World, client: httpx.Client) -> None:
    """With nothing overdue the service is alive and ready."""
    world.source()
    world.post("acquire")
    assert client.get("/healthz").json() == {"alive": True}
    assert _reasons(client) == []


def test_a_post_that_nobody_processes_makes_it_unready(world: World, client: httpx.Client) -> None:
    """A revision that has been due for longer than half an hour says that the pipeline stands."""
    world.post("examine")
    with world.core.database.transaction() as session:
        session.query(PostRevision).update({"not_before": world.core.now() - timedelta(minutes=31)})
    assert _reasons(client) == ["pipeline"]


def test_a_source_that_nobody_reads_makes_it_unready(world: World, client: httpx.Client) -> None:
    """An enabled source that is long overdue says that nobody schedules; a paused one says nothing."""
    world.source(due_at=world.core.now() - timedelta(minutes=31))
    assert _reasons(client) == ["sources"]
    with world.core.database.transaction() as session:
        session.query(Source).update({"enabled": False})
    assert _reasons(client) == []


def test_a_database_that_is_behind_makes_it_unready(world: World, client: httpx.Client) -> None:
    """A schema that is not this version's is a reason, told without any detail."""
    with world.core.database.transaction() as session:
        session.execute(text("DELETE FROM alembic_version"))
    assert _reasons(client) == ["database"]
    assert client.get("/healthz").status_code == 200


def test_the_version_is_told_to_any_role(world: World, client: httpx.Client) -> None:
    """Whoever has a key may ask what is running."""
    answer = client.get("/api/v1/version", headers=bearer(world.key("auditor")))
    assert Version.model_validate(answer.json()).schema_revision


def test_the_audit_log_is_paged_and_verified(world: World, client: httpx.Client) -> None:
    """Lines come newest first, one a page, and a changed line is named by its number."""
    key = bearer(world.key("auditor"))
    for action in ("a", "b", "c"):
        with world.core.database.transaction() as session:
            audit.record(session, now=world.core.now(), actor="test", action=action)
    seen, address = [], "/api/v1/audit?limit=1"
    while address:
        page = AuditPage.model_validate(client.get(address, headers=key).json())
        assert (page.verified, page.first_altered) == (True, None)
        seen += [line.action for line in page.items]
        address = page.next or ""
    assert seen == ["c", "b", "a"]
    with world.core.database.transaction() as session:
        session.execute(text("UPDATE audit_event SET actor = 'somebody else' WHERE seq = 2"))
    altered = AuditPage.model_validate(client.get("/api/v1/audit", headers=key).json())
    assert (altered.verified, altered.first_altered) == (False, 2)
    unasked = AuditPage.model_validate(client.get("/api/v1/audit?verify=false", headers=key).json())
    assert unasked.verified is None


def _send(client: httpx.Client, world: World, case: str) -> httpx.Response:  # noqa: PLR0911 - a table
    """A request that fails, with a patient's number in every place it can have one."""
    key, number = bearer(world.key("coordinator")), CLEAR_NUMBER
    reference = world.leak().reference
    match case:
        case "unknown address":
            return client.get(f"/api/v1/{number}", headers=key)
        case "unknown alert":
            return client.get(f"/api/v1/alerts/{number}", headers=key)
        case "wrong method":
            return client.put(f"/api/v1/alerts/{number}", headers=key)
        case "not JSON":
            headers = {**key, "Content-Type": "application/json"}
            return client.patch(f"/api/v1/alerts/{reference}", content=f'{{"{number}', headers=headers)
        case "unknown field":
            return client.patch(f"/api/v1/alerts/{reference}", json={number: number}, headers=key)
        case "wrong value":
            return client.patch(f"/api/v1/alerts/{reference}", json={"status": number}, headers=key)
        case "wrong parameter":
            return client.get("/api/v1/alerts", params={"status": number, number: "x"}, headers=key)
        case "wrong preview":
            return client.get(f"/api/v1/alerts/{reference}/preview/{number}", headers=key)
    return client.get("/api/v1/alerts", headers=bearer(number))


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("unknown address", 404),
        ("unknown alert", 404),
        ("wrong method", 405),
        ("not JSON", 422),
        ("unknown field", 422),
        ("wrong value", 422),
        ("wrong parameter", 422),
        ("wrong preview", 422),
        ("wrong key", 401),
    ],
)
def test_a_problem_never_repeats_what_was_sent(
    world: World, client: httpx.Client, case: str, status: int
) -> None:
    """Every refusal is problem details with its status and request id, without the caller's own words."""
    answer = _send(client, world, case)
    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.status) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.request_id == answer.headers["x-request-id"]
    assert CLEAR_NUMBER not in answer.text


@pytest.fixture
def broken(world: World) -> Iterator[tuple[httpx.Client, str]]:
    """A client of a service whose clock fails in the middle of a request, and a key for it."""
    key = world.key("reviewer")

    def now() -> Any:
        raise RuntimeError(f"patient {CLEAR_NUMBER}")

    server = Server(replace(world.core, now=now))
    with closing(server), httpx.Client(base_url=server.url) as client:
        yield client, key


@pytest.mark.parametrize("path", ["/api/v1/alerts", "/alerts"])
def test_the_unforeseen_is_told_without_its_message(
    broken: tuple[httpx.Client, str], capfd: pytest.CaptureFixture[str], path: str
) -> None:
    """A bug answers 500 with a request id; neither the answer nor the log holds the error's message."""
    client, key = broken
    answer = client.get(path, headers={**bearer(key), "Cookie": "leakwatch=x"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert CLEAR_NUMBER not in answer.text
    logged = "".join(capfd.readouterr())
    assert "RuntimeError" in logged
    assert CLEAR_NUMBER not in logged


def test_a_database_that_went_away_is_no_mystery(sqlite_template: Path, tmp_path: Path) -> None:
    """Without its file the service answers 503 and says that it is the database."""
    file = tmp_path / "leakwatch.db"
    shutil.copy(sqlite_template, file)
    core = build_core(Settings(data_dir=tmp_path, database_url=f"sqlite:///{file}"))
    key = bearer(World(core).key("reviewer"))
    core.database.close()
    for path in tmp_path.glob(f"{file.name}*"):
        path.unlink()
    file.mkdir()
    with closing(Server(core)) as server:
        answer = httpx.get(f"{server.url}/api/v1/alerts", headers=key)
        ready = httpx.get(f"{server.url}/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:leakwatch:problem:not-ready")
    assert (ready.status_code, ready.json()["reasons"]) == (503, ["database"])


def test_a_body_that_is_too_large_is_refused(world: World, client: httpx.Client) -> None:
    """Bodies are limited by what they declare and by what comes without a declared length."""
    key = bearer(world.key("coordinator"))
    address = f"/api/v1/alerts/{world.leak().reference}"
    declared = client.patch(address, content=b" " * 70_000, headers=key)
    assert declared.status_code == 413
    chunks = (b" " * 10_000 for _ in range(7))
    headers = {**key, "Content-Type": "application/json"}
    streamed = client.patch(address, content=chunks, headers=headers)
    assert streamed.status_code == 413
    Problem.model_validate(streamed.json())


def test_an_upload_is_not_read_from_a_stranger(world: World, client: httpx.Client) -> None:
    """Where large bodies are allowed, nobody without the permission gets to send one."""
    files = {"picture": ("x.png", b"\0" * 200_000)}
    assert client.post("/api/v1/templates", data={"name": "x"}, files=files).status_code == 401
    reviewer = bearer(world.key("reviewer"))
    answer = client.post("/api/v1/templates", data={"name": "x"}, files=files, headers=reviewer)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/v1/alerts", "/api/v1/nowhere", "/alerts", "/sign-in", "/static/console.css"]
)
def test_every_answer_has_its_headers(world: World, client: httpx.Client, path: str) -> None:
    """Answers of every kind forbid sniffing, framing and referrers, and carry a request id of their own."""
    first, second = client.get(path), client.get(path)
    assert [name for name in SECURITY_HEADERS if name not in first.headers] == []
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert "default-src 'none'" in first.headers["content-security-policy"]


def test_the_openapi_document_is_complete(world: World, client: httpx.Client) -> None:
    """Every operation has an id of its own, a summary, a tag, and its errors as problem details."""
    document = client.get("/api/v1/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len({op["operationId"] for op in operations}) == len(operations)
    assert all(op["summary"] and op["description"] and op["tags"] for op in operations)
    guarded = [op for op in operations if "x-permission" in op]
    assert len(guarded) == len(operations) - 2
    for op in guarded:
        assert op["security"] == [{"ApiKey": []}]
        assert {"401", "403"} <= set(op["responses"])
        for status, answer in op["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"]
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    assert "HTTPValidationError" not in document["components"]["schemas"]


@given(st.uuids())
def test_a_cursor_of_an_item_leads_back_to_it(item: Any) -> None:
    """What is encoded is decoded to the same id."""
    assert decode_id(encode(item)) == item


@given(st.integers(min_value=0, max_value=2**62))
def test_a_cursor_of_a_line_leads_back_to_it(number: int) -> None:
    """What is encoded is decoded to the same number."""
    assert decode_number(encode(number)) == number


@given(st.text(min_size=1, max_size=64))
def test_any_text_as_a_cursor_is_taken_or_refused(cursor: str) -> None:
    """A cursor from elsewhere raises InvalidInput and nothing else."""
    for decode in (decode_id, decode_number):
        try:
            decode(cursor)
        except InvalidInput:
            continue
