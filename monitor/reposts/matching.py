"""Which alerts could a post belong to? Cheap signs propose known pictures, a worker process compares pixels.

1. `propose`: the same bytes, a near PDQ hash in any turn, mirrored or inverted, shared features.
2. `compare`: each proposed pair by its pixels, once; both files are sealed and stay so outside the worker.
3. `candidates`: what that and the identifiers say about each alert. Deciding is `monitor.pipeline.triage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from detectors.base import Box, DetectorError
from detectors.likeness import Likeness
from monitor.core import Core
from monitor.errors import LeakwatchError
from monitor.fingerprints.base import FingerprintIndex
from monitor.pipeline.pool import ExaminePool
from monitor.reposts.candidate import Candidate, Picture, numbers_relation
from monitor.reposts.features import KnownFeatures
from monitor.reposts.known import known_images, open_features
from monitor.reposts.numbers import shared_by_many
from monitor.reposts.traits import PEOPLE, PostTraits, naming_places
from monitor.storage.alert import Alert, alerts_with, standing_for, traits_of
from monitor.storage.examination import Fingerprint
from monitor.storage.known_image import KnownImage
from monitor.templates import base_config

MOST_COMPARED = 8
"""Known pictures that one picture is compared with, the likeliest first: 140 ms each on a busy machine."""

Pair = tuple[str, str]
Compared = Mapping[Pair, Likeness | None]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Harmless:
    """A picture of the post, and the known harmless one that it is."""

    image: str
    known: str


class Matching:
    """Finds the alerts that a post may be a copy of."""

    def __init__(self, core: Core, pool: ExaminePool, index: FingerprintIndex) -> None:
        self._core = core
        self._pool = pool
        self._index = index
        self._features = KnownFeatures(core.vault)

    def propose(self, session: Session, images: Iterable[str]) -> list[Pair]:
        """(a picture of the post, a known picture) that are worth comparing."""
        self._index.refresh(session)
        self._features.refresh(session)
        pairs: list[Pair] = []
        for sha256 in images:
            fingerprint = session.get(Fingerprint, sha256)
            if fingerprint is not None:
                near = self._near(session, fingerprint)
                pairs += [(sha256, known) for known in near if known != sha256][:MOST_COMPARED]
        return pairs

    def compare(self, pair: Pair) -> Likeness | None:
        """The pixels of two files; None when they have nothing in common or one cannot be had any more."""
        core = self._core
        try:
            with core.database.read() as session:
                first, second = (core.blobs.read(session, sha256) for sha256 in pair)
                named = _where_named(session, pair[1])
            return self._pool.compare(first, second, named, base_config(core.settings))
        except (LeakwatchError, DetectorError) as error:
            log.warning("comparison_failed", known=pair[1], error=type(error).__name__)
            return None

    def harmless(
        self, session: Session, traits: PostTraits, compared: Compared, before: Set[Pair] = frozenset()
    ) -> list[Harmless]:
        """Pictures of the post that are known to be harmless, and name nobody whom the known one does not.

        Of pairs `before` the pixels were compared when the post was first judged; they may be gone since.
        """
        verdicts: dict[Pair, Picture] = dict.fromkeys(before, "same")
        verdicts |= _verdicts(traits.images, compared)
        known = known_images(session, {pair[1] for pair in verdicts})
        found: dict[str, Harmless] = {}
        for (image, other), picture in verdicts.items():
            row = known.get(other)
            if row is None or row.known_as != "benign" or picture not in ("bytes", "same"):
                continue
            if traits.people_on.get(image, frozenset()) <= _people_of(session, row.alert_id):
                found.setdefault(image, Harmless(image, other))
        return list(found.values())

    def candidates(self, session: Session, traits: PostTraits, compared: Compared) -> list[Candidate]:
        """What is known about each alert that something proposes, the likeliest first."""
        verdicts = _verdicts(traits.images, compared)
        rows = known_images(session, {known for _, known in verdicts})
        pictures: dict[UUID, dict[str, Picture]] = {}
        for (image, other), picture in verdicts.items():
            row = rows.get(other)
            if row is not None and row.known_as == "leak":
                shown = pictures.setdefault(row.alert_id, {})
                shown[image] = max(picture, shown.get(image, "different"), key=NEARER.index)
        by_number = alerts_with(session, "number", sorted(traits.of("number")))
        by_number |= alerts_with(session, "identifier", sorted(traits.of("identifier")))
        by_image = alerts_with(session, "image", traits.images)
        standing = standing_for(session, {*pictures, *by_number, *by_image})
        roots = sorted(set(standing.values()))
        found = [self._candidate(session, root, traits, pictures, standing) for root in roots]
        return sorted(found, key=lambda candidate: candidate.rank, reverse=True)

    def _candidate(
        self,
        session: Session,
        root: UUID,
        traits: PostTraits,
        pictures: Mapping[UUID, Mapping[str, Picture]],
        standing: Mapping[UUID, UUID],
    ) -> Candidate:
        known = traits_of(session, [root])[root]
        seen: dict[str, Picture] = {
            image: "bytes" for image in traits.images if image in known.get("image", ())
        }
        for alert_id, shown in pictures.items():
            if standing.get(alert_id) == root:
                seen = {**shown, **seen}
        best: Picture = max(seen.values(), key=NEARER.index, default="different")
        births, theirs = traits.of("birth"), known.get("birth", set())
        alert = session.get_one(Alert, root)
        return Candidate(
            alert_id=root,
            picture=best,
            covers=all(_is_copy(seen, image) for image in traits.images),
            numbers=numbers_relation(
                (traits.of("number"), traits.of("identifier")),
                (known.get("number", set()), known.get("identifier", set())),
                shared_by_many(session, traits.of("number", "identifier")),
            ),
            strange=_strange(traits, seen, _people_of(session, root)),
            births_differ=bool(births and theirs and not births & theirs),
            dismissed=alert.status == "dismissed",
        )

    def _near(self, session: Session, fingerprint: Fingerprint) -> list[str]:
        """Known pictures that a hash or features propose, the likeliest first."""
        views = fingerprint.pdq_views if fingerprint.usable else []
        inverted = [f"{int(view, 16) ^ (2**256 - 1):064x}" for view in views]
        near = self._index.search(session, [*views, *inverted])
        votes = self._features.candidates(open_features(self._core.vault, fingerprint))
        by_hash = sorted(near, key=lambda name: (near[name], name))
        by_votes = [name for name in votes if name not in near]
        half = MOST_COMPARED // 2
        return [*by_hash[:half], *by_votes[:half], *by_hash[half:], *by_votes[half:]]


def _where_named(session: Session, sha256: str) -> tuple[Box, ...] | None:
    """Where a known picture names somebody; None of a leak on which nobody's name or number could be read."""
    places = tuple(naming_places(session, sha256))
    known = session.get(KnownImage, sha256)
    return places or (() if known is not None and known.known_as == "benign" else None)


def _people_of(session: Session, alert_id: UUID) -> set[str]:
    known = traits_of(session, [alert_id])[alert_id]
    return set().union(*(known.get(kind, set()) for kind in PEOPLE))


def _strange(traits: PostTraits, seen: Mapping[str, Picture], people: set[str]) -> bool:
    """Whether a picture is none of the alert's and names somebody, but nobody whom the alert names."""
    others = (traits.people_on.get(each, frozenset()) for each in traits.images if not _is_copy(seen, each))
    return any(named and not named & people for named in others)


def _is_copy(seen: Mapping[str, Picture], image: str) -> bool:
    return seen.get(image) in ("bytes", "same")


NEARER: tuple[Picture, ...] = ("different", "possible", "same", "bytes")


def _verdicts(images: Iterable[str], compared: Compared) -> dict[Pair, Picture]:
    """What is known of each pair: a picture is of course itself."""
    found: dict[Pair, Picture] = {(image, image): "bytes" for image in images}
    return found | {pair: likeness.verdict for pair, likeness in compared.items() if likeness is not None}
