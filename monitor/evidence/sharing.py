"""What may stand in the JSON of a bundle: masked forms always, and no patient's number where it is shared.

This is the last look before a file leaves the house, not the masking itself; it names the place of
what it finds, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from stdnum.gb import nhs

from monitor.errors import LeakwatchError

CLEAR_KEYS = frozenset({"value", "clear", "raw", "text", "ocr_text", "post_text"})
"""Keys under which clear values travel elsewhere; in a bundle's JSON they must be absent or empty."""

NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{3}[ \-\u00a0]?\d{3}[ \-\u00a0]?\d{4}(?![0-9A-Za-z])")
IDENTITIES = ("id", "url", "reference", "author", "handle", "sha256", "sha512", "digest", "hash")
"""Endings of keys whose values are a platform's or our own identities, where ten digits mean nothing."""


class ClearIdentifierFound(LeakwatchError):
    """A clear identifier is where only its masked form may be."""


def require_masked(document: object, where: str) -> None:
    """Refuse a document that carries a clear value by its key. Raises ClearIdentifierFound."""
    for path, key, value in _leaves(document, where, ""):
        if key in CLEAR_KEYS and value not in (None, "", [], {}):
            raise ClearIdentifierFound(f"{path} holds a clear value; give its masked form instead.")


def require_shareable(document: object, where: str) -> None:
    """Refuse a document with a well-formed NHS, CHI or H&C number in it. Raises ClearIdentifierFound."""
    for path, key, value in _leaves(document, where, ""):
        if isinstance(value, str) and not key.lower().endswith(IDENTITIES) and _holds_number(value):
            raise ClearIdentifierFound(
                f"{path} holds what may be a patient's number; mask it before making a shareable bundle."
            )


def _holds_number(text: str) -> bool:
    if text.startswith(("http://", "https://", "at://")):
        return False
    return any(nhs.is_valid(match.group().replace("\u00a0", "")) for match in NUMBER.finditer(text))


def _leaves(value: object, path: str, key: str) -> Iterator[tuple[str, str, object]]:
    """Every value that is not a container, with its path and nearest key; containers under clear keys too."""
    if isinstance(value, Mapping) and key not in CLEAR_KEYS:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}", str(name))
    elif (
        isinstance(value, Sequence)
        and not isinstance(value, str | bytes | datetime)
        and key not in CLEAR_KEYS
    ):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]", key)
    else:
        yield path, key, value
