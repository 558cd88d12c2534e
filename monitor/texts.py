"""What people wrote: sealed in its revision's row until triage, masked for display."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict

from detectors.base import Finding
from detectors.normalise import fold
from detectors.passages import PostText
from monitor.errors import NotFound
from monitor.storage.post import PostRevision
from monitor.vault import Sealed, Vault

LONG_NUMBER = re.compile(r"\d(?:[ \-.\u00b7_/]{0,3}\d){5,}")
HIDDEN = "▇"


def seal_text(vault: Vault, revision: PostRevision, text: PostText) -> None:
    """Put a text into its revision's row, sealed under the revision's id."""
    document = json.dumps(asdict(text), ensure_ascii=False)
    sealed = vault.encrypt(document.encode(), context=_context(revision))
    revision.text_ciphertext, revision.text_key = sealed.ciphertext, sealed.wrapped_key


def open_text(vault: Vault, revision: PostRevision) -> PostText:
    """A revision's text. Raises NotFound once it was deleted."""
    if revision.text_ciphertext is None or revision.text_key is None:
        raise NotFound("text of post revision", revision.id)
    sealed = Sealed(revision.text_ciphertext, revision.text_key)
    document = json.loads(vault.decrypt(sealed, context=_context(revision)))
    parts = {name: tuple(value) for name, value in document.items() if isinstance(value, list)}
    return PostText(document["text"], **parts)


def drop_text(revision: PostRevision) -> None:
    """Delete a revision's text for good."""
    revision.text_ciphertext = revision.text_key = None


def mask_text(text: str, findings: Iterable[Finding]) -> str:
    """The text with identifying findings, whatever else says the same, and every long number out of sight."""
    identifying = [finding for finding in findings if finding.value]
    folded, places = fold(text)
    patterns = [LONG_NUMBER, *map(_again, {finding.value or "" for finding in identifying})]
    matches = [match.span() for pattern in patterns for match in pattern.finditer(folded)]
    spans = [(places[start], places[end - 1] + 1) for start, end in matches]
    spans += [finding.span for finding in identifying if finding.span]
    shown = list(text)
    for start, end in spans:
        for place in range(start, min(end, len(text))):
            shown[place] = HIDDEN
    return "".join(shown)


def _again(value: str) -> re.Pattern[str]:
    """The same value wherever it stands, in any case and spacing."""
    words = r"\s+".join(map(re.escape, value.split()))
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _context(revision: PostRevision) -> bytes:
    return b"post_revision:" + str(revision.id).encode()
