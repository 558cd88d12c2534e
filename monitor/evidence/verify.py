"""Checks a bundle with nothing but the file: no database, no key, no network, nothing written.

1. zip: safe to read (sizes, counts, names, no links), never unpacked
2. packing: the zip's structure is as it was written
3. bagit.txt, bag-info.txt: BagIt 1.0, the stated amount of payload, the stated reference
4. files: every file is in the manifests, every file of the manifests is there, nothing else is
5. payload digests, tag digests
6. custody log: the chain is whole and ends where bag-info.txt says
7. items: each item's description and the custody log state the digest its file has

The answer is a report of all checks, good and bad; `verify_bundle` raises nothing for a bad bundle.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from monitor.evidence.bag import BAGIT_TXT, PAYLOAD_MANIFESTS, TAG_MANIFEST, chunks_of, measure
from monitor.evidence.container import Archive, ArchiveRefused, Limits
from monitor.evidence.custody import CustodyEntry, from_lines, handled, head, verify_chain
from monitor.evidence.reading import DESCRIPTION, Contents, ManifestInvalid, read_contents
from monitor.hashchain import ChainLineInvalid

NAMED = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is good, one sentence why (not), and the files concerned."""

    name: str
    ok: bool
    detail: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What checking found. `reference` and `kind` are what the bundle says of itself, if it could be read."""

    checks: tuple[Check, ...]
    reference: str | None = None
    kind: str | None = None
    sha256: str | None = None
    sha512: str | None = None
    """Digests of the whole zip file, to compare with what the sender gave by another way."""

    @property
    def ok(self) -> bool:
        """Whether every check is good."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def problems(self) -> tuple[Check, ...]:
        """The checks that are not good."""
        return tuple(check for check in self.checks if not check.ok)

    def document(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"ok": self.ok, **asdict(self)}


def verify_bundle(path: Path, *, limits: Limits | None = None) -> VerificationReport:
    """Check a bundle's zip file; see the module's list. Raises nothing for a bad or unreadable file."""
    try:
        with _opened(path) as file:
            return _verified(file, limits or Limits())
    except ArchiveRefused as refusal:
        return VerificationReport((Check("zip", False, str(refusal)),))
    except OSError as error:
        return VerificationReport((Check("zip", False, f"The file cannot be read: {error.strerror}."),))


