"""What a hostile web serves in place of files: nothing gets through, and each refusal is recorded."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from connectors.base import Attachment as Named
from connectors.base import Post as Seen
from monitor.bootstrap import build_core
from monitor.pipeline.acquire import Acquire
from monitor.pipeline.collect import store_post
from monitor.pipeline.take_in import reports_source
from monitor.settings import Settings
from monitor.storage import work
from monitor.storage.blob import Blob
from monitor.storage.post import Attachment, PostRevision
from tests.connectors.hostile_server import hostile_server

CASES = {
    "/redirect/http://127.0.0.1/x": ("failed", "127.0.0.1 is not a public address"),
    "/redirect/http://2130706433/x": ("failed", "a number in disguise"),
    "/redirect/http://[::ffff:127.0.0.1]/x": ("failed", "not a public address"),
    "/loop": ("failed", "redirects more than 3 times"),
    "/endless": ("failed", "more than the 1048576 bytes"),
    "/boast": ("failed", "more than the 1048576 bytes"),
    "/bomb": ("failed", "more than the 1048576 bytes"),
    "/huge": ("failed", "more than the 1048576 bytes"),
    "/short": ("failed", "broke off"),
    "/control": ("failed", "control character"),
    "/null": ("failed", "broke off|control character"),
    "/status/404": ("failed", "answered 404"),
    "/lie/page": ("failed", "a page, not a file"),
}


def test_each_refusal_is_recorded(settings: Settings) -> None:
    """Every attack leaves its attachment with the reason, none leaves a byte, and the post goes on."""
    with hostile_server() as server:
        changed = {"fetch_allow_hosts": frozenset({server.place}), "max_attachment_mb": 1, "max_attempts": 1}
        core = build_core(settings.model_copy(update=changed))
        addresses = [server.url(path) for path in CASES]
        post = Seen("test", "1", "https://example.org/1", "", attachments=tuple(map(Named, addresses)))
        with core.database.transaction() as session:
            store_post(core, session, reports_source(session, core.now()), post)
            claim = work.claim_next(session, "acquire", "test", core.now(), timedelta(minutes=5))
        assert claim is not None
        Acquire(core).run(claim)
        with core.database.read() as session:
            rows = session.scalars(select(Attachment).order_by(Attachment.position)).all()
            assert [row.state for row in rows] == [state for state, _ in CASES.values()]
            for row, (_, reason) in zip(rows, CASES.values(), strict=True):
                assert any(part in (row.error or "") for part in reason.split("|")), (row.url, row.error)
            assert session.scalars(select(Blob)).all() == []
            assert session.scalars(select(PostRevision.stage)).one() == "examine"
        assert all("cookie" not in headers for _, headers in server.requests)
        core.database.close()


def test_the_content_decides(settings: Settings) -> None:
    """What says that it is a picture and is none is kept as unknown bytes, for its examiner to refuse."""
    with hostile_server() as server:
        core = build_core(settings.model_copy(update={"fetch_allow_hosts": frozenset({server.place})}))
        post = Seen(
            "test", "1", "https://example.org/1", "", attachments=(Named(server.url("/lie/program")),)
        )
        with core.database.transaction() as session:
            store_post(core, session, reports_source(session, core.now()), post)
            claim = work.claim_next(session, "acquire", "test", core.now(), timedelta(minutes=5))
        assert claim is not None
        Acquire(core).run(claim)
        with core.database.read() as session:
            assert session.scalars(select(Blob.media_type)).one() == "application/octet-stream"
        core.database.close()
