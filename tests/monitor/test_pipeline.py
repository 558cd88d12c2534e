"""From a post to an alert or to nothing: what the pipeline stores, and what it must not keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select, text

from monitor.core import Core
from monitor.details import AlertDetail, alert_detail
from monitor.storage.alert import Alert, find_alerts
from monitor.storage.base import Base
from monitor.storage.blob import Blob
from monitor.storage.post import Attachment, Post, PostRevision
from monitor.storage.source import all_sources
from monitor.storage.work import retry_failed
from tests.monitor.pictures import bomb, decoded, draw, encode, letter

NUMBER = "9990123454"
LEAK = (
    "look who was in A&E: NHS No 999 012 3454, Mrs Amelia Tregarth, DOB 14/03/1951, admitted with chest pain"
)

Process = Callable[[], None]
Publish = Callable[..., None]


def alerts(core: Core) -> list[AlertDetail]:
    """Every alert, oldest first."""
    with core.database.read() as session:
        details = [alert_detail(session, alert) for alert in reversed(find_alerts(session))]
        for detail in details:
            _ = detail.findings, [(s.reason, s.post.external_id) for s in detail.alert.sightings]
        return details


def revisions(core: Core) -> dict[str, PostRevision]:
    """The newest revision of each post by the post's external id."""
    with core.database.read() as session:
        rows = session.execute(
            select(Post.external_id, PostRevision).join(PostRevision).order_by(PostRevision.number)
        )
        return {row.external_id: row.PostRevision for row in rows}


def test_a_leak_becomes_an_alert_and_a_joke_does_not(core: Core, post: Publish, process: Process) -> None:
    """A post that exposes a patient alerts with masked reasons; an ordinary one leaves no alert."""
    post("leak", LEAK)
    post("joke", "my dog ate the remote again")
    process()
    (detail,) = alerts(core)
    assert detail.posts[0].post.external_id == "leak"
    assert detail.alert.reference.startswith("LW-")
    assert detail.alert.reasons
    assert not any("012 3454" in reason or "Tregarth" in reason for reason in detail.alert.reasons)
    assert {revision.stage for revision in revisions(core).values()} == {"done"}


def test_a_source_may_have_a_threshold_of_its_own(core: Core, post: Publish, process: Process) -> None:
    """What a strict source does not alert on alerts again when its threshold is taken away."""
    for threshold in (0.999, None):
        with core.database.transaction() as session:
            for source in all_sources(session):
                source.alert_threshold = threshold
        post(f"leak-{threshold}", f"{LEAK} {threshold}")
        process()
    (detail,) = alerts(core)
    assert [seen.post.external_id for seen in detail.posts] == ["leak-None"]
    assert detail.alert.factors[0].keys() == {"name", "strength", "weight"}


def test_a_picture_is_read_sealed_and_previewed(core: Core, post: Publish, process: Process) -> None:
    """Evidence of an alert is the original as it was, the post, the clear findings and a preview."""
    original = letter()
    post("picture", "found this on the bus", photo=original)
    process()
    (detail,) = alerts(core)
    kinds = {item.kind: item for item in detail.evidence}
    assert set(kinds) == {"original", "text", "preview", "clear_findings"}
    with core.database.read() as session:
        assert core.blobs.read(session, kinds["original"].blob_sha256) == original
        clear = json.loads(core.blobs.read(session, kinds["clear_findings"].blob_sha256))
        post_document = json.loads(core.blobs.read(session, kinds["text"].blob_sha256))
    assert NUMBER in clear["values"].values()
    assert post_document["text"] == "found this on the bus"
    assert kinds["preview"].derived_from == kinds["original"].blob_sha256
    number = next(finding for finding in detail.findings if finding.kind == "nhs_number")
    assert number.masked == "999 *** **54"
    assert number.box is not None


def test_the_database_holds_no_clear_identifier(core: Core, post: Publish, process: Process) -> None:
    """No table has the number, the name or the date of birth of a patient in the clear."""
    post("picture", LEAK, photo=letter())
    post("harmless", "NHS No 999 888 7771 is what the form said, nothing else", page=letter("999 888 7771"))
    process()
    with core.database.read() as session:
        for table in Base.metadata.sorted_tables:
            dump = repr(session.execute(select(table)).all()).lower()
            for secret in (
                "9990123454",
                "999 012 3454",
                "9998887771",
                "999 888 7771",
                "tregarth",
                "14/03/1951",
            ):
                assert secret not in dump, table.name


