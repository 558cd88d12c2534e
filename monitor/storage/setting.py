"""Facts that belong to the database itself, such as which master key it was made under."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from monitor.storage.base import Base
from monitor.storage.upsert import insert_missing

DATABASE_ID = "database_id"
MASTER_KEY_ID = "master_key_id"


class Setting(Base):
    """One named fact."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


def fact(session: Session, name: str) -> str | None:
    """A fact, None when it is not settled yet."""
    setting = session.get(Setting, name)
    return setting.value if setting else None


def settle(session: Session, name: str, value: str) -> str:
    """Store a fact unless it is settled already; the value that holds."""
    insert_missing(session, Setting, {"name": name, "value": value})
    return session.get_one(Setting, name).value
