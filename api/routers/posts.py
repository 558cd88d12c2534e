"""Posts: what was collected, what failed, and trying again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.pagination import decode_id, page
from api.routers.responses import problems
from api.schemas.base import Page
from api.schemas.post import PostOut, PostSummary, RevisionOut
from api.schemas.query import PostQuery
from monitor import audit
from monitor.alerts import alert_of_post
from monitor.errors import Conflict, NotFound
from monitor.storage.post import find_posts, get_post, latest_revision
from monitor.storage.work import retry_failed

router = APIRouter(prefix="/posts", tags=["posts"])


@router.get("", openapi_extra=needs("posts:read"))
def list_posts(request: Request, core: CoreDep, query: Annotated[PostQuery, Query()]) -> Page[PostSummary]:
    """List posts, latest first. `stage=failed` lists what could not be processed."""
    filters = query.model_dump(exclude={"cursor", "limit"})
    with core.database.read() as session:
        rows = find_posts(session, **filters, before=decode_id(query.cursor), limit=query.limit + 1)
    return page(request, rows, query.limit, lambda row: row[0].id, lambda row: PostSummary.of(*row))


@router.get("/{post_id}", openapi_extra=needs("posts:read"), responses=problems(404))
def read_post(post_id: UUID, core: CoreDep) -> PostOut:
    """Read a post: its revisions, their files, and what went wrong with them."""
    with core.database.read() as session:
        return _whole(session, post_id)


@router.post("/{post_id}/retry", openapi_extra=needs("posts:retry"), responses=problems(404, 409))
def retry_post(post_id: UUID, core: CoreDep, caller: Caller) -> PostOut:
    """Process a failed post again, from the start."""
    with core.database.transaction() as session:
        revision = latest_revision(session, get_post(session, post_id).id)
        if revision is None or not retry_failed(session, revision.id, core.now()):
            raise Conflict("This post has not failed, or its content is gone; it cannot be processed again.")
        audit.record(session, now=core.now(), actor=caller.name, action="post.retry", item=str(post_id))
        return _whole(session, post_id)


def _whole(session: Session, post_id: UUID) -> PostOut:
    post = get_post(session, post_id)
    newest = latest_revision(session, post_id)
    if newest is None:
        raise NotFound("post", post_id)
    alert = alert_of_post(session, post_id)
    return PostOut(
        **PostSummary.of(post, newest).model_dump(),
        revisions=[RevisionOut.of(revision) for revision in post.revisions],
        alert=alert.reference if alert else None,
    )