def test_words_beside_the_text_count_as_written(core: Core, folder: Path, process: Process) -> None:
    """An alternative text alerts and is sealed; what the post answers lends nobody and is kept nowhere."""
    (folder / "cat.png").write_bytes(encode(draw("Menu of the day")))
    line = {
        "id": "alt",
        "text": "look",
        "files": ["cat.png"],
        "alt": [LEAK],
        "card": {"title": "A page"},
        "context": ["NHS No 999 888 7771 Mr Owen Pellow"],
    }
    (folder / "posts.jsonl").write_text(json.dumps(line) + "\n")
    process()
    (detail,) = alerts(core)
    assert {f.masked for f in detail.findings if f.kind == "nhs_number"} == {"999 *** **54"}
    said = [f for f in detail.posts[0].text_findings if f.kind != "wording"]  # which is of the whole
    assert {f.facts["part"] for f in said} == {"alt", "context"}
    (written,) = [item for item in detail.evidence if item.kind == "text"]
    with core.database.read() as session:
        document = json.loads(core.blobs.read(session, written.blob_sha256))
    assert document["attachments"][0]["alt_text"] == LEAK
    assert document["card"] == ["A page", ""]
    assert "Pellow" not in json.dumps(document)


def test_the_text_people_see_is_masked(core: Core, post: Publish, process: Process) -> None:
    """However a number or a name is written, the text beside the alert does not show it."""
    post(
        "leak",
        "NHS No ９９９ 012 3454 ②, Mrs Siân O’Brien-Rees, DOB 14/03/1951, has sepsis. So sad.",
    )
    process()
    (detail,) = alerts(core)
    shown = detail.posts[0].revision.masked_text or ""
    assert shown.endswith("has sepsis. So sad.")
    for secret in ("９９９", "3454", "Siân", "Rees", "14/03"):
        assert secret not in shown


def test_what_did_not_alert_is_deleted(core: Core, post: Publish, process: Process, tmp_path: Path) -> None:
    """Of a harmless post neither text nor bytes stay: only digest, fingerprint and verdict."""
    post("cat", "my cat", photo=encode(draw("Menu of the day\n\nsoup 4.50\npie 9.20\ntea 2.10")))
    process()
    revision = revisions(core)["cat"]
    assert revision.text_ciphertext is None
    assert revision.assessment is not None
    assert not revision.assessment["alert"]
    with core.database.read() as session:
        assert all(blob.wrapped_key is None for blob in session.scalars(select(Blob)))
        assert session.scalar(text("select count(*) from fingerprint")) == 1
    assert list((tmp_path / "data" / "evidence").glob("??/??/*")) == []


BAD_FILES = {
    "zero": b"",
    "words": b"this is a text file with a picture's name\n" * 20,
    "cut": letter()[:2000],
    "bomb": bomb(),
}


def test_a_file_that_cannot_be_read_is_kept_as_failed(core: Core, post: Publish, process: Process) -> None:
    """Zero bytes, text, a cut-off picture and a 50,000 x 50,000 bomb fail with one sentence each."""
    for name, data in BAD_FILES.items():
        post(name, "look", photo=data)
    post("good", "look", photo=letter())
    process()
    found = revisions(core)
    for name in BAD_FILES:
        assert found[name].stage == "failed"
        assert found[name].error
        assert "\n" not in (found[name].error or "")
    assert found["good"].stage == "done"
    assert [detail.posts[0].post.external_id for detail in alerts(core)] == ["good"]


def test_a_bad_file_does_not_hide_its_neighbour(core: Core, post: Publish, process: Process) -> None:
    """A post with one broken and one leaking picture alerts, and still counts as failed."""
    post("mixed", "two pictures", broken=b"\x89PNG broken", photo=letter())
    process()
    assert len(alerts(core)) == 1
    assert revisions(core)["mixed"].stage == "failed"


TURNED = Image.Exif()
TURNED[0x0112] = 6  # orientation: the top row of the upright picture is the right column of the stored one

GOOD_FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "gif": ("GIF", {"save_all": True, "append_images": [draw("second frame")]}),
    "cmyk": ("JPEG", {"quality": 92}),
    "deep": ("PNG", {}),
    "turned": ("JPEG", {"quality": 92, "exif": TURNED}),
}


def picture_of(kind: str) -> bytes:
    """The letter in one of the unusual forms."""
    form, options = GOOD_FILES[kind]
    image = decoded(letter())
    if kind == "cmyk":
        image = image.convert("CMYK")
    if kind == "deep":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if kind == "turned":
        image = image.transpose(Image.Transpose.ROTATE_90)
    return encode(image, form, **options)


