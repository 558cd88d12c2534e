"""An alert as people look at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitor.core import Core
from monitor.details import AlertDetail, alert_detail
from monitor.storage.alert import find_alerts
from tests.monitor.pictures import draw, encode, letter

LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"

Publish = Callable[..., None]
Process = Callable[[], None]


def detail(core: Core) -> AlertDetail:
    """The one alert, with everything that is read later loaded."""
    with core.database.read() as session:
        (alert,) = find_alerts(session)
        found = alert_detail(session, alert)
        _ = found.findings
        return found


def test_each_post_is_shown_in_its_newest_wording(core: Core, post: Publish, process: Process) -> None:
    """Both posts of a leak are shown, first seen first, masked, in the wording they have now."""
    post("one", LEAK)
    process()
    post("two", f"reposting: {LEAK}")
    post("one", f"edited: {LEAK}")
    process()
    seen = detail(core).posts
    assert [(s.post.external_id, s.reason, s.revision.number) for s in seen] == [
        ("one", "first", 2),
        ("two", "same_identifiers", 1),
    ]
    assert [(s.revision.masked_text or "").split(":")[0] for s in seen] == ["edited", "reposting"]
    for shown in seen:
        assert "888" not in (shown.revision.masked_text or "")
        assert {"nhs_number", "person_name"} <= {finding.kind for finding in shown.text_findings}


def test_findings_are_those_of_all_posts(core: Core, post: Publish, process: Process) -> None:
    """The alert's findings are its pictures' and its texts', none in the clear."""
    post("one", LEAK, page=encode(draw("Menu of the day")))
    process()
    found = detail(core)
    (shown,) = found.posts
    (picture,) = shown.pictures
    assert picture.examination is not None
    assert found.findings == [*picture.findings, *shown.text_findings]
    assert not [finding for finding in found.findings if "888" in finding.masked]
    previews = [item.blob_sha256 for item in found.evidence if item.kind == "preview"]
    assert [picture.preview_sha256] == previews


def test_what_two_posts_show_is_found_once(core: Core, post: Publish, process: Process) -> None:
    """One picture in two posts of an alert: both show what was found in it, and the alert tells it once."""
    shot = letter()
    post("one", page=shot)
    post("two", page=shot)
    process()
    found = detail(core)
    shown = [seen.pictures[0].findings for seen in found.posts]
    assert shown[0] == shown[1] != ()
    told = [finding.id for finding in found.findings]
    assert sorted(told) == sorted({*told})
    assert {finding.id for finding in shown[0]} <= {*told}


def test_a_file_that_could_not_be_had_is_shown(core: Core, folder: Path, process: Process) -> None:
    """A picture that is missing stands in its place with its reason, without findings or preview."""
    line = f'{{"id": "one", "text": "{LEAK}", "files": ["gone.png"]}}\n'
    (folder / "posts.jsonl").write_text(line)
    process()
    ((picture,),) = [seen.pictures for seen in detail(core).posts]
    assert (picture.attachment.state, picture.examination, picture.preview_sha256) == ("failed", None, None)
    assert "gone.png" in (picture.attachment.error or "")
    assert picture.findings == ()
