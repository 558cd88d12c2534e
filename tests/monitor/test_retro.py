"""Looking back: pages that were examined before a template was registered."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from detectors.base import Pixels, TextLayer
from detectors.local_features import Features, page_features, reduced
from detectors.templates.base import Kind, Template, TemplateSaid
from detectors.templates.packing import pack
from detectors.templates.registration import learn
from detectors.templates.report import Learning
from detectors.templates.sketch import inliers_of, sketch_of
from monitor import retro
from monitor.alerts import change_status
from monitor.core import Core
from monitor.details import AlertDetail, alert_detail
from monitor.reposts.known import benign_images
from monitor.storage.alert import find_alerts
from monitor.storage.blob import Blob
from monitor.storage.examination import Finding
from monitor.storage.post import PostRevision
from monitor.storage.retro import PageSketch, RetroMatch
from monitor.storage.source import all_sources
from monitor.storage.template import Template as Stored
from monitor.storage.template import template_named
from monitor.templates import Registration, describe_template, register_template
from tests.detectors.letters import clinic_letter, encoded, landscape
from tests.services.forks import Forks

CHILD = "tests.monitor.retro_child"

Publish = Callable[..., None]
Process = Callable[[], None]
Keep = Callable[[str, Pixels], None]


class Blind:
    """Reads nothing."""

    name = "blind"

    def read(self, pixels: Pixels) -> TextLayer:
        """No words."""
        return TextLayer("ocr")


def sketched(pixels: Pixels) -> bytes:
    """A page's sketch."""
    grey = reduced(pixels)
    return sketch_of(grey, page_features(grey))


@pytest.fixture
def keep(core: Core) -> Keep:
    """Keeps a page's sketch under a name."""

    def run(name: str, pixels: Pixels) -> None:
        with core.database.transaction() as session:
            retro.keep_sketch(core, session, name, sketched(pixels))

    return run


def register(core: Core, kind: Kind = "document") -> None:
    """Register the clinic letter, and look back."""
    page = clinic_letter(name="", number="")
    said = TemplateSaid("clinic", kind=kind)
    shown = clinic_letter() if kind == "document" else clinic_letter(name="", number="")
    template = learn([shown.pixels], said, Blind()).template
    new = Registration(said, (encoded(page.picture),), Learning(pack(template)))
    with core.database.transaction() as session:
        retro.begin(core, session, register_template(session, core.blobs, new, actor="test", now=core.now()))


@pytest.fixture(scope="module")
def learned() -> Template:
    """The clinic letter's template."""
    return learn([clinic_letter().pixels], TemplateSaid("clinic"), Blind()).template


def other_than(template: Template) -> Template:
    """A template with other print in the same places."""
    features = template.features
    noise = np.random.default_rng(5).integers(0, 256, features.descriptors.shape, np.uint8)
    return replace(template, features=Features(features.points, noise))


def state(core: Core) -> tuple[int, int, bool]:
    """How far the search is: total, done, finished."""
    with core.database.read() as session:
        said = retro.describe(session, template_named(session, "clinic"))
    return said["total"], said["done"], said["finished"]


def matched(core: Core) -> set[str]:
    """The pages found so far."""
    with core.database.read() as session:
        return set(session.scalars(select(RetroMatch.blob_sha256)))


def test_pages_seen_before_are_found_step_by_step(core: Core, keep: Keep) -> None:
    """Each step compares some pages and says how far it is; the letter is found, the photograph is not."""
    keep("a", landscape())
    keep("b", clinic_letter(name="Tobias Wren", number="999 000 0018").pixels)
    keep("c", landscape(seed=3))
    register(core)
    progress = [state(core)]
    while retro.step(core, limit=2):
        progress.append(state(core))
    assert progress == [(3, 0, False), (3, 2, False), (3, 3, True)]
    assert matched(core) == {"b"}


def test_a_step_that_is_repeated_changes_nothing(core: Core, keep: Keep) -> None:
    """Looking again finds the same pages once."""
    keep("b", clinic_letter().pixels)
    register(core)
    while retro.step(core):
        pass
    with core.database.transaction() as session:
        retro.begin(core, session, template_named(session, "clinic"))
    while retro.step(core):
        pass
    assert matched(core) == {"b"}


