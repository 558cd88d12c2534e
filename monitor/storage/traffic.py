"""Turns at hosts and what sources spend: shared by every process through the database.

A host's turns are kept as one moment, by the generic cell rate algorithm (ITU-T I.371, annex A): when
the next request would be due if all were evenly spaced. Taking a turn moves it on by one interval, in one
statement. Nothing is ever held, so a process that dies holds nothing back.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, ForeignKey, String, case, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from connectors.traffic import Rate
from monitor.storage.base import Base
from monitor.storage.coordination import lock_counter
from monitor.storage.source import Source
from monitor.storage.upsert import insert_missing

SKEW = 60.0
"""Seconds by which clocks may differ; a moment further off than that was written by a wrong one."""


class HostTurn(Base):
    """When a host may be asked again. Moments are Unix seconds."""

    __tablename__ = "host_turn"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    due: Mapped[float] = mapped_column(comment="When the next request would be due, evenly spaced.")
    closed_until: Mapped[float] = mapped_column(comment="The host asked to be left alone until then.")


class SourceUsage(Base):
    """What a source spent on a UTC day."""

    __tablename__ = "source_usage"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    source_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("source.id", ondelete="CASCADE"), primary_key=True
    )
    meter: Mapped[str] = mapped_column(String(32), primary_key=True)
    amount: Mapped[int]


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a host may be asked, and after how many seconds."""

    granted: bool
    wait: float


def take_turn(session: Session, host: str, rate: Rate, *, now: float, patience: float) -> Turn:
    """Take the next turn at a host if it comes within `patience` seconds."""
    insert_missing(session, HostTurn, {"host": host, "due": 0.0, "closed_until": 0.0})
    slack = (rate.burst - 1) * rate.interval
    latest = now + patience + slack
    start = case(
        (HostTurn.due > latest + rate.interval + SKEW, now), (HostTurn.due > now, HostTurn.due), else_=now
    )
    taken = session.execute(
        update(HostTurn)
        .where(HostTurn.host == host, HostTurn.closed_until <= now, start <= latest)
        .values(due=start + rate.interval)
        .returning(HostTurn.due)
    ).scalar()
    if taken is not None:
        return Turn(granted=True, wait=max(0.0, taken - rate.interval - slack - now))
    due, closed = session.execute(
        select(HostTurn.due, HostTurn.closed_until).where(HostTurn.host == host)
    ).one()
    return Turn(granted=False, wait=max(due - slack, closed) - now)


def close_host(session: Session, host: str, until: float) -> None:
    """Note that a host asked to be left alone."""
    insert_missing(session, HostTurn, {"host": host, "due": 0.0, "closed_until": 0.0})
    session.execute(
        update(HostTurn)
        .where(HostTurn.host == host, HostTurn.closed_until < until)
        .values(closed_until=until)
    )


def lock_meter(session: Session, connector: str, meter: str) -> None:
    """Serialise whoever takes from a meter until the transaction ends."""
    lock_counter(session, f"meter:{connector}.{meter}")


def add_usage(session: Session, source_id: uuid.UUID, day: date, meter: str, amount: int) -> None:
    """Count what a source spends; a negative amount gives back."""
    key = {"day": day, "source_id": source_id, "meter": meter}
    insert_missing(session, SourceUsage, key | {"amount": 0})
    session.execute(
        update(SourceUsage)
        .filter_by(**key)
        .values(amount=case((SourceUsage.amount + amount > 0, SourceUsage.amount + amount), else_=0))
    )


def used_of(session: Session, connector: str, day: date, meter: str) -> dict[uuid.UUID, int]:
    """What each source of a connector spent on a day."""
    rows = session.execute(
        select(SourceUsage.source_id, SourceUsage.amount)
        .join(Source, Source.id == SourceUsage.source_id)
        .where(Source.connector == connector, SourceUsage.day == day, SourceUsage.meter == meter)
    )
    return {row[0]: row[1] for row in rows}


def count_sharers(session: Session, connector: str) -> int:
    """How many sources share what a connector's platform allows."""
    sharing = select(func.count()).select_from(Source).where(Source.connector == connector, Source.enabled)
    return session.scalar(sharing) or 0


def usage_since(session: Session, day: date) -> Sequence[tuple[SourceUsage, Source]]:
    """What was spent since a day, the newest first."""
    rows = session.execute(
        select(SourceUsage, Source)
        .join(Source, Source.id == SourceUsage.source_id)
        .where(SourceUsage.day >= day)
        .order_by(SourceUsage.day.desc(), Source.connector, Source.name, SourceUsage.meter)
    )
    return [(row[0], row[1]) for row in rows]


def forget_usage(session: Session, before: date) -> None:
    """Drop what was spent before a day."""
    session.execute(delete(SourceUsage).where(SourceUsage.day < before))
