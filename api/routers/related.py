"""Alerts of one matter: links, questions about copies, spread; and pictures that harm nobody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.routers.alerts import Reference
from api.routers.responses import problems
from api.schemas.related import (
    HarmlessPicture,
    HarmlessPictures,
    RelatedAlerts,
    RelatedOut,
    RepostAnswer,
    SpreadOut,
)
from monitor.reposts.answers import answer
from monitor.reposts.known import benign_images
from monitor.reposts.links import related, spread
from monitor.storage.alert import get_alert

router = APIRouter(tags=["alerts"])

Other = Annotated[str, Path(max_length=32, description="The other alert's reference.")]


@router.get("/alerts/{reference}/related", openapi_extra=needs("alerts:read"), responses=problems(404))
def list_related(reference: Reference, core: CoreDep) -> RelatedAlerts:
    """The alerts that concern the same matter, each with the reasons, and questions about copies."""
    with core.database.read() as session:
        links = related(session, get_alert(session, reference))
        return RelatedAlerts(reference=reference, related=[RelatedOut.of(link) for link in links])


@router.put(
    "/alerts/{reference}/related/{other}",
    openapi_extra=needs("alerts:write"),
    responses=problems(404, 409),
)
def answer_repost(
    *, reference: Reference, other: Other, said: RepostAnswer, core: CoreDep, caller: Caller
) -> RelatedAlerts:
    """Say whether two alerts are copies of one record. The answer is kept and can be changed."""
    with core.database.transaction() as session:
        alert = get_alert(session, reference)
        beside = get_alert(session, other)
        answer(session, alert, beside, said.answer, actor=caller.name, now=core.now())
        session.flush()
        links = [RelatedOut.of(link) for link in related(session, alert)]
        return RelatedAlerts(reference=reference, related=links)


@router.get("/alerts/{reference}/spread", openapi_extra=needs("alerts:read"), responses=problems(404))
def read_spread(reference: Reference, core: CoreDep) -> SpreadOut:
    """Where and when the alert and its linked alerts were seen: in time, by platform, and as a graph."""
    with core.database.read() as session:
        alert = get_alert(session, reference)
        return SpreadOut.of(alert, spread(session, alert))


@router.get("/harmless-pictures", openapi_extra=needs("alerts:read"))
def list_harmless_pictures(core: CoreDep) -> HarmlessPictures:
    """Pictures that people said harm nobody, and in how many posts they were passed over since."""
    with core.database.read() as session:
        return HarmlessPictures(items=[HarmlessPicture.of(*row) for row in benign_images(session)])
