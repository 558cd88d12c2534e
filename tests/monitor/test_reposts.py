"""A leak that is posted again is recognised, two patients never become one, and people's answers are kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import func, select

from monitor.alerts import change_status
from monitor.core import Core
from monitor.errors import Conflict
from monitor.reposts.answers import answer
from monitor.reposts.features import KnownFeatures
from monitor.reposts.known import add_known, benign_images, seal_features
from monitor.reposts.links import open_questions, related, spread
from monitor.storage.alert import Alert, Sighting, find_alerts, get_alert
from monitor.storage.evidence import custody_of, evidence_of
from monitor.storage.examination import Examination, Fingerprint
from tests.monitor.pictures import decoded, draw, encode, letter

Process = Callable[[], None]
Publish = Callable[..., None]

NUMBERLESS = """Castle Vale University Hospitals NHS Trust
Department of Cardiology
DISCHARGE SUMMARY
Dear {name},     Ward: 7B
Date of birth: {born}
Date of admission: 02/11/2026
Presenting complaint: chest pain
Diagnoses: non-ST elevation myocardial infarction
Medications: bisoprolol 2.5 mg, ramipril 5 mg
Plan and requested actions: GP to repeat U&E in two weeks"""


def page(name: str = "Mrs Amelia Tregarth", born: str = "14/03/1951") -> Image.Image:
    """A discharge summary without any number."""
    return draw(NUMBERLESS.format(name=name, born=born))


def sightings(core: Core) -> dict[str, list[tuple[str, str]]]:
    """Each alert's posts and why they are there, by reference."""
    with core.database.read() as session:
        return {
            alert.reference: [(s.post.external_id, s.reason) for s in alert.sightings]
            for alert in reversed(find_alerts(session))
        }


def references(core: Core) -> list[str]:
    """The alerts, oldest first."""
    return list(sightings(core))


def count(core: Core, table: type, *where: object) -> int:
    """Rows of a table."""
    with core.database.read() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


def files(core: Core) -> set[str]:
    """What lies in the evidence store."""
    return {path.name for path in (core.settings.data_dir / "evidence").rglob("*") if path.is_file()}


def test_edited_copies_join_the_alert(core: Core, post: Publish, process: Process) -> None:
    """A recompressed, a cropped and a bordered copy are sightings of one alert, found by their pixels."""
    original = page()
    post("first", photo=encode(original))
    process()
    bordered = Image.new("RGB", (1320, 840), "#202020")
    bordered.paste(original, (110, 70))
    post("small", photo=encode(original, "JPEG", quality=50))
    post("cropped", photo=encode(original.crop((30, 30, 1090, 690)), "JPEG", quality=80))
    post("bordered", photo=encode(bordered, "JPEG", quality=80))
    process()
    ((_, seen),) = sightings(core).items()
    assert seen[0] == ("first", "first")
    assert sorted(seen[1:]) == [("bordered", "near_copy"), ("cropped", "near_copy"), ("small", "near_copy")]


def test_two_patients_on_one_template_stay_two(core: Core, post: Publish, process: Process) -> None:
    """With numbers or without, another patient's letter raises an alert of its own."""
    post("one", photo=letter())
    post("two", photo=letter("999 000 0018", "Mr Tobias Wren"))
    post("three", photo=encode(page()))
    post("four", photo=encode(page("Mr Tobias Wren", "01/07/1988")))
    process()
    assert [len(seen) for seen in sightings(core).values()] == [1, 1, 1, 1]


def test_two_hospitals_number_is_not_one_patient(core: Core, post: Publish, process: Process) -> None:
    """Letters with one hospital number and other dates of birth are two alerts, and a person is asked."""
    text = (
        "on the ward: Hospital Number: K4471802 {name} DOB {born} discharge summary, chest pain, bisoprolol"
    )
    post("one", text.format(name="Mrs Amelia Tregarth", born="14/03/1951"))
    process()
    post("two", text.format(name="Mr Edwin Farrow", born="22/08/1964"))
    process()
    assert [seen for _, seen in sightings(core).items()] == [[("one", "first")], [("two", "first")]]
    with core.database.read() as session:
        (question,) = open_questions(session, get_alert(session, references(core)[1]).id)
        assert "the same numbers; another date of birth" in question.why


