"""Who may come in and what they may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import select

from monitor import access
from monitor.access import ROLES, Permission, Principal
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput, NotFound
from monitor.storage.access import ApiKey, Role, SignIn, User, WebSession
from monitor.storage.base import Base

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
LIFETIME = timedelta(hours=12)

MAY: dict[Permission, str] = {
    "alerts:read": "reviewer coordinator admin",
    "alerts:write": "reviewer coordinator",
    "alerts:report": "coordinator",
    "posts:read": "reviewer coordinator admin",
    "posts:retry": "coordinator admin",
    "sources:read": "reviewer coordinator admin",
    "sources:write": "admin",
    "templates:read": "reviewer coordinator admin",
    "templates:write": "admin",
    "registers:read": "reviewer coordinator admin",
    "evidence:reveal": "coordinator",
    "bundles:create": "coordinator",
    "reports:create": "reporter reviewer coordinator admin",
    "reports:read": "reviewer coordinator admin",
    "audit:read": "auditor admin",
}


@pytest.mark.parametrize("role", get_args(Role))
def test_each_role_may_do_exactly_this(role: Role) -> None:
    """The table of roles and permissions, whole; who runs the monitor sees no original."""
    assert set(MAY) == set(get_args(Permission))
    principal = Principal("x", role)
    assert {p for p in get_args(Permission) if principal.may(p)} == {
        p for p, who in MAY.items() if role in who
    }
    assert set(ROLES) == set(get_args(Role))


def test_a_key_opens_until_it_is_revoked(core: Core) -> None:
    """A key is known by its secret, acts under its own name, and is nobody's once revoked."""
    with core.database.transaction() as session:
        secret = access.create_key(session, name="siem", role="reviewer", now=NOW)
        assert access.principal_of_key(session, secret, NOW) == Principal("key:siem", "reviewer")
        assert access.principal_of_key(session, secret[:-1], NOW) is None
        access.revoke_key(session, "siem", NOW)
        assert access.principal_of_key(session, secret, NOW) is None


def test_a_key_expires(core: Core) -> None:
    """A key with an end works until that moment and not at it."""
    end = NOW + timedelta(days=1)
    with core.database.transaction() as session:
        secret = access.create_key(session, name="k", role="auditor", now=NOW, expires_at=end)
        assert access.principal_of_key(session, secret, end - timedelta(seconds=1)) is not None
        assert access.principal_of_key(session, secret, end) is None


def test_only_digests_are_stored(core: Core) -> None:
    """No table holds a key's, a sign-in's or a session's secret."""
    with core.database.transaction() as session:
        access.create_user(session, name="jo", role="reviewer", now=NOW)
        token = access.create_sign_in(session, "jo", NOW)
        spent = access.create_sign_in(session, "jo", NOW)
        secrets = [access.create_key(session, name="k", role="admin", now=NOW), token]
        signed_in = access.redeem_sign_in(session, spent, NOW, LIFETIME)
        assert signed_in is not None
    secrets += [spent, signed_in]
    with core.database.read() as session:
        rows = [repr(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables]
        assert [len(session.scalars(select(t)).all()) for t in (ApiKey, User, SignIn, WebSession)] == [
            1,
            1,
            2,
            1,
        ]
    assert not [row for row in rows if any(secret.removeprefix("lwk_") in row for secret in secrets)]


def test_a_sign_in_works_once(core: Core) -> None:
    """A one-time link makes one browser session; used again, invented or too old it makes none."""
    with core.database.transaction() as session:
        access.create_user(session, name="jo", role="coordinator", now=NOW)
        token = access.create_sign_in(session, "jo", NOW)
        late = access.create_sign_in(session, "jo", NOW)
        secret = access.redeem_sign_in(session, token, NOW, LIFETIME)
        assert secret is not None
        assert access.principal_of_session(session, secret, NOW) == Principal("jo", "coordinator")
        assert access.redeem_sign_in(session, token, NOW, LIFETIME) is None
        assert access.redeem_sign_in(session, "invented", NOW, LIFETIME) is None
        assert access.redeem_sign_in(session, late, NOW + access.SIGN_IN_LIFETIME, LIFETIME) is None


def test_a_session_ends(core: Core) -> None:
    """A browser session ends with its time, with signing out, and with its person's account."""
    with core.database.transaction() as session:
        user = access.create_user(session, name="jo", role="reviewer", now=NOW)
        first, second = (
            access.redeem_sign_in(session, access.create_sign_in(session, "jo", NOW), NOW, LIFETIME) or ""
            for _ in range(2)
        )
        assert access.principal_of_session(session, first, NOW + LIFETIME) is None
        access.end_session(session, first, NOW)
        assert access.principal_of_session(session, first, NOW) is None
        assert access.principal_of_session(session, second, NOW) is not None
        user.enabled = False
        session.flush()
        assert access.principal_of_session(session, second, NOW) is None
        with pytest.raises(NotFound, match="no user 'jo'"):
            access.create_sign_in(session, "jo", NOW)


def test_names_are_taken_once(core: Core) -> None:
    """A second key or user of a name is refused, since the name is the actor in the log."""
    with core.database.transaction() as session:
        access.create_user(session, name="jo", role="reviewer", now=NOW)
        access.create_key(session, name="jo", role="reviewer", now=NOW)
        with pytest.raises(Conflict, match="user named 'jo'"):
            access.create_user(session, name="jo", role="admin", now=NOW)
        with pytest.raises(Conflict, match="API key named 'jo'"):
            access.create_key(session, name="jo", role="admin", now=NOW)


def test_unknown_names_and_roles_are_told(core: Core) -> None:
    """A role there is not is refused with those there are; a key there is not cannot be revoked."""
    with core.database.transaction() as session:
        with pytest.raises(InvalidInput, match="choose one of auditor, reporter, reviewer"):
            access.create_user(session, name="x", role="root", now=NOW)
        with pytest.raises(NotFound):
            access.revoke_key(session, "nobody's", NOW)
