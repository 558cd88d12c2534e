"""A running leakwatch to ask: a server on loopback, a real database, leaks as the pipeline stores them."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from api.app import create_app
from detectors.assess import Assessment
from detectors.base import Box
from detectors.redact import Marked, render_preview
from monitor.access import create_key, create_sign_in, create_user
from monitor.alerts import Decision, apply
from monitor.bootstrap import build_core
from monitor.core import Core
from monitor.evidence.custody import CustodyAction
from monitor.reposts.traits import PostTraits
from monitor.settings import Settings
from monitor.storage.alert import Severity
from monitor.storage.evidence import EvidenceItem, EvidenceKind, take_custody
from monitor.storage.examination import Examination, Finding, image_subject, text_subject
from monitor.storage.known_image import RepostQuestion
from monitor.storage.post import Attachment, Post, PostRevision, Stage, latest_revision
from monitor.storage.source import Source
from monitor.texts import PostText, drop_text, seal_text

CLEAR_NUMBER = "9990123454"
CLEAR_NAME = "Test Specimenperson"
"""A never-issued number and a name; neither may ever be seen masked away from `reveal`."""
PAGE = (800, 1000)
NUMBER_BOX = [420, 180, 260, 36]
NAME_BOX = [120, 180, 220, 36]
HEADING_BOX = [120, 90, 420, 48]


@dataclass(frozen=True)
class Leak:
    """What was stored for one leak."""

    reference: str
    alert_id: UUID
    post_id: UUID
    revision_id: UUID
    preview: str
    original: str
    clear_item: UUID


def ask(world: World, newer: Leak, older: Leak) -> None:
    """Put the question whether one alert is a copy of another, as triage does."""
    with world.core.database.transaction() as session:
        asked = RepostQuestion(
            alert_id=newer.alert_id,
            other_id=older.alert_id,
            why="a picture is much like one of it",
            asked_at=world.core.now(),
        )
        session.add(asked)


@dataclass
class World:
    """The parts of one monitor, and what a test puts into them."""

    core: Core
    keys: dict[str, str] = field(default_factory=dict)
    posts: int = 0

    def key(self, role: str) -> str:
        """An API key of that role."""
        if role not in self.keys:
            with self.core.database.transaction() as session:
                self.keys[role] = create_key(session, name=f"{role}-key", role=role, now=self.core.now())
        return self.keys[role]

    def sign_in_path(self, role: str) -> str:
        """A one-time link for a person of that role."""
        now = self.core.now()
        with self.core.database.transaction() as session:
            create_user(session, name=f"Jo {role.capitalize()}", role=role, now=now)
            return f"/sign-in?token={create_sign_in(session, f'Jo {role.capitalize()}', now)}"

    def source(
        self, name: str = "watched", *, enabled: bool = True, due_at: datetime | None = None
    ) -> Source:
        """A source, due in an hour unless said otherwise."""
        now = self.core.now()
        with self.core.database.transaction() as session:
            source = Source(
                name=name,
                connector="reddit",
                config={},
                enabled=enabled,
                created_at=now,
                next_run_at=due_at or now + timedelta(hours=1),
            )
            session.add(source)
        return source

    def post(self, stage: Stage = "done", *, error: str | None = None, platform: str = "reddit") -> UUID:
        """A post with one file, at that stage of the pipeline."""
        with self.core.database.transaction() as session:
            revision = self._post(session, platform, stage)
            revision.error = error
            if stage == "failed":
                seal_text(self.core.vault, revision, PostText("as it was written"))
                session.add(
                    Attachment(
                        revision_id=revision.id,
                        position=0,
                        url="https://example.org/broken.jpg",
                        state="failed",
                        error=error,
                    )
                )
            return revision.post_id

    def forget_text(self, post_id: UUID) -> None:
        """Delete what a post said, as retention does."""
        with self.core.database.transaction() as session:
            revision = latest_revision(session, post_id)
            assert revision is not None
            drop_text(revision)

    def leak(self, severity: Severity = "high", *, platform: str = "reddit") -> Leak:
        """An alert with one post, one examined picture, findings and sealed evidence."""
        original = _page()
        with self.core.database.transaction() as session:
            revision = self._post(session, platform, "done")
            sha256 = self._keep(session, original + str(self.posts).encode(), "image/jpeg")
            session.add(
                Attachment(
                    revision_id=revision.id,
                    position=0,
                    url=f"https://example.org/{self.posts}.jpg",
                    state="acquired",
                    blob_sha256=sha256,
                    acquisition={"media_type": "image/jpeg"},
                )
            )
            clear = self._examined(session, revision, sha256)
            alert = apply(
                session,
                Decision("raise"),
                assessment=_assessment(severity),
                post=session.get_one(Post, revision.post_id),
                traits=PostTraits((sha256,)),
                now=self.core.now(),
            )
            assert alert is not None
            preview = self._keep(session, _preview(original, self.posts), "image/jpeg")
            seal = _Sealer(session, alert.id, revision.post_id, self.core.now())
            seal("original", sha256)
            seal("preview", preview, derived_from=sha256)
            item = seal("clear_findings", clear, subject=image_subject(sha256))
            return Leak(alert.reference, alert.id, revision.post_id, revision.id, preview, sha256, item)

    def flood(self, leak: Leak, posts: int) -> None:
        """So many more posts of a leak's picture."""
        with self.core.database.transaction() as session:
            for _ in range(posts):
                revision = self._post(session, "reddit", "done")
                apply(
                    session,
                    Decision("sight", leak.alert_id, "same_image"),
                    assessment=_assessment("high"),
                    post=session.get_one(Post, revision.post_id),
                    traits=PostTraits((leak.original,)),
                    now=self.core.now(),
                )

    def _post(self, session: Session, platform: str, stage: Stage) -> PostRevision:
        self.posts += 1
        now = self.core.now()
        source = session.query(Source).first()
        if source is None:
            source = Source(
                name="watched",
                connector="reddit",
                config={},
                created_at=now,
                next_run_at=now + timedelta(hours=1),
            )
            session.add(source)
            session.flush()
        post = Post(
            source_id=source.id,
            platform=platform,
            external_id=f"t3_{self.posts:06d}",
            url=f"https://example.org/r/example/{self.posts}",
            context="r/example",
            author_handle=f"example_account_{self.posts}",
            author_url=f"https://example.org/u/example_account_{self.posts}",
            posted_at=datetime(2026, 7, 12, 13, 22, 5, tzinfo=UTC),
            first_seen_at=now,
        )
        session.add(post)
        session.flush()
        revision = PostRevision(
            post_id=post.id,
            number=1,
            seen_at=now,
            content_digest=hashlib.sha256(post.external_id.encode()).hexdigest(),
            masked_text="look what I found on the bus <b>▇▇▇▇▇▇▇▇▇▇</b>",
            stage=stage,
            not_before=now,
            finished_at=now if stage in ("done", "failed") else None,
        )
        session.add(revision)
        session.flush()
        return revision

    def _examined(self, session: Session, revision: PostRevision, sha256: str) -> str:
        now = self.core.now()
        document = {"salt": "0" * 32, "values": {"1": CLEAR_NAME, "2": CLEAR_NUMBER}, "text": "…"}
        document["salt"] = hashlib.sha256(str(self.posts).encode()).hexdigest()[:32]
        clear = self._keep(session, json.dumps(document).encode(), "application/json")
        picture = Examination(
            subject=image_subject(sha256),
            signature="test",
            examined_at=now,
            seconds=0.5,
            width=PAGE[0],
            height=PAGE[1],
            details={"safe_boxes": []},
            clear_sha256=clear,
        )
        picture.findings = [
            _finding(0, "clinical_heading", "discharge summary", HEADING_BOX, "heading of a record", 0.8),
            _finding(1, "person_name", "T*** S*************", NAME_BOX, "a name after 'Patient'", 0.7),
            _finding(2, "nhs_number", "999 *** **54", NUMBER_BOX, "an NHS number with its label", 0.97, True),
        ]
        text = Examination(
            subject=text_subject(revision), signature="test", examined_at=now, seconds=0.1, details={}
        )
        text.findings = [_finding(0, "claim", "found on the bus", None, "says it is somebody else's", 0.5)]
        session.add_all([picture, text])
        return clear

    def _keep(self, session: Session, data: bytes, media_type: str) -> str:
        written = self.core.blobs.write(data, media_type)
        return self.core.blobs.register(session, written, self.core.now())


