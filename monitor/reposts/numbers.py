"""Numbers that belong to the document, not to the patient: a trust's telephone number read as a number."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.storage.alert import AlertTrait
from monitor.storage.known_image import RepostQuestion

MANY = 3
"""Alerts on one template that must share a number, and nothing else, before it is the template's own."""


def shared_by_many(session: Session, digests: Iterable[str]) -> frozenset[str]:
    """Those of the digests that say nothing about who it is.

    Two cases: alerts that a person told apart both have it, and no date of birth (else they are two matters
    of one patient); or alerts on one template have it while their other numbers are all different.
    """
    wanted = sorted(digests)
    if not wanted:
        return frozenset()
    kinds = ("number", "identifier")
    rows = session.execute(
        select(AlertTrait.digest, AlertTrait.alert_id).where(
            AlertTrait.kind.in_(kinds), AlertTrait.digest.in_(wanted)
        )
    )
    having: dict[str, set[UUID]] = {}
    for digest, alert_id in rows:
        having.setdefault(digest, set()).add(alert_id)
    crowded = {digest: alerts for digest, alerts in having.items() if len(alerts) > 1}
    if not crowded:
        return frozenset()
    involved = set().union(*crowded.values())
    told_apart, others, templates = _facts(session, involved)
    return frozenset(
        digest
        for digest, alerts in crowded.items()
        if any(frozenset(pair) in told_apart for pair in combinations(alerts, 2))
        or _is_the_templates(digest, alerts, others, templates)
    )


def _facts(
    session: Session, alerts: set[UUID]
) -> tuple[set[frozenset[UUID]], dict[UUID, set[str]], dict[UUID, set[str]]]:
    """Pairs that people told apart; each alert's valid numbers; each alert's templates."""
    answered = session.execute(
        select(RepostQuestion.alert_id, RepostQuestion.other_id).where(
            RepostQuestion.answer == "different", RepostQuestion.alert_id.in_(alerts)
        )
    )
    births: dict[UUID, set[str]] = {alert: set() for alert in alerts}
    numbers: dict[UUID, set[str]] = {alert: set() for alert in alerts}
    templates: dict[UUID, set[str]] = {alert: set() for alert in alerts}
    traits = select(AlertTrait).where(
        AlertTrait.alert_id.in_(alerts), AlertTrait.kind.in_(("number", "template", "birth"))
    )
    by_kind = {"number": numbers, "template": templates, "birth": births}
    for trait in session.scalars(traits):
        by_kind[trait.kind][trait.alert_id].add(trait.digest)
    told_apart = {
        frozenset((one, other))
        for one, other in answered
        if not births.get(one, set()) & births.get(other, set())
    }
    return told_apart, numbers, templates


def _is_the_templates(
    digest: str, alerts: set[UUID], numbers: dict[UUID, set[str]], templates: dict[UUID, set[str]]
) -> bool:
    rest = {alert: numbers[alert] - {digest} for alert in alerts}
    patients = [alert for alert in alerts if rest[alert]]
    if len(patients) < MANY or not set.intersection(*(templates[alert] for alert in patients)):
        return False
    return all(not rest[one] & rest[other] for one, other in combinations(patients, 2))
