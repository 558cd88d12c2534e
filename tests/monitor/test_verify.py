"""Checking a bundle from its file alone: every change is found and named, hostile zips do no harm."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evidence.bag import manifest
from monitor.evidence.bundle import BundleKind, write_bundle
from monitor.evidence.container import Limits
from monitor.evidence.verify import VerificationReport, verify_bundle
from monitor.hashchain import append, from_lines, to_lines
from tests.monitor.bundles import MADE_AT, REFERENCE, members, repacked, sample

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


@pytest.fixture(scope="module")
def good(folder: Path) -> Path:
    return write_bundle(sample(), folder / "good.zip").path


def problems(report: VerificationReport) -> dict[str, tuple[str, ...]]:
    assert not report.ok
    return {check.name: check.files for check in report.problems}


def relist(files: Files) -> None:
    """Make manifests that agree with the files, as a forger would."""
    payload = {name: data for name, data in files.items() if name.startswith("data/")}
    for width in ("sha256", "sha512"):
        digests = {name: hashlib.new(width, data).hexdigest() for name, data in payload.items()}
        files[f"manifest-{width}.txt"] = manifest(digests)
    tags = {name: data for name, data in files.items() if name not in payload and "tagmanifest" not in name}
    files["tagmanifest-sha512.txt"] = manifest(
        {name: hashlib.sha512(data).hexdigest() for name, data in tags.items()}
    )


def zip_of(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in entries:
            bundle.writestr(name, data)
    return path


@pytest.mark.parametrize("kind", ["sealed", "shareable"])
def test_a_good_bundle_passes_every_check(tmp_path: Path, kind: BundleKind) -> None:
    """The report lists what was looked at, the bundle's own reference and kind, and the zip's digest."""
    written = write_bundle(sample(kind), tmp_path / "bundle.zip")
    report = verify_bundle(written.path)
    assert report.ok
    assert report.problems == ()
    assert (report.reference, report.kind) == (REFERENCE, kind)
    assert (report.sha256, report.sha512) == (written.sha256, written.sha512)
    assert [check.name for check in report.checks] == [
        "zip",
        "packing",
        "bagit.txt",
        "bag-info.txt",
        "files",
        "payload digests",
        "tag digests",
        "custody log",
        "items",
    ]


def test_a_report_is_a_json_document(good: Path, tmp_path: Path) -> None:
    """What a program reads has the verdict, every check and the files concerned, good or bad."""
    document = json.loads(json.dumps(verify_bundle(good).document()))
    assert document["ok"] is True
    assert document["checks"][0] == {"name": "zip", "ok": True, "detail": ANY, "files": []}
    (tmp_path / "noise.zip").write_bytes(b"noise")
    document = json.loads(json.dumps(verify_bundle(tmp_path / "noise.zip").document()))
    assert (document["ok"], document["reference"], document["sha512"]) == (False, None, None)


def test_a_shareable_bundle_without_log_or_items_passes(tmp_path: Path) -> None:
    """What goes to a regulator may hold data only."""
    written = write_bundle(sample("shareable", items=[], custody=[]), tmp_path / "bundle.zip")
    assert verify_bundle(written.path).ok


@given(data=st.data())
def test_one_changed_byte_in_any_file_is_found_and_the_file_named(
    good: Path, folder: Path, data: st.DataObject
) -> None:
    """The zip's own checksums left as they were or made to agree: the report names the changed file."""
    files = members(good)
    name = data.draw(st.sampled_from(sorted(files)))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    mask = data.draw(st.integers(1, 255))

    def change(given: Files) -> None:
        altered = bytearray(given[name])
        altered[place] ^= mask
        given[name] = bytes(altered)

    report = verify_bundle(repacked(good, folder / "repacked.zip", change))
    assert not report.ok
    assert any(name in check.detail for check in report.problems)
    raw = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as bundle:
        header = bundle.getinfo(f"{REFERENCE}/{name}").header_offset
    raw[header + 30 + len(f"{REFERENCE}/{name}") + place] ^= mask
    (folder / "raw.zip").write_bytes(raw)
    report = verify_bundle(folder / "raw.zip")
    assert any(name in check.files for check in report.problems)


