"""Counters and named leases: how several processes agree through the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.storage.base import Base
from monitor.storage.upsert import insert_missing


class Counter(Base):
    """A number that only grows; its row also serialises whoever takes from it."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int]


class Lease(Base):
    """A role that one process holds at a time, such as the active scheduler."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(128))
    expires_at: Mapped[datetime]


def lock_counter(session: Session, name: str) -> Counter:
    """The counter's row, locked until the transaction ends."""
    insert_missing(session, Counter, {"name": name, "value": 0})
    return session.scalars(
        select(Counter).where(Counter.name == name).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()


def hold_lease(session: Session, name: str, owner: str, now: datetime, duration: timedelta) -> bool:
    """Take or renew a lease; False while somebody else holds it."""
    insert_missing(session, Lease, {"name": name, "owner": owner, "expires_at": now + duration})
    taken = session.execute(
        update(Lease)
        .where(Lease.name == name, or_(Lease.owner == owner, Lease.expires_at <= now))
        .values(owner=owner, expires_at=now + duration)
        .returning(Lease.name)
    )
    return taken.first() is not None


def release_lease(session: Session, name: str, owner: str) -> None:
    """Give a lease back, so that another process need not wait for it to expire."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))