@pytest.fixture
def quiet(core: Core, post: Publish, process: Process) -> float:
    """Two posts of one letter that did not alert; the score from which they would have."""
    strict(core, 1.0)
    shown = clinic_letter(name="Tobias Wren", number="")
    for name in ("first", "second"):
        post(name, page=encoded(shown.picture))
    process()
    with core.database.read() as session:
        (score,) = {revision.assessment["score"] for revision in session.scalars(select(PostRevision))}
    assert not alerts(core)
    strict(core, score + 0.0003)
    return score


def strict(core: Core, threshold: float) -> None:
    """Let the source alert from this score on."""
    with core.database.transaction() as session:
        for source in all_sources(session):
            source.alert_threshold = threshold


def alerts(core: Core) -> list[set[str]]:
    """The posts of each alert."""
    with core.database.read() as session:
        return [{seen.post.external_id for seen in alert.sightings} for alert in find_alerts(session)]


def details(core: Core) -> list[AlertDetail]:
    """Every alert, with what was found."""
    with core.database.read() as session:
        found = [alert_detail(session, alert) for alert in find_alerts(session)]
        for each in found:
            _ = each.findings
        return found


def look_back(core: Core) -> None:
    """Compare everything that there is."""
    while retro.step(core):
        pass


@pytest.mark.usefixtures("quiet")
def test_earlier_posts_get_their_alert_once(core: Core, process: Process) -> None:
    """What a template makes of an earlier page goes through ordinary triage: two posts, one alert, once."""
    register(core)
    look_back(core)
    process()
    assert alerts(core) == [{"first", "second"}]
    with core.database.transaction() as session:
        assert {
            each["alert"] for each in retro.describe(session, template_named(session, "clinic"))["posts"]
        } == {find_alerts(session)[0].reference}
        retro.begin(core, session, template_named(session, "clinic"))
    look_back(core)
    process()
    assert alerts(core) == [{"first", "second"}]
    (detail,) = details(core)
    assert any("registered template clinic" in finding.why for finding in detail.findings)


@pytest.mark.usefixtures("quiet")
def test_a_death_at_any_page_loses_and_doubles_nothing(
    core: Core, keep: Keep, process: Process, forks: Forks
) -> None:
    """Killed before each page's commit in turn, the look back goes on from there: one alert, one finding."""
    keep("0", landscape())
    keep("g", landscape(seed=3))
    register(core)
    progress = []
    for commits in itertools.count():
        code = forks.run(CHILD, core.settings.data_dir, core.settings.database_url, commits)
        progress.append(state(core))
        process()
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert progress == [(3, 0, False), (3, 1, False), (3, 3, False), (3, 3, True)]
    assert alerts(core) == [{"first", "second"}]
    with core.database.read() as session:
        (template,) = session.scalars(select(Finding).where(Finding.kind == "template"))
    assert template.facts["looked_back"]


@pytest.mark.usefixtures("quiet")
def test_a_kept_picture_is_examined_again(core: Core, process: Process) -> None:
    """Where the original is still kept for another reason, a fresh look tells more than features do."""
    with core.database.transaction() as session:
        for blob in session.scalars(select(Blob).where(Blob.media_type == "image/png")):
            blob.wrapped_key, blob.deleted_at = None, core.now()
        data = encoded(clinic_letter(name="Tobias Wren", number="").picture)
        core.blobs.register(session, core.blobs.write(data, "image/png"), core.now())
    register(core)
    look_back(core)
    process()
    (detail,) = details(core)
    assert any(finding.facts.get("tiles") for finding in detail.findings)


def test_many_templates_are_looked_for_together(core: Core, keep: Keep, learned: Template) -> None:
    """Templates that were registered at once go through the pages at once, each page with the likeliest."""
    keep("a", landscape())
    keep("b", clinic_letter(name="Tobias Wren", number="999 000 0018").pixels)
    now, other = core.now(), other_than(learned)
    with core.database.transaction() as session:
        for number in range(retro.CANDIDATES + 2):
            template = learned if number == 3 else other
            named = replace(template, facts=replace(template.facts, name=f"t{number}"))
            new = Registration(TemplateSaid(named.facts.name), (b"x",), Learning(pack(named)))
            known = register_template(session, core.blobs, new, actor="test", now=now)
            retro.begin(core, session, known)
    assert [retro.step(core), retro.step(core)] == [True, False]
    with core.database.read() as session:
        found = [(match.blob_sha256, session.get_one(Stored, match.template_id).name)
                 for match in session.scalars(select(RetroMatch))]  # fmt: skip
    assert found == [("b", "t3")]


