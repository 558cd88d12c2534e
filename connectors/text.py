"""Making foreign text storable and showable."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST_ID = 255
LONGEST_TEXT = 200_000
LONGEST_ADDRESS = 8000
_LONG_NUMBER = re.compile(r"\d(?:[ ._-]?\d){5,}")


def clean_text(text: str) -> str:
    """`text` with NUL and lone surrogates, which neither UTF-8 nor a database can hold, as U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def bounded_id(text: str) -> str:
    """An id as long as can be stored (255 characters): a longer one ends in its digest."""
    if len(text) <= LONGEST_ID:
        return text
    return f"{text[: LONGEST_ID - 33]}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def web_address(text: str | None) -> str | None:
    """`text` when it is an address of the web that people may be led to, else None."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return None
    fits = parts.scheme in {"http", "https"} and parts.netloc and len(text or "") <= LONGEST_ADDRESS
    return text if fits else None


def address_parts(text: str) -> tuple[str, str]:
    """(host with port, path) of an address, both empty for one that is malformed."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "", ""
    return parts.netloc, parts.path


def shown_name(name: str) -> str:
    """A file's name for a message: numbers of six digits and more may be a patient's, so they are masked."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in clean_text(name))
    return _LONG_NUMBER.sub("***", printable)[-120:]
