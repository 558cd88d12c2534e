"""The console's pages of templates: registering with a look first, changing, trying a picture, who may."""

from __future__ import annotations

import re
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image

from detectors.templates import TemplateSaid, learn, pack
from detectors.templates.report import Learning
from monitor.templates import Registration, describe_template, register_template
from tests.api.served import World
from tests.console.test_console import Visit, visit
from tests.detectors.letters import clinic_letter, encoded
from tests.monitor.test_benchmark_templates import Blind

__all__ = ["visit"]

BLANK = encoded(clinic_letter(name="", number="").picture)
FILLED = encoded(clinic_letter(name="Tobias Wren", number="999 000 0018").picture)


def upload(name: str, data: bytes) -> dict[str, object]:
    """A file as a browser sends it."""
    return {"name": name, "mimeType": "image/png", "buffer": data}


@pytest.mark.needs_chromium
@pytest.mark.needs_tesseract
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_admin_registers_and_tries_a_template(world: World, visit: Visit) -> None:
    """Drawing the letterhead, seeing what would be learned, registering, comparing, switching off."""
    page = visit.sign_in(world, "admin")
    page.get_by_role("link", name="Templates").click()
    page.get_by_role("link", name="Register a template").click()
    page.get_by_label("Picture or PDF").set_input_files([upload("blank.png", BLANK)])  # type: ignore[list-item]
    shown = page.get_by_role("img", name=re.compile("chosen picture"))
    area = shown.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 10, area["y"] + 8)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] - 10, area["y"] + area["height"] * 0.15, steps=3)
    page.mouse.up()
    x, y, width, height = map(int, page.get_by_label(re.compile("^Letterhead")).input_value().split(","))
    assert (x, y) < (60, 60)
    assert width > 800
    assert 100 < height < 260
    page.get_by_label("Name", exact=True).fill("clinic-letter")
    page.get_by_label("Organisation").fill("Castlebourne Hospitals NHS Trust")
    page.get_by_role("button", name="Show what is learned").click()
    page.get_by_role("heading", name="What would be learned").wait_for()
    assert "castlebourne" in page.locator("main").inner_text()
    page.get_by_label("Picture or PDF").set_input_files([upload("blank.png", BLANK)])  # type: ignore[list-item]
    page.get_by_role("button", name="Register").click()
    page.wait_for_url("**/templates/clinic-letter?notice=added")
    print_ = page.get_by_role("img", name=re.compile("letterhead framed"))
    assert print_.evaluate("image => image.decode().then(() => image.naturalWidth)") > 700
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.get_by_role("link", name="Templates").first.click()
    page.get_by_label("Picture or PDF").set_input_files([upload("photo.png", FILLED)])  # type: ignore[list-item]
    page.get_by_role("button", name="Compare").click()
    assert "trust confirmed" in page.get_by_role("row", name="clinic-letter").inner_text()
    overlay = page.get_by_role("img", name=re.compile("green"))
    assert overlay.evaluate("image => image.decode().then(() => image.naturalWidth)") > 700
    page.get_by_role("link", name="clinic-letter").click()
    page.get_by_role("button", name="Stop using it").click()
    assert "no longer compared" in page.get_by_role("status").inner_text()
    page.get_by_text("What a match needs").click()
    page.get_by_label(re.compile("Printed places that agree")).fill("20")
    page.get_by_role("button", name="Keep").last.click()
    assert "The change is kept" in page.get_by_role("status").inner_text()
    with world.core.database.read() as session:
        said = describe_template(session, "clinic-letter")
    assert (said["enabled"], said["thresholds"]["tiles"], len(said["history"])) == (False, 20, 3)
    page.get_by_text("Remove it").click()
    page.get_by_role("button", name="Remove clinic-letter").click()
    assert "are removed" in page.get_by_role("status").inner_text()


def signed_in(world: World, client: httpx.Client, role: str) -> str:
    """Sign in; the session's token, from a form of its own."""
    client.cookies.clear()
    client.post("/sign-in", data={"token": world.sign_in_path(role).partition("=")[2]})
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/templates").text)
    return found[1] if found else ""


def test_what_each_role_may(world: World, client: httpx.Client) -> None:
    """Reviewers look and try; only admins register and change; every form needs its own session's token."""
    token = signed_in(world, client, "reviewer")
    assert "Register a template" not in client.get("/templates").text
    assert client.get("/templates/new").status_code == 403
    files = {"picture": ("x.png", b"nothing", "image/png")}
    assert client.post("/templates/new", files=files, data={"csrf": token, "name": "x"}).status_code == 403
    assert client.post("/templates/x/enabled", data={"csrf": token, "enabled": "false"}).status_code == 403
    assert client.post("/templates/x/removal", data={"csrf": token}).status_code == 403
    assert client.post("/templates/test", files=files, data={"csrf": "other"}).status_code == 403
    assert signed_in(world, client, "auditor") == ""
    assert client.get("/templates").status_code == 403
    token = signed_in(world, client, "admin")
    assert client.get("/templates/none-such").status_code == 404
    tried = client.post("/templates/test", files=files, data={"csrf": token})
    assert (tried.status_code, "Try a picture" in tried.text, "text, not a picture" in tried.text) == (
        422,
        True,
        True,
    )
    assert client.post("/templates/new", files=files, data={"csrf": "other", "name": "x"}).status_code == 403
    wrong = client.post("/templates/new", files=files, data={"csrf": token, "name": "../x"})
    assert (wrong.status_code, "The field name" in wrong.text) == (422, True)
    typed = {"csrf": token, "name": "x", "organisation": "Castlebourne", "letterhead": "1,2"}
    wrong = client.post("/templates/new", files=files, data=typed)
    assert (wrong.status_code, 'value="Castlebourne"' in wrong.text) == (422, True)
    wrong = client.post("/templates/new", files=files, data={"csrf": token, "name": "x"})
    assert (wrong.status_code, "is not a picture or a PDF" in wrong.text) == (422, True)


def test_the_page_shows_no_print_that_can_be_read(world: World, client: httpx.Client) -> None:
    """What is served of a template is its layout: no two pixels side by side differ as print does."""
    letter = clinic_letter(name="Tobias Wren", number="999 000 0018")
    learned = learn([letter.pixels], TemplateSaid("clinic", filled=True), Blind())
    said = Registration(
        TemplateSaid("clinic", filled=True), (encoded(letter.picture),), Learning(pack(learned.template))
    )
    with world.core.database.transaction() as session:
        register_template(session, world.core.blobs, said, actor="test", now=world.core.now())
    signed_in(world, client, "admin")
    served = client.get("/templates/clinic/picture")
    shown = np.asarray(Image.open(BytesIO(served.content)).convert("L")).astype(int)
    assert shown.shape[::-1] == learned.template.facts.size
    assert (
        np.abs(np.diff(shown, axis=1)).max()
        < 40
        < np.abs(np.diff(learned.template.raster.astype(int), axis=1)).max()
    )
