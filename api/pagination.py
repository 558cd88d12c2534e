"""Keyset pages: a cursor names the last item seen, so nothing repeats or is skipped as things are added."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request

from api.schemas.base import Page
from monitor.errors import InvalidInput

Row = TypeVar("Row")
Item = TypeVar("Item")
Position = UUID | int


def encode(position: Position) -> str:
    """The cursor that stands for an item."""
    raw = position.bytes if isinstance(position, UUID) else position.to_bytes(8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_id(cursor: str | None) -> UUID | None:
    """The item a cursor stands for, where items have ids. Raises InvalidInput."""
    return UUID(bytes=_bytes(cursor, 16)) if cursor else None


def decode_number(cursor: str | None) -> int | None:
    """The item a cursor stands for, where items are numbered. Raises InvalidInput."""
    return int.from_bytes(_bytes(cursor, 8), "big", signed=True) if cursor else None


def _bytes(cursor: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != length:
        raise InvalidInput("The cursor is not one this list gave; start again without it.")
    return raw


def page(
    request: Request,
    rows: Sequence[Row],
    limit: int,
    position: Callable[[Row], Position],
    item: Callable[[Row], Item],
) -> Page[Item]:
    """A page of `rows`, of which one more than `limit` was asked for: the one that shows there is more."""
    shown = rows[:limit]
    following = next_link(request, position(shown[-1])) if len(rows) > limit else None
    return Page(items=[item(row) for row in shown], next=following)


def next_link(request: Request, position: Position) -> str:
    """Path and query of the page that follows an item; filters stay as they are."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', encode(position))])}"