@given(data=st.data())
def test_one_changed_byte_anywhere_in_the_zip_is_found(good: Path, folder: Path, data: st.DataObject) -> None:
    """Headers, directory and end record are covered too: no byte of the file can change unseen."""
    raw = bytearray(good.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    (folder / "flipped.zip").write_bytes(raw)
    assert not verify_bundle(folder / "flipped.zip").ok


def test_every_byte_of_the_zip_s_structure_matters(good: Path, folder: Path) -> None:
    """Each single byte outside the files' contents, changed in its lowest bit, is found."""
    raw = good.read_bytes()
    covered: set[int] = set()
    with zipfile.ZipFile(good) as bundle:
        for info in bundle.infolist():
            start = info.header_offset + 30 + len(info.filename)
            covered |= set(range(start, start + info.file_size))
    structure = [place for place in range(len(raw)) if place not in covered]
    assert len(structure) > 1500
    unseen = []
    for place in structure:
        altered = bytearray(raw)
        altered[place] ^= 1
        (folder / "structure.zip").write_bytes(altered)
        if verify_bundle(folder / "structure.zip").ok:
            unseen.append(place)
    assert unseen == []


@given(content=st.binary(max_size=400), cut=st.integers(0, 14000))
def test_any_bytes_give_a_report(good: Path, folder: Path, content: bytes, cut: int) -> None:
    """Noise, a cut bundle, a bundle with noise in front, amid or behind: never an exception, never good."""
    raw = good.read_bytes()
    for data in (content, raw[:cut], raw[:cut] + content + b"\x00" + raw[cut:], raw + content + b"\x00"):
        (folder / "noise.zip").write_bytes(data)
        report = verify_bundle(folder / "noise.zip")
        assert not report.ok
        assert all(check.detail for check in report.checks)


@pytest.mark.needs_zip
def test_a_bundle_packed_again_unchanged_is_good_and_says_so(good: Path, tmp_path: Path) -> None:
    """Real unzip and zip keep the evidence whole; the report tells that the zip is another program's."""
    subprocess.run(["unzip", "-q", good, "-d", tmp_path], check=True)
    subprocess.run(["zip", "-q", "-r", "again.zip", REFERENCE], cwd=tmp_path, check=True)
    report = verify_bundle(tmp_path / "again.zip")
    assert report.ok, report.problems
    assert "packed again" in next(check.detail for check in report.checks if check.name == "packing")


@pytest.mark.parametrize(
    ("change", "check", "file"),
    [
        (lambda files: files.pop("data/items/AB1/original.jpg"), "files", "data/items/AB1/original.jpg"),
        (lambda files: files.pop("custody.jsonl"), "custody log", "custody.jsonl"),
        (lambda files: files.pop("bagit.txt"), "bagit.txt", "bagit.txt"),
        (lambda files: files.pop("manifest-sha256.txt"), "files", "manifest-sha256.txt"),
        (lambda files: files.pop("tagmanifest-sha512.txt"), "tag digests", "tagmanifest-sha512.txt"),
        (lambda files: files.update({"data/items/AB1/more.jpg": b"x"}), "files", "data/items/AB1/more.jpg"),
        (lambda files: files.update({"note.txt": b"x"}), "files", "note.txt"),
        (lambda files: files.update({"fetch.txt": b"http://127.0.0.1:9/x 5 data/x\n"}), "files", "fetch.txt"),
    ],
)
def test_missing_and_extra_files_are_named(
    good: Path, tmp_path: Path, change: Callable[[Files], object], check: str, file: str
) -> None:
    """A file taken out or put in fails its check by name."""
    report = verify_bundle(repacked(good, tmp_path / "bundle.zip", lambda files: change(files) and None))
    assert file in problems(report)[check]


def forge(change: Callable[[Files], object]) -> Callable[[Files], None]:
    def apply(files: Files) -> None:
        change(files)
        relist(files)

    return apply


def edit_log(change: Callable[[list], list]) -> Callable[[Files], None]:  # type: ignore[type-arg]
    def apply(files: Files) -> None:
        files["custody.jsonl"] = to_lines(change(from_lines(files["custody.jsonl"])))

    return apply


def replace_picture(files: Files) -> None:
    """Another picture with a description to match: only the custody log knows better."""
    files["data/items/AB1/original.jpg"] = b"another picture"
    described = json.loads(files["data/items/AB1/metadata.json"])
    described |= {"sha256": hashlib.sha256(b"another picture").hexdigest(), "bytes": 15}
    files["data/items/AB1/metadata.json"] = json.dumps(described).encode()
    payload = [len(data) for name, data in files.items() if name.startswith("data/")]
    lines = files["bag-info.txt"].decode().split("\n")
    oxum = f"Payload-Oxum: {sum(payload)}.{len(payload)}"
    files["bag-info.txt"] = "\n".join(oxum if "Oxum" in line else line for line in lines).encode()


@pytest.mark.parametrize(
    ("change", "check", "file"),
    [
        (edit_log(lambda log: log[:1] + log[2:]), "custody log", "custody.jsonl"),
        (edit_log(lambda log: log[:-1]), "custody log", "custody.jsonl"),
        (edit_log(lambda log: []), "custody log", "custody.jsonl"),
        (lambda files: files.update({"custody.jsonl": b"{}\n"}), "custody log", "custody.jsonl"),
        (replace_picture, "items", "data/items/AB1/original.jpg"),
        (
            lambda files: files.update({"data/items/AB1/metadata.json": b"[" * 9999}),
            "items",
            "data/items/AB1/metadata.json",
        ),
        (lambda files: files.update({"fetch.txt": b""}), "files", "fetch.txt"),
        (
            lambda files: files.update({"bag-info.txt": files["bag-info.txt"] * 2}),
            "bag-info.txt",
            "bag-info.txt",
        ),
        (
            lambda files: files.update({"bagit.txt": b"\xef\xbb\xbf" + files["bagit.txt"]}),
            "bagit.txt",
            "bagit.txt",
        ),
    ],
)
def test_a_forgery_with_fresh_manifests_is_found_by_what_else_must_agree(
    good: Path, tmp_path: Path, change: Callable[[Files], object], check: str, file: str
) -> None:
    """Who recomputes every manifest is still caught by the chain, its head, the items or BagIt's rules."""
    report = verify_bundle(repacked(good, tmp_path / "bundle.zip", forge(change)))
    assert file in problems(report)[check]
    assert next(each for each in report.checks if each.name == "tag digests").ok


def test_a_log_with_a_line_added_at_its_end_is_found(good: Path, tmp_path: Path) -> None:
    """The head in bag-info.txt must be the log's last hash."""
    added = edit_log(lambda log: [*log, append(log[-1], at=MADE_AT, actor="x", action="viewed", item="x")])
    report = verify_bundle(repacked(good, tmp_path / "bundle.zip", forge(added)))
    assert problems(report) == {"custody log": ("custody.jsonl",)}


@pytest.mark.parametrize(
    "line",
    [
        "{0}  ../../etc/passwd\n",
        "{0}  /etc/passwd\n",
        "{0} *data/alert.json\n",
        "{0}  data/\x1b[31m\n",
        "#\n",
        "\n",
    ],
)
def test_a_manifest_in_any_other_form_is_refused_not_obeyed(good: Path, tmp_path: Path, line: str) -> None:
    """Paths out of the bag, control characters and comments never lead anywhere."""

    def change(files: Files) -> None:
        files["manifest-sha512.txt"] += line.format("0" * 128).encode()

    report = verify_bundle(repacked(good, tmp_path / "bundle.zip", change))
    assert not report.ok
    assert "\x1b" not in repr([check.detail for check in report.checks]).replace("\\x1b", "\x1b")


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "name",
    [
        "../up",
        "/etc/passwd",
        "a/../../b",
        "C:/x",
        "a\\b",
        "~/x",
        "a//b",
        "a/./b",
        "line\nbreak",
        "\x1b[31m",
        "caf\u00e9",
        "a\x00b",
    ],
)
def test_unsafe_names_are_refused(tmp_path: Path, name: str) -> None:
    """Absolute, climbing, drive-lettered or unprintable names stop the reading before any content."""
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = name
    report = verify_bundle(zip_of(tmp_path / "hostile.zip", ("x/bagit.txt", b""), (entry, b"data")))
    assert "unsafe name" in report.problems[0].detail
    assert "\x1b" not in report.problems[0].detail


