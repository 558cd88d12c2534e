"""What a post is known by: its pictures, and keyed digests of whom it names and of what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from detectors.base import Box
from detectors.identifiers import IDENTIFIERS
from monitor.core import Core
from monitor.errors import NotFound
from monitor.storage.alert import TraitKind
from monitor.storage.examination import Examination, Finding, image_subject
from monitor.storage.post import PostRevision
from monitor.texts import open_text

MIN_WORDING = 30
"""Shorter texts ("wow", "look at this") are everybody's."""
PEOPLE: tuple[TraitKind, ...] = ("number", "identifier", "birth")
"""What tells one person from another; names are read and written in too many ways."""
_OTHERS: Mapping[str, TraitKind] = {"date_of_birth": "birth", "person_name": "name", "template": "template"}

Digests = Mapping[TraitKind, frozenset[str]]


@dataclass(frozen=True, slots=True)
class PostTraits:
    """`images` of the post that show something of a person (or are all it has), and `digests` by kind.

    `people_on` are the identifiers and dates of birth read on each picture.
    """

    images: tuple[str, ...] = ()
    digests: Digests = field(default_factory=dict)
    people_on: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, *kinds: TraitKind) -> frozenset[str]:
        """The digests of these kinds together."""
        return frozenset().union(*(self.digests.get(kind, frozenset()) for kind in kinds))

    def rows(self) -> list[tuple[TraitKind, str]]:
        """Everything, as (kind, digest)."""
        pictures: list[tuple[TraitKind, str]] = [("image", sha256) for sha256 in self.images]
        return pictures + [(kind, each) for kind, found in self.digests.items() for each in sorted(found)]


def traits_of_post(core: Core, revision: PostRevision, examinations: Sequence[Examination]) -> PostTraits:
    """The traits of one revision, from what was found in it."""
    by_subject = {examination.subject: examination for examination in examinations}
    files = dict.fromkeys(a.blob_sha256 for a in revision.attachments if a.state == "acquired")
    seen = {sha: by_subject.get(image_subject(sha)) for sha in files if sha}
    personal = [sha for sha, found in seen.items() if found and any(f.digest for f in found.findings)]
    collected: dict[TraitKind, set[str]] = {}
    for finding in (finding for examination in examinations for finding in examination.findings):
        if (kind := _kind(finding)) and (digest := _digest(core, finding)):
            collected.setdefault(kind, set()).add(digest)
    if wording := _wording(core, revision):
        collected["text"] = {wording}
    people = {
        sha: frozenset(f.digest for f in found.findings if f.digest and _kind(f) in PEOPLE)
        for sha, found in seen.items()
        if found
    }
    images = personal or (list(seen) if len(seen) == 1 else [])
    return PostTraits(tuple(images), {k: frozenset(v) for k, v in collected.items()}, people)


def naming_places(session: Session, sha256: str) -> list[Box]:
    """Where the first page of a picture names somebody: the places of all findings that tell people apart."""
    known = select(Finding).join(Examination, Examination.id == Finding.examination_id)
    found = session.scalars(known.where(Examination.subject == image_subject(sha256), Finding.page == 0))
    return [Box(*each.box) for each in found if each.box and each.digest and _kind(each)]


def _kind(finding: Finding) -> TraitKind | None:
    """Which trait a finding is."""
    if finding.kind in IDENTIFIERS and finding.valid is not False:
        return "number" if finding.valid else "identifier"
    return _OTHERS.get(finding.kind)


def _digest(core: Core, finding: Finding) -> str | None:
    if finding.kind == "template":
        return core.vault.keyed_digest("template", finding.masked)
    return finding.digest


def _wording(core: Core, revision: PostRevision) -> str | None:
    """A keyed digest of the text without case, spacing, punctuation and addresses."""
    try:
        text = open_text(core.vault, revision).text
    except NotFound:
        return None
    plain = re.sub(r"https?://\S+", "", unicodedata.normalize("NFKC", text).casefold())
    words = " ".join(re.findall(r"\w+", plain))
    return core.vault.keyed_digest("wording", words) if len(words) >= MIN_WORDING else None
