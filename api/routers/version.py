"""What is running."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth.keys import needs
from api.schemas.health import Version
from monitor import __version__
from monitor.storage.database import head_revision

router = APIRouter(tags=["service"])


@router.get("/version", openapi_extra=needs(None))
def read_version() -> Version:
    """The version of leakwatch and of its database's schema; any role may ask."""
    return Version(version=__version__, schema_revision=head_revision())
