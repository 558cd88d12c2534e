"""Who may do what: roles, API keys, one-time sign-ins and browser sessions.

Secrets are 256 random bits; the database keeps their SHA-256 only (nothing to guess, so nothing to
slow down). Whoever presents one becomes a `Principal`, whose name is the actor in every log.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.errors import Conflict, InvalidInput, NotFound
from monitor.storage.access import ApiKey, Role, SignIn, User, WebSession
from monitor.storage.base import new_id
from monitor.storage.upsert import insert_missing

Permission = Literal[
    "alerts:read",
    "alerts:write",
    "alerts:report",
    "posts:read",
    "posts:retry",
    "sources:read",
    "sources:write",
    "templates:read",
    "templates:write",
    "registers:read",
    "evidence:reveal",
    "bundles:create",
    "reports:create",
    "reports:read",
    "audit:read",
]

ROLES: dict[Role, frozenset[Permission]] = {
    "auditor": frozenset({"audit:read"}),
    "reporter": frozenset({"reports:create"}),
    "reviewer": frozenset(
        {
            "alerts:read",
            "alerts:write",
            "posts:read",
            "sources:read",
            "templates:read",
            "registers:read",
            "reports:create",
            "reports:read",
        }
    ),
    "coordinator": frozenset(
        {
            "alerts:read",
            "alerts:write",
            "alerts:report",
            "posts:read",
            "posts:retry",
            "sources:read",
            "templates:read",
            "registers:read",
            "evidence:reveal",
            "bundles:create",
            "reports:create",
            "reports:read",
        }
    ),
    "admin": frozenset(
        {
            "alerts:read",
            "posts:read",
            "posts:retry",
            "sources:read",
            "sources:write",
            "templates:read",
            "registers:read",
            "templates:write",
            "reports:create",
            "reports:read",
            "audit:read",
        }
    ),
}
"""What each role may do. An admin runs the monitor and sees no original; a reporter can only report."""

KEY_PREFIX = "lwk_"
SIGN_IN_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever is asking, proven by a key or a session."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Whether the role permits it."""
        return permission in ROLES[self.role]


def create_key(
    session: Session, *, name: str, role: str, now: datetime, expires_at: datetime | None = None
) -> str:
    """Make an API key; its secret is returned once and never again. Raises InvalidInput or Conflict."""
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    values = {"id": new_id(), "name": name, "role": _role(role), "digest": _digest(secret)}
    if not insert_missing(session, ApiKey, values | {"created_at": now, "expires_at": expires_at}):
        raise Conflict(f"An API key named {name!r} exists already; choose another name.")
    return secret


def revoke_key(session: Session, name: str, now: datetime) -> None:
    """End a key for good. Raises NotFound."""
    revoked = session.execute(
        update(ApiKey).where(ApiKey.name == name).values(revoked_at=now).returning(ApiKey.id)
    )
    if revoked.first() is None:
        raise NotFound("API key", name)


def principal_of_key(session: Session, secret: str, now: datetime) -> Principal | None:
    """Whose key this is, None when it is nobody's, revoked or expired."""
    key = session.scalar(select(ApiKey).where(ApiKey.digest == _digest(secret)))
    if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    return Principal(f"key:{key.name}", key.role)


def create_user(session: Session, *, name: str, role: str, now: datetime) -> User:
    """Add a person. Raises InvalidInput or Conflict."""
    values = {"id": new_id(), "name": name, "role": _role(role), "enabled": True, "created_at": now}
    if not insert_missing(session, User, values):
        raise Conflict(f"A user named {name!r} exists already; choose another name.")
    return session.get_one(User, values["id"])


def create_sign_in(session: Session, user_name: str, now: datetime) -> str:
    """A one-time sign-in token for a person, good for an hour. Raises NotFound."""
    user = session.scalar(select(User).where(User.name == user_name, User.enabled))
    if user is None:
        raise NotFound("user", user_name)
    token = secrets.token_urlsafe(32)
    session.add(SignIn(digest=_digest(token), user_id=user.id, expires_at=now + SIGN_IN_LIFETIME))
    return token


def redeem_sign_in(session: Session, token: str, now: datetime, lifetime: timedelta) -> str | None:
    """Spend a sign-in token; the secret of the new browser session, None when it is not good (any more)."""
    spent = session.execute(
        update(SignIn)
        .where(SignIn.digest == _digest(token), SignIn.used_at.is_(None), SignIn.expires_at > now)
        .values(used_at=now)
        .returning(SignIn.user_id)
    ).first()
    if spent is None:
        return None
    secret = secrets.token_urlsafe(32)
    web = WebSession(digest=_digest(secret), user_id=spent.user_id, created_at=now, expires_at=now + lifetime)
    session.add(web)
    return secret


def principal_of_session(session: Session, secret: str, now: datetime) -> Principal | None:
    """Who is signed in with this browser session."""
    found = session.execute(
        select(User)
        .join(WebSession)
        .where(WebSession.digest == _digest(secret), WebSession.expires_at > now, User.enabled)
    ).scalar()
    return Principal(found.name, found.role) if found else None


def end_session(session: Session, secret: str, now: datetime) -> None:
    """Sign out."""
    session.execute(update(WebSession).where(WebSession.digest == _digest(secret)).values(expires_at=now))


def _role(name: str) -> Role:
    if name not in ROLES:
        raise InvalidInput(f"{name!r} is not a role; choose one of {', '.join(get_args(Role))}.")
    return name


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
