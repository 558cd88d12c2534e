"""ETags: a thing's version, which a caller sends back so that nobody else's change is overwritten."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from monitor.errors import InvalidInput

IfMatch = Annotated[
    str | None,
    Header(description="The ETag as you saw it; without it the change is made in any case."),
]
_ETAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    """The header's value for a version."""
    return f'"{version}"'


def versions_in(if_match: str | None) -> set[int] | None:
    """The versions that an If-Match header names, None when any will do. Raises InvalidInput."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = [_ETAG.fullmatch(tag.strip()) for tag in if_match.split(",")]
    if not all(found):
        raise InvalidInput("If-Match must be an ETag as this API gave it.")
    return {int(match[1]) for match in found if match}