@pytest.mark.parametrize("kind", GOOD_FILES)
def test_unusual_pictures_are_read(core: Core, post: Publish, process: Process, kind: str) -> None:
    """An animated GIF, a CMYK JPEG, a 16-bit PNG and an EXIF-rotated photo alert like any picture."""
    post(kind, "", photo=picture_of(kind))
    process()
    (detail,) = alerts(core)
    assert "nhs_number" in {finding.kind for finding in detail.findings}


def test_a_missing_file_is_one_sentence(core: Core, folder: Path, process: Process) -> None:
    """A file that the feed names and that is not there fails its post, with the file's name."""
    (folder / "posts.jsonl").write_text('{"id": "1", "text": "hello", "files": ["gone.jpg"]}\n')
    process()
    revision = revisions(core)["1"]
    assert revision.stage == "failed"
    assert "gone.jpg" in (revision.error or "")


def test_a_malformed_line_is_kept_with_its_number(core: Core, folder: Path, process: Process) -> None:
    """A line that is not JSON is kept as failed and names its line; the lines around it are read."""
    (folder / "posts.jsonl").write_text('{"id": "1", "text": "a"}\nnot json\n{"id": "3", "text": "c"}\n')
    process()
    found = revisions(core)
    assert found["1"].stage == found["3"].stage == "done"
    (bad,) = [revision for revision in found.values() if revision.stage == "failed"]
    assert "line 2" in (bad.error or "")


def test_the_same_picture_again_is_a_sighting(core: Core, post: Publish, process: Process) -> None:
    """A leak that is posted again joins its alert instead of raising another."""
    post("first", "look", photo=letter())
    process()
    post("second", "not mine but look", photo=letter())
    process()
    (detail,) = alerts(core)
    assert [(s.post.external_id, s.reason) for s in detail.alert.sightings] == [
        ("first", "first"),
        ("second", "same_image"),
    ]


def test_the_same_patient_in_other_bytes_is_a_sighting(core: Core, post: Publish, process: Process) -> None:
    """Recompressed, the same letter still shows the same identifiers, and is the same leak."""
    post("first", "look", photo=letter())
    process()
    post("second", "look", photo=encode(decoded(letter()), "JPEG", quality=80))
    process()
    (detail,) = alerts(core)
    assert [s.reason for s in detail.alert.sightings] == ["first", "near_copy"]


def test_two_patients_on_one_form_stay_apart(core: Core, post: Publish, process: Process) -> None:
    """The same form with another patient is another alert, however alike the pictures are."""
    post("first", "look", photo=letter("999 012 3454", "Mrs Amelia Tregarth"))
    post("second", "look", photo=letter("999 888 7771", "Mr Owen Pellow"))
    process()
    assert len(alerts(core)) == 2


def test_an_edit_is_examined_again(core: Core, post: Publish, process: Process) -> None:
    """An edited post is a new revision; if the edit leaks, it alerts, once."""
    post("edited", "nothing to see")
    process()
    assert alerts(core) == []
    post("edited", LEAK)
    process()
    post("edited", LEAK + ". So sad.")
    process()
    (detail,) = alerts(core)
    assert detail.posts[0].revision.number == 3
    assert len(detail.alert.sightings) == 1


def test_reading_twice_stores_once(core: Core, post: Publish, process: Process) -> None:
    """Running again over the same posts changes nothing."""
    post("leak", LEAK)
    process()
    before = [(d.alert.reference, d.alert.version) for d in alerts(core)]
    process()
    assert [(d.alert.reference, d.alert.version) for d in alerts(core)] == before


def test_a_failed_post_can_be_tried_again(core: Core, folder: Path, process: Process) -> None:
    """Once its missing file is there, a failed post is examined like any other."""
    (folder / "posts.jsonl").write_text('{"id": "1", "text": "hello", "files": ["late.img"]}\n')
    process()
    (folder / "late.img").write_bytes(letter())
    with core.database.transaction() as session:
        assert retry_failed(session, revisions(core)["1"].id, core.now())
    process()
    assert revisions(core)["1"].stage == "done"
    assert len(alerts(core)) == 1
    with core.database.read() as session:
        assert session.scalars(select(Attachment)).one().state == "acquired"
        assert session.scalars(select(Alert)).one().status == "new"


def test_a_resolved_leak_that_comes_back_is_reopened(core: Core, post: Publish, process: Process) -> None:
    """Posted again after it was got rid of, a leak is new work; a dismissed one stays dismissed."""
    post("first", LEAK)
    process()
    for number, (status, expected) in enumerate([("resolved", "new"), ("dismissed", "dismissed")]):
        with core.database.transaction() as session:
            session.scalars(select(Alert)).one().status = status
        post(f"again-{number}", LEAK)
        process()
        (detail,) = alerts(core)
        assert detail.alert.status == expected
    assert len(detail.alert.sightings) == 3
