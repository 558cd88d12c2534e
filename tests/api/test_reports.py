"""Reports over HTTP: told by a form, answered by a reference, limited, and never echoed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from api.schemas.base import Page
from api.schemas.problem import Problem
from api.schemas.report import ReportListed, ReportOut
from monitor.core import Core
from monitor.storage.audit import audit_events
from tests.api.served import CLEAR_NUMBER, Server, World, bearer
from tests.monitor.pictures import draw, encode

REPORTS = "/api/v1/reports"
PICTURE = encode(draw("tea at four", size=(300, 120)))
URL = "https://www.reddit.com/r/example/comments/abc123/title/"


@pytest.fixture
def reporter(world: World, client: httpx.Client) -> httpx.Client:
    """A client with a reporter's key."""
    client.headers.update(bearer(world.key("reporter")))
    return client


def test_a_report_and_its_standing(world: World, reporter: httpx.Client) -> None:
    """An address, a note and two screenshots give a reference, which tells the standing and no content."""
    form = {"url": URL, "note": f"it says {CLEAR_NUMBER}", "who": "Ward 7"}
    files = [("screenshot", ("a.png", PICTURE)), ("screenshot", ("b.png", PICTURE + b"2"))]
    answer = reporter.post(REPORTS, data=form, files=files)
    told = ReportOut.model_validate(answer.json())
    assert (answer.status_code, told.standing) == (201, "received")
    standing = reporter.get(answer.headers["Location"])
    assert ReportOut.model_validate(standing.json()) == told
    for text in (answer.text, standing.text):
        assert CLEAR_NUMBER not in text
        assert "reddit" not in text
    with world.core.database.read() as session:
        (line,) = audit_events(session)
        assert (line.actor, line.action, line.item) == ("key:reporter-key", "report.create", told.reference)
    assert reporter.get(REPORTS).status_code == 403
    listed = reporter.get(REPORTS, headers=bearer(world.key("reviewer"))).raise_for_status()
    (item,) = Page[ReportListed].model_validate(listed.json()).items
    assert (item.files, item.who, item.url) == (2, "Ward 7", URL)
    assert CLEAR_NUMBER not in listed.text


def test_a_repeated_report(reporter: httpx.Client) -> None:
    """The same report, or the same Idempotency-Key, answers 200 with the first reference."""
    first = reporter.post(REPORTS, data={"url": URL}, headers={"Idempotency-Key": "k" * 8})
    again = reporter.post(REPORTS, data={"url": f"{URL}?utm_source=x"})
    keyed = reporter.post(REPORTS, data={"url": "https://example.org/"}, headers={"Idempotency-Key": "k" * 8})
    assert [first.status_code, again.status_code, keyed.status_code] == [201, 200, 200]
    assert len({answer.json()["reference"] for answer in (first, again, keyed)}) == 1


def test_what_is_no_report(reporter: httpx.Client) -> None:
    """Nothing, other forms, unknown fields, many files and archives get a sentence."""
    cases = [
        (422, {"data": {"note": "only words"}}),
        (422, {"json": {"url": URL}}),
        (422, {"data": {"url": URL, "severity": "high"}}),
        (422, {"data": {"url": "http://127.0.0.1:22/"}}),
        (422, {"files": {"url": ("x", b"x")}}),
        (422, {"files": {"screenshot": ("x.zip", b"PK\x03\x04" + bytes(99))}}),
        (422, {"files": [("screenshot", (f"{n}.png", PICTURE)) for n in range(6)]}),
        (422, {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
    ]
    for status, sent in cases:
        answer = reporter.post(REPORTS, **sent)  # type: ignore[arg-type]
        assert answer.status_code == status, answer.text
        assert Problem.model_validate(answer.json()).detail
    assert reporter.get(f"{REPORTS}/R-0000-0000-0000").status_code == 404


@pytest.fixture
def strict(world: World) -> Iterator[httpx.Client]:
    """A client of a monitor that takes one report an hour."""
    core: Core = replace(world.core, settings=world.core.settings.model_copy(update={"reports_per_hour": 1}))
    with closing(Server(core)) as server, httpx.Client(base_url=server.url) as client:
        client.headers.update(bearer(world.key("reporter")))
        yield client


def test_too_many(strict: httpx.Client) -> None:
    """More than an hour allows is a 429 that says when to try again."""
    assert strict.post(REPORTS, data={"url": URL}).status_code == 201
    answer = strict.post(REPORTS, data={"url": "https://example.org/"})
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert Problem.model_validate(answer.json()).type.endswith("too-many")
