"""Alerts as the API shows them: masked, always."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas.availability import CheckOut
from api.schemas.base import Model
from detectors.passages import Part
from monitor.alerts import TRANSITIONS
from monitor.details import MOST_SHOWN, AlertDetail, Picture, SeenPost
from monitor.reveal import REASON_LENGTH, ClearValue
from monitor.storage.alert import Alert, AlertStatus, SeenIn, Severity
from monitor.storage.evidence import Bundle, BundleKind, EvidenceItem, EvidenceKind
from monitor.storage.examination import Finding
from monitor.storage.post import AttachmentState

NOTE = "Kept in the clear: it must not hold a patient's number, and should not name the patient."


class AlertSummary(Model):
    """One alert of a list."""

    reference: str = Field(examples=["LW-2026-000123"])
    status: AlertStatus
    severity: Severity
    score: float = Field(ge=0, le=1, description="How sure the assessment is that a record is exposed.")
    leak_class: str = Field(examples=["patient_record"])
    doc_type: str | None = Field(examples=["discharge_summary"])
    platforms: list[str] = Field(
        description="Where it was seen, in order of sighting.", examples=[["reddit"]]
    )
    author: str | None = Field(
        description="Who posted it first, as far as known.", examples=["example_account"]
    )
    sightings: int = Field(ge=0, description="In how many posts it was seen.")
    raised_at: datetime
    last_seen_at: datetime
    version: int = Field(description="Moves with every change; the ETag holds it.")

    @classmethod
    def of(cls, alert: Alert, seen: SeenIn) -> AlertSummary:
        """The summary of a stored alert."""
        return cls(**_summary(alert, seen))


class BoxOut(Model):
    """A rectangle in pixels of the upright original, origin top left."""

    x: int
    y: int
    width: int
    height: int


TEMPLATE = "template"
"""The detector whose facts are told: they hold nothing of the picture."""


class FindingOut(Model):
    """A detector's statement, masked."""

    kind: str = Field(examples=["nhs_number"])
    detector: str
    version: str
    score: float = Field(ge=0, le=1)
    masked: str = Field(examples=["943 *** **19"])
    valid: bool | None = Field(description="The check digit's verdict; null where there is none.")
    box: BoxOut | None = Field(description="Where it stands on the picture; null for text.")
    page: int = Field(ge=0, description="The frame or page, from 0.")
    why: str = Field(description="One sentence for a person.")
    part: Part | None = Field(description="Which of the post's words it stands in; null for files.")
    match: dict[str, Any] | None = Field(
        description="Of a template: level, organisation, hashes (distances of 256 bits), inliers, tiles that"
        " agree of tiles_seen, their first 40 places in the template's pixels, the words read. Else null."
    )

    @classmethod
    def of(cls, finding: Finding) -> FindingOut:
        """A stored finding, masked."""
        names = ("kind", "detector", "version", "score", "masked", "valid", "page", "why")
        box = BoxOut(**dict(zip(BoxOut.model_fields, finding.box, strict=True))) if finding.box else None
        part = finding.facts.get("part")
        match = dict(finding.facts) if finding.detector == TEMPLATE else None
        return cls(**{name: getattr(finding, name) for name in names}, box=box, part=part, match=match)


class PictureOut(Model):
    """A page of a post's file, and what was found on it: a picture has one, documents and videos may more."""

    attachment: UUID
    url: str = Field(description="Where the file was published; never fetch it on a person's behalf.")
    state: AttachmentState
    error: str | None
    sha256: str | None
    page: int = Field(description="Which page of the file, from 0.", examples=[0])
    width: int | None = Field(description="Of the upright original, in pixels.")
    height: int | None
    preview: str | None = Field(
        description="Path of the redacted preview; null when there is none.",
        examples=["/api/v1/alerts/LW-2026-000123/preview/" + "0" * 64],
    )
    findings: list[FindingOut]

    @classmethod
    def of(cls, reference: str, picture: Picture) -> PictureOut:
        """A picture of that alert."""
        attachment, preview = picture.attachment, picture.preview_sha256
        width, height = picture.size or (None, None)
        return cls(
            attachment=attachment.id,
            url=attachment.url,
            state=attachment.state,
            error=attachment.error,
            sha256=attachment.blob_sha256,
            page=picture.page,
            width=width,
            height=height,
            preview=f"/api/v1/alerts/{reference}/preview/{preview}" if preview else None,
            findings=[FindingOut.of(finding) for finding in picture.findings],
        )


class SeenPostOut(Model):
    """A post in which the alert's content was seen, in its newest wording."""

    id: UUID
    platform: str
    url: str
    context: str | None = Field(description="Where on the platform it stood.", examples=["r/example"])
    author: str | None
    author_url: str | None
    posted_at: datetime | None
    first_seen_at: datetime
    gone_at: datetime | None = Field(description="When it was found to be gone; null while it may be shown.")
    gone_reason: str | None
    checks: list[CheckOut] = Field(description="The latest looks at whether it is still shown, newest first.")
    seen_because: str = Field(
        description="first, same_image, near_copy, same_identifiers, edited or merged.", examples=["first"]
    )
    revision: int = Field(description="1 for the first wording, more after edits.")
    masked_text: str | None
    text_findings: list[FindingOut]
    pictures: list[PictureOut]

    @classmethod
    def of(cls, reference: str, seen: SeenPost) -> SeenPostOut:
        """A post of that alert."""
        post = seen.post
        return cls(
            id=post.id,
            platform=post.platform,
            url=post.url,
            context=post.context,
            author=post.author_handle,
            author_url=post.author_url,
            posted_at=post.posted_at,
            first_seen_at=post.first_seen_at,
            gone_at=post.gone_at,
            gone_reason=post.gone_reason,
            checks=[CheckOut.of(check) for check in seen.checks],
            seen_because=seen.reason,
            revision=seen.revision.number,
            masked_text=seen.revision.masked_text,
            text_findings=[FindingOut.of(finding) for finding in seen.text_findings],
            pictures=[PictureOut.of(reference, picture) for picture in seen.pictures],
        )


