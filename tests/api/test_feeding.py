"""Posts, sources and templates over HTTP: what is watched, what came in, what it is compared with."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from datetime import timedelta
from threading import BoundedSemaphore

import httpx
import pytest
from PIL import Image, ImageDraw

from api import template_forms
from api.schemas.base import Page
from api.schemas.post import PostOut, PostSummary
from api.schemas.source import RunOut, SourceOut
from api.schemas.template import TemplateOut
from connectors.traffic import Exchange
from detectors.templates.base import TemplateSaid
from detectors.templates.report import Learning
from monitor.recordings import record_for
from monitor.storage.audit import audit_events
from monitor.storage.source import SourceRun, due_sources, source_named
from monitor.storage.traffic import add_usage
from monitor.templates import Registration, register_template
from monitor.traffic import SourceTraffic
from tests.api.served import World, bearer


@pytest.fixture
def admin(world: World, client: httpx.Client) -> httpx.Client:
    """A client with an admin's key."""
    client.headers.update(bearer(world.key("admin")))
    return client


def _actions(world: World) -> list[str]:
    with world.core.database.read() as session:
        return [line.action for line in audit_events(session)]


def test_failed_posts_are_listed_page_by_page(world: World, admin: httpx.Client) -> None:
    """`stage=failed` with one item a page shows every failed post once, with its reason, and no other."""
    failed = [str(world.post("failed", error="The file is not a picture.")) for _ in range(2)]
    world.post("done")
    seen, address = [], "/api/v1/posts?stage=failed&limit=1"
    while address:
        answer = admin.get(address).raise_for_status()
        page = Page[PostSummary].model_validate(answer.json())
        seen += [(str(item.id), item.error) for item in page.items]
        address = page.next or ""
    assert seen == [(post, "The file is not a picture.") for post in reversed(failed)]


def test_posts_are_listed_by_platform(world: World, admin: httpx.Client) -> None:
    """The platform filter leaves that platform's posts."""
    world.post(platform="reddit")
    mine = world.post(platform="bluesky")
    items = admin.get("/api/v1/posts", params={"platform": "bluesky"}).json()["items"]
    assert [item["id"] for item in items] == [str(mine)]


def test_a_post_tells_its_alert(world: World, admin: httpx.Client) -> None:
    """A post that belongs to an alert names it."""
    leak = world.leak()
    post = PostOut.model_validate(admin.get(f"/api/v1/posts/{leak.post_id}").json())
    assert post.alert == leak.reference


def test_a_failed_post_is_processed_again(world: World, admin: httpx.Client) -> None:
    """Retrying puts the revision and its failed file back to the start; a second retry is a conflict."""
    address = f"/api/v1/posts/{world.post('failed', error='The file is not a picture.')}"
    before = PostOut.model_validate(admin.get(address).json())
    assert before.revisions[0].attachments[0].state == "failed"
    after = PostOut.model_validate(admin.post(f"{address}/retry").json())
    assert (after.stage, after.error) == ("acquire", None)
    assert after.revisions[0].attachments[0].state == "pending"
    assert admin.post(f"{address}/retry").status_code == 409
    assert _actions(world) == ["post.retry"]


def test_a_failed_post_whose_content_is_gone_stays_failed(world: World, admin: httpx.Client) -> None:
    """What was deleted cannot be processed again, and the answer says so."""
    post = world.post("failed", error="The file is not a picture.")
    world.forget_text(post)
    answer = admin.post(f"/api/v1/posts/{post}/retry")
    assert answer.status_code == 409
    assert "content is gone" in answer.json()["detail"]
    assert admin.get(f"/api/v1/posts/{post}").json()["stage"] == "failed"


@pytest.mark.parametrize("name", ["0199c6f2-6a0b-7f3e-8d4c-2b1a09f8e7d6", "nonsense"])
def test_an_unknown_post_is_a_problem(world: World, admin: httpx.Client, name: str) -> None:
    """An id that is nobody's is not found, and one that is no id is refused."""
    assert admin.get(f"/api/v1/posts/{name}").status_code in {404, 422}


