"""What people write about an alert: kept in the clear and exported, so without patients' numbers."""

from __future__ import annotations

from monitor.errors import InvalidInput
from monitor.evidence.sharing import ClearIdentifierFound, require_shareable


def checked_note(text: str) -> str:
    """A note or reason, trimmed. Raises InvalidInput when it holds what may be a patient's number."""
    try:
        require_shareable(text, "note")
    except ClearIdentifierFound:
        raise InvalidInput(
            "The note holds what may be a patient's number; notes are stored in the clear, so leave it out."
        ) from None
    return text.strip()