def test_a_stranger_beside_a_known_patient_is_not_hidden(core: Core, post: Publish, process: Process) -> None:
    """Beside a known letter stands a page of somebody else whose number was not read: an alert of its own."""
    post("known", photo=letter())
    process()
    post("both", first=letter(), second=encode(page("Mr Edwin Farrow", "22/08/1964")))
    process()
    _, both = references(core)
    assert sightings(core)[both] == [("both", "first")]
    with core.database.read() as session:
        (question,) = open_questions(session, get_alert(session, both).id)
        assert "another person's page beside it" in question.why


@pytest.fixture
def doubtful(core: Core, post: Publish, process: Process) -> tuple[str, str]:
    """An alert, and one that may be a copy of it: the name is covered, and no number can be read."""
    original = page()
    post("first", photo=encode(original))
    process()
    covered = original.copy()
    ImageDraw.Draw(covered).rectangle((30, 200, 520, 260), fill="black")
    post("covered", photo=encode(covered))
    process()
    older, newer = references(core)
    return older, newer


def test_doubt_is_asked_of_a_person(core: Core, doubtful: tuple[str, str]) -> None:
    """The newer alert stands by itself, linked with the older by an open question."""
    older, newer = doubtful
    with core.database.read() as session:
        alert = get_alert(session, newer)
        (question,) = open_questions(session, alert.id)
        links = related(session, alert)
        assert "much like" in question.why
        assert [(link.alert.reference, "repost_question" in link.reasons) for link in links] == [
            (older, True)
        ]
        assert [event.note for event in alert.events if event.action == "possible_repost"] == [older]


def test_said_to_be_the_same_it_becomes_a_sighting(
    core: Core, doubtful: tuple[str, str], post: Publish, process: Process
) -> None:
    """Posts and evidence go to the older alert, and later copies of either do; the answer can be undone."""
    older, newer = doubtful
    with core.database.transaction() as session:
        pair = get_alert(session, newer), get_alert(session, older)
        answer(session, *pair, "same", actor="reviewer", now=core.now())
    assert sightings(core) == {older: [("first", "first"), ("covered", "merged")], newer: []}
    with core.database.read() as session:
        root, copy = get_alert(session, older), get_alert(session, newer)
        assert copy.status == "merged"
        held = {item.blob_sha256 for item in evidence_of(session, root.id)}
        assert {item.blob_sha256 for item in evidence_of(session, copy.id)} <= held
        assert f"from {newer}" in {line.note for line in custody_of(session, root.id)}
        assert not open_questions(session, root.id)
    again = page()
    ImageDraw.Draw(again).rectangle((30, 200, 520, 260), fill="black")
    post("again", photo=encode(again))
    process()
    assert sightings(core)[older][-1] == ("again", "same_image")
    with core.database.transaction() as session:
        pair = get_alert(session, newer), get_alert(session, older)
        answer(session, *pair, "different", actor="reviewer", now=core.now())
    assert sightings(core)[newer] == [("covered", "first")]


def test_said_to_be_different_it_is_not_asked_again(
    core: Core, doubtful: tuple[str, str], post: Publish, process: Process
) -> None:
    """The picture that was told apart comes again, and joins its own alert without a question."""
    older, newer = doubtful
    with core.database.transaction() as session:
        pair = get_alert(session, newer), get_alert(session, older)
        answer(session, *pair, "different", actor="reviewer", now=core.now())
    covered = page()
    ImageDraw.Draw(covered).rectangle((30, 200, 520, 260), fill="black")
    post("again", photo=encode(covered))
    process()
    assert sightings(core)[newer][-1] == ("again", "same_image")
    with core.database.read() as session:
        assert not open_questions(session, get_alert(session, newer).id)


@pytest.mark.parametrize(("born", "alerts"), [("14/03/1951", 2), ("22/08/1964", 3)])
def test_a_number_of_two_alerts_that_were_told_apart(
    core: Core, post: Publish, process: Process, born: str, alerts: int
) -> None:
    """It is the document's own and says nothing, unless both have one date of birth too."""
    words = "NHS No: 999 012 3454 {} admitted to ward 7B with sepsis, discharge summary, bisoprolol"
    post("one", words.format("DOB: 14/03/1951"))
    process()
    post("two", words.format(f"DOB: {born} and NHS No: 999 000 0018"))
    process()
    older, newer = references(core)
    with core.database.transaction() as session:
        pair = get_alert(session, newer), get_alert(session, older)
        answer(session, *pair, "different", actor="reviewer", now=core.now())
    post("three", words.format("seen on the bus"))
    process()
    assert len(references(core)) == alerts


