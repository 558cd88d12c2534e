"""Mails that the tests send."""

from __future__ import annotations

from email.message import EmailMessage

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10


def written(body: str, identity: str, subject: str = "") -> EmailMessage:
    """A mail of plain words."""
    mail = EmailMessage()
    mail["From"] = "Sister Ward <Ward.Seven@Trust.Example>"
    mail["Subject"] = subject
    mail["Date"] = "Tue, 24 Nov 2026 09:12:00 +0100"
    mail["Message-ID"] = f"<{identity}>"
    mail.set_content(body)
    return mail
