"""Scanning without a database: the public form, and that nothing wrong with one item harms another."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from detectors.register.fields import digest, key_id, message
from detectors.register.table import RegisterFileUnusable, write_table
from monitor.errors import InvalidInput
from monitor.pipeline.pool import ExaminePool
from monitor.register_files import register_of_file
from monitor.scan import Scanner, ScanResult, collect_items
from monitor.settings import Settings
from monitor.template_folder import templates_in
from monitor.template_learning import scan_templates
from monitor.templates import base_config
from tests.monitor.pictures import bomb, draw, encode, letter

LEAK = "NHS No 999 888 7771 Mr Owen Pellow DOB 01/02/1950 admitted with sepsis, ward 4, DNACPR"
FORM = {
    "alert": bool,
    "score": float,
    "severity": str,
    "leak_class": str,
    "doc_type": str | None,
    "reasons": list,
    "findings": list,
    "identifiers": list,
    "templates": list,
    "seconds": float,
    "error": str | None,
    "factors": list,
}
FINDING = {"kind", "detector", "score", "masked", "why", "box", "page", "file", "part"}
KEY = bytes(range(32))
PICTURE = encode(draw("Menu of the day"))

Scan = Callable[..., list[ScanResult]]


@pytest.fixture
def scan(pool: ExaminePool, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """Scans paths with test numbers counted."""

    def run(*paths: Path, workers: int = 2, templates: Path | None = None) -> list[ScanResult]:
        settings = Settings(accept_unissued_numbers=True, workers=workers)
        config = base_config(settings)
        if templates:
            files, made = list(templates_in(templates)), tmp_path_factory.mktemp("made")
            config = scan_templates(files, made, pool, config, workers=workers, tell=print)
        return list(Scanner(pool, config, settings).scan(collect_items(paths)))

    return run


def feed(path: Path, *posts: dict[str, Any] | str) -> Path:
    """Write a feed; a text is a line as it stands."""
    path.write_text("".join((p if isinstance(p, str) else json.dumps(p)) + "\n" for p in posts))
    return path


def require_form(document: dict[str, Any], key: str) -> None:
    """The public form, key by key; it survives JSON."""
    assert list(document) == [key, *FORM]
    for name, kind in FORM.items():
        assert isinstance(document[name], kind), name
    assert all(set(finding) == FINDING for finding in document["findings"])
    assert json.loads(json.dumps(document)) == document


def test_a_picture_that_leaks(scan: Scan, tmp_path: Path) -> None:
    """A loose picture is named by its path; values are masked unless they are asked for."""
    path = tmp_path / "letter.png"
    path.write_bytes(letter())
    (result,) = scan(path)
    document = result.document()
    require_form(document, "file")
    assert (document["file"], document["alert"], document["error"]) == (str(path), True, None)
    assert {"kind": "nhs_number", "masked": "999 *** **54", "valid": True} in document["identifiers"]
    number = next(finding for finding in document["findings"] if finding["kind"] == "nhs_number")
    assert len(number["box"]) == 4
    assert (number["page"], number["file"]) == (0, str(path))
    assert "9990123454" not in json.dumps(document)
    revealed = result.document(reveal=True)
    assert "9990123454" in [entry["value"] for entry in revealed["identifiers"]]
    assert "9990123454" not in repr(result)


def test_a_post_of_a_feed(scan: Scan, tmp_path: Path) -> None:
    """A post is named by its id; a finding of its text has no file, one of a file has its name."""
    (tmp_path / "page.png").write_bytes(PICTURE)
    path = feed(
        tmp_path / "posts.jsonl", {"id": "17", "text": LEAK, "files": ["page.png"]}, {"text": "hello"}
    )
    leak, harmless = (result.document() for result in scan(path))
    for document in (leak, harmless):
        require_form(document, "id")
    assert (leak["id"], leak["alert"], leak["error"]) == ("17", True, None)
    assert {finding["file"] for finding in leak["findings"] if finding["kind"] == "nhs_number"} == {None}
    assert harmless["id"].startswith("line-")
    assert (harmless["alert"], harmless["error"]) == (False, None)
    assert harmless["identifiers"] == []


def test_trouble_is_one_sentence_of_its_own_item(scan: Scan, tmp_path: Path) -> None:
    """A bad line, a missing file, one outside the folder and a broken picture: each its reason, no stop."""
    (tmp_path / "cut.png").write_bytes(PICTURE[:200])
    posts: list[dict[str, Any] | str] = [
        "not json",
        {"id": "missing", "files": ["gone.png"]},
        {"id": "outside", "files": ["../../etc/passwd"]},
        {"id": "cut", "files": ["cut.png"]},
        {"id": "leak", "text": LEAK, "files": ["gone.png"]},
    ]
    results = [result.document() for result in scan(feed(tmp_path / "posts.jsonl", *posts))]
    for document, said in zip(results, ("line 1", "gone.png", "outside", "cut.png", "gone.png"), strict=True):
        require_form(document, "id")
        assert said in document["error"]
        assert "\n" not in document["error"]
    assert [document["alert"] for document in results] == [False] * 4 + [True]


def test_an_enormous_picture_is_refused(scan: Scan, tmp_path: Path) -> None:
    """A 50,000 x 50,000 picture in a small file costs one sentence, not the machine's memory."""
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb())
    (result,) = scan(path)
    assert result.error is not None
    assert result.error.startswith(f"{path}: The picture declares more than the 40 megapixels")
    assert len(path.read_bytes()) < 2_000_000