def test_a_source_is_added_and_due_at_once(world: World, admin: httpx.Client) -> None:
    """A new source is stored with its settings checked, is due, and the log says who added it."""
    folder = world.core.settings.data_dir
    body = {"name": "drop", "connector": "folder", "config": {"path": str(folder)}, "poll_seconds": 60}
    answer = admin.post("/api/v1/sources", json=body)
    source = SourceOut.model_validate(answer.json())
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/v1/sources/drop")
    assert source.config["path"] == str(folder)
    assert admin.get("/api/v1/sources/drop").json() == answer.json()
    assert [item["name"] for item in admin.get("/api/v1/sources").json()["items"]] == ["drop"]
    with world.core.database.read() as session:
        assert [row.name for row in due_sources(session, world.core.now())] == ["drop"]
    assert admin.post("/api/v1/sources", json=body).status_code == 409
    assert _actions(world) == ["source.add"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "connector": "nowhere"},
        {"name": "x", "connector": "folder", "config": {}},
        {"name": "x", "connector": "folder", "config": {"path": "/srv", "pth": "/srv"}},
        {"name": "../x", "connector": "folder", "config": {"path": "/srv"}},
        {"name": "x", "connector": "folder", "config": {"path": "/srv"}, "poll_seconds": 0},
    ],
)
def test_a_source_that_cannot_work_is_refused(
    world: World, admin: httpx.Client, body: dict[str, object]
) -> None:
    """Unknown connectors, missing or misspelt settings and bad names are told in a sentence."""
    answer = admin.post("/api/v1/sources", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")
    assert admin.get("/api/v1/sources").json()["items"] == []


def test_a_source_is_paused_and_its_period_changed(world: World, admin: httpx.Client) -> None:
    """PATCH changes what it names and leaves the rest."""
    world.source("nhs")
    paused = admin.patch("/api/v1/sources/nhs", json={"enabled": False}).json()
    assert (paused["enabled"], paused["poll_seconds"]) == (False, None)
    slower = admin.patch("/api/v1/sources/nhs", json={"poll_seconds": 900}).json()
    assert (slower["enabled"], slower["poll_seconds"]) == (False, 900)
    stricter = admin.patch("/api/v1/sources/nhs", json={"alert_threshold": 0.9}).json()
    assert (stricter["poll_seconds"], stricter["alert_threshold"]) == (900, 0.9)
    assert admin.post("/api/v1/sources/nhs/run").status_code == 409


def test_a_source_has_bounds_and_a_pace(world: World, admin: httpx.Client) -> None:
    """How fast and slow it may become can be set, in order; what it spent is listed with caps."""
    world.source("nhs")
    bounds = {"poll_min_seconds": 60, "poll_max_seconds": 600}
    changed = admin.patch("/api/v1/sources/nhs", json=bounds).json()
    assert {name: changed[name] for name in bounds} == bounds
    assert (changed["packs"], changed["pace_seconds"]) == ([], None)
    wrong = admin.patch("/api/v1/sources/nhs", json={"poll_min_seconds": 900})
    assert (wrong.status_code, "above the longest" in wrong.json()["detail"]) == (422, True)
    with world.core.database.transaction() as session:
        source = source_named(session, "nhs")
        add_usage(session, source.id, world.core.now().date(), "requests", 7)
    (entry,) = admin.get("/api/v1/usage").json()["items"]
    assert (entry["source"], entry["meter"], entry["amount"], entry["cap"]) == ("nhs", "requests", 7, None)


def test_a_source_is_made_due(world: World, admin: httpx.Client) -> None:
    """Asking for a run makes the source due now."""
    world.source("nhs")
    with world.core.database.read() as session:
        assert list(due_sources(session, world.core.now())) == []
    assert admin.post("/api/v1/sources/nhs/run").status_code == 202
    with world.core.database.read() as session:
        assert [row.name for row in due_sources(session, world.core.now())] == ["nhs"]


def test_runs_are_listed_page_by_page(world: World, admin: httpx.Client) -> None:
    """A source's runs come newest first, one a page, each once."""
    world.source("nhs")
    now = world.core.now()
    with world.core.database.transaction() as session:
        source = source_named(session, "nhs")
        for minute in range(3):
            started = now + timedelta(minutes=minute)
            session.add(SourceRun(source_id=source.id, started_at=started, outcome="data", posts_new=minute))
            session.flush()
    seen, address = [], "/api/v1/sources/nhs/runs?limit=1"
    while address:
        page = Page[RunOut].model_validate(admin.get(address).raise_for_status().json())
        seen += [item.posts_new for item in page.items]
        address = page.next or ""
    assert seen == [2, 1, 0]


def _picture() -> bytes:
    image = Image.new("RGB", (620, 877), "white")
    pen = ImageDraw.Draw(image)
    for row in range(60, 800, 40):
        pen.rectangle((60, row, 200 + (row * 37) % 350, row + 14), fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_template_is_registered_paused_and_removed(world: World, admin: httpx.Client) -> None:
    """A template comes with its picture, can be switched off, and can be forgotten."""
    fields = {"name": "clinic-letter", "organisation": "Example Hospitals NHS Trust"}
    files = {"picture": ("letter.png", _picture(), "image/png")}
    admin.timeout = 60  # a worker process starts to read it
    answer = admin.post("/api/v1/templates", data=fields, files=files)
    template = TemplateOut.model_validate(answer.json())
    assert (answer.status_code, template.organisation) == (201, "Example Hospitals NHS Trust")
    again = admin.post("/api/v1/templates", data=fields, files=files)
    assert (again.status_code, again.json()["created_at"]) == (200, answer.json()["created_at"])
    other = {**fields, "organisation": "Another Trust"}
    assert admin.post("/api/v1/templates", data=other, files=files).status_code == 409
    report = admin.post("/api/v1/templates/test", files=files).json()
    assert (report["matches"][0]["name"], report["matches"][0]["level"]) == ("clinic-letter", "layout_match")
    assert base64.b64decode(report["overlay"]).startswith(b"\x89PNG")
    off = admin.patch("/api/v1/templates/clinic-letter", json={"enabled": False})
    assert off.json()["enabled"] is False
    changed, seen = {"notes": "all sites", "thresholds": {"tiles": 20}}, {"If-Match": off.headers["ETag"]}
    kept = admin.patch("/api/v1/templates/clinic-letter", json=changed, headers=seen)
    assert (kept.json()["version"], kept.headers["ETag"]) == (3, '"3"')
    late = admin.patch("/api/v1/templates/clinic-letter", json={"notes": "x"}, headers=seen)
    assert (late.status_code, late.json()["type"][-16:]) == (412, "template-changed")
    wrong = {"thresholds": {"sharpness": 1}}
    assert admin.patch("/api/v1/templates/clinic-letter", json=wrong).status_code == 422
    shown = admin.get("/api/v1/templates/clinic-letter").json()
    assert (shown["thresholds"]["tiles"], len(shown["history"])) == (20, 3)
    assert admin.delete("/api/v1/templates/clinic-letter").status_code == 204
    assert admin.get("/api/v1/templates").json()["items"] == []
    assert admin.delete("/api/v1/templates/clinic-letter").status_code == 404
    assert _actions(world) == ["template.remove", "template.change", "template.disable", "template.add"]


def test_templates_come_a_page_at_a_time(world: World, admin: httpx.Client) -> None:
    """With one a page, every template is listed once, in the order of registration."""
    said = TemplateSaid("unread")
    for name in ("c", "a", "b"):
        new = Registration(replace(said, name=name), (name.encode(),), Learning(b""))
        with world.core.database.transaction() as session:
            register_template(session, world.core.blobs, new, actor="test", now=world.core.now())
    seen, address = [], "/api/v1/templates?limit=1"
    while address:
        page = Page[TemplateOut].model_validate(admin.get(address).raise_for_status().json())
        seen += [item.name for item in page.items]
        address = page.next or ""
    assert seen == ["c", "a", "b"]
    assert admin.get("/api/v1/templates?page=2").status_code == 422


@pytest.mark.parametrize(
    ("fields", "picture"),
    [
        ({"name": "x"}, None),
        ({}, b"GIF89a"),
        ({"name": "x"}, b"not a picture"),
        ({"name": "../x"}, b"GIF89a"),
        ({"name": "x", "also": "y"}, b"GIF89a"),
    ],
)
def test_an_upload_that_cannot_be_a_template_is_refused(
    world: World, admin: httpx.Client, fields: dict[str, str], picture: bytes | None
) -> None:
    """Without a name, a picture, or with fields that are not known, nothing is stored."""
    files = {"picture": ("x.gif", picture)} if picture is not None else {"other": ("x.gif", b"")}
    answer = admin.post("/api/v1/templates", data=fields, files=files)
    assert answer.status_code == 422, answer.text
    assert admin.get("/api/v1/templates").json()["items"] == []


def test_pictures_are_compared_a_few_at_a_time(
    world: World, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While others are being compared one waits, and is told when to come again; each takes a process."""
    monkeypatch.setattr(template_forms, "_AT_WORK", BoundedSemaphore(1))
    monkeypatch.setattr(template_forms, "_PATIENCE", 0.1)
    with template_forms._AT_WORK:
        busy = admin.post("/api/v1/templates/test", files={"picture": ("x.png", b"x")})
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "1")


def test_too_many_files_are_refused_with_a_sentence(world: World, admin: httpx.Client) -> None:
    """A form of more pictures than are taken says how many are."""
    files = [("picture", ("x.png", b"x")), *(("sample", (f"{n}.png", b"x")) for n in range(5))]
    answer = admin.post("/api/v1/templates", data={"name": "x"}, files=files)
    assert (answer.status_code, "at most 5 files" in answer.json()["detail"]) == (422, True)


def test_a_recording_opens_for_a_coordinator_with_a_reason(world: World, client: httpx.Client) -> None:
    """The list shows no content; opening takes the role and a reason, and is logged."""
    world.source("nhs")
    with world.core.database.transaction() as session:
        record_for(session, "nhs", timedelta(hours=1), actor="cli:test", now=world.core.now())
    with world.core.database.read() as session:
        source = source_named(session, "nhs")
    SourceTraffic(world.core, source).heard(
        "f.example", Exchange("GET", "https://f.example/a", 200, {}, b"said")
    )
    reader, opener = bearer(world.key("admin")), bearer(world.key("coordinator"))
    address = "/api/v1/sources/nhs/recordings"
    (listed,) = client.get(address, headers=reader).json()["items"]
    assert (listed["host"], listed["size"], "body" in listed) == ("f.example", 4, False)
    address, body = f"{address}/{listed['id']}/open", {"reason": "Pictures of it are missing."}
    assert client.post(address, headers=reader, json=body).status_code == 403
    assert client.post(address, headers=opener, json={"reason": "no"}).status_code == 422
    opened = client.post(address, headers=opener, json=body).json()
    assert (opened["url"], base64.b64decode(opened["body"])) == ("https://f.example/a", b"said")
    assert _actions(world).count("source.recording.read") == 1