@dataclass
class _Sealer:
    session: Session
    alert_id: UUID
    post_id: UUID
    now: datetime

    def __call__(
        self, kind: EvidenceKind, sha256: str, *, derived_from: str | None = None, **facts: str
    ) -> UUID:
        item = EvidenceItem(
            alert_id=self.alert_id,
            post_id=self.post_id,
            kind=kind,
            blob_sha256=sha256,
            derived_from=derived_from,
            facts=facts,
            sealed_at=self.now,
        )
        self.session.add(item)
        self.session.flush()
        action = CustodyAction.DERIVED if derived_from else CustodyAction.SEALED
        take_custody(
            self.session, self.alert_id, action, now=self.now, actor="leakwatch", item=kind, digest=sha256
        )
        return item.id


class Server:
    """The application on a free loopback port."""

    def __init__(self, core: Core, app: FastAPI | None = None) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            app or create_app(core), log_level="critical", access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A monitor with an empty database of either kind."""
    core = build_core(Settings(data_dir=tmp_path / "data", database_url=database_url))
    with closing(core.database):
        yield World(core)


@pytest.fixture(scope="session")
def applications() -> list[FastAPI]:
    """The one application of a run, once it is made: making its routes costs more than most tests do."""
    return []


@pytest.fixture
def server(world: World, applications: list[FastAPI]) -> Iterator[Server]:
    """The world, served."""
    if not applications:
        applications.append(create_app(world.core))
    (app,) = applications
    app.state.core = world.core
    with closing(Server(world.core, app)) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(base_url=server.url) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


def _finding(  # noqa: PLR0917 - a table row
    position: int,
    kind: str,
    masked: str,
    box: list[int] | None,
    why: str,
    score: float,
    valid: bool | None = None,
) -> Finding:
    return Finding(
        position=position,
        kind=kind,
        detector="test",
        version="1",
        score=score,
        masked=masked,
        valid=valid,
        box=box,
        page=0,
        why=why,
        facts={},
    )


def _assessment(severity: Severity) -> Assessment:
    reasons = ("an NHS number with its label (999 *** **54)", "record headings: discharge summary")
    return Assessment(0.93, severity, "patient_record", "discharge_summary", reasons, alert=True)


def _page() -> bytes:
    image = Image.new("RGB", PAGE, "white")
    pen = ImageDraw.Draw(image)
    for x, y, width, height in (HEADING_BOX, NAME_BOX, NUMBER_BOX):
        pen.rectangle((x, y, x + width, y + height), fill="#335577")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def _preview(original: bytes, number: int) -> bytes:
    """A redacted preview; a comment makes each the only one of its bytes."""
    boxes = [Marked(Box(*box)) for box in (NAME_BOX, NUMBER_BOX)]
    preview = render_preview(original, keep=[Box(*HEADING_BOX)], marked=boxes)
    comment = str(number).encode()
    return preview[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + preview[2:]