def test_a_page_that_was_altered_stops_no_other(core: Core, keep: Keep) -> None:
    """A sketch that cannot be opened is passed over."""
    for name in ("a", "b"):
        keep(name, clinic_letter(name="Tobias Wren", number="999 000 0018").pixels)
    with core.database.transaction() as session:
        session.get_one(PageSketch, "a").ciphertext = b"\0" * 80
    register(core)
    look_back(core)
    assert matched(core) == {"b"}
    assert state(core) == (2, 2, True)


def test_what_was_examined_meanwhile_is_looked_at_too(core: Core, keep: Keep) -> None:
    """A page whose examination began before a template was there and ended after it is compared later."""
    register(core)
    look_back(core)
    keep("b", clinic_letter(name="Tobias Wren", number="999 000 0018").pixels)
    look_back(core)
    assert matched(core) == set()
    assert state(core) == (0, 0, True)
    look_back(replace(core, now=lambda: core.now() + retro.under_way(core)))
    assert matched(core) == {"b"}


def test_a_page_that_was_compared_already_is_not_judged_again(
    core: Core, post: Publish, process: Process
) -> None:
    """What was examined with the new template right after it came has its finding, once."""
    strict(core, 1.0)
    register(core)
    post("first", page=encoded(clinic_letter(name="Tobias Wren", number="").picture))
    process()
    look_back(replace(core, now=lambda: core.now() + retro.under_way(core)))
    with core.database.read() as session:
        assert len(session.scalars(select(Finding).where(Finding.kind == "template")).all()) == 1
        assert {revision.stage for revision in session.scalars(select(PostRevision))} == {"done"}
    assert len(matched(core)) == 1


@pytest.mark.usefixtures("quiet")
def test_benign_material_alerts_nobody(core: Core, process: Process) -> None:
    """A public form speaks against a leak; earlier copies of it stay as they were judged."""
    register(core, kind="benign")
    look_back(core)
    process()
    assert not alerts(core)


def test_a_copy_of_a_harmless_picture_is_passed_over_again(
    core: Core, post: Publish, process: Process
) -> None:
    """Its pixels are gone, but that it was a copy is remembered: no alert, and it is counted once."""
    strict(core, 0.05)
    shown = clinic_letter(name="Tobias Wren", number="").picture
    post("first", page=encoded(shown))
    process()
    with core.database.transaction() as session:
        (alert,) = find_alerts(session)
        change_status(session, alert, "dismissed", actor="x", now=core.now(), harmless_picture=True)
    post("copy", page=encoded(shown, "JPEG", quality=60))
    process()
    assert alerts(core) == [{"first"}]
    register(core)
    look_back(core)
    process()
    assert alerts(core) == [{"first"}]
    with core.database.read() as session:
        ((known, _),) = benign_images(session)
        assert known.suppressed == 1


def test_copies_of_benign_material_are_passed_over_and_counted(
    core: Core, post: Publish, process: Process
) -> None:
    """A public form speaks against a leak wherever it is posted, and its page says how often that was."""
    register(core, kind="benign")
    for name in ("first", "second"):
        post(name, page=encoded(clinic_letter(name="", number="").picture))
    process()
    with core.database.read() as session:
        said = describe_template(session, "clinic")
        (classes,) = {revision.assessment["leak_class"] for revision in session.scalars(select(PostRevision))}
    assert not alerts(core)
    assert (said["posts"], said["posts_without_alert"], classes) == (2, 2, "news_or_public")


def test_old_sketches_are_neither_compared_nor_kept(core: Core, keep: Keep) -> None:
    """What was seen before the last days is not compared, and forgotten."""
    keep("b", clinic_letter().pixels)
    later = replace(core, now=lambda: core.now() + timedelta(days=core.settings.retro_days + 1))
    register(later)
    assert state(later)[0] == 0
    retro.forget_old(later)
    with core.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PageSketch)) == 0


def test_a_sketch_is_kept_sealed(core: Core, keep: Keep) -> None:
    """What is stored is encrypted."""
    pixels = clinic_letter().pixels
    keep("b", pixels)
    with core.database.read() as session:
        row = session.get_one(PageSketch, "b")
    assert sketched(pixels)[10:74] not in row.ciphertext


def test_what_is_no_sketch_is_refused() -> None:
    """Other bytes are an error."""
    template = learn([clinic_letter().pixels], TemplateSaid("x"), Blind()).template
    with pytest.raises(ValueError, match="no page's sketch"):
        inliers_of(b"something else", template)