def test_results_come_in_the_order_of_the_items(scan: Scan, tmp_path: Path) -> None:
    """Whatever takes longer, and however many work, results follow the input."""
    posts = [{"id": f"{n:02d}", "text": LEAK * (1 + 40 * (n % 3 == 0))} for n in range(20)]
    path = feed(tmp_path / "posts.jsonl", *posts)
    in_turn, at_once = (
        [{**r.document(), "seconds": 0.0} for r in scan(path, workers=workers)] for workers in (1, 4)
    )
    assert [document["id"] for document in at_once] == [post["id"] for post in posts]
    assert at_once == in_turn


def test_a_folder_gives_each_picture_once(tmp_path: Path) -> None:
    """Feeds come first; pictures that a feed names are not loose ones, the rest follow by name."""
    (tmp_path / "b").mkdir()
    for name in ("b/named.png", "b/loose.png", "a.jpg", "notes.txt", ".hidden.png"):
        (tmp_path / name).write_bytes(PICTURE)
    feed(tmp_path / "b" / "posts.jsonl", {"id": "1", "files": ["named.png"]}, "not json")
    items = collect_items([tmp_path])
    assert [item.name for item in items if item.post is None] == [
        str(tmp_path / "a.jpg"),
        str(tmp_path / "b/loose.png"),
    ]
    assert [item.name.split("-")[0] for item in items if item.post] == ["1", "line"]


def test_a_relative_feed_finds_its_files(scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files stand beside the feed, however the feed's own path was written."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "page.png").write_bytes(PICTURE)
    path = feed(tmp_path / "in" / "posts.jsonl", {"id": "1", "files": ["page.png"]})
    monkeypatch.chdir(tmp_path)
    results = scan(path, path.relative_to(tmp_path), Path("in/../in/posts.jsonl"))
    assert [result.error for result in results] == [None] * 3


def test_any_file_may_be_named(scan: Scan, tmp_path: Path) -> None:
    """A file given by name is examined whatever its ending; one that is too large or no picture says so."""
    (tmp_path / "picture.bin").write_bytes(PICTURE)
    (tmp_path / "notes.txt").write_text("just notes")
    (tmp_path / "large.png").touch()
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(51 << 20)
    found = [result.error for result in scan(*sorted(tmp_path.iterdir()))]
    assert found[0] == f"{tmp_path / 'large.png'} is larger than 50 MiB (max_attachment_mb)."
    assert found[1] == f"{tmp_path / 'notes.txt'}: The file holds text, not a picture."
    assert found[2] is None


def test_paths_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """A path that is not there, or a feed that cannot be read, is one sentence naming it."""
    with pytest.raises(InvalidInput, match="nowhere does not exist"):
        collect_items([tmp_path / "nowhere"])
    (tmp_path / "odd.jsonl").symlink_to("/proc/self/mem")
    for path in (tmp_path / "odd.jsonl", tmp_path):
        with pytest.raises(InvalidInput, match="cannot be read: "):
            collect_items([path])


def test_templates_are_named_with_their_level(scan: Scan, tmp_path: Path) -> None:
    """A picture of a template in the folder is named by the template's file, once."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "castle-vale.png").write_bytes(letter())
    (tmp_path / "found.png").write_bytes(letter("999 888 7771", "Mr Owen Pellow"))
    (result,) = scan(tmp_path / "found.png", templates=tmp_path / "templates")
    assert result.document()["templates"] == [{"name": "castle-vale", "level": "trust_confirmed"}]


def digests_of(number: str, path: Path) -> Path:
    """A register of one person's number, as `register digest` writes it."""
    with path.open("wb") as file:
        write_table(
            file,
            key_id=key_id(KEY),
            records=1,
            digests={"number": bytearray(digest(KEY, message("number", number)))},
        )
    return path


def test_somebody_of_a_register_is_told(pool: ExaminePool, tmp_path: Path) -> None:
    """With digests and their key a scan says whose record it is, a canary's loudest, and not who."""
    posts = feed(tmp_path / "posts.jsonl", {"id": "one", "text": LEAK}, {"id": "two", "text": "a nice day"})
    traps = register_of_file(digests_of("9998887771", tmp_path / "epr-traps.digests"), KEY, "canary")
    settings = Settings(accept_unissued_numbers=True, workers=1)
    config = replace(base_config(settings), registers=(traps,))
    told, other = Scanner(pool, config, settings).scan(collect_items([posts]))
    assert (told.assessment.severity, other.assessment.alert) == ("critical", False)
    assert "a canary record in the register epr-traps" in told.assessment.reasons[0]
    assert "9998887771" not in json.dumps(told.document())


def test_a_register_that_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    """Another key, an altered file and none at all are told, before anything is examined."""
    path = digests_of("9998887771", tmp_path / "pas.digests")
    with pytest.raises(InvalidInput, match="give the file of the key"):
        register_of_file(path, b"n" * 32, "patients")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(RegisterFileUnusable):
        register_of_file(path, KEY, "patients")
    with pytest.raises(InvalidInput, match="cannot be read"):
        register_of_file(tmp_path / "none", KEY, "patients")
