"""Sessions and forms, without a browser's goodwill: what a stranger's request is worth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api import console
from monitor.storage.alert import get_alert
from monitor.storage.audit import audit_events
from monitor.storage.source import source_named
from monitor.storage.traffic import add_usage
from tests.api.served import Server, World

CSS = Path(console.__file__).parent / "static" / "console.css"
PAIRS = [
    ("ink", "page"),
    ("ink", "card"),
    ("ink", "soft"),
    ("ink", "target"),
    ("quiet", "page"),
    ("quiet", "card"),
    ("quiet", "soft"),
    ("link", "page"),
    ("link", "card"),
    ("link", "target"),
    ("on-accent", "accent"),
    ("on-critical", "critical"),
    ("on-high", "high"),
    ("on-medium", "medium"),
    ("on-low", "low"),
    ("on-good", "good"),
    ("on-bad", "bad"),
    ("on-bad", "card"),
    ("on-warn", "warn"),
]


def _token(world: World, role: str = "reviewer") -> str:
    return world.sign_in_path(role).partition("=")[2]


@pytest.fixture
def signed_in(world: World, client: httpx.Client) -> httpx.Client:
    """A client with a reviewer's session."""
    assert client.post("/sign-in", data={"token": _token(world)}).status_code == 303
    return client