def _opened(path: Path) -> BinaryIO:
    """A regular file, opened for reading; a named pipe does not make this wait."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ArchiveRefused("This is not a regular file.")
    return os.fdopen(handle, "rb")


def _verified(file: BinaryIO, limits: Limits) -> VerificationReport:
    with closing(Archive(file, limits)) as archive:
        contents = read_contents(archive)
        checks = [
            Check("zip", True, f"The zip is safe to read and has {len(archive.files)} files."),
            _packing(archive),
            _bagit_txt(contents),
            _bag_info(contents),
            _files(contents),
            _digests("payload digests", contents, PAYLOAD_MANIFESTS),
            _digests("tag digests", contents, (TAG_MANIFEST,)),
            *_custody(contents),
        ]
    file.seek(0)
    reference, kind = contents.stated("External-Identifier"), contents.stated("Leakwatch-Bundle-Kind")
    whole = measure(chunks_of(file))
    return VerificationReport(tuple(checks), reference, kind, whole.sha256, whole.sha512)


def _packing(archive: Archive) -> Check:
    form = archive.packing()
    details = {
        "own": "The zip's structure is as leakwatch writes it, to the byte.",
        "foreign": "The zip was packed again by another program; its files are judged by their digests.",
        "altered": "The zip's structure was changed outside the files.",
    }
    return Check("packing", form != "altered", details[form])


def _bagit_txt(contents: Contents) -> Check:
    ok = contents.texts.get("bagit.txt") == BAGIT_TXT
    return _check(
        "bagit.txt", {} if ok else {"bagit.txt": "does not declare BagIt 1.0 in UTF-8"}, "BagIt 1.0."
    )


def _bag_info(contents: Contents) -> Check:
    payload = [each.size for each in contents.payload.values()]
    oxum = f"{sum(payload)}.{len(payload)}"
    problem = ""
    if contents.stated("Payload-Oxum") != oxum:
        problem = f"does not state the payload found ({oxum})"
    elif contents.stated("External-Identifier") != contents.base:
        problem = f"does not state the reference the folder is named for ({contents.base})"
    return _check(
        "bag-info.txt", {"bag-info.txt": problem} if problem else {}, f"States the payload found ({oxum})."
    )


def _files(contents: Contents) -> Check:
    problems = dict.fromkeys(contents.outside, "is outside the bag's folder")
    problems |= dict.fromkeys(sorted(contents.damaged), "is damaged")
    payload = {name for name in contents.names if name.startswith("data/")}
    for listing in PAYLOAD_MANIFESTS:
        problems |= _differences(contents, listing, payload)
    problems |= _differences(contents, TAG_MANIFEST, contents.names - payload - {TAG_MANIFEST})
    if "fetch.txt" in contents.names:
        problems["fetch.txt"] = "names addresses to fetch, which a bundle never does (nothing was fetched)"
    return _check("files", problems, f"All {len(contents.names)} files are present and listed.")


def _differences(contents: Contents, listing: str, present: Iterable[str]) -> dict[str, str]:
    try:
        listed = set(contents.manifest(listing))
    except ManifestInvalid as error:
        return {listing: str(error)}
    present = set(present)
    missing = dict.fromkeys(sorted(listed - present), f"is missing but listed in {listing}")
    return missing | dict.fromkeys(sorted(present - listed), f"is not listed in {listing}")


def _digests(check: str, contents: Contents, listings: Iterable[str]) -> Check:
    problems: dict[str, str] = {}
    count = 0
    for listing in listings:
        try:
            listed = contents.manifest(listing)
        except ManifestInvalid as error:
            problems[listing] = str(error)
            continue
        count += len(listed)
        for name, digest in listed.items():
            found = contents.digests.get(name)
            if found is None or digest not in (found.sha256, found.sha512):
                problems[name] = f"does not have the digest that {listing} states"
    return _check(check, problems, f"All {count} stated digests agree.")


def _custody(contents: Contents) -> Iterator[Check]:
    sealed = contents.stated("Leakwatch-Bundle-Kind") != "shareable"
    if "custody.jsonl" not in contents.names and not sealed:
        yield Check("custody log", True, "This shareable bundle has no custody log.")
        yield _items(contents, None)
        return
    try:
        entries = from_lines(contents.texts.get("custody.jsonl", b""))
    except ChainLineInvalid as error:
        yield _check("custody log", {"custody.jsonl": f"cannot be read: {error}"}, "")
        return
    yield _chain(contents, entries)
    yield _items(contents, handled(entries) if sealed else None)


def _chain(contents: Contents, entries: list[CustodyEntry]) -> Check:
    problem = ""
    if not entries:
        problem = "is missing, empty or cannot be read"
    elif (broken := verify_chain(entries)) is not None:
        problem = f"is broken at line {broken}"
    elif contents.stated("Leakwatch-Custody-Head") != head(entries):
        problem = "does not end with the hash that bag-info.txt states"
    good = f"{len(entries)} lines, an unbroken chain."
    return _check("custody log", {"custody.jsonl": problem} if problem else {}, good)


def _items(contents: Contents, recorded: frozenset[str] | None) -> Check:
    problems: dict[str, str] = {}
    described = {file for name in contents.descriptions if (file := _described(contents, name))}
    for name in sorted(name for name in contents.names if name.startswith("data/items/")):
        if DESCRIPTION.fullmatch(name):
            if not _described(contents, name):
                problems[name] = "does not describe the file beside it"
        elif name not in described:
            problems[name] = "is not what its metadata.json describes"
        elif recorded is not None and contents.digests[name].sha256 not in recorded:
            problems[name] = "is not mentioned in the custody log"
    return _check("items", problems, f"{len(described)} items agree with their descriptions and the log.")


def _described(contents: Contents, description: str) -> str | None:
    """The file a metadata.json describes, when it is there with that size and digest."""
    stated = contents.document(description)
    file = f"{description.rpartition('/')[0]}/{stated.get('file')}"
    found = contents.digests.get(file)
    if found is None or found.sha256 != stated.get("sha256") or found.size != stated.get("bytes"):
        return None
    return file


def _check(name: str, problems: Mapping[str, str], good: str) -> Check:
    """A good check with its sentence, or a bad one that names its files."""
    if not problems:
        return Check(name, True, good)
    named = [f"{file} {problem}" for file, problem in list(problems.items())[:NAMED]]
    more = f"; and {len(problems) - NAMED} more" if len(problems) > NAMED else ""
    return Check(name, False, "; ".join(named) + more + ".", tuple(problems))
