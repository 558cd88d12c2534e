"""Sources: what is watched, how far it has been read, and how each run went."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.errors import CheckpointMoved, Conflict, NotFound
from monitor.storage.base import Base, Identified

REPORTS = "reports"
"""Name and connector of the source of what people report: it is told, never read."""
RunOutcome = Literal["running", "data", "nothing_new", "error"]


class Source(Identified, Base):
    """One configured thing to watch: connector, query and schedule."""

    __tablename__ = "source"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    connector: Mapped[str] = mapped_column(String(32))
    config: Mapped[dict[str, Any]]
    enabled: Mapped[bool] = mapped_column(default=True)
    packs: Mapped[list[Any]] = mapped_column(default=list, comment="Names of its query packs.")
    poll_seconds: Mapped[int | None] = mapped_column(comment="A pace that is kept; null: it adapts.")
    poll_min_seconds: Mapped[int | None] = mapped_column(comment="Shortest wait; null: the settings decide.")
    poll_max_seconds: Mapped[int | None] = mapped_column(comment="Longest wait; null: the settings decide.")
    pace_seconds: Mapped[float | None] = mapped_column(comment="The wait that it adapted to.")
    pace_reason: Mapped[str | None] = mapped_column(Text, comment="Why its next run is when it is.")
    alert_threshold: Mapped[float | None] = mapped_column(
        comment="Score from which its posts alert; null: the settings decide."
    )
    recording_until: Mapped[datetime | None] = mapped_column(comment="Its answers are recorded until then.")
    checkpoint: Mapped[dict[str, Any] | None]
    checkpoint_version: Mapped[int] = mapped_column(default=0, comment="Moves with each stored batch.")
    next_run_at: Mapped[datetime | None] = mapped_column(index=True)
    last_ok_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SourceRun(Identified, Base):
    """One run of a source, from start to outcome."""

    __tablename__ = "source_run"
    __table_args__ = (Index(None, "source_id", "started_at"),)

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[RunOutcome] = mapped_column(String(16), default="running")
    posts_new: Mapped[int] = mapped_column(default=0)
    posts_rejected: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    gap: Mapped[str | None] = mapped_column(Text, comment="Why posts may have been missed.")


def add_source(
    session: Session,
    *,
    name: str,
    connector: str,
    config: dict[str, Any],
    now: datetime,
    **options: Any,
) -> Source:
    """Store a new source, due at once. Raises Conflict when the name is taken."""
    source = Source(
        name=name,
        connector=connector,
        config=config,
        created_at=now,
        next_run_at=now,
        **options,
    )
    if name == REPORTS or session.scalar(select(Source.id).where(Source.name == name)):
        raise Conflict(f"A source named {name!r} exists already; choose another name.")
    session.add(source)
    session.flush()
    return source


def source_named(session: Session, name: str) -> Source:
    """The source of that name. Raises NotFound."""
    source = session.scalar(select(Source).where(Source.name == name))
    if source is None:
        raise NotFound("source", name)
    return source


def all_sources(session: Session) -> Sequence[Source]:
    """Every source that is watched, by name; that of what people report is not."""
    return session.scalars(select(Source).where(Source.connector != REPORTS).order_by(Source.name)).all()


def configured_sources(session: Session) -> list[Source]:
    """Every source that people set up, by name: not the one that holds what they report."""
    return [source for source in all_sources(session) if source.connector != REPORTS]


def due_sources(session: Session, now: datetime) -> Sequence[Source]:
    """Enabled sources whose time has come, longest waiting first."""
    due = or_(Source.next_run_at.is_(None), Source.next_run_at <= now)
    read = Source.connector != REPORTS
    return session.scalars(select(Source).where(Source.enabled, read, due).order_by(Source.next_run_at)).all()


def claim_run(session: Session, source: Source, now: datetime, lease: timedelta) -> SourceRun | None:
    """Begin a run, unless another process did so since `source` was read."""
    claimed = session.execute(
        update(Source)
        .where(Source.id == source.id, Source.next_run_at.is_not_distinct_from(source.next_run_at))
        .values(next_run_at=now + lease)
        .returning(Source.id)
    )
    if claimed.first() is None:
        return None
    run = SourceRun(source_id=source.id, started_at=now)
    session.add(run)
    session.flush()
    return run


def move_checkpoint(session: Session, source_id: uuid.UUID, version: int, checkpoint: dict[str, Any]) -> int:
    """Store the checkpoint after a batch; returns its version. Raises CheckpointMoved."""
    moved = session.execute(
        update(Source)
        .where(Source.id == source_id, Source.checkpoint_version == version)
        .values(checkpoint=checkpoint, checkpoint_version=version + 1)
        .returning(Source.checkpoint_version)
    ).scalar()
    if moved is None:
        raise CheckpointMoved("Another run of this source stored its batch first; this run stops.")
    return moved


def finish_run(
    session: Session, run: SourceRun, *, now: datetime, next_run_at: datetime, **pace: float | str
) -> None:
    """Close a run and schedule the next at the source's `pace_seconds` and `pace_reason`."""
    run.finished_at = now
    values: dict[str, Any] = {"next_run_at": next_run_at, **pace}
    if run.outcome != "error":
        values["last_ok_at"] = now
    session.merge(run)
    session.execute(update(Source).where(Source.id == run.source_id).values(**values))


def last_run(session: Session, source_id: uuid.UUID) -> SourceRun | None:
    """The newest run of a source."""
    newest = select(SourceRun).where(SourceRun.source_id == source_id).order_by(SourceRun.started_at.desc())
    return session.scalars(newest.limit(1)).first()


def runs_of(
    session: Session, source_id: uuid.UUID, *, before: uuid.UUID | None = None, limit: int = 50
) -> Sequence[SourceRun]:
    """A source's runs, newest first, those older than `before` (keyset pagination)."""
    query = select(SourceRun).where(SourceRun.source_id == source_id)
    query = query.order_by(SourceRun.id.desc()).limit(limit)
    return session.scalars(query.where(SourceRun.id < before) if before else query).all()