def _csrf(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/alerts").text)
    assert found is not None
    return found[1]


def test_looking_at_the_link_does_not_spend_it(world: World, client: httpx.Client) -> None:
    """A link preview may fetch the address as often as it likes; the button still works, once."""
    token = _token(world)
    for _ in range(2):
        assert client.get("/sign-in", params={"token": token}).status_code == 200
        assert "set-cookie" not in client.get("/sign-in", params={"token": token}).headers
    answer = client.post("/sign-in", data={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert token not in cookie
    assert client.post("/sign-in", data={"token": token}).status_code == 403


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_token_that_is_not_ours_signs_nobody_in(world: World, client: httpx.Client, token: str) -> None:
    """Without a good token there is no session, and no line in the audit log."""
    answer = client.post("/sign-in", data={"token": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    with world.core.database.read() as session:
        assert audit_events(session) == []


@pytest.mark.parametrize(
    "path", ["/", "/alerts", "/alerts/LW-2026-000001", "/audit", "/alerts/LW-2026-000001/preview/" + "0" * 64]
)
def test_pages_without_a_session_lead_to_signing_in(client: httpx.Client, path: str) -> None:
    """Every page sends a stranger to the sign-in page and shows nothing."""
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.content == b""


@pytest.mark.parametrize("form", ["status", "bundles", "reveal"])
def test_a_form_without_its_sessions_token_does_nothing(
    world: World, signed_in: httpx.Client, form: str
) -> None:
    """A missing token, somebody else's, or a form from another site is refused and changes nothing."""
    leak = world.leak()
    address = f"/alerts/{leak.reference}/{form}"
    fields = {"status": "confirmed", "version": "1", "kind": "sealed"}
    fields |= {"reason": "A good reason.", "item": str(leak.clear_item)}
    assert signed_in.post(address, data=fields).status_code == 403
    assert signed_in.post(address, data={**fields, "csrf": "0" * 64}).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    own = {**fields, "csrf": _csrf(signed_in)}
    assert signed_in.post(address, data=own, headers=foreign).status_code == 403
    with world.core.database.read() as session:
        assert get_alert(session, leak.reference).status == "new"


def test_a_decision_on_a_page_that_is_out_of_date_is_refused(world: World, signed_in: httpx.Client) -> None:
    """Two people decide on the same page: the second is told, and the first one's decision stands."""
    leak = world.leak()
    fields = {"csrf": _csrf(signed_in), "version": "1"}
    address = f"/alerts/{leak.reference}/status"
    assert signed_in.post(address, data={**fields, "status": "confirmed"}).status_code == 303
    second = signed_in.post(address, data={**fields, "status": "dismissed", "note": "No."})
    assert second.status_code == 412
    assert "changed meanwhile" in second.text
    with world.core.database.read() as session:
        assert get_alert(session, leak.reference).status == "confirmed"


def test_a_dismissal_without_a_note_is_refused_by_the_server_too(
    world: World, signed_in: httpx.Client
) -> None:
    """The note is not only the browser's wish."""
    leak = world.leak()
    fields = {"csrf": _csrf(signed_in), "version": "1", "status": "dismissed", "note": "  "}
    assert signed_in.post(f"/alerts/{leak.reference}/status", data=fields).status_code == 422


def test_signing_out_ends_the_session_everywhere(world: World, signed_in: httpx.Client) -> None:
    """After signing out the old cookie is worth nothing, even to whoever kept it."""
    kept = dict(signed_in.cookies)
    assert signed_in.post("/sign-out", data={"csrf": _csrf(signed_in)}).status_code == 303
    signed_in.cookies.clear()
    header = "; ".join(f"{name}={value}" for name, value in kept.items())
    assert signed_in.get("/alerts", headers={"Cookie": header}).status_code == 303
    with world.core.database.read() as session:
        assert [line.action for line in audit_events(session)] == ["user.sign_out", "user.sign_in"]


@pytest.fixture
def https_only(world: World) -> Iterator[httpx.Client]:
    """A client of a service that is told it stands behind HTTPS."""
    settings = world.core.settings.model_copy(update={"secure_cookies": True, "session_hours": 1})
    server = Server(replace(world.core, settings=settings))
    with closing(server), httpx.Client(base_url=server.url) as client:
        yield client


def test_behind_https_the_cookie_is_bound_to_it(world: World, https_only: httpx.Client) -> None:
    """The cookie is Secure, carries the __Host- prefix, lasts as long as set, and HTTPS is insisted on."""
    answer = https_only.post("/sign-in", data={"token": _token(world)})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-leakwatch=")
    assert {"Secure", "Path=/", "Max-Age=3600"} <= set(cookie.split("; "))
    assert "strict-transport-security" in answer.headers


def test_a_session_ends_by_itself(world: World) -> None:
    """When its hours are over a session leads to the sign-in page."""
    clock = [world.core.now()]
    server = Server(replace(world.core, now=lambda: clock[0]))
    with closing(server), httpx.Client(base_url=server.url) as client:
        client.post("/sign-in", data={"token": _token(world)})
        assert client.get("/alerts").status_code == 200
        clock[0] += timedelta(hours=world.core.settings.session_hours, seconds=1)
        assert client.get("/alerts").status_code == 303


def test_pages_of_the_list_follow_each_other(world: World, signed_in: httpx.Client) -> None:
    """More alerts than fit on a page are reached by its link, filters kept."""
    with world.core.database.transaction() as session:
        from monitor.storage.alert import Alert

        now = world.core.now()
        for number in range(26):
            times = {"raised_at": now, "last_seen_at": now, "updated_at": now}
            session.add(
                Alert(
                    reference=f"LW-2026-9{number:05d}",
                    severity="high",
                    score=0.9,
                    leak_class="patient_record",
                    reasons=[],
                    **times,
                )
            )
            session.flush()
    first = signed_in.get("/alerts?severity=high")
    following = re.search(r'href="(/alerts\?[^"]+)" rel="next"', first.text)
    assert following is not None
    assert "severity=high" in following[1]
    second = signed_in.get(following[1].replace("&amp;", "&"))
    assert re.findall(r"LW-2026-9\d{5}(?=</a>)", second.text) == ["LW-2026-900000"]


def test_an_error_is_a_page(signed_in: httpx.Client) -> None:
    """What does not exist is told to people as a page, without repeating the address."""
    answer = signed_in.get("/alerts/LW-2026-999999")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no such alert." in answer.text
    assert "999999" not in answer.text


def _themes() -> list[dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS.read_text(), re.DOTALL)
    first = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", light))
    return [first, first | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", dark))]


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_contrast(theme: int, text: str, ground: str) -> None:
    """Every pair of text and ground reaches 4.5 : 1 (WCAG 2.2, 1.4.3 AA) in both themes."""
    colours = _themes()[theme]
    dark, light = sorted((_luminance(colours[text]), _luminance(colours[ground])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_page_of_sources_tells_how_they_go(world: World, signed_in: httpx.Client) -> None:
    """Each with its next run and why then, and what was spent today; an auditor has no use for it."""
    world.source("nhs")
    with world.core.database.transaction() as session:
        source = source_named(session, "nhs")
        source.pace_reason = "slower: nothing new in the last run"
        add_usage(session, source.id, world.core.now().date(), "requests", 7)
    shown = signed_in.get("/sources").text
    assert "slower: nothing new in the last run" in shown
    assert '<td role="cell" data-label="Spent" class="number">7</td>' in shown
    signed_in.cookies.clear()
    signed_in.post("/sign-in", data={"token": _token(world, "auditor")})
    assert signed_in.get("/sources").status_code == 403