def test_links_devices_and_twins_are_refused(tmp_path: Path) -> None:
    """A symbolic link, and two names that fall together, stop the reading."""
    report = verify_bundle(zip_of(tmp_path / "link.zip", (link("x/data"), b"/etc")))
    assert "link or device" in report.problems[0].detail
    report = verify_bundle(zip_of(tmp_path / "twins.zip", ("x/a", b"1"), ("x/A", b"2")))
    assert "two entries" in report.problems[0].detail


def test_bombs_are_refused_without_unpacking(tmp_path: Path) -> None:
    """Ratio, size, total and count limits are judged from the directory, before a byte is inflated."""
    bomb = zip_of(tmp_path / "bomb.zip", ("x/zeros", bytes(30_000_000)))
    assert "200 times" in verify_bundle(bomb).problems[0].detail
    assert "too many" in verify_bundle(bomb, limits=Limits(member_bytes=1000)).problems[0].detail
    assert (
        "at most 1,000"
        in verify_bundle(bomb, limits=Limits(ratio=10**6, total_bytes=1000)).problems[0].detail
    )
    assert "at most 100" in verify_bundle(bomb, limits=Limits(file_bytes=100)).problems[0].detail
    many = zip_of(tmp_path / "many.zip", *((f"x/{number}", b"") for number in range(30)))
    assert "30 entries" in verify_bundle(many, limits=Limits(members=20)).problems[0].detail


