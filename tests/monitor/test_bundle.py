"""Packing a bundle: valid for others' tools, deterministic, whole or not at all, fit to be shared."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import re
import shutil
import stat
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evidence import bag
from monitor.evidence.bag import BagTooLarge
from monitor.evidence.bundle import (
    NAME,
    WINDOWS_DEVICES,
    BundleExists,
    BundleInvalid,
    BundleItem,
    WrittenBundle,
    write_bundle,
)
from monitor.evidence.sharing import CLEAR_KEYS, ClearIdentifierFound
from monitor.evidence.verify import verify_bundle
from monitor.hashchain import append
from monitor.vault import EvidenceAltered
from tests.monitor.bundles import MADE_AT, PICTURES, REFERENCE, custody_log, members, sample


@pytest.fixture
def written(tmp_path: Path) -> WrittenBundle:
    return write_bundle(sample(), tmp_path / "out" / "bundle.zip")


@pytest.fixture
def unpacked(written: WrittenBundle, tmp_path: Path) -> Path:
    """The bag's folder as the real unzip makes it."""
    subprocess.run(["unzip", "-q", written.path, "-d", tmp_path / "here"], check=True)
    return tmp_path / "here" / REFERENCE


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


def item(name: str = "AB1", data: bytes = b"picture", **changes: Any) -> BundleItem:
    fields = {
        "name": name,
        "data": data,
        "media_type": "image/png",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return BundleItem(**(fields | changes))


def test_the_tree_is_the_documented_one(written: WrittenBundle) -> None:
    """Every file of the layout is there and no other."""
    assert sorted(members(written.path)) == [
        "README.txt",
        "bag-info.txt",
        "bagit.txt",
        "custody.jsonl",
        "data/alert.json",
        "data/findings.json",
        "data/items/AB1/metadata.json",
        "data/items/AB1/original.jpg",
        "data/items/AB2/metadata.json",
        "data/items/AB2/original.jpg",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "tagmanifest-sha512.txt",
    ]


def test_originals_are_byte_for_byte(written: WrittenBundle) -> None:
    """What was acquired is what is packed, and its description states its digest and facts."""
    files = members(written.path)
    for name, data in PICTURES.items():
        assert files[f"data/items/{name}/original.jpg"] == data
        description = json.loads(files[f"data/items/{name}/metadata.json"])
        assert description["sha256"] == hashlib.sha256(data).hexdigest()
        assert description["bytes"] == len(data)
        assert description["facts"] == {"url": "https://example.org/p/1"}


@pytest.mark.needs_zip
def test_the_bagit_library_finds_it_valid(unpacked: Path) -> None:
    """An independent BagIt implementation validates completeness and every checksum."""
    opened = bagit.Bag(str(unpacked))
    assert opened.validate()
    assert opened.version_info == (1, 0)
    assert opened.info["External-Identifier"] == REFERENCE
    assert opened.info["Source-Organization"] == "Example NHS Trust"
    assert opened.info["Bagging-Date"] == "2026-03-29"
    assert set(opened.algorithms) == {"sha256", "sha512"}


@pytest.mark.needs_zip
def test_sha512sum_and_sha256sum_find_it_good(unpacked: Path) -> None:
    """The commands of the README agree for every file but the tag manifest, which nothing lists."""
    done = run("sha512sum -c tagmanifest-sha512.txt && sha512sum -c manifest-sha512.txt", unpacked)
    assert done.returncode == 0, done.stderr
    listed = {line.removesuffix(": OK") for line in done.stdout.splitlines()}
    present = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert present - listed == {"tagmanifest-sha512.txt"}
    assert run("sha256sum -c manifest-sha256.txt", unpacked).returncode == 0


@pytest.mark.needs_zip
def test_sha512sum_names_a_changed_file(unpacked: Path) -> None:
    """After a change of one byte the README's command fails and names the file."""
    victim = unpacked / "data" / "items" / "AB2" / "original.jpg"
    data = bytearray(victim.read_bytes())
    data[7] ^= 1
    victim.write_bytes(data)
    done = run("sha512sum -c manifest-sha512.txt", unpacked)
    assert done.returncode != 0
    assert "data/items/AB2/original.jpg: FAILED" in done.stdout


@pytest.mark.needs_zip
def test_the_readme_s_custody_commands_work(unpacked: Path) -> None:
    """The shell lines printed in the README recompute the hashes that the log states."""
    readme = (unpacked / "README.txt").read_text()
    commands = re.search(r"( +while IFS.*?< custody\.jsonl)", readme, re.DOTALL)
    assert commands
    done = run(commands[1], unpacked)
    assert done.returncode == 0, done.stderr
    computed = [line.split()[0] for line in done.stdout.splitlines()]
    stated = [json.loads(line)["hash"] for line in (unpacked / "custody.jsonl").read_bytes().splitlines()]
    assert computed == stated
    assert f"Leakwatch-Custody-Head: {stated[-1]}" in (unpacked / "bag-info.txt").read_text()


def test_the_readme_tells_what_a_stranger_needs(written: WrittenBundle) -> None:
    """It names the commands for three systems, the duty of care, the limits of proof, and each item."""
    text = members(written.path)["README.txt"].decode("ascii")
    for needed in ["sha512sum -c manifest-sha512.txt", "shasum -a 512", "certutil -hashfile", "Get-FileHash"]:
        assert needed in text
    assert "UNREDACTED medical records" in text
    assert "special-category personal data" in text
    assert "WHAT THIS DOES NOT SHOW" in text
    assert all(hashlib.sha256(data).hexdigest() in text for data in PICTURES.values())
    assert max(map(len, text.splitlines())) <= 78


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    """Two bundles of equal contents, made seconds apart and with items in another order, are identical."""
    first = write_bundle(sample(), tmp_path / "1.zip")
    time.sleep(2.1)
    contents = sample()
    second = write_bundle(dataclasses.replace(contents, items=contents.items[::-1]), tmp_path / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert first.sha256 == second.sha256 == hashlib.sha256((tmp_path / "1.zip").read_bytes()).hexdigest()
    assert first.sha512 == hashlib.sha512((tmp_path / "1.zip").read_bytes()).hexdigest()
    assert first.size == (tmp_path / "1.zip").stat().st_size


def test_the_file_is_private(written: WrittenBundle) -> None:
    """Nobody else on the machine may read a bundle, nor the folder made for it."""
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.path.parent.stat().st_mode) == 0o700


def test_an_existing_file_is_never_replaced(written: WrittenBundle) -> None:
    """A second bundle under the same name is refused and the first is kept."""
    before = written.path.read_bytes()
    with pytest.raises(BundleExists, match=r"bundle\.zip"):
        write_bundle(sample(description="another"), written.path)
    assert written.path.read_bytes() == before


def test_items_may_be_streams_and_are_closed(tmp_path: Path) -> None:
    """An item given as a function is opened once, read in pieces and closed."""
    opened: list[BinaryIO] = []

    def stream() -> BinaryIO:
        opened.append(io.BytesIO(PICTURES["AB1"]))
        return opened[-1]

    start = sample()
    items = [dataclasses.replace(start.items[0], data=stream), start.items[1]]
    write_bundle(dataclasses.replace(start, items=items), tmp_path / "1.zip")
    write_bundle(start, tmp_path / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert len(opened) == 1
    assert opened[0].closed


def test_bytes_that_are_not_the_sealed_ones_stop_the_bundle(tmp_path: Path) -> None:
    """A digest that does not agree raises, naming the item, and leaves no file behind."""
    start = sample()
    items = [dataclasses.replace(start.items[0], data=PICTURES["AB1"] + b"!"), start.items[1]]
    with pytest.raises(EvidenceAltered, match="AB1"):
        write_bundle(dataclasses.replace(start, items=items), tmp_path / "bundle.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_over_the_limit_stops_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More bytes than one zip may hold raise with the mend and leave no file behind."""
    monkeypatch.setattr(bag, "MAX_BYTES", 3000)
    with pytest.raises(BagTooLarge, match="at most 3,000 bytes"):
        write_bundle(sample(), tmp_path / "bundle.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["", "..", ".hidden", "a/b", "a\\b", "C:x", "CON", "nul.txt", "a..b", "end.", "ä", "a" * 81, "x\n"],
)
def test_unsafe_names_are_refused(tmp_path: Path, name: str) -> None:
    """Neither a reference nor an item may be named so that any system could misread the path."""
    for contents in (sample(reference=name), sample(items=[item(name)], custody=custody_log(item().sha256))):
        with pytest.raises(BundleInvalid):
            write_bundle(contents, tmp_path / "bundle.zip")
    assert list(tmp_path.iterdir()) == []


def test_item_names_that_differ_by_case_only_are_refused(tmp_path: Path) -> None:
    """They would fall together on Windows and macOS."""
    contents = sample(items=[item("ab1"), item("AB1")], custody=custody_log(item().sha256))
    with pytest.raises(BundleInvalid, match="same name"):
        write_bundle(contents, tmp_path / "bundle.zip")


@pytest.mark.parametrize(
    ("media_type", "ending"),
    [
        ("image/png", "png"),
        ("IMAGE/JPEG; q=1", "jpg"),
        ("application/x-msdownload", "bin"),
        ("../../x", "bin"),
        ("", "bin"),
    ],
)
def test_endings_come_from_known_media_types_only(media_type: str, ending: str) -> None:
    """A stranger's type never becomes part of a path, nor an ending that a system would run."""
    assert item(media_type=media_type).file_name == f"original.{ending}"


def test_a_custody_log_must_be_whole_and_mention_every_item(tmp_path: Path) -> None:
    """A sealed bundle is refused when its log is broken or silent about an item."""
    log = custody_log(*(each.sha256 for each in sample().items))
    with pytest.raises(BundleInvalid, match="breaks at entry 2"):
        write_bundle(sample(custody=[log[0], *log[2:]]), tmp_path / "bundle.zip")
    with pytest.raises(BundleInvalid, match="AB2"):
        write_bundle(sample(custody=log[:2]), tmp_path / "bundle.zip")
    with pytest.raises(BundleInvalid, match="no custody log"):
        write_bundle(sample(items=[], custody=[]), tmp_path / "bundle.zip")


@pytest.mark.parametrize("when", [datetime(2026, 1, 1), MADE_AT - timedelta(days=365 * 47)])  # noqa: DTZ001
def test_a_time_that_zip_cannot_hold_is_refused(tmp_path: Path, when: datetime) -> None:
    """A naive time or one before 1980 is refused."""
    with pytest.raises(BundleInvalid, match="1980"):
        write_bundle(sample(created_at=when), tmp_path / "bundle.zip")


def test_kinds_do_not_mix(tmp_path: Path) -> None:
    """A shareable bundle refuses originals; a sealed one refuses redacted previews."""
    with pytest.raises(BundleInvalid, match="never originals"):
        write_bundle(sample("shareable", items=sample("sealed").items), tmp_path / "bundle.zip")
    with pytest.raises(BundleInvalid, match="not redacted previews"):
        write_bundle(sample("sealed", items=sample("shareable").items), tmp_path / "bundle.zip")


def test_a_shareable_bundle_says_so_and_is_valid(tmp_path: Path) -> None:
    """Previews are named redacted, the README asks for care, and the bag validates; no pictures work too."""
    for number, changes in enumerate([{}, {"items": [], "custody": []}]):
        written = write_bundle(sample("shareable", **changes), tmp_path / f"{number}.zip")
        files = members(written.path)
        assert not [name for name in files if "original" in name]
        assert "SHAREABLE" in files["README.txt"].decode("ascii")
        assert b"Leakwatch-Bundle-Kind: shareable\n" in files["bag-info.txt"]
        shutil.unpack_archive(written.path, tmp_path / str(number), "zip")
        assert bagit.Bag(str(tmp_path / str(number) / REFERENCE)).validate()


@pytest.mark.parametrize(
    "changes",
    [
        {"findings": [{"kind": "nhs_number", "masked": "999 000 0018"}]},
        {"findings": [{"kind": "nhs_number", "masked": "9990000018"}]},
        {"findings": [{"explanation": {"facts": {"read": ["NHS No 999\u00a0000\u00a00018."]}}}]},
        {"alert": {"reasons": ["number 999-000-0018 was read"]}},
        {"description": "about 999 000 0018"},
    ],
)
def test_a_number_in_a_shareable_bundle_stops_it(tmp_path: Path, changes: dict[str, Any]) -> None:
    """A well-formed number anywhere in the shared JSON is refused; the message names its place only."""
    with pytest.raises(ClearIdentifierFound) as caught:
        write_bundle(sample("shareable", **changes), tmp_path / "bundle.zip")
    assert not re.search(r"\d{3}.?\d{3}.?\d{4}", str(caught.value))
    assert list(tmp_path.iterdir()) == []


def test_custody_notes_and_items_facts_are_looked_at_too(tmp_path: Path) -> None:
    """A number in a typed reason or an acquisition fact stops a shareable bundle."""
    start = sample("shareable")
    noted = append(None, at=MADE_AT, actor="a", action="viewed", item="i", note="to find 999 000 0018")
    with pytest.raises(ClearIdentifierFound, match=r"custody\[1\]\.note"):
        write_bundle(dataclasses.replace(start, custody=[noted]), tmp_path / "bundle.zip")
    items = [dataclasses.replace(start.items[0], metadata={"alt_text": "letter of 999 000 0018"})]
    with pytest.raises(ClearIdentifierFound, match=r"items\.AB1\.alt_text"):
        write_bundle(dataclasses.replace(start, items=items), tmp_path / "bundle.zip")


@pytest.mark.parametrize("kind", ["sealed", "shareable"])
def test_clear_values_never_enter_the_json(tmp_path: Path, kind: Any) -> None:
    """A finding that still has its clear value is refused in both kinds."""
    findings = [{"kind": "name", "masked": "J*** S****", "value": "Jane Sample"}]
    with pytest.raises(ClearIdentifierFound, match=r"findings\[0\]\.value") as caught:
        write_bundle(sample(kind, findings=findings), tmp_path / "bundle.zip")
    assert "Jane" not in str(caught.value)


def test_identities_and_addresses_are_no_numbers(tmp_path: Path) -> None:
    """Ten digits in an id, a URL, a digest or a longer word do not stop a shareable bundle."""
    alert = {
        "post_id": "9990000018",
        "seen_at_url": "https://example.org/9990000018",
        "where": "https://example.org/9990000018/p",
        "sha256": "ab9990000018cd",
        "note": "file x9990000018y, masked 999 *** **18",
    }
    written = write_bundle(sample("shareable", alert=alert), tmp_path / "bundle.zip")
    assert written.path.is_file()


names = st.from_regex(NAME, fullmatch=True).filter(lambda name: not WINDOWS_DEVICES.fullmatch(name))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=9), st.lists, max_leaves=5
)


@given(
    contents=st.dictionaries(names.map(str.lower), st.binary(max_size=3000), min_size=1, max_size=4),
    facts=st.dictionaries(st.text(max_size=5).filter(lambda key: key not in CLEAR_KEYS), values, max_size=3),
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    media_type=st.sampled_from(["image/png", "application/pdf", "x/y", ""]),
)
def test_what_is_written_verifies(
    tmp_path_factory: pytest.TempPathFactory,
    contents: dict[str, bytes],
    facts: dict[str, Any],
    text: str,
    media_type: str,
) -> None:
    """Whatever contents are accepted, the bundle passes its own check."""
    items = [item(name, data, metadata=facts, media_type=media_type) for name, data in contents.items()]
    packed = sample(
        items=items,
        custody=custody_log(*(each.sha256 for each in items)),
        alert=facts,
        findings=[facts],
        description=text,
        organisation=text,
        created_by=text,
    )
    written = write_bundle(packed, tmp_path_factory.mktemp("any") / "bundle.zip")
    assert verify_bundle(written.path).problems == ()


def test_texts_of_every_sort_survive(tmp_path: Path) -> None:
    """Line breaks cannot forge bag-info labels, and lone surrogates become valid JSON."""
    alert = {"title": "caf\u00e9 \ud83d broken", "when": MADE_AT}
    contents = sample(alert=alert, description="one\nPayload-Oxum: 1.1\u2028two\x85three")
    written = write_bundle(contents, tmp_path / "bundle.zip")
    files = members(written.path)
    assert files["bag-info.txt"].count(b"\nPayload-Oxum: ") == 1
    assert json.loads(files["data/alert.json"]) == {
        "title": "caf\u00e9 \ud83d broken",
        "when": MADE_AT.isoformat(),
    }
    shutil.unpack_archive(written.path, tmp_path / "here", "zip")
    opened = bagit.Bag(str(tmp_path / "here" / REFERENCE))
    assert opened.validate()
    assert opened.info["External-Description"] == "one Payload-Oxum: 1.1 two three"
