"""What a notification says: enough to know that and where to look, nothing of the patient.

The post's own address is left out on purpose: chat services fetch addresses to preview them.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.storage.alert import Alert


@dataclass(frozen=True, slots=True)
class Message:
    """A title, and a body of a few lines."""

    title: str
    body: str


def message_about(alert: Alert, action: str, base_url: str) -> Message:
    """The message for one event of an alert."""
    platforms = sorted({sighting.post.platform for sighting in alert.sightings})
    kind = (alert.doc_type or alert.leak_class).replace("_", " ")
    lines = [
        f"Severity: {alert.severity} (score {alert.score:.2f})",
        f"Kind: {kind}",
        f"Seen on: {', '.join(platforms)}",
        f"Review: {base_url}/alerts/{alert.reference}",
    ]
    return Message(f"leakwatch: alert {alert.reference} {action} ({alert.severity})", "\n".join(lines))
