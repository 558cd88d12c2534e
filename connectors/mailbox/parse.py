"""A mail as it was sent, read into words, files and links: pure, and nothing in it can make it fail.

Formats: RFC 5322 and 2045 to 2049; nested messages (message/rfc822) are read like the mail itself. The
standard library splits a mail into its parts; what it stumbles over in a header or a part costs that alone.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import TypeVar
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from connectors.base import PayloadChanged
from connectors.html import html_text
from connectors.linked import addresses_in
from connectors.text import bounded_id, clean_text

MOST_FILES = 50
MOST_LINKS = 10
MOST_PARTS = 500
MOST_CHARACTERS = 200_000
DEEPEST = 30
LEAST_PICTURE = 2_000
"""Bytes: smaller inline pictures are logos and counters."""
_HREF = re.compile(r"""(?<![\w-])href\s*+=\s*+["']?(https?://[^\s"'<>]{4,2000})""", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"""["'(]data:(image/[a-z+.-]{2,20})[^,"')]{0,40}+,([^"')]{64,})""", re.IGNORECASE)
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_WORDS = frozenset({"text/plain", "text/html"})
_WRAPPED = "safelinks.protection.outlook.com"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file of a mail."""

    name: str
    media_type: str
    """As the mail says; the bytes decide."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, with everything that was nested in it."""

    external_id: str
    """Its Message-ID, or a digest of the mail where it has none."""
    sender: str
    """The address in its From header, in lower case; empty when there is none."""
    sent_at: datetime | None
    text: str = field(repr=False)
    files: tuple[MailFile, ...] = ()
    links: tuple[str, ...] = field(default=(), repr=False)


@dataclass
class _Found:
    texts: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    links: dict[str, None] = field(default_factory=dict)
    parts: int = 0


def parse_mail(data: bytes) -> Mail:
    """A mail from its bytes. Raises PayloadChanged when it is nested beyond reading."""
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(data)
    except RecursionError:
        raise PayloadChanged("mail", "its parts are nested too deeply to be read.") from None
    found = _Found()
    _read(message, found, 0)
    identity = _header(message, "message-id").strip().strip("<>").strip()
    return Mail(
        external_id=bounded_id(clean_text(identity)) or f"sha256-{hashlib.sha256(data).hexdigest()}",
        sender=_sender(message),
        sent_at=_sent_at(message),
        text=clean_text("\n\n".join(text for text in found.texts if text))[:MOST_CHARACTERS],
        files=tuple(found.files[:MOST_FILES]),
        links=tuple(found.links)[:MOST_LINKS],
    )


def _read(message: Message, found: _Found, depth: int) -> None:
    """A message's subject, then its parts."""
    subject = " ".join(_header(message, "subject").split())
    if subject:
        found.texts.append(subject)
    _read_part(message, found, depth)


def _read_part(part: Message, found: _Found, depth: int, *, silent: bool = False) -> None:
    """A part and those in it; of a `silent` one, said elsewhere in plain words, links and pictures count."""
    found.parts += 1
    if found.parts > MOST_PARTS or depth > DEEPEST:
        return
    kind: str = _safely(part.get_content_type, "application/octet-stream")
    inner = part.get_payload()
    if isinstance(inner, list):
        parts = [each for each in inner if isinstance(each, Message)]
        _read_parts(kind, parts, found, depth + 1, silent=silent)
    elif kind in _WORDS and not _is_attached(part):
        _take_words(_words(part), kind, found, silent=silent)
    elif kind not in _SIGNATURES:
        _take_file(part, kind, found)


def _read_parts(kind: str, parts: list[Message], found: _Found, depth: int, *, silent: bool) -> None:
    """Parts in their order; of alternatives the plain words, where there are any."""
    kinds = [_safely(part.get_content_type, "") for part in parts]
    plain = kind == "multipart/alternative" and any(
        each == "text/plain" and _words(part).strip() for each, part in zip(kinds, parts, strict=True)
    )
    for each, part in zip(kinds, parts, strict=True):
        if kind == "message/rfc822":
            _read(part, found, depth)
        else:
            _read_part(part, found, depth, silent=silent or (plain and each != "text/plain"))


def _take_words(text: str, kind: str, found: _Found, *, silent: bool) -> None:
    if kind == "text/plain":
        found.texts.append(text.strip())
        links = list(addresses_in(text))
    else:
        if not silent:
            found.texts.append(html_text(text))
        links = [clean_text(url.replace("&amp;", "&")) for url in _HREF.findall(text)]
        found.files += _pictures_in(text)
    found.links |= dict.fromkeys(link for link in map(_unwrapped, links) if _is_of_something(link))


def _take_file(part: Message, kind: str, found: _Found) -> None:
    data = _bytes(part)
    name = clean_text(_decoded(_safely(lambda: part.get_filename() or "", "")))[:255]
    small = kind.startswith("image/") and len(data) < LEAST_PICTURE
    if not data or (small and not _is_attached(part)):
        return
    if kind.startswith("text/"):  # a list of patients as a text file is read as words
        found.texts.append("\n".join(text for text in (name, _words(part).strip()) if text))
    elif len(found.files) < MOST_FILES:
        found.files.append(MailFile(name, kind, data))


def _pictures_in(html: str) -> Iterator[MailFile]:
    """Pictures that stand in the HTML itself."""
    for kind, body in _DATA_IMAGE.findall(html)[:MOST_FILES]:
        try:
            data = b64decode(unquote_to_bytes(body))
        except (binascii.Error, ValueError):
            continue
        if len(data) >= LEAST_PICTURE:
            yield MailFile("", kind.lower(), data)


def _bytes(part: Message) -> bytes:
    payload: object = _safely(lambda: part.get_payload(decode=True), None)
    return payload if isinstance(payload, bytes) else b""


def _words(part: Message) -> str:
    """A text part in the encoding it names, else UTF-8, else Windows' own."""
    data = _bytes(part)
    named = _safely(lambda: part.get_content_charset() or "", "")
    for charset in (named, "utf-8"):
        try:
            return clean_text(data.decode(charset or "utf-8"))
        except (LookupError, UnicodeError, ValueError):
            continue
    return clean_text(data.decode("cp1252", "replace"))


def _header(message: Message, name: str) -> str:
    return _decoded(str(_safely(lambda: message.get(name, ""), "")))


def _decoded(value: str) -> str:
    """A header's encoded words (RFC 2047) as text; what cannot be decoded stays as it is."""
    pieces = _safely(lambda: decode_header(value), [(value, None)])
    return clean_text("".join(_piece(content, charset) for content, charset in pieces))


def _piece(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    try:
        return content.decode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):
        return content.decode("latin-1")


def _sender(message: Message) -> str:
    return clean_text(_safely(lambda: parseaddr(_header(message, "from"))[1], "").lower())


def _sent_at(message: Message) -> datetime | None:
    sent = _safely(lambda: parsedate_to_datetime(_header(message, "date")), None)
    if sent is None:
        return None
    return _safely(lambda: (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC), None)


def _is_attached(part: Message) -> bool:
    return _safely(part.get_content_disposition, None) == "attachment"


def _unwrapped(link: str) -> str:
    """The address behind a mail filter's own; Outlook's Safe Links carry it in `url`."""
    try:
        parts = urlsplit(link)
        if (parts.hostname or "").lower().endswith(_WRAPPED):
            return clean_text(parse_qs(parts.query).get("url", [link])[0])
    except ValueError:
        return ""
    return link


def _is_of_something(link: str) -> bool:
    """Whether an address may be a post's: a home page in somebody's signature is none."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.path.strip("/") or parts.query)


def _safely(read: Callable[[], Value], otherwise: Value) -> Value:
    """What the library makes of a strange header or part, or a stand-in where it stumbles."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - a mail of hostile bytes may fail in any way at all
        return otherwise