def test_a_member_that_lies_about_its_size_is_read_no_further(tmp_path: Path) -> None:
    """A header that claims 10 bytes for 30 MB of zeros yields a damaged file, in little memory and time."""
    path = zip_of(tmp_path / "liar.zip", ("x/bagit.txt", bytes(30_000_000)))
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", raw, raw.rindex(signature) + offset, 10)
    path.write_bytes(raw)
    report = verify_bundle(path)
    assert "bagit.txt is damaged" in next(check.detail for check in report.checks if check.name == "files")


def test_encrypted_odd_and_huge_zips_are_refused(tmp_path: Path) -> None:
    """Encrypted members, other compressions and 64-bit zips end in one sentence."""
    path = zip_of(tmp_path / "plain.zip", ("x/a", b"1"))
    raw = bytearray(path.read_bytes())
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(raw)
    assert "encrypted" in verify_bundle(tmp_path / "locked.zip").problems[0].detail
    with zipfile.ZipFile(tmp_path / "lzma.zip", "w", zipfile.ZIP_LZMA) as bundle:
        bundle.writestr("x/a", bytes(100))
    assert "compressed in a way" in verify_bundle(tmp_path / "lzma.zip").problems[0].detail
    wide = io.BytesIO()
    with zipfile.ZipFile(wide, "w") as bundle:
        for number in range(65_536):
            bundle.writestr(f"x/{number}", b"")
    (tmp_path / "wide.zip").write_bytes(wide.getvalue())
    assert "64-bit" in verify_bundle(tmp_path / "wide.zip").problems[0].detail


def test_what_is_no_file_is_one_sentence(tmp_path: Path) -> None:
    """A missing file, a folder and a named pipe are reported, without waiting."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.zip", tmp_path, tmp_path / "pipe"):
        report = verify_bundle(path)
        assert [check.name for check in report.checks] == ["zip"]
        assert not report.ok
    (tmp_path / "empty.zip").write_bytes(b"")
    assert not verify_bundle(tmp_path / "empty.zip").ok


def test_verifying_writes_nothing_and_connects_nowhere(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sockets forbidden, in a folder that must stay empty, a bundle with fetch.txt is only reported."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.chdir(tmp_path)
    shutil.copy(good, tmp_path / "good.zip")
    before = sorted(tmp_path.rglob("*"))
    assert verify_bundle(tmp_path / "good.zip").ok
    assert sorted(tmp_path.rglob("*")) == before


def test_a_large_bundle_is_checked_in_little_memory(tmp_path: Path) -> None:
    """200 MB of payload are packed and verified by a process that may use 400 MB of address space."""
    program = (
        "import io, sys, hashlib, resource; from pathlib import Path\n"
        "from monitor.evidence.bundle import *; from monitor.evidence.verify import verify_bundle\n"
        "from tests.monitor.bundles import sample, custody_log\n"
        "class Zeros(io.RawIOBase):\n"
        "    left = 200_000_000\n"
        "    def readable(self): return True\n"
        "    def readinto(self, target):\n"
        "        n = min(len(target), self.left); target[:n] = bytes(n); self.left -= n; return n\n"
        "digest = hashlib.sha256()\n"
        "for _ in range(200): digest.update(bytes(1_000_000))\n"
        "sha = digest.hexdigest()\n"
        "item = BundleItem('A', lambda: io.BufferedReader(Zeros()), 'video/mp4', sha)\n"
        "path = Path(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_AS, (400_000_000,) * 2)\n"
        "write_bundle(sample(items=[item], custody=custody_log(sha)), path)\n"
        "assert verify_bundle(path).ok\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "large.zip")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