def test_a_merged_alert_is_decided_about_through_the_other(core: Core, doubtful: tuple[str, str]) -> None:
    """It cannot be merged twice."""
    older, newer = doubtful
    with core.database.transaction() as session:
        one, other = get_alert(session, newer), get_alert(session, older)
        answer(session, one, other, "same", actor="reviewer", now=core.now())
        third = Alert(reference="LW-9", severity="low", score=0.5, leak_class="unknown", reasons=[])
        third.raised_at = third.last_seen_at = third.updated_at = core.now()
        session.add(third)
        session.flush()
        with pytest.raises(Conflict, match="decide about that one"):
            answer(session, third, one, "same", actor="reviewer", now=core.now())


def test_a_flood_of_one_harmless_picture_costs_one_examination_and_one_row(
    core: Core, post: Publish, process: Process
) -> None:
    """After a person said it harms nobody: no alerts, no sightings, no evidence; one counter."""
    meme = letter()
    post("meme", photo=meme)
    process()
    (reference,) = references(core)
    with core.database.transaction() as session:
        alert = get_alert(session, reference)
        change_status(
            session,
            alert,
            "dismissed",
            actor="reviewer",
            now=core.now(),
            note="a joke",
            harmless_picture=True,
        )
    written = files(core)
    for number in range(20):
        post(f"again-{number}", photo=meme)
    post("smaller", photo=encode(decoded(meme), "JPEG", quality=60))
    process()
    assert files(core) == written
    assert [len(seen) for seen in sightings(core).values()] == [1]
    assert count(core, Examination, Examination.subject.like("blob:%")) == 2
    assert count(core, Sighting) == 1
    with core.database.read() as session:
        ((known, alert),) = benign_images(session)
        assert (alert.reference, known.suppressed) == (reference, 21)
        kept = session.scalars(select(Fingerprint.blob_sha256).where(Fingerprint.features_key.is_not(None)))
        assert kept.all() == [known.blob_sha256]


def test_a_harmless_form_that_was_filled_in_is_no_harmless_picture(
    core: Core, post: Publish, process: Process
) -> None:
    """A number that the dismissed picture does not have makes it another matter."""
    post("specimen", photo=letter("999 000 0018", "Mr Tobias Wren"))
    process()
    (reference,) = references(core)
    with core.database.transaction() as session:
        alert = get_alert(session, reference)
        change_status(session, alert, "dismissed", actor="reviewer", now=core.now(), harmless_picture=True)
    post("filled", photo=letter())
    process()
    assert [len(seen) for seen in sightings(core).values()] == [1, 1]


def test_variants_of_one_leak_do_not_push_others_out(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each alert some pictures' features are held, however many variants of one are posted."""
    monkeypatch.setattr("monitor.reposts.features.MOST_OF_ONE", 2)
    prints = {name: np.random.default_rng(n).bytes(200 * 32) for n, name in enumerate("abcz")}
    with core.database.transaction() as session:
        for owner, names in (("LW-1", "abc"), ("LW-2", "z")):
            alert = Alert(reference=owner, severity="low", score=0.5, leak_class="unknown", reasons=[])
            alert.raised_at = alert.last_seen_at = alert.updated_at = core.now()
            session.add(alert)
            session.flush()
            for name in names:
                stored = core.blobs.register(session, core.blobs.write(prints[name], "x"), core.now())
                row = Fingerprint(blob_sha256=stored, phash="0", dhash="0", phash256="0", ink=0.0)
                seal_features(core.vault, row, prints[name])
                session.add(row)
                session.flush()
                add_known(session, alert, [stored], core.now())
    known = KnownFeatures(core.vault)
    with core.database.read() as session:
        known.refresh(session)
    assert [len(known.candidates(prints[name])) for name in "abcz"] == [1, 1, 0, 1]


def test_alerts_of_one_matter_are_linked_with_their_reasons(
    core: Core, post: Publish, process: Process
) -> None:
    """One author, one wording: both are told, with where and when it was seen."""
    text = "you will never guess whose letters these are, look at what the ward clerk left lying about"
    post("one", text, photo=letter())
    post("two", text, photo=letter("999 000 0018", "Mr Tobias Wren"))
    process()
    first, second = references(core)
    with core.database.read() as session:
        alert = get_alert(session, first)
        (link,) = related(session, alert)
        seen = spread(session, alert)
        assert link.alert.reference == second
        assert {"same_author", "same_text"} <= set(link.reasons)
        assert {each.alert for each in seen.posts} == {first, second}
        assert seen.by_platform == {"folder": 2}
        assert sum(seen.by_day.values()) == 2