class EvidenceOut(Model):
    """One sealed object. Its bytes leave only in a bundle."""

    id: UUID
    kind: EvidenceKind
    sha256: str = Field(description="Of the clear bytes.")
    derived_from: str | None = Field(description="SHA-256 of what it was made from.")
    sealed_at: datetime

    @classmethod
    def of(cls, item: EvidenceItem) -> EvidenceOut:
        """A stored item."""
        names = ("id", "kind", "derived_from", "sealed_at")
        return cls(**{name: getattr(item, name) for name in names}, sha256=item.blob_sha256)


class EventOut(Model):
    """One line of an alert's history."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    actor: str = Field(examples=["key:triage-bot"])
    action: str = Field(examples=["confirmed"])
    note: str | None


class BundleOut(Model):
    """A bundle that was made."""

    id: UUID
    kind: BundleKind
    file_name: str
    sha512: str = Field(description="Of the file. Send it by another way than the file.")
    created_at: datetime
    created_by: str
    download: str = Field(description="Path of the file.")

    @classmethod
    def of(cls, reference: str, bundle: Bundle) -> BundleOut:
        """A bundle of that alert."""
        names = ("id", "kind", "file_name", "sha512", "created_at", "created_by")
        download = f"/api/v1/alerts/{reference}/bundles/{bundle.id}"
        return cls(**{name: getattr(bundle, name) for name in names}, download=download)


class FactorOut(Model):
    """A feature that moved the score."""

    name: str = Field(examples=["number_labelled"])
    strength: float = Field(description="How far it is there, 0 to 1.", examples=[0.97])
    weight: float = Field(description="What it adds to the logit at a strength of 1.", examples=[1.8])


class AlertOut(AlertSummary):
    """An alert with everything about it, masked."""

    may_become: list[AlertStatus] = Field(description="The statuses it can be given now.")
    reasons: list[str] = Field(description="Why it was raised, weightiest first.")
    factors: list[FactorOut] = Field(description="Every feature that moved the score, weightiest first.")
    posts: list[SeenPostOut] = Field(
        description=f"The first and the newest, {MOST_SHOWN} at most; `spread` lists all."
    )
    evidence: list[EvidenceOut]
    events: list[EventOut]
    bundles: list[BundleOut]

    @classmethod
    def whole(cls, detail: AlertDetail, bundles: Sequence[Bundle]) -> AlertOut:
        """The whole view of an alert."""
        alert = detail.alert
        return cls(
            **_summary(alert, detail.seen),
            may_become=sorted(TRANSITIONS[alert.status]),
            reasons=alert.reasons,
            factors=[FactorOut(**factor) for factor in alert.factors],
            posts=[SeenPostOut.of(alert.reference, seen) for seen in detail.posts],
            evidence=[EvidenceOut.of(item) for item in detail.evidence],
            events=[EventOut.model_validate(event) for event in detail.events],
            bundles=[BundleOut.of(alert.reference, bundle) for bundle in bundles],
        )


class AlertChange(Model):
    """A decision about an alert."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"status": "dismissed", "note": "A training slide; no real patient."}]
        },
    )

    status: AlertStatus
    note: str | None = Field(default=None, max_length=2000, description=f"Why. {NOTE}")
    harmless_picture: bool = Field(
        default=False,
        description="With dismissed: later copies of its pictures are passed over and counted.",
    )


class BundleRequest(Model):
    """Which bundle to make."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "shareable"}]})

    kind: BundleKind = Field(
        description="sealed: originals, for lawyers and police. shareable: redacted previews only."
    )


class RevealRequest(Model):
    """Why somebody must see clear identifiers."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reason": "Telling the patient's practice whose record this is.",
                    "item": "0199c6f2-6a0b-7f3e-8d4c-2b1a09f8e7d6",
                }
            ]
        },
    )

    reason: str = Field(
        min_length=REASON_LENGTH, max_length=500, description=f"Goes into the audit and custody logs. {NOTE}"
    )
    item: UUID = Field(description="The evidence item of kind clear_findings.")


class ClearValueOut(Model):
    """One identifier in the clear."""

    kind: str = Field(examples=["nhs_number"])
    masked: str = Field(examples=["943 *** **19"])
    value: str = Field(examples=["9434765919"])
    valid: bool | None
    page: int

    @classmethod
    def of(cls, clear: ClearValue) -> ClearValueOut:
        """A value that was revealed."""
        return cls(**{name: getattr(clear, name) for name in cls.model_fields})


class Revealed(Model):
    """Clear identifiers. Do not store this answer."""

    reference: str
    item: UUID
    values: list[ClearValueOut]


def _summary(alert: Alert, seen: SeenIn) -> dict[str, Any]:
    names = (
        "reference",
        "status",
        "severity",
        "score",
        "leak_class",
        "doc_type",
        "raised_at",
        "last_seen_at",
    )
    return {name: getattr(alert, name) for name in (*names, "version")} | {
        "platforms": list(seen.platforms),
        "author": seen.first.author_handle if seen.first else None,
        "sightings": seen.posts,
    }
