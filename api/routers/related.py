"""Alerts of one matter: links, questions about copies, spread; and pictures that harm nobody."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.pagination import decode_id, encode
from api.routers.alerts import Reference
from api.routers.responses import problems
from api.schemas.query import PageQuery
from api.schemas.related import (
    HarmlessPicture,
    HarmlessPictures,
    RelatedAlerts,
    RelatedOut,
    RepostAnswer,
    SpreadOut,
)
from monitor.errors import InvalidInput
from monitor.reposts.answers import answer
from monitor.reposts.known import benign_images
from monitor.reposts.links import Related, related, spread
from monitor.storage.alert import get_alert

router = APIRouter(tags=["alerts"])

Other = Annotated[str, Path(max_length=32, description="The other alert's reference.")]


@router.get("/alerts/{reference}/related", openapi_extra=needs("alerts:read"), responses=problems(404))
def list_related(
    reference: Reference, request: Request, core: CoreDep, query: Annotated[PageQuery, Query()]
) -> RelatedAlerts:
    """The alerts that concern the same matter, each with the reasons, and questions about copies."""
    with core.database.read() as session:
        links = related(session, get_alert(session, reference))
    return _page(request, reference, links, query)


@router.put(
    "/alerts/{reference}/related/{other}",
    openapi_extra=needs("alerts:write"),
    responses=problems(404, 409),
)
def answer_repost(
    *,
    reference: Reference,
    other: Other,
    said: RepostAnswer,
    request: Request,
    core: CoreDep,
    caller: Caller,
) -> RelatedAlerts:
    """Say whether two alerts are copies of one record. The answer is kept and can be changed."""
    with core.database.transaction() as session:
        alert = get_alert(session, reference)
        beside = get_alert(session, other)
        answer(session, alert, beside, said.answer, actor=caller.name, now=core.now())
        session.flush()
        return _page(request, reference, related(session, alert), PageQuery(limit=200))


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


def _page(request: Request, reference: str, links: list[Related], query: PageQuery) -> RelatedAlerts:
    """The links behind the one that the cursor names."""
    start = 0
    if (last := decode_id(query.cursor)) is not None:
        known = [link.alert.id for link in links]
        if last not in known:
            raise InvalidInput("The links changed meanwhile; start again without a cursor.")
        start = known.index(last) + 1
    shown = links[start : start + query.limit]
    more = len(links) > start + query.limit
    path = request.app.url_path_for("list_related", reference=reference)
    following = {"limit": query.limit, "cursor": encode(shown[-1].alert.id)} if more else {}
    return RelatedAlerts(
        reference=reference,
        total=len(links),
        related=[RelatedOut.of(link) for link in shown],
        next=f"{path}?{urlencode(following)}" if following else None,
    )
